"""Pictures of pages: made once by a caged pdfium and kept on disk. May be thrown away at any time.

A version never changes, so its pictures do not either; who may see them is asked at every request by the views. They
show a customer's document, so they are sealed by a key that goes with it (``vault.beside``): once it is destroyed, its
pictures cannot be read any more than its bytes.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from postroom.cage import Cell
from postroom.documents.models import Version
from postroom.kernel.errors import NotFound
from postroom.kernel.home import home
from postroom.vault.beside import beside
from postroom.vault.read import read_blob

#: Widths in px there are pictures of: in a list, in a card, to be read.
SMALL, MIDDLE, LARGE = 96, 440, 1240
WIDTHS = (SMALL, MIDDLE, LARGE)
_MOST_PAGES = 2000
_LOCAL = threading.local()


def page_png(version: Version, page: int, width: int) -> bytes:
    """The picture of a page of a document. Raises NotFound for a width or page there is not, BlobMissing (destroyed)
    and BlobDamaged."""
    _proper(page, width)
    kept = beside(version.blob_id)
    if kept is None:
        return passing_png(read_blob(version.blob), page, width)
    path = _folder() / f"{version.pk}" / f"{page}-{width}.sealed"
    what = f"page {page} of {version.pk} at {width}"
    if path.is_file() and (found := kept.unseal(what, path.read_bytes())):
        return found
    picture = passing_png(read_blob(version.blob), page, width)
    _keep(path, kept.seal(what, picture))
    return picture


def sample_png(name: object, width: int, content: Callable[[], bytes]) -> bytes:
    """The first page of a sample, which is nobody's. ``name`` names the bytes; ``content`` makes them when needed."""
    _proper(1, width)
    path = _folder() / f"{name}" / f"1-{width}.png"
    if not path.is_file():
        _keep(path, passing_png(content(), 1, width))
    return path.read_bytes()


def _proper(page: int, width: int) -> None:
    if width not in WIDTHS or not 1 <= page <= _MOST_PAGES:
        raise NotFound("There is no such picture.", hint="Reload the page that showed it.")


def _folder() -> Path:
    return home().work / "pictures"


def _keep(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    growing = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
    growing.write_bytes(content)
    growing.replace(path)


def passing_png(content: bytes, page: int, width: int) -> bytes:
    """The picture of a page that is only looked at: nothing of it is kept."""
    return _painter().submit(_paint, content, page, width).result()


def differing(before: bytes, after: bytes, page: int) -> tuple[list[int], list[list[int]]]:
    """How many pages two PDFs have, and boxes around what differs on a page: see ``web.pair_bench``."""
    return _painter().submit(_compare, before, after, page).result()


def _compare(before: bytes, after: bytes, page: int) -> tuple[list[int], list[list[int]]]:
    cell: Cell | None = getattr(_LOCAL, "pair", None)
    if cell is None:
        cell = _LOCAL.pair = _bench("postroom.web.pair_bench:PairBench")
    told = cell.call({"page": page}, [before, after]).value
    return list(told["pages"]), [list(box) for box in told["boxes"]]


def _bench(name: str) -> Cell:
    return Cell(name, {}, deadline=settings.CONFIG.render_deadline, memory=settings.CONFIG.render_memory)


def _paint(content: bytes, page: int, width: int) -> bytes:
    cell: Cell | None = getattr(_LOCAL, "cell", None)
    if cell is None:
        cell = _LOCAL.cell = _bench("postroom.web.page_bench:PageBench")
    return cell.call({"page": page, "width": width}, [content]).blobs[0]


@lru_cache(maxsize=1)
def _painter() -> ThreadPoolExecutor:
    """One thread of our own with one cell: a web process has many threads, and a cell belongs to one."""
    shutil.rmtree(home().work / "pages", ignore_errors=True)  # what an older version kept there is not sealed
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="pages")


os.register_at_fork(after_in_child=_painter.cache_clear)

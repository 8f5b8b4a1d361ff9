"""Pictures of pages: made once by a caged pdfium, kept on disk under the version's id. May be thrown away at any time.

A version never changes, so its pictures do not either; who may see them is asked at every request by the views.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from postroom.cage import Cell
from postroom.kernel.errors import NotFound
from postroom.kernel.home import home

#: Widths in px there are pictures of: in a list, in a card, to be read.
SMALL, MIDDLE, LARGE = 96, 440, 1240
WIDTHS = (SMALL, MIDDLE, LARGE)
_MOST_PAGES = 2000
_LOCAL = threading.local()


def page_png(version: object, page: int, width: int, content: Callable[[], bytes]) -> Path:
    """The file with the picture of a page. ``version`` names the bytes; ``content`` fetches them when needed.

    Raises NotFound for a width or page there is not.
    """
    if width not in WIDTHS or not 1 <= page <= _MOST_PAGES:
        raise NotFound("There is no such picture.", hint="Reload the page that showed it.")
    path = home().work / "pages" / f"{version}" / f"{page}-{width}.png"
    if not path.is_file():
        picture = _painter().submit(_paint, content(), page, width).result()
        path.parent.mkdir(parents=True, exist_ok=True)
        growing = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        growing.write_bytes(picture)
        growing.replace(path)
    return path


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
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="pages")


os.register_at_fork(after_in_child=_painter.cache_clear)

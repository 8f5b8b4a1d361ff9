"""The HTML/CSS lane: a page in Jinja2's sandbox, drawn by PlutoPrint, made PDF/A-2b.

Data goes in as values of the sandbox, never as files. The engine is handed each file it asks for by us: the template's
own stylesheets and images, its symbols and the locked fonts; whatever else it asks for is a fault (P10).
"""

from __future__ import annotations

import atexit
import io
import json
import re
import shutil
import tempfile
import traceback
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import unquote
from xml.sax.saxutils import escape

import yaml

from postroom.composition.spec import Needs, Pages, Rendered, Renderer, RenderFault, RenderJob
from postroom.plugins.renderers._fontlist import stand_ins

if TYPE_CHECKING:
    from postroom.composition.spec import Problem

_BASE = "pack:/"
_KINDS = {
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
}
_LONGEST = 20_000_000
_EMPTY_SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="0" height="0"/>'


class HtmlRenderer(Renderer):
    """Renders one template; the page is compiled once."""

    name: ClassVar[str] = "html"
    promises: ClassVar[frozenset[str]] = frozenset({"pdf/a-2b"})
    reproducible: ClassVar[bool] = True
    entry: ClassVar[str] = "main.html"
    pages: ClassVar[str] = r"main\.html|[A-Za-z0-9_-]+\.css"
    opens_passages: ClassVar[bool] = True

    @classmethod
    def missing(cls) -> str:
        """The packages of the extra ``html``."""
        try:
            version("plutoprint"), version("pikepdf")
        except PackageNotFoundError as error:
            return f"The package {error.name} is not installed; `pip install postroom[html]` adds it."
        return ""

    @classmethod
    def needs(cls) -> Needs:
        """Room for the list of fonts; the engine reads it from a file."""
        return Needs(scratch=1 << 16)

    @classmethod
    @cache
    def engine(cls) -> str:
        """PlutoPrint and what wraps its files, as both decide about the bytes."""
        try:
            return f"plutoprint {version('plutoprint')}, pikepdf {version('pikepdf')}"
        except PackageNotFoundError:
            return "plutoprint 0 (not installed)"

    @classmethod
    def check(cls, pages: Pages) -> list[Problem]:
        """Jinja, markup and stylesheets."""
        from postroom.plugins.renderers._html_check import check

        return check(pages)

    def __init__(self, pack: str, fonts: str) -> None:
        lack = self.missing()
        if lack:
            raise RenderFault("lane-not-installed", lack, "Install it where the workers run, then start them again.")
        import plutoprint

        from postroom.plugins.renderers._html_page import compiled

        root = Path(pack).resolve()
        manifest = yaml.load((root / "template.yaml").read_bytes(), Loader=yaml.BaseLoader)  # noqa: S506  (texts only)
        listed = _listed(str(Path(fonts).resolve()), tuple(manifest["fonts"]))
        plutoprint.plutobook_set_fontconfig_path(listed)
        self._entry = manifest.get("entry", self.entry)
        self._files = _files(root, re.compile(self.pages))
        self._style = f'html{{font-family:"{manifest["fonts"][0]}"}}'
        self._promised = manifest.get("promises", ["pdf/a-2b"])
        self._page = compiled(self._files.pop(self._entry, b"").decode("utf-8"), self._entry)

    def render(self, job: RenderJob) -> Rendered:
        """Make one document. Raises RenderFault."""
        import plutoprint

        from postroom.plugins.renderers._pdfa import About, archival

        markup = self._filled(job)
        view = job.view["document"]
        fetcher = _fetcher(self._files, job.codes)
        book = plutoprint.Book(plutoprint.PAGE_SIZE_A4, plutoprint.PAGE_MARGINS_NORMAL, plutoprint.MEDIA_TYPE_PRINT)
        book.custom_resource_fetcher = fetcher
        drawn = io.BytesIO()
        try:
            book.load_html(markup, user_style=self._style, base_url=_BASE)
            pages = book.get_page_count()
            self._refused(fetcher.refused)
            if pages:
                book.write_to_pdf_stream(drawn)
        except plutoprint.Error as error:
            raise RenderFault("page-fault", f"The page cannot be drawn: {error}.", "Correct the page.") from error
        self._refused(fetcher.refused)
        if not pages:
            raise RenderFault("no-document", "The page made no document.", f"See {self._entry}.", self._entry)
        about = About(view["title"], view["language"], job.fixed_clock, f"Postroom, {self.engine()}")
        content, pages = archival(drawn.getvalue(), about)
        return Rendered(content, "application/pdf", pages)

    def _filled(self, job: RenderJob) -> str:
        from jinja2 import TemplateError

        parts: list[str] = []
        size = 0
        context = {
            "view": job.view,
            "words": job.view["words"],
            "document": job.view["document"],
            "brand": job.view.get("brand", {}),
            "codes": dict.fromkeys(job.codes, True),
            "blocks": _blocks(job.view),
        }
        try:
            for part in self._page.generate(context):
                size += len(part)
                if size > _LONGEST:
                    told = f"The page makes more than {_LONGEST} characters."
                    raise RenderFault("page-too-long", told, "Show fewer rows, or limit them in the contract.")
                parts.append(part)
        except (TemplateError, TypeError, ValueError, RecursionError) as error:
            reason = f"The page cannot be filled in: {error}."
            raise RenderFault("page-fault", reason, "Correct the page.", self._where(error)) from error
        return "".join(parts)

    def _where(self, error: BaseException) -> str:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == self._entry]
        return f"{self._entry}:{lines[-1]}" if lines else self._entry

    def _refused(self, asked: list[str]) -> None:
        if asked:
            hint = "A page shows only files of the template: assets/logo.svg, codes/pay.svg, style.css."
            said = json.dumps(asked[0].removeprefix(_BASE)[:120], ensure_ascii=False)
            raise RenderFault("resource-refused", f"The page asks for {said}; nothing is fetched.", hint, self._entry)


def _blocks(view: Mapping[str, Any]) -> dict[str, Any]:
    """The document's content blocks as markup; every text in them is escaped."""
    trees = view.get("blocks")
    if not trees:
        return {}
    from markupsafe import Markup

    from postroom.composition.spec import to_html

    return {key: Markup(to_html(tree, view)) for key, tree in trees.items()}  # noqa: S704  (escaped by it)


def _files(root: Path, pages: re.Pattern[str]) -> dict[str, bytes]:
    """The template's pages, stylesheets and images by name. Links are passed over: what is not a file of the template
    is not in it."""
    found = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        inside = path.is_file() and not any(part.is_symlink() for part in (path, *path.parents) if part != root)
        if inside and (pages.fullmatch(name) or name.startswith(("assets/", "brand/"))):
            found[name] = path.read_bytes()
    return found


@cache
def _listed(fonts: str, families: tuple[str, ...]) -> str:
    """A folder with the engine's list of fonts: the locked ones and no others of the machine; for a sign that a font
    lacks, the template's own in their order. Once in a process."""
    folder = Path(tempfile.mkdtemp(prefix="fonts-"))
    (folder / "fonts.conf").write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">'
        f"<fontconfig><dir>{escape(fonts)}</dir>{stand_ins(families)}</fontconfig>",
        encoding="utf-8",
    )
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return str(folder)


def _fetcher(files: Mapping[str, bytes], codes: Mapping[str, str]) -> Any:
    """What the engine asks for files. Made by a function, because its base class is the engine's."""
    import plutoprint

    class Fetcher(plutoprint.ResourceFetcher):
        """Names in a dictionary: there is no path to climb and no address to call."""

        def __init__(self) -> None:
            super().__init__()
            self.refused: list[str] = []

        def fetch_url(self, url: str) -> plutoprint.ResourceData:
            """The file, or nothing and a note: an exception here would only be printed."""
            name = unquote(url.removeprefix(_BASE)) if url.startswith(_BASE) else ""
            kind = _KINDS.get(name[name.rfind(".") :].lower(), "text/plain")
            symbol = name.removeprefix("codes/").removesuffix(".svg") if name.startswith("codes/") else None
            if symbol is not None:  # one whose `when` does not hold shows nothing
                text = codes.get(symbol)
                return plutoprint.ResourceData(text.encode() if text else _EMPTY_SVG, kind, "utf-8")
            content = files.get(name)
            if content is None:
                self.refused.append(url)
                return plutoprint.ResourceData(_EMPTY_SVG, "image/svg+xml", "utf-8")
            return plutoprint.ResourceData(content, kind, "utf-8")

    return Fetcher()

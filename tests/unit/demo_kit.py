"""What the tests of the sample company share: packs, renderers, and the words of a page."""

from __future__ import annotations

from functools import cache
from typing import Any

import pypdfium2

from postroom.composition import fonts
from postroom.composition.pack import TemplatePack, load_folder
from postroom.composition.prepare import Prepared, prepare
from postroom.composition.spec import Rendered, RenderJob
from postroom.demo.company import TEMPLATES
from postroom.plugins.renderers.typst import TypstRenderer

KEYS = ("invoice", "reminder", "statement")


@cache
def pack(key: str) -> TemplatePack:
    """The published form of a template; loading it runs every check and every sample."""
    return load_folder(TEMPLATES / key)


class Press:
    """Renders records of one template in this process; ``folder`` is where its pack is unfolded."""

    def __init__(self, key: str, folder: Any) -> None:
        self.pack = pack(key)
        self.pack.unfold(folder)
        self._renderer = TypstRenderer(str(folder), str(fonts.folder()))

    def prepared(self, record: dict[str, Any]) -> Prepared:
        return prepare(self.pack, record)

    def print(self, record: dict[str, Any]) -> Rendered:
        made = self.prepared(record)
        return self._renderer.render(RenderJob(made.view, made.codes, made.fixed_clock))


def pages(content: bytes) -> list[str]:
    """The text of each page."""
    document = pypdfium2.PdfDocument(content)
    try:
        found = []
        for page in document:
            text = page.get_textpage()
            found.append(text.get_text_bounded().replace("\r\n", "\n"))
            text.close()
            page.close()
        return found
    finally:
        document.close()

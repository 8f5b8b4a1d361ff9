"""The text or image of a stamp or watermark as a page: set by Typst, so that its fonts are embedded like the page's."""

from __future__ import annotations

import io
import json
from collections import OrderedDict
from pathlib import Path
from typing import Any

import typst
from pikepdf import Pdf

from postroom.composition.finishing.artifact import Picture, picture_of
from postroom.composition.spec import RenderFault

_MOST = 200
_ENTRY = "postroom-finish.typ"
_SOURCE = """
#let it = json(bytes(sys.inputs.it))
#set page(width: it.page.at(0) * 1pt, height: it.page.at(1) * 1pt, margin: 0pt, fill: none)
#set text(font: it.at("font", default: "Postroom Sans"), hyphenate: false)
#set text(fill: rgb(it.at("colour", default: "#000000")))
#let wide = if "width" in it { it.width * 1mm } else { none }
#let body = if "image" in it {
  image(it.image, width: if wide == none { 30mm } else { wide })
} else if it.do == "watermark" {
  set text(size: 10pt, weight: 600)
  context {
    let made = measure(it.text)
    let room = if wide == none { calc.min(it.page.at(0), it.page.at(1)) * 0.9pt } else { wide }
    text(size: calc.min(10pt * (room / made.width), 120pt), it.text)
  }
} else {
  let said = text(size: it.size * 1pt, weight: 600, it.text)
  if it.frame { box(stroke: 1.2pt + rgb(it.colour), inset: 0.4em, outset: 0pt, said) } else { said }
}
#let turned = rotate(it.angle * 1deg, reflow: it.do == "stamp", body)
#if it.do == "watermark" {
  place(center + horizon, turned)
} else {
  place(
    (
      "top-left": top + left, "top": top + center, "top-right": top + right,
      "left": horizon + left, "middle": horizon + center, "right": horizon + right,
      "bottom-left": bottom + left, "bottom": bottom + center, "bottom-right": bottom + right,
    ).at(it.at),
    pad(it.margin * 1mm, turned),
  )
}
"""


class Drawer:
    """Draws for one template; the same text on the same page size is drawn once."""

    def __init__(self, pack: str, fonts: str, standard: str) -> None:
        root = Path(pack).resolve()
        nowhere = str(root / "no-packages")
        self._standard: Any = standard
        self._compiler = typst.Compiler(
            root=str(root),
            font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[fonts]),
            package_path=nowhere,
            package_cache_path=nowhere,
        )
        self._made: OrderedDict[str, tuple[Pdf, Picture]] = OrderedDict()

    def draw(self, step: dict[str, Any], width: float, height: float) -> Picture:
        """The picture of a page of that size. Raises RenderFault."""
        asked = {name: value for name, value in step.items() if name != "on"}
        if "image" in asked:
            asked["image"] = f"/{asked['image']}"
        key = json.dumps({**asked, "page": [round(width, 2), round(height, 2)]}, sort_keys=True, ensure_ascii=False)
        if key in self._made:
            self._made.move_to_end(key)
            return self._made[key][1]
        try:
            content = self._compiler.compile(
                _SOURCE.encode(),
                format="pdf",
                sys_inputs={"it": key},
                pdf_standards=[self._standard],
                pdf_tags=False,
                timestamp=0,
            )
        except typst.TypstError as error:
            reason = " ".join(error.message.removeprefix("error:").split())
            hint = "Use another sign, font or image in this step of template.yaml."
            raise RenderFault("finish-not-drawn", f"The {step['do']} cannot be drawn: {reason}", hint) from error
        source = Pdf.open(io.BytesIO(content))  # type: ignore[arg-type]
        if len(source.pages) != 1:
            raise RenderFault("finish-too-large", f"The {step['do']} does not fit the page.", "Make it smaller.")
        while len(self._made) >= _MOST:
            self._made.popitem(last=False)
        self._made[key] = source, picture_of(source, 0)
        return self._made[key][1]

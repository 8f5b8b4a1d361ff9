"""Make the pictures of the starter gallery anew: the first page of each starter's first sample, as a small PNG.

They are kept in the package, so that the gallery is there at once and needs no compiler; ``pictures.json`` says from
which state of a starter each was made, and a test compares.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import pypdfium2
from PIL import Image

from postroom.composition import fonts, starters
from postroom.composition.pack import load_folder
from postroom.composition.prepare import prepare
from postroom.composition.spec import RenderJob
from postroom.plugins.renderers.typst import TypstRenderer

WIDTH = 440


def main() -> int:
    """Exit code 0 when every picture is made."""
    folder = starters.FOLDER / starters.PICTURES
    folder.mkdir(exist_ok=True)
    made = {}
    for starter in starters.starters():
        pack = load_folder(starters.FOLDER / starter.key)
        with tempfile.TemporaryDirectory() as place:
            pack.unfold(Path(place) / "pack")
            renderer = TypstRenderer(str(Path(place) / "pack"), str(fonts.folder()))
            ready = prepare(pack, pack.samples[0][1])
            content = renderer.render(RenderJob(ready.view, ready.codes, ready.fixed_clock)).content
        page = pypdfium2.PdfDocument(content)[0]
        # Drawn at twice the width and made smaller: hairlines stay, and 64 colours are enough for a page.
        drawn = page.render(scale=2 * WIDTH / page.get_width()).to_pil().convert("RGB")
        small = drawn.resize((WIDTH, round(WIDTH * drawn.height / drawn.width)), Image.Resampling.LANCZOS)
        small.quantize(64, method=Image.Quantize.MEDIANCUT).save(folder / f"{starter.key}.png", optimize=True)
        made[starter.key] = {"digest": pack.digest, "width": small.width, "height": small.height}
    (folder / "pictures.json").write_text(json.dumps(made, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    for path in folder.glob("*.png"):
        if path.stem not in made:
            path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())

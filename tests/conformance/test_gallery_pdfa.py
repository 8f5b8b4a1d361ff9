"""Every starter in every language keeps its promises by veraPDF, and its symbols are read by two readers."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance import verapdf
from kit.gallery import KEYS, pack_of, spoken
from postroom.composition import fonts
from postroom.composition.prepare import prepare
from postroom.composition.spec import RenderJob
from postroom.plugins.renderers.typst import TypstRenderer
from unit.library_kit import by_another, by_zxing, pictures


def every_document(key: str, folder: Path) -> list[Path]:
    """Each sample in each language, as a file."""
    pack = pack_of(key)
    pack.unfold(folder / "pack")
    renderer = TypstRenderer(str(folder / "pack"), str(fonts.folder()))
    paths = []
    for name, record in pack.samples:
        for tag in pack.manifest.languages:
            ready = prepare(pack, spoken(record, pack.manifest.language, tag))
            path = folder / f"{key}-{Path(name).stem}-{tag}.pdf"
            path.write_bytes(renderer.render(RenderJob(ready.view, ready.codes, ready.fixed_clock)).content)
            paths.append(path)
    return paths


def test_every_starter_in_every_language_keeps_its_promises(tmp_path: Path) -> None:
    verapdf.needed()
    # given every sample of every starter in every language
    paths = [path for key in KEYS for path in every_document(key, tmp_path / key)]
    # when veraPDF judges them by what they claim
    verdicts = verapdf.validate(paths)
    # then each claims both standards and keeps them
    assert [verdict for verdict in verdicts if not verdict.compliant] == []
    for path in paths:
        assert {verdict.flavour for verdict in verdicts if verdict.path == path} == {"2b", "ua1"}, path.name


def test_planted_a_starter_whose_font_is_spoilt_is_not_clean(tmp_path: Path) -> None:
    verapdf.needed()
    path = every_document("licence", tmp_path)[0]
    path.write_bytes(path.read_bytes().replace(b"/FontFile", b"/FantFile"))
    assert not all(verdict.compliant for verdict in verapdf.validate([path]))


@pytest.mark.parametrize("key", [key for key in KEYS if pack_of(key).manifest.codes])
def test_two_readers_read_every_symbol(key: str, tmp_path: Path) -> None:
    pack = pack_of(key)
    pack.unfold(tmp_path / "pack")
    renderer = TypstRenderer(str(tmp_path / "pack"), str(fonts.folder()))
    for name, record in pack.samples:
        ready = prepare(pack, record)
        made = renderer.render(RenderJob(ready.view, ready.codes, ready.fixed_clock))
        pages = pictures(made.content)
        first = {text for page in pages for text in by_zxing(page)}
        # as many symbols as the record gives, and the second reader agrees on each
        assert len(first) == len(ready.codes), name
        assert {text for page in pages for text in by_another(page)} == first, name


def test_planted_a_symbol_with_a_part_missing_is_read_by_neither(tmp_path: Path) -> None:
    # given a certificate whose symbol lost its lower half on the way
    pack = pack_of("certificate")
    pack.unfold(tmp_path / "pack")
    ready = prepare(pack, pack.samples[0][1])
    (key,) = ready.codes
    whole = ready.codes[key]
    spoilt = whole.replace("</svg>", '<rect y="50%" width="100%" height="50%" fill="#fff"/></svg>')
    renderer = TypstRenderer(str(tmp_path / "pack"), str(fonts.folder()))
    for code, readable in ((whole, True), (spoilt, False)):
        made = renderer.render(RenderJob(ready.view, {key: code}, ready.fixed_clock))
        # then both readers find the whole one, and neither the other
        for reads in (by_zxing, by_another):
            assert bool([text for page in pictures(made.content) for text in reads(page)]) is readable, reads

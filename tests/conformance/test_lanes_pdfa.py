"""The HTML lane and the Word lane keep PDF/A-2b as veraPDF judges it, and a page that breaks it is found out."""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf
import pytest

from conformance import verapdf
from kit.lanes import job_of, prepared, slip
from postroom.cage import Cell
from postroom.composition import fonts
from postroom.kernel.registry import provider
from servers import missing


@pytest.fixture(scope="module", autouse=True)
def judge() -> None:
    verapdf.needed()


@pytest.mark.parametrize("lane", ["html", "word"])
def test_every_language_and_length_is_pdfa_2b(lane: str, tmp_path: Path) -> None:
    renderer = provider("renderers", lane)
    if renderer.missing():
        missing(renderer.missing())
    slip(lane).unfold(tmp_path / "pack")
    needs = renderer.needs()
    setup = {"renderer": lane, "pack": str(tmp_path / "pack"), "fonts": str(fonts.folder())}
    paths = []
    memory = max(2 << 30, needs.memory)
    with Cell("render", setup, memory=memory, read=needs.read, scratch=needs.scratch) as cell:
        for language in slip(lane).manifest.languages:
            for lines in (1, 60):
                job = job_of(prepared(lane, lines, language))
                answer = cell.call({"view": job.view, "codes": job.codes, "fixed_clock": job.fixed_clock})
                paths.append(tmp_path / f"{language}-{lines}.pdf")
                paths[-1].write_bytes(answer.blobs[0])
    for verdict in verapdf.validate(paths, "2b"):
        assert verdict.compliant, (verdict.path.name, verdict.failed, verdict.error)


def test_planted_without_what_the_wrapping_adds_it_is_none(tmp_path: Path) -> None:
    # given a document of the HTML lane with its output intent taken out again
    from postroom.plugins.renderers.html import HtmlRenderer

    slip("html").unfold(tmp_path / "pack")
    made = HtmlRenderer(str(tmp_path / "pack"), str(fonts.folder())).render(job_of(prepared("html")))
    with pikepdf.open(io.BytesIO(made.content)) as pdf:
        del pdf.Root.OutputIntents
        pdf.save(tmp_path / "bare.pdf")
    # then veraPDF says so
    (verdict,) = verapdf.validate([tmp_path / "bare.pdf"], "2b")
    assert not verdict.compliant

"""The HTML lane and the Word lane keep the contract of renderers, the Word lane in the cell that it is made for."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest

from kit.lanes import job_of, opened, prepared, slip
from postroom.cage import Cell, JobFailed
from postroom.cage.errors import BenchRefused
from postroom.composition import fonts as print_fonts
from postroom.composition.spec import Rendered, RenderFault, RenderJob
from postroom.plugins.renderers.html import HtmlRenderer
from postroom.plugins.renderers.word import WordRenderer
from postroom.testing.renderers import RendererContract
from servers import missing


class CagedWord(WordRenderer):
    """The Word lane as it is used: LibreOffice lives in a cell, never in the process that asks."""

    def __init__(self, pack: str, fonts: str) -> None:
        needs = self.needs()
        setup = {"renderer": "word", "pack": pack, "fonts": fonts}
        try:
            self._cell = Cell("render", setup, memory=needs.memory, read=needs.read, scratch=needs.scratch)
        except BenchRefused as refused:
            raise RenderFault(str(refused.context["fault"]), refused.message, refused.hint) from refused

    def render(self, job: RenderJob) -> Rendered:
        try:
            answer = self._cell.call({"view": job.view, "codes": job.codes, "fixed_clock": job.fixed_clock})
        except JobFailed as failed:
            raise RenderFault(str(failed.context["fault"]), failed.message, failed.hint) from failed
        return Rendered(answer.blobs[0], answer.value["media_type"], answer.value["pages"])


class _Lane(RendererContract):
    @pytest.fixture
    def pack(self, tmp_path: Path) -> Path:
        slip(self.renderer_class.name).unfold(tmp_path / "pack")
        return tmp_path / "pack"

    @pytest.fixture
    def fonts(self) -> Path:
        return print_fonts.folder()

    @pytest.fixture
    def job(self) -> RenderJob:
        return job_of(prepared(self.renderer_class.name))

    @pytest.fixture
    def other_job(self) -> RenderJob:
        return job_of(prepared(self.renderer_class.name, 5))

    @pytest.fixture
    def passages(self, tmp_path: Path) -> tuple[Path, RenderJob, RenderJob]:
        lane = self.renderer_class.name
        pack, usual = opened(lane, None)
        pack.unfold(tmp_path / "said")
        otherwise = [{"kind": "paragraph", "children": [{"kind": "text", "text": "Thank you for waiting."}]}]
        return tmp_path / "said", usual, opened(lane, otherwise)[1]

    def test_a_passage_says_what_was_written(self, passages: tuple[Path, RenderJob, RenderJob], fonts: Path) -> None:
        pack, *jobs = passages
        made = self.renderer_class(str(pack), str(fonts))
        usual, otherwise = (
            pypdfium2.PdfDocument(made.render(job).content)[0].get_textpage().get_text_range() for job in jobs
        )
        assert "As agreed with" in usual and "Thank you for waiting." not in usual
        assert "Thank you for waiting." in otherwise and "As agreed" not in otherwise


class TestHtml(_Lane):
    renderer_class = HtmlRenderer

    @pytest.fixture
    def faulty_pack(self, tmp_path: Path) -> Path:
        slip("html").unfold(tmp_path / "faulty")
        (tmp_path / "faulty" / "main.html").write_text("<p>{% if %}")
        return tmp_path / "faulty"

    def test_the_page_carries_title_language_date_and_page_numbers(self, renderer: HtmlRenderer) -> None:
        # given a French recipient with two pages of goods
        made = renderer.render(job_of(prepared("html", 60, "fr-CH")))
        document = pypdfium2.PdfDocument(made.content)
        first, last = (document[number].get_textpage().get_text_range() for number in (0, made.pages - 1))
        # then words, table heads and page numbers are there on every page, and the file says what it is
        assert made.pages == len(document) > 1
        assert "Bon de livraison LS-2026-0042" in first and "Autriche" in first
        assert "Page 1 sur 2" in first and "Page 2 sur 2" in last
        assert "Marchandise" in first and "Marchandise" in last
        assert document.get_metadata_dict()["Title"] == "Bon de livraison LS-2026-0042"
        assert document.get_metadata_dict()["CreationDate"].startswith("D:20261112120000")
        assert b"/Lang (fr-CH)" in made.content

    def test_a_field_that_the_record_lacks_shows_nothing(self, renderer: HtmlRenderer) -> None:
        ready = prepared("html")
        del ready.view["customer"]["address"]
        assert renderer.render(job_of(ready)).pages == 1


class TestWord(_Lane):
    renderer_class = CagedWord

    @pytest.fixture(autouse=True)
    def office(self) -> None:
        if WordRenderer.missing():
            missing(WordRenderer.missing())

    @pytest.fixture
    def faulty_pack(self, tmp_path: Path) -> Path:
        slip("word").unfold(tmp_path / "faulty")
        (tmp_path / "faulty" / "main.docx").write_bytes(b"no zip")
        return tmp_path / "faulty"

    def test_split_runs_rows_and_words_are_filled_in(self, renderer: CagedWord) -> None:
        # given a field that Word split over three runs, a row for each line, and a condition
        made = renderer.render(job_of(prepared("word", 60, urgent=True)))
        document = pypdfium2.PdfDocument(made.content)
        text = "".join(document[number].get_textpage().get_text_range() for number in range(made.pages))
        # then all of it is there, in the recipient's language, and nothing of the template's marks
        assert made.pages == len(document) > 1
        assert "12. November 2026 Eilig" in text and "Artikel 60" in text and "Lieferschein LS-2026-0042" in text
        assert "{" not in text
        assert document.get_metadata_dict()["Title"] == "Lieferschein LS-2026-0042"

    def test_it_says_that_it_is_stored_only(self) -> None:
        assert WordRenderer.reproducible is False


class _Boastful(HtmlRenderer):
    """Says that it shows passages, and was given a page that does not."""


class _Planted(RendererContract):
    __test__ = False  # asked by hand
    renderer_class = _Boastful


def test_planted_a_lane_that_shows_no_passages_may_not_say_so(tmp_path: Path) -> None:
    slip("html").unfold(tmp_path / "pack")
    job = job_of(prepared("html"))
    tree = [{"kind": "paragraph", "children": [{"kind": "text", "text": "Other words."}]}]
    other = RenderJob({**job.view, "blocks": {"opening": tree}}, job.codes, job.fixed_clock)

    class Request:
        def getfixturevalue(self, name: str) -> object:
            return tmp_path / "pack", job, other

    with pytest.raises(AssertionError):
        _Planted().test_a_lane_that_opens_passages_shows_what_they_say(Request(), print_fonts.folder())  # type: ignore[arg-type, abstract]

"""Finished documents keep what their template promises, each step with each promise, as judged by veraPDF."""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf
import pytest

from conformance import verapdf
from kit import finishing as kit
from servers import missing

STEPS = {
    "letterhead": "  - letterhead: {file: finish/head.pdf}\n",
    "stamp": "  - stamp: {text: mark, at: top-right, frame: true}\n",
    "image": "  - stamp: {image: assets/mark.svg, at: bottom-left, width: 20}\n",
    "watermark": "  - watermark: {text: mark}\n",
    "append": "  - append: {file: finish/terms.pdf}\n",
    "attach": "  - attach: {file: finish/data.csv, relationship: data}\n",
    "nup": "  - nup: {pages: '4'}\n",
}
ALL = "".join(STEPS[name] for name in ("letterhead", "stamp", "image", "watermark", "append"))
PROMISES = ("pdf/a-2b", "pdf/a-2u", "pdf/a-2a, pdf/ua-1", "pdf/a-3a, pdf/ua-1", "pdf/ua-1")


@pytest.fixture(scope="module", autouse=True)
def judge() -> None:
    verapdf.needed()


def document(steps: str, promises: str, folder: Path, lines: int = 60) -> bytes:
    added = {}
    if "head.pdf" in steps:
        added["head__pdf"] = kit.letterhead(2)
    if "terms.pdf" in steps:
        added["terms__pdf"] = kit.terms()
    if "data.csv" in steps:
        added["data__csv"] = b"number;amount\n1;2,00\n"
    template = kit.pack(steps, "typst", promises, **added)
    return kit.finished(template, kit.ready(template, lines=lines), folder)


def flavours(promises: str) -> set[str]:
    return {one.strip().removeprefix("pdf/").replace("-", "").removeprefix("a") for one in promises.split(",")}


def judged(cases: dict[Path, str]) -> list[str]:
    """What is wrong: a claim that is not made, or that is not kept."""
    wrong = []
    verdicts = verapdf.validate(list(cases))
    for path, promises in cases.items():
        found = [verdict for verdict in verdicts if verdict.path == path]
        if {verdict.flavour for verdict in found} != flavours(promises):
            wrong.append(f"{path.stem} claims {[verdict.flavour for verdict in found]}, not {promises}")
        wrong += [f"{path.stem} {one.flavour}: {one.failed} {one.error}" for one in found if not one.compliant]
    return wrong


def test_each_step_keeps_each_promise_it_is_allowed_with(tmp_path: Path) -> None:
    # given a document of every step and promise that publishing accepts, of several pages
    cases = {}
    for promises in PROMISES:
        allowed = [*STEPS][:5] + (["attach"] if "a-3" in promises else [])
        allowed += ["nup"] if promises in ("pdf/a-2b", "pdf/a-2u") else []
        for name in [*allowed, "all"]:
            path = tmp_path / f"{name} {promises.replace('/', '').replace(', ', '+')}.pdf"
            path.write_bytes(document(ALL if name == "all" else STEPS[name], promises, tmp_path / path.stem))
            cases[path] = promises
    # then veraPDF finds each claim made and kept
    assert judged(cases) == []
    assert len(cases) == 5 * 6 + 1 + 2


@pytest.mark.parametrize("lane", ["html", "word"])
def test_other_lanes_are_finished_too(lane: str, tmp_path: Path) -> None:
    from postroom.kernel.registry import provider

    if lack := provider("renderers", lane).missing():
        missing(lack)
    steps = "".join(STEPS[name] for name in ("stamp", "watermark", "append"))
    template = kit.pack(steps, lane, "pdf/a-2b", terms__pdf=kit.terms())
    path = tmp_path / f"{lane}.pdf"
    path.write_bytes(kit.finished(template, kit.ready(template), tmp_path / "pack"))
    assert judged({path: "pdf/a-2b"}) == []


@pytest.mark.parametrize("step", ["letterhead", "stamp", "watermark"])
def test_planted_pictures_that_are_no_artifacts_are_found(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a picture on the page that is not marked as an artifact
    from postroom.composition.finishing import apply

    plain = apply.place
    monkeypatch.setattr(apply, "place", lambda *given, **named: plain(*given, **named, alone=True))
    path = tmp_path / "bare.pdf"
    path.write_bytes(document(STEPS[step], "pdf/a-2a, pdf/ua-1", tmp_path / "pack"))
    # then the judge says that a screen reader would not know what it is
    assert judged({path: "pdf/a-2a, pdf/ua-1"}) != []


def test_planted_pages_behind_without_their_tags_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from postroom.composition.finishing import apply

    plain = apply.join
    monkeypatch.setattr(apply, "join", lambda pdf, other, tagged: plain(pdf, other, tagged=False))
    path = tmp_path / "untagged.pdf"
    path.write_bytes(document(STEPS["append"], "pdf/a-2a, pdf/ua-1", tmp_path / "pack"))
    assert judged({path: "pdf/a-2a, pdf/ua-1"}) != []


def test_what_is_behind_is_read_out_after_the_document(tmp_path: Path) -> None:
    # given a document with terms behind it
    content = document(STEPS["append"], "pdf/a-2a, pdf/ua-1", tmp_path / "pack")
    with pikepdf.open(io.BytesIO(content)) as pdf:
        # then one document element holds what it held, and then the terms as a part in their own language
        (top,) = pdf.Root.StructTreeRoot.K
        assert top.S == "/Document"
        assert top.K[-1].S == "/Part"
        assert str(top.K[-1].Lang) == "en"
        numbers = [int(page.obj.StructParents) for page in pdf.pages]
        assert len(set(numbers)) == len(numbers)


def test_several_documents_as_one_file_keep_what_each_claims(tmp_path: Path) -> None:
    from postroom.composition.finishing.merge import NotMergeable, merge

    # given three documents of PDF/A-2a and PDF/UA-1, one of them twice, and one of PDF/A-2b
    steps, both = STEPS["stamp"], "pdf/a-2a, pdf/ua-1"
    documents = [document(steps, both, tmp_path / f"pack-{lines}", lines) for lines in (3, 60, 9)]
    # when they are merged
    whole = merge([*documents, documents[0]])
    # then the file keeps both, holds all pages, and equal documents give equal bytes
    path = tmp_path / "merged.pdf"
    path.write_bytes(whole)
    assert judged({path: both}) == []
    with pikepdf.open(io.BytesIO(whole)) as pdf:
        assert len(pdf.pages) == 5
    assert merge([*documents, documents[0]]) == whole
    # and one that claims less is refused by its number
    with pytest.raises(NotMergeable, match="Document 2 does not claim pdf/a-2a"):
        merge([documents[0], document(steps, "pdf/a-2b", tmp_path / "less")])

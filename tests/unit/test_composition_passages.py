"""What a template declares of its passages is held against its words, its contract and its fonts before it is used."""

from __future__ import annotations

from pathlib import Path

import pytest

from postroom.composition.pack import load, load_folder, read_folder
from postroom.composition.passages import PassageRefused, checked, read, written
from postroom.composition.prepare import prepare
from postroom.composition.problems import RecordRefused, TemplateFaults

GALLERY = Path(__file__).parents[2] / "src" / "postroom" / "gallery"
SOURCE = GALLERY / "contract-letter"
OPENS = "  intro: {names: {en: Opening words, de: Einleitende Worte}, word: intro, longest: 600}"


def faults_of(opens: str) -> str:
    """What publishing says when the passage is declared otherwise; "" when nothing."""
    files = read_folder(SOURCE)
    files["template.yaml"] = files["template.yaml"].replace(OPENS.encode(), opens.encode())
    try:
        load(files)
    except TemplateFaults as faults:
        return " ".join(str(problem) for problem in faults.problems)
    return ""


def test_a_passage_that_fits_is_published() -> None:
    assert faults_of(OPENS) == ""


@pytest.mark.parametrize(
    ("opens", "told"),
    [
        ("  intro: {names: {fr: Mots}, word: intro}", "has no name in a language of the template"),
        ("  intro: {names: {en: Words}, word: intor}", "There is no word 'intor'"),
        ("  intro: {names: {en: Words}}", "has no usual wording"),
        ("  intro: {names: {en: Words}, word: intro, longest: 10}", "the template allows 10"),
        ("  intro: {names: {en: Words}, word: intro, fields: [customer.nmae]}", "The contract has no text"),
        ("  intro: {names: {en: Words}, word: intro, longst: 10}", "There is no key"),
        ("  Intro: {names: {en: Words}, word: intro}", "is not of the right form"),
        ("  other: {names: {en: Words}, word: intro}", "template.yaml names no content block 'intro'"),
    ],
)
def test_planted_faults_of_a_passage_are_found_with_their_line(opens: str, told: str) -> None:
    assert told in faults_of(opens)


def test_lanes_without_blocks_open_no_passages() -> None:
    from postroom.composition.manifest import read_manifest
    from postroom.composition.passages import passage_faults

    manifest, lines = read_manifest((SOURCE / "template.yaml").read_bytes())
    pack = load_folder(SOURCE)
    given = (manifest, lines, pack.contract.shape, pack.words, pack.covered, pack.blocks)
    assert passage_faults(*given, shows_blocks=True) == []
    assert [one.what for one in passage_faults(*given, shows_blocks=False)] == ["The lane typst shows no passages."]


def test_a_record_brings_its_own_words_and_keeps_them() -> None:
    pack = load_folder(SOURCE)
    tree = [{"kind": "paragraph", "children": [{"kind": "text", "text": "Other  words."}]}]
    record = {**pack.samples[0][1], "passages": {"intro": tree}}
    prepared = prepare(pack, record)
    # then they stand on the page and in what is stored, tidied once; made again they are the same
    assert prepared.view["blocks"]["intro"][0]["children"][0]["text"] == "Other words."
    assert prepare(pack, prepared.record).record == prepared.record
    assert "Other words." in prepared.index_text
    # and without them the template says what it says, and nothing of it is stored
    plain = prepare(pack, pack.samples[0][1])
    assert "passages" not in plain.record and plain.view["blocks"]["intro"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"intor": []}, "unknown-passage"),
        ({"intro": "text"}, "block-fault"),
        ({"intro": []}, "passage-refused"),
        ([], "passage-fault"),
    ],
)
def test_a_record_with_passages_that_do_not_fit_is_refused_with_the_place(given: object, code: str) -> None:
    pack = load_folder(SOURCE)
    with pytest.raises(RecordRefused) as refused:
        prepare(pack, {**pack.samples[0][1], "passages": given})
    assert refused.value.problems[0].code == code and refused.value.problems[0].path.startswith("$.passages")


def test_every_sign_of_a_plain_passage_means_itself() -> None:
    pack = load_folder(GALLERY / "official-letter")
    spec = pack.manifest.passages["appeal"]
    typed = "One *star*, {{ field }}, #panic, <b>.\nSecond line.\n\nSecond paragraph."
    tree = read("appeal", spec, typed)
    assert {node["kind"] for one in tree for node in one["children"]} == {"text", "break"}
    assert written(spec, tree) == typed
    strong = [{"kind": "paragraph", "children": [{"kind": "strong", "children": [{"kind": "text", "text": "x"}]}]}]
    with pytest.raises(PassageRefused, match="is plain"):
        checked("appeal", spec, strong, pack.contract.shape, pack.covered)

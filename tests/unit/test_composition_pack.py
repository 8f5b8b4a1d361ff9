"""A template's folder is read strictly: every fault is named with its file and line, all at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from postroom.composition import library, pack
from postroom.composition.problems import Problem, TemplateFaults

SLIP = Path(__file__).parents[1] / "golden" / "slip"


@pytest.fixture
def files() -> dict[str, bytes]:
    """The files of a template without fault."""
    return dict(pack.load_folder(SLIP).files)


def faults(files: dict[str, bytes]) -> tuple[Problem, ...]:
    with pytest.raises(TemplateFaults) as caught:
        pack.load(files)
    return caught.value.problems


def replaced(name: str, old: str, new: str) -> Callable[[dict[str, bytes]], None]:
    def change(files: dict[str, bytes]) -> None:
        assert old.encode() in files[name], f"the planted fault finds nothing in {name}"
        files[name] = files[name].replace(old.encode(), new.encode(), 1)

    return change


def removed(name: str) -> Callable[[dict[str, bytes]], None]:
    return lambda files: files.__delitem__(name)


def added(name: str, content: bytes) -> Callable[[dict[str, bytes]], None]:
    return lambda files: files.__setitem__(name, content)


def test_a_folder_without_fault_is_a_pack(files: dict[str, bytes]) -> None:
    made = pack.load(files)
    assert (made.key, made.name, made.lane, made.promises) == ("slip", "Delivery slip", "typst", ("pdf/a-2b",))
    assert [name for name, _ in made.samples] == ["samples/01.json"]
    assert made.contract_schema["type"] == "object"


def test_the_digest_names_files_and_contents_and_no_order(files: dict[str, bytes]) -> None:
    same = dict(reversed(files.items()))
    renamed = {("assets/other.svg" if name == "assets/mark.svg" else name): data for name, data in files.items()}
    assert pack.digest(files) == pack.digest(same) != pack.digest(renamed)


@pytest.mark.parametrize(
    ("plant", "place", "what"),
    [
        (removed("template.yaml"), "template.yaml", "missing"),
        (removed("contract.json"), "contract.json", "missing"),
        (removed("words/de.json"), "words/de.json", "missing"),
        (removed("samples/01.json"), "samples/", "no sample"),
        (removed("mail/subject.txt"), "mail/subject.txt", "missing"),
        (removed("assets/mark.svg"), "main.typ:10", "no asset 'mark.svg'"),
        (added("setup.exe", b""), "setup.exe", "holds no such file"),
        (added("assets/../x.svg", b""), "assets/../x.svg", "holds no such file"),
        (added("postroom.typ", b""), "postroom.typ", "taken"),
        (added("words/es.json", b"{}"), "words/es.json", "does not name this language"),
        (replaced("template.yaml", "folder:", "foldr:"), "template.yaml:9", "no key 'foldr'"),
        (replaced("template.yaml", "name: Delivery", "key: Delivery"), "template.yaml:2", "stands twice"),
        (replaced("template.yaml", "lane: typst", "lane: [typst"), "template.yaml", "not YAML"),
        (replaced("template.yaml", "key: slip", "key: The Slip"), "template.yaml:1", "not of the right form"),
        (
            replaced("template.yaml", "of: amount, into: carried", "of: amont, into: carried"),
            "template.yaml:23",
            "amont",
        ),
        (replaced("template.yaml", "number: number", "number: nmber"), "template.yaml:11", "no field 'nmber'"),
        (replaced("template.yaml", "date: issued_on", "date: number"), "template.yaml:12", "is no date"),
        (replaced("template.yaml", "amount: totals.gross", "amount: number"), "template.yaml:13", "is no money"),
        (replaced("template.yaml", "title: title", "title: titel"), "template.yaml:15", "no word 'titel'"),
        (replaced("template.yaml", "Postroom Mono", "Comic Sans"), "template.yaml:8", "no font 'Comic Sans'"),
        (replaced("template.yaml", "kind: qr", "kind: qrr"), "template.yaml:30", "qr"),
        (replaced("template.yaml", "{number} {customer.name}", "{nope}"), "template.yaml:32", "no field 'nope'"),
        (replaced("template.yaml", "[en, de, fr]", "[en, de, fr, xx]"), "template.yaml:6", "'xx' is not known"),
        (replaced("contract.json", '"type": "object",', '"type": "objekt",'), "contract.json", "objekt"),
        (replaced("contract.json", '"x-format": "percent"', '"x-format": "percnt"'), "contract.json", "percnt"),
        (
            replaced("contract.json", '"$ref": "#/$defs/money"', '"$ref": "#/$defs/mony"'),
            "contract.json",
            "names nothing",
        ),
        (
            replaced("contract.json", '"string", "x-format": "money"', '"number", "x-format": "money"'),
            "contract.json",
            "P9",
        ),
        (replaced("contract.json", '"note"', '"words"'), "contract.json", "taken"),
        (replaced("contract.json", '["number", "issued_on"', '["issued_on"'), "template.yaml:11", "without 'number'"),
        (replaced("contract.json", "{", ""), "contract.json:2", "not JSON"),
        (replaced("words/de.json", '"urgent": "Eilig", ', ""), "words/de.json", "'urgent' is missing"),
        (replaced("words/de.json", "{pages}", "{seiten}"), "words/de.json", "other {places}"),
        (replaced("words/fr.json", "Urgent", "ქქ"), "words/fr.json", "U+10E5"),
        (replaced("words/en.json", '"urgent": "Urgent"', '"urgent": 3'), "words/en.json", "flat object of texts"),
        (replaced("main.typ", 'word("net")', 'word("nett")'), "main.typ:34", "no word 'nett'"),
        (replaced("main.typ", 'code("shelf"', 'code("shelv"'), "main.typ:40", "no code 'shelv'"),
        (replaced("mail/body.txt", "words.look", "words.lok"), "mail/body.txt:6", "no word 'lok'"),
        (replaced("samples/01.json", '"1597.50"', '"1597.51"'), "samples/01.json", "1597.50"),
        (replaced("samples/01.json", '"tax"', '"tx"'), "samples/01.json", "no field 'tx'"),
        (replaced("samples/01.json", "Etiketten", "Etikქ"), "samples/01.json", "U+10E5"),
    ],
)
def test_a_planted_fault_is_named_with_its_place(
    files: dict[str, bytes], plant: Callable[[dict[str, bytes]], None], place: str, what: str
) -> None:
    # given a template with one fault
    plant(files)
    # when it is read
    said = [str(problem) for problem in faults(files)]
    # then the fault is named where it is
    assert any(line.startswith(place) and what in line for line in said), said


def test_all_faults_are_told_at_once(files: dict[str, bytes]) -> None:
    replaced("main.typ", 'word("net")', 'word("nett")')(files)
    replaced("template.yaml", "title: title", "title: titel")(files)
    replaced("mail/body.txt", "words.look", "words.lok")(files)
    assert {problem.file for problem in faults(files)} == {"main.typ", "template.yaml", "mail/body.txt"}


def test_a_published_version_stays_in_use_when_a_rule_is_added(files: dict[str, bytes]) -> None:
    # given a page that today's linter refuses, published before
    files["main.typ"] += b"#repr(1)"
    assert faults(files)
    assert pack.load(files, published=True).key == "slip"
    # but a mail template is never trusted
    files["mail/body.txt"] = b"{{ 'x' * 1000000000 }}"
    with pytest.raises(TemplateFaults):
        pack.load(files, published=True)


def test_norwegian_is_a_language_and_not_false(files: dict[str, bytes]) -> None:
    # given `no`, which YAML 1.1 reads as false
    replaced("template.yaml", "[en, de, fr]", "[en, de, fr, no]")(files)
    files["words/no.json"] = files["words/en.json"]
    assert pack.load(files).manifest.languages[-1] == "no"


def test_a_link_in_the_folder_is_refused(tmp_path: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    (tmp_path / "assets" / "secret.svg").symlink_to("/etc/passwd")
    with pytest.raises(TemplateFaults, match="is a link"):
        pack.load_folder(tmp_path)


def test_unfolding_gives_a_fresh_folder_without_links(tmp_path: Path, files: dict[str, bytes]) -> None:
    # given a folder with something left from before
    root = tmp_path / "root"
    root.mkdir()
    (root / "old.typ").symlink_to("/etc/passwd")
    # when the pack is unfolded there
    pack.load(files).unfold(root)
    # then it holds the template's files and the house library, and nothing else
    names = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    assert names == {*files, *library.NAMES, "postroom-entry.typ", "brand.json", "brand/logo.svg"}
    assert not any(path.is_symlink() for path in root.rglob("*"))


@pytest.mark.parametrize(
    ("wanted", "words", "tag"),
    [
        ("de", "de", "de"),
        ("de-AT", "de", "de-AT"),
        ("de_CH", "de", "de-CH"),
        ("fr-CA", "fr", "fr-CA"),
        ("sv", "en", "en"),
        ("", "en", "en"),
        (None, "en", "en"),
        ("nonsense-in-here", "en", "en"),
    ],
)
def test_a_recipient_gets_words_and_figures_of_one_language(
    files: dict[str, bytes], wanted: object, words: str, tag: str
) -> None:
    found = pack.load(files).language(wanted)
    assert (found[0], found[2]) == (words, tag)


def test_the_error_is_a_problem_for_machines_too(files: dict[str, bytes]) -> None:
    replaced("main.typ", 'word("net")', 'word("nett")')(files)
    with pytest.raises(TemplateFaults) as caught:
        pack.load(files)
    told = json.loads(json.dumps(caught.value.problem()))
    assert told["context"]["problems"][0]["line"] == 34

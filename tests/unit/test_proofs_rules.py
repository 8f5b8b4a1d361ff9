"""Each rule for finished documents, with a planted fault that must turn it red, on real pages made by the real lane."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "postroom.project.settings")
os.environ.setdefault("POSTROOM_SECRET_KEY", "only-for-tests")

INVOICE = Path(__file__).parents[2] / "src" / "postroom" / "demo" / "templates" / "invoice"
TESTS = b"""samples: [01-usual]
languages: [en]
expect:
  - text: ["{number}", "{words.due_date}"]
    page: 1
  - text: "{customer.name}"
    inside: din-b
  - absent: undefined
  - total: [totals.gross, "lines[].amount"]
  - address: din-b
  - barcode: pay
  - pages: 1
"""


@pytest.fixture(scope="module")
def files() -> Mapping[str, bytes]:
    """The invoice with tests, one sample and two languages."""
    import django

    django.setup()
    from postroom.composition.pack import read_folder

    found = {name: content for name, content in read_folder(INVOICE).items() if not name.startswith("tests/")}
    found = {name: content for name, content in found.items() if not re.match(r"samples/(?!01-)", name)}
    return {**found, "tests/page.yaml": TESTS}


@pytest.fixture(autouse=True)
def _cells() -> Iterator[None]:
    yield
    from postroom.composition.checks import painter
    from postroom.composition.compose import close_cells

    close_cells()
    painter.close()


def with_change(files: Mapping[str, bytes], name: str, old: bytes, new: bytes) -> dict[str, bytes]:
    assert old in files[name], old
    return {**files, name: files[name].replace(old, new, 1)}


def failures(files: Mapping[str, bytes], change: Any = None, *, symbols: bool = True) -> list[Any]:
    """What is wrong with the first sample in English. ``change`` is made to the finished bytes."""
    from postroom.composition import pack
    from postroom.composition.checks import painter
    from postroom.composition.checks.house_rules import house_rules
    from postroom.composition.checks.judge import Document, judge
    from postroom.composition.checks.pages import pages_of
    from postroom.composition.checks.trial import assertions_of, cases_of, passing
    from postroom.composition.compose import Unmade, compose
    from postroom.composition.prepare import prepare

    loaded = pack.load(files)
    case = next(one for one in cases_of(loaded) if one.language == "en")
    with passing(loaded) as live:
        prepared = prepare(loaded, case.record)
        made = next(iter(compose(live, [prepared], unproven=True)))
        assert not isinstance(made, Unmade), made
        content = change(made.content) if change else made.content
        seen = painter.call({"op": "look", "claims": True, "symbols": symbols}, content).value
    document = Document(
        loaded.manifest,
        case.sample,
        "en",
        prepared,
        pages_of(seen["pages"]),
        seen["claims"],
        seen.get("symbols", ()),
    )
    asked = [one for one in assertions_of(loaded) if symbols or one.expect.barcode is None]
    return [*judge(document, asked), *house_rules(document)]


def codes(found: list[Any]) -> set[str]:
    return {failure.code for failure in found}


def test_the_page_as_it_is_holds(files: Mapping[str, bytes], home: Any) -> None:
    assert failures(files) == []


def test_planted_an_address_3_mm_out_of_its_window(files: Mapping[str, bytes], home: Any) -> None:
    # given a page whose address stands 3 mm left of the window
    moved = with_change(
        files,
        "main.typ",
        b"  title: [",
        b"  address: (place(dx: -8mm, address-lines().join(linebreak())),),\n  title: [",
    )
    found = [one for one in failures(moved, symbols=False) if one.code == "address-outside"]
    # then each of its lines is told with line, page and place, and the window
    assert found and {(one.file, one.line, one.page) for one in found} == {("tests/page.yaml", 10, 1)}
    assert "17." in found[0].what and found[0].rects[0] == (20.0, 45.0, 85.0, 45.0)


def test_planted_a_clipped_line(files: Mapping[str, bytes], home: Any) -> None:
    cut = b"#block(width: 20mm, height: 5mm, clip: true)[Payable within thirty days, strictly net]\n#table-end"
    found = failures(with_change(files, "main.typ", b"#table-end", cut), symbols=False)
    assert "clipped" in codes(found)
    clipped = next(one for one in found if one.code == "clipped")
    assert clipped.page == 1 and clipped.rects


def test_planted_a_text_over_the_edge(files: Mapping[str, bytes], home: Any) -> None:
    out = b"#place(dx: 120mm, box(width: 90mm)[This sentence leaves the sheet on its right side])\n#table-end"
    assert "overflow" in codes(failures(with_change(files, "main.typ", b"#table-end", out), symbols=False))


def test_planted_a_wrong_total(files: Mapping[str, bytes], home: Any) -> None:
    wrong = (
        files["main.typ"].replace(b'slot("totals.gross")', b"[1,533.05]").replace(b'slot("totals.net")', b"[1,533.05]")
    )
    found = failures({**files, "main.typ": wrong}, symbols=False)
    assert codes(found) == {"total-differs"} and found[0].line == 9 and "totals.gross" in found[0].what
    # and a figure with a digit more is another figure
    longer = (
        files["main.typ"]
        .replace(b'slot("totals.gross")', b'[1#slot("totals.gross")]')
        .replace(b'slot("totals.net")', b'[1#slot("totals.net")]')
    )
    assert "total-differs" in codes(failures({**files, "main.typ": longer}, symbols=False))


def test_planted_a_barcode_with_another_text_and_none(files: Mapping[str, bytes], home: Any) -> None:
    other = with_change(files, "tests/page.yaml", b"barcode: pay", b'barcode: {reads: "https://post.example/{number}"}')
    found = failures(other)
    assert codes(found) == {"barcode-differs"} and "BCD" in found[0].what and found[0].rects
    tiny = with_change(files, "main.typ", b'pay-symbol("pay", width: 27mm)', b'pay-symbol("pay", width: 4mm)')
    assert "barcode-missing" in codes(failures(tiny))


def test_planted_a_picture_without_alternative_text(files: Mapping[str, bytes], home: Any) -> None:
    # the lane itself refuses one; so the finished bytes lose theirs
    found = failures(files, lambda content: content.replace(b"/Alt", b"/Xlt"), symbols=False)
    assert codes(found) == {"alt-missing"} and found[0].page == 1


def test_planted_a_removed_font(files: Mapping[str, bytes], home: Any) -> None:
    def bare(content: bytes) -> bytes:
        return re.sub(rb"/FontFile([23]?) ", lambda one: b"/XontFile" + one[1] + b" ", content)

    assert "font-missing" in codes(failures(files, bare, symbols=False))


def test_planted_claims_that_are_not_kept(files: Mapping[str, bytes], home: Any) -> None:
    cases = {
        b"<pdfaid:part>2<": b"<pdfaid:part>3<",
        b"<pdfuaid:part>1<": b"<pdfuaid:part>2<",
        b"/OutputIntents": b"/XutputIntents",
        b"/DisplayDocTitle true": b"/DisplayDocTitle null",
        b"/Marked true": b"/Marked null",
    }
    for old, new in cases.items():
        assert codes(failures(files, lambda c, old=old, new=new: c.replace(old, new), symbols=False)) == {
            "promise-broken"
        }, old
    other = failures(files, lambda content: content.replace(b"/Lang(en)", b"/Lang(sv)"), symbols=False)
    assert codes(other) == {"language-differs"}


def test_planted_texts_and_pages(files: Mapping[str, bytes], home: Any) -> None:
    tests = (
        b"expect:\n  - text: Kind regards\n  - text: '{number}'\n    inside: [150, 250, 30, 30]\n"
        b"  - absent: '{customer.name}'\n  - pages: 2-\n  - text: '{order.of.nobody}'\n"
    )
    found = failures({**files, "tests/page.yaml": tests}, symbols=False)
    told = {(one.code, one.line) for one in found}
    assert told == {("text-missing", 2), ("text-elsewhere", 3), ("text-present", 5), ("page-count", 6)}


def test_planted_a_value_cut_on_its_way(files: Mapping[str, bytes], home: Any) -> None:
    # given a page that leaves out the end of a value, and one on which it goes on in the next line
    from postroom.composition.checks.house_rules import house_rules
    from postroom.composition.checks.judge import Document
    from postroom.composition.checks.pages import Page, Run

    manifest: Any = type("M", (), {"promises": ()})()
    note = "Deliver to the back entrance, ask for Astrid"
    prepared: Any = type("P", (), {"view": {"note": note}, "facts": type("F", (), {"language": "en"})})()
    run = Run("Deliver to the back entr", 20, 100, 60, 4, "Sans", 9, "#000000", True, False)
    pages = (Page(1, 210, 297, (run,), (), ()),)
    found = house_rules(Document(manifest, "samples/01.json", "en", prepared, pages))
    assert codes(found) == {"value-cut"} and "note" in found[0].what
    whole = Run("ance, ask for Astrid", 20, 105, 60, 4, "Sans", 9, "#000000", True, False)
    pages = (Page(1, 210, 297, (run, whole), (), ()),)
    assert house_rules(Document(manifest, "samples/01.json", "en", prepared, pages)) == []


def test_a_value_that_breaks_at_its_own_hyphens_is_whole(files: Mapping[str, bytes], home: Any) -> None:
    # given a value that fills several lines and breaks at its hyphens, which a reader of PDF gives as another sign
    name = next(one for one in files if one.startswith("samples/"))
    record = {**json.loads(files[name]), "note": " ".join(["Nord-Ost-Handels-Gesellschaft-der-Reeder"] * 8)}
    found = failures({**files, name: json.dumps(record).encode()})
    assert "value-cut" not in codes(found), found


def test_planted_test_files_that_cannot_be_read(files: Mapping[str, bytes]) -> None:
    from postroom.composition import pack
    from postroom.composition.problems import TemplateFaults

    cases = {
        b"expect:\n  - txt: a\n": ("tests/page.yaml", 2, "There is no key"),
        b"expect:\n  - text: a\n    page: 0\n": ("tests/page.yaml", 3, "page"),
        b"expect:\n  - text: a\n    absent: b\n": ("tests/page.yaml", 2, "exactly one"),
        b"expect:\n  - address: din-c\n": ("tests/page.yaml", 2, "no window"),
        b"expect:\n  - barcode: paid\n": ("tests/page.yaml", 2, "no code"),
        b"expect:\n  - text: a\n    samples: [9]\n": ("tests/page.yaml", 3, "no sample"),
        b"expect: [\n": ("tests/page.yaml", 2, "not YAML"),
        b"\xff": ("tests/page.yaml", 0, "not UTF-8"),
    }
    for content, (file, line, said) in cases.items():
        with pytest.raises(TemplateFaults) as refused:
            pack.load({**files, "tests/page.yaml": content})
        told = [one for one in refused.value.problems if one.file == file]
        assert told and said in told[0].what and told[0].line == line, (content, refused.value.problems)

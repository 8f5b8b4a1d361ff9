"""SMS and push texts: how they are counted, what they may hold, and what publishing says of long ones."""

from __future__ import annotations

import copy

import pytest

from kit.lanes import slip_files
from postroom.composition.gsm import counted
from postroom.composition.pack import TemplatePack, load
from postroom.composition.problems import TemplateFaults
from postroom.composition.shorttext import preview, warnings


def pack(sms: str, push: str = "", options: str = "") -> TemplatePack:
    files = slip_files("typst") | {"texts/sms.txt": sms.encode()}
    if push:
        files["texts/push.txt"] = push.encode()
    files["template.yaml"] += options.encode()
    return load(files)


@pytest.mark.parametrize(
    ("text", "encoding", "units", "parts", "left"),
    [
        ("", "gsm", 0, 0, 160),
        ("a" * 160, "gsm", 160, 1, 0),
        ("a" * 161, "gsm", 161, 2, 145),
        ("a" * 306, "gsm", 306, 2, 0),
        ("a" * 307, "gsm", 307, 3, 152),
        ("Grüße aus Ålborg", "gsm", 16, 1, 144),
        ("€" * 80, "gsm", 160, 1, 0),
        ("€" * 81, "gsm", 162, 2, 143),
        ("a" * 152 + "€" * 5, "gsm", 162, 2, 143),
        ("ı" * 70, "ucs2", 70, 1, 0),
        ("ı" * 71, "ucs2", 71, 2, 63),
        ("ı" * 134, "ucs2", 134, 2, 0),
        ("😀" * 35, "ucs2", 70, 1, 0),
        ("ı" * 66 + "😀" * 3, "ucs2", 72, 2, 61),
    ],
)
def test_parts_are_counted_as_the_network_does(text: str, encoding: str, units: int, parts: int, left: int) -> None:
    found = counted(text)
    assert (found.encoding, found.units, found.parts, found.left) == (encoding, units, parts, left)


def test_the_signs_that_make_it_expensive_are_named() -> None:
    assert counted("Ayşe Öztürk — ş").outside == ("ş", "—")


def test_a_text_is_written_in_the_words_of_the_recipient() -> None:
    # given an SMS from fields and words
    made = pack("{{ document.title }}: {{ view.totals.gross }}\n\n {{ link }}\n")
    # then it is in the recipient's language, without empty lines
    (text,) = preview(made, made.samples[0][1])
    assert text.text.startswith("Lieferschein LS-2026-0042: ")
    assert text.text.endswith("\nhttps://portal.example/d/1")
    assert (text.kind, text.language, text.counted.parts) == ("sms", "de-AT", 1)
    # and in another one when that is asked for
    (text,) = preview(made, made.samples[0][1], "fr")
    assert text.text.startswith("Bon de livraison")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ view.nummer }}", "Did you mean 'number'?"),
        ("{{ words.helo }}", "Did you mean 'hello'?"),
        ("{{ customer.name }}", "There is no 'customer'"),
        ("{{ view.lines }}", "cannot be shown"),
        ("{{ view.number.upper() }}", "may not use 'call'"),
        ("{{ ''.__class__ }}", "__class__"),
        ("{% for a in view.lines %}" * 3 + "x" + "{% endfor %}" * 3, "nested"),
        ("{% if %}", "Expected"),
    ],
)
def test_unknown_placeholders_and_what_is_not_allowed_are_refused(text: str, said: str) -> None:
    with pytest.raises(TemplateFaults) as faults:
        pack(text)
    assert any(one.file == "texts/sms.txt" and said in str(one) for one in faults.value.problems), faults.value


def test_a_sample_that_needs_more_parts_than_declared_is_a_warning_and_no_fault() -> None:
    long = "{{ document.title }} " + "is on its way to you and will be there soon. " * 4
    # given a text that needs two parts where one is declared
    made = pack(long, "x" * 200)
    told = warnings(made)
    # then each sample and language is named, for both kinds
    assert {one.file for one in told} == {"texts/sms.txt", "texts/push.txt"}
    assert len(told) == 2 * len(made.samples) * len(made.manifest.languages)
    assert "needs 2 parts, and 1 are allowed" in told[0].what or "signs" in told[0].what
    # and nothing is said when two are declared
    assert warnings(pack(long, "x" * 200, "texts: {sms: {parts: 2}, push: {signs: 200}}\n")) == []


def test_planted_a_text_without_bound_is_stopped() -> None:
    from postroom.composition.mail import MailTooLong

    made = pack("{% for a in view.lines %}{% for b in view.lines %}{{ a.text }}{% endfor %}{% endfor %}")
    record = copy.deepcopy(made.samples[0][1])
    record["lines"] = [{"text": "x" * 40, "quantity": 1, "unit_price": "0.00"} for _ in range(40)]
    record["totals"] = {"tax": "0.00", "gross": "0.00"}
    with pytest.raises(MailTooLong, match="2000"):
        preview(made, record)

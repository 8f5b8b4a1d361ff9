"""The starter gallery: every starter is whole, every sample in every language becomes pages and a mail."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from kit.gallery import KEYS, pack_of, spoken
from postroom.composition import fonts, shorttext, starters
from postroom.composition.brand import read_brand
from postroom.composition.pack import load, read_folder
from postroom.composition.pay import iban_fault
from postroom.composition.prepare import prepare, render_mail
from postroom.composition.problems import TemplateFaults
from postroom.composition.spec import RenderJob
from postroom.plugins.renderers.typst import TypstRenderer

#: Addresses may lead to the example domains alone (RFC 2606), and accounts to a bank code that nobody has.
_ADDRESS = re.compile(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)|https?://([\w.-]+)")
_IBAN = re.compile(r"\b[A-Z]{2}[0-9]{2}(?: ?[0-9]{4}){3,7}(?: ?[0-9]{1,4})?\b")


def unreal(files: Mapping[str, bytes]) -> list[str]:
    """What in a starter could be somebody's: addresses outside .example, and accounts with check digits that hold."""
    found = []
    for name, content in sorted(files.items()):
        if name.endswith(".svg") or name == "contract.json":
            continue
        text = content.decode()
        for mail, site in _ADDRESS.findall(text):
            host = mail or site
            if not host.endswith((".example", "json-schema.org")):
                found.append(f"{name}: {host} is no example domain")
        for account in _IBAN.findall(text):
            bare = account.replace(" ", "")
            if not iban_fault(bare) and bare[4:12] != "99999999":
                found.append(f"{name}: {account} may be somebody's account")
    return found


def beyond(content: bytes) -> list[str]:
    """Text nearer than 2 mm to an edge of its page, or over it."""
    found = []
    for number, page in enumerate(pypdfium2.PdfDocument(content)):
        text, (width, height) = page.get_textpage(), page.get_size()
        for index in range(text.count_rects()):
            left, bottom, right, top = text.get_rect(index)
            if left < 6 or bottom < 6 or right > width - 6 or top > height - 6:
                found.append(f"page {number + 1}: {left:.0f} {bottom:.0f} {right:.0f} {top:.0f}")
    return found


def test_the_index_names_every_folder_and_no_other() -> None:
    folders = {path.name for path in starters.FOLDER.iterdir() if path.is_dir()} - {starters.PICTURES}
    assert set(KEYS) == folders and len(KEYS) == len(set(KEYS)) >= 20


@pytest.mark.parametrize("key", KEYS)
def test_every_sample_in_every_language_becomes_pages_and_a_mail(key: str, tmp_path: Path) -> None:
    # given: loading checks contract, words, lint, images and every sample
    pack = pack_of(key)
    assert pack.key == key and pack.mail is not None and "mail/body.html" in pack.files
    assert {"en", "de"} <= set(pack.manifest.languages) and len(pack.samples) >= 2
    assert set(pack.promises) == {"pdf/a-2b", "pdf/ua-1"}
    pack.unfold(tmp_path / key)
    renderer = TypstRenderer(str(tmp_path / key), str(fonts.folder()))
    for name, record in pack.samples:
        for tag in pack.manifest.languages:
            # when
            ready = prepare(pack, spoken(record, pack.manifest.language, tag))
            made = renderer.render(RenderJob(ready.view, ready.codes, ready.fixed_clock))
            mail = render_mail(pack, ready, {"link": "https://x.example/1", "sender": "S"})
            # then
            assert made.pages == 1 or not name.startswith("samples/01"), (name, tag)
            assert beyond(made.content) == [], (name, tag)
            assert "https://x.example/1" in mail.html and "https://x.example/1" in mail.text
            assert mail.subject and "{" not in mail.subject + mail.text, (name, tag)


@pytest.mark.parametrize("key", KEYS)
def test_mail_sms_and_push_come_from_the_same_data_and_change_with_the_brand(key: str) -> None:
    # given a starter and a brand of somebody else, with little but a name and a colour
    pack = pack_of(key)
    told = {"key": "other", "name": "Zorn & Kraft", "colours": {"accent": "#123abc"}}
    other = read_brand({**told, "bank": {**pack.brand.tokens["bank"], "holder": "Zorn & Kraft"}}, {})
    extra = {"link": "https://x.example/1", "sender": "S"}
    for name, record in pack.samples:
        for tag in pack.manifest.languages:
            spoken_record = spoken(record, pack.manifest.language, tag)
            own, foreign = prepare(pack, spoken_record), prepare(pack, spoken_record, brand=other)
            # when all that goes out beside the page is written
            texts = shorttext.texts_of(pack, own, extra)
            mail = render_mail(pack, foreign, extra)
            # then there is an SMS that costs no more than it says, and a push text
            assert [one.kind for one in texts if one.text] == ["sms", "push"], (name, tag)
            assert [one.text for one in texts if one.too_long] == [], (name, tag)
            assert "https://x.example/1" in texts[0].text
            # then nothing of the mail is still the starter's house
            assert "Zorn &amp; Kraft" in mail.html and "#123abc" in mail.html and "Zorn & Kraft" in mail.subject
            kept = [one for one in houses_in(pack.brand.view) if one in mail.html + mail.text + mail.subject]
            assert kept == [], (name, tag)


def houses_in(view: Mapping[str, Any]) -> list[str]:
    """What gives a house away: its name, its colour, its lines."""
    lines = [line for group in view["lines"].values() for line in ([group] if isinstance(group, str) else group)]
    return [view["name"], view["colours"]["accent"], *(line for line in lines if len(line) > 12)]


def test_planted_a_mail_with_its_house_written_out_is_found() -> None:
    view = pack_of("invoice").brand.view
    assert [one for one in houses_in(view) if one in "Alder & Finch, Tischlerhof 4"] == [
        "Alder & Finch",
        "Tischlerhof 4",
    ]


@pytest.mark.parametrize("key", KEYS)
def test_each_language_says_its_own_words(key: str) -> None:
    pack = pack_of(key)
    english = pack.words["en"]
    for tag in pack.manifest.languages[1:]:
        plain = {word: re.sub(r"\{\w+\}", "", text) for word, text in pack.words[tag].items() if text == english[word]}
        same = [word for word, text in plain.items() if len(text) > 14]
        assert same == [], f"{key}: {tag} says these in English"


def test_people_companies_and_accounts_are_invented() -> None:
    assert {key: unreal(read_folder(starters.FOLDER / key)) for key in KEYS} == {key: [] for key in KEYS}


def test_planted_a_real_address_or_account_is_found() -> None:
    files = read_folder(starters.FOLDER / "invoice")
    files["samples/04.json"] = b'{"email": "somebody@gmail.com", "iban": "DE89 3704 0044 0532 0130 00"}'
    assert len(unreal(files)) == 2


def test_the_pictures_show_the_starters_as_they_are() -> None:
    """Made anew by `python tools/gallery_pictures.py`."""
    told = json.loads((starters.FOLDER / starters.PICTURES / "pictures.json").read_text())
    assert {key: one["digest"] for key, one in told.items()} == {key: pack_of(key).digest for key in KEYS}
    for key in KEYS:
        assert starters.picture_of(key).read_bytes().startswith(b"\x89PNG"), key


def test_a_copy_gets_its_own_key_and_name_and_is_whole() -> None:
    files = starters.files_from("utility-bill", "water-bill", 'Water: "north" \\ 1')
    pack = load(files)
    assert (pack.key, pack.name) == ("water-bill", 'Water: "north" \\ 1')
    assert pack.contract_schema["$id"] == "urn:contract:water-bill:1"
    assert load(starters.files_from("licence", "permit")).name == "Trade licence"


@pytest.mark.parametrize("key", ["", "Bill", "9", "a b", "../x", "a" * 61, "starters", "house"])
def test_a_key_no_template_can_have_is_refused(key: str) -> None:
    with pytest.raises(starters.BadTemplateKey, match="cannot be called"):
        starters.files_from("invoice", key)


def test_an_unknown_starter_is_told_with_the_nearest() -> None:
    with pytest.raises(starters.UnknownStarter) as caught:
        starters.starter("utilty-bill")
    assert "utility-bill" in caught.value.hint


def test_planted_a_starter_that_lacks_a_word_does_not_load() -> None:
    files = dict(read_folder(starters.FOLDER / "licence"))
    words = json.loads(files["words/de.json"])
    del words["licence"]
    files["words/de.json"] = json.dumps(words).encode()
    with pytest.raises(TemplateFaults):
        load(files)

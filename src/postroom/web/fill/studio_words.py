"""The wording of a draft, two languages side by side, for people who do not write source."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from postroom.composition import freezing
from postroom.composition.life_models import DRAFT, Draft
from postroom.identity.actor import Actor
from postroom.kernel.errors import BadInput
from postroom.web.fill import names, studio
from postroom.web.fill.drafts import status_of
from postroom.web.fill.studio_look import first_page
from postroom.web.pages import Option
from postroom.web.pages.studio import WordCell, WordRow, WordsLook, WordsPage
from postroom.web.words import count as counted

_Words = Mapping[str, Mapping[str, str]]
#: From here on a word gets a field of several lines.
_LONG = 60


class WordsBroken(BadInput):
    """A words file of the draft cannot be read, so no form can be made of it."""

    code = "words-file-broken"
    title = "The words file cannot be read"


def words_page(
    actor: Actor,
    draft: Draft,
    typed: Mapping[str, str] | None = None,
    error: str = "",
    language: str = "",
    beside: str = "",
) -> WordsPage:
    """The form; ``typed`` are its fields as they came, after a refusal or when another language is to be seen.
    ``language`` is that of the page, ``beside`` the one beside the first. Raises WordsBroken."""
    words, typed = _words(draft), typed or {}
    tags = tuple(words)
    shown = _shown(tags, beside or language)
    keys = list(dict.fromkeys(key for told in words.values() for key in told))
    may = actor.may("template.edit") and draft.state == DRAFT
    at = [draft.pk]
    return WordsPage(
        crumbs=studio.crumbs(draft),
        name=gettext("Wording: {name}").format(name=draft.name),
        status=status_of(draft.state),
        languages=tuple(Option(value=tag, label=names.language(tag), chosen=tag == language) for tag in tags),
        columns=tuple(names.language(tag) for tag in shown),
        beside=tuple(_beside(tag, words, keys, typed, shown) for tag in tags[1:]) if len(tags) > 2 else (),
        kept=tuple(
            _cell(tag, key, words, typed)
            for tag in tags
            if tag not in shown
            for key in keys
            if typed.get(f"{tag}:{key}", words[tag].get(key, "")) != words[tag].get(key, "")
        ),
        rows=tuple(_row(key, words, typed, shown) for key in keys),
        revision=draft.revision,
        url=reverse("studio-words", args=at),
        studio_url=reverse("studio", args=at),
        house_url=reverse("house-parts"),
        conditions_url=reverse("studio-conditions", args=at),
        texts_url=reverse("studio-texts", args=at),
        look=look(actor, draft, typed, language),
        save_url=reverse("studio-words", args=at) if may else "",
        error=error,
    )


def changes(draft: Draft, typed: Mapping[str, str], over: int | None = None) -> dict[str, bytes]:
    """The words files that are different with what was typed over the revision ``over``; the order of their words, and
    what no form shows, stays. Raises WordsBroken."""
    found = {}
    for tag, told in _files(draft, over).items():
        filled = dict(told)
        for field, text in typed.items():
            kind, _, key = field.partition(":")
            if kind == tag and (isinstance(filled.get(key), str) or (key not in filled and text.strip())):
                filled[key] = " ".join(text.split())
        if filled != told:
            found[f"words/{tag}.json"] = json.dumps(filled, ensure_ascii=False, indent=2).encode() + b"\n"
    return found


def look(actor: Actor, draft: Draft, typed: Mapping[str, str], language: str = "") -> WordsLook:
    """The first page of the first sample in ``language``, with what is typed."""
    files = {name: data.decode() for name, data in changes(draft, typed).items()}
    return first_page(actor, draft, files, language)


def _shown(tags: tuple[str, ...], beside: str) -> tuple[str, ...]:
    """The first language, and the one beside it."""
    second = beside if beside in tags[1:] else next(iter(tags[1:]), "")
    return (*tags[:1], second) if second else tags[:1]


def _beside(tag: str, words: _Words, keys: list[str], typed: Mapping[str, str], shown: tuple[str, ...]) -> Option:
    """A language to choose, with how many of its words are missing."""
    missing = sum(not typed.get(f"{tag}:{key}", words[tag].get(key, "")) for key in keys)
    told = ngettext("{language}, {count} word missing", "{language}, {count} words missing", missing)
    label = told.format(language=names.language(tag), count=counted(missing)) if missing else names.language(tag)
    return Option(value=tag, label=label, chosen=tag in shown)


def _row(key: str, words: _Words, typed: Mapping[str, str], shown: tuple[str, ...]) -> WordRow:
    cells = [_cell(tag, key, words, typed) for tag in words]
    missing = ", ".join(cell.language for cell in cells if not cell.text)
    return WordRow(
        key=key,
        cells=tuple(cell for cell in cells if cell.tag in shown),
        missing=gettext("missing in {languages}").format(languages=missing) if missing else "",
    )


def _cell(tag: str, key: str, words: _Words, typed: Mapping[str, str]) -> WordCell:
    return WordCell(
        id=f"{tag}:{key}",
        tag=tag,
        language=names.language(tag),
        label=gettext("{word} in {language}").format(word=key, language=names.language(tag)),
        text=typed.get(f"{tag}:{key}", words[tag].get(key, "")),
        long=any(len(told.get(key, "")) > _LONG for told in words.values()),
    )


def _words(draft: Draft) -> dict[str, dict[str, str]]:
    """What the form shows: every word that is a text."""
    return {
        tag: {key: text for key, text in told.items() if isinstance(text, str)} for tag, told in _files(draft).items()
    }


def _files(draft: Draft, over: int | None = None) -> dict[str, dict[str, Any]]:
    """The words files by language, whole, at a revision. Raises WordsBroken."""
    own = studio.files_at(draft, draft.revision if over is None else over)
    found: dict[str, dict[str, Any]] = {}
    for tag in freezing.named_in(own).languages:
        name = f"words/{tag}.json"
        try:
            told = json.loads(own.get(name, b"{}"))
        except ValueError as error:
            raise WordsBroken(
                gettext("{file} is no JSON, so its words cannot be shown.").format(file=name),
                hint=gettext("Mend it in the studio; the fault is named there with its line."),
            ) from error
        found[tag] = told if isinstance(told, dict) else {}
    return found

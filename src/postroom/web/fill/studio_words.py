"""The wording of a draft, language beside language, for people who do not write source."""

from __future__ import annotations

import json
from collections.abc import Mapping

from django.urls import reverse
from django.utils.translation import gettext

from postroom.composition import freezing
from postroom.composition.life_models import DRAFT, Draft
from postroom.identity.actor import Actor
from postroom.kernel.errors import BadInput
from postroom.web.fill import names, studio
from postroom.web.fill.drafts import status_of
from postroom.web.fill.studio_look import first_page
from postroom.web.pages import Option
from postroom.web.pages.studio import WordCell, WordRow, WordsLook, WordsPage

#: From here on a word gets a field of several lines.
_LONG = 60


class WordsBroken(BadInput):
    """A words file of the draft cannot be read, so no form can be made of it."""

    code = "words-file-broken"
    title = "The words file cannot be read"


def words_page(
    actor: Actor, draft: Draft, typed: Mapping[str, str] | None = None, error: str = "", language: str = ""
) -> WordsPage:
    """The form; ``typed`` are its fields as they came, after a refusal. Raises WordsBroken."""
    words = _words(draft)
    tags = tuple(words)
    keys = list(dict.fromkeys(key for told in words.values() for key in told))
    may = actor.may("template.edit") and draft.state == DRAFT
    at = [draft.pk]
    return WordsPage(
        crumbs=studio.crumbs(draft),
        name=gettext("Wording: {name}").format(name=draft.name),
        status=status_of(draft.state),
        languages=tuple(Option(value=tag, label=names.language(tag), chosen=tag == language) for tag in tags),
        rows=tuple(_row(key, words, typed or {}) for key in keys),
        revision=draft.revision,
        studio_url=reverse("studio", args=at),
        house_url=reverse("house-parts"),
        conditions_url=reverse("studio-conditions", args=at),
        texts_url=reverse("studio-texts", args=at),
        look=look(actor, draft, typed or {}, language),
        save_url=reverse("studio-words", args=at) if may else "",
        error=error,
    )


def changes(draft: Draft, typed: Mapping[str, str]) -> dict[str, bytes]:
    """The words files that are different with what was typed; the order of their words stays. Raises WordsBroken."""
    found = {}
    for tag, told in _words(draft).items():
        filled = dict(told)
        for field, text in typed.items():
            kind, _, key = field.partition(":")
            if kind == tag and (key in filled or text.strip()):
                filled[key] = " ".join(text.split())
        if filled != told:
            found[f"words/{tag}.json"] = json.dumps(filled, ensure_ascii=False, indent=2).encode() + b"\n"
    return found


def look(actor: Actor, draft: Draft, typed: Mapping[str, str], language: str = "") -> WordsLook:
    """The first page of the first sample in ``language``, with what is typed."""
    files = {name: data.decode() for name, data in changes(draft, typed).items()}
    return first_page(actor, draft, files, language)


def _row(key: str, words: Mapping[str, Mapping[str, str]], typed: Mapping[str, str]) -> WordRow:
    long = any(len(told.get(key, "")) > _LONG for told in words.values())
    cells = tuple(
        WordCell(
            id=f"{tag}:{key}",
            tag=tag,
            label=gettext("{word} in {language}").format(word=key, language=names.language(tag)),
            text=typed.get(f"{tag}:{key}", told.get(key, "")),
            long=long,
        )
        for tag, told in words.items()
    )
    return WordRow(key=key, cells=cells, missing=any(not cell.text for cell in cells))


def _words(draft: Draft) -> dict[str, dict[str, str]]:
    own = studio.files_at(draft, draft.revision)
    found: dict[str, dict[str, str]] = {}
    for tag in freezing.named_in(own).languages:
        name = f"words/{tag}.json"
        try:
            told = json.loads(own.get(name, b"{}"))
        except ValueError as error:
            raise WordsBroken(
                gettext("{file} is no JSON, so its words cannot be shown.").format(file=name),
                hint=gettext("Mend it in the studio; the fault is named there with its line."),
            ) from error
        found[tag] = (
            {key: text for key, text in told.items() if isinstance(text, str)} if isinstance(told, dict) else {}
        )
    return found

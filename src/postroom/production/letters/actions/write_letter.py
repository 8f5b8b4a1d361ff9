"""Write a letter from outside a form: its data, its passages, its way; what is not named stays as it is."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from postroom.composition.passages import KEY as PASSAGES
from postroom.composition.passages import PassageRefused
from postroom.composition.paths import copy_tree, look, split
from postroom.composition.problems import suggestion
from postroom.composition.queries import LivePack, live_pack
from postroom.identity.actor import Actor
from postroom.production import exact_json
from postroom.production.letters import queries
from postroom.production.letters.actions.keep_letter import keep_letter
from postroom.production.letters.errors import BadRecipient
from postroom.production.letters.making import usual_source, without_made
from postroom.production.letters.models import Letter


def write_letter(
    actor: Actor,
    letter_id: uuid.UUID | str,
    *,
    revision: int,
    data: Mapping[str, Any] | None = None,
    passages: Mapping[str, str | None] | None = None,
    destination: str | None = None,
) -> Letter:
    """``data`` is the whole record without passages; a passage that is None is said as the template says it.

    What a form cannot say is refused: passages that are not open, and data of another party than the letter is for.
    Nothing else is checked before it is looked at or handed in. Raises PassageRefused, BadRecipient, and what
    ``keep_letter`` raises.
    """
    actor.require("letter.write")
    letter = queries.letter(actor, letter_id)
    live = live_pack(letter.template_version_id)
    before = exact_json.loads(letter.data)
    return keep_letter(
        actor,
        letter.pk,
        revision=revision,
        data=before if data is None else _of_this_party(live, before, dict(data)),
        passages=letter.passages if passages is None else _open(live, letter, passages),
        destination=letter.destination if destination is None else destination,
    )


def _of_this_party(live: LivePack, before: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    if PASSAGES in data:
        raise BadRecipient("The data hold passages.", hint="Send them beside the data, as text.")
    manifest = live.pack.manifest
    for path in (manifest.recipient.key, manifest.recipient.name, manifest.language):
        if path and look(data, split(path)) != look(before, split(path)):
            raise BadRecipient(
                f"The data say something else at {path} than the party of this letter.",
                hint="Leave it as it is; begin a letter to the other party, or add them as a recipient.",
                field=path,
            )
    return without_made(live.pack, copy_tree(data))


def _open(live: LivePack, letter: Letter, wanted: Mapping[str, str | None]) -> dict[str, str]:
    found = dict(letter.passages)
    known = live.pack.manifest.passages
    for key, text in wanted.items():
        if key not in known and not (text is None and key in found):
            told = f"The template opens no passage {key!r}."
            raise PassageRefused(told, hint=suggestion(key, known), passage=key)
        tidy = text.replace("\r\n", "\n").replace("\x00", "") if text is not None else None
        if tidy is None or tidy.strip() == usual_source(live, key, letter.language).strip():
            found.pop(key, None)
        else:
            found[key] = tidy
    return found

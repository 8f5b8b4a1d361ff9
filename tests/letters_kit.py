"""What tests of letters share: a template that opens a passage, people on both sides of an approval, one letter."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

GALLERY = Path(__file__).parents[1] / "src" / "postroom" / "gallery"
TEMPLATE = "contract-letter"


def publish(**changes: str) -> Any:
    """The contract letter of the gallery, published; ``changes`` are texts put in place of others in template.yaml."""
    from postroom.composition.actions.publish_template import publish_template
    from postroom.composition.pack import read_folder
    from postroom.identity.actor import SYSTEM

    files = read_folder(GALLERY / TEMPLATE)
    for before, after in changes.items():
        files["template.yaml"] = files["template.yaml"].decode().replace(before, after).encode()
    return publish_template(SYSTEM, files, note="for letters")


def begun(actor: Any, party: str) -> Any:
    """An unfinished letter to a party."""
    from postroom.production.letters.actions.begin_letter import begin_letter

    return begin_letter(actor, template=TEMPLATE, party=party)


def kept(actor: Any, letter: Any, source: str = "", **changes: Any) -> Any:
    """The letter with other words in its passage, and other data."""
    from postroom.production.letters.actions.keep_letter import keep_letter

    return keep_letter(
        actor,
        letter.pk,
        revision=letter.revision,
        data=json.loads(letter.data) | changes,
        passages={"intro": source} if source else letter.passages,
    )


def handed_in(actor: Any, letter: Any) -> Any:
    from postroom.production.letters.actions.submit_letter import submit_letter

    return submit_letter(actor, letter.pk, revision=letter.revision)


def approved(actor: Any, letter: Any) -> Any:
    from postroom.production.letters.actions.approve_letter import approve_letter
    from postroom.production.letters.steps import digest

    return approve_letter(actor, letter.pk, seen=digest(letter))


def second(actor: Any, name: str = "user:99999") -> Any:
    """Another person with the same roles."""
    return replace(actor, name=name)


def party(key: str, language: str = "en", **facts: Any) -> Any:
    """A party one may write to."""
    from postroom.kernel import clock
    from postroom.kernel.ids import new_id
    from postroom.parties.models import Party

    address = {"lines": ["1 Quay Street"], "postal_code": "11122", "city": "Malmö", "country": "SE"}
    now = clock.now()
    return Party.objects.create(
        id=new_id(),
        key=key,
        name=facts.pop("name", f"Party {key}"),
        language=language,
        country="SE",
        email=facts.pop("email", f"{key.lower()}@example.org"),
        address=facts.pop("address", address),
        created_at=now,
        updated_at=now,
        **facts,
    )

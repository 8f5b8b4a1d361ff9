"""A letter becomes a run: its records go into custody, then the run starts in the transaction that releases the letter.

The run's key follows from the letter's id and the letter's row is locked: two clicks, two approvers or two processes
make one run (P4). Where any of it fails, the letter stays where it was.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from postroom.composition.queries import LivePack
from postroom.identity.actor import Actor
from postroom.intake.actions.receive_parcel import receive_parcel
from postroom.intake.models import Parcel
from postroom.production import exact_json
from postroom.production.actions.start_run import start_run
from postroom.production.letters.errors import LetterRefused, NewVersion
from postroom.production.letters.making import Made, records
from postroom.production.letters.models import RELEASED, Letter, Recipient
from postroom.production.letters.numbers import claim
from postroom.production.letters.steps import note

#: Problems told at once; the first ones are mended first.
_TOLD = 20


def looked_at(live: LivePack, letter: Letter, recipients: Sequence[Recipient]) -> list[Made]:
    """Every recipient's letter, ready to be made. Raises LetterRefused with the reasons."""
    made = records(live, letter, recipients)
    problems = [
        {"recipient": one.recipient.name, "path": each.path, "reason": each.reason, "hint": each.hint}
        for one in made
        for each in one.problems
    ]
    if problems:
        first = problems[0]
        raise LetterRefused(
            f"{first['recipient']}: {first['reason']}",
            hint=first["hint"] or "Mend it, then hand the letter in again.",
            problems=problems[:_TOLD],
            count=len(problems),
        )
    return made


def numbered(live: LivePack, letter: Letter, made: Sequence[Made]) -> None:
    """The numbers it is handed in with are its own, inside the caller's transaction. Raises LetterRefused for those of
    other letters."""
    wanted = [one.prepared.facts.number for one in made if one.prepared is not None]
    taken = claim(live, letter, wanted)
    if not taken:
        return
    path = f"$.{live.pack.manifest.document.number}"
    told = "The number {number} belongs to another letter."
    problems = [
        {
            "recipient": one.recipient.name,
            "path": path,
            "reason": told.format(number=one.prepared.facts.number),
            "hint": "Type another number, or delete that letter first.",
        }
        for one in made
        if one.prepared is not None and one.prepared.facts.number in taken
    ]
    raise LetterRefused(
        f"{problems[0]['recipient']}: {problems[0]['reason']}",
        hint=problems[0]["hint"],
        problems=problems[:_TOLD],
        count=len(problems),
    )


@dataclass(frozen=True, slots=True)
class Held:
    """The records of a letter, in custody (P1): as a file for the run, and as the parcel it is."""

    path: Path
    name: str
    parcel: Parcel


@contextmanager
def custody(actor: Actor, letter: Letter, made: Sequence[Made]) -> Iterator[Held]:
    """Before the transaction that releases: bytes are durable before a row names them (ADR 0014). A parcel that no run
    takes does no harm."""
    with tempfile.TemporaryDirectory(prefix="postroom-letter-") as folder:
        path = Path(folder) / "letters.jsonl"
        path.write_text("".join(exact_json.dumps(one.record) + "\n" for one in made), encoding="utf-8")
        name = f"{letter.template_key}-{letter.pk.hex[-8:]}.jsonl"
        with path.open("rb") as content:
            parcel = receive_parcel(actor, content, name=name)
        yield Held(path, name, parcel)


def release(actor: Actor, letter: Letter, live: LivePack, made: Sequence[Made], held: Held) -> Letter:
    """Start the run, inside the caller's transaction, which holds the letter's row. Raises NewVersion."""
    acting = replace(actor, permissions=actor.permissions | {"run.start"})  # released by rule, not by hand
    run = start_run(
        acting,
        template=letter.template_key,
        path=held.path,
        name=held.name,
        run_key=f"letter:{letter.pk}",
        destination=letter.destination,
        parcel=held.parcel,
    ).run
    if run.template_version_id != letter.template_version_id:
        raise NewVersion(
            "A new version of the template came into force this very moment.",
            hint="Take the new version, look at the pages again, then go on.",
        )
    letter.state, letter.run_id, letter.run_ref = RELEASED, run.pk, run.ref
    letter.save(update_fields=["state", "run_id", "run_ref"])
    note(letter, actor, "released", run=str(run.pk), letters=len(made), version=live.version.no)
    return letter


def in_one_go(made: Sequence[Made]) -> str:
    """The title of a letter in lists: the first one's."""
    ready = next((one.prepared for one in made if one.prepared is not None), None)
    return ready.facts.title if ready is not None else ""

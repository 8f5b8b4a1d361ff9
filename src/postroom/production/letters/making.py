"""From a letter to the records of its run: what was filled in, what is known of the party, what is said in other words.

A record here is what a business system would have sent, with the changed passages under ``passages``; from there on a
letter is made like every other document.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from postroom.composition import passages as said
from postroom.composition.blocks import BlockFault
from postroom.composition.pack import TemplatePack
from postroom.composition.paths import copy_tree, look, put, split
from postroom.composition.prepare import Prepared, prepare
from postroom.composition.problems import RecordProblem, RecordRefused
from postroom.composition.queries import LivePack
from postroom.parties.models import Party
from postroom.production import exact_json
from postroom.production.letters.models import Letter, Recipient

_DIGITS = re.compile(r"(\d{1,15})(\D*)\Z")


@dataclass(frozen=True, slots=True)
class Made:
    """What one recipient would get; ``problems`` say why not."""

    recipient: Recipient
    record: dict[str, Any]
    prepared: Prepared | None = None
    problems: tuple[RecordProblem, ...] = ()


def changed(live: LivePack, letter: Letter) -> dict[str, Any]:
    """The trees of passages that read otherwise than the template says them. Raises BlockFault."""
    found: dict[str, Any] = {}
    for key, source in letter.passages.items():
        spec = live.pack.manifest.passages.get(key)
        if spec is None:
            continue  # the template does not open it any more: the text is kept with the letter, and shown there
        tree = said.checked(key, spec, said.read(key, spec, source), live.pack.contract.shape, live.pack.covered)
        if tree != usual(live, key, letter.language):
            found[key] = tree
    return found


def usual(live: LivePack, key: str, language: str) -> Any:
    """What the template says for a passage in a language, as a tree."""
    return live.pack.block(key, live.pack.language(language)[0]) or []


def usual_source(live: LivePack, key: str, language: str) -> str:
    """The same as text to be typed over."""
    return said.written(live.pack.manifest.passages[key], usual(live, key, language))


def record_of(
    live: LivePack, letter: Letter, recipient: Recipient, party: Party | None, *, several: bool
) -> dict[str, Any]:
    """The record of one recipient without passages. A letter to one party holds what is known of them itself."""
    if recipient.data:
        own: dict[str, Any] = exact_json.loads(recipient.data)
        return own
    record: dict[str, Any] = exact_json.loads(letter.data)
    if several and party is not None:
        for_party(live, record, party)
        number = split(live.pack.manifest.document.number)
        if isinstance(given := look(record, number), str):
            put(record, number, recipient.number or counted_up(given, recipient.place - 1))
    return record


def for_party(live: LivePack, record: dict[str, Any], party: Party) -> None:
    """Put what is known of a party into a record; what stood there of somebody else goes."""
    manifest = live.pack.manifest
    paths = manifest.recipient
    known = (
        (paths.key, party.key),
        (paths.name, party.name),
        (paths.email, party.email),
        (paths.address, party.address),
        (manifest.language, party.language),
    )
    whole = split(paths.name)[:-1]
    if whole and isinstance(look(record, whole), dict):
        put(record, whole, {})
    for path, value in known:
        if path and value:
            put(record, split(path), copy_tree(value))


def worked_out(pack: TemplatePack) -> list[str]:
    """Paths of what the template works out itself; ``lines[].amount`` for a column."""
    found = []
    for step in pack.manifest.derive:
        each = getattr(step.verb, "each", None)
        found.append(step.verb.into if step.sum is not None or each is None else f"{each}[].{step.verb.into}")
    return found


def without_made(pack: TemplatePack, record: dict[str, Any]) -> dict[str, Any]:
    """The record without what is worked out: figures of a sample would contradict what is typed."""
    for path in worked_out(pack):
        each, _, rest = path.rpartition("[].")
        rows = look(record, split(each)) if each else [record]
        for row in rows if isinstance(rows, list) else ():
            steps = split(rest)
            holder = look(row, steps[:-1]) if len(steps) > 1 else row
            if isinstance(holder, dict):
                holder.pop(steps[-1], None)
    return record


def counted_up(number: str, by: int) -> str:
    """``LTR-2026-0007`` by 2 is ``LTR-2026-0009``: each letter of a batch has a number of its own."""
    if by == 0:
        return number
    found = _DIGITS.search(number)
    if found is None:
        return f"{number}-{by + 1}"
    digits = str(int(found[1]) + by).rjust(len(found[1]), "0")
    return f"{number[: found.start()]}{digits}{found[2]}"


def records(live: LivePack, letter: Letter, recipients: Sequence[Recipient]) -> list[Made]:
    """One for each recipient: prepared, or with every reason why it cannot be made."""
    parties = {party.key: party for party in Party.objects.filter(key__in=[one.party_key for one in recipients])}
    try:
        own = changed(live, letter)
        wrong: tuple[RecordProblem, ...] = ()
    except BlockFault as fault:
        own, wrong = {}, (RecordProblem(fault.code, _place(fault), fault.message, fault.hint),)
    several = letter.recipients.count() > 1
    made = []
    for one in recipients:
        record = record_of(live, letter, one, parties.get(one.party_key), several=several)
        made.append(_made(live, letter, one, {**record, said.KEY: own} if own else record, wrong))
    return made


def _place(fault: BlockFault) -> str:
    return f"$.{said.KEY}.{fault.context['passage']}" if fault.context.get("passage") else f"$.{said.KEY}"


def _made(
    live: LivePack,
    letter: Letter,
    recipient: Recipient,
    record: dict[str, Any],
    wrong: tuple[RecordProblem, ...],
) -> Made:
    if wrong:
        return Made(recipient, record, None, wrong)
    try:
        prepared = prepare(live.pack, record)
    except RecordRefused as refused:
        return Made(recipient, record, None, refused.problems)
    if live.pack.language(prepared.facts.language)[0] != live.pack.language(letter.language)[0]:
        what = f"{recipient.name} reads another language than this letter is written in."
        problem = RecordProblem("other-language", "$", what, "Write a letter of its own for them.")
        return Made(recipient, record, None, (problem,))
    return Made(recipient, record, prepared)

"""Choosing channels: preferences and rules decide, and the explanation is kept with each delivery.

The table is a JDM decision table evaluated by ``rules``. What it sees of a recipient is in ``Case``; what it says is
``send`` (destinations at the same time, ``+`` between them), ``else`` (fallbacks in order, ``>`` between them) and
``why`` (Law, Wish, Rule, Always).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache, lru_cache
from typing import Any

from django.db import connection

from postroom import rules
from postroom.delivery.errors import NoChannel
from postroom.delivery.models import Destination, Determination


@dataclass(frozen=True, slots=True)
class Case:
    """What the rules know of one communication."""

    template: str
    preferred: str
    has_email: bool
    country: str
    language: str
    suppressed: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """Where one communication goes."""

    destinations: tuple[str, ...]
    fallbacks: tuple[str, ...]
    explanation: dict[str, Any]


#: The table an installation starts with. A column that is not named in a row is "any".
DEFAULT_ROWS: tuple[dict[str, Any], ...] = (
    {"preferred": "letter", "send": "letters", "why": "Wish", "description": "The customer asked for letters."},
    {
        "preferred": "portal",
        "has_email": True,
        "suppressed": False,
        "send": "portal+email",
        "else": "letters",
        "why": "Wish",
        "description": "The customer reads on the portal; a mail tells so.",
    },
    {
        "preferred": "portal",
        "send": "portal",
        "else": "letters",
        "why": "Wish",
        "description": "The customer reads on the portal.",
    },
    {
        "has_email": True,
        "suppressed": False,
        "send": "email",
        "else": "letters",
        "why": "Always",
        "description": "An e-mail address is known.",
    },
    {"send": "letters", "why": "Always", "description": "There is no usable e-mail address."},
)
INPUTS = ("template", "preferred", "has_email", "suppressed", "country", "language")
OUTPUTS = ("send", "else", "why")


@cache
def default_table() -> dict[str, Any]:
    """The built-in table, as JDM."""
    rows = [{"else": "", **row} for row in DEFAULT_ROWS]
    return rules.compile_table("Choose channels", inputs=INPUTS, outputs=OUTPUTS, rows=rows)


@lru_cache(maxsize=8)
def _table(no: int) -> dict[str, Any]:
    table: dict[str, Any] = Determination.objects.get(pk=no).table
    return table


def table_in_use() -> tuple[int, dict[str, Any]]:
    """Number and table of the newest determination; number 0 is the built-in one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(no) FROM delivery_determination")
        newest = cursor.fetchone()[0]
    return (newest, _table(newest)) if newest else (0, default_table())


def _digest_of(table: dict[str, Any]) -> str:
    """Which table it was, also when a later release starts with another one under the number 0."""
    return hashlib.sha256(json.dumps(table, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@cache
def _default_digest() -> str:
    return _digest_of(default_table())


#: Choices of this process by number and digest of the table, destinations in use, and case.
_chosen: dict[tuple[int, str, frozenset[str], Case], Choice] = {}
_MOST = 4096


def determine(cases: Sequence[Case]) -> list[Choice | NoChannel]:
    """One choice per case, in order. Equal cases are decided once.

    A choice follows from the table, the destinations and the case alone, so it is kept for later chunks: a run of a
    million records has a handful of cases. What could not be decided is asked again each time.
    """
    no, table = table_in_use()
    version = _digest_of(table) if no else _default_digest()
    known = frozenset(key for key, _, enabled in destinations() if enabled)
    decided: dict[Case, Choice | NoChannel] = {}
    distinct = []
    for case in dict.fromkeys(cases):
        kept = _chosen.get((no, version, known, case))
        if kept is None:
            distinct.append(case)
        else:
            decided[case] = kept
    if not distinct:
        return [decided[case] for case in cases]
    if len(_chosen) > _MOST:
        _chosen.clear()
    for case, decision in zip(distinct, rules.decide(table, [asdict(case) for case in distinct]), strict=True):
        if isinstance(decision, rules.DecisionFault):
            decided[case] = NoChannel(f"The rules cannot decide: {decision.reason}", hint=decision.hint)
            continue
        wanted = tuple(part for part in str(decision.outputs.get("send") or "").split("+") if part in known)
        fallbacks = tuple(part for part in str(decision.outputs.get("else") or "").split(">") if part in known)
        if not wanted and fallbacks:
            wanted, fallbacks = fallbacks[:1], fallbacks[1:]
        explanation = {
            "table": no,
            "table_sha256": version,
            "rows": [step.row for step in decision.explanation],
            "why": decision.outputs.get("why"),
            "rules": [step.description for step in decision.explanation],
            "saw": asdict(case),
        }
        if wanted:
            decided[case] = _chosen[no, version, known, case] = Choice(wanted, fallbacks, explanation)
        else:
            decided[case] = NoChannel(
                f"The rules choose {decision.outputs.get('send')!r}, and no such destination is set up.",
                hint="Set it up with `postroom channel set`, or change the rules.",
            )
    return [decided[case] for case in cases]


def destinations() -> list[tuple[str, str, bool]]:
    """All there are: key, channel, whether it is in use."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, channel, enabled FROM destination")
        return list(cursor.fetchall())


def usable(key: str) -> Destination:
    """The destination ``key``, set up and in use. Raises NoChannel."""
    found = Destination.objects.filter(key=key).first()
    if found is None or not found.enabled:
        state = "not in use" if found else "not set up"
        known = ", ".join(Destination.objects.filter(enabled=True).order_by("key").values_list("key", flat=True))
        raise NoChannel(f"The destination {key!r} is {state}.", hint=f"In use: {known or 'none'}.")
    return found


def direct(destination: Destination, case: Case, by: str) -> Choice | NoChannel:
    """What a person chose instead of the rules. An address nothing may be sent to stays closed to people too."""
    if destination.channel == "email" and not case.has_email:
        return NoChannel(
            "There is no e-mail address.", hint="Give one in the record, or choose another way than e-mail."
        )
    if destination.channel == "email" and case.suppressed:
        return NoChannel("Nothing is sent to this e-mail address any more.", hint="Choose another way.")
    explanation = {"table": 0, "why": "Person", "rules": [f"Chosen by hand: {destination.key}."], "by": by}
    return Choice((destination.key,), (), {**explanation, "saw": asdict(case)})

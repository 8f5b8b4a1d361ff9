"""Say which letters need a second person."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from django.db import transaction

from postroom.composition.models import Template
from postroom.composition.queries import live_pack, newest_version
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.kernel.ids import new_id
from postroom.kernel.money import NotMoney, parse_amount
from postroom.ledger.append import Act, append
from postroom.production.letters.errors import BadLimit
from postroom.production.letters.models import ALWAYS, AMOUNT, COUNT, NEVER, VERBS, Limit

_MOST = 100_000


def set_limit(actor: Actor, *, template: str = "", verb: str, field: str = "", value: str = "") -> Limit:
    """``value``: the amount above which, or the number of recipients above which, somebody else approves.

    A limit that says always or never stands alone for its template: it takes the place of others. Raises BadLimit.
    """
    actor.require("letter.limits")
    if verb not in VERBS:
        raise BadLimit(f"There is no limit {verb!r}.", hint=f"There is: {', '.join(VERBS)}.", field="verb")
    if template and not Template.objects.filter(pk=template).exists():
        raise BadLimit(f"There is no template {template!r}.", hint="See `postroom template list`.", field="template")
    above = _amount(value) if verb == AMOUNT else None
    count = _count(value) if verb == COUNT else None
    field = field.strip() if verb == AMOUNT else ""
    if field and template:
        _field(template, field)
    with transaction.atomic():
        others = Limit.objects.select_for_update().filter(template_key=template, removed_at=None)
        list(others)
        if verb in (ALWAYS, NEVER):
            others.update(removed_at=clock.now(), removed_by=actor.name)
        else:
            same = others.filter(verb=verb, field=field) | others.filter(verb__in=(ALWAYS, NEVER))
            same.update(removed_at=clock.now(), removed_by=actor.name)
        made = Limit.objects.create(
            id=new_id(),
            template_key=template,
            verb=verb,
            field=field,
            above=above,
            count=count,
            set_by=actor.name,
            set_at=clock.now(),
        )
        append(actor.name, [Act("letter.limit_set", "letter_limit", made.pk, facts_of(made))])
    return made


def facts_of(limit: Limit) -> dict[str, str | int]:
    """What the ledger tells of a limit."""
    facts: dict[str, str | int] = {"template": limit.template_key, "verb": limit.verb}
    if limit.verb == AMOUNT:
        facts |= {"field": limit.field, "above": str(limit.above)}
    if limit.verb == COUNT:
        facts["above"] = limit.count or 0
    return facts


def _amount(value: str) -> Decimal:
    try:
        amount = parse_amount(value.strip().replace(" ", "").replace(",", "."))
    except (NotMoney, InvalidOperation) as error:
        raise BadLimit(f"{value[:40]!r} is no amount.", hint="Write it as 1000 or 1000.00.", field="value") from error
    if amount < 0:
        raise BadLimit("A limit is no negative amount.", hint="Amounts are compared without their sign.", field="value")
    return amount


def _count(value: str) -> int:
    if not value.strip().isdecimal() or not 1 <= int(value) <= _MOST:
        raise BadLimit(f"{value[:40]!r} is no number of recipients.", hint="Write it in digits.", field="value")
    return int(value)


def _field(template: str, field: str) -> None:
    here = live_pack(newest_version(template).pk).pack.contract.shape.find(field)
    if here is None or here.kind != "text":
        raise BadLimit(
            f"The template has no amount {field!r}.",
            hint="Write a path of its data, such as totals.gross.",
            field="field",
        )

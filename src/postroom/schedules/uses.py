"""What schedules use of a template, told to whoever is about to change its data contract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from postroom import rules
from postroom.composition.contract_changes import changes
from postroom.composition.queries import newest_number
from postroom.composition.shape import shape
from postroom.composition.where_used import Use
from postroom.rules import MappingRefused
from postroom.schedules.models import DOCUMENT, Schedule

_TOLD = 4


def uses_of(template_key: str, contract: Mapping[str, Any]) -> Iterator[Use]:
    """Schedules that make the template's documents, and those that go by a date in them. Paused ones count: they are
    there to be resumed."""
    for one in Schedule.objects.filter(removed_at=None, template_key=template_key).order_by("key"):
        yield Use("schedule", one.key, one.name, told=_mapping_breaks(one, contract))
    causes = Schedule.objects.filter(removed_at=None, goes_by=DOCUMENT, event=template_key).order_by("key")
    for one in causes.exclude(template_key=template_key):
        yield Use("schedule", one.key, one.name, told=_date_breaks(one, contract))


def _mapping_breaks(one: Schedule, contract: Mapping[str, Any]) -> str:
    if one.goes_by == DOCUMENT and one.event == one.template_key and (told := _date_breaks(one, contract)):
        return told
    if not one.mapping:
        return _shape_breaks(one, contract)
    try:
        rules.compile_mapping(one.mapping, contract=dict(contract))
    except MappingRefused as refused:
        return f"its mapping: {refused.problems[0]}"
    return ""


def _shape_breaks(one: Schedule, contract: Mapping[str, Any]) -> str:
    """Its records come as the contract is now: what is asked of them anew they do not have."""
    now = newest_number(one.template_key)
    told = changes(now.contract, contract) if now is not None else ()
    more = f", and {len(told) - _TOLD} more" if len(told) > _TOLD else ""
    return f"its records come as they are: {', '.join(told[:_TOLD])}{more}." if told else ""


def _date_breaks(one: Schedule, contract: Mapping[str, Any]) -> str:
    if not one.date_field or shape(contract).find(one.date_field) is not None:
        return ""
    return f"it goes by the field {one.date_field}, which is gone."

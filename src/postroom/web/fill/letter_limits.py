"""When a second person is asked, in words; and the page on which an administrator says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from postroom.identity.actor import Actor
from postroom.production.letters.models import ALWAYS, AMOUNT, COUNT, NEVER, Limit
from postroom.web import words
from postroom.web.fill import names
from postroom.web.fill.settings.tabs import tabs
from postroom.web.pages import Choice, Undo
from postroom.web.pages.letters import LimitRow, LimitsPage


def says(limit: Limit) -> str:
    """A limit as a sentence."""
    if limit.verb == ALWAYS:
        return gettext("Somebody else approves it, always")
    if limit.verb == NEVER:
        return gettext("Nobody else is asked")
    if limit.verb == COUNT:
        said = ngettext(
            "Somebody else approves it above {count} recipient",
            "Somebody else approves it above {count} recipients",
            limit.count or 0,
        )
        return said.format(count=words.count(limit.count or 0))
    above = words.money(limit.above or Decimal(0), "").strip()
    if limit.field:
        said = gettext("Somebody else approves it when {field} is above {amount}")
        return said.format(field=limit.field, amount=above)
    return gettext("Somebody else approves it when its amount is above {amount}").format(amount=above)


def asks_in_words(asks: Iterable[Mapping[str, Any]]) -> list[str]:
    """Why a letter waits."""
    return [_ask(one) for one in asks]


def _ask(one: Mapping[str, Any]) -> str:
    if one.get("verb") == COUNT:
        said = gettext("It goes to {found} recipients, more than {above}")
        return said.format(found=one.get("found", ""), above=one.get("above", ""))
    if one.get("verb") == AMOUNT and one.get("found"):
        said = gettext("Its amount is {found}, above {above}")
        return said.format(found=_money(one["found"]), above=_money(one.get("above", "0")))
    if one.get("verb") == AMOUNT:
        return gettext("Its amount cannot be told, and above {above} somebody else approves").format(
            above=_money(one.get("above", "0"))
        )
    return gettext("Letters of this kind are always approved by somebody else")


def _money(text: object) -> str:
    return words.money(Decimal(str(text)), "").strip()


def page_of(
    actor: Actor, *, typed: Mapping[str, str] | None = None, error: str = "", at: str = "", removed: Limit | None = None
) -> LimitsPage:
    """All limits, and the form of another one."""
    typed = typed or {}
    kinds = names.kinds()
    people = names.people(Limit.objects.filter(removed_at=None).values_list("set_by", flat=True))
    every = gettext("Every other letter")
    rows = sorted(
        Limit.objects.filter(removed_at=None), key=lambda one: (bool(one.template_key), kinds.get(one.template_key, ""))
    )
    undo = None
    if removed is not None:
        said = gettext("The limit is taken away. Letters that wait already go on waiting.")
        undo = Undo(said=said, token=str(removed.pk), url=reverse("settings-letter-restore", args=[removed.pk]))
    verbs = {
        ALWAYS: gettext("always"),
        AMOUNT: gettext("when an amount is above"),
        COUNT: gettext("when it goes to more recipients than"),
        NEVER: gettext("never"),
    }
    return LimitsPage(
        tabs=tabs(actor, "letters"),
        url=reverse("settings-letters"),
        rows=tuple(
            LimitRow(
                template=kinds.get(one.template_key, one.template_key) if one.template_key else every,
                says=says(one),
                by=gettext("{who}, {day}").format(
                    who=words.who(one.set_by, people), day=words.day(words.local(one.set_at).date())
                ),
                remove_url=reverse("settings-letter-remove", args=[one.pk]),
            )
            for one in rows
        ),
        templates=(
            Choice(value="", label=every, chosen=not typed.get("template")),
            *(Choice(value=key, label=name, chosen=key == typed.get("template")) for key, name in kinds.items()),
        ),
        verbs=tuple(
            Choice(value=key, label=said, chosen=key == typed.get("verb", ALWAYS)) for key, said in verbs.items()
        ),
        field=typed.get("field", ""),
        value=typed.get("value", ""),
        error=error,
        error_at=at,
        undo=undo,
    )

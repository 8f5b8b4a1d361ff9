"""Destinations: what is set up, how it is set up, and whether it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from postroom.delivery.channels import build
from postroom.delivery.models import Destination
from postroom.delivery.pace import read_pace, waiting
from postroom.delivery.spec import Channel, Finding
from postroom.identity.actor import Actor
from postroom.kernel import registry
from postroom.kernel.errors import PostroomError
from postroom.web import words
from postroom.web.fill.settings import config_form, pace
from postroom.web.fill.settings.tabs import tabs
from postroom.web.pages import ChannelsPage, Choice, DestinationPage, DestinationRow, FindingRow

#: Settings that say most about a destination, in this order.
_TELLING = ("host", "url", "folder", "queue", "printer", "sender_address", "pattern")


def channels_page(actor: Actor, checked: str = "", findings: Sequence[FindingRow] = ()) -> ChannelsPage:
    """``checked``: the destination that ``findings`` belong to."""
    rows = Destination.objects.order_by("-enabled", "key")
    waits = waiting()
    return ChannelsPage(
        tabs=tabs(actor, "channels"),
        rows=tuple(_row(one, findings if one.key == checked else (), waits.get(one.key, 0)) for one in rows),
        kinds=tuple(Choice(value=name, label=name, note=_about(name)) for name in registry.names("channels")),
        new_url=reverse("settings-destination-new"),
    )


def destination_page(
    actor: Actor,
    *,
    key: str,
    channel: str,
    values: Mapping[str, Any],
    new: bool = False,
    enabled: bool = True,
    errors: Mapping[str, str] | None = None,
    error: str = "",
    key_error: str = "",
) -> DestinationPage:
    """The form, empty, filled, or as it was typed."""
    provider: type[Channel] = registry.provider("channels", channel)
    wrong = dict(errors or {})
    return DestinationPage(
        tabs=tabs(actor, "channels"),
        url=reverse("settings-destination-new") if new else reverse("settings-destination", args=[key]),
        channels_url=reverse("settings-channels"),
        key=key,
        channel=channel,
        about=_about(channel),
        fields=config_form.fields_of(provider.Config, values, wrong),
        new=new,
        enabled=enabled,
        error=" ".join(part for part in (error, wrong.get("", "")) if part),
        key_error=key_error,
        check_url="" if new else reverse("settings-destination-check", args=[key]),
    )


def examine(destination: Destination) -> tuple[FindingRow, ...]:
    """Ask the channel to try its destination. Nothing is delivered."""
    try:
        channel = build(destination.key, destination.channel, destination.config)
        try:
            return tuple(_finding(one) for one in channel.check())
        finally:
            channel.close()
    except PostroomError as error:
        return (FindingRow(what="", state="wrong", told=error.message, hint=error.hint),)


def _finding(one: Finding) -> FindingRow:
    return FindingRow(what="", state="ok" if one.ok else "wrong", told=one.what, hint=one.hint)


def _row(one: Destination, findings: Sequence[FindingRow], waits: int) -> DestinationRow:
    telling = [str(one.config[name]) for name in _TELLING if one.config.get(name)]
    try:
        truth: str = words.truth(registry.provider("channels", one.channel).final_truth)
    except PostroomError:
        truth = ""  # the plugin is gone; the check says so
    return DestinationRow(
        url=reverse("settings-destination", args=[one.key]),
        key=one.key,
        channel=one.channel,
        about=", ".join(telling[:2]),
        truth=truth,
        enabled=one.enabled,
        check_url=reverse("settings-destination-check", args=[one.key]),
        switch_url=reverse("settings-destination-switch", args=[one.key]),
        findings=tuple(findings),
        pace=pace.told(read_pace(one.config), waits),
    )


def _about(kind: str) -> str:
    """What a channel does: ours in the reader's language, a plugin's in its own words."""
    known = {
        "email": gettext("Hands mail to a mail server"),
        "folder": gettext("Puts files into a folder, for printing or for another program"),
        "portal": gettext("Publishes documents on the customer portal"),
    }
    if kind in known:
        return known[kind]
    try:
        doc = (registry.provider("channels", kind).__doc__ or "").strip()
    except PostroomError as error:
        return error.message
    return doc.partition("\n")[0].rstrip(".")

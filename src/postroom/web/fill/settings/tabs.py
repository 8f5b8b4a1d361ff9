"""Which pages of the settings there are for somebody."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from postroom.identity.actor import Actor
from postroom.web.pages import Tab

#: Page, and the permission it asks; "" for everybody who is signed in.
PAGES: dict[str, str] = {
    "people": "user.manage",
    "tokens": "",
    "channels": "channel.manage",
    "folders": "user.manage",
    "letters": "letter.limits",
    "health": "health.view",
    "about": "",
}


def tabs(actor: Actor, current: Any) -> tuple[Tab, ...]:
    """Those the actor may open."""
    keys: list[Any] = [key for key, need in PAGES.items() if not need or actor.may(need)]
    return tuple(Tab(key=key, url=reverse(f"settings-{key}"), current=key == current) for key in keys)

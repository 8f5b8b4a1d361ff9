"""Whose portal it is. One house for now; brands of their own per sender come with the composer."""

from __future__ import annotations

import os

from django.conf import settings

from postroom.web.pages import Brand

_DEMO = {
    "name": "Lindqvist & Daughters",
    "colour": "#a3195b",
    "contact": "Lindqvist & Daughters AB, Kvarngatan 8, 211 34 Malmö, +46 40 555 01 90",
}


def brand() -> Brand:
    """From ``POSTROOM_BRAND_NAME``, ``_COLOUR`` and ``_CONTACT``; the sample company in the demo."""
    house = _DEMO if settings.CONFIG.demo else {"name": "Postroom", "colour": "#1f4e79", "contact": ""}
    return Brand(**{key: os.environ.get(f"POSTROOM_BRAND_{key.upper()}", value) for key, value in house.items()})

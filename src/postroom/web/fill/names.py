"""What people call things: kinds of documents, those who acted, short numbers of deliveries."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from babel import Locale, UnknownLocaleError
from django.utils import translation

from postroom.composition.models import Template
from postroom.identity.models import User
from postroom.web import words


def kinds() -> dict[str, str]:
    """Names of templates by key; a document's kind is its template's key."""
    return dict(Template.objects.order_by("name").values_list("key", "name"))


def kind(key: str, names: dict[str, str]) -> str:
    """A kind in words."""
    return names.get(key) or key.replace("-", " ").capitalize()


def people(actors: Iterable[str]) -> dict[str, str]:
    """Names of the people among ``actors`` (``user:7``), in one query or none."""
    ids = {int(actor.partition(":")[2]) for actor in actors if actor.startswith("user:")}
    if not ids:
        return {}
    return {f"user:{user.pk}": str(user) for user in User.objects.filter(pk__in=ids)}


def who(actor: str) -> str:
    """One actor in words."""
    return words.who(actor, people([actor]))


def short(delivery_id: uuid.UUID) -> str:
    """How a delivery is called on screen: the random end of its id."""
    return f"D-{delivery_id.hex[-8:].upper()}"


def language(tag: str) -> str:
    """``sv`` as "Swedish", in the reader's language."""
    try:
        named = Locale.parse(tag.replace("-", "_")).get_display_name(translation.get_language() or "en")
    except (UnknownLocaleError, ValueError):
        return tag
    return (named[:1].upper() + named[1:]) if named else tag


def country(code: str) -> str:
    """``SE`` as "Sweden", in the reader's language."""
    here = Locale.parse(translation.to_locale(translation.get_language() or "en"))
    return str(here.territories.get(code.upper(), code))

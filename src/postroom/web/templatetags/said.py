"""``{{ text|said }}``: a sentence of a module that knows no language, in the reader's. Loaded for every template."""

from __future__ import annotations

from django import template

from postroom.web import said as sayings

register = template.Library()


@register.filter
def said(text: object) -> str:
    """Never marked safe: the sentence may hold a user's words."""
    return sayings.said(str(text)) if text else ""

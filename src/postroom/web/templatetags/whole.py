"""``{{ title|whole_ids }}``: a number is read, compared and dictated as one word, so no line breaks at its hyphens."""

from __future__ import annotations

import re

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

#: Words joined by hyphens with a digit behind one of them: INV-2026-1187, C-00214. Not "on-time", not "T-shirt".
#: None longer than what fits beside a thumbnail on a telephone: a longer one has to break somewhere.
_NUMBER = re.compile(
    r"(?<![\w&#-])(?=[\w-]{4,24}(?![\w-]))"
    r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*-[A-Za-z]*\d[A-Za-z0-9]*(?:-[A-Za-z0-9]+)*"
)


@register.filter
def whole_ids(text: object) -> SafeString:
    """``text``, escaped if it is not yet, with each number held together. What stands in it stays letter for letter."""
    return mark_safe(_NUMBER.sub(r'<span class="nowrap">\g<0></span>', conditional_escape(str(text))))  # noqa: S308

"""Words for states where a template cannot ask ``c-status``: in exports, chips and facets."""

from __future__ import annotations

from django.template.loader import render_to_string


def state_word(key: str) -> str:
    """The word of a state, from the one map there is (``cotton/status.html``).

    Asked through a page of its own: a component that is rendered alone takes its defaults for what it is given.
    """
    return str(render_to_string("desk/_state_word.html", {"key": key})).strip()

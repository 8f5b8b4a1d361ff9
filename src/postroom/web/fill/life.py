"""What all pages about a template's life say alike: its steps, its places, where it is used."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from postroom.composition import drafts, where_used
from postroom.composition.life_models import Draft, DraftStep
from postroom.web import words
from postroom.web.fill import names
from postroom.web.pages import Crumb
from postroom.web.pages.life import StepLine, UseLine

#: Files that are shown, and changed, as text.
EDITED = (".typ", ".json", ".yaml", ".txt", ".html", ".css", ".md", ".svg")


def step_words(step: str) -> str:
    """A step of a review in words."""
    said = {
        "sent": gettext("Sent to review"),
        "approved": gettext("Approved"),
        "rejected": gettext("Given back"),
        "withdrawn": gettext("Taken back"),
        "published": gettext("Published"),
        "discarded": gettext("Put away"),
        "rebased": gettext("Brought up to date"),
    }
    return said.get(step, step)


def steps_of(draft: Draft) -> tuple[StepLine, ...]:
    """Who did what with a draft, oldest first."""
    rows = list(DraftStep.objects.filter(draft=draft).order_by("at"))
    people = names.people([row.by for row in rows])
    return tuple(
        StepLine(
            what=step_words(row.step),
            who=words.who(row.by, people),
            when=words.moment(row.at),
            reason=row.reason,
        )
        for row in rows
    )


def changed_words(draft: Draft) -> str:
    """How many files are different, and since when."""
    count = len(drafts.changed_names(draft))
    return ngettext("{count} file changed, {when}", "{count} files changed, {when}", count).format(
        count=count, when=words.moment(draft.changed_at)
    )


def use_line(use: where_used.Use) -> UseLine:
    """Where something is used, with its place."""
    place = f"{use.file}:{use.line}" if use.line else use.file
    return UseLine(kind=use.kind, name=use.name, place=place, told=use.told)


def text_of(name: str, content: bytes) -> str | None:
    """A file as text; None where it is none that a person types."""
    if not name.endswith(EDITED):
        return None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return None


def templates_crumb() -> tuple[Crumb, ...]:
    """The way to all templates."""
    return (Crumb(label=gettext("Templates"), url=reverse("templates")),)


def template_crumb(draft: Draft) -> Crumb:
    """The way to the template of a draft; a new one has no page yet."""
    return Crumb(label=draft.name, url=reverse("template", args=[draft.template_key]) if draft.base_id else "")

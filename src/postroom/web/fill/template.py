"""One template in words: what is in force, what was, what is on its way."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext

from postroom.composition import drafts, where_used
from postroom.composition.errors import NotInForce
from postroom.composition.models import TemplateVersion
from postroom.composition.queries import version_at, versions_by_start
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.web import words
from postroom.web.fill import names
from postroom.web.fill.drafts import status_of
from postroom.web.fill.life import changed_words, templates_crumb, use_line
from postroom.web.pages import Fact, ReasonForm
from postroom.web.pages.life import GoingBack, TemplatePage, VersionLine


def template_page(actor: Actor, version: TemplateVersion, back: GoingBack | None = None) -> TemplatePage:
    """One template. ``back``: an older version that is to be in force again, and waits for its tests."""
    key = version.template_id
    rows = list(versions_by_start(key).order_by("-no"))
    people = names.people([row.published_by for row in rows])
    try:
        now: TemplateVersion | None = version_at(key)
    except NotInForce:
        now = None
    draft = drafts.standing(key) if actor.may("template.review") else None
    editing = actor.may("template.edit")
    return TemplatePage(
        crumbs=templates_crumb(),
        name=version.template.name,
        facts=(
            Fact(label=gettext("Key"), value=key, code=True),
            Fact(
                label=gettext("In force"), value=gettext("version {no}").format(no=now.no) if now else gettext("none")
            ),
            Fact(label=gettext("Made by"), value=(now or version).engine),
            Fact(label=gettext("Promises"), value=words.promises((now or version).promises)),
        ),
        versions=tuple(_version(actor, row, now, people) for row in rows),
        uses=tuple(use_line(use) for use in where_used.impact(key, (now or version).contract)),
        picture_url=reverse("template-picture", args=[key, now.no]) if now else "",
        draft_url=reverse("draft", args=[draft.pk]) if draft else "",
        draft_status=status_of(draft.state) if draft else "",
        draft_about=changed_words(draft) if draft else "",
        begin_url=reverse("draft-begin", args=[key]) if editing and draft is None else "",
        back=back,
    )


def _version(actor: Actor, row: TemplateVersion, now: TemplateVersion | None, people: dict[str, str]) -> VersionLine:
    begins = row.valid_from or row.published_at
    current = now is not None and row.pk == now.pk
    status = "live" if current else "planned" if begins > clock.now() else "off"
    back = None
    if actor.may("template.publish") and status == "off":
        back = ReasonForm(url=reverse("template-back", args=[row.template_id, row.no]))
    return VersionLine(
        no=row.no,
        status=status,
        begins=words.moment(begins),
        ends=words.moment(row.valid_until),
        by=words.who(row.published_by, people),
        note=row.note,
        back=back,
    )

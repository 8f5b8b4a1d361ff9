"""Templates one by one, their drafts, and the review of a draft."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from postroom.composition import drafts
from postroom.composition.actions.approve_draft import approve_draft
from postroom.composition.actions.comment_draft import comment_draft
from postroom.composition.actions.discard_draft import bring_back_draft, discard_draft
from postroom.composition.actions.publish_draft import publish_draft
from postroom.composition.actions.rebase_draft import RebaseClash, rebase_draft
from postroom.composition.actions.reject_draft import reject_draft
from postroom.composition.actions.send_draft import send_draft
from postroom.composition.actions.settle_comment import settle_comment
from postroom.composition.actions.withdraw_draft import withdraw_draft
from postroom.composition.dates import day_after, day_begins
from postroom.composition.draft_steps import ReasonMissing
from postroom.composition.draft_tests import TestsUnderway
from postroom.composition.errors import StaleDraft
from postroom.composition.models import TemplateVersion
from postroom.composition.queries import UnknownTemplate, newest_number
from postroom.kernel.errors import PostroomError
from postroom.web import asked, words
from postroom.web.access import acts, needs
from postroom.web.answers import go, show, show_part
from postroom.web.fill.draft import draft_page
from postroom.web.fill.draft_review import review_page, seen
from postroom.web.fill.going_back import going_back
from postroom.web.fill.template import template_page
from postroom.web.shell import actor_of


@needs("template.view")
def template(request: HttpRequest, key: str) -> HttpResponse:
    """``?back=NO`` shows how the tests of an older version are that somebody wants to go back to."""
    version = newest_number(key)
    if version is None:
        raise UnknownTemplate(f"There is no template {key!r}.", hint="See the list of templates.")
    actor, back = actor_of(request), asked.text(request, "back", 8)
    older = None
    if back.isdecimal() and actor.may("template.publish"):
        older = TemplateVersion.objects.filter(template_id=key, no=int(back)).select_related("template").first()
    going = going_back(request, older) if older is not None else None
    return show(request, "desk/template.html", template_page(actor, version, going))


@acts("template.view", "template.edit")
def begin(request: HttpRequest, key: str) -> HttpResponse:
    return go(request, reverse("draft", args=[drafts.open_for(key, actor_of(request)).pk]))


@needs("template.view", "template.review")
def page(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    """``?file=NAME`` opens a file."""
    found = drafts.find(draft)
    return show(request, "desk/draft.html", draft_page(actor_of(request), found, asked.text(request, "file")))


@acts("template.view", "template.edit", "template.review")
def save(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    """Keep the text of a file, or take the file out (``do=remove``)."""
    name = asked.posted(request, "file")
    text = asked.posted(request, "text").replace("\r\n", "\n")
    removed = asked.posted(request, "do") == "remove"
    found = drafts.find(draft)
    try:
        typed = int(asked.posted(request, "revision") or 0)
    except ValueError:
        typed = 0
    try:
        drafts.save(actor_of(request), draft, {name: None if removed else text.encode()}, typed)
    except StaleDraft as stale:
        return go(request, reverse("draft-conflict", args=[draft, stale.context["conflict"]]))
    except PostroomError as error:
        if error.status >= 500:
            raise
        told = draft_page(actor_of(request), found, name, text=text, error=f"{error.message} {error.hint}")
        return show(request, "desk/draft.html", told, error.status)
    if removed:
        messages.success(request, gettext("Taken out: {name}. Save it to have it back.").format(name=name))
    else:
        messages.success(request, gettext("Saved: {name}.").format(name=name))
    return go(request, f"{reverse('draft', args=[draft])}?file={name}")


@needs("template.view", "template.review")
def review(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    return show(request, "desk/draft_review.html", review_page(actor_of(request), drafts.find(draft)))


@needs("template.view", "template.review")
def pages(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    """The pages of ``?sample=NAME``, as they are and as they would be."""
    return show_part(request, "desk/_pairs.html", seen(drafts.find(draft), asked.text(request, "sample", 80)))


@acts("template.view", "template.review")
def comment(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    line = asked.posted(request, "line")
    return _reviewed(
        request,
        draft,
        lambda: comment_draft(
            actor_of(request),
            draft,
            text=asked.posted(request, "text"),
            file=asked.posted(request, "file"),
            line=int(line) if line.isdigit() and len(line) < 7 else 0,
        ),
        gettext("Your comment is kept with the draft."),
    )


@acts("template.view", "template.review")
def settle(request: HttpRequest, draft: uuid.UUID, comment_id: uuid.UUID) -> HttpResponse:
    settle_comment(actor_of(request), comment_id, settled=asked.posted(request, "open") != "true")
    return go(request, reverse("draft-review", args=[draft]))


@acts("template.view", "template.edit")
def send(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    """To review; every fault is on the page it leads back to."""

    def act() -> object:
        return send_draft(
            actor_of(request),
            draft,
            note=asked.posted(request, "note"),
            valid_from=day_begins(asked.posted(request, "from")),
            valid_until=day_after(asked.posted(request, "until")),
            test=True,
        )

    return _changed(request, draft, act, gettext("Sent to review. Somebody else approves it."))


@acts("template.view", "template.edit")
def withdraw(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    said = gettext("Taken back. It can be changed again.")
    return _changed(request, draft, lambda: withdraw_draft(actor_of(request), draft), said)


@acts("template.view", "template.edit")
def discard(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    said = gettext("Put away. Bring it back from here while there is no other draft.")
    return _changed(request, draft, lambda: discard_draft(actor_of(request), draft), said)


@acts("template.view", "template.edit")
def bring_back(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    return _changed(request, draft, lambda: bring_back_draft(actor_of(request), draft), gettext("The draft is back."))


@acts("template.view", "template.edit")
def rebase(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    """``keep``: whose lines stay where both changed the same ones."""
    try:
        return _changed(
            request,
            draft,
            lambda: rebase_draft(actor_of(request), draft, keep=asked.posted(request, "keep")),
            gettext("The draft has what was published meanwhile."),
        )
    except RebaseClash as clash:
        messages.error(request, f"{clash.message} {clash.hint}")
        return go(request, reverse("draft", args=[draft]))


@acts("template.view", "template.approve")
def approve(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    seen = asked.posted(request, "revision")
    revision = int(seen) if seen.isdigit() and len(seen) < 9 else -1
    said = gettext("Approved. It is in force once it is published.")
    signed = asked.posted(request, "replay") or None

    def act() -> object:
        return approve_draft(actor_of(request), draft, revision=revision, replay=signed, wait=False)

    return _reviewed(request, draft, act, said)


@acts("template.view", "template.approve")
def reject(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    reason = asked.posted(request, "reason")
    try:
        reject_draft(actor_of(request), draft, reason=reason)
    except ReasonMissing as error:
        found = drafts.find(draft)
        told = review_page(actor_of(request), found, reason=reason, wrong=f"{error.message} {error.hint}")
        return show(request, "desk/draft_review.html", told, error.status)
    messages.success(request, gettext("Given back to its authors with your reason."))
    return go(request, reverse("draft-review", args=[draft]))


@acts("template.view", "template.publish")
def publish(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    said = gettext("Published. Runs take it from the day it is in force.")
    return _reviewed(request, draft, lambda: publish_draft(actor_of(request), draft, wait=False), said)


def _changed(request: HttpRequest, draft: uuid.UUID, act: Callable[[], object], said: str) -> HttpResponse:
    """Do it and lead back to the draft; a refusal is told there."""
    return _done(request, act, said, reverse("draft", args=[draft]))


def _reviewed(request: HttpRequest, draft: uuid.UUID, act: Callable[[], object], said: str) -> HttpResponse:
    return _done(request, act, said, reverse("draft-review", args=[draft]))


def _done(request: HttpRequest, act: Callable[[], object], said: str, to: str) -> HttpResponse:
    try:
        act()
    except RebaseClash:
        raise
    except TestsUnderway as error:
        messages.info(request, _underway(error))
        return go(request, to)
    except PostroomError as error:
        if error.status not in (409, 422):
            raise
        messages.error(request, f"{error.message} {error.hint}")
        return go(request, to)
    messages.success(request, said)
    return go(request, to)


def _underway(error: TestsUnderway) -> str:
    """Said where the page shows how far they are."""
    total = error.context["total"]
    if not total:
        return gettext(
            "Nothing is decided yet: its tests run first, and have just begun. Press again when they are through."
        )
    told = gettext(
        "Nothing is decided yet: its tests run first, {done} of {total} documents. Press again when they are through."
    )
    return told.format(done=words.count(error.context["done"]), total=words.count(total))

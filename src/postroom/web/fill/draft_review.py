"""The review of a draft in words: what is different, what it is held against, who decides."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from postroom.composition import drafts, freezing, where_used
from postroom.composition.diff import FileDiff, diff_files
from postroom.composition.life_models import APPROVED, REVIEW, Draft, DraftComment
from postroom.composition.part_trial import uses_sample_account
from postroom.composition.people import person_behind
from postroom.composition.queries import files_of, newest_number, sources_of
from postroom.composition.trial import samples_in
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.web import words
from postroom.web.fill import names
from postroom.web.fill.diff_lines import lines_of
from postroom.web.fill.drafts import status_of
from postroom.web.fill.life import steps_of, template_crumb, templates_crumb, use_line
from postroom.web.fill.pairs import pairs_of
from postroom.web.fill.proofs import proofs_panel
from postroom.web.fill.studio_texts import warnings_of
from postroom.web.pages import Crumb, Fact, ReasonForm
from postroom.web.pages.house_part import PairsPart
from postroom.web.pages.life import CommentLine, DiffSheet, ReviewPage


def review_page(actor: Actor, draft: Draft, *, error: str = "", reason: str = "", wrong: str = "") -> ReviewPage:
    """What a draft changes, side by side, and the decision."""
    before = sources_of(draft.base) if draft.base is not None else {}
    own = drafts.files(draft)
    hands = {person_behind(name) for name in drafts.authors(draft)}
    decides = actor.may("template.approve")
    mine = person_behind(actor.name) in hands
    reject_url = reverse("draft-reject", args=[draft.pk])
    base = newest_number(draft.template_key)
    comments = list(DraftComment.objects.filter(draft=draft).order_by("at"))
    people = names.people([*hands, *(one.by for one in comments)])
    proofs = proofs_panel(actor, draft)
    red = proofs.tests == "red" and draft.state in (REVIEW, APPROVED)
    facts = [
        Fact(label=gettext("Changed by"), value=", ".join(sorted(words.who(name, people) for name in hands)) or "–"),
        Fact(label=gettext("Revision"), value=str(draft.revision)),
        Fact(label=gettext("Replaces"), value=gettext("version {no}").format(no=draft.base.no) if draft.base else "–"),
        Fact(
            label=gettext("In force from"),
            value=words.moment(draft.valid_from) or gettext("its publication"),
        ),
    ]
    if draft.valid_until:
        facts.append(Fact(label=gettext("In force until"), value=words.moment(draft.valid_until)))
    if draft.note:
        facts.append(Fact(label=gettext("What changed"), value=draft.note))
    return ReviewPage(
        crumbs=(
            *templates_crumb(),
            template_crumb(draft),
            Crumb(label=gettext("Draft"), url=reverse("draft", args=[draft.pk])),
        ),
        name=gettext("Review of {name}").format(name=draft.name),
        status=status_of(draft.state),
        facts=tuple(facts),
        sheets=tuple(_sheet(number, one) for number, one in enumerate(diff_files(before, own), 1)),
        comments=tuple(_comment(actor, one, people) for one in comments),
        steps=steps_of(draft),
        uses=tuple(use_line(use) for use in where_used.impact(draft.template_key, base.contract if base else {})),
        revision=draft.revision,
        draft_url=reverse("draft", args=[draft.pk]),
        comment_url=reverse("draft-comment", args=[draft.pk]),
        files=tuple(own),
        samples=tuple(samples_in(own)),
        proofs=proofs,
        red=red,
        own=decides and mine and draft.state == REVIEW,
        approve_url=reverse("draft-approve", args=[draft.pk])
        if decides and not mine and not red and draft.state == REVIEW
        else "",
        reject=ReasonForm(url=reject_url, reason=reason, error=wrong)
        if decides and draft.state in (REVIEW, APPROVED)
        else None,
        publish_url=reverse("draft-publish", args=[draft.pk])
        if actor.may("template.publish") and not red and draft.state == APPROVED
        else "",
        pages_url=reverse("draft-page", args=[draft.pk]),
        warning=sample_account(own),
        long_texts=warnings_of(own),
        error=error,
    )


def seen(draft: Draft, sample: str = "") -> PairsPart:
    """The pages of a sample by the version the draft replaces, and by the draft."""

    def files() -> tuple[Mapping[str, bytes], Mapping[str, bytes]]:
        before = files_of(draft.base) if draft.base is not None else {}
        return before, freezing.freeze(drafts.files(draft), draft.valid_from or clock.now()).files

    return pairs_of(sample or gettext("The pages"), files, sample)


def sample_account(own: Mapping[str, bytes]) -> str:
    """A warning before somebody publishes an invoice that asks to pay the sample company."""
    if settings.CONFIG.demo or not uses_sample_account(own):
        return ""
    return gettext("It shows the sample company’s account: no brand of the house is named. Name one in template.yaml.")


def _sheet(number: int, one: FileDiff) -> DiffSheet:
    if one.binary:
        about = gettext("A picture or a large file: {before} before, {after} now").format(
            before=words.size(max(0, one.size_before)), after=words.size(max(0, one.size_after))
        )
    else:
        added = ngettext("{count} line new", "{count} lines new", one.added).format(count=words.count(one.added))
        gone = ngettext("{count} line gone", "{count} lines gone", one.removed).format(count=words.count(one.removed))
        about = f"{added}, {gone}"
    lines = lines_of(one)
    return DiffSheet(id=f"diff-{number}", name=one.name, about=about, lines=lines)


def _comment(actor: Actor, one: DraftComment, people: dict[str, str]) -> CommentLine:
    place = gettext("{file}, line {line}").format(file=one.file, line=one.line) if one.line else one.file
    return CommentLine(
        who=words.who(one.by, people),
        when=words.moment(one.at),
        text=one.text,
        place=place,
        settled=one.settled_at is not None,
        settle_url=reverse("draft-comment-settle", args=[one.draft_id, one.pk]) if actor.may("template.review") else "",
    )

"""Templates in words: their versions, their drafts, what a draft changes, who decides."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from postroom.composition import draft_tests, drafts, freezing, where_used
from postroom.composition.actions.rebase_draft import is_behind
from postroom.composition.diff import FileDiff, diff_files
from postroom.composition.errors import BreaksUse, NotInForce
from postroom.composition.life_models import (
    APPROVED,
    DISCARDED,
    DRAFT,
    REVIEW,
    Draft,
    DraftComment,
    DraftConflict,
    DraftStep,
)
from postroom.composition.models import TemplateVersion
from postroom.composition.part_trial import uses_sample_account
from postroom.composition.people import person_behind
from postroom.composition.problems import Problem
from postroom.composition.queries import files_of, newest_number, sources_of, version_at, versions_by_start
from postroom.composition.trial import samples_in
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.kernel.errors import BadInput
from postroom.web import words
from postroom.web.fill import names
from postroom.web.fill.drafts import status_of
from postroom.web.fill.pairs import pairs_of
from postroom.web.fill.proofs import proofs_panel
from postroom.web.fill.studio_texts import warnings_of
from postroom.web.pages import Crumb, Fact, ReasonForm
from postroom.web.pages.house_part import PairsPart
from postroom.web.pages.life import (
    Clash,
    CommentLine,
    ConflictPage,
    DiffLine,
    DiffSheet,
    DraftPage,
    FaultLine,
    FileLine,
    ReviewPage,
    StepLine,
    TemplatePage,
    UseLine,
    VersionLine,
)

#: Every template has them; each lane's page can be renamed, so it may go.
_ALWAYS = ("template.yaml", "contract.json")
_EDITED = (".typ", ".json", ".yaml", ".txt", ".html", ".css", ".md", ".svg")


def template_page(actor: Actor, version: TemplateVersion) -> TemplatePage:
    """One template: what is in force, what was, what is on its way."""
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
        crumbs=_crumbs(),
        name=version.template.name,
        facts=(
            Fact(label=gettext("Key"), value=key, code=True),
            Fact(
                label=gettext("In force"), value=gettext("version {no}").format(no=now.no) if now else gettext("none")
            ),
            Fact(label=gettext("Made by"), value=(now or version).engine),
            Fact(label=gettext("Promises"), value=", ".join((now or version).promises)),
        ),
        versions=tuple(_version(actor, row, now, people) for row in rows),
        uses=tuple(_use(use) for use in where_used.impact(key, (now or version).contract)),
        picture_url=reverse("template-picture", args=[key, now.no]) if now else "",
        draft_url=reverse("draft", args=[draft.pk]) if draft else "",
        draft_status=status_of(draft.state) if draft else "",
        draft_about=_changed(draft) if draft else "",
        begin_url=reverse("draft-begin", args=[key]) if editing and draft is None else "",
    )


def draft_page(actor: Actor, draft: Draft, file: str = "", *, text: str | None = None, error: str = "") -> DraftPage:
    """A draft with one of its files open; ``text`` is what was typed, after it was refused."""
    own, changed = drafts.files(draft), set(drafts.changed_names(draft))
    may, here = actor.may("template.edit"), draft.state
    typing = may and here == DRAFT
    fresh = typing and file not in own and file.endswith(_EDITED) and drafts.nameable(file)
    new_name = new_error = ""
    if file not in own and not fresh:
        if file and typing:
            new_name = file[:120]
            new_error = gettext("No text file can be called so. Such names are good: words/fr.json, tests/page.yaml.")
        file = "main.typ" if "main.typ" in own else next(iter(own), "")

    def to(name: str, states: tuple[str, ...], allowed: bool = may) -> str:
        return reverse(f"draft-{name}", args=[draft.pk]) if allowed and here in states else ""

    def at(name: str) -> str:
        return f"{reverse('draft', args=[draft.pk])}?file={name}"

    problems = drafts.check(draft) if here in (DRAFT, REVIEW, APPROVED) else []
    if here == DRAFT and not problems:
        problems = _red(draft)
    return DraftPage(
        crumbs=(*_crumbs(), _crumb(draft)),
        name=gettext("Draft of {name}").format(name=draft.name),
        status=status_of(here),
        about=_changed(draft),
        revision=draft.revision,
        files=tuple(
            FileLine(name=name, url=at(name), size=words.size(len(data)), changed=name in changed, current=name == file)
            for name, data in own.items()
        ),
        problems=tuple(
            FaultLine(path=f"{one.file}:{one.line}" if one.line else one.file, reason=one.what, what_to_do=one.hint)
            for one in problems
        ),
        steps=_steps(draft),
        file=file,
        text=text if text is not None else _text(file, _begun(draft, own, file) if fresh else own.get(file, b"")),
        fresh=fresh,
        new_url=reverse("draft", args=[draft.pk]) if typing else "",
        new_name=new_name,
        new_error=new_error,
        may_remove=typing and file in own and file not in _ALWAYS,
        save_url=to("save", (DRAFT,)),
        send_url=to("send", (DRAFT,)),
        review_url=to("review", (DRAFT, REVIEW, APPROVED), True),
        studio_url=reverse("studio", args=[draft.pk]) if here in (DRAFT, REVIEW, APPROVED) else "",
        withdraw_url=to("withdraw", (REVIEW, APPROVED)),
        discard_url=to("discard", (DRAFT,)),
        back_url=to("bring-back", (DISCARDED,)),
        rebase_url=to("rebase", (DRAFT,)) if is_behind(draft) else "",
        note=draft.note,
        proofs=proofs_panel(actor, draft) if here in (REVIEW, APPROVED) else None,
        error=error,
    )


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
        crumbs=(*_crumbs(), _crumb(draft), Crumb(label=gettext("Draft"), url=reverse("draft", args=[draft.pk]))),
        name=gettext("Review of {name}").format(name=draft.name),
        status=status_of(draft.state),
        facts=tuple(facts),
        sheets=tuple(_sheet(number, one) for number, one in enumerate(diff_files(before, own), 1)),
        comments=tuple(_comment(actor, one, people) for one in comments),
        steps=_steps(draft),
        uses=tuple(_use(use) for use in where_used.impact(draft.template_key, base.contract if base else {})),
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


def _red(draft: Draft) -> list[Problem]:
    """What of its tests is known not to hold, as it stands now."""
    try:
        return draft_tests.known_red(draft_tests.packs_of_draft(draft))
    except BadInput:  # dates that are over by now: told when it is sent
        return []


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


def conflict_page(conflict: DraftConflict) -> ConflictPage:
    """Two texts of the same files."""
    draft = conflict.draft
    now, typed = drafts.files(draft), drafts.typed_in(conflict)
    return ConflictPage(
        crumbs=(*_crumbs(), _crumb(draft), Crumb(label=gettext("Draft"), url=reverse("draft", args=[draft.pk]))),
        url=reverse("draft-conflict", args=[draft.pk, conflict.pk]),
        draft_url=reverse("draft", args=[draft.pk]),
        revision=draft.revision,
        clashes=tuple(
            Clash(
                id=f"clash-{number}",
                name=name,
                theirs=_text(name, now.get(name, b"")) or "",
                mine=_text(name, content or b"") or "",
            )
            for number, (name, content) in enumerate(typed.items(), 1)
        ),
    )


def breaks(error: BreaksUse) -> str:
    """What would break, in one text."""
    return f"{error.message} {error.hint}".strip()


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


def _use(use: where_used.Use) -> UseLine:
    place = f"{use.file}:{use.line}" if use.line else use.file
    return UseLine(kind=use.kind, name=use.name, place=place, told=use.told)


def _sheet(number: int, one: FileDiff) -> DiffSheet:
    if one.binary:
        about = gettext("A picture or a large file: {before} before, {after} now").format(
            before=words.size(max(0, one.size_before)), after=words.size(max(0, one.size_after))
        )
    else:
        added = ngettext("{count} line new", "{count} lines new", one.added).format(count=words.count(one.added))
        gone = ngettext("{count} line gone", "{count} lines gone", one.removed).format(count=words.count(one.removed))
        about = f"{added}, {gone}"
    lines = tuple(
        DiffLine(
            kind=line.kind,
            left=str(line.left or ""),
            before=line.before,
            right=str(line.right or ""),
            after=line.after,
        )
        for line in one.lines
    )
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


def _steps(draft: Draft) -> tuple[StepLine, ...]:
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


def _changed(draft: Draft) -> str:
    count = len(drafts.changed_names(draft))
    return ngettext("{count} file changed, {when}", "{count} files changed, {when}", count).format(
        count=count, when=words.moment(draft.changed_at)
    )


def _begun(draft: Draft, own: Mapping[str, bytes], name: str) -> bytes:
    """What a new file begins with: what it held when it was taken out; a language, the words to be translated."""
    if former := drafts.left_behind(draft, name):
        return former
    if name.startswith("words/") and name.endswith(".json"):
        first = f"words/{freezing.named_in(own).languages[0]}.json"
        return own.get(first, b"{}\n")
    return b""


def _text(name: str, content: bytes) -> str | None:
    if not name.endswith(_EDITED):
        return None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _crumbs() -> tuple[Crumb, ...]:
    return (Crumb(label=gettext("Templates"), url=reverse("templates")),)


def _crumb(draft: Draft) -> Crumb:
    return Crumb(label=draft.name, url=reverse("template", args=[draft.template_key]) if draft.base_id else "")

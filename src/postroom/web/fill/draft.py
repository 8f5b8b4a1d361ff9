"""A draft in words: its files, one of them open, and its next steps."""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import reverse
from django.utils.translation import gettext

from postroom.composition import draft_tests, drafts, freezing
from postroom.composition.actions.rebase_draft import is_behind
from postroom.composition.life_models import APPROVED, DISCARDED, DRAFT, REVIEW, Draft
from postroom.composition.problems import Problem
from postroom.identity.actor import Actor
from postroom.kernel.errors import BadInput
from postroom.web import words
from postroom.web.fill.conflict import unsettled_lines
from postroom.web.fill.drafts import status_of
from postroom.web.fill.life import EDITED, changed_words, steps_of, template_crumb, templates_crumb, text_of
from postroom.web.fill.proofs import proofs_panel
from postroom.web.pages.life import DraftPage, FaultLine, FileLine

#: Every template has them; each lane's page can be renamed, so it may go.
_ALWAYS = ("template.yaml", "contract.json")


def draft_page(actor: Actor, draft: Draft, file: str = "", *, text: str | None = None, error: str = "") -> DraftPage:
    """A draft with one of its files open; ``text`` is what was typed, after it was refused."""
    own, changed = drafts.files(draft), set(drafts.changed_names(draft))
    may, here = actor.may("template.edit"), draft.state
    typing = may and here == DRAFT
    fresh = typing and file not in own and file.endswith(EDITED) and drafts.nameable(file)
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
        crumbs=(*templates_crumb(), template_crumb(draft)),
        name=gettext("Draft of {name}").format(name=draft.name),
        status=status_of(here),
        about=changed_words(draft),
        revision=draft.revision,
        files=tuple(
            FileLine(name=name, url=at(name), size=words.size(len(data)), changed=name in changed, current=name == file)
            for name, data in own.items()
        ),
        problems=tuple(
            FaultLine(path=f"{one.file}:{one.line}" if one.line else one.file, reason=one.what, what_to_do=one.hint)
            for one in problems
        ),
        steps=steps_of(draft),
        file=file,
        text=text if text is not None else text_of(file, _begun(draft, own, file) if fresh else own.get(file, b"")),
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
        unsettled=unsettled_lines(draft) if may else (),
        error=error,
    )


def _begun(draft: Draft, own: Mapping[str, bytes], name: str) -> bytes:
    """What a new file begins with: what it held when it was taken out; a language, the words to be translated."""
    if former := drafts.left_behind(draft, name):
        return former
    if name.startswith("words/") and name.endswith(".json"):
        first = f"words/{freezing.named_in(own).languages[0]}.json"
        return own.get(first, b"{}\n")
    return b""


def _red(draft: Draft) -> list[Problem]:
    """What of its tests is known not to hold, as it stands now."""
    try:
        return draft_tests.known_red(draft_tests.packs_of_draft(draft))
    except BadInput:  # dates that are over by now: told when it is sent
        return []

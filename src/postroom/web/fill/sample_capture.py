"""A masked sample in words: what is kept, what is replaced, and the page it makes."""

from __future__ import annotations

import base64
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from postroom.composition import freezing
from postroom.composition.life_models import DRAFT
from postroom.composition.masking import KEPT
from postroom.composition.queries import newest_number
from postroom.composition.trial import document_of
from postroom.kernel import clock
from postroom.kernel.errors import PostroomError
from postroom.production.sampling import Origin, Proposal, next_name, propose
from postroom.web import words
from postroom.web.pages.parts import Crumb
from postroom.web.pages.sample_capture import MaskRow, SampleCapturePage
from postroom.web.thumbs import MIDDLE, passing_png

#: Values that are shown one by one; of longer records the rest is told as a number.
_MOST, _LONGEST = 400, 160
_SAMPLE = "this-one"


def capture_page(
    origin: Origin, url: str, crumbs: tuple[Crumb, ...], mark: str, *, called: str = "", error: str = ""
) -> SampleCapturePage:
    """The page; where no sample can be made of the record it says why, and what to do."""
    name = gettext("Make a sample of it")
    try:
        proposal = propose(origin, mark)
    except PostroomError as problem:
        if problem.status >= 500:
            raise
        return SampleCapturePage(
            crumbs=crumbs,
            name=name,
            url=url,
            refused=problem.message,
            hint=problem.hint,
            mend_url=crumbs[-2].url if len(crumbs) > 1 else "",
        )
    picture, why = _picture(proposal)
    draft = proposal.draft
    newest = newest_number(origin.template)
    rows = _rows(origin, proposal)
    return SampleCapturePage(
        crumbs=crumbs,
        name=name,
        url=url,
        mark=mark,
        called=called or next_name(proposal.files),
        template=draft.name if draft is not None else newest.template.name if newest is not None else origin.template,
        about=_about(proposal),
        rows=rows[:_MOST],
        dropped=proposal.masked.dropped,
        open=origin.open,
        picture=picture,
        no_picture=why,
        error=error,
    )


def kind_words(kind: str) -> str:
    """What became of a value."""
    return {
        "amount": gettext("kept: an amount"),
        "choice": gettext("kept: one of a list"),
        "country": gettext("kept: a country"),
        "language": gettext("kept: the language"),
        "structure": gettext("kept: structure"),
        "declared": gettext("kept: the contract calls it harmless"),
        "name": gettext("another name"),
        "address": gettext("another address"),
        "mail": gettext("another mail address"),
        "phone": gettext("another phone number"),
        "iban": gettext("another account, check digits right"),
        "reference": gettext("another reference, check digits right"),
        "link": gettext("another link"),
        "number": gettext("another number"),
        "day": gettext("another day"),
        "text": gettext("other words"),
    }.get(kind, kind)


def _about(proposal: Proposal) -> str:
    replaced = ngettext("{count} field replaced", "{count} fields replaced", proposal.masked.replaced).format(
        count=words.count(proposal.masked.replaced)
    )
    if proposal.draft is None:
        return gettext("{replaced}. A draft is begun for it.").format(replaced=replaced)
    if proposal.draft.state != DRAFT:
        return gettext("{replaced}. The draft is being reviewed: it takes no sample now.").format(replaced=replaced)
    return gettext("{replaced}. It goes into the draft at revision {no}.").format(
        replaced=replaced, no=proposal.draft.revision
    )


def _rows(origin: Origin, proposal: Proposal) -> tuple[MaskRow, ...]:
    told = dict(proposal.masked.told)
    found: list[MaskRow] = []

    def walk(value: Any, was: Any, path: str, general: str) -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                dot = "." if path else ""
                walk(inner, was[name], f"{path}{dot}{name}", f"{general}{dot}{name}")
        elif isinstance(value, list):
            for number, inner in enumerate(value):
                walk(inner, was[number], f"{path}[{number}]", f"{general}[]")
        else:
            kind = told.get(general, "structure")
            shown = origin.open and value != was
            found.append(
                MaskRow(
                    path=path,
                    kind=kind_words(kind),
                    value=_short(value),
                    kept=kind in KEPT,
                    was=_short(was) if shown else "",
                )
            )

    walk(proposal.masked.record, origin.record, "", "")
    return tuple(found)


def _short(value: Any) -> str:
    text = {"True": "true", "False": "false", "None": "null"}.get(str(value), str(value))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _picture(proposal: Proposal) -> tuple[str, str]:
    """The first page the sample makes, and otherwise why there is none."""
    try:
        frozen = freezing.freeze(dict(proposal.files), clock.now()).files
        made = document_of({**frozen, f"samples/{_SAMPLE}.json": proposal.content}, _SAMPLE)
    except PostroomError as problem:
        return "", f"{problem.message} {problem.hint}".strip()
    if made.media_type != "application/pdf":
        return "", gettext("It has no pages to look at")
    return f"data:image/png;base64,{base64.b64encode(passing_png(made.content, 1, MIDDLE)).decode()}", ""


def crumbs_of_document(document_id: object, number: str) -> tuple[Crumb, ...]:
    """The way to the page of a document's sample."""
    return (
        Crumb(label=gettext("Documents"), url=reverse("documents")),
        Crumb(label=number, url=reverse("document", args=[document_id])),
        Crumb(label=gettext("Sample")),
    )


def crumbs_of_record(ref: str, record_id: object) -> tuple[Crumb, ...]:
    """The way to the page of a record's sample."""
    return (
        Crumb(label=ref, url=reverse("run", args=[ref])),
        Crumb(label=gettext("Set aside"), url=reverse("set-aside", args=[ref, record_id])),
        Crumb(label=gettext("Sample")),
    )


def crumbs_of_case(draft_id: object, name: str, at: str) -> tuple[Crumb, ...]:
    """The way to the page of a replayed record's sample."""
    return (
        Crumb(label=gettext("Review of {name}").format(name=name), url=reverse("draft-review", args=[draft_id])),
        Crumb(label=gettext("Replay"), url=at),
        Crumb(label=gettext("Sample")),
    )

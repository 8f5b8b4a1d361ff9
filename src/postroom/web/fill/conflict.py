"""Two texts of the same files in words, side by side; and where one finds them again."""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from postroom.composition import drafts
from postroom.composition.draft_conflicts import MINE, THEIRS, unsettled
from postroom.composition.life_models import Draft, DraftChange, DraftConflict
from postroom.web import words
from postroom.web.fill import names
from postroom.web.fill.life import template_crumb, templates_crumb, text_of
from postroom.web.pages import Crumb
from postroom.web.pages.life import Clash, ClashSide, ConflictPage, UnsettledLine


def conflict_page(conflict: DraftConflict, chosen: Mapping[str, str] | None = None, error: str = "") -> ConflictPage:
    """Both, file by file; ``chosen`` is what was made of them, after it was refused."""
    draft = conflict.draft
    now, typed = drafts.files(draft), drafts.typed_in(conflict)
    own = Crumb(label=gettext("Draft"), url=reverse("draft", args=[draft.pk]))
    return ConflictPage(
        crumbs=(*templates_crumb(), template_crumb(draft), own),
        url=reverse("draft-conflict", args=[draft.pk, conflict.pk]),
        draft_url=reverse("draft", args=[draft.pk]),
        revision=draft.revision,
        clashes=tuple(
            _clash(conflict, f"clash-{number}", name, content, now.get(name), chosen or {})
            for number, (name, content) in enumerate(sorted(typed.items()), 1)
        ),
        error=error,
    )


def made_of(conflict: DraftConflict, posted: Mapping[str, str]) -> dict[str, bytes | None]:
    """The files that the fields of the page stand for; a file taken whole comes from where it is kept."""
    shown = conflict_page(conflict)
    now, typed = drafts.files(conflict.draft), drafts.typed_in(conflict)
    made: dict[str, bytes | None] = {}
    for clash in shown.clashes:
        said = posted.get(clash.id, "")
        if clash.sides:
            made[clash.name] = typed[clash.name] if said != THEIRS else now.get(clash.name)
        else:
            made[clash.name] = said.replace("\r\n", "\n").encode()
    return made


def unsettled_lines(draft: Draft) -> tuple[UnsettledLine, ...]:
    """What waits for somebody to choose."""
    rows = unsettled(draft)
    people = names.people([row.by for row in rows])
    files: dict[object, list[str]] = {}
    for row, name in DraftChange.objects.filter(conflict__in=rows).order_by("name").values_list("conflict_id", "name"):
        files.setdefault(row, []).append(name)
    return tuple(
        UnsettledLine(
            what=", ".join(files.get(row.pk, ())),
            who=words.who(row.by, people),
            when=words.moment(row.at),
            url=reverse("draft-conflict", args=[draft.pk, row.pk]),
        )
        for row in rows
    )


def _clash(
    conflict: DraftConflict, field: str, name: str, mine: bytes | None, theirs: bytes | None, chosen: Mapping[str, str]
) -> Clash:
    texts = [text_of(name, content) if content is not None else None for content in (mine, theirs)]
    said = chosen.get(field)
    if texts[0] is not None and texts[1] is not None:
        return Clash(id=field, name=name, theirs=texts[1], mine=texts[0] if said is None else said)
    sides = ((MINE, gettext("What you sent"), mine), (THEIRS, gettext("What stands there now"), theirs))
    return Clash(
        id=field,
        name=name,
        theirs="",
        mine="",
        sides=tuple(
            ClashSide(
                value=whose,
                label=label,
                about=words.size(len(content)) if content is not None else gettext("taken out"),
                url=_address(conflict, name, whose) if content is not None else "",
                chosen=whose == (said or MINE),
            )
            for whose, label, content in sides
        ),
    )


def _address(conflict: DraftConflict, name: str, whose: str) -> str:
    at = reverse("draft-conflict-download", args=[conflict.draft_id, conflict.pk])
    return f"{at}?{urlencode({'name': name, 'whose': whose})}"

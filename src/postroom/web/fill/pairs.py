"""Pages of a document as they are and as they would be, side by side, with what differs outlined."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping

from django.utils.translation import gettext, ngettext

from postroom.composition.problems import TemplateFaults
from postroom.composition.spec import Rendered
from postroom.composition.trial import document_of, samples_in
from postroom.kernel.errors import PostroomError
from postroom.web import words
from postroom.web.pages import ProblemRow
from postroom.web.pages.house_part import Box, PagePair, PairsPart
from postroom.web.thumbs import LARGE, differing, passing_png

#: Pages that are looked at, and pages that are shown: each picture is sent within the page.
_LOOKED_AT, _SHOWN = 12, 3
#: Samples that are tried for one that differs.
_TRIED = 6
Files = Mapping[str, bytes]


def pairs_of(title: str, files: Callable[[], tuple[Files, Files]], sample: str = "", *, side: bool = True) -> PairsPart:
    """The pages of a sample (empty: of the first one that differs) by two states of a template's files; an empty first
    state is a template that is new."""
    try:
        before, after = files()
        sample, old, new = _chosen(before, after, sample)
    except TemplateFaults as faults:
        rows = tuple(
            ProblemRow(path=f"{one.file}:{one.line}" if one.line else one.file, reason=one.what, what_to_do=one.hint)
            for one in faults.problems
        )
        return PairsPart(title=title, about=gettext("It would have faults"), problems=rows, side=side)
    except PostroomError as error:
        row = ProblemRow(path="", reason=error.message, what_to_do=error.hint)
        return PairsPart(title=title, about=gettext("It cannot be shown"), problems=(row,), side=side)
    if new.media_type != "application/pdf":
        return PairsPart(title=title, about=gettext("It has no pages to look at"), side=side)
    if old is None:
        shown = tuple(
            PagePair(number=number, before="", after=_picture(new, number))
            for number in range(1, min(new.pages, _SHOWN) + 1)
        )
        return PairsPart(title=title, sample=sample, about=_pages(new.pages), pairs=shown, side=False)
    return _compared(title, sample, old, new, side)


def _chosen(before: Files, after: Files, sample: str) -> tuple[str, Rendered | None, Rendered]:
    """The sample with both its documents: a text that is changed in one language shows in that language's sample."""
    tried = [sample] if sample else samples_in(after)[:_TRIED]
    found: list[tuple[str, Rendered | None, Rendered]] = []
    for name in tried or [""]:
        old, new = _old(before, name), document_of(after, name)
        found.append((name, old, new))
        if old is None or old.content != new.content:
            return found[-1]
    return found[0]


def _compared(title: str, sample: str, old: Rendered, new: Rendered, side: bool) -> PairsPart:
    most = max(old.pages, new.pages)
    found: list[tuple[int, tuple[Box, ...]]] = []
    if old.content != new.content:
        for number in range(1, min(most, _LOOKED_AT) + 1):
            if number > min(old.pages, new.pages):
                found.append((number, ()))
                continue
            _, boxes = differing(old.content, new.content, number)
            if boxes:
                found.append((number, tuple(Box(x=x, y=y, width=wide, height=high) for x, y, wide, high in boxes)))
    about = _told(old.pages, new.pages, len(found))
    shown = found[:_SHOWN] or [(1, ())]
    pairs = tuple(
        PagePair(
            number=number,
            before=_picture(old, number) if side and number <= old.pages else "",
            after=_picture(new, number) if number <= new.pages else "",
            boxes=boxes,
        )
        for number, boxes in shown
    )
    return PairsPart(title=title, sample=sample, about=about, pairs=pairs, side=side)


def _old(files: Files, sample: str) -> Rendered | None:
    """What the published files make; None for a template, or a sample, that is new."""
    try:
        return document_of(files, sample) if files else None
    except PostroomError:
        return None


def _told(before: int, now: int, differ: int) -> str:
    if before != now:
        return gettext("{before} before, {now} now").format(before=_pages(before), now=_pages(now))
    if not differ:
        return gettext("{pages}, none looks different").format(pages=_pages(now))
    return ngettext("{count} of {pages} looks different", "{count} of {pages} look different", differ).format(
        count=words.count(differ), pages=_pages(now)
    )


def _pages(count: int) -> str:
    return ngettext("{count} page", "{count} pages", count).format(count=words.count(count))


def _picture(document: Rendered, number: int) -> str:
    picture = base64.b64encode(passing_png(document.content, number, LARGE)).decode("ascii")
    return f"data:image/png;base64,{picture}"

"""The numbers of letters: given to one letter each, in the database, and none of them goes missing unseen.

A template's numbers are those of the form of its first sample: ``LTR-2026-`` and digits. The next one is given under a
lock of that form and stands in ``letter_number`` before anybody sees it, so two letters begun at once have two. A
number that is never printed keeps its row, which says what became of it: auditors ask for gaps to be explained, not for
none. What somebody types in another form (the number of a contract) is theirs to know.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.db import connection
from django.db.models import Max, Q, QuerySet

from postroom.composition.paths import look, split
from postroom.composition.queries import LivePack
from postroom.documents.models import Document
from postroom.kernel import clock
from postroom.production import exact_json
from postroom.production.letters.models import CANCELLED, RELEASED, Letter, Number

_LAST = re.compile(r"\d{1,15}(?=\D*\Z)")
_RECENT = 500


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers of one form: what stands before and after the digits, and how many digits there are at least."""

    template: str
    before: str
    after: str
    width: int
    first: int

    @property
    def name(self) -> str:
        """``LTR-2026-#``; a sign stands for the digits."""
        return f"{self.before}#{self.after}"

    def counted(self, number: str) -> int | None:
        """The digits of a number of this form, else None."""
        if not (number.startswith(self.before) and number.endswith(self.after)):
            return None
        middle = number[len(self.before) : len(number) - len(self.after)]
        return int(middle) if middle.isascii() and middle.isdigit() and len(middle) <= 15 else None

    def written(self, counted: int) -> str:
        """The number of this form with those digits."""
        return f"{self.before}{str(counted).rjust(self.width, '0')}{self.after}"


def series_of(live: LivePack) -> Series | None:
    """The form of a template's numbers; None where its sample has no number that can be counted."""
    like = look(live.pack.samples[0][1], split(live.pack.manifest.document.number)) if live.pack.samples else None
    found = _LAST.search(like) if isinstance(like, str) else None
    if found is None or not isinstance(like, str):
        return None
    return Series(live.pack.key, like[: found.start()], like[found.end() :], len(found[0]), int(found[0]))


def reserve(live: LivePack, letter: Letter, count: int = 1, *, in_use: Iterable[str] = ()) -> list[str]:
    """``count`` numbers that are this letter's from now on, inside the caller's transaction: first those it was given
    and does not use (``in_use`` are those it does), then the next ones. Empty where the template has no form."""
    series = series_of(live)
    if series is None or count < 1:
        return []
    _lock(series)
    own = Number.objects.filter(letter=letter, series=series.name).exclude(number__in=list(in_use)).order_by("counted")
    spare = list(own[:count])
    Number.objects.filter(pk__in=[row.pk for row in spare]).update(left_at=None)
    following = _highest(live, series) + 1
    fresh = [series.written(following + each) for each in range(count - len(spare))]
    now = clock.now()
    Number.objects.bulk_create(
        Number(
            template_key=series.template,
            series=series.name,
            counted=following + place,
            number=number,
            letter=letter,
            reserved_at=now,
        )
        for place, number in enumerate(fresh)
    )
    return [*(row.number for row in spare), *fresh]


def claim(live: LivePack, letter: Letter, wanted: Sequence[str]) -> Mapping[str, Number]:
    """Make the numbers that a letter is handed in with its own, and leave those it was given and does not use; inside
    the caller's transaction. What is returned belongs to other letters, by number: then nothing was claimed.

    A number of a letter that was deleted, or that its letter left, may be taken by typing it.
    """
    series = series_of(live)
    if series is None:
        return {}
    _lock(series)
    mine = {number: counted for number in wanted if (counted := series.counted(number)) is not None}
    there = {row.number: row for row in _rows(series.template, mine).select_for_update(of=("self",))}
    taken = {number: row for number, row in there.items() if row.letter_id != letter.pk and not row.free}
    if taken:
        return taken
    now = clock.now()
    for row in there.values():
        if row.letter_id != letter.pk or row.left_at is not None:
            row.letter, row.left_at, row.reserved_at = letter, None, now
            row.save(update_fields=["letter", "left_at", "reserved_at"])
    Number.objects.bulk_create(
        Number(
            template_key=series.template,
            series=series.name,
            counted=counted,
            number=number,
            letter=letter,
            reserved_at=now,
        )
        for number, counted in mine.items()
        if number not in there
    )
    Number.objects.filter(letter=letter, left_at=None).exclude(number__in=list(mine)).update(left_at=now)
    return {}


def others(letter: Letter, wanted: Iterable[str]) -> list[Number]:
    """Which of these numbers belong to another letter at this moment; for a look, nothing is locked."""
    return [row for row in _rows(letter.template_key, wanted) if row.letter_id != letter.pk and not row.free]


def move(from_letter: Letter, to: Letter, numbers: Iterable[str]) -> None:
    """Letters that are taken out of a batch take their numbers with them."""
    Number.objects.filter(letter=from_letter, number__in=list(numbers)).update(letter=to)


def _rows(template: str, wanted: Iterable[str]) -> QuerySet[Number]:
    return Number.objects.filter(template_key=template, number__in=list(wanted)).select_related("letter")


def _lock(series: Series) -> None:
    """Until the transaction ends: whoever counts on waits for who counts now, so nobody sees the same end."""
    digest = sha256(f"letter number\n{series.template}\n{series.name}".encode()).digest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (int.from_bytes(digest[:8], "big", signed=True),))


def _highest(live: LivePack, series: Series) -> int:
    """The highest number that was given, printed, or stands in a letter written before numbers were kept; one below
    the sample's where there is none."""
    given = Number.objects.filter(template_key=series.template, series=series.name).aggregate(most=Max("counted"))
    printed = Document.objects.filter(
        Q(kind=series.template), number__startswith=series.before, number__endswith=series.after
    )
    made = printed.order_by("-created_at").values_list("number", flat=True)[:_RECENT]
    path = split(live.pack.manifest.document.number)
    begun = Letter.objects.filter(template_key=series.template, numbers=None).exclude(state__in=(RELEASED, CANCELLED))
    typed = (look(exact_json.loads(text), path) for text in begun.values_list("data", flat=True)[:_RECENT])
    known = [given["most"], *(series.counted(one) for one in (*made, *typed) if isinstance(one, str))]
    return max((one for one in known if one is not None), default=series.first - 1)

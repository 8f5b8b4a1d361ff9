"""First page of a search as a clerk sees it, over rows written by COPY, beside the bare index.

The query list is fixed: 60 % rare words, 30 % middle ones, 10 % words in more than a tenth of the documents.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from random import Random

from benchmarks.figures import Figure, percentile
from benchmarks.house import house, say

DOCUMENTS, QUERIES, PAGE = 20_000, 200, 50
_COMMON = ("invoice", "total", "delivery", "paper")
_BARE = "SELECT document_id FROM document_search WHERE words @@ to_tsquery('simple', %s) LIMIT %s"


def run() -> Iterator[Figure]:
    """p95 over the list, ours and the index alone."""
    with house():
        say(f"{DOCUMENTS} documents")
        began = time.monotonic()
        _fill()
        yield Figure("search.copy", DOCUMENTS / (time.monotonic() - began), "documents/s with search row")
        words = _queries()
        say(f"{len(words)} queries")
        _times(words[:20], _ours)
        bare, ours = _times(words, _bare), _times(words, _ours)
        yield Figure("search.first-page.p95", percentile(ours, 0.95), "ms", "<=300", baseline=percentile(bare, 0.95))
        yield Figure("search.first-page.median", percentile(ours, 0.5), "ms", baseline=percentile(bare, 0.5))


def _times(words: list[str], ask: Callable[[str], int]) -> list[float]:
    found = []
    for word in words:
        began = time.perf_counter()
        assert ask(word) > 0, word
        found.append((time.perf_counter() - began) * 1000)
    return found


def _ours(word: str) -> int:
    from postroom.documents.queries import Wanted, search
    from postroom.identity.actor import Actor
    from postroom.identity.roles import permissions_of

    clerk = Actor("user:1", frozenset({"clerk"}), frozenset(permissions_of(["clerk"])))
    return len(list(search(clerk, Wanted(text=word))[:PAGE]))


def _bare(word: str) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(_BARE, (f"'{word}':*", PAGE))
        return len(cursor.fetchall())


def _queries() -> list[str]:
    random = Random(7)
    rare = [f"n{random.randrange(DOCUMENTS):06d}" for _ in range(QUERIES * 6 // 10)]
    middle = [f"m{random.randrange(200):03d}" for _ in range(QUERIES * 3 // 10)]
    common = [random.choice(_COMMON) for _ in range(QUERIES // 10)]
    words = rare + middle + common
    random.shuffle(words)
    return words


def _text(number: int, random: Random) -> str:
    """About 120 words: one of its own, ten that 200 documents in all share out, and words of everyday."""
    own = [f"n{number:06d}", *(f"m{random.randrange(200):03d}" for _ in range(10))]
    usual = [f"w{min(int(random.paretovariate(0.9)), 5000)}" for _ in range(100)]
    common = [word for word in _COMMON if random.random() < 0.4]
    return " ".join([*own, *usual, *common])


def _fill() -> None:
    from django.db import connection, transaction

    from postroom.documents.models import Folder
    from postroom.documents.rows import DocumentRows, NewDocument
    from postroom.kernel import clock
    from postroom.kernel.ids import new_id
    from postroom.parties.actions.meet_parties import Acquaintance, meet_parties
    from postroom.vault.write import Batch

    batch = Batch()
    blob = batch.add(b"%PDF-1.7 one page for all")
    batch.sync()
    random = Random(11)
    with transaction.atomic():
        batch.record()
        for folder in range(4):  # the clerk sees three of four
            roles = ["clerk"] if folder else ["auditor"]
            Folder.objects.create(key=f"folder-{folder}", name=f"Folder {folder}", roles=roles)
        people = meet_parties(Acquaintance(f"P-{number}", f"Party {number}", "en") for number in range(500))
    parties = [one.id for one in people.values()]
    for first in range(0, DOCUMENTS, 1000):
        rows = DocumentRows(clock.now())
        for number in range(first, first + 1000):
            rows.document(
                NewDocument(
                    kind="invoice",
                    number=f"I-{number:06d}",
                    title=f"Invoice {number}",
                    party_id=random.choice(parties),
                    folder=f"folder-{1 + number % 3 if random.random() < 0.9 or _queried(number) else 0}",
                    issued_on=dt.date(2026, 1, 1) + dt.timedelta(days=number % 300),
                    amount=None,
                    currency="",
                    language="en",
                    run_id=None,
                    record_id=None,
                    content=blob,
                    pages=1,
                    media_type="application/pdf",
                    data=blob,
                    template_version_id=new_id(),
                    engine="",
                    asset_lock="",
                    fixed_clock=0,
                    reproducible=False,
                    index_text=_text(number, random),
                )
            )
        with transaction.atomic():
            rows.write()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


_RARE: set[int] = set()


def _queried(number: int) -> bool:
    """Documents that a rare word asks for stand where the clerk may see them, so that each query finds some."""
    if not _RARE:
        _RARE.update(int(word[1:]) for word in _queries() if word.startswith("n"))
    return number in _RARE

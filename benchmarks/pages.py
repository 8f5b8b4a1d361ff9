"""Server time of every list and object page over an archive of 100,000 documents, for an operator and a clerk.

``BENCH_DOCUMENTS=1000000`` asks the same of a million. Each page is asked for 30 times in this process, after
a warm-up, through the whole stack of middleware and templates; the baseline of a p95 is its median. CPU is that of
this process and of its session of PostgreSQL together: what the page would take if nobody else were on the machine.
Neither role is an administrator: both see three folders of four.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.archive import Archive, fill
from benchmarks.cpu import of_process
from benchmarks.figures import Figure, percentile
from benchmarks.house import house, say

DOCUMENTS = int(os.environ.pop("BENCH_DOCUMENTS", "100000"))
ASKED, WARM = 30, 3
#: p95, ms.
_PAGE, _SEARCH = "<=150", "<=300"
_LINK = re.compile(r'href="([^"]+)"')
_WORDS: dict[str, Callable[[Random, Archive], str]] = {
    "rare": lambda random, made: f"n{random.randrange(made.documents):07d}",
    "middle": lambda random, made: f"m{random.randrange(200):03d}",
    "common": lambda random, made: random.choice(("invoice", "total", "delivery", "paper")),
}


def run() -> Iterator[Figure]:
    """p95 and median of each page."""
    with house(allowed_hosts="testserver"):
        from postroom.project.install import install_starters
        from postroom.project.warm import warm

        install_starters()
        warm()  # as the web process does
        say(f"an archive of {DOCUMENTS} documents")
        began = time.monotonic()
        made = fill(DOCUMENTS)
        yield Figure("pages.archive", made.documents / (time.monotonic() - began), "documents/s made")
        yield from measure(made)


def measure(made: Archive) -> Iterator[Figure]:
    """Each page of each role. The resident memory of this process may not grow while it answers."""
    for role in ("operator", "clerk"):
        browser = _signed_in(role)
        for name, addresses in pages(made).items():
            if role == "clerk" and _PARTS[name.partition(".")[0]] == "operator":
                continue
            yield from _page(f"pages.{role}.{name}", browser, addresses, _SEARCH if ".words" in name else _PAGE)
    yield from _page("pages.customer.portal", _stranger(), _portal(made), _PAGE)
    yield from _memory(made)


#: Whose pages they are: a clerk sees no runs.
_PARTS = {
    "home": "all",
    "runs": "operator",
    "run": "operator",
    "deliveries": "all",
    "delivery": "all",
    "documents": "all",
    "document": "all",
    "parties": "all",
    "party": "all",
    "set-aside": "operator",
    "outbox": "operator",
    "settings": "operator",
    "templates": "all",
}


def pages(made: Archive) -> dict[str, Callable[[Any, int], str]]:
    """Addresses by name; each is made from the browser and the number of the try, so that no two ask for the same
    words."""
    random = Random(7)

    def plain(address: str) -> Callable[[Any, int], str]:
        return lambda browser, number: address

    def deep(address: str) -> Callable[[Any, int], str]:
        found: list[str] = []

        def ask(browser: Any, number: int) -> str:
            if not found:
                found.append(_deep(browser, address))
            return found[0]

        return ask

    def words(kind: str) -> Callable[[Any, int], str]:
        return lambda browser, number: f"/documents/?q={_WORDS[kind](random, made)}"

    party = f"/parties/{made.favourite}/"
    return {
        "home": plain("/"),
        "home.live": plain("/home/live/"),
        "runs": plain("/runs/"),
        "runs.live": plain("/runs/live/"),
        "runs.deep": deep("/runs/"),
        "run.settled": plain(f"/runs/{made.run}/"),
        "run.settled-live": plain(f"/runs/{made.run}/live/"),
        "run.small": plain(f"/runs/{made.small_run}/"),
        "run.working": plain(f"/runs/{made.run}/#working"),
        "run.working-live": plain(f"/runs/{made.run}/live/#working"),
        "runs.working": plain("/runs/#working"),
        "deliveries": plain("/deliveries/"),
        "deliveries.deep": deep("/deliveries/"),
        "deliveries.failed": plain("/deliveries/?state=failed"),
        "deliveries.failed-deep": deep("/deliveries/?state=failed"),
        "deliveries.in-doubt": plain("/deliveries/?state=in_doubt"),
        "deliveries.run": plain(f"/deliveries/?run={made.run}"),
        "deliveries.run-failed": plain(f"/deliveries/?run={made.run}&state=failed"),
        "deliveries.small-run": plain(f"/deliveries/?run={made.small_run}"),
        "deliveries.party": plain(f"/deliveries/?party={made.favourite_key}"),
        "deliveries.words": lambda browser, number: f"/deliveries/?q=post{random.randrange(made.parties)}@",
        "deliveries.words-name": lambda browser, number: "/deliveries/?q=Harbour",
        "delivery": plain(f"/deliveries/{made.delivery}/"),
        "documents": plain("/documents/"),
        "documents.deep": deep("/documents/"),
        "documents.words-rare": words("rare"),
        "documents.words-middle": words("middle"),
        "documents.words-common": words("common"),
        "documents.words-common-deep": deep("/documents/?q=invoice"),
        "documents.words-two": lambda browser, number: f"/documents/?q=invoice+m{random.randrange(200):03d}",
        "documents.number": lambda browser, number: f"/documents/?q=I-{random.randrange(made.documents):07d}",
        "documents.party": plain(f"/documents/?party={made.favourite_key}"),
        "documents.party-name": plain("/documents/?party=Harbour"),
        "documents.run": plain(f"/documents/?run={made.run}"),
        "documents.amount": plain("/documents/?min=99&max=101"),
        "documents.date": plain("/documents/?from=2026-01-01&to=2026-12-31"),
        "document": plain(f"/documents/{made.document}/"),
        "parties": plain("/parties/"),
        "parties.deep": deep("/parties/"),
        "parties.words": lambda browser, number: f"/parties/?q=harbour+paper+{random.randrange(100)}",
        "party": plain(party),
        "set-aside": plain("/set-aside/"),
        "outbox": plain("/outbox/"),
        "templates": plain("/templates/"),
        "settings.channels": plain("/settings/channels/"),
        "settings.health": plain("/settings/health/"),
    }


def _deep(browser: Any, address: str) -> str:
    """The address of the tenth page, as the links lead to it."""
    for _ in range(9):
        older = [link for link in _LINK.findall(str(browser.get(address).content.decode())) if "before=" in link]
        if not older:
            break
        address = unescape(older[-1])
    return address


def _page(name: str, browser: Any, address: Callable[[Any, int], str], budget: str) -> Iterator[Figure]:
    working = address(browser, 0).endswith("#working")
    if working:
        _reopen(True)
    times: list[float] = []
    backend = _backend()
    for number in range(WARM + ASKED):
        if number == WARM:
            worked = time.process_time() + of_process(backend)
        asked = address(browser, number).partition("#")[0]
        began = time.perf_counter()
        answer = browser.get(asked)
        took = (time.perf_counter() - began) * 1000
        assert answer.status_code == 200, (asked, answer.status_code)
        if number >= WARM:
            times.append(took)
    if working:
        _reopen(False)
    worked = (time.process_time() + of_process(backend) - worked) * 1000 / ASKED
    yield Figure(f"{name}.p95", percentile(times, 0.95), "ms", budget, baseline=percentile(times, 0.5))
    yield Figure(f"{name}.cpu", worked, "ms of CPU, PostgreSQL's too")


def _backend() -> int:
    """Process id of the session of PostgreSQL that serves us."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def _reopen(working: bool) -> None:
    """The big run as it is while it works, its rows counted at each look, and back. It is the newest one."""
    from postroom.production.balance import keep_forgotten
    from postroom.production.models import SETTLED, WORKING, KeptBalance, Run

    newest = Run.objects.order_by("-started_at").values("pk")[:1]
    Run.objects.filter(pk__in=newest).update(state=WORKING if working else SETTLED)
    if working:
        KeptBalance.objects.filter(run__in=newest).delete()
    else:
        keep_forgotten()


def _signed_in(role: str) -> Any:
    from django.test import Client

    from postroom.identity.models import User

    user, _ = User.objects.get_or_create(email=f"{role}@example.org", defaults={"name": role, "roles": [role]})
    browser = Client()
    browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return browser


def _stranger() -> Any:
    from django.test import Client

    return Client()


def _portal(made: Archive) -> Callable[[Any, int], str]:
    from urllib.parse import urlsplit

    from postroom.parties.portal import portal_link

    path = urlsplit(portal_link(made.favourite, 0)).path
    return lambda browser, number: f"{path}documents/"


def _memory(made: Archive) -> Iterator[Figure]:
    """Resident memory after 300 more pages against before."""
    browser, addresses = _signed_in("clerk"), ("/documents/", "/documents/?q=invoice", "/deliveries/", "/parties/")
    for address in addresses * 5:
        browser.get(address)
    before = _resident()
    for number in range(300):
        browser.get(addresses[number % len(addresses)])
    yield Figure("pages.memory", _resident(), "MiB after 300 pages", f"<={before * 1.1:.0f}", baseline=before)


def _resident() -> float:
    with Path("/proc/self/statm").open(encoding="ascii") as figures:
        return int(figures.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

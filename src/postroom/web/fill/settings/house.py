"""Health, and what Postroom is made of."""

from __future__ import annotations

import platform
import re
from collections import Counter
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext, ngettext

import postroom
from postroom.delivery import models as m
from postroom.delivery.models import Delivery, Destination
from postroom.identity.actor import Actor
from postroom.kernel import clock, liveness
from postroom.kernel.models import Worker
from postroom.production.models import DONE, SETTLED, Chunk, Run
from postroom.support import health
from postroom.support.reproducibility import REPRODUCIBILITY
from postroom.web import assets, words
from postroom.web.fill.settings.alarms import alarm_rows
from postroom.web.fill.settings.tabs import tabs
from postroom.web.pages import AboutPage, Fact, FindingRow, HealthPage, PackageRow, PackageTable, ReasonForm

_ROW = re.compile(r"^\|(.+)\|\s*$")


def health_page(actor: Actor, refused: ReasonForm | None = None) -> HealthPage:
    """``refused``: the question of an alarm that was answered without a reason."""
    alarms = alarm_rows(actor, refused)
    found = [*health.examine(start_database=False), assets.examined()]
    house = tuple(
        FindingRow(what=one.what, state=one.state, told=one.told, hint=one.hint if one.state != "ok" else "")
        for one in found
        if not (alarms and one.what == REPRODUCIBILITY)  # told in full, with what to do, above
    )
    work = _work()
    wrong = sum(1 for row in (*house, *work) if row.state == "wrong") + len(alarms)
    summary = (
        ngettext("{count} thing needs mending.", "{count} things need mending.", wrong).format(count=wrong)
        if wrong
        else gettext("Everything needed is there and answers.")
    )
    return HealthPage(tabs=tabs(actor, "health"), summary=summary, wrong=wrong, house=house, work=work, alarms=alarms)


def _work() -> tuple[FindingRow, ...]:
    """Who works at the moment, and what waits."""
    alive = Worker.objects.filter(lock__in=liveness.held_locks())
    teams = Counter((worker.host, worker.roles.replace(",", ", ")) for worker in alive.order_by("host", "roles"))
    workers = [f"{host}: {count} × {roles}" for (host, roles), count in teams.items()]
    others = sorted({(worker.version, worker.host) for worker in alive if worker.version != postroom.__version__})
    runs = Run.objects.exclude(state=SETTLED).count()
    chunks = Chunk.objects.exclude(state=DONE).count()
    due = Delivery.objects.filter(state=m.READY, next_attempt_at__lte=clock.now()).count()
    later = Delivery.objects.filter(state=m.READY, next_attempt_at__gt=clock.now()).count()
    doubt = Delivery.objects.filter(state=m.IN_DOUBT).count()
    off = list(Destination.objects.filter(enabled=False).order_by("key").values_list("key", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        size = int(cursor.fetchone()[0])
    return (
        FindingRow(
            what=gettext("Workers"),
            state="ok" if workers else "wrong",
            told="; ".join(workers) or gettext("Nobody works: runs and deliveries wait."),
            hint="" if workers else gettext("Start them: postroom serve, or postroom worker on another machine."),
        ),
        *_of_another_release(others),
        FindingRow(
            what=gettext("Runs under way"),
            state="ok",
            told=gettext("{runs}, with {chunks} chunks to be made").format(
                runs=words.count(runs), chunks=words.count(chunks)
            ),
        ),
        FindingRow(
            what=gettext("Deliveries"),
            state="note" if doubt else "ok",
            told=gettext("{due} due now, {later} to be tried later, {doubt} in doubt").format(
                due=words.count(due), later=words.count(later), doubt=words.count(doubt)
            ),
            hint=gettext("Somebody has to decide those in doubt.") if doubt else "",
        ),
        FindingRow(
            what=gettext("Destinations"),
            state="note" if off else "ok",
            told=gettext("not in use: {keys}").format(keys=", ".join(off)) if off else gettext("all in use"),
        ),
        FindingRow(what=gettext("Size of the database"), state="ok", told=words.size(size)),
    )


def _of_another_release(others: Sequence[tuple[str, str]]) -> tuple[FindingRow, ...]:
    """A worker whose tables are the same is let in (``project/joining.py``); that it is another one is told."""
    if not others:
        return ()
    return (
        FindingRow(
            what=gettext("Versions of the workers"),
            state="note",
            told=gettext("This is version {own}; also at work: {others}").format(
                own=postroom.__version__, others=", ".join(f"{release} ({host})" for release, host in others)
            ),
            hint=gettext("Install the same version everywhere, so that all do the same."),
        ),
    )


def about_page(actor: Actor) -> AboutPage:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        server = str(cursor.fetchone()[0])
    return AboutPage(
        tabs=tabs(actor, "about"),
        facts=(
            Fact(label=gettext("Version"), value=postroom.__version__),
            Fact(label=gettext("Licence"), value="Apache-2.0"),
            Fact(label="Python", value=platform.python_version()),
            Fact(label="PostgreSQL", value=server),
            Fact(label=gettext("Address of the portal"), value=settings.CONFIG.public_url),
        ),
        tables=third_parties(),
    )


def third_parties() -> tuple[PackageTable, ...]:
    """The tables of THIRD-PARTY.md, which travels in the wheel, with the versions that are installed here."""
    text = _third_party_text()
    tables: list[PackageTable] = []
    title, rows = "", list[PackageRow]()
    for line in [*text.splitlines(), "## end"]:
        if line.startswith("#"):
            if rows:
                tables.append(PackageTable(title=title, rows=tuple(rows)))
            title, rows = line.lstrip("# ").strip(), []
        elif (match := _ROW.match(line)) and not set(line) <= set("|-: "):
            cells = [cell.strip().replace("`", "") for cell in match[1].split("|")]
            if len(cells) >= 3 and cells[0] not in ("package", "font", "what", "name"):
                rows.append(PackageRow(name=cells[0], licence=cells[1], what_for=cells[2], version=_version(cells[0])))
    return tuple(tables)


def _third_party_text() -> str:
    name = "THIRD-PARTY.md"
    try:
        for file in distribution("postroom").files or ():
            if file.name == name:
                return file.read_text()
    except (PackageNotFoundError, OSError):
        pass
    beside = Path(postroom.__file__).parents[2] / name
    return beside.read_text("utf-8") if beside.is_file() else ""


def _version(name: str) -> str:
    try:
        return version(name)
    except (PackageNotFoundError, ValueError):
        return ""

"""/metrics: closed until opened, true to the balance, cheap, and without a word about persons."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_open
from prometheus_client.parser import text_string_to_metric_families as read_text

from api_kit import World
from postroom.kernel import meters
from postroom.kernel.home import Home
from served_kit import rude_mail, served, until, write_records

TOKEN = "scrape-" + "7" * 30
#: Most questions one gathering asks of the database, whatever there is to count.
BUDGET = 18
Numbers = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def numbers_in(page: str) -> Numbers:
    """Every sample of a page."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in read_text(page)
        for sample in family.samples
    }


def of(numbers: Numbers, name: str, **labels: str) -> float:
    return numbers.get((f"postroom_{name}", tuple(sorted(labels.items()))), 0.0)


def gathered() -> Any:
    from postroom.project.metrics.gather import Gatherer

    return Gatherer().take()


def page() -> str:
    from postroom.project.metrics.gather import answer

    return answer(gathered(), 0.0)[0].decode()


@pytest.fixture
def scrape(db: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """``scrape(Authorization=...)``: a request as Prometheus sends it, to a process that has gathered nothing yet."""
    from django.test import Client

    from postroom.project.metrics.gather import gatherer

    gatherer.cache_clear()
    for name in ("POSTROOM_METRICS_TOKEN", "POSTROOM_METRICS_TOKEN_FILE", "POSTROOM_METRICS_LOOPBACK"):
        monkeypatch.delenv(name, raising=False)

    def ask(address: str = "127.0.0.1", **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Client(raise_request_exception=False).get("/metrics", headers=named, REMOTE_ADDR=address)

    return ask


# --- the door ---------------------------------------------------------------------------------------------------------


def test_p7_without_configuration_there_is_nothing_at_this_address(scrape: Callable[..., Any]) -> None:
    # given nothing configured, then neither this host nor anybody with a token finds anything
    assert scrape().status_code == 404
    assert scrape(Authorization=f"Bearer {TOKEN}").status_code == 404


def test_p7_a_token_opens_it_and_only_that_token(
    scrape: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # given a token in a file
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    monkeypatch.setenv("POSTROOM_METRICS_TOKEN_FILE", str(tmp_path / "token"))
    # then who shows it is answered, from anywhere, and nobody else, not even on this host
    assert scrape("203.0.113.9", Authorization=f"Bearer {TOKEN}").status_code == 200
    for shown in ("", "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer \u00e9"):
        answer = scrape(Authorization=shown)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer"), shown


def test_p7_this_host_may_ask_when_allowed_and_no_proxy_speaks_for_somebody(
    scrape: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTROOM_METRICS_LOOPBACK", "1")
    # then this host is answered, others are not, nor whom a proxy on this host speaks for
    assert scrape("127.0.0.1").status_code == scrape("::1").status_code == 200
    assert scrape("203.0.113.9").status_code == 404
    assert scrape("127.0.0.1", X_Forwarded_For="203.0.113.9").status_code == 404
    monkeypatch.setenv("POSTROOM_BEHIND_PROXY", "1")
    assert scrape("127.0.0.1").status_code == 404


def test_a_token_that_protects_nothing_is_refused(
    scrape: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from postroom.kernel.config import BadSetting
    from postroom.project.metrics.door import token

    monkeypatch.setenv("POSTROOM_METRICS_TOKEN", "short")
    with pytest.raises(BadSetting, match="5 characters"):
        token()
    (tmp_path / "empty").touch()
    monkeypatch.setenv("POSTROOM_METRICS_TOKEN_FILE", str(tmp_path / "empty"))
    with pytest.raises(BadSetting, match="0 characters"):
        token()
    monkeypatch.setenv("POSTROOM_METRICS_TOKEN_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(BadSetting, match="cannot be read"):
        token()
    assert scrape(Authorization="Bearer short").status_code == 422  # told, and closed


def test_both_formats_are_answered(scrape: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    monkeypatch.setenv("POSTROOM_METRICS_LOOPBACK", "1")
    plain = scrape()
    opened = scrape(Accept="application/openmetrics-text; version=1.0.0")
    assert plain.headers["Content-Type"].startswith("text/plain; version=")
    assert opened.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    assert opened.content.decode().endswith("# EOF\n")
    # and both say the same
    told = {family.name for family in read_open(opened.content.decode())}
    assert {family.name for family in read_text(plain.content.decode())} == told


# --- the numbers ------------------------------------------------------------------------------------------------------


def test_p3_the_numbers_are_those_of_the_balance(world: World) -> None:
    from postroom.production.balance import balance
    from postroom.production.models import Run

    # given one run, held open
    Run.objects.update(state="working", settled_at=None)
    counted = balance(Run.objects.get().pk)
    # when the numbers are gathered
    numbers = numbers_in(page())
    # then they are those of its balance
    assert of(numbers, "up") == 1
    assert of(numbers, "runs", state="working") == 1
    for state, number in counted.records.items():
        assert of(numbers, "run_records", state=state) == number, state
    assert of(numbers, "balance_difference", kind="records") == 0
    assert of(numbers, "balance_difference", kind="deliveries") == 0
    assert sum(value for (name, _), value in numbers.items() if name == "postroom_set_aside") == 1


def test_p3_planted_a_record_that_is_lost_shows_in_the_difference(world: World) -> None:
    from postroom.production.models import Run

    Run.objects.update(received=7)  # four came, and somebody says seven
    numbers = numbers_in(page())
    assert of(numbers, "balance_difference", kind="records") == 3


def test_queues_tell_their_depth_and_the_age_of_what_waits(world: World) -> None:
    import datetime as dt

    from postroom.delivery.models import Delivery
    from postroom.kernel import clock

    # given three deliveries that should have gone, the oldest ten minutes ago, and none in doubt but one
    first, *others = Delivery.objects.order_by("pk")
    old = clock.now() - dt.timedelta(minutes=10)
    Delivery.objects.filter(pk__in=[row.pk for row in others]).update(state="ready", next_attempt_at=old)
    Delivery.objects.filter(pk=first.pk).update(state="in_doubt")
    # then the queue says so
    numbers = numbers_in(page())
    ready = {row.destination_id for row in others}
    assert sum(of(numbers, "delivery_queue", destination=key) for key in ready) == len(others)
    assert max(of(numbers, "delivery_oldest_due_seconds", destination=key) for key in ready) == pytest.approx(
        600, abs=9
    )
    assert of(numbers, "deliveries", channel=first.channel, state="in_doubt") == 1


def test_a_living_worker_is_counted_and_a_dead_one_is_not(world: World) -> None:
    from postroom.kernel.liveness import WorkerLock

    lock = WorkerLock("render,sweep").take()
    try:
        numbers = numbers_in(page())
        assert of(numbers, "workers", role="render") == of(numbers, "workers", role="sweep") == 1
        assert of(numbers, "workers", role="deliver") == 0
    finally:
        lock.release()
    deadline = time.monotonic() + 5
    while of(numbers_in(page()), "workers", role="render") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert of(numbers_in(page()), "workers", role="render") == 0


def test_all_that_is_told_is_in_the_catalogue_and_the_reverse(world: World) -> None:
    from postroom.project.metrics.catalogue import CATALOGUE, COUNTER
    from postroom.project.metrics.gather import families

    # given the names the gathering hands out, before they are sorted into the catalogue
    taken = gathered()
    named = {f"postroom_{name}" for name, _, _ in taken.told} | {"postroom_gather_age_seconds"}
    known = {metric.name: metric for metric in CATALOGUE}
    assert named <= set(known)
    assert {name for name, metric in known.items() if not metric.meters} - named <= {
        "postroom_backup_age_seconds",
        "postroom_tasks",  # when no task waits
        "postroom_set_aside",
        "postroom_ledger_checkpoint_age_seconds",  # before the first head
        "postroom_process_cpu_seconds_total",
        "postroom_process_memory_bytes",
    }
    for family in families(taken):
        metric = known.get(family.name) or known[f"{family.name}_total"]
        assert metric.name.endswith("_total") == (metric.kind == COUNTER)
        for sample in family.samples:
            assert set(sample.labels) - {"le"} == set(metric.labels), sample


# --- the price --------------------------------------------------------------------------------------------------------


def _asked() -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from postroom.project.metrics.rows import samples

    with CaptureQueriesContext(connection) as queries:
        samples()
    return len(queries)


def test_a_gathering_asks_a_bounded_number_of_questions(world: World) -> None:
    from postroom.kernel.ids import new_id
    from postroom.production.models import KeptBalance, Run

    # given one run whose balance has to be counted, then thirty more
    Run.objects.update(state="working", settled_at=None)
    KeptBalance.objects.all().delete()
    few = _asked()
    run = Run.objects.get()
    copies = []
    for number in range(30):
        values = {field.attname: getattr(run, field.attname) for field in Run._meta.concrete_fields}
        copies.append(Run(**values | {"id": new_id(), "ref": f"R-{number}", "run_key": f"k{number}", "received": 0}))
    Run.objects.bulk_create(copies)
    many = _asked()
    # then the questions are as many, and few
    assert over_budget(few, many) == []


def over_budget(few: int, many: int) -> list[str]:
    found = [f"{many} questions are asked, {BUDGET} are allowed"] if many > BUDGET else []
    return found + ([f"{many - few} more are asked for more rows"] if many > few else [])


def test_planted_a_question_for_each_run_is_noticed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from postroom.project.metrics import rows

    few = _asked()

    def one_by_one(cursor: Any) -> Any:
        for number in range(30):
            cursor.execute("SELECT count(*) FROM run_record WHERE ordinal = %s", [number])
        return iter(())

    monkeypatch.setattr(rows, "PARTS", (*rows.PARTS, one_by_one))
    assert len(over_budget(few, _asked())) == 2


def test_gathered_numbers_are_kept_as_long_as_they_were_dear() -> None:
    from postroom.project.metrics.gather import KEPT, SHARE, Gatherer

    # given rows that take two seconds to count
    now, asked = [100.0], []

    def ask() -> list[Any]:
        asked.append(now[0])
        now[0] += 2
        return []

    gatherer = Gatherer(ask, lambda: now[0])
    gatherer.take()
    # when it is scraped every second, then they are counted again only after twenty times as long
    while now[0] < 102 + 2 * SHARE - 1:
        gatherer.take()
        now[0] += 1
    assert asked == [100.0]
    now[0] += 2
    gatherer.take()
    assert len(asked) == 2
    # and what costs nothing is kept ten seconds
    assert SHARE * 2 > KEPT == 10


def test_one_gathers_while_others_are_answered_with_what_is_there() -> None:
    import threading

    from postroom.project.metrics.gather import Gatherer

    began, go_on, calls = threading.Event(), threading.Event(), []

    def ask() -> list[Any]:
        calls.append(1)
        if len(calls) > 1:
            began.set()
            go_on.wait(10)
        return []

    now = [0.0]
    gatherer = Gatherer(ask, lambda: now[0])
    first = gatherer.take()
    now[0] = 1000.0
    other = threading.Thread(target=gatherer.take)
    other.start()
    assert began.wait(10)
    assert gatherer.take() is first  # at once, while the other counts
    go_on.set()
    other.join(10)
    assert len(calls) == 2
    assert gatherer.take() is not first


def test_without_the_database_the_rest_is_told_and_that_it_is_away(db: str) -> None:
    from django.db import OperationalError

    from postroom.project.metrics.gather import Gatherer, answer

    def ask() -> list[Any]:
        raise OperationalError("connection refused")

    numbers = numbers_in(answer(Gatherer(ask).take(), 0.0)[0].decode())
    assert of(numbers, "up") == 0 and ("postroom_up", ()) in numbers
    assert not any(name == "postroom_runs" for name, _ in numbers)
    assert of(numbers, "disk_free_bytes") > 0


def test_the_age_of_the_last_backup_is_told_once_there_is_one(db: str, home: Home) -> None:
    from postroom.kernel import clock
    from postroom.kernel.backup import LAST_BACKUP

    assert ("postroom_backup_age_seconds", ()) not in numbers_in(page())
    (home.root / LAST_BACKUP).write_text(clock.now().isoformat(timespec="seconds") + "\n")
    assert 0 <= numbers_in(page())["postroom_backup_age_seconds", ()] < 60


# --- the meters of processes ------------------------------------------------------------------------------------------

_COUNTS = """
import sys, time
from postroom.kernel import meters
meters.METERS.begin("render-9")
for _ in range(5):
    meters.count("postroom_documents_composed_total", 3)
meters.observe("postroom_chunk_stage_seconds", 0.3, stage="compose")
meters.hold("postroom_event_streams", 4)
print("counted", flush=True)
time.sleep(60)
"""


def test_what_a_killed_process_counted_is_kept_once(db: str, home: Home) -> None:
    from postroom.project.metrics.meters import gather_meters

    key = meters.key_of("postroom_documents_composed_total", ())
    # given a process that has counted
    process = subprocess.Popen([sys.executable, "-c", _COUNTS], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process, process.stdout:
        assert process.stdout.readline() == "counted\n"
        alive = gather_meters()
        assert ("render-9", process.pid) in {(who.name, who.pid) for who in alive.living}
        before = alive.numbers[key]
        # when it is killed
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    # then its counts stay, each once, however often they are read; what it held is gone with it, and so is its file
    for _ in range(3):
        gone = gather_meters()
        assert gone.numbers[key] == before == 15
        assert gone.numbers[meters.key_of("postroom_chunk_stage_seconds", (("stage", "compose"),), "0.5")] == 1
        assert meters.key_of("postroom_event_streams", ()) not in gone.numbers
    assert not list(meters.folder().glob(f"*.{process.pid}.*"))


def test_a_fold_that_was_cut_short_counts_nothing_twice(db: str, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    from postroom.project.metrics import meters as gathering

    key = meters.key_of("postroom_documents_composed_total", ())
    process = subprocess.run(
        [sys.executable, "-c", _COUNTS.replace("time.sleep(60)", "")], capture_output=True, check=True, timeout=30
    )
    assert process.returncode == 0
    # given a gatherer that dies after the sums were written and before the files are removed
    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", _die)
        with pytest.raises(KeyboardInterrupt):
            gathering.gather_meters()
    assert list(meters.folder().glob("render-9.*"))
    # then the next one counts them once
    assert gathering.gather_meters().numbers[key] == 15
    assert not list(meters.folder().glob("render-9.*"))


def _die(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt


def test_a_file_that_is_torn_or_foreign_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    page = meters.Page(tmp_path / f"p.1.1.0{meters.SUFFIX}")
    page.add("one", 1.5)
    page.add("two", 2)
    page.close()
    whole = (tmp_path / f"p.1.1.0{meters.SUFFIX}").read_bytes()
    assert meters.read_page(whole) == {"one": 1.5, "two": 2.0}
    assert meters.read_page(whole[:45]) == {"one": 1.5}
    for torn in (b"", b"PRMETER1", b"\0" * 4096, whole[:20], b"PRMETER1" + b"\xff" * 200):
        assert len(meters.read_page(torn)) < 2


def test_a_disk_without_room_costs_the_numbers_and_not_the_work(
    db: str, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    own = meters.Meters()
    own.count("postroom_documents_composed_total", (), 1)  # nothing is raised
    assert not list(meters.folder().glob(f"process.{os.getpid()}.*"))


# --- no persons -------------------------------------------------------------------------------------------------------

CANARY = "Anneliese Kanarienvogel"


def leaks(text: str) -> list[str]:
    """Lines in which a person of the test stands."""
    return [line for line in text.splitlines() if "anneliese" in line.lower() or "kanarien" in line.lower()]


def test_labels_never_hold_what_is_not_a_name_of_ours(world: World) -> None:
    from postroom.production.models import SetAside

    # given a template whose check names its code after the person, and a plugin that calls its outcomes so
    SetAside.objects.update(code=f"no address for {CANARY}"[:60])
    meters.count("postroom_attempts_total", channel="email", outcome=f"{CANARY} <a.k@example.org>")
    meters.observe("postroom_http_request_seconds", 0.1, route=f"/parties/{CANARY}/", method="GET", status=200)
    # then the page names neither, and tells both under another name
    told = page()
    assert leaks(told) == []
    assert 'postroom_set_aside{code="other"} 1.0' in told
    assert 'outcome="other"' in told


def test_planted_a_person_in_a_label_is_noticed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from postroom.production.models import SetAside
    from postroom.project.metrics import rows

    SetAside.objects.update(code=CANARY)
    monkeypatch.setattr(rows, "label", str)
    assert len(leaks(page())) == 1


def test_more_labels_than_anybody_reads_are_counted_together(db: str, home: Home) -> None:
    own = meters.Meters()
    for number in range(1000):
        own.count("postroom_attempts_total", (("channel", "email"), ("outcome", f"o-{number}")), 1)
    assert own._page is not None
    found = meters.read_page(own._page.path.read_bytes())
    assert len(found) == meters._MOST_SETS + 1
    assert sum(found.values()) == 1000


# --- a whole installation ---------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_p3_a_served_installation_tells_during_and_after_a_run_what_its_balance_says(tmp_path: Path) -> None:
    import json

    with rude_mail() as mail, served() as house:
        # given an installation that is served, with a mail server that refuses one and defers one
        house.start()
        settings = (
            "host=127.0.0.1",
            f"port={mail.port}",
            "security=none",
            "sender_name=X",
            "sender_address=x@y.example",
        )
        house.command("channel", "set", "email", "email", *settings)
        records = tmp_path / "records.jsonl"
        received = write_records(records, 60)
        # when a run is started, and scraped as long as it is open
        ref = json.loads(house.command("run", "invoice", str(records), "--to", "email", "--no-wait", "--json"))["run"]
        seen: list[Numbers] = []

        def over() -> bool:
            seen.append(numbers_in(house.metrics()))
            balance = json.loads(house.command("runs", "show", ref, "--json"))
            return not balance["in_progress"] and balance["received"] == received

        assert until(over, 150), house.logs()
        balance = json.loads(house.command("runs", "show", ref, "--json"))
        time.sleep(10.5)  # until the rows are read again
        last = numbers_in(house.metrics())
        # then nothing was ever missing, and counters never fell
        for numbers in (*seen, last):
            assert of(numbers, "up") == 1
            assert of(numbers, "balance_difference", kind="records") == 0
            assert of(numbers, "balance_difference", kind="deliveries") == 0
        composed = [of(numbers, "documents_composed_total") for numbers in (*seen, last)]
        assert composed == sorted(composed)
        # and at the end the processes have counted what the rows say
        deliveries = balance["deliveries"]
        assert composed[-1] == balance["documents"] == deliveries["created"]
        assert of(last, "attempts_total", channel="email", outcome="sent") == deliveries["delivered"]
        assert of(last, "attempts_total", channel="email", outcome="refused") <= deliveries["failed"] > 0
        set_aside = sum(value for (name, _), value in last.items() if name == "postroom_set_aside")
        assert set_aside == balance["set_aside"] >= received - 60
        for stage in ("map", "validate", "meet", "determine", "compose", "store", "commit"):
            assert of(last, "chunk_stage_seconds_count", stage=stage) >= 7, stage
        sends = of(last, "send_seconds_count", channel="email")
        assert sends == sum(value for (name, _), value in last.items() if name == "postroom_attempts_total")
        assert all(of(last, "workers", role=role) >= 1 for role in ("render", "read", "deliver", "sweep"))
        for name in ("web", "render-1", "deliver-1", "events"):
            assert of(last, "process_memory_bytes", process=name) > 10 << 20, name
            assert of(last, "process_cpu_seconds_total", process=name) > 0, name
        assert of(last, "vault_bytes") > 0 and of(last, "ledger_entries") > balance["documents"]
        assert of(last, "http_request_seconds_count", method="GET", route="metrics", status="200") >= 1
        # and nobody's name is on any page
        assert leaks(house.metrics()) == []

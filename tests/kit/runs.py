"""Runs carried through in the test's own process, and the terminal as a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from api_kit import carry_through, records
from postroom.kernel import clock

Change = Callable[[dict[str, Any]], None]


def write(folder: Path, content: str | bytes | list[Any], name: str = "orders.jsonl") -> Path:
    """A file of records: a list becomes one JSON object a line, text inside it stays as it is."""
    if isinstance(content, list):
        content = "\n".join(each if isinstance(each, str) else json.dumps(each, ensure_ascii=False) for each in content)
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def start(path: Path, template: str = "invoice", **options: Any) -> Any:
    """Start a run of ``path`` as the system; the Run."""
    from postroom.identity.actor import SYSTEM
    from postroom.production.actions.start_run import start_run

    return start_run(SYSTEM, template=template, path=path, **options).run


def balance_of(run: Any) -> Any:
    from postroom.production.balance import balance

    return balance(run.pk)


def through(path: Path, template: str = "invoice", **options: Any) -> Any:
    """Start a run and carry it to its end here; the Run, which balances."""
    run = start(path, template, **options)
    carry_through(run.pk)
    counted = balance_of(run)
    assert (counted.records_difference, counted.deliveries_difference) == (0, 0)
    return run


def problems_of(run: Any) -> list[tuple[int, str, dict[str, Any]]]:
    """Line, stage and first problem of each record that is set aside, in the order of the file."""
    from postroom.identity.actor import SYSTEM
    from postroom.production import queries

    return [(row.record.line, row.stage, row.problems[0]) for row in queries.set_aside_of(SYSTEM, run)]


def changed(*changes: Change, count: int = 3) -> list[Any]:
    """``count`` good records; the second one bears the changes."""
    made = records(count)
    for change in changes:
        change(made[1])
    return made


def postroom(*arguments: str, timeout: float = 60, **environment: str) -> subprocess.CompletedProcess[str]:
    """The terminal, with the database and home of this test."""
    return subprocess.run(
        [sys.executable, "-m", "postroom.cli.app", *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        env={**os.environ, **environment},
        check=False,
    )


def settled(run: Any, seconds: float = 20.0, *, hurry: bool = False) -> Any:
    """Deliver here until nothing is in progress any more: retries come due, the sweep asks and wakes. The balance.

    ``hurry`` makes what waits for its next try due at once: a channel may wish for minutes.
    """
    from postroom.delivery.dispatch import dispatch, due_destinations
    from postroom.delivery.models import Delivery
    from postroom.production.models import READY, Chunk
    from postroom.production.pipeline import compose_chunk
    from postroom.production.recovery import sweep
    from postroom.production.settling import settle_run

    deadline = time.monotonic() + seconds
    while not settle_run(run.pk):
        assert time.monotonic() < deadline, f"not settled: {balance_of(run)}"
        for chunk_id in list(Chunk.objects.filter(run=run, state=READY).values_list("pk", flat=True)):
            compose_chunk(chunk_id)
        if hurry:
            Delivery.objects.filter(state="ready").update(next_attempt_at=clock.now())
        for destination in due_destinations():
            dispatch(destination)
        sweep()
        time.sleep(0.05)
    return balance_of(run)

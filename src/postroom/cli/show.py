"""How the terminal shows things: JSON for programs, quiet tables for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

if TYPE_CHECKING:
    from postroom.production.balance import Balance
    from postroom.production.models import Run

#: Through a pipe there is no width: leave long lines whole for whoever cuts them.
console = Console(highlight=False, width=None if sys.stdout.isatty() else 200)
errors = Console(stderr=True, highlight=False)


def as_json(value: Any) -> None:
    """One JSON value on standard output, and nothing else."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")


def as_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """A table, or one sentence when there is nothing."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        right = column.startswith(">")
        table.add_column(column.lstrip(">"), justify="right" if right else "left", overflow="fold")
    count = 0
    for row in rows:
        table.add_row(*(("" if cell is None else str(cell)) for cell in row))
        count += 1
    if count:
        console.print(table)
    else:
        console.print(empty)


class RunProgress:
    """The live display of a run: received, composed and delivered, with what was set aside."""

    def __init__(self, title: str, *, quiet: bool) -> None:
        self.title, self.quiet = title, quiet
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> RunProgress:
        if not self.quiet:
            self._progress = Progress(
                TextColumn("{task.description}"),
                BarColumn(bar_width=32),
                TextColumn("{task.completed:>6.0f} of {task.total:.0f}"),
                TextColumn("{task.fields[note]}"),
                TimeElapsedColumn(),
                console=errors,
                transient=False,
            )
            self._progress.start()
            self._task = self._progress.add_task(self.title, total=1, note="")
        return self

    def __exit__(self, *exc: object) -> None:
        if self._progress is not None:
            self._progress.stop()

    def update(self, balance: Balance) -> None:
        """Show the balance of this moment."""
        if self._progress is None or self._task is None:
            return
        done = balance.received - balance.records["in_progress"]
        notes = [f"{balance.documents} composed", f"{balance.deliveries['delivered']} delivered"]
        if balance.records["set_aside"]:
            notes.append(f"{balance.records['set_aside']} set aside")
        self._progress.update(self._task, total=max(balance.received, 1), completed=done, note=", ".join(notes))


def balance(run: Run, counted: Balance) -> None:
    """The two balances as equations."""
    parts = [f"{count} {name.replace('_', ' ')}" for name, count in counted.records.items() if count]
    console.print(f"[bold]{run.ref}[/bold]  {counted.received} received = {' + '.join(parts) or '0'}")
    parts = [f"{count} {name.replace('_', ' ')}" for name, count in counted.deliveries.items() if count]
    console.print(f"{' ' * len(run.ref)}  {counted.created} deliveries = {' + '.join(parts) or '0'}")
    difference = counted.records_difference, counted.deliveries_difference
    verdict = "balances" if difference == (0, 0) else "[bold red]DOES NOT BALANCE[/bold red]"
    console.print(f"{' ' * len(run.ref)}  difference {difference[0]} and {difference[1]}: {verdict}")
    if counted.records["set_aside"]:
        console.print(f"{' ' * len(run.ref)}  see what was set aside: postroom records list {run.ref}")

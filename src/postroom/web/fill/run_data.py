"""The data of a run as files, on its page: what is written, what is being written, what does not fit."""

from __future__ import annotations

from django.urls import reverse

from postroom.identity.actor import Actor
from postroom.production.actions.export_data import newest
from postroom.production.models import DataOutput, Run
from postroom.web import words
from postroom.web.pages.runs import DataFile


def files_of(actor: Actor, run: Run) -> tuple[DataFile, ...]:
    """The last file of each layout, for who may see the data."""
    return tuple(_file(run, output) for output in newest(actor, run))


def _file(run: Run, output: DataOutput) -> DataFile:
    ready = output.state == DataOutput.READY
    return DataFile(
        file=output.file_name,
        url=reverse("run-data", args=[run.ref, output.layout]) if ready else "",
        size=words.size(output.size) if ready else "",
        records=output.records,
        rows=output.rows,
        sums=tuple(output.sums.items()) if ready else (),
        waits=output.state == DataOutput.WAITING,
        reason=str(output.problem.get("reason", "")),
        hint=str(output.problem.get("hint", "")),
    )

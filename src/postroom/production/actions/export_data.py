"""Hand out the data of a run as the file a layout makes of it, and make it anew."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction
from django.db.models import QuerySet

from postroom.composition.problems import suggestion
from postroom.composition.queries import live_pack
from postroom.documents.models import Document
from postroom.documents.queries import visible_to
from postroom.identity.actor import Actor
from postroom.kernel.errors import BadInput, Conflict, NotFound
from postroom.ledger.append import Act, append
from postroom.production.dataout import want_one
from postroom.production.models import SETTLED, DataOutput, Run
from postroom.vault.read import read_blob


class NoSuchOutput(NotFound):
    """The run has no data output of that name."""

    code = "unknown-data-output"
    title = "There is no such data output"


class OutputNotReady(Conflict):
    """The data output is not written yet."""

    code = "data-output-not-ready"
    title = "The data is not written yet"


class OutputRefused(BadInput):
    """The data does not fit the layout."""

    code = "data-output-refused"
    title = "The data does not fit the layout"


def outputs_of(actor: Actor, run: Run) -> QuerySet[DataOutput]:
    """The data outputs of a run, newest first. None for who may not see the data of each of its documents: the file
    holds them all."""
    if not actor.may("document.data"):
        return DataOutput.objects.none()
    documents = Document.objects.filter(run_id=run.pk)
    if documents.exclude(pk__in=visible_to(actor).filter(run_id=run.pk).values("pk")).exists():
        return DataOutput.objects.none()
    return DataOutput.objects.filter(run=run).select_related("run").order_by("layout", "-wanted_at", "-pk")


def newest(actor: Actor, run: Run) -> list[DataOutput]:
    """The last of each layout."""
    found: dict[str, DataOutput] = {}
    for output in outputs_of(actor, run):
        found.setdefault(output.layout, output)
    return list(found.values())


def output_of(actor: Actor, run: Run, layout: str) -> DataOutput:
    """The last one of a layout. Raises NoSuchOutput."""
    actor.require_view("document.data")
    known = newest(actor, run)
    found = next((output for output in known if output.layout == layout), None)
    if found is None:
        hint = suggestion(layout, [output.layout for output in known])
        raise NoSuchOutput(f"{run.ref} has no data output {layout!r}.", hint=hint)
    return found


def export_data(actor: Actor, run: Run, layout: str) -> tuple[DataOutput, Iterator[bytes]]:
    """The file in pieces, each held against its digest; who took it is noted. Raises NoSuchOutput, OutputNotReady,
    OutputRefused."""
    output = output_of(actor, run, layout)
    if output.state == DataOutput.WAITING:
        raise OutputNotReady(
            f"{output.file_name} is not written yet.", hint="Try again in a moment; it is written when the run settles."
        )
    if output.state == DataOutput.REFUSED:
        raise OutputRefused(str(output.problem.get("reason", "")), hint=str(output.problem.get("hint", "")))
    with transaction.atomic():
        append(actor.name, [Act("data_output.taken", "data_output", output.pk, {"run": run.ref, "layout": layout})])
    return output, _pieces(output)


def write_again(actor: Actor, run: Run, layout: str) -> DataOutput:
    """Have it written once more, for instance when its data was corrected. Raises NoSuchOutput, OutputNotReady."""
    actor.require("document.data")
    actor.require("run.start")
    known = live_pack(run.template_version_id).pack.layouts
    if layout not in known:
        raise NoSuchOutput(f"The template of {run.ref} has no layout {layout!r}.", hint=suggestion(layout, known))
    if run.state != SETTLED:
        raise OutputNotReady(f"{run.ref} is still at work.", hint="It is written when the run settles.")
    with transaction.atomic():
        output = want_one(run, known[layout], actor.name)
        append(actor.name, [Act("data_output.wanted", "data_output", output.pk, {"run": run.ref, "layout": layout})])
    return output


def _pieces(output: DataOutput) -> Iterator[bytes]:
    for part in output.parts.select_related("blob").order_by("no").iterator(16):
        yield read_blob(part.blob)

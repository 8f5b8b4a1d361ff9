"""``postroom template impact``: what a changed data contract would refuse, before anybody publishes it."""

from __future__ import annotations

import json

import typer

from postroom.cli import show
from postroom.kernel.errors import BadInput, ExitCode, NotFound


def impact(key: str, as_json: bool) -> None:
    """Exit code 3 when something in use would break: publishing would be refused."""
    from postroom.project.boot import boot

    boot()
    from postroom.composition import drafts, where_used
    from postroom.composition.contract_changes import changes
    from postroom.composition.queries import newest_number
    from postroom.composition.shape import ShapeFault, shape

    draft = drafts.standing(key)
    if draft is None:
        raise NotFound(f"There is no draft of {key}.", hint="See `postroom template drafts`.")
    try:
        wanted = json.loads(drafts.files(draft).get("contract.json", b""))
        shape(wanted)
    except (ValueError, ShapeFault) as error:
        raise BadInput(
            f"The contract.json of the draft cannot be read: {error}.", hint="Mend it; `postroom template push` checks."
        ) from error
    newest = newest_number(key)
    asks = changes(newest.contract, wanted) if newest is not None else ()
    broken = [use for use in where_used.impact(key, wanted) if use.told]
    if as_json:
        uses = [{"kind": use.kind, "key": use.key, "name": use.name, "told": use.told} for use in broken]
        show.as_json({"template": key, "revision": draft.revision, "asks": list(asks), "breaks": uses})
    else:
        for one in asks:
            show.console.print(one, markup=False, highlight=False)
        show.as_table(
            ("What", "Name", "Would not work any more"),
            [(use.kind, use.name, use.told) for use in broken],
            empty="Nothing in use would break.",
        )
    if broken:
        raise typer.Exit(ExitCode.BAD_INPUT)

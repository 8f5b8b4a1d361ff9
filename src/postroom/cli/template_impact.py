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
    from postroom.composition import drafts
    from postroom.composition.draft_impact import impact_of
    from postroom.composition.shape import ShapeFault, shape

    draft = drafts.standing(key)
    if draft is None:
        raise NotFound(f"There is no draft of {key}.", hint="See `postroom template drafts`.")
    try:
        shape(json.loads(drafts.files(draft).get("contract.json", b"")))
    except (ValueError, ShapeFault) as error:
        raise BadInput(
            f"The contract.json of the draft cannot be read: {error}.", hint="Mend it; `postroom template push` checks."
        ) from error
    found = impact_of(draft)
    asks, broken = found.asks, found.breaks
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

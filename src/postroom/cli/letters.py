"""``postroom letter``: letters that people write, and the limits that ask for a second person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from postroom.cli import show

if TYPE_CHECKING:
    from postroom.production.letters.models import Limit

app = typer.Typer(no_args_is_help=True, help="Letters that people write, and when a second person approves them.")


@app.command("list")
def list_letters(
    state: Annotated[str, typer.Option(help="unfinished, waiting, sent_back, released or cancelled.")] = "",
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Letters that were handed in, newest first; unfinished ones are their writers' own."""
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actor import SYSTEM
    from postroom.production.letters.queries import letters_visible_to

    rows = letters_visible_to(SYSTEM).order_by("-changed_at")
    if state:
        rows = rows.filter(state=state)
    found: list[dict[str, Any]] = [
        {
            "letter": str(row.pk),
            "template": row.template_key,
            "state": row.state,
            "recipients": row.recipients.count(),
            "run": row.run_ref,
            "handed_in": row.submitted_at.isoformat() if row.submitted_at else "",
        }
        for row in rows[:200]
    ]
    if as_json:
        show.as_json(found)
        return
    show.as_table(
        ("Letter", "Template", "State", "Recipients", "Run"),
        [(one["letter"], one["template"], one["state"], str(one["recipients"]), one["run"]) for one in found],
        empty="No letter was handed in yet.",
    )


@app.command("numbers")
def numbers(
    template: Annotated[str, typer.Argument(help="Key of the template; without it every template.")] = "",
    state: Annotated[str, typer.Option(help="reserved, used, thrown_away or left.")] = "",
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Numbers that letters were given, and what became of each: a gap is explained by them."""
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actor import SYSTEM
    from postroom.production.letters.queries import numbers_visible_to

    rows = numbers_visible_to(SYSTEM, template).order_by("template_key", "series", "counted")
    found: list[dict[str, Any]] = [
        {
            "template": row.template_key,
            "number": row.number,
            "state": row.state,
            "letter": str(row.letter_id),
            "since": (row.left_at or row.reserved_at).isoformat(timespec="seconds"),
        }
        for row in rows.iterator()
        if not state or row.state == state
    ]
    if as_json:
        show.as_json(found)
        return
    show.as_table(
        ("Template", "Number", "State", "Letter", "Since"),
        [tuple(one.values()) for one in found],
        empty="No letter was given such a number yet.",
    )


@app.command("limits")
def limits(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """When somebody else approves a letter before it is released."""
    from postroom.project.boot import boot

    boot()
    from postroom.production.letters.limits import in_use

    rows = [_facts(row) for row in in_use()]
    if as_json:
        show.as_json(rows)
        return
    show.as_table(
        ("Id", "Template", "Asks", "Field", "Above"),
        [(row["id"], row["template"] or "(every other)", row["verb"], row["field"], row["above"]) for row in rows],
        empty="No limit: every letter is released when it is handed in. Set one: postroom letter limit amount 1000",
    )


@app.command("limit")
def limit(
    verb: Annotated[str, typer.Argument(help="always, never, amount or count.")],
    value: Annotated[str, typer.Argument(help="The amount, or the number of recipients, above which it asks.")] = "",
    template: Annotated[str, typer.Option(help="Key of the template; without it every template without limits.")] = "",
    field: Annotated[str, typer.Option(help="Path of the amount; without it that of the document.")] = "",
) -> None:
    """Set a limit."""
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actor import SYSTEM
    from postroom.production.letters.actions.set_limit import set_limit

    made = set_limit(SYSTEM, template=template, verb=verb, field=field, value=value)
    show.console.print(f"Set: {made.pk}. It holds for every letter handed in from now on.")


@app.command("remove-limit")
def remove_limit(
    limit_id: Annotated[str, typer.Argument(help="Id of the limit, as `postroom letter limits` tells it.")],
    back: Annotated[bool, typer.Option("--back", help="Bring it back.")] = False,
) -> None:
    """Take a limit away, or bring it back."""
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actor import SYSTEM
    from postroom.production.letters.actions.remove_limit import remove_limit as remove

    remove(SYSTEM, limit_id, back=back)
    undo = "" if back else f" To undo: postroom letter remove-limit {limit_id} --back"
    show.console.print(f"The limit is {'back' if back else 'taken away'}.{undo}")


def _facts(row: Limit) -> dict[str, str]:
    above = str(row.count) if row.count is not None else f"{row.above:f}" if row.above is not None else ""
    return {"id": str(row.pk), "template": row.template_key, "verb": row.verb, "field": row.field, "above": above}

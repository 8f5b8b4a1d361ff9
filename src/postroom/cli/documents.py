"""``postroom documents``: find, read, download, send again."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from postroom.cli import show
from postroom.kernel.errors import BadInput

app = typer.Typer(no_args_is_help=True, help="The archive.")


@app.command("search")
def search(
    text: Annotated[str, typer.Argument(help="Words, a number, a name or an amount.")] = "",
    kind: Annotated[str, typer.Option(help="Template key.")] = "",
    party: Annotated[str, typer.Option(help="Customer number or part of the name.")] = "",
    number: Annotated[str, typer.Option()] = "",
    since: Annotated[str, typer.Option(help="Issued on or after, YYYY-MM-DD.")] = "",
    until: Annotated[str, typer.Option(help="Issued on or before, YYYY-MM-DD.")] = "",
    amount_from: Annotated[str, typer.Option()] = "",
    amount_to: Annotated[str, typer.Option()] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Find documents by their words and facts."""
    from postroom.project.boot import boot

    boot()
    from postroom.documents.queries import Wanted
    from postroom.documents.queries import search as find
    from postroom.identity.actor import SYSTEM
    from postroom.kernel.money import parse_amount

    wanted = Wanted(
        text=text,
        kind=kind,
        number=number,
        party=party,
        issued_from=_date(since),
        issued_to=_date(until),
        amount_from=parse_amount(amount_from) if amount_from else None,
        amount_to=parse_amount(amount_to) if amount_to else None,
    )
    found = list(find(SYSTEM, wanted)[:limit])
    if as_json:
        show.as_json(
            [
                {
                    "id": str(row.pk),
                    "kind": row.kind,
                    "number": row.number,
                    "title": row.title,
                    "party": row.party.key,
                    "party_name": row.party.name,
                    "issued_on": row.issued_on.isoformat(),
                    "amount": f"{row.amount.normalize():f}" if row.amount is not None else None,
                    "currency": row.currency,
                }
                for row in found
            ]
        )
        return
    show.as_table(
        ("Number", "Kind", "Party", "Date", ">Amount", "Id"),
        [
            (
                row.number,
                row.kind,
                row.party.name,
                f"{row.issued_on:%d %b %Y}",
                f"{row.amount:,.2f} {row.currency}" if row.amount is not None else "",
                row.pk,
            )
            for row in found
        ],
        empty="No document has these words and facts.",
    )


@app.command("show")
def show_document(document: str, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Facts, versions, deliveries and the whole timeline of one document."""
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actor import SYSTEM
    from postroom.support.report import report

    told = report(SYSTEM, _by_id_or_number(document))
    if as_json:
        show.as_json(told)
        return
    for name, value in told["facts"].items():
        show.console.print(f"[bold]{name.replace('_', ' '):>18}[/bold]  {value}")
    show.console.print()
    show.as_table(
        ("When", "What", "Who", "Details"),
        [(e["at"], e["what"], e["actor"], e["reason"]) for e in told["timeline"]],
        empty="Nothing has happened to it.",
    )


@app.command("data")
def data(document: str) -> None:
    """The data the document was made from."""
    from postroom.project.boot import boot

    boot()
    from postroom.documents.content import made_from
    from postroom.identity.actor import SYSTEM

    content = made_from(SYSTEM, _by_id_or_number(document))
    sys.stdout.write(json.dumps(json.loads(content), ensure_ascii=False, indent=2) + "\n")


@app.command("download")
def download(document: str, to: Annotated[Path, typer.Option(help="File to write.")]) -> None:
    """The original bytes, checked against their SHA-256."""
    from postroom.project.boot import boot

    boot()
    from postroom.documents.content import original
    from postroom.identity.actor import SYSTEM

    to.write_bytes(original(SYSTEM, _by_id_or_number(document)))
    show.console.print(f"Written to {to}.")


@app.command("reprint")
def reprint(document: str, to: Annotated[Path, typer.Option(help="File to write.")]) -> None:
    """The same bytes again, and a note in the ledger that they were printed."""
    from postroom.project.boot import boot

    boot()
    from postroom.documents.actions.reprint import reprint as act
    from postroom.identity.actor import SYSTEM

    to.write_bytes(act(SYSTEM, _by_id_or_number(document)))
    show.console.print(f"Written to {to}.")


@app.command("resend")
def resend(
    document: str,
    destination: Annotated[str, typer.Option(help="Destination; by default the way it went last.")] = "",
    address: Annotated[str, typer.Option(help="Another e-mail address.")] = "",
) -> None:
    """Send it again: the same bytes, a new delivery."""
    from postroom.project.boot import boot

    boot()
    from postroom.delivery.actions.resend import resend as act
    from postroom.documents.queries import document as find
    from postroom.identity.actor import SYSTEM

    delivery = act(SYSTEM, find(SYSTEM, _by_id_or_number(document)), destination=destination, address=address)
    show.console.print(
        f"Delivery {delivery.pk} by {delivery.destination_id} is ready; it leaves while `postroom serve` runs."
    )


def _by_id_or_number(text: str) -> str:
    """People say numbers. A number that several documents have is refused with their ids."""
    from postroom.documents.queries import Wanted
    from postroom.documents.queries import search as find
    from postroom.identity.actor import SYSTEM

    if len(text) == 36 and text.count("-") == 4:
        return text
    found = list(find(SYSTEM, Wanted(number=text))[:5])
    if len(found) > 1:
        raise BadInput(
            f"{len(found)} documents have the number {text}.",
            hint="Name one by its id: " + ", ".join(str(row.pk) for row in found),
        )
    return str(found[0].pk) if found else text


def _date(text: str) -> dt.date | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"{text!r} is no date.", hint="Write it as 2026-11-21.") from error

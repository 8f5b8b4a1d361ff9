"""``postroom einvoice``: what the official rules say of an invoice, ours or one that came in."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from postroom.cli import show
from postroom.kernel.errors import ExitCode, NotFound

app = typer.Typer(no_args_is_help=True, help="E-invoices: Factur-X, ZUGFeRD, XRechnung, Peppol BIS.")


@app.command("check")
def check(
    file: Annotated[Path, typer.Argument(help="XML (CII or UBL), or a PDF that carries one.")],
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Judge one invoice by schema, EN 16931 and its national rules; of a PDF also whether the page states the same."""
    if not file.is_file():
        raise NotFound(f"There is no file {file}.", hint="Check the path.")
    from postroom.composition.einvoice.tools import require_tools

    require_tools()
    from postroom.composition.einvoice.check import Case, close_cell, judge
    from postroom.composition.einvoice.pdf import attached_invoice

    content, inside = file.read_bytes(), ""
    pdf = content if b"%PDF-" in content[:1024] else b""
    if pdf:
        inside, content = attached_invoice(pdf)
    try:
        verdict = judge(Case(content, pdf=pdf))
    finally:
        close_cell()
    if as_json:
        told = {"file": str(file), "attached": inside, "profile": verdict.profile, "valid": verdict.valid}
        show.as_json(told | {"findings": [asdict(one) for one in verdict.findings]})
    else:
        where = f"{file}, {inside}" if inside else str(file)
        show.console.print(f"{where}: {verdict.name}, {'valid' if verdict.valid else 'not valid'}.", highlight=False)
        for one in verdict.findings:
            place = f"\n    {one.where}" if one.where else ""
            kind = "fatal" if one.fatal else "warning"
            show.console.print(f"  {one.rule} ({kind}): {one.text}{place}", highlight=False, markup=False)
    if not verdict.valid:
        raise typer.Exit(int(ExitCode.BAD_INPUT))

"""``postroom``: one command per file, errors told with a hint, ``--json`` everywhere."""

from __future__ import annotations

import json
import os
import sys
from typing import Annotated

import typer

from postroom import __version__
from postroom.cli import (
    backup,
    channels,
    compose,
    database,
    deliveries,
    demo,
    doctor,
    documents,
    einvoice,
    events,
    evidence,
    fonts,
    ledger,
    letters,
    pdf,
    records,
    run,
    runs,
    schedules,
    serve,
    templates,
    tokens,
    users,
    vault,
    verify,
    worker,
)
from postroom.kernel.errors import ExitCode, PostroomError

app = typer.Typer(
    name="postroom",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Every document a business sends, receives, routes and keeps.",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"postroom {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True)] = False,
) -> None:
    """Options that stand before every command."""


app.command("run")(run.run)
app.command("compose")(compose.compose)
app.command("serve")(serve.serve)
app.command("worker")(worker.worker)
app.command("demo")(demo.demo)
app.command("doctor")(doctor.doctor)
app.command("verify")(verify.verify)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
for group, name in (
    (runs, "runs"),
    (schedules, "schedule"),
    (letters, "letter"),
    (events, "event"),
    (records, "records"),
    (documents, "documents"),
    (pdf, "pdf"),
    (fonts, "fonts"),
    (deliveries, "deliveries"),
    (templates, "template"),
    (channels, "channel"),
    (users, "user"),
    (tokens, "token"),
    (ledger, "ledger"),
    (evidence, "evidence"),
    (einvoice, "einvoice"),
    (vault, "vault"),
    (database, "db"),
):
    app.add_typer(group.app, name=name)


def _unanswered() -> tuple[type[Exception], ...]:
    """What a database that went away raises; nothing when Django was never needed."""
    utils = sys.modules.get("django.db.utils")
    return (utils.OperationalError, utils.InterfaceError) if utils else ()


def main() -> None:
    """Entry point. Errors of ours end with their own exit code and say what to do next."""
    try:
        app()
    except PostroomError as error:
        if "--json" in sys.argv:
            sys.stdout.write(json.dumps(error.problem(), ensure_ascii=False) + "\n")
        sys.stderr.write(f"postroom: {error.message}\n")
        if error.hint:
            sys.stderr.write(f"          {error.hint}\n")
        sys.exit(int(error.exit_code))
    except _unanswered() as error:
        sys.stderr.write(f"postroom: the database does not answer: {' '.join(str(error).split())}\n")
        sys.stderr.write("          See `postroom doctor`; what was started goes on when it is back.\n")
        sys.exit(int(ExitCode.UNAVAILABLE))
    except BrokenPipeError:  # the reader of our output went away
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(int(ExitCode.OK))
    except KeyboardInterrupt:
        sys.stderr.write("postroom: stopped; what was started goes on at the next `postroom serve` or `postroom run`\n")
        sys.exit(130)


if __name__ == "__main__":
    main()

"""``postroom db``: the embedded database by hand."""

from __future__ import annotations

import typer

from postroom.cli import show

app = typer.Typer(no_args_is_help=True, help="The database.")


@app.command("start")
def start() -> None:
    """Start the database and print its address. It runs until the last command that uses it ends."""
    from postroom.kernel import database
    from postroom.kernel.home import home

    show.console.print(database.start(home().prepare()), soft_wrap=True)


@app.command("url")
def url() -> None:
    """The address of the running database."""
    from postroom.kernel import database
    from postroom.kernel.home import home

    show.console.print(database.url(home()), soft_wrap=True)


@app.command("stop")
def stop() -> None:
    """Stop the embedded database if nobody uses it."""
    from postroom.kernel import database
    from postroom.kernel.home import home

    place = home()
    database.start(place)
    stopped = database.stop(place)
    show.console.print("Stopped." if stopped else "Somebody still uses it; it goes on.")


@app.command("migrate")
def migrate() -> None:
    """Bring the schema up to date."""
    from postroom.project.boot import boot

    boot()
    show.console.print("The schema is up to date.")

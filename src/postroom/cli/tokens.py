"""``postroom token``: keys of programs."""

from __future__ import annotations

from typing import Annotated

import typer

from postroom.cli import show
from postroom.kernel.errors import NotFound

app = typer.Typer(no_args_is_help=True, help="API tokens.")


@app.command("create")
def create(
    email: Annotated[str, typer.Argument(help="Whose token it is; it never gets more than its owner has.")],
    name: Annotated[str, typer.Argument(help="What it is for.")],
    scope: Annotated[list[str] | None, typer.Option(help="A permission; all of the owner's without it.")] = None,
    days: Annotated[int, typer.Option(min=0, help="Valid for; 0: for ever.")] = 365,
) -> None:
    """Make a token. It is printed once, and only its hash is kept."""
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actions.issue_token import issue_token
    from postroom.identity.actor import SYSTEM
    from postroom.identity.models import User

    user = User.objects.filter(email=email.lower(), is_active=True).first()
    if user is None:
        raise NotFound(f"Nobody signs in as {email}.", hint="See `postroom user list`.")
    _, secret = issue_token(SYSTEM, user=user, name=name, scopes=scope, days=days or None)
    typer.echo(secret)


@app.command("list")
def list_tokens() -> None:
    """Tokens, without their secrets."""
    from postroom.project.boot import boot

    boot()
    from postroom.identity.models import ApiToken

    rows = ApiToken.objects.select_related("user").order_by("pk")
    show.as_table(
        (">Id", "Begins with", "Name", "Owner", "Scopes", "State"),
        [
            (t.pk, t.prefix + "…", t.name, t.user.email, ", ".join(t.scopes), "revoked" if t.revoked_at else "valid")
            for t in rows
        ],
        empty="No token yet.",
    )


@app.command("revoke")
def revoke(token: int) -> None:
    """Take a token away at once."""
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actions.revoke_token import revoke_token
    from postroom.identity.actor import SYSTEM

    revoke_token(SYSTEM, token)
    show.console.print(f"Token {token} is revoked.")

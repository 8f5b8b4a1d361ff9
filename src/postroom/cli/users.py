"""``postroom user``: people."""

from __future__ import annotations

from typing import Annotated

import typer

from postroom.cli import show
from postroom.kernel.errors import NotFound

app = typer.Typer(no_args_is_help=True, help="People and roles.")


@app.command("list")
def list_users() -> None:
    """Everybody who may sign in."""
    from postroom.project.boot import boot

    boot()
    from postroom.identity.models import User

    show.as_table(
        ("E-mail", "Name", "Roles", "Active"),
        [(u.email, u.name, ", ".join(u.roles), "yes" if u.is_active else "no") for u in User.objects.order_by("email")],
        empty="Nobody yet. Make the first: postroom user create you@example.com 'Your Name' --role administrator",
    )


@app.command("create")
def create(
    email: str,
    name: str,
    role: Annotated[list[str], typer.Option(help="May be given several times.")],
    password: Annotated[
        str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, envvar="POSTROOM_PASSWORD")
    ],
) -> None:
    """Make a person. The password is asked for, or taken from POSTROOM_PASSWORD."""
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actions.create_user import create_user
    from postroom.identity.actor import SYSTEM

    user = create_user(SYSTEM, email=email, name=name, roles=role, password=password)
    show.console.print(f"{user.name} may sign in as {user.email}.")


@app.command("link")
def link(email: str) -> None:
    """A one-click link that signs somebody in once within the hour."""
    from postroom.project.boot import boot

    boot()
    from django.conf import settings

    from postroom.identity.actions.sign_in_link import make_sign_in_link
    from postroom.identity.actor import SYSTEM
    from postroom.identity.models import User

    user = User.objects.filter(email=email.lower(), is_active=True).first()
    if user is None:
        raise NotFound(f"Nobody signs in as {email}.", hint="See `postroom user list`.")
    show.console.print(f"{settings.CONFIG.public_url}/enter/{make_sign_in_link(SYSTEM, user)}/", soft_wrap=True)

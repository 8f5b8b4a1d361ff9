"""``postroom user``: people."""

from __future__ import annotations

from typing import Annotated

import typer

from postroom.cli import show
from postroom.kernel.errors import BadInput, NotFound

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


@app.command("unlock")
def unlock(
    email: Annotated[str, typer.Argument()] = "",
    address: Annotated[str, typer.Option(help="A network address to unlock besides, or alone.")] = "",
) -> None:
    """Let somebody try again at once who was locked out by wrong passwords."""
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actions.lift_lock import unlock_account, unlock_address
    from postroom.identity.actor import SYSTEM
    from postroom.identity.queries import user_by_email

    if not email and not address:
        raise BadInput("Nothing was named.", hint="Give an e-mail address, or --address with a network address.")
    if email:
        tries = unlock_account(SYSTEM, user_by_email(email))
        show.console.print(f"{email} may try again; {tries} wrong tries were taken back.")
    if address:
        show.console.print(f"{address} may try again; {unlock_address(SYSTEM, address)} wrong tries were taken back.")


@app.command("sign-out")
def sign_out(email: str) -> None:
    """End every session of somebody, on all their devices. Tokens stay."""
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actions.end_sessions import sign_out_everywhere
    from postroom.identity.actor import SYSTEM
    from postroom.identity.queries import user_by_email

    ended = sign_out_everywhere(SYSTEM, user_by_email(email))
    show.console.print(f"{email} is signed out everywhere; {ended} sessions were listed.")


@app.command("deactivate")
def deactivate(email: str) -> None:
    """Somebody leaves: end sessions, tokens and links at once, and let them in no more."""
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actions.deactivate_user import deactivate_user
    from postroom.identity.actor import SYSTEM
    from postroom.identity.queries import user_by_email

    revoked = deactivate_user(SYSTEM, user_by_email(email))
    show.console.print(f"{email} is out; {revoked} tokens were revoked.")


@app.command("activate")
def activate(email: str) -> None:
    """Let somebody in again who was deactivated. Old sessions and tokens stay ended."""
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actions.activate_user import activate_user
    from postroom.identity.actor import SYSTEM
    from postroom.identity.queries import user_by_email

    changed = activate_user(SYSTEM, user_by_email(email))
    show.console.print(f"{email} may sign in again." if changed else f"{email} was active already.")


@app.command("forget-factors")
def forget_factors(
    email: str,
    reason: Annotated[
        str, typer.Option(help="lost, replaced, stolen, unreadable or other; kept in the ledger.")
    ] = "other",
) -> None:
    """Remove the passkeys, app and recovery codes of somebody who lost them; the password is enough again."""
    from postroom.project.boot import boot

    boot()
    from postroom.identity.actions.forget_factors import forget_factors as forget
    from postroom.identity.actor import SYSTEM
    from postroom.identity.queries import user_by_email

    show.console.print(f"{forget(SYSTEM, user_by_email(email), reason)} factors of {email} were removed.")

"""Opening the sample company: users, customers, templates, the main job with a live display, then the desk.

Mail goes to the built-in Outbox and letters into a folder: nothing leaves the machine. Everything is repeatable; a
second start finds its runs by their keys and only opens the desk.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
from pathlib import Path
from typing import Any

from postroom.cli.show import RunProgress, errors
from postroom.kernel.errors import Conflict, Damaged
from postroom.kernel.home import Home, home
from postroom.project.ports import PortTaken, hold_reserved

#: For trying the sign-in form; the demo listens on loopback only.
PASSWORD = "offset-since-1931"  # noqa: S105
PORT = 8765
_WISHES = {"folder": "letter"}
_JOBS = (("invoices", "invoice"), ("statements", "statement"), ("reminders", "reminder"))


def open_demo(*, once: bool, port: int, reset: bool) -> None:
    """See ``postroom demo``."""
    place = home()
    if reset:
        _throw_away(place)
    place.prepare()
    remembered = _remembered(place)
    kept = _port(port, remembered)
    chosen = kept.getsockname()[1]
    os.environ["POSTROOM_PUBLIC_URL"] = f"http://127.0.0.1:{chosen}"
    _remember(place, {"port": chosen})
    from postroom.project.boot import boot

    boot()
    from postroom.delivery.outbox import Outbox

    with kept, Outbox(place.outbox) as outbox:
        facts = _furnish(place, outbox.port)
        balanced = _work(place)
        _greet(facts)
        if not balanced:
            raise Damaged("A run of the demo does not balance.", hint="Run `postroom runs list` and tell us.")
        if not once:
            kept.close()
            _serve(chosen)


def _port(wanted: int, remembered: dict[str, Any]) -> socket.socket:
    """The port of the last time when nobody has taken it, so that links in old mail still work.

    It is kept until the desk opens: mail names it from the first minute on, and the main job takes another. Then it
    stays reserved, so that two demos that are started at once never meet.
    """
    for candidate in (wanted, remembered.get("port", 0), PORT):
        if candidate:
            try:
                return hold_reserved("127.0.0.1", candidate)
            except PortTaken:
                if candidate == wanted:
                    raise
    return hold_reserved("127.0.0.1", 0)


def _furnish(place: Home, outbox_port: int) -> dict[str, int]:
    """Templates, destinations, people and customers. Harmless when repeated."""
    from postroom.delivery.actions.set_destination import set_destination
    from postroom.demo import company
    from postroom.identity.actions.create_user import create_user
    from postroom.identity.actor import SYSTEM
    from postroom.identity.models import User
    from postroom.parties.actions.import_parties import import_parties
    from postroom.parties.actions.meet_parties import Acquaintance
    from postroom.parties.models import Party
    from postroom.project.demo_house import furnish_house
    from postroom.project.install import install_starters

    install_starters()
    mail = {
        "host": "127.0.0.1",
        "port": outbox_port,
        "security": "none",
        "sender_name": "Lindqvist & Daughters",
        "sender_address": "ledger@lindqvist-offset.example",
        "outbox_folder": str(place.outbox),
    }
    set_destination(SYSTEM, "email", "email", mail)
    known = set(User.objects.values_list("email", flat=True))
    for person in company.USERS:
        if person.email not in known:
            create_user(SYSTEM, email=person.email, name=person.name, roles=[person.role], password=PASSWORD)
    furnish_house()
    customers = company.customers()
    if Party.objects.filter(key__in=[customer.key for customer in customers]).count() < len(customers):
        import_parties(
            SYSTEM,
            [
                Acquaintance(
                    key=customer.key,
                    name=customer.name,
                    language=customer.language,
                    email=customer.email,
                    country=customer.country,
                    address=dict(customer.address),
                    preferred_channel=_WISHES.get(customer.preferred_channel, customer.preferred_channel),
                    kind=customer.kind,
                )
                for customer in customers
            ],
        )
    return {"customers": len(customers), "people": len(company.USERS)}


def _work(place: Home) -> bool:
    """The main job on the company's data. Whether every run balances."""
    from postroom.cli import show
    from postroom.demo import company
    from postroom.identity.actor import SYSTEM
    from postroom.production.actions.start_run import start_run
    from postroom.production.balance import balance
    from postroom.production.follow import follow
    from postroom.production.models import SETTLED
    from postroom.project.supervisor import Supervisor

    folder = place.root / "demo"
    folder.mkdir(exist_ok=True)
    writers = {
        "invoices": company.write_invoices,
        "statements": company.write_statements,
        "reminders": company.write_reminders,
    }
    runs = []
    for name, template in _JOBS:
        path = folder / f"{name}-2026-11.jsonl"
        if not path.exists():
            growing = path.with_suffix(".part")
            writers[name](growing)
            growing.replace(path)
        runs.append(start_run(SYSTEM, template=template, path=path, run_key=f"demo-{name}-2026-11").run)
    if any(run.state != SETTLED for run in runs):
        supervisor = Supervisor()
        supervisor.add_workers()
        with supervisor:
            for run, (name, _) in zip(runs, _JOBS, strict=True):
                with RunProgress(f"{name:<10}", quiet=False) as progress:
                    for counted in follow(run.pk):
                        progress.update(counted)
    balanced = True
    for run in runs:
        counted = balance(run.pk)
        show.balance(run, counted)
        balanced = balanced and (counted.records_difference, counted.deliveries_difference) == (0, 0)
    return balanced


def _greet(facts: dict[str, int]) -> None:
    from postroom.composition.models import Template
    from postroom.documents.models import Document
    from postroom.production.models import SetAside

    errors.print()
    errors.print("  [bold]Lindqvist & Daughters, Offset Printers[/bold], is open for business.")
    waiting = SetAside.objects.filter(resolved_at=None).count()
    errors.print(
        f"  {Template.objects.count()} templates  {facts['customers']} customers  {Document.objects.count()} documents"
        f"  {waiting} records waiting for you"
    )


def _serve(port: int) -> None:
    from postroom.project.serving import serve_installation

    def opened(address: str) -> None:
        from postroom.identity.actions.sign_in_link import make_sign_in_link
        from postroom.identity.actor import SYSTEM
        from postroom.identity.models import User

        manager = User.objects.get(email="ingrid@lindqvist-offset.example")
        link = f"{address}/enter/{make_sign_in_link(SYSTEM, manager)}/"
        sys.stdout.write(f"\n  Open  {link}\n        (signs you in as {manager.name}, once, within the hour)\n")
        sys.stdout.write(f"  Or    {address}  as olle@lindqvist-offset.example, password {PASSWORD}\n")
        sys.stdout.write(f"  Use   export POSTROOM_HOME={home().root}  for `postroom` in another terminal\n")
        sys.stdout.write("  Nothing leaves this machine. Ctrl+C stops; the same command opens it again.\n")
        sys.stdout.flush()

    serve_installation("127.0.0.1", port, opened=opened)


def _memory(place: Home) -> Path:
    return place.root / "demo.json"


def _remembered(place: Home) -> dict[str, Any]:
    try:
        read: dict[str, Any] = json.loads(_memory(place).read_text(encoding="utf-8"))
        return read
    except (FileNotFoundError, json.JSONDecodeError):
        return {}


def _remember(place: Home, facts: dict[str, Any]) -> None:
    _memory(place).write_text(json.dumps(facts), encoding="utf-8")


def _throw_away(place: Home) -> None:
    """Remove a demo's folder; refuses any folder that is not one."""
    from postroom.kernel import database

    if not place.root.exists():
        return
    if not _memory(place).is_file():
        raise Conflict(
            f"{place.root} does not look like the home of a demo; nothing was thrown away.",
            hint="Name the demo's folder with --home.",
        )
    database.start(place)
    if not database.stop(place):
        raise Conflict("The demo is in use by another process.", hint="Stop it first (Ctrl+C where it runs).")
    shutil.rmtree(place.root)

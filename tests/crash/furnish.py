"""Set up the house of a crash test: three destinations, customers who wish for each, and the rules to choose."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from postroom.project.boot import boot

#: What a customer wishes for names the destination: two can be asked whether something arrived, one cannot.
WISHES = ("letter", "mail", "relay")
ROWS = (
    {"preferred": "letter", "send": "letters", "else": "", "why": "Wish", "description": "By letter"},
    {"preferred": "relay", "send": "relay", "else": "", "why": "Wish", "description": "By a relay"},
    {"send": "email", "else": "", "why": "Always", "description": "By mail"},
)


def write_records(path: Path, count: int, first: int = 5000) -> None:
    """Invoices of the sample company, each with a number and a customer that belongs to one wish."""
    from random import Random

    from postroom.demo import company
    from postroom.demo.invoices import invoice

    customers = company.customers()
    random = Random(7)
    import datetime as dt

    with path.open("w", encoding="utf-8") as lines:
        for index in range(count):
            made = invoice(customers[index % len(customers)], first + index, dt.date(2026, 11, 2), random, lines=2)
            wish = WISHES[index % len(WISHES)]
            made["customer"]["key"] = f"K-{wish}-{index % 30:02d}"
            made["customer"]["email"] = f"{wish}.{index % 30}@customer.example"
            lines.write(json.dumps(made, ensure_ascii=False) + "\n")


def furnish(places: dict[str, str]) -> str:
    """Destinations, customers and rules; the token of a program that may start runs."""
    from postroom import rules
    from postroom.delivery.actions.set_destination import set_destination
    from postroom.delivery.determine import INPUTS, OUTPUTS
    from postroom.delivery.models import Determination
    from postroom.identity.actions.create_user import create_user
    from postroom.identity.actions.issue_token import issue_token
    from postroom.identity.actor import SYSTEM
    from postroom.kernel import clock
    from postroom.parties.actions.import_parties import import_parties
    from postroom.parties.actions.meet_parties import Acquaintance
    from postroom.project.install import install_starters

    install_starters()
    mail = {"host": "127.0.0.1", "security": "none", "sender_name": "Ledger", "sender_address": "ledger@house.example"}
    set_destination(SYSTEM, "letters", "folder", {"folder": places["letters"], "sidecar": True})
    asked = {**mail, "port": int(places["outbox_port"]), "outbox_folder": places["outbox"]}
    set_destination(SYSTEM, "email", "email", asked)
    set_destination(SYSTEM, "relay", "email", {**mail, "port": int(places["sink_port"])})
    people = [
        Acquaintance(f"K-{wish}-{n:02d}", f"{wish} {n}", "en", f"{wish}.{n}@customer.example", preferred_channel=wish)
        for wish in WISHES
        for n in range(30)
    ]
    import_parties(SYSTEM, people)
    if not Determination.objects.exists():
        table = rules.compile_table("Crash", inputs=INPUTS, outputs=OUTPUTS, rows=[dict(row) for row in ROWS])
        Determination.objects.create(table=table, created_by="system", created_at=clock.now())
    user = create_user(SYSTEM, email="billing@house.example", name="Billing", roles=["administrator"])
    return issue_token(SYSTEM, user=user, name="The billing system", scopes=None, days=None)[1]


if __name__ == "__main__":
    boot()
    sys.stdout.write(furnish(json.loads(sys.argv[1])))
    write_records(Path(sys.argv[2]), int(sys.argv[3]))

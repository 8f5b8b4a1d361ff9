"""A run of e-invoices: good ones are kept as sealed PDFs, a bad one is set aside with rule and field, nothing else."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("saxonche", reason="the extra einvoice is not installed")
pytest.importorskip("facturx", reason="the extra einvoice is not installed")

from kit.einvoices import SECTION, demo_files
from kit.runs import balance_of, problems_of, through, write


def records() -> list[dict[str, Any]]:
    sample = json.loads(demo_files()["samples/01-usual.json"])
    made = []
    for number in ("INV-2026-1", "INV-2026-2", "INV-2026-3", "INV-2026-4"):
        made.append(copy.deepcopy(sample) | {"number": number})
    made[1]["customer"]["vat_number"] = "31884012"  # without its country (BR-CO-09)
    made[2]["lines"][0]["amount"] = "1030.01"  # is not quantity times price
    made[2]["taxes"][0]["base"] = made[2]["totals"]["net"] = made[2]["totals"]["gross"] = "1533.51"
    return made


def test_a_run_sets_aside_what_the_rules_refuse_and_keeps_the_rest(starters: list[str], tmp_path: Path) -> None:
    from postroom.composition.actions.publish_template import publish_template
    from postroom.composition.compose import close_cells
    from postroom.composition.einvoice.pdf import attached_invoice
    from postroom.identity.actor import SYSTEM
    from postroom.production.export import export_documents

    # given the demo's invoice, published as an e-invoice
    assert "invoice" in starters
    publish_template(SYSTEM, demo_files(samples=("01", "06")))
    # when four records are sent, one with a VAT number that is none and one with a line that does not multiply
    run = through(write(tmp_path, records()))
    close_cells()
    # then those two are set aside, each with its rule and its field, at the stage that found it
    told = [(line, stage, one["code"], one["path"]) for line, stage, one in problems_of(run)]
    assert told == [
        (2, "compose", "einvoice-br-co-09", "$.customer.vat_number"),
        (3, "validate", "einvoice-bt-131", "$.lines[0].amount"),
    ]
    assert balance_of(run).records["completed"] == 2
    # and what is kept carries its invoice
    assert export_documents(SYSTEM, run, tmp_path / "out") == 2
    for number in ("INV-2026-1", "INV-2026-4"):
        name, xml = attached_invoice((tmp_path / "out" / f"{number}.pdf").read_bytes())
        assert name == "factur-x.xml"
        assert number.encode() in xml


def test_planted_a_page_that_shows_another_account_is_set_aside(starters: list[str], tmp_path: Path) -> None:
    from postroom.composition.actions.publish_template import publish_template
    from postroom.composition.compose import close_cells
    from postroom.composition.problems import TemplateFaults
    from postroom.identity.actor import SYSTEM

    # given a layout whose account is not the one that the page prints
    assert "invoice" in starters
    other = SECTION.replace("SE35 9990 0000 0193 1556 0120", "SE35 5000 0000 0549 1000 0003")
    # then it cannot be published, as its samples show
    with pytest.raises(TemplateFaults, match="BT-84"):
        publish_template(SYSTEM, demo_files(other, samples=("01",)))
    # and where no sample shows it
    unseen = other.replace("when: sepa", "when: {customer.key: C-99999}")
    publish_template(SYSTEM, demo_files(unseen, samples=("01",)))
    # when a record is sent
    one = records()[0]
    one["customer"]["key"] = "C-99999"
    run = through(write(tmp_path, [one]))
    close_cells()
    # then it does not leave
    ((_, stage, one),) = problems_of(run)
    assert (stage, one["code"]) == ("compose", "einvoice-page")
    assert "BT-84" in one["reason"]

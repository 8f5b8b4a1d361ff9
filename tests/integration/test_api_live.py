"""The API as strangers meet it: a real server, a real curl."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from api_kit import carry_through, live_server, records, sample

pytestmark = pytest.mark.slow


def curl(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["curl", "-sS", "--max-time", "60", *arguments], capture_output=True, check=True)


def test_one_curl_turns_a_record_into_a_pdf_and_another_starts_a_run(
    starters: list[str], token_of: Callable[..., str], tmp_path: Path
) -> None:
    # given a server, a token, a record and a file of records
    bearer = f"Authorization: Bearer {token_of('operator')}"
    order, orders, pdf = tmp_path / "order.json", tmp_path / "orders.jsonl", tmp_path / "invoice.pdf"
    order.write_text(json.dumps(sample("invoice")), encoding="utf-8")
    orders.write_text("\n".join(json.dumps(record) for record in records(5)), encoding="utf-8")
    with live_server() as address:
        # when one curl composes
        head = curl(
            *("-H", bearer, "-F", "template=invoice", "-F", f"data=@{order}", "-o", str(pdf), "-D", "-"),
            f"{address}/api/v1/compose",
        ).stdout.decode()
        # then invoice.pdf is a PDF named by its number
        assert "200 OK" in head and "x-postroom-pages: 1" in head.lower()
        assert pdf.read_bytes().startswith(b"%PDF-")
        # and by JSON it is the same
        body = json.dumps({"template": "invoice", "data": sample("invoice")})
        again = curl("-H", bearer, "-H", "Content-Type: application/json", "-d", body, f"{address}/api/v1/compose")
        assert again.stdout == pdf.read_bytes()
        # and a file of records becomes a run
        key = "Idempotency-Key: 8e03978e-40d5-43dd-bc93-6894a57f9324"
        form = ("-F", "template=invoice", "-F", f"data=@{orders}", "-F", "run_key=live-1")
        started = json.loads(curl("-H", bearer, "-H", key, *form, f"{address}/api/v1/runs").stdout)
        repeated = json.loads(curl("-H", bearer, "-H", key, *form, f"{address}/api/v1/runs").stdout)
        assert started == repeated
        carry_through(started["id"])
        run = json.loads(curl("-H", bearer, f"{address}/api/v1/runs/{started['run']}").stdout)
        assert (run["completed"], run["balance"], run["state"]) == (5, 0, "settled"), run
        # and without a token there is a problem, not a page
        refused = curl("-D", "-", f"{address}/api/v1/runs").stdout.decode()
        assert "401 Unauthorized" in refused and "application/problem+json" in refused

"""The OpenAPI document: nobody changes it unawares, and what it promises holds against thousands of odd requests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api_kit import Program, World, live_server

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "openapi.json"
#: Written anew with POSTROOM_UPDATE_GOLDEN=1.
UPDATE = "POSTROOM_UPDATE_GOLDEN"
SECONDS = 60


def test_the_document_is_the_one_that_was_agreed(nobody: Program) -> None:
    answer = nobody.get("/openapi.json")
    assert answer.status_code == 200
    text = json.dumps(answer.json(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    if os.environ.get(UPDATE) == "1":
        GOLDEN.write_text(text, encoding="utf-8")
    assert GOLDEN.read_text("utf-8") == text, f"The API changed; if on purpose, run this test with {UPDATE}=1."


def test_every_operation_tells_its_permissions_problems_and_tag(nobody: Program) -> None:
    document = nobody.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    tags = {tag["name"] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            name = f"{method} {path}"
            assert set(operation["tags"]) <= tags and operation["tags"], name
            assert operation["security"] == [] or operation["security"][0] == {"token": []}, name
            assert "x-permissions" in operation and operation["summary"], name
            parameters = {parameter["name"] for parameter in operation.get("parameters", ())}
            assert ("Idempotency-Key" in parameters) == (method == "post"), name
            for status, told in operation["responses"].items():
                if int(status) >= 400 and name != "get /api/v1/health":
                    assert list(told["content"]) == ["application/problem+json"], f"{name} {status}"


@pytest.mark.slow
@pytest.mark.timeout(SECONDS * 4)
def test_what_the_document_promises_holds_against_odd_requests(
    world: World, token_of: Callable[..., str], tmp_path: Path
) -> None:
    # given the server with a world in it and an administrator's token
    secret = token_of("administrator")
    with live_server() as address:
        # when schemathesis makes up requests for a minute
        command = [sys.executable, "-m", "schemathesis.cli", "run", f"{address}/api/v1/openapi.json"]
        checks = (
            "not_a_server_error,status_code_conformance,content_type_conformance,"
            "response_headers_conformance,response_schema_conformance,use_after_free"
        )
        options: list[str] = [
            *("--checks", checks, "--header", f"Authorization: Bearer {secret}"),
            *("--max-time", str(SECONDS), "--max-examples", "30", "--workers", "1", "--no-color", "--seed", "1"),
            *("--phases", "examples,coverage,fuzzing"),
            *("--request-timeout", "30", "--generation-database", "none"),
        ]
        done: Any = subprocess.run([*command, *options], capture_output=True, text=True, cwd=tmp_path, check=False)
    # then no answer breaks a promise
    assert done.returncode == 0, done.stdout[-15000:] + done.stderr[-3000:]

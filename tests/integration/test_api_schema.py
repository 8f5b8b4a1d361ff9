"""The OpenAPI document: nobody changes it unawares, and what it promises holds against thousands of odd requests."""

from __future__ import annotations

import difflib
import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest

from api_kit import Program, World, live_server

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "openapi.json"
#: Written anew with POSTROOM_UPDATE_GOLDEN=1.
UPDATE = "POSTROOM_UPDATE_GOLDEN"
SECONDS = 60


def _as_kept(document: Any) -> str:
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def changes(kept: str, now: str) -> list[str]:
    """Lines of the OpenAPI document that are not as they were agreed."""
    told = difflib.unified_diff(kept.splitlines(), now.splitlines(), "agreed", "now", lineterm="", n=0)
    return [line for line in told if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def test_the_document_is_the_one_that_was_agreed(nobody: Program) -> None:
    answer = nobody.get("/openapi.json")
    assert answer.status_code == 200
    text = _as_kept(answer.json())
    if os.environ.get(UPDATE) == "1":
        GOLDEN.write_text(text, encoding="utf-8")
    told = changes(GOLDEN.read_text("utf-8"), text)
    assert told == [], f"The API changed; if on purpose, run this test with {UPDATE}=1."


def test_planted_an_operation_more_or_less_or_another_shape_is_a_change() -> None:
    kept = GOLDEN.read_text("utf-8")
    for path in ("/api/v1/runs", "/api/v1/alarms"):
        # given one operation less, one that asks for nothing, and one that answers another shape
        less, open_to_all, other = json.loads(kept), json.loads(kept), json.loads(kept)
        del less["paths"][path]
        open_to_all["paths"][path]["get"]["x-permissions"] = []
        other["paths"][path]["get"]["responses"]["200"] = {"description": "OK"}
        # then each is told
        for planted in (less, open_to_all, other):
            assert changes(kept, _as_kept(planted)) != []
    assert changes(kept, kept) == []


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


def _ask_oddly(document: str, secret: str, folder: Path, seconds: int) -> Any:
    """Let schemathesis make up requests; its finished process. Exit code 0: no answer broke a promise."""
    command = [sys.executable, "-m", "schemathesis.cli", "run", document]
    checks = (
        "not_a_server_error,status_code_conformance,content_type_conformance,"
        "response_headers_conformance,response_schema_conformance,use_after_free"
    )
    options: list[str] = [
        *("--checks", checks, "--header", f"Authorization: Bearer {secret}"),
        *("--max-time", str(seconds), "--max-examples", "30", "--workers", "1", "--no-color", "--seed", "1"),
        *("--phases", "examples,coverage,fuzzing"),
        *("--request-timeout", "30", "--generation-database", "none"),
    ]
    return subprocess.run([*command, *options], capture_output=True, text=True, cwd=folder, check=False)


@pytest.mark.slow
@pytest.mark.timeout(SECONDS * 4)
def test_what_the_document_promises_holds_against_odd_requests(
    world: World, token_of: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given the server with a world in it and an administrator's token, for whom there is no limit
    monkeypatch.setenv("POSTROOM_API_TOKEN_RATE", "0")
    monkeypatch.setenv("POSTROOM_API_ADDRESS_RATE", "0")
    with live_server() as address:
        # when schemathesis makes up requests for a minute
        done = _ask_oddly(f"{address}/api/v1/openapi.json", token_of("administrator"), tmp_path, SECONDS)
    # then no answer breaks a promise
    assert done.returncode == 0, done.stdout[-15000:] + done.stderr[-3000:]


class _Liar(http.server.BaseHTTPRequestHandler):
    """A server that promises a number, and breaks one promise a path."""

    paths: ClassVar[dict[str, tuple[int, str, str]]] = {
        "/crashes": (500, "application/json", '{"number": 1}'),
        "/other-shape": (200, "application/json", '{"number": "one"}'),
        "/other-status": (418, "application/json", '{"number": 1}'),
        "/other-type": (200, "text/html", "<p>1</p>"),
        "/honest": (200, "application/json", '{"number": 1}'),
    }

    def do_GET(self) -> None:
        known = self.paths.get(self.path.partition("?")[0])
        status, kind, text = known or (200, "application/json", json.dumps(self.document(self.server.asked)))  # type: ignore[attr-defined]
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def __getattr__(self, name: str) -> Any:
        """Every other method: only GET is known here."""
        if name.startswith("do_"):
            return self._refuse
        raise AttributeError(name)

    def _refuse(self) -> None:
        self.send_response(405)
        self.send_header("Allow", "GET")
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Nothing: thousands of requests are made."""

    @staticmethod
    def document(path: str) -> dict[str, Any]:
        shape = {"type": "object", "required": ["number"], "properties": {"number": {"type": "integer"}}}
        answer = {"description": "OK", "content": {"application/json": {"schema": shape}}}
        return {
            "openapi": "3.1.0",
            "info": {"title": "Planted", "version": "1"},
            "paths": {path: {"get": {"responses": {"200": answer}}}},
        }


@pytest.mark.slow
@pytest.mark.parametrize("path", _Liar.paths)
def test_planted_each_kind_of_broken_promise_is_found(tmp_path: Path, path: str) -> None:
    # given a server that breaks one promise, when it is asked as ours is, then it is found out; an honest one is not
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Liar) as server:
        server.asked = path  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            done = _ask_oddly(f"http://127.0.0.1:{server.server_address[1]}/openapi.json", "none", tmp_path, 3)
        finally:
            server.shutdown()
    assert (done.returncode == 0) == (path == "/honest"), done.stdout[-3000:] + done.stderr[-2000:]

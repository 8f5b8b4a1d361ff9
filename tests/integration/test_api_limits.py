"""How many requests a second one token and one address may send: by real requests, and by a clock that we set."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from api_kit import Program, live_server


@pytest.fixture(autouse=True)
def _full() -> Iterator[None]:
    from postroom.api.limits import ADDRESSES, TOKENS

    yield
    for buckets in (ADDRESSES, TOKENS):
        buckets.forget()


def _limit(monkeypatch: pytest.MonkeyPatch, **rates: float) -> None:
    from django.conf import settings

    monkeypatch.setattr(settings, "CONFIG", settings.CONFIG.model_copy(update=rates))


@dataclass
class _Answer:
    status_code: int
    headers: Any
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def _get(address: str, secret: str) -> _Answer:
    """A real request."""
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {secret}"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return _Answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return _Answer(error.code, error.headers, error.read())


def _refused(answer: Any) -> None:
    told = answer.json()
    assert (answer.status_code, told["code"]) == (429, "too-many-requests")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert int(answer.headers["Retry-After"]) == told["context"]["retry_after"] >= 1
    assert told["hint"] and told["detail"]


def test_a_token_that_asks_too_often_is_told_when_to_come_again_by_http(
    token_of: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # given the server as it is served, and two programs, each with two requests a second and twenty at once
    monkeypatch.setenv("POSTROOM_API_TOKEN_RATE", "2")
    monkeypatch.setenv("POSTROOM_API_ADDRESS_RATE", "0")
    one, other = token_of("operator"), token_of("auditor")
    with live_server() as server:
        runs, health = f"{server}/api/v1/runs", f"{server}/api/v1/health"
        # when one sends sixty at once, then about twenty are answered, and the others change nothing
        answers = [_get(runs, one) for _ in range(60)]
        good = [answer for answer in answers if answer.status_code == 200]
        assert 20 <= len(good) < 60
        _refused(next(answer for answer in answers if answer.status_code != 200))
        # and the other program, and whoever asks whether all is well, do not notice
        assert _get(runs, other).status_code == 200
        assert {_get(health, one).status_code for _ in range(30)} == {200}
        # when it waits as long as it was told, then it is answered again
        time.sleep(1)
        assert _get(runs, one).status_code == 200


def test_an_address_that_makes_up_tokens_is_counted_too(nobody: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    _limit(monkeypatch, api_address_rate=0.5, api_token_rate=50)
    answers = [nobody.get("/runs", Authorization=f"Bearer made-up-{number}") for number in range(8)]
    # given five at once, then the sixth is refused before its token is looked at, wherever it asks
    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 3
    for address in ("/nowhere", "/openapi.json", "/documents"):
        _refused(nobody.get(address))
    assert nobody.get("/health").status_code == 200
    # and another address does not notice
    assert nobody.client.get("/api/v1/nowhere", REMOTE_ADDR="192.0.2.7").status_code == 404


def test_planted_without_a_limit_nobody_is_refused(nobody: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    _limit(monkeypatch, api_address_rate=0, api_token_rate=0)
    assert {nobody.get("/nowhere").status_code for _ in range(30)} == {404}


def test_a_refused_request_leaves_its_key_free(
    program_of: Callable[..., Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.api.limits import TOKENS

    operator = program_of("operator")
    _limit(monkeypatch, api_token_rate=0.1)
    assert operator.get("/runs").status_code == 200
    _refused(operator.post("/runs/R-2026-9999/cancel", {"reason": "x"}, Idempotency_Key="k"))
    TOKENS.forget()
    # when it is sent again with the same key, then it is looked at for the first time
    assert operator.post("/runs/R-2026-9999/cancel", {"reason": "x"}, Idempotency_Key="k").status_code in (403, 404)


def test_a_bucket_fills_at_its_rate_and_no_further() -> None:
    from postroom.api.limits import Buckets

    now = [100.0]
    buckets = Buckets(clock=lambda: now[0])
    # given two a second, so twenty at once
    assert [buckets.take(b"a", 2.0) for _ in range(20)] == [0.0] * 20
    assert buckets.take(b"a", 2.0) == pytest.approx(0.5)
    # when half a second goes by, then there is one more; asking in vain costs nothing
    now[0] += 0.5
    assert (buckets.take(b"a", 2.0), buckets.take(b"b", 2.0)) == (0.0, 0.0)
    now[0] += 3600
    assert [buckets.take(b"a", 2.0) for _ in range(21)].count(0.0) == 20
    # and however many callers there are, only so many are remembered
    for number in range(11_000):
        buckets.take(number.to_bytes(4), 2.0)
    assert len(buckets._filled) == 10_000

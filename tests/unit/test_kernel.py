"""Ids, money, errors, settings and the home folder."""

from __future__ import annotations

import datetime as dt
import stat
import time
import uuid
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.kernel import clock, registry
from postroom.kernel.config import BadSetting, config
from postroom.kernel.errors import ExitCode, NotFound, PostroomError
from postroom.kernel.home import Home
from postroom.kernel.ids import new_id
from postroom.kernel.money import NotMoney, parse_amount, round_amount
from postroom.kernel.registry import UnknownProvider
from postroom.production import exact_json


def test_ids_are_uuids_of_version_7_that_sort_by_time() -> None:
    # given ids made one after the other
    before = time.time_ns() // 1_000_000
    made = []
    for _ in range(50):
        made.append(new_id())
        time.sleep(0.0011)
    # then each says its version, variant and millisecond (RFC 9562), and they sort as they were made
    assert {one.version for one in made} == {7}
    assert {one.variant for one in made} == {uuid.RFC_4122}
    assert made == sorted(made)
    assert 0 <= (made[0].int >> 80) - before < 1000


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**12))
def test_p9_amounts_come_through_text_unchanged(amount: Decimal) -> None:
    assert parse_amount(f"{amount:f}") == amount


@pytest.mark.parametrize("value", [0.1, 12.5, True, None, "1,20", "1.204,50", "€ 5", "", "NaN", "1e3", "٣"])
def test_p9_what_is_no_amount_is_refused_with_a_hint(value: object) -> None:
    with pytest.raises(NotMoney) as refused:
        parse_amount(value, where="$.total")
    assert refused.value.hint
    assert "$.total" in refused.value.message


def test_amounts_are_rounded_as_merchants_do() -> None:
    assert round_amount(Decimal("0.125")) == Decimal("0.13")
    assert round_amount(Decimal("-0.125")) == Decimal("-0.13")
    assert round_amount(Decimal("2.5"), 0) == Decimal(3)


def test_every_error_has_an_exit_code_a_problem_form_and_a_name_of_its_own() -> None:
    # given every error class of the package
    import postroom.cage.errors
    import postroom.composition.problems
    import postroom.delivery.errors
    import postroom.intake.spec
    import postroom.kernel.backup
    import postroom.rules.errors  # noqa: F401

    def below(kind: type[PostroomError]) -> list[type[PostroomError]]:
        return [one for child in kind.__subclasses__() for one in (child, *below(child))]

    ours = [kind for kind in below(PostroomError) if kind.__module__.startswith("postroom.")]
    assert len(ours) > 30
    # then codes are unique, and status and exit code are sensible
    codes = [kind.code for kind in ours if "code" in vars(kind)]
    assert len(codes) == len(set(codes)), sorted(code for code in codes if codes.count(code) > 1)
    for kind in ours:
        assert 400 <= kind.status < 600
        assert isinstance(kind.exit_code, ExitCode)
        assert kind.exit_code is not ExitCode.OK
        assert kind.title


def test_a_problem_says_what_happened_and_what_to_do() -> None:
    problem = NotFound("There is no run 7.", hint="See `postroom runs list`.", run=7).problem()
    assert problem == {
        "type": "urn:postroom:problem:not-found",
        "title": "Not found",
        "status": 404,
        "detail": "There is no run 7.",
        "code": "not-found",
        "hint": "See `postroom runs list`.",
        "context": {"run": 7},
    }


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("POSTROOM_CHUNK_SIZE", "many", "POSTROOM_CHUNK_SIZE"),
        ("POSTROOM_CHUNK_SIZE", "0", "POSTROOM_CHUNK_SIZE"),
        ("POSTROOM_SEND_TIMEOUT", "60", "POSTROOM_TAKE_OVER_DELAY"),
        ("POSTROOM_RETRY_DELAYS", "1,soon", "POSTROOM_RETRY_DELAYS"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str
) -> None:
    monkeypatch.setenv(variable, value)
    config.cache_clear()
    try:
        with pytest.raises(BadSetting, match=told) as refused:
            config()
        assert refused.value.hint
    finally:
        monkeypatch.delenv(variable)
        config.cache_clear()


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTROOM_RETRY_DELAYS", "1,2.5")
    monkeypatch.setenv("POSTROOM_CHUNK_SIZE", "25")
    config.cache_clear()
    try:
        assert config().retry_delays == (1, 2.5)
        assert config().chunk_size == 25
    finally:
        monkeypatch.undo()
        config.cache_clear()


def test_the_clock_can_be_fixed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTROOM_CLOCK", "2026-11-19T10:24:00+01:00")
    assert clock.now() == dt.datetime(2026, 11, 19, 9, 24, tzinfo=dt.UTC)
    assert clock.today() == dt.date(2026, 11, 19)


def test_a_secret_is_made_once_and_read_only_by_its_owner(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    first = home.secret("secret")
    assert len(first) >= 48
    assert home.secret("secret") == first
    assert stat.S_IMODE((home.root / "secret.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(home.root.stat().st_mode) == 0o700


def test_an_unknown_plugin_is_named_with_those_that_are_there() -> None:
    with pytest.raises(UnknownProvider, match="pigeon") as refused:
        registry.provider("channels", "pigeon")
    assert "email" in refused.value.hint


@given(
    st.recursive(
        st.one_of(
            st.text(),
            st.integers(),
            st.booleans(),
            st.none(),
            st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=6),
        ),
        lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(), inner, max_size=4)),
        max_leaves=12,
    )
)
def test_p9_records_keep_every_digit_on_their_way_through_a_row(record: object) -> None:
    assert exact_json.loads(exact_json.dumps(record)) == record


def test_p9_trailing_zeros_stay() -> None:
    assert exact_json.dumps({"total": Decimal("12.50")}) == '{"total":12.50}'
    assert str(exact_json.loads('{"total":12.50}')["total"]) == "12.50"

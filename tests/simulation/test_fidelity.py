"""Is the modelled database like the real one? The same random sequences against both, compared after each step."""

from __future__ import annotations

from typing import Any

import pytest

from kit.runs import start, write


@pytest.fixture
def pattern(starters: list[str], tmp_path: Any) -> Any:
    """A run whose row is the pattern of those of the sequences."""
    from api_kit import records

    return start(write(tmp_path, records(1)))


@pytest.mark.slow
def test_p4_the_model_does_what_postgresql_does(pattern: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from simulation.fidelity import differs

    # given two hundred random sequences of operations
    # when each is done on both, then both always answer the same and stand the same
    assert differs(range(200), pattern, monkeypatch) == ""


def test_planted_a_model_that_forgets_the_present_attempt_is_told_apart(
    pattern: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from simulation.database import Database
    from simulation.fidelity import differs

    real = Database.put_back

    def careless(self: Database, pk: Any, key: str, now: Any) -> bool:
        return real(self, pk, self.deliveries[pk].key, now)

    # given a model that puts back whatever is being sent, by whatever key, when it is compared, then that is seen
    monkeypatch.setattr(Database, "put_back", careless)
    assert differs(range(200), pattern, monkeypatch).startswith("seed ")

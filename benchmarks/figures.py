"""One figure, its budget, and whether it keeps it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """``budget`` is ``>=N``, ``<=N`` or empty; ``baseline`` is the bare engine's figure of the same run, or None.

    ``gate``: whether missing the budget fails the bench. Only ratios do; an absolute figure says as much about the
    machine as about us.
    """

    name: str
    value: float
    unit: str
    budget: str = ""
    baseline: float | None = None
    gate: bool = False

    @property
    def kept(self) -> bool:
        """Whether the budget, if there is one, is kept."""
        if not self.budget:
            return True
        limit = float(self.budget[2:])
        return self.value >= limit if self.budget.startswith(">=") else self.value <= limit

    def row(self) -> str:
        """Tab-separated: name, value, unit, budget, baseline."""
        baseline = "" if self.baseline is None else short(self.baseline)
        return "\t".join((self.name, short(self.value), self.unit, self.budget, baseline))


def short(value: float) -> str:
    """Four significant digits, never in exponent form."""
    if value == 0:
        return "0"
    digits = max(0, 3 - len(f"{abs(value):.0f}") + (abs(value) < 1))
    return f"{value:.{digits}f}"


def percentile(values: list[float], share: float) -> float:
    """The value that ``share`` (0 to 1) of ``values`` do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

"""What runs inside a cell: a bench takes plain jobs and gives plain answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

#: Short names a caller may use. Text only, resolved inside the cell, so that `cage` imports nothing above it.
BENCHES = {
    "render": "postroom.composition.bench:RenderBench",
    "rules": "postroom.rules.bench:RulesBench",
    "probe": "postroom.cage.probe:ProbeBench",
}

#: A cell imports no other code as its bench. Renderers of strangers are found by the render bench, by entry point.
ALLOWED_PREFIX = "postroom."


class BenchFault(Exception):
    """The job's own fault (a template that does not compile, a rule that cannot be evaluated); the cell lives on.

    ``where`` is file:line:column or a path in the data, when known.
    """

    def __init__(self, code: str, reason: str, hint: str = "", where: str = "") -> None:
        super().__init__(reason)
        self.code, self.reason, self.hint, self.where = code, reason, hint, where


class Bench(Protocol):
    """Constructed once per cell, after the locks; then ``run`` is called once per job. A bench that has an attribute
    ``worn`` and sets it true is replaced, with its cell, after the answer."""

    def __init__(self, setup: dict[str, Any]) -> None: ...

    def run(self, job: dict[str, Any], blobs: Sequence[bytes]) -> tuple[Any, Sequence[bytes]]:
        """Value (plain JSON) and raw byte attachments. Raises BenchFault."""
        ...

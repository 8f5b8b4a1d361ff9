"""One record on its way through a chunk: what each stage adds to it, or why it stopped."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from postroom.composition.prepare import Prepared
from postroom.composition.spec import Rendered
from postroom.delivery.determine import Choice
from postroom.parties.actions.meet_parties import Met
from postroom.vault.write import StoredBlob


@dataclass(slots=True)
class Work:
    """A record in hand. ``problems`` is empty as long as it can go on. ``invoice`` is the e-invoice that goes with the
    document as a file of its own, and ``invoice_data`` what that was made from."""

    record_id: uuid.UUID
    data: Any
    communication_id: uuid.UUID
    prepared: Prepared | None = None
    party: Met | None = None
    choice: Choice | None = None
    rendered: Rendered | None = None
    content: StoredBlob | None = None
    made_from: StoredBlob | None = None
    body: StoredBlob | None = None
    invoice: StoredBlob | None = None
    invoice_data: StoredBlob | None = None
    stage: str = ""
    problems: list[dict[str, str]] = field(default_factory=list)

    def stop(self, stage: str, code: str, reason: str, hint: str = "", path: str = "$") -> None:
        """Note why this record cannot go on at ``stage``."""
        self.stage = stage
        self.problems.append({"code": code, "path": path, "reason": reason, "hint": hint})

    @property
    def ready(self) -> Prepared:
        if self.prepared is None:
            raise RuntimeError("this record was not prepared")
        return self.prepared


def going_on(works: Iterable[Work]) -> list[Work]:
    """Those that nothing has stopped."""
    return [work for work in works if not work.problems]

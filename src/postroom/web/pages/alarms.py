"""Alarms on the health page: what stands until somebody says why it need not."""

from __future__ import annotations

from dataclasses import dataclass

from postroom.web.pages.parts import ReasonForm


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRow:
    """One alarm. ``form`` is there for who may acknowledge it, ``document_url`` for who sees the document."""

    told: str
    hint: str
    raised: str
    document_url: str = ""
    form: ReasonForm | None = None

"""Records that were set aside, as rows to be corrected."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext, ngettext

from postroom.production import exact_json
from postroom.production.models import SetAside
from postroom.web.fill.whose import whose
from postroom.web.pages import CorrectForm, SetAsideRow

_MOST_RAW = 4000


def row_of(
    row: SetAside, *, correct: bool, form: CorrectForm | None = None, back: str = "", sample: bool = False
) -> SetAsideRow:
    """``correct``: whether the reader may correct it; ``form``: the open form; ``back``: the list over all runs it
    stands in, where the run has to be named beside the line; ``sample``: whether they may make a sample of it."""
    first, *more = row.problems or [{"path": "", "reason": row.code, "hint": ""}]
    line = gettext("line {line}").format(line=row.record.line)
    its = whose(row)
    return SetAsideRow(
        id=row.record_id.hex,
        line=f"{row.run.ref}, {line}" if back else line,
        path=str(first.get("path", "")).removeprefix("$.") or "$",
        reason=" ".join(part for part in (str(first.get("reason", "")), _more(more)) if part),
        what_to_do=str(first.get("hint", "")),
        raw=(row.record.data or row.record.raw)[:_MOST_RAW],
        correct_url=_url(row, back) if correct and form is None else "",
        form=form,
        who=its.name,
        key=its.key,
        document=its.number,
        amount=its.amount,
        tidy=as_typed(row)[:_MOST_RAW],
        pick=correct,
        peek=bool(back),
        sample_url=reverse("record-sample", args=[row.run.ref, row.record_id]) if sample and row.record.data else "",
    )


def form_of(row: SetAside, text: str | None = None, error: str = "", back: str = "") -> CorrectForm:
    """The form with the record, or with what was typed."""
    return CorrectForm(
        url=_url(row, back),
        text=as_typed(row) if text is None else text,
        cancel_url=_url(row, back, leave="1"),
        error=error,
    )


def as_typed(row: SetAside) -> str:
    """The record as text to be corrected: numbers keep their digits; what could not be read stays as it came."""
    if not row.record.data:
        return row.record.raw
    try:
        return exact_json.dumps(exact_json.loads(row.record.data), indent=2)
    except json.JSONDecodeError:
        return row.record.data


def read_record(text: str) -> tuple[Any, str]:
    """What was typed as data, and what is wrong with it in words (empty when nothing is)."""
    try:
        found = exact_json.loads(text)
    except json.JSONDecodeError as error:
        return None, gettext("This is not JSON: {what} in line {line}, column {column}.").format(
            what=error.msg, line=error.lineno, column=error.colno
        )
    except RecursionError:
        return None, gettext("This is nested too deeply to be a record.")
    if not isinstance(found, dict):
        return None, gettext('A record is a JSON object: {"field": value, …}.')
    return found, ""


def _more(problems: Sequence[dict[str, Any]]) -> str:
    if not problems:
        return ""
    paths = ", ".join(str(problem.get("path", "")).removeprefix("$.") for problem in problems[:4])
    said = ngettext("One more at {paths}.", "{count} more at {paths}.", len(problems))
    return said.format(count=len(problems), paths=paths)


def safe_back(asked: str) -> str:
    """``asked`` when it is the list over all runs, with its filters; else "". Leads nowhere else (CWE-601)."""
    listed = reverse("set-aside-all")
    at_home = url_has_allowed_host_and_scheme(asked, allowed_hosts=None) and asked.isprintable()
    return asked if at_home and (asked == listed or asked.startswith((f"{listed}?", f"{listed}#"))) else ""


def _url(row: SetAside, back: str = "", **more: str) -> str:
    query = urlencode(more | ({"back": back} if back else {}))
    return reverse("set-aside", args=[row.run.ref, row.record_id]) + (f"?{query}" if query else "")

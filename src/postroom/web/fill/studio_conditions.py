"""The conditions of a draft as rows of field, question and value, and as a sentence."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from postroom.composition import when_source
from postroom.composition.conditions import wanted
from postroom.composition.contract import Contract
from postroom.composition.derive import derive
from postroom.composition.life_models import DRAFT, Draft
from postroom.composition.manifest import FILE, read_manifest
from postroom.composition.paths import copy_tree
from postroom.composition.problems import TemplateFaults
from postroom.composition.shape import Field, ShapeFault
from postroom.composition.when_source import BadCondition, Place, Row, Rows
from postroom.identity.actor import Actor
from postroom.web.fill import studio
from postroom.web.fill.condition_words import ASKED, called, held, said, title
from postroom.web.fill.drafts import status_of
from postroom.web.fill.studio_look import first_page
from postroom.web.pages import Option
from postroom.web.pages.studio_forms import (
    ConditionForm,
    ConditionLine,
    ConditionLook,
    ConditionRow,
    ConditionsPage,
    SampleLine,
)

_MOST = 20
_NUMBERS = frozenset({"money", "money-symbol", "quantity", "percent"})
Typed = Mapping[str, str]


def conditions_page(
    actor: Actor, draft: Draft, at: str = "", typed: Typed | None = None, error: str = ""
) -> ConditionsPage:
    """All conditions, and the rows of the one at ``at`` (else of the first); ``typed`` are the rows as they came.
    Raises BadCondition."""
    source = _source(draft)
    found = when_source.places(source)
    chosen = next((one for one in found if one.at == at), found[0] if found else None)
    shape, schema = _shape(draft)
    may = actor.may("template.edit") and draft.state == DRAFT
    url = reverse("studio-conditions", args=[draft.pk])
    form = look = None
    if chosen is not None:
        rows = typed_rows(typed) if typed is not None else _as_asked(when_source.rows_of(chosen.when), shape)
        form = _form(chosen, rows, shape, schema)
        look = look_at(actor, draft, chosen.at, rows)
    samples = _samples(draft)
    return ConditionsPage(
        crumbs=studio.crumbs(draft),
        name=gettext("Conditions: {name}").format(name=draft.name),
        status=status_of(draft.state),
        revision=draft.revision,
        url=url,
        studio_url=f"{reverse('studio', args=[draft.pk])}?file={FILE}",
        words_url=reverse("studio-words", args=[draft.pk]),
        texts_url=reverse("studio-texts", args=[draft.pk]),
        lines=tuple(_line(one, url, one is chosen, shape, samples) for one in found),
        form=form,
        look=look,
        save_url=url if may else "",
        error=error,
    )


def form_of(draft: Draft, at: str, typed: Typed) -> ConditionForm:
    """The rows again, for the fields that were chosen. Raises BadCondition."""
    shape, schema = _shape(draft)
    return _form(when_source.place(_source(draft), at), typed_rows(typed), shape, schema)


def look_at(actor: Actor, draft: Draft, at: str, rows: Rows | None) -> ConditionLook:
    """What rows mean and the page with them; None where the condition stays as it is written."""
    source = _source(draft)
    here = when_source.place(source, at)
    try:
        when = here.when if rows is None else when_source.when_of(rows)
        changed = source if rows is None else when_source.written(source, at, when)
    except BadCondition as fault:
        return ConditionLook(error=f"{fault.message} {fault.hint}")
    shape, _ = _shape(draft)
    samples = tuple(SampleLine(name=name, holds=wanted(record, when)) for name, record in _samples(draft))
    return ConditionLook(
        said=said(_as_asked(when_source.rows_of(when), shape)),
        held=held(samples),
        samples=samples,
        look=first_page(actor, draft, {FILE: changed} if changed != source else {}),
    )


def changed(draft: Draft, at: str, typed: Typed, over: int | None = None) -> dict[str, bytes]:
    """template.yaml with the rows that were typed over the revision ``over``; nothing where it says that already.
    There ``at`` is the step that was looked at: somebody may have put another one before it since. Raises
    BadCondition."""
    source = _source(draft, over)
    when = when_source.when_of(typed_rows(typed))
    if when == when_source.place(source, at).when:
        return {}
    made = when_source.written(source, at, when)
    return {FILE: made.encode()} if made != source else {}


def typed_rows(typed: Typed) -> Rows:
    """The rows of a form; those without a field, and the one that is taken away, are left out. Until it is saved, a
    value goes with its field (``was``): another field asks for another value."""
    found: list[Row] = []
    numbers = sorted(int(name[6:]) for name in typed if re.fullmatch(r"field-\d{1,3}", name))
    for number in numbers[:_MOST]:
        path, ask = typed[f"field-{number}"], typed.get(f"ask-{number}", "")
        if not path or typed.get("away") == str(number):
            continue
        other = typed.get("do") != "save" and typed.get(f"was-{number}", "") not in ("", path)
        value = "" if other else typed.get(f"value-{number}", "").strip()
        found.append(Row(path, ask if ask in when_source.ASKS else "is", value))
    return Rows(tuple(found), any=typed.get("match") == "any")


def _form(place: Place, rows: Rows | None, shape: Field, schema: Any) -> ConditionForm:
    named = title(place)
    if rows is None:
        return ConditionForm(title=named, at=place.at, source=place.text)
    paths = dict(_paths(shape))
    filled = [*rows.rows, Row("", "is")]
    return ConditionForm(
        title=named,
        at=place.at,
        any=rows.any,
        rows=tuple(_row(number, row, paths, schema) for number, row in enumerate(filled, 1)),
    )


def _row(number: int, row: Row, paths: Mapping[str, Field], schema: Any) -> ConditionRow:
    field = paths.get(row.path)
    known = {row.path, *paths} - {""}
    choices = _choices(row.path, field, schema)
    asks = _asks(field, bool(choices))
    ask = row.ask if row.ask in asks else asks[0]
    none = Option(value="", label=gettext("choose a field…"), chosen=not row.path)
    if choices and row.value not in {value for value, _ in choices}:
        choices = (("", gettext("choose a value…")), *choices)
    return ConditionRow(
        number=number,
        was=row.path,
        fields=(none, *(Option(value=path, label=called(path), chosen=path == row.path) for path in sorted(known))),
        asks=tuple(Option(value=one, label=ASKED[one](), chosen=one == ask) for one in asks),
        value=row.value,
        control=_control(field, ask, choices),
        choices=tuple(Option(value=value, label=label, chosen=value == row.value) for value, label in choices),
    )


def _paths(field: Field, path: str = "") -> Any:
    for name, inner in field.fields.items():
        here = f"{path}.{name}" if path else name
        if inner.kind == "object":
            yield from _paths(inner, here)
        else:
            yield here, inner


def _kind(field: Field | None) -> str:
    """What a field holds, as far as questions differ: yes, number, date, list, text."""
    if field is None:
        return "text"
    if field.types == {"boolean"}:
        return "yes"
    if field.kind == "list":
        return "list"
    if field.shown in _NUMBERS or field.types & {"number", "integer"}:
        return "number"
    return "date" if field.shown in ("date", "date-short") else "text"


def _asks(field: Field | None, closed: bool) -> tuple[str, ...]:
    kind = _kind(field)
    if kind == "yes":
        return ("is",)
    if kind == "list":
        return ("holds", "empty")
    if kind in ("number", "date"):
        return ("above", "least", "below", "most", "is", "not", "holds", "empty")
    return ("is", "not", "holds", "empty") if closed else ("is", "not", "among", "holds", "empty")


def _control(field: Field | None, ask: str, choices: Any) -> str:
    if ask in ("holds", "empty"):
        return "none"
    if choices and ask != "among":
        return "choice"
    kind = _kind(field)
    return kind if kind in ("number", "date") else "text"


def _choices(path: str, field: Field | None, schema: Any) -> tuple[tuple[str, str], ...]:
    if _kind(field) == "yes":
        return (("true", gettext("yes")), ("false", gettext("no")))
    here = schema
    for step in path.split(".") if path else ():
        here = _resolved(_resolved(here, schema).get("properties", {}).get(step, {}), schema)
    values = here.get("enum", ()) if isinstance(here, dict) else ()
    return tuple((str(value), str(value)) for value in values if isinstance(value, str))


def _resolved(schema: Any, root: Any) -> dict[str, Any]:
    reference = schema.get("$ref", "") if isinstance(schema, dict) else ""
    if not reference.startswith("#/"):
        return schema if isinstance(schema, dict) else {}
    here = root
    for step in reference[2:].split("/"):
        here = here.get(step, {}) if isinstance(here, dict) else {}
    return here if isinstance(here, dict) else {}


def _as_asked(rows: Rows | None, shape: Field) -> Rows | None:
    """Rows with the questions that fit their fields: of a yes or no, "holds something" is "is yes"."""
    if rows is None:
        return None
    kinds = {path: _kind(field) for path, field in _paths(shape)}
    fitted = (
        Row(row.path, "is", "true") if kinds.get(row.path) == "yes" and row.ask == "holds" else row for row in rows.rows
    )
    return Rows(tuple(fitted), rows.any)


def _line(one: Place, url: str, current: bool, shape: Field, samples: Any) -> ConditionLine:
    lines = tuple(SampleLine(name=name, holds=wanted(record, one.when)) for name, record in samples)
    return ConditionLine(
        title=title(one),
        about=one.about,
        said=said(_as_asked(when_source.rows_of(one.when), shape)),
        held=held(lines),
        url=f"{url}?at={one.at}",
        current=current,
    )


def _source(draft: Draft, over: int | None = None) -> str:
    try:
        return studio.files_at(draft, draft.revision if over is None else over).get(FILE, b"").decode()
    except UnicodeDecodeError as error:
        raise BadCondition(f"{FILE} is not UTF-8.", hint="Send it again as UTF-8.") from error


def _shape(draft: Draft) -> tuple[Field, Any]:
    try:
        contract = Contract(json.loads(studio.files_at(draft, draft.revision).get("contract.json", b"")))
    except (ValueError, ShapeFault) as error:
        raise BadCondition(
            gettext("The data contract cannot be read, so there are no fields to choose."),
            hint=gettext("Mend contract.json in the studio; the fault is named there with its line."),
        ) from error
    return contract.shape, contract.schema


def _samples(draft: Draft) -> list[tuple[str, dict[str, Any]]]:
    """The samples with what is derived of them, as a condition sees a record."""
    own = studio.files_at(draft, draft.revision)
    try:
        steps = read_manifest(own.get(FILE, b""))[0].derive
    except TemplateFaults:
        steps = ()
    found = []
    for name in sorted(own):
        if not name.startswith("samples/"):
            continue
        try:
            record = json.loads(own[name])
        except ValueError:
            continue  # told as a fault of the sample, in the studio
        if isinstance(record, dict):
            record = copy_tree(record)
            derive(record, steps, 2)
            found.append((name.removeprefix("samples/").removesuffix(".json"), record))
    return found

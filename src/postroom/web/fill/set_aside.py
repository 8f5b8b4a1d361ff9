"""Everything that was set aside, over all runs, grouped by its cause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, F, Max, Q, QuerySet
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from postroom.identity.actor import Actor
from postroom.production.models import SetAside
from postroom.production.queries import set_aside_of
from postroom.web import words
from postroom.web.fill import aside, names
from postroom.web.pages import Option, SetAsideGroup, SetAsidePage
from postroom.web.said import said

_FEW, _MANY, _GROUPS = 3, 50, 60


@dataclass(frozen=True, slots=True)
class Wanted:
    """Filters; empty ones count for nothing."""

    run: str = ""
    template: str = ""
    stage: str = ""
    code: str = ""

    def query(self, **more: str) -> str:
        pairs = {"run": self.run, "template": self.template, "stage": self.stage, "code": self.code} | more
        return urlencode({key: value for key, value in pairs.items() if value})


def rows_of(actor: Actor, wanted: Wanted) -> QuerySet[SetAside]:
    """What waits and fits the filters."""
    found = set_aside_of(actor)
    if wanted.run:
        found = found.filter(run__ref__iexact=wanted.run)
    if wanted.template:
        found = found.filter(run__template_key=wanted.template)
    if wanted.stage:
        found = found.filter(stage=wanted.stage)
    if wanted.code:
        found = found.filter(code=wanted.code)
    return found


def heads() -> list[str]:
    """Of the list as CSV."""
    return [
        gettext("Run"),
        gettext("Line"),
        gettext("Template"),
        gettext("Stopped at"),
        gettext("Code"),
        gettext("Place"),
        gettext("Reason"),
        gettext("What to do"),
        gettext("Since"),
    ]


def cells_of(rows: QuerySet[SetAside]) -> Iterator[list[object]]:
    """The list as CSV, one line for each problem: a record with three of them stands there three times. What the
    record holds stays here; a list of causes needs nobody's data."""
    kinds = names.kinds()
    for row in rows.iterator(chunk_size=500):
        since = words.local(row.created_at).isoformat(" ", "seconds")
        for problem in row.problems or [{"path": "", "reason": row.code, "hint": ""}]:
            yield [
                row.run.ref,
                row.record.line,
                names.kind(row.run.template_key, kinds),
                stage(row.stage),
                str(problem.get("code") or row.code),
                str(problem.get("path", "")).removeprefix("$."),
                said(str(problem.get("reason", ""))),
                said(str(problem.get("hint", ""))),
                since,
            ]


def page_of(actor: Actor, wanted: Wanted) -> SetAsidePage:
    found = rows_of(actor, wanted)
    groups = list(
        found.order_by()
        .values("code", "stage", template=F("run__template_key"))
        .annotate(count=Count("pk"), able=Count("pk", filter=~Q(record__data="")), last=Max("created_at"))
        .order_by("-count", "-last")[:_GROUPS]
    )
    kinds = names.kinds()
    everything = set_aside_of(actor)
    used = set(everything.order_by().values_list("run__template_key", flat=True).distinct())
    stages = set(everything.order_by().values_list("stage", flat=True).distinct())
    return SetAsidePage(
        url=reverse("set-aside-all"),
        total=sum(group["count"] for group in groups),
        groups=tuple(_group(actor, wanted, group, kinds, alone=len(groups) == 1) for group in groups),
        templates=tuple(
            Option(value=key, label=names.kind(key, kinds), chosen=key == wanted.template) for key in sorted(used)
        ),
        stages=tuple(Option(value=key, label=stage(key), chosen=key == wanted.stage) for key in sorted(stages)),
        run=wanted.run,
        code=wanted.code,
        filtered=wanted != Wanted(),
        all_url=reverse("set-aside-all"),
    )


def stage(key: str) -> str:
    """Where a record was stopped, in words."""
    return {
        "read": gettext("reading the file"),
        "map": gettext("mapping"),
        "validate": gettext("checking the data"),
        "determine": gettext("choosing the way"),
        "compose": gettext("composing"),
    }.get(key, key)


def cause(code: str, rows: Sequence[SetAside]) -> str:
    """What all of a group have in common; a code nobody has words for speaks with its first record."""
    known = {
        "missing-field": gettext("A field is missing"),
        "unknown-field": gettext("A field that the contract does not know"),
        "wrong-type": gettext("A value of the wrong type"),
        "wrong-form": gettext("A value of the wrong form"),
        "not-money": gettext("An amount that is none"),
        "not-date": gettext("A date that is none"),
        "not-country": gettext("A country that is none"),
        "not-percent": gettext("A percentage that is none"),
        "not-quantity": gettext("A quantity that is none"),
        "not-allowed-value": gettext("A value that is not allowed"),
        "empty": gettext("A text that is empty"),
        "too-long": gettext("A text that is too long"),
        "too-short": gettext("A text that is too short"),
        "too-many": gettext("A list that is too long"),
        "too-few": gettext("A list that is too short"),
        "out-of-range": gettext("A value out of its range"),
        "figures-differ": gettext("Figures that do not add up"),
        "missing-glyph": gettext("Letters the template’s fonts do not have"),
        "not-well-formed": gettext("Lines that cannot be read"),
        "not-decodable": gettext("Bytes that are no text"),
        "ragged-row": gettext("Rows with another number of cells"),
        "mapping": gettext("The mapping does not fit"),
        "no-channel": gettext("No way to reach the recipient"),
        "deadline": gettext("Composing took too long"),
        "worker-died": gettext("Workers died while composing"),
    }
    first = str(rows[0].problems[0].get("reason", "")) if rows and rows[0].problems else ""
    return known.get(code) or _of_einvoice(code) or first or code


def _of_einvoice(code: str) -> str:
    """E-invoices are refused by hundreds of rules, each with an id that people look up; empty for other codes."""
    kind, _, rule = code.partition("-")
    if kind != "einvoice" or not rule:
        return ""
    known = {
        "page": gettext("Page and e-invoice do not state the same"),
        "xsd": gettext("E-invoices that are not of the form of their standard"),
        "tools-missing": gettext("E-invoices cannot be checked here"),
        "character": gettext("Characters that an e-invoice cannot hold"),
        "file": gettext("Pages that cannot carry their e-invoice"),
    }
    if rule.startswith(("bt-", "bg-")):
        return gettext("E-invoices whose %(term)s cannot be made") % {"term": rule.upper()}
    return known.get(rule) or gettext("E-invoices that the rule %(rule)s refuses") % {"rule": rule.upper()}


def _group(
    actor: Actor, wanted: Wanted, group: Mapping[str, object], kinds: dict[str, str], *, alone: bool
) -> SetAsideGroup:
    code, where, template = str(group["code"]), str(group["stage"]), str(group["template"])
    mine = Wanted(run=wanted.run, template=template, stage=where, code=code)
    rows = list(rows_of(actor, mine)[: _MANY if alone else _FEW])
    correct = actor.may("record.correct")
    sample = actor.may("sample.capture")
    shown = tuple(
        aside.row_of(row, correct=correct, back=_place(wanted, rows, at), sample=sample) for at, row in enumerate(rows)
    )
    count, able = int(str(group["count"])), int(str(group["able"]))
    return SetAsideGroup(
        id=f"{where}-{code}-{template}",
        cause=cause(code, rows),
        code=code,
        stage=stage(where),
        template=names.kind(template, kinds),
        count=count,
        rows=shown,
        open_url="" if alone else f"{reverse('set-aside-all')}?{mine.query()}",
        go_on_url=f"{reverse('set-aside-go-on')}?{mine.query()}" if correct and able else "",
        can_go_on=able,
    )


def _place(wanted: Wanted, rows: Sequence[SetAside], at: int) -> str:
    """Where somebody is led back to from the record at ``at``: the same list, at the row that stays beside it."""
    near = rows[at + 1] if at + 1 < len(rows) else rows[at - 1] if at else None
    query = wanted.query()
    return (
        reverse("set-aside-all") + (f"?{query}" if query else "") + (f"#set-aside-{near.record_id.hex}" if near else "")
    )

"""docs/metrics.md tells the metrics of the code, and its rules ask only for those."""

from __future__ import annotations

import re

import docs_kit as kit
import yaml

from postroom.project.metrics.catalogue import CATALOGUE, HISTOGRAM

_ROW = re.compile(r"^\| `(postroom_\w+)` \| (\w+) \|([^|]*)\|([^|]*)\|$", re.M)
_NAME = re.compile(r"\bpostroom_\w+")
_LABELLED = re.compile(r"\b(postroom_\w+)\{([^}]*)\}")
PAGE = (kit.ROOT / "docs" / "metrics.md").read_text("utf-8")


def told_wrongly(page: str) -> list[str]:
    """Rows that are missing, too many or other than the code."""
    told = {
        name: (kind, tuple(re.findall(r"`(\w+)`", labels)), words.strip())
        for name, kind, labels, words in _ROW.findall(page)
    }
    known = {metric.name: (metric.kind, metric.labels, metric.help) for metric in CATALOGUE}
    return [
        f"{name}: the page says {told.get(name)}, the code {known.get(name)}"
        for name in sorted(set(told) | set(known))
        if told.get(name) != known.get(name)
    ]


def asked_in_vain(page: str) -> list[str]:
    """Names and labels anywhere on the page (rules above all) that no metric has."""
    names = {metric.name: set(metric.labels) for metric in CATALOGUE}
    for metric in CATALOGUE:
        if metric.kind == HISTOGRAM:
            names |= {f"{metric.name}_{part}": {*metric.labels, "le"} for part in ("bucket", "sum", "count")}
    found = [f"there is no {name}" for name in sorted(set(_NAME.findall(page)) - set(names))]
    for name, selectors in _LABELLED.findall(page):
        for label in re.findall(r"(\w+)\s*[=!]", selectors):
            if label not in names.get(name, set()):
                found.append(f"{name} has no label {label}")
    return found


def rules(page: str) -> list[dict[str, str]]:
    """The alert rules of the page, read as Prometheus would."""
    blocks = [yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```", page, re.M | re.S)]
    return [rule for block in blocks for group in block.get("groups", []) for rule in group["rules"]]


def test_the_page_tells_every_metric_as_it_is() -> None:
    assert told_wrongly(PAGE) == []


def test_no_rule_asks_for_what_there_is_not() -> None:
    assert asked_in_vain(PAGE) == []
    told = rules(PAGE)
    assert all(_NAME.search(rule["expr"]) and rule["annotations"] for rule in told)
    assert {"PostroomUnbalanced", "PostroomInDoubt", "PostroomQueueStands", "PostroomWorkerMissing"} <= {
        rule["alert"] for rule in told
    }
    assert {"PostroomCheckpointOld", "PostroomDiskReserve"} <= {rule["alert"] for rule in told}


def test_names_are_those_of_the_house_and_say_their_unit() -> None:
    for metric in CATALOGUE:
        assert re.fullmatch(r"postroom_[a-z_]+", metric.name), metric.name
        assert metric.help.endswith(".") and len(metric.help) > 20, metric.name
        assert metric.kind != HISTOGRAM or metric.name.endswith("_seconds"), metric.name


def test_planted_a_metric_that_is_not_told_or_not_there_is_found() -> None:
    first = CATALOGUE[0].name
    assert len(told_wrongly(PAGE.replace(f"| `{first}` |", "| `postroom_walks` |"))) == 2
    assert len(told_wrongly(PAGE.replace(CATALOGUE[3].help, "Something else."))) == 1
    assert asked_in_vain('expr: postroom_runs_open > 0 and postroom_tasks{status="todo"} > 0') == [
        "there is no postroom_runs_open",
        "postroom_tasks has no label status",
    ]

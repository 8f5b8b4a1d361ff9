"""Decision tables: check before storing, decide in the cell, and say why."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Sequence
from typing import Any

from postroom.cage import Fault
from postroom.kernel.errors import BadInput
from postroom.rules import limits, tables
from postroom.rules.door import FloatAtTheDoor, pass_in, pass_out
from postroom.rules.errors import Problem, TableRefused
from postroom.rules.evaluator import Evaluator, shared
from postroom.rules.results import Decision, DecisionFault, Why
from postroom.rules.zen_words import explain

_OUT_OF_TIME = DecisionFault(
    "",
    "The time for this chunk was used up by the inputs before this one.",
    "Look at the inputs of this chunk that were stopped.",
)


def check_table(jdm: Any, *, facts: Collection[str] = (), evaluator: Evaluator | None = None) -> None:
    """Refuse a table that would not work, or would silently decide nothing. Raises TableRefused with all problems.

    ``facts``: names that cells may read beside the table's own columns.
    """
    found = tables.inspect(jdm, facts)
    evaluator = evaluator or shared()
    problems = found.problems
    for parse, asked in ((evaluator.parse_cells, found.conditions), (evaluator.parse, found.expressions)):
        for (text, where), said in zip(asked, parse([text for text, _ in asked]), strict=True):
            if said:
                problems.append(Problem(where, f"{said.reason} In: {text}", said.hint, 0, said.column))
    if not problems:
        (result,) = evaluator.run([({"op": "decide"}, [_encode(jdm)])])
        if isinstance(result, Fault):
            problems.append(Problem("", result.reason, result.hint))
    if problems:
        raise TableRefused(problems)


def decide(
    jdm: dict[str, Any],
    inputs: Sequence[dict[str, Any]],
    *,
    evaluator: Evaluator | None = None,
    seconds: float = limits.CHUNK_SECONDS,
) -> list[Decision | DecisionFault]:
    """One decision per input, in order, with the rows that were hit. The table must have passed `check_table`.

    ``seconds`` bound the whole chunk; what is left then is a fault.

    A value of the wrong kind (a text where the table compares numbers) is a fault: zen would silently find no row.
    """
    evaluator = evaluator or shared()
    kinds = tables.number_columns(jdm)
    results: list[Decision | DecisionFault | None] = [None] * len(inputs)
    ready: list[tuple[int, bytes]] = []
    for index, given in enumerate(inputs):
        try:
            wrong = _wrong_kind(given, *kinds)
            if wrong:
                results[index] = wrong
            else:
                ready.append((index, pass_in(given)))
        except BadInput as error:
            results[index] = DecisionFault(str(error.context.get("where", "")), error.message, error.hint)
    table, orders = _encode(jdm), _rows(jdm)
    batches = [ready[start : start + limits.BATCH] for start in range(0, len(ready), limits.BATCH)]
    until = time.monotonic() + seconds
    while batches and time.monotonic() < until:
        again: list[list[tuple[int, bytes]]] = []
        jobs = [({"op": "decide"}, [table, *(given for _, given in batch)]) for batch in batches]
        answers = evaluator.run(jobs)
        for batch in batches:
            if time.monotonic() > until:
                break
            answer = next(answers)
            if not isinstance(answer, Fault):
                for (index, _), said in zip(batch, answer.value, strict=True):
                    results[index] = _decision(said, orders)
            elif len(batch) > 1:
                again += [[item] for item in batch]
            else:
                results[batch[0][0]] = DecisionFault("", answer.reason, answer.hint)
        answers.close()
        batches = again
    return [_OUT_OF_TIME if result is None else result for result in results]


def _decision(said: dict[str, Any], orders: dict[str, dict[str, int]]) -> Decision | DecisionFault:
    if "fault" in said:
        why = explain(*said["fault"])
        return DecisionFault("", why.reason, why.hint)
    try:
        outputs = pass_out(said["result"], "outputs")
        explanation = tuple(_explained(said["trace"], orders))
    except FloatAtTheDoor as error:
        return DecisionFault(str(error.context["where"]), error.message, error.hint)
    rows = tuple(outputs) if isinstance(outputs, list) else (outputs,) if outputs else ()
    return Decision(rows[0] if rows else {}, rows, explanation)


def _explained(trace: dict[str, Any], orders: dict[str, dict[str, int]]) -> list[Why]:
    hits = []
    for node in sorted(trace.values(), key=lambda node: node["order"]):
        if node["id"] not in orders or not node["traceData"]:
            continue
        data = node["traceData"]
        for hit in data if isinstance(data, list) else [data]:
            rule = hit["rule"]
            cells = {_column(key): cell for key, cell in rule.items() if not key.startswith("_")}
            row = orders[node["id"]].get(rule.get("_id", ""), hit["index"] + 1)
            looked = pass_out(hit["reference_map"], "inputs")
            hits.append(Why(node["name"], row, rule.get("_description") or "", looked, cells))
    return hits


def _column(key: str) -> str:
    """zen names a traced cell ``country[c1]``: field and column id."""
    return key.rsplit("[", 1)[0]


def _rows(jdm: dict[str, Any]) -> dict[str, dict[str, int]]:
    """For each table node, the number of each row by its id."""
    return {
        node["id"]: {rule["_id"]: number for number, rule in enumerate(node["content"]["rules"], 1) if "_id" in rule}
        for node in jdm["nodes"]
        if node["type"] == "decisionTableNode"
    }


def _wrong_kind(given: dict[str, Any], numbers: dict[str, str], texts: dict[str, str]) -> DecisionFault | None:
    for kinds, wanted, hint in (
        (numbers, (int, float), "Give whole numbers; amounts as whole minor units, such as cents (P9)."),
        (texts, (str,), "Give it as text."),
    ):
        for path, cell in kinds.items():
            value: Any = given
            for name in path.split("."):
                value = value.get(name) if isinstance(value, dict) else None
            if value is None or (isinstance(value, wanted) and not isinstance(value, bool)) or isinstance(value, list):
                continue
            return DecisionFault(
                path, f"{path} is {value!r}, which can never meet the condition {cell!r} of the table.", hint
            )
    return None


def _encode(jdm: Any) -> bytes:
    return json.dumps(jdm, ensure_ascii=False, separators=(",", ":")).encode()

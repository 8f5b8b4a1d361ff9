"""The caged side of rules: the only module that imports zen. Runs in a cell, which may be killed at any moment.

Programs come with each chunk and are kept by their text, so a cell that replaces a killed one needs no preparation.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import zen

from postroom.cage.bench import BenchFault
from postroom.rules.assemble import Aside, Program
from postroom.rules.zen_words import first_line, parsed

_KEPT = 64


class RulesBench:
    """Jobs: ``parse`` (expressions), ``parse_cells`` (table cells), ``map`` (blobs: program, records), ``decide``
    (blobs: table, inputs)."""

    def __init__(self, setup: dict[str, Any]) -> None:
        self._programs: dict[bytes, Program] = {}
        self._tables: dict[bytes, Any] = {}
        self._ops = {"parse": self._parse, "parse_cells": self._cells, "map": self._map, "decide": self._decide}

    def run(self, job: dict[str, Any], blobs: Sequence[bytes]) -> tuple[Any, Sequence[bytes]]:
        return self._ops[job["op"]](job, blobs)

    def _parse(self, job: dict[str, Any], blobs: Sequence[bytes]) -> tuple[Any, Sequence[bytes]]:
        """For each expression null, or zen's [kind, message]."""
        return [_said(zen.compile_expression, text) for text in job["texts"]], ()

    def _cells(self, job: dict[str, Any], blobs: Sequence[bytes]) -> tuple[Any, Sequence[bytes]]:
        """`zen.validate_unary_expression` refuses cells that zen itself takes (``> 5``), so they are compiled."""
        return [_said(zen.compile_unary_expression, text) for text in job["texts"]], ()

    def _map(self, job: dict[str, Any], blobs: Sequence[bytes]) -> tuple[Any, Sequence[bytes]]:
        """For each record null, or [path, expression, reason, hint]; the results as JSON, empty for a fault."""
        program = self._program(blobs[0])
        faults: list[list[str] | None] = []
        results: list[bytes] = []
        for record in blobs[1:]:
            try:
                results.append(program.result(record))
                faults.append(None)
            except Aside as aside:
                results.append(b"")
                faults.append([aside.path, aside.expression, aside.reason, aside.hint])
        return faults, results

    def _decide(self, job: dict[str, Any], blobs: Sequence[bytes]) -> tuple[Any, Sequence[bytes]]:
        """For each input {"result", "trace"} or {"fault"}."""
        table = self._table(blobs[0])
        answers: list[dict[str, Any]] = []
        for given in blobs[1:]:
            try:
                answer = table.evaluate(given, {"trace": True})
                answers.append({"result": answer["result"], "trace": answer["trace"]})
            except Exception as error:  # zen raises plain RuntimeError for everything
                answers.append({"fault": first_line(error)})
        return answers, ()

    def _program(self, text: bytes) -> Program:
        found = self._programs.get(text)
        if found is None:
            _make_room(self._programs)
            try:
                found = self._programs[text] = Program(json.loads(text))
            except RuntimeError as error:
                raise BenchFault("not-compiled", f"The mapping cannot be compiled: {parsed(error).reason}") from error
        return found

    def _table(self, text: bytes) -> Any:
        found = self._tables.get(text)
        if found is None:
            _make_room(self._tables)
            try:
                found = self._tables[text] = zen.ZenEngine().create_decision(text.decode())
            except Exception as error:  # zen raises plain RuntimeError or ValueError
                reason = " ".join(str(error).split("Stack backtrace")[0].split())
                raise BenchFault("not-compiled", f"zen does not accept the table: {reason}") from error
        return found


def _make_room(kept: dict[bytes, Any]) -> None:
    if len(kept) >= _KEPT:
        del kept[next(iter(kept))]


def _said(compile_text: Any, text: str) -> list[str] | None:
    try:
        compile_text(text)
    except Exception as error:  # zen raises plain RuntimeError for everything
        said = first_line(error)
        return [said[0], said[1]]
    return None

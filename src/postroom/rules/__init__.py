"""The one door to zen-engine: mappings from foreign records to data contracts, and decision tables.

Everything is checked before it is stored, evaluated in a cell of the cage a chunk at a time (P10), and numbers pass
a door that lets no float in or out (P9). Nothing outside this package imports ``zen``, and here only the caged bench.

    mapping = compile_mapping(text, contract=contract)
    for result in map_records(mapping, records): ...

The names below are loaded when first used, because the bench is part of this package and must start quickly.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from postroom.rules.building import compile_table, expression
    from postroom.rules.compiling import compile_mapping
    from postroom.rules.deciding import check_table, decide
    from postroom.rules.door import FloatAtTheDoor
    from postroom.rules.errors import MappingRefused, Problem, TableRefused
    from postroom.rules.evaluator import Evaluator
    from postroom.rules.mapping import Doubt, Mapping
    from postroom.rules.results import Decision, DecisionFault, MapFault, Mapped, Why
    from postroom.rules.running import map_records

_HOME = {
    "Decision": "results",
    "DecisionFault": "results",
    "Doubt": "mapping",
    "Evaluator": "evaluator",
    "FloatAtTheDoor": "door",
    "MapFault": "results",
    "Mapped": "results",
    "Mapping": "mapping",
    "MappingRefused": "errors",
    "Problem": "errors",
    "TableRefused": "errors",
    "Why": "results",
    "check_table": "deciding",
    "compile_mapping": "compiling",
    "compile_table": "building",
    "decide": "deciding",
    "expression": "building",
    "map_records": "running",
}

__all__ = [
    "Decision",
    "DecisionFault",
    "Doubt",
    "Evaluator",
    "FloatAtTheDoor",
    "MapFault",
    "Mapped",
    "Mapping",
    "MappingRefused",
    "Problem",
    "TableRefused",
    "Why",
    "check_table",
    "compile_mapping",
    "compile_table",
    "decide",
    "expression",
    "map_records",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"postroom.rules.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""Values made from others, and checks that figures agree: Decimal only, never in the page (P9).

Products are rounded commercially to the currency's digits, as a line's amount is money; sums are exact.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any

from postroom.composition.manifest import Add, CheckStep, DeriveStep, Product, Running, Sum
from postroom.composition.paths import look, put, split
from postroom.composition.problems import RecordProblem, json_path

_EXACT = Context(prec=64, rounding=ROUND_HALF_UP)


class _Unusable(Exception):
    """A value needed for a calculation is missing or no number."""

    def __init__(self, problem: RecordProblem) -> None:
        super().__init__(problem.reason)
        self.problem = problem


def derive(record: dict[str, Any], steps: tuple[DeriveStep, ...], digits: int) -> list[RecordProblem]:
    """Carry out the steps on ``record`` itself, in order, and tell what could not be done."""
    problems: list[RecordProblem] = []
    for step in steps:
        try:
            match step.verb:
                case Product() as product:
                    _product(record, product, digits)
                case Running() as running:
                    _running(record, running, digits)
                case Sum() as total:
                    _sum(record, total, digits)
                case Add() as add:
                    _add(record, add, digits)
        except _Unusable as fault:
            problems.append(fault.problem)
    return problems


def check(record: dict[str, Any], steps: tuple[CheckStep, ...]) -> list[RecordProblem]:
    """The checks that fail, each naming both figures."""
    problems: list[RecordProblem] = []
    for step in steps:
        try:
            if step.sum is not None:
                said, parts = step.sum.equals, f"{step.sum.each}[].{step.sum.of}"
                rows = look(record, split(step.sum.each))
                stated = look(record, split(said))
                if not rows and stated is None:
                    continue
                total = _total(record, step.sum.each, step.sum.of)
                verb = "add up to"
            else:
                assert step.add is not None
                said, parts = step.add.equals, " + ".join(step.add.of)
                if all(look(record, split(path)) is None for path in (*step.add.of, said)):
                    continue
                total = sum((_number(record, split(path), []) for path in step.add.of), Decimal(0))
                verb = "make"
            figure = _number(record, split(said), [])
        except _Unusable as fault:
            problems.append(fault.problem)
            continue
        if figure != total:
            problems.append(
                RecordProblem(
                    "figures-differ",
                    json_path(split(said)),
                    f"{parts} {verb} {total:f}, but {said} says {figure:f}; the difference is {figure - total:f}.",
                    "Correct one of the two at the source; Postroom does not choose between figures.",
                )
            )
    return problems


def _product(record: dict[str, Any], step: Product, digits: int) -> None:
    into = split(step.into)
    for where, row in _rows(record, step.each):
        if look(row, into) is None:
            value = Decimal(1)
            for factor in step.of:
                value = _EXACT.multiply(value, _number(row, split(factor), where))
            cent = Decimal(1).scaleb(-digits)
            put(row, into, f"{value.quantize(cent, context=_EXACT):f}")


def _running(record: dict[str, Any], step: Running, digits: int) -> None:
    total, into, of = Decimal(0), split(step.into), split(step.of)
    for where, row in _rows(record, step.each):
        figure = look(row, of)
        if figure is not None:
            total = _EXACT.add(total, _decimal(figure, of, where))
        if look(row, into) is None:
            put(row, into, written(total, digits))


def _sum(record: dict[str, Any], step: Sum, digits: int) -> None:
    if look(record, split(step.into)) is None:
        put(record, split(step.into), written(_total(record, step.each, step.of), digits))


def _add(record: dict[str, Any], step: Add, digits: int) -> None:
    if look(record, split(step.into)) is None:
        total = sum((_number(record, split(path), []) for path in step.of), Decimal(0))
        put(record, split(step.into), written(total, digits))


def _total(record: dict[str, Any], each: str, of: str) -> Decimal:
    """The sum of a column; a row that leaves an optional figure out (no debit, only a credit) adds nothing."""
    total, steps = Decimal(0), split(of)
    for where, row in _rows(record, each):
        figure = look(row, steps)
        if figure is not None:
            total = _EXACT.add(total, _decimal(figure, steps, where))
    return total


def _rows(record: dict[str, Any], each: str | None) -> Iterator[tuple[list[str | int], dict[str, Any]]]:
    """The rows of a list with where they are; the record itself when no list is named."""
    if each is None:
        yield [], record
        return
    steps = split(each)
    rows = look(record, steps)
    for index, row in enumerate(rows if isinstance(rows, list) else ()):
        if isinstance(row, dict):
            yield [*steps, index], row


def _number(record: Any, steps: tuple[str, ...], where: list[str | int]) -> Decimal:
    value = look(record, steps)
    if value is None:
        reason = "The value is missing, but another one is calculated from it."
        raise _Unusable(RecordProblem("missing-field", json_path([*where, *steps]), reason, "Add it to the record."))
    return _decimal(value, steps, where)


def _decimal(value: Any, steps: tuple[str, ...], where: list[str | int]) -> Decimal:
    """The value found at ``steps`` of ``where`` as a number."""
    try:
        if type(value) is bool:
            raise InvalidOperation
        number = Decimal(repr(value)) if type(value) is float else Decimal(value)
        if number.is_finite():
            return number
    except (InvalidOperation, TypeError, ValueError):
        pass
    raise _Unusable(
        RecordProblem(
            "not-number", json_path([*where, *steps]), f"The value {value!r} is no number.", 'Write it like "12.50".'
        )
    )


def written(value: Decimal, digits: int) -> str:
    """A decimal as text with at least ``digits`` places and no zeros beyond them."""
    text = f"{value:f}"
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0").ljust(digits, "0")
    return f"{whole}.{fraction}" if fraction else whole

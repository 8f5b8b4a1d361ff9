"""Rows of a table become records: dotted headers nest, and consecutive rows of one key become one record.

Used by CSV and XLSX alike, so that a sheet saved as CSV gives the same records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from postroom.intake.spec import SourceConfig, UnreadableFile
from postroom.plugins.sources._base import MAX_DEPTH, Flaw, Unit


class TableConfig(SourceConfig):
    """Options of all tables.

    ``group_by`` names a column: consecutive rows with the same value in it become one record, and the columns
    ``lines.*`` of each row one entry of its list ``lines``. The other columns are taken from the first row; later
    rows may repeat or leave them empty. ``lines`` gives the list another name.
    """

    group_by: str = ""
    lines: str = "lines"


class Columns:
    """What the header row says. ``record`` builds the nested data of one row. Raises UnreadableFile."""

    def __init__(self, names: Sequence[str], where: str) -> None:
        self.names = [name.strip() for name in names]
        self.width = len(self.names)
        _refuse_bad_names(self.names, where)
        self._tree: dict[str, Any] = {}
        for index, name in enumerate(self.names):
            self._plant(name, index, where)
        self._flat = all(not isinstance(node, dict) for node in self._tree.values())

    def _plant(self, name: str, index: int, where: str) -> None:
        *folders, leaf = name.split(".")
        node = self._tree
        for folder in folders:
            below = node.setdefault(folder, {})
            if not isinstance(below, dict):
                raise _clash(folder, name, where)
            node = below
        if leaf in node:
            raise _clash(leaf, name, where)
        node[leaf] = index

    def record(self, values: Sequence[Any]) -> dict[str, Any]:
        """The data of a row with ``width`` values."""
        if self._flat:
            return dict(zip(self.names, values, strict=True))
        return _grow(self._tree, values)


def _grow(tree: dict[str, Any], values: Sequence[Any]) -> dict[str, Any]:
    return {name: _grow(node, values) if type(node) is dict else values[node] for name, node in tree.items()}


def _refuse_bad_names(names: Sequence[str], where: str) -> None:
    seen: dict[str, int] = {}
    for number, name in enumerate(names, 1):
        if not name or "" in name.split(".") or name.count(".") >= MAX_DEPTH - 1:
            what = f'is "{name[:100]}"' if name else "is empty"
            raise UnreadableFile(
                f"The name of column {number} in the header ({where}) {what}.",
                hint="Give every column a name in the first row; dots nest, as in customer.name.",
                column=number,
            )
        if name in seen:
            raise UnreadableFile(
                f'The header ({where}) names two columns "{name[:100]}": {seen[name]} and {number}.',
                hint="Give each column a name of its own.",
                column=number,
            )
        seen[name] = number


def _clash(part: str, name: str, where: str) -> UnreadableFile:
    return UnreadableFile(
        f'The header ({where}) uses "{part[:100]}" both as a column and as the beginning of others ("{name[:100]}").',
        hint="Rename one of them; a name cannot be a value and hold names at once.",
    )


class Row:
    """One row as a table reader hands it over: its values, or the flaw and the key it may belong to."""

    __slots__ = ("flaw", "line", "raw", "size", "values")

    def __init__(self, line: int, values: list[Any], size: int, raw: Callable[[], str], flaw: Flaw | None = None):
        self.line = line
        self.values = values
        self.size = size
        self.raw = raw
        self.flaw = flaw


def records(rows: Iterable[Row], columns: Columns, config: TableConfig) -> Iterator[Unit]:
    """The units that ``rows`` give."""
    if config.group_by:
        yield from Groups(columns, config).units(rows)
        return
    build = columns.record
    for row in rows:
        if row.flaw is None:
            yield row.line, build(row.values)
        else:
            row.flaw.raw = row.flaw.raw or row.raw()
            yield row.line, row.flaw


class Groups:
    """Collects consecutive rows of one key.

    A record with a row missing is worse than no record (an invoice that lacks a line). So a bad row takes its
    whole group with it. The key of a bad row is believed only when it is the one of the group it stands in (a
    missing delimiter moves all values); otherwise the groups on both sides of it are set aside, too.
    """

    def __init__(self, columns: Columns, config: TableConfig) -> None:
        self._columns = columns
        self._limit = config.max_record_bytes
        self._list = config.lines
        self._prefix = config.lines + "."
        if config.group_by not in columns.names:
            raise UnreadableFile(
                f'The option group_by names the column "{config.group_by}", which the header does not have.',
                hint=f"The columns are: {', '.join(columns.names)[:500]}.",
            )
        if config.group_by.startswith(self._prefix):
            raise UnreadableFile(
                f'The option group_by names "{config.group_by}", a column of the lines themselves.',
                hint="Group by a column of the record, such as its number.",
            )
        self._key = columns.names.index(config.group_by)
        self._of_line = [name.startswith(self._prefix) for name in columns.names]
        if not any(self._of_line):
            raise UnreadableFile(
                f'The option group_by is set, but no column is named "{self._prefix}...".',
                hint=f'Name the columns of the lines "{self._prefix}text" and so on, or set the option lines.',
            )
        self._lines = Columns([name for name in columns.names if name.startswith(self._prefix)], "lines")
        self._clear(None)

    def _clear(self, key: Any) -> None:
        self._group_key = key
        self._first: Row | None = None
        self._entries: list[dict[str, Any]] = []
        self._size = 0
        self._flaw: Flaw | None = None
        self._raw = ""

    def units(self, rows: Iterable[Row]) -> Iterator[Unit]:
        """One unit per group, and one for each bad row whose key is unknown."""
        doubt: int | None = None  # the line of a bad row that may have belonged to the group that comes
        for row in rows:
            key = row.values[self._key] if len(row.values) > self._key else None
            flaw = row.flaw
            if key is None and flaw is None:
                flaw = Flaw(
                    "group",
                    f'Line {row.line}: the column "{self._columns.names[self._key]}" that groups the rows is empty.',
                    "Repeat its value in each row of a group.",
                )
            known = self._first is not None and key is not None and key == self._group_key
            if flaw is not None and (flaw.rest_lost or not known):
                if self._first:
                    self._flaw = self._flaw or _perhaps(row.line)
                    yield self._close()
                flaw.raw = flaw.raw or row.raw()
                yield row.line, flaw
                doubt = row.line
                continue
            if self._first is None or key != self._group_key:
                if self._first:
                    yield self._close()
                self._clear(key)
                self._first = row
                self._flaw = None if doubt is None else _perhaps(doubt)
                doubt = None
            self._add(row)
        if self._first:
            yield self._close()

    def _add(self, row: Row) -> None:
        self._size += row.size
        if len(self._raw) < 65536:
            self._raw += row.raw()
        if self._flaw:
            return
        first = self._first
        assert first is not None
        self._flaw = row.flaw
        if self._size > self._limit:
            self._entries.clear()
            self._flaw = Flaw(
                "too-large",
                f"The group that begins on line {first.line} is longer than {self._limit:,} bytes.",
                "Check the option group_by; if records are really that large, raise max_record_bytes.",
            )
        if self._flaw:
            return
        line: list[Any] = []
        for index, value in enumerate(row.values):
            if self._of_line[index]:
                line.append(value)
            elif value is not None and value != first.values[index]:
                self._flaw = Flaw(
                    "group",
                    f'Line {row.line}: the column "{self._columns.names[index]}" differs from the first row of the '
                    f"group (line {first.line}).",
                    f'Repeat the same value, leave it empty, or name the column "{self._prefix}..." '
                    "if it belongs to the line.",
                )
                return
        if any(value is not None for value in line):
            entry: Any = self._lines.record(line)
            for step in self._list.split("."):
                entry = entry[step]
            self._entries.append(entry)

    def _close(self) -> Unit:
        first, flaw = self._first, self._flaw
        assert first is not None
        unit: Unit
        if flaw:
            flaw.raw = self._raw
            unit = first.line, flaw
        else:
            data = self._columns.record(first.values)
            *folders, leaf = self._list.split(".")
            place = data
            for folder in folders:
                place = place[folder]
            place[leaf] = self._entries
            unit = first.line, data
        self._clear(None)
        return unit


def _perhaps(line: int) -> Flaw:
    return Flaw(
        "group",
        f"This group is beside the bad row of line {line} and may lack a line.",
        "Correct that row and send both again.",
    )

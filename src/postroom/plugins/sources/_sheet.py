"""Rows of one sheet (ECMA-376, part 1, clause 18.3.1) while the parser runs over it."""

from __future__ import annotations

from typing import Any
from xml.parsers import expat

from postroom.plugins.sources._base import Flaw
from postroom.plugins.sources._excelvalues import cell_value, unescaped
from postroom.plugins.sources._sharedstrings import SharedStrings

_COLUMNS = 16_384
_DIGITS = "0123456789"


class SheetRow:
    """A row that is not blank: its number, its values from column A on, how much text it had, its first flaw."""

    __slots__ = ("flaw", "flawed_column", "number", "size", "values")

    def __init__(self, number: int) -> None:
        self.number = number
        self.values: list[Any] = []
        self.size = 0
        self.flaw: Flaw | None = None
        self.flawed_column = 0


class SheetRows:
    """Handlers of an expat parser. Finished rows gather in ``rows``."""

    def __init__(
        self, parser: expat.XMLParserType, strings: SharedStrings, dates: dict[str, str], since_1904: bool, limit: int
    ) -> None:
        self.rows: list[SheetRow] = []
        self.number = 0
        self._strings = strings
        self._dates = dates
        self._since_1904 = since_1904
        self._limit = limit
        self._letters: dict[str, int] = {}
        self._parser = parser
        parser.StartElementHandler = self._root

    def _root(self, name: str, attributes: dict[str, str]) -> None:
        """The root tells the prefix of all names; then the handlers proper are made for it.

        They are closures over plain variables because a sheet of a million rows calls them fifty million times.
        """
        prefix = name[: name.rfind(":") + 1]
        row_tag, cell_tag, value_tag, text_tag = (prefix + tag for tag in ("row", "c", "v", "t"))
        formula_tag, reading_tag = prefix + "f", prefix + "rPh"
        row = SheetRow(0)
        cell: dict[str, str] = {}
        text: list[str] = []
        inline: list[str] = []
        has_value = formula = collecting = reading = False
        column = -1
        letters, limit, finished = self._letters, self._limit, self.rows

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal cell, collecting, formula, has_value, row, column, reading
            if name == cell_tag:
                cell = attributes
                has_value = formula = False
            elif name == value_tag:
                collecting = has_value = True
            elif name == text_tag:
                collecting = not reading
            elif name == formula_tag:
                formula = True
            elif name == row_tag:
                column = -1
                row = SheetRow(self._row_number(attributes.get("r", "")))
            elif name == reading_tag:
                reading = True

        def chars(data: str) -> None:
            if collecting:
                row.size += len(data)
                if row.size <= limit:
                    text.append(data)

        def end(name: str) -> None:
            nonlocal collecting, column, reading
            if name == cell_tag:
                reference = cell.get("r")
                if reference:
                    place = reference.rstrip(_DIGITS)
                    column = letters[place] if place in letters else self._column(place)
                else:
                    column += 1
                try:
                    value = self._value(cell, "".join(text) if has_value else None, formula, inline)
                except Flaw as flaw:
                    value = None
                    if row.flaw is None:
                        row.flaw, row.flawed_column = flaw, column
                text.clear()
                inline.clear()
                if value is not None:
                    values = row.values
                    if column == len(values) < _COLUMNS:
                        values.append(value)
                    elif 0 <= column < _COLUMNS:
                        values.extend([None] * (column + 1 - len(values)))
                        values[column] = value
                    elif row.flaw is None:
                        what = f"a cell is at {(reference or '')[:20]!r}, beyond the last column XFD"
                        row.flaw = Flaw("cell-error", what, "Save the workbook again from Excel or LibreOffice.")
                        row.flawed_column = -1
            elif name == value_tag:
                collecting = False
            elif name == text_tag:
                collecting = False
                inline.append("".join(text))
                text.clear()
            elif name == reading_tag:
                reading = False
            elif name == row_tag:
                if row.size > limit:
                    row.flaw = Flaw(
                        "too-large",
                        f"the row is longer than {limit:,} characters",
                        "Check the sheet; if records are really that large, raise the option max_record_bytes.",
                    )
                if row.values or row.flaw:
                    finished.append(row)

        self._parser.StartElementHandler = start
        self._parser.EndElementHandler = end
        self._parser.CharacterDataHandler = chars

    def _row_number(self, text: str) -> int:
        self.number = int(text) if text.isdecimal() and len(text) < 9 else self.number + 1
        return self.number

    def _column(self, place: str) -> int:
        """``A`` is 0. Places beyond XFD do not exist and count as -1."""
        index = 0
        for letter in place[:4].upper():
            index = index * 26 + ord(letter) - 64
        found = index - 1 if place.isascii() and place.isalpha() and len(place) < 4 and index <= _COLUMNS else -1
        if len(self._letters) < _COLUMNS:
            self._letters[place] = found
        return found

    def _value(self, cell: dict[str, str], text: str | None, formula: bool, inline: list[str]) -> Any:
        kind = cell.get("t", "n")
        try:
            if kind == "s":
                return self._strings[int(text)] or None if text else None
            if kind == "inlineStr":
                return unescaped("".join(inline)) or None
            return cell_value(kind, text, formula, self._dates.get(cell.get("s", ""), ""), self._since_1904)
        except (ValueError, IndexError, ArithmeticError) as error:
            what = f"the value {(text or '')[:60]!r} of type {kind[:20]} cannot be read"
            raise Flaw("cell-error", what, "Save the workbook again from Excel or LibreOffice.") from error

"""Lists as CSV, written row by row while they are read: a spreadsheet opens them, and runs nothing in them."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext, ngettext

#: Rows of one export; the last line says so when there are more.
MOST = 100_000
_NUMBER = re.compile(r"[-+]?\d+([.,]\d+)?")
_LEADS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def safe(value: object) -> str:
    """A cell no spreadsheet takes for a formula (CWE-1236): an apostrophe in front of what begins like one. Plain
    numbers stay numbers."""
    text = "" if value is None else str(value).replace("\x00", "")
    return f"'{text}" if text.lstrip(" ").startswith(_LEADS) and not _NUMBER.fullmatch(text) else text


class _Echo:
    """A file that hands back what is written: csv needs one, and nothing is gathered."""

    def write(self, text: str) -> str:
        return text


def lines_of(heads: Sequence[str], rows: Iterable[Sequence[object]], most: int = MOST) -> Iterator[str]:
    """The file, line by line; with the byte order mark Excel needs to read UTF-8."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow([safe(head) for head in heads])
    for at, row in enumerate(rows):
        if at >= most:
            said = ngettext("Only the first {count} row.", "Only the first {count} rows.", most).format(count=most)
            yield writer.writerow([safe(f"{said} {gettext('Filter the list and export again.')}")])
            return
        yield writer.writerow([safe(cell) for cell in row])


def as_csv(name: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """An answer that is saved as ``name``."""
    response = StreamingHttpResponse(lines_of(heads, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response

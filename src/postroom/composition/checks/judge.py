"""One document held against the assertions of its template. Rules that always hold are in ``house_rules``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from postroom.composition.checks.assertions import Assertion, stem
from postroom.composition.checks.failures import Failure
from postroom.composition.checks.pages import Page, Rect, Run, around, dense, joined, lies_in, said, where
from postroom.composition.checks.values import filled, read_symbol, texts_at
from postroom.composition.checks.windows import WINDOWS
from postroom.composition.manifest import Manifest
from postroom.composition.prepare import Prepared


@dataclass(frozen=True, slots=True)
class Document:
    """A finished document with everything it is judged by. ``sample`` is the file's name; ``language`` the words file
    that was asked for; ``symbols`` are those a reader found."""

    manifest: Manifest
    sample: str
    language: str
    prepared: Prepared
    pages: tuple[Page, ...]
    claims: dict[str, Any] = field(default_factory=dict)
    symbols: Sequence[dict[str, Any]] = ()

    def failure(
        self,
        code: str,
        what: str,
        hint: str = "",
        *,
        by: Assertion | None = None,
        page: int = 0,
        rects: Sequence[Rect] = (),
    ) -> Failure:
        """A failure of this document."""
        return Failure(
            code,
            by.file if by else self.sample,
            by.line if by else 0,
            stem(self.sample),
            self.language,
            what,
            hint,
            page,
            tuple(rects),
        )


def judge(document: Document, assertions: Sequence[Assertion]) -> list[Failure]:
    """Every assertion that does not hold."""
    name = stem(document.sample)
    return [
        failure
        for one in assertions
        if one.holds_for(name, document.language)
        for failure in _JUDGES[one.expect.verb](document, one)
    ]


def wants_symbols(assertions: Sequence[Assertion], sample: str, language: str) -> bool:
    """Whether symbols have to be read for this document, which takes longer than all the rest."""
    return any(one.expect.barcode is not None and one.holds_for(sample, language) for one in assertions)


def _within(document: Document, one: Assertion) -> Iterator[tuple[Page, list[Run]]]:
    """The pages an assertion is about, with the runs in its rectangle."""
    for page in document.pages:
        if one.expect.page in (None, page.number):
            inside = one.expect.inside
            yield page, [run for run in page.runs if inside is None or lies_in(run.rect, inside)]


def _text(document: Document, one: Assertion) -> Iterator[Failure]:
    for wanted in one.expect.text or ():
        text = filled(wanted, document.prepared.view)
        if text is None:
            continue  # this record has no such field
        seen = list(_within(document, one))
        if any(dense(text) in joined(runs) for _, runs in seen) or dense(text) in "".join(
            joined(runs) for _, runs in seen
        ):
            continue
        elsewhere = [(page, where(page.runs, dense(text))) for page in document.pages]
        found = [(page, runs) for page, runs in elsewhere if runs]
        expected = [one.expect.inside] if one.expect.inside else []
        if found:
            page, runs = found[0]
            what = f"{text!r} stands on page {page.number}, {said(around(runs))}; expected {_place(one)}."
            yield document.failure(
                "text-elsewhere", what, "Move it back, or say where it belongs now.",
                by=one, page=page.number, rects=[around(runs), *expected],
            )  # fmt: skip
        else:
            what = f"{text!r} does not stand {_place(one)}."
            near = _nearest(text, [run for _, runs in seen for run in runs])
            hint = f"Nearest is {near!r}." if near else "Nothing is like it."
            number = one.expect.page or 1
            number = number if number <= len(document.pages) else 0
            yield document.failure("text-missing", what, hint, by=one, page=number, rects=expected)


def _absent(document: Document, one: Assertion) -> Iterator[Failure]:
    for unwanted in one.expect.absent or ():
        text = filled(unwanted, document.prepared.view)
        if text is None:
            continue
        for page, runs in _within(document, one):
            found = where(runs, dense(text))
            if found:
                what = f"{text!r} must not stand {_place(one)}: {said(around(found))}."
                yield document.failure(
                    "text-present", what, "Take it out.", by=one, page=page.number, rects=[around(found)]
                )
                break


def _total(document: Document, one: Assertion) -> Iterator[Failure]:
    """Each figure of the record stands on the page as often as the record has it, with no digit more or less."""
    wanted: dict[str, str] = {}
    times: Counter[str] = Counter()
    for path in one.expect.total or ():
        for figure in texts_at(document.prepared.view, path):
            wanted.setdefault(figure, path)
            times[figure] += 1
    seen = " \n ".join(" ".join(run.text for run in runs) for _, runs in _within(document, one))
    spaced = " ".join(seen.replace("\u00a0", " ").replace("\u202f", " ").split())
    for figure, path in wanted.items():
        plain = " ".join(figure.replace("\u00a0", " ").replace("\u202f", " ").split())
        found = len(re.findall(rf"(?<![0-9])(?<![0-9][.,'’]){re.escape(plain)}(?![0-9])(?![.,'’][0-9])", spaced))
        if found < times[figure]:
            often = f"{found} of {times[figure]} times" if found else "nowhere"
            what = f"{path} is {figure!r} in the record, and stands {often} {_place(one)}."
            yield document.failure(
                "total-differs", what, "Show the record's own figure.", by=one, page=one.expect.page or 1,
                rects=[one.expect.inside] if one.expect.inside else _like_figures(document, figure),
            )  # fmt: skip


def _address(document: Document, one: Assertion) -> Iterator[Failure]:
    """Name and address lie whole in the window of the envelope, on the first page."""
    window = WINDOWS[one.expect.address or ""]
    recipient, view = document.manifest.recipient, document.prepared.view
    parts = texts_at(view, recipient.name)
    if recipient.address:
        parts += [
            text for step in ("lines", "postal_code", "city") for text in texts_at(view, f"{recipient.address}.{step}")
        ]
    page = document.pages[0]
    inside = [run for run in page.runs if lies_in(run.rect, window)]
    shown = joined(inside)
    for part in dict.fromkeys(parts):
        if dense(part) in shown:
            continue
        runs = _closest(page, dense(part), window)
        if runs:
            what = f"{part!r} stands {said(around(runs))}: outside the window {one.expect.address}, {said(window)}."
            hint, rects = "Move the address into the window.", [window, around(runs)]
        else:
            what, rects = f"{part!r} of the address does not stand in the window {one.expect.address}.", [window]
            hint = "Show the whole address in the window."
        yield document.failure("address-outside", what, hint, by=one, page=1, rects=rects)


def _closest(page: Page, wanted: str, window: Rect) -> Sequence[Run]:
    """Where the text stands nearest to the window: it may stand elsewhere on the page besides."""
    left, top, wide, tall = window
    near = [
        run
        for run in page.runs
        if run.x < left + wide + 20 and run.x + run.w > left - 20 and run.y < top + tall + 20 and run.y > top - 20
    ]
    return where(near, wanted) or where(page.runs, wanted)


def _barcode(document: Document, one: Assertion) -> Iterator[Failure]:
    barcode = one.expect.barcode
    if barcode is None:
        return
    if barcode.code:
        drawn = document.prepared.codes.get(barcode.code)
        if drawn is None:
            return  # its `when` does not hold for this record
        text = read_symbol(drawn)
    else:
        text = filled(barcode.reads, document.prepared.view)
    if text is None:
        return
    inside = one.expect.inside
    seen = [
        symbol
        for symbol in document.symbols
        if one.expect.page in (None, symbol["page"]) and (inside is None or lies_in(_rect(symbol["box"]), inside))
    ]
    if any(_same(symbol["text"], text) for symbol in seen):
        return
    first = seen[0] if seen else None
    found = f"it reads {first['text']!r}" if first else "no symbol can be read"
    what = f"A symbol is to read {text!r}; {found} {_place(one)}."
    yield document.failure(
        "barcode-differs" if first else "barcode-missing", what,
        "Make it larger, leave white around it, and check its text.",
        by=one, page=first["page"] if first else min(one.expect.page or 1, len(document.pages)),
        rects=[_rect(first["box"])] if first else [inside] if inside else [],
    )  # fmt: skip


def _pages(document: Document, one: Assertion) -> Iterator[Failure]:
    fewest, most = one.expect.page_range()
    count = len(document.pages)
    if count < fewest or (most is not None and count > most):
        what = f"The document has {count} page{'s' if count != 1 else ''}; expected {one.expect.pages}."
        yield document.failure("page-count", what, "Look at its last page.", by=one, page=count)


_JUDGES = {
    "text": _text,
    "absent": _absent,
    "total": _total,
    "address": _address,
    "barcode": _barcode,
    "pages": _pages,
}


def _place(one: Assertion) -> str:
    on = f"on page {one.expect.page}" if one.expect.page else "in the document"
    return f"{on}, in the rectangle {said(one.expect.inside)}" if one.expect.inside else on


def _same(one: str, other: str) -> bool:
    """Readers give line ends and a trailing blank as they like."""
    return one.replace("\r\n", "\n").strip() == other.replace("\r\n", "\n").strip()


def _rect(box: Sequence[float]) -> Rect:
    x, y, w, h = box
    return x, y, w, h


def _nearest(text: str, runs: Sequence[Run]) -> str:
    import difflib

    known = list(dict.fromkeys(run.text.strip() for run in runs))[:2000]
    near = difflib.get_close_matches(text, known, 1, 0.5)
    return near[0] if near else ""


def _like_figures(document: Document, figure: str) -> list[Rect]:
    """Figures of the same shape on the first page: where the wrong one may stand."""
    shape = re.compile(re.sub(r"[0-9]+", "[0-9]+", re.escape(figure)))
    digits = sum(sign.isdigit() for sign in figure)
    return [
        run.rect
        for run in document.pages[0].runs
        if shape.search(run.text) and sum(sign.isdigit() for sign in run.text) == digits
    ][:12]

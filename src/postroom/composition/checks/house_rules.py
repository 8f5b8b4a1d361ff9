"""What holds for every document without anybody asserting it: nothing cut off, and no claim that is not kept."""

from __future__ import annotations

import re
from collections.abc import Iterator

from postroom.composition.checks.failures import Failure
from postroom.composition.checks.judge import Document
from postroom.composition.checks.pages import Page, Rect, Run, around, dense, joined, lies_in, said, where
from postroom.composition.checks.values import strings_of

_PDFA = re.compile(r"pdf/a-([1-4])([a-z]?)")
#: A claim of these levels holds for the lesser ones too (ISO 19005-2, 6.7.11).
_COVERS = {"a": "AUB", "u": "UB", "b": "B", "": ""}
#: Of a value that stands begun on a page so many signs are looked for: fewer may be there by chance.
_BEGUN, _LONGEST = 12, 400


def house_rules(document: Document) -> list[Failure]:
    """Every rule of the house that the document breaks."""
    found = [failure for page in document.pages for failure in _overflows(document, page)]
    return [*found, *_cut_values(document), *_claims(document)]


def _overflows(document: Document, page: Page) -> Iterator[Failure]:
    paper: Rect = (0.0, 0.0, page.w, page.h)
    out = [run for run in page.runs if not lies_in(run.rect, paper)]
    clipped = [run for run in page.runs if run.cut and run not in out]
    for runs, code, verb in (
        (out, "overflow", "reaches over the edge of the page"),
        (clipped, "clipped", "is cut off"),
    ):
        if runs:
            more = f" (and {len(runs) - 1} more)" if len(runs) > 1 else ""
            what = f"{_short(runs[0])} {verb}: {said(runs[0].rect)}{more}."
            hint = "Give it more room, or let it break into lines."
            yield document.failure(code, what, hint, page=page.number, rects=[run.rect for run in runs[:20]])


def _cut_values(document: Document) -> Iterator[Failure]:
    """A value that stands on a page with its beginning and nowhere whole was cut on its way there."""
    whole = "".join(joined(page.runs) for page in document.pages)
    told = set()
    known = [dense(text) for _, text in strings_of(document.prepared.view)]
    for path, text in strings_of(document.prepared.view):
        value = dense(text)
        if not 2 * _BEGUN <= len(value) <= _LONGEST or value in told or value in whole or path.startswith("document"):
            continue
        told.add(value)
        if path.startswith(("words", "brand", "blocks")) or "{" in value:
            continue
        begun = _begun(document, value, known)
        if begun is not None:
            page, runs = begun
            what = f"{path} is {text!r}, and only its beginning stands {said(around(runs))}."
            hint = "Let it break into lines, or give it more room."
            yield document.failure("value-cut", what, hint, page=page.number, rects=[around(runs)])


def _begun(document: Document, value: str, known: list[str]) -> tuple[Page, list[Run]] | None:
    """Where a value begins, unless the rest follows on the next page or another value begins alike."""
    start = value[:_BEGUN]
    if sum(one.startswith(start) for one in known) > known.count(value):
        return None
    for index, page in enumerate(document.pages):
        runs = list(where(page.runs, start))
        if not runs:
            continue
        here = joined(page.runs)
        length = _BEGUN
        while length < len(value) and value[: length + 1] in here:
            length += 1
        after = document.pages[index + 1 : index + 2]
        if after and value[length:] in joined(after[0].runs):
            return None
        return page, runs
    return None


def _claims(document: Document) -> Iterator[Failure]:
    claims, promises = document.claims, document.manifest.promises
    if claims.get("encrypted"):
        yield document.failure("encrypted", "The document is encrypted.", "Leave encryption out of the template.")
    for page in document.pages:
        bare = sorted({run.font or "a font without a name" for run in page.runs if not run.embedded})
        if bare:
            runs = [run.rect for run in page.runs if not run.embedded][:20]
            what = f"The font {', '.join(bare)} is not in the document."
            yield document.failure("font-missing", what, "Use fonts of the template.", page=page.number, rects=runs)
            break
    for promise in promises:
        yield from _kept(document, promise)
    strict = any(promise == "pdf/ua-1" or promise.endswith("a") for promise in promises)
    tag, wanted = str(claims.get("language", "")), document.prepared.facts.language
    if (tag or strict) and _base(tag) != _base(wanted):
        what = f"The document says it is in {tag or 'no language'}; its words are those of {wanted}."
        yield document.failure("language-differs", what, "Leave the language to the renderer, or set it right.")


def _kept(document: Document, promise: str) -> Iterator[Failure]:
    claims = document.claims
    level = _PDFA.fullmatch(promise)
    lacking = []
    if level is not None:
        claimed = str(claims.get("conformance", "")).lower()
        wanted = level[2].upper()
        if claims.get("part") != level[1] or (wanted and wanted not in _COVERS.get(claimed, "")):
            lacking.append(f"it claims {_claimed(document)}")
        if not claims.get("intent"):
            lacking.append("it has no output intent, so its colours are not fixed")
    if promise == "pdf/ua-1":
        if claims.get("ua") != "1":
            lacking.append("its metadata do not claim PDF/UA-1")
        if not claims.get("titled"):
            lacking.append("a reader is not told to show its title")
    if (promise == "pdf/ua-1" or (level is not None and level[2] == "a")) and not claims.get("tagged"):
        lacking.append("it is not tagged")
    if lacking:
        hint = "Check promises: in template.yaml against the lane."
        yield document.failure("promise-broken", f"{promise} is promised: {'; '.join(lacking)}.", hint)
    if promise == "pdf/ua-1":
        bare = sorted({page for page, described in claims.get("figures", ()) if not described})
        for page in bare:
            what = "A picture has no alternative text, and PDF/UA-1 is promised."
            yield document.failure("alt-missing", what, 'Say what it shows: alt: "...".', page=page)


def _claimed(document: Document) -> str:
    part, level = document.claims.get("part"), document.claims.get("conformance")
    return f"PDF/A-{part}{str(level or '').lower()}" if part else "no level of PDF/A"


def _base(tag: str) -> str:
    return tag.replace("_", "-").lower().partition("-")[0]


def _short(run: Run) -> str:
    text = run.text.strip()
    return repr(text if len(text) <= 60 else f"{text[:59]}…")

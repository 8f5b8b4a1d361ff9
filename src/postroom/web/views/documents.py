"""Search in the archive."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from postroom.documents.models import Document, Folder
from postroom.identity.actor import Actor
from postroom.web import asked, words
from postroom.web.access import needs
from postroom.web.answers import show, show_part
from postroom.web.exports import as_csv
from postroom.web.fill import documents, facets, found, names
from postroom.web.fill.documents import states_of
from postroom.web.fill.listing import same, tools_of
from postroom.web.fill.peek import peeked
from postroom.web.pages import BulkAct, DocumentsPage
from postroom.web.paging import how_many_text, page_of
from postroom.web.shell import actor_of
from postroom.web.words_states import state_word
from postroom.web.zips import MOST

_TYPED = ("q", "party", "from", "to", "min", "max", "run")


@needs("document.view")
def index(request: HttpRequest) -> HttpResponse:
    page = _page(request)
    if asked.partial(request):
        answer = show_part(request, "desk/_documents_found.html", page, renewed=True)
    else:
        answer = show(request, "desk/documents.html", page)
    answer["Vary"] = "HX-Request"
    return answer


@needs("document.view")
def narrow(request: HttpRequest) -> HttpResponse:
    """The facets alone, after the results: whoever knows what they look for does not wait for counts."""
    return show_part(request, "desk/_facets.html", None, facets=facets.facets_of(request, actor_of(request)))


@needs("document.view")
def export(request: HttpRequest) -> HttpResponseBase:
    """The list, or what is selected of it, as CSV."""
    actor = actor_of(request)
    rows = found.documents(request, actor)
    if request.GET.getlist("id") and not found.everything_asked(request):
        rows = rows.filter(pk__in=found.named(request))
    heads = [gettext(head) for head in ("Number", "Kind", "For", "Party number", "Date", "Amount", "Currency")]
    heads += [gettext("Folder"), gettext("Language"), gettext("State")]
    return as_csv("documents.csv", heads, _cells(actor, rows.select_related("folder", "party").iterator(500)))


def _cells(actor: Actor, rows: Iterator[Document]) -> Iterator[list[object]]:
    kinds, see = names.kinds(), actor.may("delivery.view")
    for some in _batches(rows, 500):
        states = states_of([row.pk for row in some]) if see else {}
        for row in some:
            state = state_word(states.get(row.pk, "archived"))
            amount = "" if row.amount is None else f"{row.amount:.2f}"
            yield [row.number, names.kind(row.kind, kinds), row.party.name, row.party.key, row.issued_on.isoformat(),
                   amount, row.currency, row.folder.name, row.language, state]  # fmt: skip


def _batches(rows: Iterator[Document], size: int) -> Iterator[list[Document]]:
    batch: list[Document] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _page(request: HttpRequest) -> DocumentsPage:
    actor = actor_of(request)
    given = {name: asked.text(request, name) for name in _TYPED}
    picked = [(facet, value) for facet in found.FACETS for value in found.chosen(request, facet)]
    rows, paging, total = page_of(request, found.documents(request, actor).select_related("folder"))
    filtered, misread = any(given.values()) or bool(picked), _misread(request, given)
    peek = request.GET.get("peek", "")
    kinds = names.kinds() if picked else {}
    folders = dict(Folder.objects.values_list("key", "name")) if request.GET.get("folder") else {}
    chips = {
        "kind": (gettext("Kind"), lambda value: names.kind(value, kinds)),
        "state": (gettext("Delivery"), state_word),
        "year": (gettext("Year"), same),
        "folder": (gettext("Folder"), lambda value: str(folders.get(value, value))),
        "language": (gettext("Language"), names.language),
        "party": (gettext("Party"), same),
        "from": (gettext("From"), same),
        "to": (gettext("To"), same),
        "min": (gettext("At least"), same),
        "max": (gettext("At most"), same),
        "run": (gettext("Run"), same),
    }
    acts = (
        BulkAct(
            label=gettext("Download as ZIP"),
            url=reverse("documents-zip"),
            glyph="download-simple",
            note=gettext("At most {count}.").format(count=words.count(MOST)),
        ),
        BulkAct(label=gettext("Reprint…"), url=reverse("documents-reprint"), glyph="printer"),
        BulkAct(label=gettext("Export"), url=reverse("documents-export"), glyph="table"),
    )
    return DocumentsPage(
        url=reverse("documents"),
        q=given["q"],
        rows=documents.rows_of(rows, given["q"], deliveries=actor.may("delivery.view")),
        paging=paging,
        found=_found(total, misread) if filtered else "",
        party=given["party"],
        date_from=given["from"],
        date_to=given["to"],
        amount_from=given["min"],
        amount_to=given["max"],
        run=given["run"],
        kept=tuple(picked),
        filtered=filtered,
        tools=tools_of(
            request,
            actor,
            "documents",
            total,
            chips=chips,
            acts=acts,
            export=reverse("documents-export"),
            peek=peeked(actor, "documents", peek) if peek else None,
        ),
        facets=facets.facets_of(request, actor) if request.GET.get("facets") else facets.place_of(request),
    )


def _misread(request: HttpRequest, given: dict[str, str]) -> list[str]:
    """What was typed into a filter and cannot be read; it is left out and said."""
    days = [given[name] for name in ("from", "to") if given[name] and asked.day(request, name) is None]
    return days + [given[name] for name in ("min", "max") if given[name] and asked.amount(request, name) is None]


def _found(total: int, misread: list[str]) -> str:
    said = ngettext("{count} document found.", "{count} documents found.", total).format(count=how_many_text(total))
    if misread:
        said += " " + gettext("Left out, because it cannot be read: {what}.").format(what=", ".join(misread))
    return said

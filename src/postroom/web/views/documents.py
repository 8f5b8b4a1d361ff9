"""Search in the archive."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from postroom.documents.queries import Wanted, search
from postroom.identity.actor import Actor
from postroom.production.models import Run
from postroom.web import asked, words
from postroom.web.access import needs
from postroom.web.answers import show_found
from postroom.web.fill import documents, names
from postroom.web.pages import DocumentsPage, Option
from postroom.web.paging import page_of
from postroom.web.shell import actor_of

_FILTERS = ("q", "kind", "party", "from", "to", "min", "max", "run")


@needs("document.view")
def index(request: HttpRequest) -> HttpResponse:
    return show_found(request, "desk/documents.html", "desk/_documents_found.html", _page(request))


def _page(request: HttpRequest) -> DocumentsPage:
    actor = actor_of(request)
    given = {name: asked.text(request, name) for name in _FILTERS}
    run, misread = _run(actor, given["run"]), _misread(request, given)
    wanted = Wanted(
        text=given["q"],
        kind=given["kind"],
        party=given["party"],
        run_id=run.pk if run else None,
        issued_from=asked.day(request, "from"),
        issued_to=asked.day(request, "to"),
        amount_from=asked.amount(request, "min") if given["min"] else None,
        amount_to=asked.amount(request, "max") if given["max"] else None,
    )
    found = search(actor, wanted)
    if given["run"] and run is None:
        found = found.none()
    rows, paging, total = page_of(request, found)
    filtered = any(given.values())
    return DocumentsPage(
        url=reverse("documents"),
        q=given["q"],
        kinds=tuple(Option(value=key, label=name, chosen=key == given["kind"]) for key, name in names.kinds().items()),
        rows=documents.rows_of(rows, given["q"], deliveries=actor.may("delivery.view")),
        paging=paging,
        found=_found(total, misread) if filtered else "",
        party=given["party"],
        date_from=given["from"],
        date_to=given["to"],
        amount_from=given["min"],
        amount_to=given["max"],
        run=given["run"],
        filtered=filtered,
    )


def _run(actor: Actor, ref: str) -> Run | None:
    if not ref or not actor.may("run.view"):
        return None
    return Run.objects.filter(ref=ref.upper()).first()


def _misread(request: HttpRequest, given: dict[str, str]) -> list[str]:
    """What was typed into a filter and cannot be read; it is left out and said."""
    days = [given[name] for name in ("from", "to") if given[name] and asked.day(request, name) is None]
    return days + [given[name] for name in ("min", "max") if given[name] and asked.amount(request, name) is None]


def _found(total: int, misread: list[str]) -> str:
    said = ngettext("{count} document found.", "{count} documents found.", total).format(count=words.count(total))
    if misread:
        said += " " + gettext("Left out, because it cannot be read: {what}.").format(what=", ".join(misread))
    return said

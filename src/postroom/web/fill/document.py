"""One document: what it looks like, what it was made from, where it went, what happened."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from postroom.composition.models import TemplateVersion
from postroom.delivery.queries import deliveries_of
from postroom.documents.content import made_from, newest_version
from postroom.documents.models import Document, Version
from postroom.documents.timeline import timeline as told_of
from postroom.identity.actor import Actor
from postroom.kernel.errors import Damaged, NotFound
from postroom.production import exact_json
from postroom.production.models import Record
from postroom.web import words
from postroom.web.fill import deliveries, names, story
from postroom.web.fill.documents import states_of
from postroom.web.fill.pages_of import images
from postroom.web.pages import Crumb, DocumentPage, Fact, ReasonForm, TimelineEntry

_PROMISES = {
    "pdf/a-2a": "PDF/A-2a",
    "pdf/a-2b": "PDF/A-2b",
    "pdf/a-2u": "PDF/A-2u",
    "pdf/a-3b": "PDF/A-3b",
    "pdf/ua-1": "PDF/UA-1",
}


def page_of(request: HttpRequest, actor: Actor, document: Document, resend: ReasonForm | None = None) -> DocumentPage:
    """``resend`` is the form when it came back with an error."""
    version = newest_version(document)
    template = (
        TemplateVersion.objects.select_related("template").filter(pk=version.template_version_id).first()
        if version.template_version_id
        else None
    )
    kind = template.template.name if template else names.kind(document.kind, {})
    made_by = gettext("{name}, version {no}").format(name=kind, no=template.no) if template else ""
    record = _record(actor, document)
    sent = list(deliveries_of(document).select_related("communication__party")) if actor.may("delivery.view") else []
    shape = ", ".join(_PROMISES.get(promise, promise) for promise in (template.promises if template else ()))
    return DocumentPage(
        number=document.number,
        kind=kind,
        status=states_of([document.pk]).get(document.pk, "archived") if sent else "archived",
        crumbs=_crumbs(actor, document),
        pages=images(document, version),
        page_count=version.pages,
        format_text=", ".join(
            part for part in (shape or version.media_type, _pages(version), words.size(version.size)) if part
        ),
        download_url=reverse("document-download", args=[document.pk]),
        facts=_facts(actor, document, version, record, made_by),
        data_json=_data(actor, document),
        data_digest=bytes(version.data_sha256).hex() if version.data_sha256 and actor.may("document.data") else "",
        deliveries=deliveries.rows_of(sent),
        timeline=story.timeline(request, told_of(actor, document), sent, first=_first(record), made_by=made_by),
        resend=(resend or ReasonForm(url=reverse("document-resend", args=[document.pk])))
        if actor.may("delivery.resend") and sent
        else None,
        reprint_url=reverse("document-reprint", args=[document.pk]),
    )


def _pages(version: Version) -> str:
    return ngettext("{count} page", "{count} pages", version.pages).format(count=words.count(version.pages))


def _crumbs(actor: Actor, document: Document) -> tuple[Crumb, ...]:
    party = document.party
    between = (Crumb(label=party.name, url=reverse("party", args=[party.pk])),) if actor.may("party.view") else ()
    return (Crumb(label=gettext("Documents"), url=reverse("documents")), *between, Crumb(label=document.number))


def _record(actor: Actor, document: Document) -> Record | None:
    """The record it came from, for those who may see runs."""
    if document.record_id is None or not actor.may("run.view"):
        return None
    return Record.objects.select_related("run__parcel").filter(pk=document.record_id).first()


def _first(record: Record | None) -> TimelineEntry | None:
    if record is None:
        return None
    run = record.run
    at = run.parcel.received_at
    return story.received(run.ref, record.line, run.parcel.name, words.exact(at), at.isoformat())


def _facts(actor: Actor, document: Document, version: Version, record: Record | None, made_by: str) -> tuple[Fact, ...]:
    party = document.party
    party_url = reverse("party", args=[party.pk]) if actor.may("party.view") else ""
    facts = [
        Fact(label=gettext("Party"), value=party.name, url=party_url),
        Fact(label=gettext("Date"), value=words.day(document.issued_on)),
    ]
    if document.amount is not None:
        facts.append(Fact(label=gettext("Amount"), value=words.money(document.amount, document.currency)))
    if record is not None:
        ref = record.run.ref
        facts.append(Fact(label=gettext("Run"), value=ref, url=reverse("run", args=[ref]), code=True))
    if made_by:
        url = reverse("templates") if actor.may("template.view") else ""
        facts.append(Fact(label=gettext("Made by"), value=made_by, url=url))
    facts += [
        Fact(label=gettext("Language"), value=names.language(document.language)),
        Fact(label=gettext("Folder"), value=document.folder.name),
        Fact(label=gettext("Checksum"), value=bytes(version.sha256).hex(), code=True),
    ]
    return tuple(facts)


def _data(actor: Actor, document: Document) -> str:
    """The data with its numbers as they are; nothing for those who may not see it."""
    if not actor.may("document.data"):
        return ""
    try:
        return exact_json.dumps(exact_json.loads(made_from(actor, document.pk).decode()), indent=2)
    except (NotFound, Damaged):
        return ""

"""One document: what it looks like, what it was made from, where it went, what happened."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from postroom.composition.models import TemplateVersion
from postroom.delivery.letters import SUFFIXES
from postroom.delivery.queries import deliveries_of
from postroom.documents.models import Document, Version
from postroom.documents.timeline import timeline as told_of
from postroom.documents.versions import version_of, versions_of
from postroom.identity.actor import Actor
from postroom.kernel.errors import Damaged, NotFound
from postroom.production import exact_json
from postroom.production.models import Record
from postroom.vault.read import read
from postroom.web import words
from postroom.web.fill import deliveries, names, story
from postroom.web.fill import viewer as viewing
from postroom.web.fill.documents import states_of
from postroom.web.fill.why_not import why_not
from postroom.web.pages import Crumb, DocumentPage, Fact, ReasonForm, TimelineEntry


def page_of(
    request: HttpRequest,
    actor: Actor,
    document: Document,
    resend: ReasonForm | None = None,
    *,
    no: int | None = None,
) -> DocumentPage:
    """``resend`` is the form when it came back with an error; ``no`` the version to show, the newest without it."""
    found = versions_of(document)
    version = version_of(document, no) if no is not None or not found else found[0]
    old = bool(found) and version.no != found[0].no
    template = (
        TemplateVersion.objects.select_related("template").filter(pk=version.template_version_id).first()
        if version.template_version_id
        else None
    )
    kind = viewing.kind_name(document, template)
    made_by = gettext("{name}, version {no}").format(name=kind, no=template.no) if template else ""
    record = _record(actor, document)
    sent = list(deliveries_of(document).select_related("communication__party")) if actor.may("delivery.view") else []
    paper = version.media_type == "application/pdf"
    promises = template.promises if template and paper else ()
    shape = words.promises(promises)
    ending = "" if paper else SUFFIXES.get(version.media_type, "")
    shown = viewing.viewer(request, document, version, name=f"{kind} {document.number}", shape=shape, old=old)
    return DocumentPage(
        number=document.number + ending,
        kind=kind,
        status=states_of([document.pk]).get(document.pk, "archived") if sent else "archived",
        crumbs=_crumbs(actor, document),
        viewer=shown,
        download_url=shown.download_url,
        facts=_facts(actor, document, record, made_by, shown.about),
        versions=viewing.versions(found, document, version),
        why_not=why_not(actor, document),
        older=gettext("This is version {no} of {newest}, not the one in force.").format(
            no=version.no, newest=found[0].no
        )
        if old
        else "",
        newest_url=reverse("document", args=[document.pk]),
        data_json=_data(actor, version),
        data_digest=bytes(version.data_sha256).hex() if version.data_sha256 and actor.may("document.data") else "",
        deliveries=deliveries.rows_of(sent),
        timeline=story.timeline(request, told_of(actor, document), sent, first=_first(record), made_by=made_by),
        resend=(resend or ReasonForm(url=reverse("document-resend", args=[document.pk])))
        if actor.may("delivery.resend") and sent
        else None,
        reprint_url="" if old else reverse("document-reprint", args=[document.pk]),
        evidence_url=reverse("document-evidence", args=[document.pk]) if actor.may("ledger.view") and not old else "",
        sample_url=reverse("document-sample", args=[document.pk])
        if actor.may("sample.capture") and template is not None and version.data_blob_id is not None
        else "",
    )


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


def _facts(actor: Actor, document: Document, record: Record | None, made_by: str, about: str) -> tuple[Fact, ...]:
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
        Fact(label=gettext("File"), value=about),
    ]
    return tuple(facts)


def _data(actor: Actor, version: Version) -> str:
    """The data the version was made from, its numbers as they are; nothing for those who may not see it."""
    if version.data_blob_id is None or not actor.may("document.data"):
        return ""
    try:
        return exact_json.dumps(exact_json.loads(read(version.data_blob_id).decode()), indent=2)
    except (NotFound, Damaged):
        return ""

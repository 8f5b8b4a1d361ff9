"""From a real record to a masked sample: where the record comes from, and what the sample would be.

The masks are drawn from a mark that the page carries between looking and keeping, and from the secret of the
installation: whoever sees the mark can lead nothing back, and nothing of it is kept.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.crypto import salted_hmac
from django.utils.text import slugify

from postroom.composition import drafts, freezing, pack
from postroom.composition.canonical import canonical
from postroom.composition.checks.models import ReplayCase
from postroom.composition.contract import Contract
from postroom.composition.errors import NotMasked
from postroom.composition.life_models import Draft
from postroom.composition.manifest import FILE, Manifest, read_manifest
from postroom.composition.masking import Masked, mask
from postroom.composition.masks import words_in
from postroom.composition.models import TemplateVersion
from postroom.composition.prepare import prepare
from postroom.composition.problems import RecordRefused, TemplateFaults
from postroom.composition.queries import live_pack, newest_number, sources_of
from postroom.composition.replay import record_of
from postroom.composition.shape import ShapeFault
from postroom.documents import queries as documents
from postroom.documents.models import Version
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.kernel.errors import Conflict, NotFound
from postroom.production import exact_json
from postroom.production import queries as runs
from postroom.production.models import Run
from postroom.production.stages import map_to_contract
from postroom.production.work import Work
from postroom.vault.errors import BlobMissing
from postroom.vault.read import read_blob


@dataclass(frozen=True, slots=True)
class Origin:
    """A real record. ``kind``: document, record, case; ``open``: whether the reader may see the record itself."""

    kind: str
    id: uuid.UUID
    template: str
    record: dict[str, Any]
    open: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """A sample that is not kept yet. ``files`` are the draft's, or those of the newest version where there is none."""

    draft: Draft | None
    files: Mapping[str, bytes]
    masked: Masked
    content: bytes


def of_document(actor: Actor, document_id: uuid.UUID | str) -> Origin:
    """The data a document was made from. Raises NotFound, also where the data is destroyed or was never there."""
    found = documents.document(actor, document_id)
    version = found.versions.select_related("data_blob").exclude(data_blob=None).order_by("-no").first()
    record = data_of(version)
    if version is None or record is None:
        raise NotFound(
            f"Document {found.number} was made of no data that is kept.", hint="Choose a document of a later run."
        )
    return Origin("document", found.pk, found.kind, record, actor.may("document.data"))


def of_record(actor: Actor, record_id: uuid.UUID | str) -> Origin:
    """A record of a run, in the shape of its template's contract. Raises NotFound, NotMasked."""
    found = runs.record(actor, record_id)
    if not found.data:
        raise NotMasked("What came in could not be read as a record.", hint="Choose a record that has fields.")
    run = Run.objects.get(pk=found.run_id)
    live = live_pack(run.template_version_id)
    work = Work(found.pk, exact_json.loads(found.data), found.pk)
    map_to_contract(run, live, [work])
    if work.problems or not isinstance(work.data, dict):
        told = ", ".join(problem["path"] for problem in work.problems)
        raise NotMasked(f"The run's mapping cannot read the record: {told}.", hint="Correct the record first.")
    return Origin("record", found.pk, run.template_key, work.data, actor.may("record.view"))


def of_case(actor: Actor, case: ReplayCase) -> Origin:
    """A record of a replay, for people who may see none of the records but are to mend what became of them."""
    record = data_of(Version.objects.select_related("data_blob").filter(pk=case.version_id).first())
    if record is None:
        raise NotFound("The data of this record is not kept any more.", hint="Choose another record.")
    return Origin("case", case.pk, case.replay.template_key, record, actor.may("record.view"))


def data_of(version: Version | None) -> dict[str, Any] | None:
    """What a version of a document was made from; None where it is destroyed or was never kept."""
    if version is None or version.data_blob is None:
        return None
    try:
        stored = read_blob(version.data_blob)
    except BlobMissing:
        return None
    made = version.template_version_id
    known = TemplateVersion.objects.filter(pk=made).first() if made else None
    found = record_of(stored, live_pack(known.pk).pack.contract.shape) if known else json.loads(stored)
    return found if isinstance(found, dict) else None


def secret_of(mark: str, origin: Origin) -> bytes:
    """What the masks of one capture are drawn from."""
    return salted_hmac("postroom.sample", f"{mark}:{origin.id}", algorithm="sha256").digest()


def propose(origin: Origin, mark: str) -> Proposal:
    """The sample that would come into the template's draft: it fits the draft's contract, and becomes a page where the
    draft is whole. Raises NotMasked, NotFound, TemplateFaults (a draft without a contract)."""
    draft = drafts.standing(origin.template)
    newest = newest_number(origin.template)
    if draft is None and newest is None:
        raise NotFound(f"There is no template {origin.template}.", hint="Choose a document of another template.")
    files = drafts.files(draft) if draft is not None else sources_of(newest) if newest is not None else {}
    contract, manifest = _contract_of(files)
    _fits(contract, origin.record)
    masked = mask(origin.record, contract, manifest, secret_of(mark, origin))
    _becomes_a_page(files, masked.record)
    return Proposal(draft, files, masked, f"{exact_json.dumps(masked.record, indent=2)}\n".encode())


def name_for(proposal: Proposal, wanted: str) -> str:
    """The file of a sample. Raises NotMasked where the name says whom it was about, Conflict where it is taken."""
    name = slugify(wanted)[:60] or next_name(proposal.files)
    if words_in(name.replace("-", " ")) & proposal.masked.words:
        raise NotMasked("The name says whom the sample was about.", hint="Call it by what is special about its page.")
    path = f"samples/{name}.json"
    if path in proposal.files:
        raise Conflict(f"There is a sample {name} already.", hint="Choose another name.")
    return path


def next_name(files: Mapping[str, bytes]) -> str:
    """A free name that says nothing."""
    taken = {name.removeprefix("samples/").removesuffix(".json") for name in files if name.startswith("samples/")}
    return next(name for number in range(1, len(taken) + 2) if (name := f"real-{number}") not in taken)


def _contract_of(files: Mapping[str, bytes]) -> tuple[Contract, Manifest]:
    manifest, _ = read_manifest(files.get(FILE, b""))
    try:
        return Contract(json.loads(files.get("contract.json", b""))), manifest
    except (ValueError, ShapeFault) as error:  # a schema's own error is a ValueError too
        raise NotMasked(
            "The draft's contract.json cannot be read.", hint="Mend the draft first; its page names the fault."
        ) from error


def _fits(contract: Contract, record: dict[str, Any]) -> None:
    """Raises NotMasked with the places, never with a value: whoever asks may not be allowed to see any."""
    if not contract.fits(record):
        places = list(dict.fromkeys(problem.path for problem in contract.problems(record)))
        raise NotMasked(
            f"The record does not fit the contract of the draft at {', '.join(places[:6])}.",
            hint="A sample is a record that its template takes. Correct it first, or choose another one.",
            fields=places,
        )


def _becomes_a_page(files: Mapping[str, bytes], record: dict[str, Any]) -> None:
    """Whatever else refuses a record, such as a sum or a payment code. A draft with faults of its own is not asked."""
    try:
        loaded = pack.load(freezing.freeze(dict(files), clock.now()).files, published=True)
        prepare(loaded, record)
    except TemplateFaults:
        return
    except RecordRefused as refused:
        places = ", ".join(dict.fromkeys(problem.path for problem in refused.problems))
        raise NotMasked(
            f"The template refuses the masked record at {places}: {refused.problems[0].reason}",
            hint='Where it tells nothing of a person, write "x-personal": false beside it in contract.json.',
            fields=[problem.path for problem in refused.problems],
        ) from refused


def digest_of(masked: Masked) -> str:
    """SHA-256 (hex) of the sample, as the ledger knows it."""
    return hashlib.sha256(canonical(masked.record)).hexdigest()

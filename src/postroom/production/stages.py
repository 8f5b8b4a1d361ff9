"""The stages of a chunk, one function each. They know one another only by the ``Work`` they pass on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from operator import attrgetter

from postroom import rules
from postroom.composition import prepare as preparing
from postroom.composition.canonical import canonical
from postroom.composition.compose import Unmade, compose
from postroom.composition.problems import RecordRefused
from postroom.composition.queries import LivePack, packed_like
from postroom.delivery.determine import Case, Choice, determine, direct, usable
from postroom.delivery.errors import NoChannel
from postroom.kernel.errors import BadInput, LimitReached
from postroom.kernel.json_text import writer
from postroom.kernel.meters import CHUNK_STAGE, timed
from postroom.parties.actions.meet_parties import Acquaintance, meet_parties
from postroom.parties.portal import portal_link
from postroom.parties.queries import suppressed
from postroom.production.models import Run
from postroom.production.work import Work, going_on
from postroom.vault.write import Batch

#: What the rows of documents and parties hold. One record that exceeds it must not stop its whole chunk.
_LONGEST = {
    "number": 120,
    "title": 300,
    "currency": 3,
    "language": 20,
    "recipient_key": 80,
    "recipient_name": 300,
    "recipient_email": 320,
}
_LIMITS = tuple(_LONGEST.items())
_KEPT = attrgetter(*_LONGEST)
_LARGEST = 10**15
_words = writer()


@timed(CHUNK_STAGE, stage="map")
def map_to_contract(run: Run, live: LivePack, works: Sequence[Work]) -> None:
    """Foreign record shapes become the template's data contract."""
    if not run.mapping:
        return
    mapping = _mapping(run.mapping, live)
    todo = going_on(works)
    for work, mapped in zip(todo, rules.map_records(mapping, [work.data for work in todo]), strict=True):
        if isinstance(mapped, rules.MapFault):
            work.stop("map", "mapping", mapped.reason, mapped.hint, f"$.{mapped.path}" if mapped.path else "$")
        else:
            work.data = mapped.result


@lru_cache(maxsize=16)
def _mapping(text: str, live: LivePack) -> rules.Mapping:
    """Compiled once per process: neither the text of a run's mapping nor a template version ever changes."""
    return rules.compile_mapping(text, contract=live.version.contract)


@timed(CHUNK_STAGE, stage="validate")
def check_and_format(live: LivePack, works: Sequence[Work]) -> None:
    """Validate against the contract, derive, check sums, format for the recipient's language."""
    for work in going_on(works):
        try:
            work.prepared = preparing.prepare(live.pack, work.data)
        except RecordRefused as refused:
            for problem in refused.problems:
                work.stop("validate", problem.code, problem.reason, problem.hint, problem.path)
            continue
        facts = work.prepared.facts
        for (name, most), value in zip(_LIMITS, _KEPT(facts), strict=True):
            if value and len(str(value)) > most:
                found = len(str(value))
                work.stop(
                    "validate",
                    "too-long",
                    f"The document's {name.replace('_', ' ')} has {found} characters; at most {most} can be kept.",
                    "Shorten it in the record, or set a maxLength in the template's data contract.",
                )
        amount = facts.amount
        if amount is not None and abs(amount) >= _LARGEST:
            work.stop("validate", "too-large", f"The amount {amount} is too large to be kept.", "Check the amount.")


@timed(CHUNK_STAGE, stage="meet")
def meet_recipients(works: Sequence[Work]) -> None:
    """Find or make the party of each record."""
    todo = going_on(works)
    met = meet_parties(_acquaintance(work) for work in todo)
    for work in todo:
        work.party = met[work.ready.facts.recipient_key]


def _acquaintance(work: Work) -> Acquaintance:
    facts = work.ready.facts
    address = facts.recipient_address or {}
    return Acquaintance(
        key=facts.recipient_key,
        name=facts.recipient_name,
        language=facts.language,
        email=facts.recipient_email or "",
        country=str(address.get("country") or ""),
        address=address,
    )


@timed(CHUNK_STAGE, stage="determine")
def choose_channels(run: Run, live: LivePack, works: Sequence[Work]) -> None:
    """Rules and preferences choose where each communication goes, and say why; unless a person chose for all."""
    todo = going_on(works)
    emails = [email for work in todo if (email := _email(work))]
    dead = suppressed("email", emails)
    # Most records of a chunk are the same case: each distinct one is made, and decided, once.
    keys = [
        (work.party.preferred_channel, bool(email), work.party.country, work.ready.facts.language, email in dead)
        for work in todo
        if work.party
        for email in (_email(work),)
    ]
    distinct = {
        key: Case(live.version.template_id, preferred, has_email, country, language, suppressed)
        for key in dict.fromkeys(keys)
        for preferred, has_email, country, language, suppressed in (key,)
    }
    chosen = dict(zip(distinct, _choices(run, list(distinct.values())), strict=True))
    for work, key in zip(todo, keys, strict=True):
        choice = chosen[key]
        if isinstance(choice, NoChannel):
            work.stop("determine", choice.code, choice.message, choice.hint)
        else:
            work.choice = choice


def _choices(run: Run, cases: Sequence[Case]) -> Sequence[Choice | NoChannel]:
    if not run.destination:
        return determine(cases)
    try:
        chosen = usable(run.destination)
    except NoChannel as gone:  # it was taken out of use since the run was started
        return [gone] * len(cases)
    return [direct(chosen, case, run.started_by) for case in cases]


def _email(work: Work) -> str:
    """The address a mail would go to: what the record says, else what is known of the party."""
    return work.ready.facts.recipient_email or (work.party.email if work.party else "")


@timed(CHUNK_STAGE, stage="compose")
def make_documents(live: LivePack, works: Sequence[Work]) -> None:
    """Compose in the cage; a record whose document cannot be made is stopped, the others go on."""
    todo = going_on(works)
    for work, made in zip(todo, compose(live, (work.ready for work in todo)), strict=True):
        if isinstance(made, Unmade):
            where = f" ({made.where})" if made.where else ""
            for one in made.problems:
                work.stop("compose", one.code, one.reason, one.hint, one.path)
            if not made.problems:
                work.stop("compose", made.code, made.reason + where, made.hint)
        else:
            work.rendered = made


@timed(CHUNK_STAGE, stage="store")
def store(live: LivePack, works: Sequence[Work]) -> Batch:
    """Everything into the vault with one sync: documents, the data they were made from, the words that go with them."""
    batch = Batch(packed_like(live.version))
    for work in going_on(works):
        if work.rendered is None or work.party is None:
            continue
        try:
            body = _body(live, work)
        except (BadInput, LimitReached) as error:
            work.stop("compose", error.code, error.message, error.hint)
            continue
        work.content = batch.add(work.rendered.content)
        work.made_from = batch.add(data := canonical(work.ready.record))
        einvoice = work.ready.einvoice
        if einvoice is not None and einvoice.beside:
            work.invoice, work.invoice_data = batch.add(einvoice.xml), batch.add(data)
        work.body = batch.add(body) if body else None
    batch.sync()
    return batch


def _body(live: LivePack, work: Work) -> bytes:
    """The subject and words of the communication, as they will be sent. Nothing is kept where the template has none:
    what goes is the document under its title, and both are kept anyway."""
    if live.pack.mail is None:
        return b""
    if work.party is None:
        raise RuntimeError("a body is written to somebody")
    link = portal_link(work.party.id, work.party.portal_epoch, work.communication_id)
    sender = ""
    mail = preparing.render_mail(live.pack, work.ready, {"link": link, "sender": sender})
    attach = live.pack.manifest.mail.attach if live.pack.manifest.mail else True
    body = {"subject": mail.subject, "text": mail.text, "html": mail.html, "attach": attach, "link": link}
    return _words(body).encode()

"""Letters in words: the list, how one begins, where it is written, how it is looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext

from postroom.composition.manifest import PassageSpec
from postroom.composition.passages import read as read_passage
from postroom.composition.people import person_behind
from postroom.composition.queries import LivePack, live_pack
from postroom.composition.shape import Field
from postroom.delivery.models import Destination
from postroom.identity.actor import Actor
from postroom.kernel.errors import PostroomError
from postroom.kernel.ids import new_id
from postroom.parties.models import Party
from postroom.production import exact_json
from postroom.production.letters import models as m
from postroom.production.letters import queries
from postroom.production.letters.limits import in_use
from postroom.production.letters.making import usual, usual_source
from postroom.production.letters.models import Letter
from postroom.production.letters.steps import version_in_force
from postroom.web import words
from postroom.web.fill import letter_fields, letter_seen, names
from postroom.web.fill.letter_limits import asks_in_words, says
from postroom.web.pages import Choice, Crumb, Fact, NeedRow, Undo
from postroom.web.pages.letters import (
    LetterKind,
    LetterPage,
    LetterParties,
    LetterRow,
    LetterSeen,
    LettersPage,
    NewLetterPage,
    PassageField,
    RecipientRow,
)
from postroom.web.pages.work import PartyChoice

_ROWS, _FOUND, _FIELDS = 50, 12, 60


def states() -> dict[str, str]:
    """The states of letters in words, in the order of the list."""
    return {
        m.UNFINISHED: gettext("Unfinished"),
        m.WAITING: gettext("Waits for approval"),
        m.SENT_BACK: gettext("Sent back"),
        m.RELEASED: gettext("Released"),
        m.CANCELLED: gettext("Deleted"),
    }


def list_page(actor: Actor, state: str, *, deleted: Letter | None = None, before: str = "") -> LettersPage:
    """Letters of this person, and above them what waits for their approval. Of a state: also others' they may see."""
    seen = queries.letters_visible_to(actor)
    counts = dict(seen.order_by().values_list("state").annotate(count=Count("pk")))
    if state in m.STATES:
        rows = seen.filter(state=state)
    else:
        rows = seen.filter(owner=person_behind(actor.name)).exclude(state=m.CANCELLED)
    rows = rows.order_by("-changed_at", "-pk")
    if before:
        rows = rows.filter(changed_at__lt=before)
    found = list(rows[: _ROWS + 1])
    waiting = list(queries.waiting_for(actor)[:_ROWS]) if state not in m.STATES else []
    url = reverse("letters")
    ways = [Choice(value=url, label=gettext("Yours"), chosen=state not in m.STATES)]
    ways += [
        Choice(value=f"{url}?state={key}", label=said, note=str(counts.get(key, "")), chosen=key == state)
        for key, said in states().items()
    ]
    undo = None
    if deleted is not None:
        said = gettext("“{title}” is deleted.").format(title=title_of(deleted, names.kinds()))
        undo = Undo(said=said, token=str(deleted.pk), url=reverse("letter-restore", args=[deleted.pk]))
    older = {"state": state} if state else {}
    return LettersPage(
        url=url,
        ways=tuple(ways),
        rows=rows_of(found[:_ROWS]),
        new_url=reverse("letter-new"),
        filtered=state in m.STATES,
        waiting=rows_of(waiting),
        undo=undo,
        older_url=f"{url}?{urlencode({**older, 'before': found[_ROWS - 1].changed_at.isoformat()})}"
        if len(found) > _ROWS
        else "",
    )


def rows_of(found: Sequence[Letter]) -> tuple[LetterRow, ...]:
    """Rows of letters; three queries however many there are."""
    called = names.kinds()
    people = names.people(letter.owner for letter in found)
    to: dict[Any, list[str]] = {}
    for letter_id, name in m.Recipient.objects.filter(letter__in=found).values_list("letter_id", "name"):
        to.setdefault(letter_id, []).append(name)
    reasons = {
        step.letter_id: step.reason
        for step in m.LetterStep.objects.filter(letter__in=found, what="sent_back").order_by("id")
    }
    return tuple(
        LetterRow(
            url=reverse("letter", args=[letter.pk]),
            title=title_of(letter, called),
            template=called.get(letter.template_key, letter.template_key),
            to=to_of(to.get(letter.pk, [])),
            status=f"letter_{letter.state}",
            why=_why(letter, people, reasons.get(letter.pk, "")),
            when=words.moment(
                letter.changed_at if letter.state in m.OPEN else letter.submitted_at or letter.changed_at
            ),
            number=len(to.get(letter.pk, [])),
        )
        for letter in found
    )


def needs_of(actor: Actor, most: int) -> tuple[tuple[NeedRow, ...], int]:
    """For Home: letters that wait for this person's approval, and their own that were sent back; and how many."""
    wait, back = queries.waiting_for(actor), queries.came_back_to(actor)
    total = wait.count() + back.count()
    rows = rows_of([*wait[:most], *back[:most]]) if total else ()
    needs = (
        NeedRow(
            status=row.status,
            what=row.title,
            why=row.why,
            where=f"{row.template}, {row.to}",
            url=row.url,
            since=row.when,
        )
        for row in rows
    )
    return tuple(needs), total


def title_of(letter: Letter, called: Mapping[str, str]) -> str:
    """What a letter is called."""
    return letter.title or called.get(letter.template_key, letter.template_key)


def to_of(given: Sequence[str]) -> str:
    """Whom a letter goes to, in one line."""
    if len(given) < 2:
        return "".join(given)
    said = ngettext("{first} and {count} more", "{first} and {count} more", len(given) - 1)
    return said.format(first=given[0], count=words.count(len(given) - 1))


def _why(letter: Letter, people: Mapping[str, str], reason: str) -> str:
    if letter.state == m.SENT_BACK:
        return reason
    who = words.who(letter.owner, dict(people))
    if letter.state == m.WAITING:
        return ". ".join([gettext("Written by {who}").format(who=who), *asks_in_words(letter.asks)])
    return gettext("Written by {who}").format(who=who)


def new_page(actor: Actor, template: str, q: str, error: str = "") -> NewLetterPage:
    """First the letter, then the party."""
    usable = {live.pack.key: live for live in queries.usable(actor)}
    template = template if template in usable else ""
    url = reverse("letter-new")
    return NewLetterPage(
        url=url,
        crumbs=(Crumb(label=gettext("Letters"), url=reverse("letters")),),
        kinds=tuple(
            LetterKind(
                key=key,
                name=live.pack.name,
                url=f"{url}?{urlencode({'template': key})}",
                opens=", ".join(called(spec) for spec in live.pack.manifest.passages.values()),
                picture_url=reverse("template-picture", args=[key, live.version.no]),
                chosen=key == template,
            )
            for key, live in usable.items()
        ),
        template=template,
        template_name=usable[template].pack.name if template else "",
        q=q,
        found=parties(q) if template else (),
        other_url=url,
        error=error,
    )


def parties(q: str) -> tuple[PartyChoice, ...]:
    """Parties that a search finds; names that begin so come first."""
    if not q:
        return ()
    wanted = Q(name__icontains=q) | Q(key__istartswith=q) | Q(email__icontains=q) | Q(address__city__icontains=q)
    found = sorted(
        Party.objects.filter(wanted).order_by("name", "pk")[:60],
        key=lambda one: (not one.name.casefold().startswith(q.casefold()), one.name),
    )
    return tuple(
        PartyChoice(
            url="",
            name=party.name,
            number=party.key,
            place=", ".join(part for part in (str(party.address.get("city") or ""), party.country) if part),
        )
        for party in found[:_FOUND]
    )


def called(spec: PassageSpec) -> str:
    """The name of a passage in the reader's language, else as it is named first."""
    here = (translation.get_language() or "en").split("-")[0]
    return spec.names.get(here) or next(iter(spec.names.values()))


def write_page(
    actor: Actor,
    letter: Letter,
    *,
    typed: Mapping[str, Any] | None = None,
    seen: LetterSeen | None = None,
    more: str = "",
    clash: str = "",
) -> LetterPage:
    """Where it is written. ``typed``: what stands in the form in place of what is kept; ``more``: a list to grow."""
    live = live_pack(letter.template_version_id)
    rows = list(letter.recipients.all())
    version, gone = standing(letter)
    data = (typed or {}).get("data") or exact_json.loads(letter.data)
    sources: Mapping[str, str] = (typed or {}).get("passages", letter.passages)
    if seen is None:
        ready = not version and not gone
        empty = LetterSeen(revision=letter.revision)
        seen = letter_seen.seen_of(actor, live, letter, rows[0]) if ready and rows else empty
    problems = {row.path.removeprefix("$."): row.reason for row in seen.problems}
    from_list = any(row.data for row in rows)
    back = letter.steps.filter(what="sent_back").last() if letter.state == m.SENT_BACK else None
    manifest = live.pack.manifest
    return LetterPage(
        url=reverse("letter", args=[letter.pk]),
        crumbs=(Crumb(label=gettext("Letters"), url=reverse("letters")),),
        title=title_of(letter, names.kinds()),
        status=f"letter_{letter.state}",
        passages=tuple(
            _passage(live, letter, key, spec, sources, problems.get(f"passages.{key}", ""))
            for key, spec in manifest.passages.items()
        ),
        groups=() if from_list else letter_fields.groups_of(live.pack, data, problems, more, alone=len(rows) == 1),
        closed=_closed(live, letter, rows),
        to=to_of([row.name for row in rows]),
        count=len(rows),
        parties_url=reverse("letter-parties", args=[letter.pk]),
        ways=_ways((typed or {}).get("destination", letter.destination)),
        seen=_clashed(seen, clash),
        asks=tuple(says(limit) for limit in in_use(letter.template_key) if limit.verb != m.NEVER),
        from_list=from_list,
        left_over=tuple(
            Fact(label=key, value=text) for key, text in letter.passages.items() if key not in manifest.passages
        ),
        new_version=version,
        version_url=reverse("letter-version", args=[letter.pk]),
        gone=gone,
        sent_back=f"{words.who(back.by, names.people([back.by]))}: {back.reason}" if back is not None else "",
        delete_url=reverse("letter-delete", args=[letter.pk]),
        tab=str((typed or {}).get("tab") or new_id().hex),
    )


def _clashed(seen: LetterSeen, clash: str) -> LetterSeen:
    from dataclasses import replace

    return replace(seen, clash=clash) if clash else seen


def standing(letter: Letter) -> tuple[str, str]:
    """Words on a newer version; words on a template that is not in use any more."""
    from postroom.production.letters.errors import NewVersion

    try:
        version_in_force(letter)
    except NewVersion as error:
        no = error.context.get("version", "")
        told = gettext("Version {no} of this letter is in force since you began. Take it to go on; your texts stay.")
        return told.format(no=no), ""
    except PostroomError as error:
        return "", f"{error.message} {error.hint}".strip()
    return "", ""


def _passage(
    live: LivePack, letter: Letter, key: str, spec: PassageSpec, sources: Mapping[str, str], error: str
) -> PassageField:
    text = sources.get(key)
    shown = usual_source(live, key, letter.language) if text is None else text
    said = gettext("At most {count} characters.").format(count=words.count(spec.longest))
    if not spec.needed:
        said += " " + gettext("May be empty.")
    return PassageField(
        key=key,
        name=called(spec),
        text=shown,
        about=said,
        rich=spec.rich,
        marks="strong em link list field" if spec.rich else "",
        fields=" ".join(_mergeable(live.pack.contract.shape, spec)),
        changed=text is not None and differs(live, letter, key, text),
        error=error,
    )


def differs(live: LivePack, letter: Letter, key: str, source: str) -> bool:
    """Whether what was typed reads otherwise than the template; what cannot be read does."""
    try:
        return bool(read_passage(key, live.pack.manifest.passages[key], source) != usual(live, key, letter.language))
    except PostroomError:
        return True


def _mergeable(root: Field, spec: PassageSpec) -> list[str]:
    """Texts of the record that may stand in a passage; those it names already first."""
    if not spec.rich:
        return []
    if spec.fields is not None:
        return list(spec.fields)

    def walk(field: Field, before: str) -> list[str]:
        out: list[str] = []
        for name, inner in field.fields.items():
            out += [f"{before}{name}"] if inner.kind == "text" else walk(inner, f"{before}{name}.")
        return out

    return walk(root, "")[:_FIELDS]


def _closed(live: LivePack, letter: Letter, rows: Sequence[m.Recipient]) -> tuple[Fact, ...]:
    """What nobody changes here: it is the template's, or the party's."""
    party = rows[0] if rows else None
    facts = [
        Fact(label=gettext("Letter"), value=f"{live.pack.name}, {gettext('version {no}').format(no=live.version.no)}")
    ]
    if party is not None and len(rows) == 1:
        facts.append(Fact(label=gettext("For"), value=f"{party.name}, {party.party_key}"))
    facts.append(Fact(label=gettext("Language"), value=names.language(letter.language)))
    said = gettext("heading, table, fixed sentences, foot: as the template says them")
    facts.append(Fact(label=gettext("All else"), value=said))
    return tuple(facts)


def _ways(chosen: str) -> tuple[Choice, ...]:
    rows = Destination.objects.filter(enabled=True).order_by("key").values_list("key", flat=True)
    by_rules = Choice(value="", label=gettext("As the rules and their wishes say"), chosen=not chosen)
    return (
        by_rules,
        *(Choice(value=key, label=gettext("Only by {key}").format(key=key), chosen=key == chosen) for key in rows),
    )


def parties_page(letter: Letter, q: str, error: str = "") -> LetterParties:
    """Whom it goes to, and who else could get it."""
    from postroom.production.letters.actions.address_letter import MOST

    rows = list(letter.recipients.all())
    url = reverse("letter-parties", args=[letter.pk])
    there = {row.party_key for row in rows}
    return LetterParties(
        url=url,
        crumbs=(
            Crumb(label=gettext("Letters"), url=reverse("letters")),
            Crumb(label=title_of(letter, names.kinds()), url=reverse("letter", args=[letter.pk])),
        ),
        back_url=reverse("letter", args=[letter.pk]),
        rows=tuple(
            RecipientRow(place=row.place, name=row.name, number=row.party_key, remove_url=url if len(rows) > 1 else "")
            for row in rows
        ),
        most=words.count(MOST),
        q=q,
        found=tuple(one for one in parties(q) if one.number not in there),
        error=error,
    )

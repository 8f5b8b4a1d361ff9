"""The page a letter is written at: its passages, its data, whom it goes to, what is closed, and what it becomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from postroom.composition.manifest import PassageSpec
from postroom.composition.passages import read as read_passage
from postroom.composition.queries import LivePack, live_pack
from postroom.composition.shape import Field
from postroom.delivery.models import Destination
from postroom.identity.actor import Actor
from postroom.kernel.errors import PostroomError
from postroom.kernel.ids import new_id
from postroom.production import exact_json
from postroom.production.letters import models as m
from postroom.production.letters.limits import in_use
from postroom.production.letters.making import usual, usual_source
from postroom.production.letters.models import Letter
from postroom.web import words
from postroom.web.fill import letter_fields, letter_seen, names
from postroom.web.fill.letter_limits import says
from postroom.web.fill.letter_words import called, standing, title_of, to_of
from postroom.web.pages import Choice, Crumb, Fact
from postroom.web.pages.letters import LetterPage, LetterSeen, PassageField

_FIELDS = 60


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
    return replace(seen, clash=clash) if clash else seen


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

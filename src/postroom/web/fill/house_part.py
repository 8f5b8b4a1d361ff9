"""One content block or brand in words: what is typed, what it would change, who decides."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext

from postroom.composition import brands, house, part_trial, where_used
from postroom.composition.brand import default_brand
from postroom.composition.diff import diff_files
from postroom.composition.life_models import APPROVED, BLOCK, BRAND, DRAFT, PUBLISHED, REVIEW, HouseVersion
from postroom.composition.people import person_behind
from postroom.identity.actor import Actor
from postroom.web import words
from postroom.web.fill import names, part_form
from postroom.web.fill.diff_lines import lines_of
from postroom.web.fill.drafts import status_of
from postroom.web.fill.house_parts import crumbs
from postroom.web.fill.life import step_words
from postroom.web.fill.pairs import pairs_of
from postroom.web.fill.part_proofs import part_panel
from postroom.web.pages import Fact, ReasonForm
from postroom.web.pages.house_part import PairsPart, PartPage, PartVersionLine, UsedIn
from postroom.web.pages.life import DiffLine, StepLine

_LANGUAGES = ("da", "de", "en", "fr", "it", "nl", "sv")
Typed = Mapping[str, str]


def part_page(actor: Actor, kind: str, key: str, *, template: str = "", **refused: Any) -> PartPage:
    """The page of a part; ``template`` shows that one's pages at once. Raises UnknownPart."""
    row = house.part(kind, key)
    now, change = house.in_force(kind, key), house.on_its_way(kind, key)
    state = change.state if change is not None else ""
    shown = change or now
    content = shown.content if shown is not None else {}
    edits = actor.may("block.edit" if kind == BLOCK else "brand.edit")
    writes = edits and state in ("", DRAFT)
    mine = change is not None and person_behind(actor.name) in {person_behind(name) for name in change.authors}
    used = where_used.templates_of(kind, key)

    def to(step: str, allowed: bool) -> str:
        return reverse("house-part-step", args=[kind, key, step]) if allowed else ""

    decides = actor.may("template.approve")
    more: dict[str, Any] = {
        "name": row.name,
        "texts": part_form.texts_of(content) if kind == BLOCK else (),
        "groups": part_form.groups_of(content) if kind == BRAND else (),
        "revision": change.revision if change is not None else 0,
        "note": change.note if change is not None else "",
    }
    return PartPage(
        crumbs=crumbs(inner=True),
        url=reverse("house-part", args=[kind, key]),
        kind=kind,
        key=key,
        title=row.name,
        status=status_of(state) if state else "live" if now else "draft",
        about=_about(kind, len(used)),
        facts=_facts(now, change),
        languages=_languages(kind, key, content),
        brands=tuple(brands.known()),
        fields=tuple(part_trial.common_fields(kind, key)) if kind == BLOCK and writes else (),
        logo_url=_logo(shown) if kind == BRAND else "",
        used=_used(kind, key, change, used, template),
        uses=tuple(_use(use) for use in where_used.of_part(kind, key) if use.kind != "template"),
        lines=_lines(now, change) if change is not None else (),
        versions=_versions(actor, kind, key, now, edits and state in ("", DRAFT)),
        steps=_steps(change or now),
        warning=_warning(kind, content),
        writes=writes,
        own=decides and mine and state == REVIEW,
        live_url=reverse("house-part-page", args=[kind, key]) if writes and used else "",
        live_template=template or (used[0] if used else ""),
        send_url=to("sent", edits and state == DRAFT),
        approve_url=to("approved", decides and state == REVIEW and not mine),
        reject=ReasonForm(url=to("rejected", True)) if decides and state in (REVIEW, APPROVED) else None,
        withdraw_url=to("withdrawn", edits and state in (REVIEW, APPROVED)),
        discard_url=to("discarded", edits and state == DRAFT),
        publish_url=to("published", actor.may("template.publish") and state == APPROVED),
        proofs=part_panel(actor, change) if change is not None and used else None,
        **{**more, **refused},
    )


def typed_of(kind: str, key: str, typed: Typed, *, one_more: bool = False) -> dict[str, Any]:
    """What was typed, to be shown again."""
    fields: dict[str, Any] = {"revision": _number(typed), "note": typed.get("note", ""), "name": typed.get("name", "")}
    if kind == BLOCK:
        return {**fields, "texts": part_form.typed_texts(typed, one_more=one_more)}
    return {**fields, "groups": part_form.groups_of(content_of(kind, key, typed))}


def content_of(kind: str, key: str, typed: Typed) -> dict[str, Any]:
    """What was typed, as content. Raises BadPart."""
    if kind == BLOCK:
        return part_form.block_content(typed)
    stored = house.on_its_way(kind, key) or house.in_force(kind, key)
    return part_form.brand_content(typed, stored.content if stored is not None else {})


def new_page(kind: str, typed: Typed, error: str = "", *, one_more: bool = False) -> PartPage:
    """The form of a part there is not yet."""
    typed_in = bool(typed)
    texts = part_form.typed_texts(typed, one_more=one_more) if kind == BLOCK else ()
    groups = part_form.groups_of(part_form.brand_content(typed, {}) if typed_in else {}) if kind == BRAND else ()
    return PartPage(
        crumbs=crumbs(inner=True),
        url=reverse("house-part-new", args=[kind]),
        kind=kind,
        key=typed.get("key", ""),
        name=typed.get("name", ""),
        title=gettext("A new content block") if kind == BLOCK else gettext("A new brand"),
        about=gettext("It is a draft until somebody else approved it."),
        facts=(),
        new=True,
        writes=True,
        texts=texts,
        groups=groups,
        note=typed.get("note", ""),
        languages=_LANGUAGES,
        brands=tuple(brands.known()),
        error=error,
    )


def seen(kind: str, key: str, template: str, typed: Typed | None = None, sample: str = "") -> PairsPart:
    """The pages of a template with the change that is on its way, or with what is typed."""
    title = names.kinds().get(template, template)

    def files() -> tuple[Mapping[str, bytes], Mapping[str, bytes]]:
        if typed is None:
            return part_trial.files_with(template, house.on_its_way(kind, key))
        name = typed.get("name", "") or key
        return part_trial.files_with(template, part_trial.trial_of(kind, key, name, content_of(kind, key, typed)))

    return pairs_of(title, files, sample, side=typed is None)


def theirs_of(kind: str, content: Mapping[str, Any] | None) -> str:
    """What somebody else saved meanwhile, to be read beside one's own."""
    if content is None:
        return ""
    if kind == BLOCK:
        return "\n\n".join(f"[{one.case}]\n{one.text}" for one in part_form.texts_of(content))
    return json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True)


def _number(typed: Typed) -> int:
    told = typed.get("revision", "")
    return int(told) if told.isdigit() and len(told) < 9 else 0


def _about(kind: str, used: int) -> str:
    called = gettext("Content block") if kind == BLOCK else gettext("Brand")
    told = ngettext("used by {count} template", "used by {count} templates", used).format(count=words.count(used))
    return f"{called}, {told}"


def _facts(now: HouseVersion | None, change: HouseVersion | None) -> tuple[Fact, ...]:
    facts = [Fact(label=gettext("In force"), value=gettext("version {no}").format(no=now.no) if now else "–")]
    if change is not None:
        people = names.people([person_behind(name) for name in change.authors])
        hands = sorted(words.who(person_behind(name), people) for name in change.authors)
        facts.append(Fact(label=gettext("Changed by"), value=", ".join(dict.fromkeys(hands))))
        facts.append(Fact(label=gettext("Revision"), value=str(change.revision)))
        if change.note:
            facts.append(Fact(label=gettext("What changed"), value=change.note))
    return tuple(facts)


def _languages(kind: str, key: str, content: Mapping[str, Any]) -> tuple[str, ...]:
    own = [one.get("language", "") for one in content.get("variants", ())]
    return tuple(sorted({*_LANGUAGES, *filter(None, own), *part_trial.languages_of(kind, key)}))


def _logo(version: HouseVersion | None) -> str:
    if version is None or not (version.content.get("assets") or {}).get("logo"):
        return ""
    return reverse("house-part-picture", args=[version.part.key, version.pk])


def _used(kind: str, key: str, change: HouseVersion | None, used: list[str], template: str) -> tuple[UsedIn, ...]:
    called = names.kinds()
    pages, here = reverse("house-part-page", args=[kind, key]), reverse("house-part", args=[kind, key])
    revision = change.revision if change is not None else 0
    return tuple(
        UsedIn(
            key=one,
            name=called.get(one, one),
            url=f"{here}?{urlencode({'template': one})}#pages-{one}",
            pages_url=f"{pages}?{urlencode({'template': one, 'r': str(revision)})}",
            shown=seen(kind, key, one) if one == template else None,
        )
        for one in used
    )


def _use(use: where_used.Use) -> str:
    if use.kind == "draft":
        return gettext("the draft of {name}").format(name=use.name)
    return gettext("the content block {name}").format(name=use.name)


def _lines(now: HouseVersion | None, change: HouseVersion) -> tuple[DiffLine, ...]:
    """The text of both, line by line."""
    before = {"text": theirs_of(change.part.kind, now.content).encode()} if now is not None else {}
    after = {"text": theirs_of(change.part.kind, change.content).encode()}
    found = diff_files(before, after)
    return tuple(line for one in found for line in lines_of(one))


def _versions(actor: Actor, kind: str, key: str, now: HouseVersion | None, edits: bool) -> tuple[PartVersionLine, ...]:
    rows = list(HouseVersion.objects.filter(part__kind=kind, part__key=key, state=PUBLISHED).order_by("-no"))
    people = names.people([row.published_by for row in rows])
    return tuple(
        PartVersionLine(
            no=row.no or 0,
            current=now is not None and row.pk == now.pk,
            begins=words.moment(row.valid_from or row.published_at),
            by=words.who(row.published_by, people),
            note=row.note,
            back_url=reverse("house-part-back", args=[kind, key, row.no])
            if edits and (now is None or row.pk != now.pk)
            else "",
        )
        for row in rows
    )


def _steps(version: HouseVersion | None) -> tuple[StepLine, ...]:
    told = version.told if version is not None else []
    people = names.people([one["by"] for one in told])
    return tuple(
        StepLine(
            what=step_words(one["step"]),
            who=words.who(one["by"], people),
            when=words.moment(dt.datetime.fromisoformat(one["at"])),
            reason=one.get("reason", ""),
        )
        for one in told
    )


def _warning(kind: str, content: Mapping[str, Any]) -> str:
    if kind == BRAND and not settings.CONFIG.demo and part_trial.sample_account(content):
        holder = default_brand().tokens["bank"].get("holder", "")
        return gettext("This account is the sample company’s ({holder}). Whoever pays would pay nobody.").format(
            holder=holder
        )
    return ""

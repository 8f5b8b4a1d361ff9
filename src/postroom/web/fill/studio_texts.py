"""SMS and push texts of a draft: as they are typed, as somebody gets them, and what they cost."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from postroom.composition import freezing, pack, shorttext
from postroom.composition.life_models import DRAFT, Draft
from postroom.composition.mail import MailFault, MailTooLong
from postroom.composition.manifest import TextOptions, read_manifest
from postroom.composition.problems import Problem, RecordRefused, TemplateFaults
from postroom.composition.shorttext import FILES, ShortText, kind_of
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.web.fill import names, studio
from postroom.web.fill.drafts import status_of
from postroom.web.pages import Option
from postroom.web.pages.life import FaultLine
from postroom.web.pages.studio_forms import ShortTextForm, ShortTextSeen, ShortTextsLook, ShortTextsPage

Typed = Mapping[str, str]


def texts_page(actor: Actor, draft: Draft, typed: Typed | None = None, error: str = "") -> ShortTextsPage:
    """The form; ``typed`` are its fields as they came, after a refusal."""
    own = studio.files_at(draft, draft.revision)
    typed = typed or {}
    samples = [name for name in sorted(own) if name.startswith("samples/")]
    sample, language = typed.get("sample", ""), typed.get("in", "")
    known = studio.names_in(own) or {}
    may = actor.may("template.edit") and draft.state == DRAFT
    at = [draft.pk]
    return ShortTextsPage(
        crumbs=studio.crumbs(draft),
        name=gettext("Short texts: {name}").format(name=draft.name),
        status=status_of(draft.state),
        revision=draft.revision,
        studio_url=reverse("studio", args=at),
        words_url=reverse("studio-words", args=at),
        conditions_url=reverse("studio-conditions", args=at),
        forms=tuple(_form(name, own, typed) for name in FILES),
        names=tuple(_names(known)),
        samples=tuple(Option(value=one, label=one[8:-5], chosen=one == sample) for one in samples),
        languages=tuple(
            Option(value=tag, label=names.language(tag), chosen=tag == language)
            for tag in freezing.named_in(own).languages
        ),
        look=look(draft, typed),
        save_url=reverse("studio-texts", args=at) if may else "",
        error=error,
    )


def changes(draft: Draft, typed: Typed, over: int | None = None) -> dict[str, bytes | None]:
    """The files that are different with what was typed over the revision ``over``; an empty text takes its file
    away."""
    own = studio.files_at(draft, draft.revision if over is None else over)
    found: dict[str, bytes | None] = {}
    for name in FILES:
        text = typed.get(kind_of(name))
        if text is None:
            continue
        text = text.replace("\r\n", "\n").strip()
        if text == own.get(name, b"").decode("utf-8", "replace").strip():
            continue
        found[name] = text.encode() + b"\n" if text else None
    return found


def look(draft: Draft, typed: Typed) -> ShortTextsLook:
    """The texts of one sample with what is typed, and what other samples would need."""
    own = dict(studio.files_at(draft, draft.revision))
    for name, content in changes(draft, typed).items():
        own.pop(name, None)
        if content is not None:
            own[name] = content
    if not any(name in own for name in FILES):
        return ShortTextsLook(about=gettext("Nothing is written yet."))
    sample = typed.get("sample", "")
    samples = [name for name in sorted(own) if name.startswith("samples/")]
    sample = sample if sample in samples else next(iter(samples), "")
    try:
        loaded = pack.load(freezing.freeze(own, draft.valid_from or clock.now()).files, published=True)
        record = json.loads(own.get(sample, b"null"))
        tags = freezing.named_in(own).languages
        language = typed.get("in", "") if typed.get("in", "") in tags else ""
        made = shorttext.preview(loaded, record, language)
    except TemplateFaults as faults:
        return ShortTextsLook(problems=tuple(_fault(one) for one in faults.problems[:12]))
    except RecordRefused as refused:
        told = tuple(FaultLine(path=one.path, reason=one.reason, what_to_do=one.hint) for one in refused.problems)
        return ShortTextsLook(problems=told)
    except (MailFault, MailTooLong) as fault:
        place = str(fault.context.get("file", "texts/"))
        return ShortTextsLook(problems=(FaultLine(path=place, reason=fault.message, what_to_do=fault.hint),))
    except ValueError:
        problem = Problem(
            sample or "samples/", 0, gettext("This sample is no JSON."), gettext("Mend it in the studio.")
        )
        return ShortTextsLook(problems=(_fault(problem),))
    return ShortTextsLook(
        seen=tuple(_seen(one, loaded.brand.view["name"]) for one in made),
        warnings=tuple(_fault(one) for one in shorttext.warnings(loaded)),
        about=gettext("Sample {name}").format(name=sample[8:-5]) if sample else "",
    )


def short_json(made: Iterable[ShortText]) -> dict[str, dict[str, str]]:
    """The texts for the studio's script, each with what it costs."""
    seen = {one.kind: _seen(one, "") for one in made}
    return {
        kind: {"text": one.text, "said": " · ".join(part for part in (one.count, one.about, one.warning) if part)}
        for kind, one in seen.items()
    }


def warnings_of(own: Mapping[str, bytes]) -> tuple[FaultLine, ...]:
    """What publishing these files says of their short texts: no reason to refuse them."""
    if not any(name in own for name in FILES):
        return ()
    try:
        loaded = pack.load(freezing.freeze(own, clock.now()).files, published=True)
        return tuple(_fault(one) for one in shorttext.warnings(loaded))
    except TemplateFaults:  # told where the template's faults are
        return ()


def _form(name: str, own: Mapping[str, bytes], typed: Typed) -> ShortTextForm:
    kind = kind_of(name)
    allowed = _allowed(own)
    most = allowed.sms.parts if kind == "sms" else allowed.push.signs
    said = (
        ngettext("up to {n} part", "up to {n} parts", most)
        if kind == "sms"
        else ngettext("up to {n} sign", "up to {n} signs", most)
    )
    return ShortTextForm(
        kind=kind,
        name=gettext("SMS") if kind == "sms" else gettext("Push message"),
        text=typed.get(kind, own.get(name, b"").decode("utf-8", "replace").strip()),
        most=most,
        most_name=said.format(n=most),
        there=name in own,
    )


def _allowed(own: Mapping[str, bytes]) -> TextOptions:
    try:
        return read_manifest(own.get("template.yaml", b""))[0].texts
    except TemplateFaults:
        return TextOptions()


def _names(known: Mapping[str, Any]) -> list[str]:
    """What a short text may name: fields that are shown, words, facts of the document, the link."""
    fields = [f"view.{one['path']}" for one in known.get("fields", ()) if one["kind"] == "text" and not one["of"]]
    facts = ["link", "sender", "document.title", "document.number", "document.date"]
    return [*facts, *fields, *(f"words.{key}" for key in known.get("words", {}))]


def _seen(one: ShortText, sender: str) -> ShortTextSeen:
    needs = one.counted
    if one.kind == "push":
        said = ngettext("{n} sign of {most}", "{n} signs of {most}", len(one.text)).format(
            n=len(one.text), most=one.most
        )
        about, warning = "", gettext("Telephones may cut it off.") if one.too_long else ""
    else:
        said = ngettext("{n} part", "{n} parts", needs.parts).format(n=needs.parts)
        alphabet = gettext("GSM alphabet") if needs.encoding == "gsm" else gettext("Unicode (UCS-2)")
        about = gettext("{units} units, {alphabet}, {left} left in this part").format(
            units=needs.units, alphabet=alphabet, left=needs.left
        )
        warning = _costly(one)
    return ShortTextSeen(
        kind=one.kind,
        sender=sender,
        title=gettext("SMS") if one.kind == "sms" else gettext("Push message"),
        text=one.text,
        count=said,
        about=about,
        warning=warning,
        language=one.language,
    )


def _costly(one: ShortText) -> str:
    signs = " ".join(one.counted.outside[:5])
    outside = (
        gettext("{signs} is outside the GSM alphabet: a part holds 70 signs, not 160.").format(signs=signs)
        if signs
        else ""
    )
    over = gettext("More than the template allows ({most}).").format(most=one.most) if one.too_long else ""
    return f"{over} {outside}".strip()


def _fault(one: Problem) -> FaultLine:
    return FaultLine(path=f"{one.file}:{one.line}" if one.line else one.file, reason=one.what, what_to_do=one.hint)

"""Content blocks and brands: the list, one of them, what it would change, and the steps of its review."""

from __future__ import annotations

import hashlib
import re
import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from postroom.composition import brands, house, where_used
from postroom.composition.actions.publish_part import publish_part
from postroom.composition.actions.review_part import review_part
from postroom.composition.actions.save_part import save_part
from postroom.composition.dates import day_begins
from postroom.composition.errors import BadPart, StaleDraft, UnknownPart
from postroom.composition.life_models import BRAND, KINDS, HouseVersion
from postroom.kernel.errors import NotFound, PostroomError
from postroom.web import asked
from postroom.web.access import acts, needs
from postroom.web.answers import go, show, show_part
from postroom.web.fill import house_part
from postroom.web.fill.house_parts import parts_page
from postroom.web.shell import actor_of

_STEPS = ("sent", "approved", "rejected", "withdrawn", "discarded")
_SAID = {
    "sent": lambda: gettext("Sent to review. Somebody else approves it."),
    "approved": lambda: gettext("Approved. It is in force once it is published."),
    "rejected": lambda: gettext("Given back to its authors with your reason."),
    "withdrawn": lambda: gettext("Taken back. It can be changed again."),
    "discarded": lambda: gettext("The change is put away; what was published stays."),
}
_PICTURES = {"image/png": "png", "image/jpeg": "jpg", "image/svg+xml": "svg"}
_MOST_PICTURE = 2_000_000
_PAGE = "desk/house_part.html"


@needs("template.view")
def index(request: HttpRequest) -> HttpResponse:
    return show(request, "desk/house_parts.html", parts_page(actor_of(request)))


@needs("template.view", "template.review", post=())
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """POST makes the part, with its first change as a draft."""
    actor = actor_of(request)
    actor.require("brand.edit" if _known(kind) == BRAND else "block.edit")
    typed = _typed(request)
    if request.method != "POST":
        return show(request, _PAGE, house_part.new_page(kind, {}))
    if "more" in typed:
        return show(request, _PAGE, house_part.new_page(kind, typed, one_more=True))
    key = typed.get("key", "").strip()
    try:
        if house.on_its_way(kind, key) or house.in_force(kind, key):
            raise BadPart(f"{key!r} is there already.", hint="Choose another key, or open that one.")
        content, files = _content(request, kind, key, typed)
        save_part(actor, kind, key, name=typed.get("name", ""), content=content, files=files, note=typed["note"])
    except PostroomError as error:
        if error.status >= 500 or error.status == 403:
            raise
        told = f"{error.message} {error.hint}"
        return show(request, _PAGE, house_part.new_page(kind, typed, told), error.status)
    messages.success(request, gettext("Kept as a draft. Send it to review when it is right."))
    return go(request, reverse("house-part", args=[kind, key]))


@needs("template.view", "template.review", post=())
def page(request: HttpRequest, kind: str, part: str) -> HttpResponse:
    """``?template=KEY`` shows that template's pages at once. POST keeps what was typed as the change on its way."""
    actor = actor_of(request)
    template = asked.text(request, "template", 60)
    house.part(_known(kind), part)
    if request.method != "POST":
        return show(request, _PAGE, house_part.part_page(actor, kind, part, template=template))
    actor.require("brand.edit" if kind == BRAND else "block.edit")
    typed = _typed(request)
    if "more" in typed:
        again = house_part.typed_of(kind, part, typed, one_more=True)
        return show(request, _PAGE, house_part.part_page(actor, kind, part, **again))
    told: dict[str, Any] = {}
    try:
        content, files = _content(request, kind, part, typed)
        save_part(
            actor,
            kind,
            part,
            name=typed.get("name", ""),
            content=content,
            expected_revision=int(typed["revision"]) if typed.get("revision", "").isdigit() else 0,
            files=files,
            note=typed["note"],
        )
    except StaleDraft as stale:
        told = {"theirs": house_part.theirs_of(kind, stale.context.get("theirs"))}
        told["revision"] = int(stale.context["revision"])
        return _refused(request, kind, part, typed, stale, told)
    except PostroomError as error:
        if error.status >= 500 or error.status == 403:
            raise
        return _refused(request, kind, part, typed, error, told)
    messages.success(request, gettext("Kept. Nothing changes until it is approved and published."))
    return go(request, reverse("house-part", args=[kind, part]))


@needs("template.view", "template.review", post=())
def pages(request: HttpRequest, kind: str, part: str) -> HttpResponse:
    """The pages of ``?template=KEY`` with the change; by POST with what is typed, of which nothing is kept."""
    house.part(_known(kind), part)
    typed = _typed(request) if request.method == "POST" else None
    template = typed.get("template", "") if typed is not None else asked.text(request, "template", 60)
    if template not in where_used.templates_of(kind, part):
        raise NotFound("This template does not use it.", hint="Choose one that does.")
    shown = house_part.seen(kind, part, template, typed, asked.text(request, "sample", 80))
    return show_part(request, "desk/_pairs.html", shown)


@needs("template.view")
def picture(request: HttpRequest, part: str, version: uuid.UUID) -> HttpResponse:
    """The logo of a brand's version, made harmless: no browser runs what is in it."""
    found = HouseVersion.objects.filter(pk=version, part__kind=BRAND, part__key=part).first()
    name = (found.content.get("assets") or {}).get("logo", "") if found is not None else ""
    content = brands.assets_of(found).get(name) if found is not None and name else None
    if content is None:
        raise NotFound("There is no such picture.", hint="Reload the page that showed it.")
    kinds = {suffix: kind for kind, suffix in _PICTURES.items()}
    response = HttpResponse(content, content_type=kinds.get(name.rpartition(".")[2].lower(), "image/jpeg"))
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    return response


@acts("template.view", "template.review")
def back(request: HttpRequest, kind: str, part: str, no: int) -> HttpResponse:
    """Make an older version's content the change on its way: it is reviewed like any other."""
    actor = actor_of(request)
    found = house.published(_known(kind), part).filter(no=no).first()
    if found is None:
        raise UnknownPart(f"{part} has no version {no}.", hint="See the list of its versions.")
    change = house.on_its_way(kind, part)
    files: dict[str, bytes | None] = dict(brands.assets_of(found)) if kind == BRAND else {}
    note = gettext("As in version {no}").format(no=no)
    return _done(
        request,
        kind,
        part,
        lambda: save_part(
            actor,
            kind,
            part,
            name=found.part.name,
            content=found.content,
            expected_revision=change.revision if change is not None else 0,
            files=files,
            note=note,
        ),
        gettext("The text of version {no} is a draft now. Send it to review.").format(no=no),
    )


@acts("template.view", "template.review")
def step(request: HttpRequest, kind: str, part: str, step: str) -> HttpResponse:
    """Each step asks for its own permission besides."""
    actor = actor_of(request)
    house.part(_known(kind), part)
    seen = asked.posted(request, "revision")
    revision = int(seen) if seen.isdigit() and len(seen) < 9 else None
    if step == "published":
        try:
            made = publish_part(actor, kind, part, valid_from=day_begins(asked.posted(request, "from")))
        except PostroomError as error:
            if error.status >= 500 or error.status == 403:
                raise
            messages.error(request, f"{error.message} {error.hint}")
        else:
            count = len(made.templates)
            said = ngettext(
                "Published, and with it a new version of {count} template.",
                "Published, and with it new versions of {count} templates.",
                count,
            )
            messages.success(request, said.format(count=count))
        return go(request, reverse("house-part", args=[kind, part]))
    if step not in _STEPS:
        raise UnknownPart("There is no such step.", hint="Reload the page.")
    reason = asked.posted(request, "reason")
    signed = asked.posted(request, "replay") or None
    return _done(
        request,
        kind,
        part,
        lambda: review_part(actor, kind, part, step, reason=reason, revision=revision, replay=signed),
        _SAID[step](),
    )


def _done(request: HttpRequest, kind: str, part: str, act: Any, said: str) -> HttpResponse:
    try:
        act()
        messages.success(request, said)
    except PostroomError as error:
        if error.status >= 500 or error.status == 403:
            raise
        messages.error(request, f"{error.message} {error.hint}")
    return go(request, reverse("house-part", args=[kind, part]))


def _refused(
    request: HttpRequest, kind: str, part: str, typed: dict[str, str], error: PostroomError, told: dict[str, Any]
) -> HttpResponse:
    again = {**house_part.typed_of(kind, part, typed), **told, "error": f"{error.message} {error.hint}"}
    return show(request, _PAGE, house_part.part_page(actor_of(request), kind, part, **again), error.status)


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise UnknownPart(f"There is nothing of the kind {kind!r}.", hint="See the list under Templates.")
    return kind


def _typed(request: HttpRequest) -> dict[str, str]:
    found = {name: asked.posted(request, name) for name in request.POST}
    return {"note": "", **found}


def _content(
    request: HttpRequest, kind: str, key: str, typed: dict[str, str]
) -> tuple[dict[str, Any], dict[str, bytes | None]]:
    """What was typed, and a logo that came with it: named by its bytes, so that it is a new file. Raises BadPart."""
    content = house_part.content_of(kind, key, typed)
    sent = request.FILES.get("logo") if kind == BRAND else None
    if sent is None:
        return content, {}
    if (sent.size or 0) > _MOST_PICTURE:
        raise BadPart("The logo has more than 2 MB.", hint="Make it smaller.")
    data = sent.read()
    suffix = re.search(r"\.(svg|png|jpe?g)$", str(sent.name or "").lower())
    if suffix is None:
        raise BadPart("The logo is no picture of a kind that is printed.", hint="Send an SVG, PNG or JPEG file.")
    name = f"logo-{hashlib.sha256(data).hexdigest()[:8]}.{suffix[1]}"
    return {**content, "assets": {**content["assets"], "logo": name}}, {name: data}

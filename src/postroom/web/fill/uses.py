"""Where data fields, fonts and pictures are used, in words: of one template, or of the whole house."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext

from postroom.composition import freezing, where_used
from postroom.composition.blocks_store import known as known_blocks
from postroom.composition.brands import known as known_brands
from postroom.composition.models import Template
from postroom.composition.queries import UnknownTemplate, newest_number, sources_of
from postroom.composition.where_used import Use
from postroom.identity.actor import Actor
from postroom.web import words
from postroom.web.pages import Crumb
from postroom.web.pages.uses import PlaceLine, ThingLine, UsedBy, UsesPage

#: Places of one template that are listed; the rest is counted.
_MOST = 60


def uses_page(actor: Actor, key: str = "", *, field: str = "", font: str = "", image: str = "") -> UsesPage:
    """What a template, or with no ``key`` every one, is made of; one thing of it opened. Raises UnknownTemplate."""
    newest = newest_number(key) if key else None
    if key and newest is None:
        raise UnknownTemplate(
            gettext("There is no template {key}.").format(key=key), hint=gettext("Open it from the list of templates.")
        )
    at = reverse("template-uses", args=[key]) if key else reverse("uses")
    names = dict(Template.objects.values_list("key", "name"))
    fields, fonts, images = where_used.known_fields(), where_used.known_fonts(), where_used.known_images()
    mine = {path: holders for path, holders in fields.items() if not key or key in holders}
    gone, opened, picture = "", "", ""
    used_by: tuple[UsedBy, ...] = ()
    if field or font or image:
        opened, picture, used_by = _opened(field, font, image, fonts, images, names, key)
        gone = "" if opened else gettext("No template has that now.")
    return UsesPage(
        crumbs=_crumbs(key, names.get(key, key)),
        name=gettext("What {name} is made of").format(name=names[key])
        if key
        else gettext("Where fields, fonts and pictures are used"),
        about=gettext("Version {no}. Open a line to see where it is used, here and in other templates.").format(
            no=newest.no
        )
        if newest is not None
        else gettext("Of every template in its newest version."),
        fields=tuple(
            ThingLine(
                name=path,
                url=f"{at}?{urlencode({'field': path})}#h-opened",
                told=_field_told(path, holders, key),
                current=path == field,
            )
            for path, holders in mine.items()
        ),
        fonts=tuple(
            ThingLine(
                name=family,
                url=f"{at}?{urlencode({'font': family})}#h-opened",
                told=_templates({use.key for use in uses}),
                current=family == font,
            )
            for family, uses in fonts.items()
            if not key or any(use.key == key for use in uses)
        ),
        images=tuple(
            ThingLine(
                name=name,
                url=f"{at}?{urlencode({'image': digest})}#h-opened",
                told=gettext("{size}, {templates}").format(
                    size=words.size(size), templates=_templates({use.key for use in uses})
                ),
                current=digest == image,
                picture_url=reverse("used-picture", args=[digest]),
            )
            for digest, (name, size, uses) in images.items()
            if not key or any(use.key == key for use in uses)
        ),
        parts=_parts(actor, key),
        opened=opened,
        picture_url=picture,
        used_by=used_by,
        gone=gone,
    )


def how_words(how: str) -> str:
    """How a place uses a field."""
    return {
        "part": gettext("as part of a larger field"),
        "slot": gettext("shown on the page"),
        "condition": gettext("decides what is printed"),
        "words": gettext("in a sentence of the words"),
        "mail": gettext("in the mail"),
        "texts": gettext("in a text message"),
        "output": gettext("in a data output"),
        "test": gettext("in a test"),
        "fact": gettext("a fact of the document"),
        "sum": gettext("added up or checked"),
        "code": gettext("in a code"),
        "einvoice": gettext("in the e-invoice"),
        "block": gettext("in a content block"),
        "page": gettext("on the page"),
    }.get(how, "")


def _opened(
    field: str,
    font: str,
    image: str,
    fonts: dict[str, list[Use]],
    images: dict[str, tuple[str, int, list[Use]]],
    names: dict[str, str],
    first: str,
) -> tuple[str, str, tuple[UsedBy, ...]]:
    """What is looked at: its name, its picture, and the templates that use it, the one at hand first."""
    if field:
        found = where_used.everywhere(field)
        return (field if found else ""), "", _used_by(found, names, first)
    if font:
        uses = fonts.get(font, [])
        return (font if uses else ""), "", _used_by(_by_template(uses), names, first)
    if image not in images:
        return "", "", ()
    name, _, uses = images[image]
    return name, reverse("used-picture", args=[image]), _used_by(_by_template(uses), names, first)


def _by_template(uses: Iterable[Use]) -> dict[str, list[Use]]:
    found: dict[str, list[Use]] = {}
    for use in uses:
        found.setdefault(use.key, []).append(use)
    return found


def _used_by(found: dict[str, list[Use]], names: dict[str, str], first: str) -> tuple[UsedBy, ...]:
    ordered = sorted(found, key=lambda key: (key != first, not found[key], names.get(key, key)))
    return tuple(
        UsedBy(
            id=f"u-{key}",
            name=names.get(key, key),
            url=reverse("template-uses", args=[key]),
            places=tuple(_place(use) for use in found[key][:_MOST]),
        )
        for key in ordered
    )


def _place(use: Use) -> PlaceLine:
    place = f"{use.file}:{use.line}" if use.line else use.file
    if use.kind == "block":
        return PlaceLine(how=how_words("block"), place=use.name, url=reverse("house-part", args=["block", use.key]))
    return PlaceLine(how=how_words(use.how), place=place)


def _field_told(path: str, holders: list[str], key: str) -> str:
    if not key:
        return _templates(set(holders))
    count = len(where_used.of_field(key, path))
    used = ngettext("{count} place", "{count} places", count).format(count=words.count(count))
    return used if count else gettext("used nowhere")


def _templates(keys: set[str]) -> str:
    return ngettext("{count} template", "{count} templates", len(keys)).format(count=words.count(len(keys)))


def _parts(actor: Actor, key: str) -> tuple[ThingLine, ...]:
    """The content blocks and the brand of a template, or of the house."""
    newest = newest_number(key) if key else None
    if key and newest is not None:
        named = freezing.named_in(sources_of(newest))
        blocks, brands = list(named.blocks), [named.brand] if named.brand else []
    else:
        blocks, brands = sorted(known_blocks()), sorted(known_brands())
    there = {"block": set(known_blocks()), "brand": set(known_brands())}
    reads = actor.may("template.review")
    return tuple(
        ThingLine(
            name=name,
            url=reverse("house-part", args=[kind, name]) if reads and name in there[kind] else "",
            told=_templates(set(where_used.templates_of(kind, name))),
        )
        for kind, keys in (("brand", brands), ("block", blocks))
        for name in keys
    )


def _crumbs(key: str, name: str) -> tuple[Crumb, ...]:
    top = Crumb(label=gettext("Templates"), url=reverse("templates"))
    if not key:
        return (top, Crumb(label=gettext("Where used")))
    return (top, Crumb(label=name, url=reverse("template", args=[key])), Crumb(label=gettext("Where used")))

"""The forms of content blocks and brands: from what is kept to fields, and from what was typed to content."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from postroom.composition.block_source import source_of, tree_of
from postroom.composition.brand import default_brand
from postroom.composition.errors import BadPart
from postroom.composition.pay import grouped, iban_fault
from postroom.web.fill import names
from postroom.web.pages.house_part import TextForm, TokenForm, TokenGroup

Typed = Mapping[str, str]
_COLOURS = ("ink", "quiet", "accent", "hair", "paper")
_LINES = ("sender", "since", "address", "contact", "head", "registration", "vat", "legal")
_BANK = ("holder", "iban", "bic", "bank", "street", "number", "postal_code", "city", "country")
#: Tokens that need the whole width.
_WIDE = ("sender", "holder", "iban", "legal", "email")
_FONTS = ("text", "display", "typed")
_CASE = ("language", "brand", "entity", "from", "until")
_MOST = 200
#: What text is read in: at least 4.5:1 on paper (WCAG 2.2, 1.4.3).
_LEAST = 4.5


def texts_of(content: Mapping[str, Any]) -> tuple[TextForm, ...]:
    """The variants of a block as fields, and nothing more."""
    return tuple(
        TextForm(
            number=number,
            case=_case(one),
            text=source_of(one["body"]),
            language=one.get("language", ""),
            brand=one.get("brand", ""),
            entity=one.get("entity", ""),
            begins=one.get("from", ""),
            ends=one.get("until", ""),
        )
        for number, one in enumerate(content.get("variants", ()), 1)
    )


def typed_texts(typed: Typed, *, one_more: bool = False) -> tuple[TextForm, ...]:
    """What stands in the form, as it was typed; texts that were taken away are left out."""
    found: list[TextForm] = []
    for number in _numbers(typed):
        if typed.get(f"away-{number}"):
            continue
        values = {name: typed.get(f"{name}-{number}", "").strip() for name in _CASE}
        found.append(
            TextForm(
                number=len(found) + 1,
                case=_case(values),
                text=typed.get(f"text-{number}", "").replace("\r\n", "\n"),
                language=values["language"],
                brand=values["brand"],
                entity=values["entity"],
                begins=values["from"],
                ends=values["until"],
            )
        )
    if one_more or not found:
        found.append(TextForm(number=len(found) + 1, case=gettext("A new text"), fresh=True))
    return tuple(found)


def block_content(typed: Typed) -> dict[str, Any]:
    """The content of a block as ``save_part`` takes it. Raises BadPart with the text and the line."""
    variants: list[dict[str, Any]] = []
    for number in _numbers(typed):
        text = typed.get(f"text-{number}", "")
        if typed.get(f"away-{number}") or not text.strip():
            continue
        try:
            body = tree_of(text)
        except BadPart as fault:
            raise BadPart(f"Variant {len(variants) + 1}: {fault.message}", hint=fault.hint) from fault
        case = {name: value for name in _CASE if (value := typed.get(f"{name}-{number}", "").strip())}
        variants.append({**case, "body": body})
    return {"variants": variants}


def groups_of(content: Mapping[str, Any]) -> tuple[TokenGroup, ...]:
    """The tokens of a brand as fields; those of its own beside those every house has."""
    base = default_brand().tokens
    colours = {**base["colours"], **(content.get("colours") or {})}
    fonts = {**base["fonts"], **(content.get("fonts") or {})}
    lines, bank = content.get("lines") or {}, content.get("bank") or {}
    return (
        TokenGroup(
            id="bank",
            title=gettext("Bank details"),
            tokens=tuple(_bank(name, str(bank.get(name) or "")) for name in _BANK),
            hint=gettext("Where invoices ask to pay to. The check digits of the account are verified."),
        ),
        TokenGroup(
            id="lines",
            title=gettext("Contact lines"),
            tokens=tuple(_line(name, lines.get(name)) for name in (*_LINES, *sorted(set(lines) - set(_LINES)))),
            hint=gettext("Several lines in one field are several lines on the page. An empty field is left out."),
        ),
        TokenGroup(
            id="colours",
            title=gettext("Colours"),
            tokens=tuple(_colour(name, colours) for name in (*_COLOURS, *sorted(set(colours) - set(_COLOURS)))),
            hint=gettext("As #rrggbb. What text is written in needs a contrast of 4.5 to 1 on the paper."),
        ),
        TokenGroup(
            id="fonts",
            title=gettext("Fonts"),
            tokens=tuple(
                TokenForm(name=f"fonts-{name}", label=_called("fonts", name), value=str(fonts.get(name, "")))
                for name in (*_FONTS, *sorted(set(fonts) - set(_FONTS)))
            ),
            hint=gettext("Fonts that come with Postroom: Postroom Sans, Postroom Serif, Postroom Mono."),
        ),
    )


def brand_content(typed: Typed, before: Mapping[str, Any]) -> dict[str, Any]:
    """The tokens of a brand as they were typed; its pictures stay as they are. Checked by whoever saves them."""
    out: dict[str, Any] = {"colours": {}, "fonts": {}, "lines": {}, "bank": {}, "assets": before.get("assets") or {}}
    for name, value in typed.items():
        group, _, key = name.partition("-")
        if group not in ("colours", "fonts", "lines", "bank") or not key:
            continue
        told = [line.strip() for line in value.replace("\r\n", "\n").split("\n") if line.strip()]
        if told:
            out[group][key] = told[0] if len(told) == 1 else told
    return out


def contrast(one: str, other: str) -> float:
    """How far apart two colours are (WCAG 2.2, contrast ratio), from 1 to 21; 0 for what is no colour."""
    lights = []
    for colour in (one, other):
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
            return 0.0
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        lights.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])
    return (max(lights) + 0.05) / (min(lights) + 0.05)


def _numbers(typed: Typed) -> list[int]:
    found = {int(name[5:]) for name in typed if re.fullmatch(r"text-\d{1,3}", name)}
    return sorted(found)[:_MOST]


def _case(one: Mapping[str, Any]) -> str:
    """What a text is for, in one line."""
    told = [
        names.language(one["language"]) if one.get("language") else gettext("Every language"),
        gettext("brand {key}").format(key=one["brand"]) if one.get("brand") else "",
        gettext("entity {key}").format(key=one["entity"]) if one.get("entity") else "",
        gettext("from {day}").format(day=one["from"]) if one.get("from") else "",
        gettext("until {day}").format(day=one["until"]) if one.get("until") else "",
    ]
    return ", ".join(part for part in told if part)


def _bank(name: str, value: str) -> TokenForm:
    told, doubtful = "", False
    if name == "iban" and value:
        fault = iban_fault("".join(value.split()))
        told, doubtful = (fault, True) if fault else (gettext("The check digits are right."), False)
        value = grouped("".join(value.split())) if not fault else value
    return TokenForm(
        name=f"bank-{name}", label=_called("bank", name), value=value, told=told, doubtful=doubtful, wide=name in _WIDE
    )


def _line(name: str, value: Any) -> TokenForm:
    text = "\n".join(value) if isinstance(value, list | tuple) else str(value or "")
    shape = "lines" if "\n" in text or name in ("address", "contact", "head") else "text"
    return TokenForm(name=f"lines-{name}", label=_called("lines", name), value=text, shape=shape, wide=name in _WIDE)


def _colour(name: str, colours: Mapping[str, str]) -> TokenForm:
    value = str(colours.get(name, ""))
    told, doubtful = "", False
    if name not in ("paper", "hair"):
        ratio = contrast(value, str(colours.get("paper", "#ffffff")))
        told = gettext("{ratio} to 1 on the paper").format(ratio=f"{ratio:.1f}")
        doubtful = ratio < _LEAST
    return TokenForm(
        name=f"colours-{name}",
        label=_called("colours", name),
        value=value,
        shape="colour",
        told=told,
        doubtful=doubtful,
    )


def _called(group: str, name: str) -> str:
    """The label of a token; one of the house's own goes by its name."""
    known = {
        "colours": {
            "ink": gettext("Ink: the text"),
            "quiet": gettext("Quiet: small text"),
            "accent": gettext("Accent: links, charts"),
            "hair": gettext("Hairlines"),
            "paper": gettext("Paper"),
        },
        "fonts": {
            "text": gettext("Text"),
            "display": gettext("Headings"),
            "typed": gettext("Figures and references"),
        },
        "lines": {
            "sender": gettext("Sender above the address"),
            "since": gettext("Founded"),
            "address": gettext("Address in the foot"),
            "contact": gettext("Contact in the foot"),
            "head": gettext("Lines in the letterhead"),
            "registration": gettext("Registration number"),
            "vat": gettext("VAT number"),
            "legal": gettext("Legal line"),
            "phone": gettext("Telephone"),
            "email": gettext("E-mail"),
            "contact_name": gettext("Contact person"),
        },
        "bank": {
            "holder": gettext("Account holder"),
            "iban": gettext("IBAN"),
            "bic": gettext("BIC"),
            "bank": gettext("Bank"),
            "street": gettext("Street"),
            "number": gettext("House number"),
            "postal_code": gettext("Postal code"),
            "city": gettext("Town"),
            "country": gettext("Country (two letters)"),
        },
    }
    return known[group].get(name, name)

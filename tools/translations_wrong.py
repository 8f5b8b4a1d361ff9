"""What can be wrong with one translation."""

from __future__ import annotations

import re

from babel.messages.catalog import Message

_BRACE = re.compile(r"\{(\w*)\}")
_PERCENT = re.compile(r"%\((\w+)\)[sd]")


def placeholders(text: str) -> list[str]:
    """``{name}`` and ``%(name)s`` of a text, sorted."""
    plain = text.replace("{{", "").replace("}}", "")
    return sorted(_BRACE.findall(plain) + _PERCENT.findall(text))


def wrong_with(msgid: str | tuple[str, ...], message: Message | None, plurals: int) -> list[str]:
    """Complaints about the translation of ``msgid``; none when it is as it should be."""
    if message is None:
        return ["not in the catalogue"]
    if message.fuzzy:
        return ["fuzzy"]
    wanted = msgid if isinstance(msgid, tuple) else (msgid,)
    given = tuple(message.string) if isinstance(message.string, list | tuple) else (message.string,)
    if not given or not all(given):
        return ["not translated"]
    if len(given) != (plurals if len(wanted) > 1 else 1):
        return ["another number of plural forms"]
    return [*_placeholders(wanted, given), *_edges(wanted, given)]


def _placeholders(wanted: tuple[str, ...], given: tuple[str, ...]) -> list[str]:
    """Each form has those of the plural; the form for one may leave the number out, as the source's may."""
    whole = set(placeholders(wanted[-1]))
    for number, text in enumerate(given):
        have = set(placeholders(text))
        least = set(placeholders(wanted[0])) if number == 0 else whole
        if not have <= whole | set(placeholders(wanted[0])) or not (least <= have or whole <= have):
            return [f"other placeholders ({', '.join(sorted(have ^ whole)) or 'none'})"]
    return []


def _edges(wanted: tuple[str, ...], given: tuple[str, ...]) -> list[str]:
    """Spaces at the ends join sentences; an ellipsis means that a question follows."""
    first, text = wanted[-1], given[-1]
    if (first[:1].isspace(), first[-1:].isspace()) != (text[:1].isspace(), text[-1:].isspace()):
        return ["other spaces at the ends"]
    if first.rstrip().endswith("…") != text.rstrip().endswith("…"):
        return ["an ellipsis on one side only"]
    return []

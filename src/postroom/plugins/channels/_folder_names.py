"""File names from a pattern such as ``{date}/{number}_{party}.pdf``.

Slashes come from the pattern only. What a value brings (a customer's name, a subject) can neither leave the folder
nor hide the file nor be a name that some system reserves.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Mapping
from pathlib import PurePosixPath

from postroom.delivery.spec import FACT_NAMES

NAMES = FACT_NAMES | {"document", "title", "filename", "extension"}

_FORBIDDEN = re.compile(r'[/\\:*?"<>|]')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|clock\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?")
_VALUE_LIMIT = 120  # characters of one value
_NAME_LIMIT = 200  # bytes of one name; leaves room for a number and stays below the 255 of every file system


class MissingFact(Exception):
    """The pattern names a fact that this letter has not."""


def check_pattern(pattern: str) -> str:
    """The pattern, or ValueError in words. Checked when the destination is set up, not when a letter is waiting."""
    try:
        pieces = list(string.Formatter().parse(pattern))
    except ValueError as error:
        raise ValueError(f"the braces of {pattern!r} do not match") from error
    for _, name, spec, conversion in pieces:
        if name is None:
            continue
        if name not in NAMES:
            raise ValueError(f"{{{name}}} is not known; use one of {', '.join(sorted(NAMES))}")
        if spec or conversion:
            raise ValueError(f"write {{{name}}} without ':' and '!'")
    if pattern.startswith("/") or pattern.endswith("/"):
        raise ValueError("the pattern is a file's path below the folder: no slash at its begin or end")
    for part in pattern.split("/"):
        if part in ("", ".", "..") or part.startswith("."):
            raise ValueError(f"{part!r} cannot be a part of the path")
        if "\\" in part or any(unicodedata.category(char)[0] == "C" for char in part):
            raise ValueError(f"{part!r} holds a backslash or a control character")
    return pattern


def file_path(pattern: str, facts: Mapping[str, str]) -> PurePosixPath:
    """The relative path for these facts. Raises MissingFact."""
    return PurePosixPath(*(_part(part, facts) for part in pattern.split("/")))


def sub_path(address: str) -> PurePosixPath | None:
    """A letter's address as a path below the folder; None when it would leave it or hide in it."""
    parts = [part for part in address.split("/") if part]
    if address.startswith("/") or any(part.startswith(".") or _clean(part) != part for part in parts):
        return None
    return PurePosixPath(*parts)


def numbered(path: PurePosixPath, number: int) -> PurePosixPath:
    """``invoice.pdf`` -> ``invoice-2.pdf``; number 1 is the name itself."""
    return path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")


def _part(part: str, facts: Mapping[str, str]) -> str:
    built = ""
    for literal, name, _, _ in string.Formatter().parse(part):
        built += literal
        if name is not None:
            value = facts.get(name, "")
            if not value.strip():
                raise MissingFact(name)
            built += _clean(value)[:_VALUE_LIMIT].strip()
    return _clean(built)


def _clean(text: str) -> str:
    """One name: no separators, no control or bidirectional characters, not hidden, not reserved, not too long."""
    text = unicodedata.normalize("NFC", text)
    text = "".join("_" if unicodedata.category(char)[0] == "C" else char for char in text)
    text = _FORBIDDEN.sub("_", text)
    text = " ".join(text.split())
    text = text.strip(" ").rstrip(".")
    if text.startswith("."):
        text = "_" + text[1:]
    if _RESERVED.fullmatch(text):
        text = "_" + text
    return _shorten(text) or "_"


def _shorten(text: str) -> str:
    if len(text.encode()) <= _NAME_LIMIT:
        return text
    stem, dot, extension = text.rpartition(".")
    if not dot or len(extension) > 10:
        stem, dot, extension = text, "", ""
    room = _NAME_LIMIT - len((dot + extension).encode())
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip(" .") + dot + extension

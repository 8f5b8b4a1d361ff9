"""Which source reads a file: by its name, else by its media type, else by its first bytes.

The name comes first because its sender chose it; a wrong name then gives the error of that format, which says
what the file really is. Sources are asked through the registry, so a plugin's format is found like a built-in one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any

from pydantic import ValidationError

from postroom.intake.spec import Source, UnreadableFile
from postroom.kernel.errors import BadInput
from postroom.kernel.registry import BrokenProvider, names, provider

_HEAD = 64 * 1024
_ENOUGH = 30
_SAYS_NOTHING = {"", "text/plain", "application/octet-stream", "application/zip", "binary/octet-stream"}


class UnknownFormat(UnreadableFile):
    """No installed source reads this kind of file."""

    code = "unknown-format"
    title = "No source reads this kind of file"


class BadSourceOptions(BadInput):
    """The options given do not fit the source."""

    code = "bad-source-options"
    title = "The options of the source are wrong"


def source_for(path: Path, *, media_type: str = "", name: str = "", options: Mapping[str, Any] | None = None) -> Source:
    """The source that reads the file at ``path``.

    ``name`` is the name its sender gave it, when ``path`` is named otherwise; ``media_type`` may carry parameters.
    Raises UnknownFormat, BadSourceOptions, and UnreadableFile when the file cannot be opened.
    """
    classes = list(_installed())
    suffix = PurePath(name or path.name).suffix.lower()
    plain_type = media_type.partition(";")[0].strip().lower()
    found = next((each for each in classes if suffix and suffix in each.suffixes), None)
    if found is None and plain_type not in _SAYS_NOTHING:
        found = next((each for each in classes if plain_type in each.media_types), None)
    if found is None:
        found = _by_content(classes, _head(path))
    if found is None:
        raise UnknownFormat(
            f"The file {name or path.name} is of no format that Postroom reads"
            + (f" (media type {plain_type})." if plain_type else "."),
            hint=f"Supported: {supported()}. Give the file the right suffix, or name the source.",
        )
    return configured(found, options)


def source_named(name: str, options: Mapping[str, Any] | None = None) -> Source:
    """The source ``name`` with ``options``. Raises UnknownProvider, BrokenProvider, BadSourceOptions."""
    return configured(provider("sources", name), options)


def configured(found: type[Source], options: Mapping[str, Any] | None) -> Source:
    """An instance of ``found`` with ``options``. Raises BadSourceOptions."""
    try:
        return found(found.Config(**dict(options or {})))
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(str(step) for step in each['loc']) or 'options'}: {each['msg']}" for each in error.errors()
        )
        raise BadSourceOptions(
            f"The options of the source {found.name} are wrong: {wrong}.",
            hint=f"It knows: {', '.join(sorted(found.Config.model_fields))}.",
        ) from error


def supported() -> str:
    """The installed sources with their suffixes, for people to read."""
    return ", ".join(f"{each.name} ({' '.join(each.suffixes)})" for each in _installed())


def _installed() -> Iterator[type[Source]]:
    for name in names("sources"):
        try:
            yield provider("sources", name)
        except BrokenProvider:
            continue  # a stranger's broken plugin must not stop files of other formats; naming it says what is wrong


def _by_content(classes: list[type[Source]], head: bytes) -> type[Source] | None:
    """The surest of the sources; of two equally sure ones the first by name, so that the answer never varies."""
    best, surest = None, _ENOUGH
    for each in classes:
        sure = each.recognises(head)
        if sure > surest:
            best, surest = each, sure
    return best


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD)
    except OSError as error:
        raise UnreadableFile(
            f"The file {path.name} cannot be opened: {error.strerror}.",
            hint="Check that it exists and that Postroom's account may read it.",
            path=str(path),
        ) from error

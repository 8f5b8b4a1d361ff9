"""A brand: how a house looks and signs, kept apart from its templates so that it changes once for all of them.

One JSON object ``brand.json`` beside its files ``brand/*``, put beside a template when it is unfolded; what a page
needs of it is in the view under ``brand``. A template without one uses the sample company's.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files as package_files
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from postroom.composition.pay import grouped, iban_fault
from postroom.composition.texts import called, clean
from postroom.kernel.errors import BadInput

FILE = "brand.json"
_NAME = r"[a-z][a-z0-9_-]*"
_Key = Annotated[str, StringConstraints(pattern=rf"^{_NAME}$", max_length=60)]
_Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
_Line = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_File = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*\.(?:svg|png|jpe?g)$", max_length=100)]
_SHORT = {"colour": "colours", "font": "fonts", "line": "lines", "bank": "bank"}


class BrandFault(BadInput):
    """A brand cannot be used as it is written."""

    code = "brand-fault"
    title = "The brand has a fault"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Bank(_Strict):
    """The account money goes to, and the payee as payment codes name it."""

    holder: _Line | None = None
    iban: _Line | None = None
    bic: _Line | None = None
    bank: _Line | None = None
    street: _Line | None = None
    number: _Line | None = None
    postal_code: _Line | None = None
    city: _Line | None = None
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None


class _Tokens(_Strict):
    key: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)]
    name: _Line
    colours: dict[_Key, _Colour] = Field(default_factory=dict)
    fonts: dict[_Key, _Line] = Field(default_factory=dict)
    lines: dict[_Key, _Line | tuple[_Line, ...]] = Field(default_factory=dict)
    bank: Bank = Bank()
    assets: dict[_Key, _File] = Field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Brand:
    """A checked brand. ``files`` are its ``brand/*`` by their bare names; ``digest`` names tokens and files (P5)."""

    tokens: dict[str, Any]
    files: Mapping[str, bytes]
    digest: str
    view: dict[str, Any] = field(repr=False)

    @property
    def key(self) -> str:
        """How the brand is called."""
        return str(self.tokens["key"])

    def look(self, path: str) -> str:
        """The text of a token for a payment code, such as ``bank.iban``; empty where there is none."""
        here: Any = self.view
        for step in _steps(path):
            here = here.get(step) if isinstance(here, dict) else None
        return here if isinstance(here, str) else ""

    def uncovered(self, covered: frozenset[str]) -> list[str]:
        """Sentences about signs of its texts that no font of a template has."""
        told = []
        for name, text in _texts(self.view):
            missing = sorted(set(text) - covered)
            if missing:
                told.append(f"The brand's {name} holds {called(missing[0])}, which no font of the template has.")
        return told

    def written(self) -> dict[str, bytes]:
        """The files put beside a template: ``brand.json`` and ``brand/*``."""
        content = json.dumps(self.tokens, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
        return {FILE: content.encode(), **{f"brand/{name}": data for name, data in sorted(self.files.items())}}


def read_brand(content: bytes | Mapping[str, Any], files: Mapping[str, bytes]) -> Brand:
    """A brand from its JSON and its files (bare names). Raises BrandFault with the first fault and its place.

    Colours and fonts that it does not name are those of the default brand; names, lines, accounts and images never
    are: nobody's invoice shall ask to pay somebody else.
    """
    try:
        raw = json.loads(content) if isinstance(content, bytes) else dict(content)
        tokens = _Tokens.model_validate(raw)
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        if isinstance(error, ValidationError):
            first = error.errors(include_url=False)[0]
            place = ".".join(str(step) for step in first["loc"]) or "the brand"
            raise BrandFault(f"{FILE}: {place}: {first['msg']}.", hint="See docs/templates.md, Brands.") from error
        raise BrandFault(f"{FILE} is not JSON: {error}.", hint="Write one JSON object in UTF-8.") from error
    account = "".join((tokens.bank.iban or "").split())
    if account and (fault := iban_fault(account)):
        raise BrandFault(f"{FILE}: bank.iban: {account!r}: {fault}.", hint="Check the account's number.")
    for name, file in tokens.assets.items():
        if file not in files:
            raise BrandFault(f"{FILE}: assets.{name}: there is no file brand/{file}.", hint="Add the file.")
    plain = tokens.model_dump(mode="json", exclude_none=True)
    named = json.dumps(plain, ensure_ascii=False, sort_keys=True).encode()
    total = hashlib.sha256(named)
    for name in sorted(files):
        total.update(f"\0{name}\0{len(files[name])}\0".encode() + files[name])
    return Brand(plain, dict(files), total.hexdigest(), _view(plain))


@cache
def default_brand() -> Brand:
    """The brand of the sample company."""
    folder = package_files("postroom.composition").joinpath("typst", "brand")
    files = {entry.name: entry.read_bytes() for entry in folder.iterdir() if entry.name != FILE}
    return read_brand(folder.joinpath(FILE).read_bytes(), files)


def known_token(path: str) -> bool:
    """Whether a page may name this token: the groups are fixed, the names in them are a brand's own."""
    return path == "name" or re.fullmatch(rf"(?:{'|'.join(_SHORT)})\.{_NAME}", path) is not None


def _steps(path: str) -> list[str]:
    first, _, rest = path.partition(".")
    return [_SHORT.get(first, first), *([rest] if rest else [])]


def _view(tokens: dict[str, Any]) -> dict[str, Any]:
    """The brand as pages see it: texts cleaned as a record's are, the account bare and in groups of four."""
    bank = {name: clean(text) for name, text in tokens["bank"].items()}
    if "iban" in bank:
        bank["iban"] = "".join(bank["iban"].split())
        bank["iban_grouped"] = grouped(bank["iban"])
    lines = {
        name: clean(line) if isinstance(line, str) else [clean(one) for one in line]
        for name, line in tokens["lines"].items()
    }
    base = {} if tokens["key"] == "default" else _defaults()
    return {
        "key": tokens["key"],
        "name": clean(tokens["name"]),
        "colours": {**base.get("colours", {}), **tokens["colours"]},
        "fonts": {**base.get("fonts", {}), **tokens["fonts"]},
        "lines": lines,
        "bank": bank,
        "assets": tokens["assets"],
    }


@cache
def _defaults() -> dict[str, Any]:
    folder = package_files("postroom.composition").joinpath("typst", "brand")
    found: dict[str, Any] = json.loads(folder.joinpath(FILE).read_bytes())
    return found


def _texts(view: dict[str, Any]) -> list[tuple[str, str]]:
    found = [("name", view["name"])]
    for group in ("lines", "bank"):
        for name, text in view[group].items():
            found += [(f"{group}.{name}", one) for one in ([text] if isinstance(text, str) else text)]
    return found

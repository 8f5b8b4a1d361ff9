"""Sentences of modules that know no language, in the reader's language (docs/adr/0020).

The kernel, the stages and the plugins say what is wrong in English: the command line, the log, the API and stored
rows have one wording. The desk looks each sentence up in the catalogue ``said``, whose texts are patterns
("There is no run {ref}."), and puts the sentence's own values into the translated one. What is not in the catalogue,
such as a mail server's answer, is shown as it is.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.mofile import read_mo
from django.conf import settings
from django.utils import translation

#: Parts that sentences are made of and that have not the shape of a sentence themselves.
FRAGMENTS = (
    "Back-pressure",
    "Cage",
    "Clock",
    "Database",
    "Desk assets",
    "Disk",
    "Home folder",
    "Print fonts",
    "Reproducibility",
    "nothing is held back",
    "Settings",
    "Workers",
    "Outbox",
    "Account",
    "a GIF picture",
    "a JPEG picture",
    "a PDF document",
    "a PNG picture",
    "a Parquet file",
    "a PostScript file",
    "a TIFF picture",
    "a ZIP archive or an Office file",
    "a ZIP archive, but no Excel workbook",
    "a Zstandard archive",
    "a binary file",
    "a bzip2 archive",
    "a country",
    "a date",
    "a gzip archive",
    "a list",
    "a number",
    "a percentage",
    "a program",
    "a quantity",
    "a text",
    "a value",
    "a whole number",
    "an OpenDocument file",
    "an SQLite database",
    "an amount",
    "an empty ZIP archive",
    "an object",
    "an old or encrypted Office file",
    "an xz archive",
    "at least",
    "at most",
    "less than",
    "make",
    "makes",
    "more than",
    "null",
    "or",
    "text",
    "the number {value}",
    "true or false",
)
_PLACE = re.compile(r"\{(\w+)\}")
_BETWEEN = re.compile(r"(?<=[.?…])\s+(?=\S)")
#: A value that holds the end of a sentence belongs to two sentences that stand together, so it is tried last.
_ONE_SENTENCE = r"((?:\"[^\"]*\"|(?![.?] [A-Z]).)*?)"
_ANYTHING = r"(.*?)"


@dataclass(frozen=True, slots=True)
class _Pattern:
    strict: re.Pattern[str]
    loose: re.Pattern[str]
    names: tuple[str, ...]
    translated: str


@dataclass(frozen=True, slots=True)
class _Sayings:
    """The catalogue of one language: whole sentences, and patterns with the most specific ones first."""

    exact: dict[str, str] = field(default_factory=dict)
    patterns: tuple[_Pattern, ...] = ()

    def tell(self, text: str) -> str:
        """``text`` translated as far as it is known."""
        known = self._known(text, loose=False)
        if known is not None:
            return known
        pieces = _sentences(text)
        if len(pieces) == 1:
            return self._known(text, loose=True) or text
        for many in range(len(pieces) - 1, 0, -1):
            left = self._known(" ".join(pieces[:many]), loose=False)
            if left is not None:
                return f"{left} {self.tell(' '.join(pieces[many:]))}"
        whole = self._known(text, loose=True)
        return whole if whole is not None else f"{pieces[0]} {self.tell(' '.join(pieces[1:]))}"

    def _known(self, text: str, *, loose: bool) -> str | None:
        found = self.exact.get(text)
        if found is not None:
            return found
        for pattern in self.patterns:
            match = (pattern.loose if loose else pattern.strict).fullmatch(text)
            if match:
                values = dict(zip(pattern.names, match.groups(), strict=True))
                return _filled(pattern.translated, {name: self._value(value) for name, value in values.items()})
        return None

    def _value(self, value: str) -> str:
        """A value is the world's, unless it is a fragment of ours."""
        parts = value.split(" or ")
        if len(parts) > 1 and all(part in self.exact for part in parts):
            return f" {self.exact.get('or', 'or')} ".join(self.exact[part] for part in parts)
        return self._known(value, loose=False) or value


def _sentences(text: str) -> list[str]:
    """Cut between sentences, though not inside a quoted value."""
    whole: list[str] = []
    for piece in _BETWEEN.split(text):
        if whole and whole[-1].count('"') % 2:
            whole[-1] += f" {piece}"
        else:
            whole.append(piece)
    return whole


def said(text: str) -> str:
    """A sentence in the language of the reader."""
    language = (translation.get_language() or "en").partition("-")[0]
    if language == "en" or not text:
        return text
    return _told(language, text)


@functools.lru_cache(maxsize=4096)
def _told(language: str, text: str) -> str:
    return sayings(language).tell(text)


@functools.lru_cache(maxsize=8)
def sayings(language: str) -> _Sayings:
    """The compiled catalogue; an empty one when there is none."""
    for place in settings.LOCALE_PATHS:
        path = Path(place) / translation.to_locale(language) / "LC_MESSAGES" / "said.mo"
        if path.is_file():
            with path.open("rb") as stream:
                return _read({str(one.id): str(one.string) for one in read_mo(stream) if one.id and one.string})
    return _Sayings()


def _read(texts: dict[str, str]) -> _Sayings:
    exact = {_plain(text): _plain(said) for text, said in texts.items() if not _PLACE.search(_bare(text))}
    shaped = [text for text in texts if _PLACE.search(_bare(text))]
    shaped.sort(key=lambda text: -len(_PLACE.sub("", text)))
    return _Sayings(exact, tuple(_pattern(text, texts[text]) for text in shaped))


def _pattern(text: str, translated: str) -> _Pattern:
    names = tuple(_PLACE.findall(_bare(text)))
    parts = [re.escape(_unbare(part)) for part in _PLACE.split(_bare(text))[::2]]
    return _Pattern(
        re.compile(_ONE_SENTENCE.join(parts), re.DOTALL),
        re.compile(_ANYTHING.join(parts), re.DOTALL),
        names,
        translated,
    )


def _filled(text: str, values: dict[str, str]) -> str:
    return _unbare(_PLACE.sub(lambda match: values.get(match[1], match[0]), _bare(text)))


def _bare(text: str) -> str:
    """Doubled braces set aside, as no text has these two signs."""
    return text.replace("{{", "\x01").replace("}}", "\x02")


def _unbare(text: str) -> str:
    return text.replace("\x01", "{").replace("\x02", "}")


def _plain(text: str) -> str:
    return _unbare(_bare(text))

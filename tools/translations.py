"""The catalogues of texts: found in the sources, kept up to date, examined, compiled. Needs no GNU gettext.

    python tools/translations.py update     find every text again; translations that still fit are kept
    python tools/translations.py report     what is missing, unused or wrong; exit code 1 when there is any
    python tools/translations.py compile    .po to .mo, as `make assets` does

Two domains: ``django`` holds what goes through gettext; ``said`` holds sentences of modules that know no language
(docs/adr/0020), found by their shape.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

sys.path.insert(0, str(Path(__file__).resolve().parent))  # its neighbour, also for whoever loads this file by its path

from translations_found import Found, gettext_texts, said_texts
from translations_wrong import wrong_with

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "postroom"
LOCALE = PACKAGE / "locale"
DOMAINS = ("django", "said")


@dataclass(frozen=True)
class Complaint:
    """What is not as it should be with one text."""

    language: str
    domain: str
    what: str
    msgid: str
    where: str = ""

    def __str__(self) -> str:
        return f"{self.language}/{self.domain}: {self.what}: {self.msgid!r}" + (
            f" ({self.where})" if self.where else ""
        )


def languages() -> list[str]:
    """Languages with a folder of their own. English is the language of the sources."""
    return sorted(path.name for path in LOCALE.iterdir() if (path / "LC_MESSAGES").is_dir())


def found_in_sources() -> dict[str, list[Found]]:
    """Every text of each domain."""
    return {"django": gettext_texts(PACKAGE), "said": said_texts(PACKAGE)}


def po_path(language: str, domain: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / f"{domain}.po"


def read(language: str, domain: str) -> Catalog:
    """A catalogue as it is kept; empty when there is none yet."""
    path = po_path(language, domain)
    if not path.is_file():
        return Catalog(locale=language, domain=domain)
    with path.open("rb") as stream:
        return read_po(stream, locale=language, domain=domain)


def update(language: str, domain: str, found: list[Found]) -> None:
    """Write the catalogue with exactly the texts found; nothing is guessed, so nothing is fuzzy."""
    old = read(language, domain)
    new = Catalog(
        locale=language,
        domain=domain,
        project="Postroom",
        version="1",
        last_translator="Postroom",
        language_team=language,
        msgid_bugs_address="none",
        header_comment=old.header_comment,
        fuzzy=False,
        creation_date=datetime(2026, 11, 1, tzinfo=UTC),
        revision_date=datetime(2026, 11, 1, tzinfo=UTC),
    )
    for one in found:
        kept = old.get(one.msgid, one.context)
        message = new.add(
            one.msgid,
            kept.string if kept is not None and _same_shape(kept, one) else None,
            locations=[(path, 0) for path in one.places],
            flags=[flag for flag in one.flags if flag != "fuzzy"],
            auto_comments=one.comments,
            context=one.context,
        )
        if kept is not None:
            message.user_comments = kept.user_comments
    path = po_path(language, domain)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        write_po(stream, new, width=0, sort_output=True, include_lineno=False, ignore_obsolete=True)


def _same_shape(kept: Message, one: Found) -> bool:
    return isinstance(kept.id, tuple) == isinstance(one.msgid, tuple)


def complaints(language: str, domain: str, found: list[Found], kept: Catalog | None = None) -> list[Complaint]:
    """What is missing, unused, fuzzy, or differs in its placeholders."""
    catalogue = read(language, domain) if kept is None else kept
    wrong: list[Complaint] = []
    for one in found:
        message = catalogue.get(one.msgid, one.context)
        told = wrong_with(one.msgid, message, catalogue.num_plurals)
        where = one.places[0] if one.places else ""
        wrong += [Complaint(language, domain, what, one.singular, where) for what in told]
    known = {(one.singular, one.context) for one in found}
    for message in catalogue:
        singular = message.id[0] if isinstance(message.id, tuple) else str(message.id)
        if singular and (singular, message.context) not in known:
            wrong.append(Complaint(language, domain, "no longer used", singular))
    return wrong


def compile_all() -> list[Path]:
    """Write the .mo files next to their sources, where they are older than these. Returns all of them."""
    made = []
    for language in languages():
        for domain in DOMAINS:
            source = po_path(language, domain)
            target = source.with_suffix(".mo")
            made.append(target)
            if target.is_file() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
                continue
            beside = target.with_suffix(".mo.new")
            with beside.open("wb") as stream:
                write_mo(stream, read(language, domain))
            beside.replace(target)  # a server that runs meanwhile never reads half a file
    return made


def main(arguments: list[str]) -> int:
    match arguments:
        case ["update"]:
            found = found_in_sources()
            for language in languages():
                for domain in DOMAINS:
                    update(language, domain, found[domain])
            return _report(found)
        case ["report"]:
            return _report(found_in_sources())
        case ["compile"]:
            compile_all()
            return 0
    sys.stderr.write((__doc__ or "") + "\n")
    return 2


def _report(found: dict[str, list[Found]]) -> int:
    told = [one for lang in languages() for domain in DOMAINS for one in complaints(lang, domain, found[domain])]
    for one in told:
        print(one)
    texts = sum(len(one) for one in found.values())
    print(f"{texts} texts, {len(languages())} languages besides English, {len(told)} complaints.")
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

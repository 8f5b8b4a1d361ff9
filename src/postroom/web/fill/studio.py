"""The studio in words: what a draft holds, what somebody may write there, what became of the page."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from postroom.composition import blocks_store, brands, drafts, freezing, locate, preview
from postroom.composition.brand import BrandFault, default_brand, read_brand
from postroom.composition.contract import Contract
from postroom.composition.life_models import DRAFT, Draft
from postroom.composition.mail import HTML
from postroom.composition.problems import Problem, TemplateFaults
from postroom.composition.shape import Field, ShapeFault
from postroom.composition.shorttext import PUSH, SMS
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.web.fill import names
from postroom.web.fill.drafts import status_of
from postroom.web.pages import Crumb, Links, Option
from postroom.web.pages.studio import StudioPage

TEXTS = (".typ", ".json", ".yaml", ".yml", ".txt", ".html", ".css", ".md", ".svg")
_SHORT = {"colours": "colour", "fonts": "font", "lines": "line", "bank": "bank"}


def studio_page(actor: Actor, draft: Draft, file: str = "", sample: str = "") -> StudioPage:
    """The draft, opened at ``file`` with ``sample`` beside it."""
    own = files_at(draft, draft.revision)
    texts = texts_of(own)
    samples = [name for name in texts if name.startswith("samples/")]
    pages = [name for name in texts if name.endswith((".typ", ".html")) and "/" not in name]
    pages.sort(key=lambda name: name not in _entries(texts.get("template.yaml", "")))  # what it begins with comes first
    ordered = [*pages, *(name for name in texts if name not in pages)]
    file = file if file in texts else next(iter(ordered), "")
    sample = sample if sample in samples else next(iter(samples), "")
    named = freezing.named_in(own)
    may = actor.may("template.edit") and draft.state == DRAFT
    word = word_file(draft)
    return StudioPage(
        crumbs=crumbs(draft),
        name=gettext("Studio: {name}").format(name=draft.name),
        status=status_of(draft.state),
        about=gettext("Revision {no}").format(no=draft.revision),
        files=tuple(Option(value=name, label=name, chosen=name == file) for name in ordered),
        samples=tuple(Option(value=name, label=_sample_name(name), chosen=name == sample) for name in samples),
        languages=(
            Option(value="", label=gettext("as in the sample"), chosen=True),
            *(Option(value=tag, label=names.language(tag)) for tag in named.languages),
        ),
        brands=(
            Option(value="", label=gettext("the template’s"), chosen=True),
            *(Option(value=key, label=key) for key in brands.known()),
        ),
        data={
            "revision": draft.revision,
            "files": texts,
            "file": file,
            "sample": sample,
            "names": names_in(own),
            "readOnly": not may,
            "word": bool(word),
            "keep": f"postroom-studio:{actor.name}:{draft.pk}",
            "urls": {
                "page": reverse("studio-page", args=[draft.pk]),
                "where": reverse("studio-where", args=[draft.pk]),
                "save": reverse("studio-save", args=[draft.pk]),
            },
            "says": _says(may),
        },
        draft_url=reverse("draft", args=[draft.pk]),
        words_url=reverse("studio-words", args=[draft.pk]),
        review_url=reverse("draft-review", args=[draft.pk]),
        mail_url=reverse("studio-mail", args=[draft.pk]),
        conditions_url=reverse("studio-conditions", args=[draft.pk]),
        texts_url=reverse("studio-texts", args=[draft.pk]),
        has_mail=HTML in own,
        has_sms=SMS in own,
        has_push=PUSH in own,
        revision=draft.revision,
        word_url=reverse("studio-word", args=[draft.pk]) if word else "",
        word_name=word,
        writes=may,
    )


def crumbs(draft: Draft) -> tuple[Crumb, ...]:
    """The way to a draft's pages."""
    return (
        Crumb(label=gettext("Templates"), url=Links().templates),
        Crumb(label=gettext("Draft of {name}").format(name=draft.name), url=reverse("draft", args=[draft.pk])),
    )


def files_at(draft: Draft, revision: int) -> Mapping[str, bytes]:
    """The files at a revision, which never change."""
    return _files_at(draft.pk, min(max(0, revision), draft.revision))


@lru_cache(maxsize=16)
def _files_at(draft_id: Any, revision: int) -> Mapping[str, bytes]:
    return drafts.files(drafts.find(draft_id), revision)


def word_file(draft: Draft) -> str:
    """The name of the Word file that the page is written in; empty in the other lanes."""
    text = files_at(draft, draft.revision).get("template.yaml", b"").decode("utf-8", "replace")
    if not re.search(r"^lane:[ \t]*[\"']?word\b", text, re.MULTILINE):
        return ""
    named = re.search(r"^entry:[ \t]*[\"']?([A-Za-z0-9_.-]+\.docx)", text, re.MULTILINE)
    return named[1] if named else "main.docx"


def _entries(manifest: str) -> tuple[str, ...]:
    """The file the page begins with, as template.yaml says, or as it is usually called."""
    said = re.search(r"^entry:[ \t]*[\"']?([A-Za-z0-9_.-]+)", manifest, re.MULTILINE)
    return (said[1],) if said else ("main.typ", "main.html")


def texts_of(own: Mapping[str, bytes]) -> dict[str, str]:
    """The files that can be typed in."""
    found = {}
    for name, content in own.items():
        if name.endswith(TEXTS):
            try:
                found[name] = content.decode("utf-8")
            except UnicodeDecodeError:
                continue
    return found


def names_in(own: Mapping[str, bytes]) -> dict[str, Any] | None:
    """What a page may name: fields, words, codes, blocks, assets, tokens; None while the contract cannot be read."""
    try:
        shape = Contract(json.loads(own.get("contract.json", b""))).shape
    except (ValueError, ShapeFault):  # a schema's own error is a ValueError too
        return None
    named = freezing.named_in(own)
    first = named.languages[0] if named.languages else "en"
    try:
        told = json.loads(own.get(f"words/{first}.json", b"{}"))
    except ValueError:
        told = {}
    return {
        "fields": list(_fields(shape)),
        "words": {key: text for key, text in told.items() if isinstance(text, str)} if isinstance(told, dict) else {},
        "codes": sorted(re.findall(r"^  ([a-z][a-z0-9-]*):", _section(named.text, "codes"), re.MULTILINE)),
        "blocks": sorted({*named.blocks, *blocks_store.known()}),
        "assets": sorted(name.removeprefix("assets/") for name in own if name.startswith("assets/")),
        "brand": _tokens(own),
    }


def look(draft: Draft, actor: Actor, wanted: Mapping[str, Any]) -> tuple[preview.Seen, dict[str, str]]:
    """Make the page as it is typed. Gives what came of it and the texts it was made from."""
    own = {**files_at(draft, _number(wanted.get("revision"))), **_typed(wanted)}
    texts = texts_of(own)
    sample = str(wanted.get("sample") or "")
    try:
        record = json.loads(texts.get(sample, ""))
    except ValueError as error:
        line = getattr(error, "lineno", 0)
        what = gettext("This sample is no JSON.") if sample in texts else gettext("There is no sample to show.")
        hint = getattr(error, "msg", "") if sample in texts else gettext("Add a record as samples/01.json.")
        return preview.Seen(faults=(Problem(sample or "samples/", line, what, hint),)), texts
    try:
        brand = _brand(str(wanted.get("brand") or ""))
        frozen = freezing.freeze(own, draft.valid_from or clock.now()).files
    except TemplateFaults as faults:
        return preview.Seen(faults=faults.problems), texts
    asked = preview.Asked(
        files=frozen,
        record=record,
        language=str(wanted.get("language") or ""),
        brand=brand,
        pages=tuple(_number(page) for page in list(wanted.get("pages") or [1])[:6]),
        width=min(2480, max(300, _number(wanted.get("width")) or 1240)),
        map=wanted.get("map") is True,
    )
    return preview.preview_for(actor.name, draft.pk).look(asked), texts


def seen_json(seen: preview.Seen, texts: Mapping[str, str], sample: str) -> dict[str, Any]:
    """What the script gets."""
    faults = [fault_json(one) for one in seen.faults]
    for refused in seen.refused:
        line = locate.line_of(texts.get(sample, ""), refused.path)
        said = {"file": sample, "line": line, "what": refused.reason, "hint": refused.hint}
        faults.append({**said, "path": refused.path.removeprefix("$.")})
    mail = seen.mail
    return {
        "pages": seen.pages,
        "sizes": seen.sizes,
        "pictures": {page: base64.b64encode(data).decode() for page, data in (seen.pictures or {}).items()},
        "faults": faults,
        "mail": {"subject": mail.subject, "text": mail.text, "html": bool(mail.html)} if mail else None,
        "language": seen.language,
        "marks": seen.marks,
        "runs": seen.runs,
        "milliseconds": seen.milliseconds,
    }


def fault_json(one: Problem) -> dict[str, Any]:
    """A fault with its place, for the line it stands on."""
    return {"file": one.file, "line": one.line, "what": one.what, "hint": one.hint, "path": ""}


def where(draft: Draft, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Where something of the page is written, in words and as places to jump to."""
    texts = texts_of({**files_at(draft, _number(wanted.get("revision"))), **_typed(wanted)})
    kind, _, rest = str(wanted.get("what") or "").partition("/")
    language = str(wanted.get("language") or "") or _language(texts, str(wanted.get("sample") or ""))
    found = (
        locate.text_source(rest, texts, language)
        if kind == "text"
        else locate.source_of(f"{kind}/{rest}", texts, language)
    )
    spots = [
        {"file": one.file, "line": one.line, "column": one.column, "length": one.length, "text": one.text}
        for one in found.spots
    ]
    return {"what": found.what, "name": found.name, "said": _found(found, word_file(draft)), "spots": spots}


def _found(found: locate.Found, word: str = "") -> str:
    count, name = len(found.spots), found.name
    first = found.spots[0] if found.spots else None
    if found.what == "brand" and not count:
        said = gettext("{name} is a token of the brand; it is changed in the brand, for all templates.")
        return said.format(name=name)
    if found.what == "block":
        return gettext("This is the content block “{name}”; it is changed under Content blocks and brands.").format(
            name=name
        )
    if first is None and word and found.what in ("slot", "word"):
        field = f"{{{{ {'words.' if found.what == 'word' else ''}{name} }}}}"
        return gettext("{field} is a field in {file}; search for it there.").format(field=field, file=word)
    if first is None:
        if found.what == "text":
            said = gettext("“{text}” is not in the template: the house library, the brand or a content block says it.")
            return said.format(text=name)
        return gettext("{name} is set by the house library; the template does not name it.").format(name=name)
    at = f"{first.file}:{first.line}"
    if found.what == "word":
        return gettext("The word “{name}” is written in {place}.").format(name=name, place=at)
    if count == 1:
        return gettext("{name} is written in {place}.").format(name=name, place=at)
    return gettext("{name} may come from {count} places. The first is shown; choose another one here.").format(
        name=name, count=count
    )


def _language(texts: Mapping[str, str], sample: str) -> str:
    """The words file that a sample is shown with."""
    tags = [name[6:-5] for name in texts if name.startswith("words/")]
    found = re.search(r'"language"\s*:\s*"([A-Za-z-]+)"', texts.get(sample, ""))
    wanted = found[1] if found else ""
    near = (tag for tag in (wanted, wanted.partition("-")[0]) if tag in tags)
    return next(near, tags[0] if tags else "")


def _typed(wanted: Mapping[str, Any]) -> dict[str, bytes]:
    files = wanted.get("files")
    if not isinstance(files, dict):
        return {}
    return {name: text.encode() for name, text in files.items() if isinstance(text, str) and name.endswith(TEXTS)}


def _brand(key: str) -> Any:
    version = brands.in_force(key) if key else None
    if version is None:
        return None
    return brands.checked(key, version.part.name, version.content, brands.assets_of(version))


def _fields(field: Field, path: str = "", of: str = "") -> Any:
    for name, inner in field.fields.items():
        here = f"{path}.{name}" if path else name
        yield {"path": here, "kind": inner.kind, "shown": inner.shown, "of": of}
        if inner.kind == "object":
            yield from _fields(inner, here, of)
        elif inner.items is not None:
            yield from _fields(inner.items, "", f"{of}.{here}" if of else here)


def _section(text: str, key: str) -> str:
    found = re.search(rf"^{key}:[ \t]*\n((?:[ #].*\n|\n)*)", text + "\n", re.MULTILINE)
    return found[1] if found else ""


def _tokens(own: Mapping[str, bytes]) -> list[str]:
    try:
        brand = read_brand(own["brand.json"], {}) if "brand.json" in own else default_brand()
    except BrandFault:
        brand = default_brand()
    return ["name", *(f"{_SHORT[group]}.{name}" for group in _SHORT for name in brand.view[group])]


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _sample_name(name: str) -> str:
    return name.removeprefix("samples/").removesuffix(".json")


def _says(may: bool) -> dict[str, str]:
    """Texts that the script shows; it fills their places."""
    return {
        "source": gettext("Source of {file}"),
        "page": gettext("Page {page}"),
        "jump": gettext("Where {name} is written"),
        "insert": gettext("Write {path} into the source"),
        "rows": gettext("rows: {n}"),
        "more": gettext("and {n} more"),
        "follows": gettext("Page follows, {ms} ms"),
        "draws": gettext("Drawing the page"),
        "stays": gettext("The last good page; mend what is named"),
        "offline": gettext("No connection. What you type is kept in this browser."),
        "trouble": gettext("The server could not make the page. Reload if this stays."),
        "saved": gettext("Saved"),
        "typing": gettext("Not saved yet"),
        "saving": gettext("Saving"),
        "conflict": gettext("Somebody changed the same lines"),
        "refused": gettext("Not saved"),
        "recovered": gettext("What you typed before the page was left is here again."),
        "faults": gettext("{n} to mend"),
        "none": gettext("Nothing to mend"),
        "no_mail": gettext("The template has no mail."),
        "copied": gettext("{field} is copied. Paste it into the Word file."),
    } | ({} if may else {"saved": gettext("Read only")})


def counted(changed: int) -> str:
    """What a form saved."""
    return ngettext("{n} words file changed.", "{n} words files changed.", changed).format(n=changed)

"""Where texts are found: calls of gettext in Python and templates, and sentences of modules that know no language."""

from __future__ import annotations

import ast
import io
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.extract import DEFAULT_KEYWORDS, extract_python

_KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
}
#: Tables of English texts that are shown through gettext: file, name of the table.
TABLES = (
    ("identity/roles.py", "PERMISSIONS"),
    ("web/shell.py", "_ROLE_NAMES"),
)
#: Modules whose sentences a person at the desk or on the portal can meet.
SAYS = (
    "identity",
    "kernel/errors.py",
    "kernel/money.py",
    "parties",
    "documents",
    "intake",
    "delivery",
    "production",
    "support",
    "vault/errors.py",
    "web",
    "composition/actions",
    "composition/bench.py",
    "composition/codes.py",
    "composition/compose.py",
    "composition/contract.py",
    "composition/derive.py",
    "composition/formats.py",
    "composition/prepare.py",
    "composition/problems.py",
    "composition/queries.py",
    "composition/texts.py",
    "composition/view.py",
    "plugins/channels",
    "plugins/renderers",
    "plugins/sources",
    "rules/door.py",
    "rules/errors.py",
    "cage/errors.py",
)
_NOT_SAID = (
    "migrations",
    "tasks.py",
    "samples.py",
    "samples_work.py",
    "samples_control.py",
    "samples_document.py",
    "samples_house.py",
    "samples_portal.py",
    "samples_rows.py",
    "samples_run.py",
    "page_bench.py",
    "assets.py",
    "from_environment.py",
)
#: Arguments of calls that nobody at the desk reads.
_FOR_OTHERS = {"help", "help_text", "description", "pattern", "epilog", "metavar", "reason"}
_LOGS = {"log", "logger", "logging", "warnings"}


@dataclass
class Found:
    """A text of the sources."""

    msgid: str | tuple[str, ...]
    context: str | None = None
    places: list[str] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    comments: list[str] = field(default_factory=list)

    @property
    def singular(self) -> str:
        return self.msgid[0] if isinstance(self.msgid, tuple) else self.msgid


class _Bag:
    """Texts by msgid and context, each once."""

    def __init__(self) -> None:
        self.texts: dict[tuple[str, str | None], Found] = {}

    def add(self, msgid: str | tuple[str, ...], place: str, context: str | None = None, flag: str = "") -> None:
        singular = msgid[0] if isinstance(msgid, tuple) else msgid
        if not singular.strip():
            return
        one = self.texts.setdefault((singular, context), Found(msgid, context))
        if isinstance(msgid, tuple) and not isinstance(one.msgid, tuple):
            one.msgid = msgid
        if place not in one.places:
            one.places.append(place)
        if flag:
            one.flags.add(flag)

    def sorted(self) -> list[Found]:
        return [self.texts[key] for key in sorted(self.texts, key=lambda key: (key[0], key[1] or ""))]


# --- the domain "django" ----------------------------------------------------------------------------------------------


def gettext_texts(package: Path) -> list[Found]:
    """What goes through gettext: calls in Python, tags in templates, tables of texts."""
    bag = _Bag()
    for path in sorted(package.rglob("*.py")):
        for msgid, context in python_texts(path.read_text(encoding="utf-8")):
            bag.add(msgid, _place(path, package), context)
    for path in sorted(package.rglob("templates/**/*")):
        if path.suffix in (".html", ".txt") and "demo" not in path.relative_to(package).parts:
            for msgid, context in template_texts(path.read_text(encoding="utf-8")):
                bag.add(msgid, _place(path, package), context)
    for name, table in TABLES:
        for text in table_of((package / name).read_text(encoding="utf-8"), table):
            bag.add(text, name)
    return bag.sorted()


def python_texts(source: str) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    """msgid and context of each call of gettext."""
    words = {**_KEYWORDS, **({"_": None} if "gettext_lazy as _" in source or "gettext as _" in source else {})}
    words.pop("_", None) if "as _\n" not in source else None
    for _line, function, told, _comments in extract_python(io.BytesIO(source.encode()), list(words), [], {}):
        texts = told if isinstance(told, tuple) else (told,)
        spec = words.get(function) or (1,)
        context = next((texts[part[0] - 1] for part in spec if isinstance(part, tuple)), None)
        picked = [texts[part - 1] for part in spec if isinstance(part, int) and part <= len(texts)]
        if picked and all(isinstance(text, str) for text in picked):
            whole = tuple(str(text) for text in picked)
            yield (whole if len(whole) > 1 else whole[0]), context


def template_texts(source: str) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    """msgid and context of each translate tag. Django turns a template into Python calls for exactly this."""
    from django.conf import ENVIRONMENT_VARIABLE, settings

    # Never where somebody has named settings: who comes after us in this process would find empty ones.
    if not settings.configured and not os.environ.get(ENVIRONMENT_VARIABLE):
        settings.configure()
    from django.utils.translation.template import templatize

    yield from python_texts(templatize(source))


def table_of(source: str, name: str) -> list[str]:
    """The values of a table of texts (``NAME = {"key": "text"}``)."""
    for node in ast.parse(source).body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if any(isinstance(one, ast.Name) and one.id == name for one in targets):
            value = node.value  # type: ignore[union-attr]
            if isinstance(value, ast.Dict):
                return [
                    one.value for one in value.values if isinstance(one, ast.Constant) and isinstance(one.value, str)
                ]
    return []


# --- the domain "said" ------------------------------------------------------------------------------------------------


def said_texts(package: Path) -> list[Found]:
    """Sentences by their shape, titles of errors, fields of channels, and the fragments sentences are made of."""
    bag = _Bag()
    for path in _speaking(package):
        source = path.read_text(encoding="utf-8")
        for text in said_in(source):
            bag.add(text, _place(path, package))
        for text in setting_texts(source) if "channels" in path.parts or path.name == "spec.py" else ():
            bag.add(text, _place(path, package))
    for text in _fragments(package):
        bag.add(text, "web/said.py")
    return bag.sorted()


def _speaking(package: Path) -> Iterator[Path]:
    for path in sorted(package.rglob("*.py")):
        inside = path.relative_to(package)
        told = any(inside == Path(one) or Path(one) in inside.parents for one in SAYS) or inside.name == "errors.py"
        if told and not set(inside.parts) & set(_NOT_SAID) and inside.parts[0] not in ("cli", "api", "testing"):
            yield path


def said_in(source: str) -> list[str]:
    """Sentences of a module that are no docstring, no log line and go through no gettext, as patterns."""
    tree = ast.parse(source)
    skip = set(_skipped(tree))
    found = [
        text
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in skip
        for text in [pattern_of(node)]
        if text and _is_sentence(text)
    ]
    return [*found, *_titles(tree), *_hints(tree, skip)]


def pattern_of(node: ast.expr) -> str:
    """A literal as it is; an f-string with named places: ``f"No run {ref!r}."`` as ``No run {ref}.``"""
    if isinstance(node, ast.Constant):
        return node.value.replace("{", "{{").replace("}", "}}") if isinstance(node.value, str) else ""
    if not isinstance(node, ast.JoinedStr):
        return ""
    parts, used = [], set[str]()
    for value in node.values:
        if isinstance(value, ast.Constant):
            parts.append(str(value.value).replace("{", "{{").replace("}", "}}"))
        elif isinstance(value, ast.FormattedValue):
            parts.append("{" + _name_of(value.value, used) + "}")
    return "".join(parts)


def _name_of(node: ast.expr, used: set[str]) -> str:
    names = [
        one.attr if isinstance(one, ast.Attribute) else one.id
        for one in ast.walk(node)
        if isinstance(one, ast.Attribute | ast.Name)
    ]
    base = names[0].strip("_").lower() if names else "value"
    name, number = base, 2
    while name in used:
        name, number = f"{base}{number}", number + 1
    used.add(name)
    return name


def _skipped(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield id(node.value)
        if isinstance(node, ast.JoinedStr):
            yield from (id(inner) for value in node.values for inner in ast.walk(value))
        if isinstance(node, ast.Call):
            if _is_for_others(node.func):
                yield from (id(inner) for inner in ast.walk(node))
            for keyword in node.keywords:
                if keyword.arg in _FOR_OTHERS and keyword.arg != "reason":
                    yield from (id(inner) for inner in ast.walk(keyword.value))


def _is_for_others(function: ast.expr) -> bool:
    name = (
        function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    )
    owner = function.value.id if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) else ""
    return "gettext" in name or name in ("_", "execute", "public", "RunSQL", "RuntimeError") or owner in _LOGS


def _is_sentence(text: str) -> bool:
    bare = text.strip()
    letters = re.sub(r"\{\w*\}|[^A-Za-z]", "", bare)
    starts = bare[:1].isupper() or re.match(r"\{\w+\}", bare)
    return bool(" " in bare and bare[-1] in ".?…" and starts and len(letters) > 4 and "\n" not in bare)


def _titles(tree: ast.AST) -> Iterator[str]:
    """``title = "..."`` of an error class."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for one in node.body:
                target = (
                    one.targets[0]
                    if isinstance(one, ast.Assign)
                    else one.target
                    if isinstance(one, ast.AnnAssign)
                    else None
                )
                if isinstance(target, ast.Name) and target.id == "title":
                    value = one.value  # type: ignore[union-attr]
                    if isinstance(value, ast.Constant) and isinstance(value.value, str):
                        yield value.value


def _hints(tree: ast.AST, skip: set[int]) -> Iterator[str]:
    """What stands as a hint without the shape of a sentence."""
    for node in ast.walk(tree):
        for keyword in node.keywords if isinstance(node, ast.Call) else ():
            if keyword.arg == "hint" and isinstance(keyword.value, ast.Constant | ast.JoinedStr):
                text = pattern_of(keyword.value)
                if id(keyword.value) not in skip and text and re.search(r"[A-Za-z]{3}.* ", text):
                    yield text


def setting_texts(source: str) -> Iterator[str]:
    """Labels and explanations of a channel's settings, written as the form writes them."""
    from postroom.web.fill.settings.config_form import _label, _sentence

    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.ClassDef) or not node.name.endswith("Config"):
            continue
        for one in node.body:
            if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name) and one.target.id.islower():
                yield _label(one.target.id)
                if isinstance(one.value, ast.Call):
                    for keyword in one.value.keywords:
                        if keyword.arg == "description" and isinstance(keyword.value, ast.Constant):
                            yield _sentence(str(keyword.value.value)).replace("{", "{{").replace("}", "}}")


def _fragments(package: Path) -> Iterable[str]:
    path = package / "web" / "said.py"
    if not path.is_file():
        return ()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "FRAGMENTS":
            return [str(text) for text in ast.literal_eval(node.value)]
    return ()


def _place(path: Path, package: Path) -> str:
    return path.relative_to(package).as_posix()

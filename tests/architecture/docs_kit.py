"""What the docs claim, held against the code: each function gives the claims that are not true, as sentences.

Texts go in and sentences come out, so that a planted fault needs no file.
"""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import typer

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "postroom"
PICTURES = "docs/pictures/"  # made by the journeys; all of them have to be there once one is

_FENCE = re.compile(r"^```.*?^```", re.M | re.S)
_INLINE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"")
_COMMAND = re.compile(r"(?<![\w./-])(?:\.venv/bin/)?postroom((?: |$)[^\n`]*)", re.M)
_VARIABLE = re.compile(r"\bPOSTROOM_[A-Z_]*[A-Z]\b")
_SET_VARIABLE = re.compile(r"""["'](POSTROOM_[A-Z_]+)["']""")
_CODE_PATH = re.compile(r"`((?:src|tests|docs|tools|frontend|benchmarks|examples)/[\w./-]*[\w/])`")
_ROUTE = re.compile(r'@router\.(?:get|post|put|patch|delete)\(\s*"([^"]+)"')
_ADDRESS = re.compile(r"/api/v1(/[\w/{}.-]*[\w}])")
_STATION = re.compile(r"^## \d+\. `(src/postroom/[\w/.]+)`.*?(?=^## |\Z)", re.M | re.S)
_PYTHON = re.compile(r"^```python\n(.*?)^```", re.M | re.S)
_CALLED = re.compile(r"`(\w+)\(\)`")
_QUOTED = re.compile(r"""[`']postroom( [^`'\n]*)[`']""")
_TABLE = re.compile(r'db_table = "(\w+)"')
_STOP = {"|", "&&", "||", ";", ">", "<", "2>", "#", "&"}


def pages() -> dict[str, str]:
    """Every page of the docs by its path from the root."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")]
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in sorted(found)}


def code_of(text: str) -> Iterator[str]:
    """Fenced blocks and inline code, with continued lines joined."""
    for block in _FENCE.findall(text):
        yield block.replace("\\\n", " ")
    yield from _INLINE.findall(_FENCE.sub("", text))


def broken_links(page: str, text: str) -> list[str]:
    """Relative links to files that are not there."""
    found = []
    for groups in _LINK.findall(_INLINE.sub("", _FENCE.sub("", text))):
        target = (groups[0] or groups[1]).partition("#")[0]
        if not target or re.match(r"[a-z]+:", target):
            continue
        path = (ROOT / page).parent / target
        if target.startswith(PICTURES) and not any((ROOT / PICTURES).glob("*.png")):
            continue
        if not path.exists():
            found.append(f"{page} links to {target}, which is not there")
    return found


@cache
def the_app() -> Any:
    """The command line as typer builds it: commands with ``params``, groups with ``commands``."""
    from postroom.cli.app import app

    return typer.main.get_command(app)


def unknown_commands(page: str, text: str) -> list[str]:
    """``postroom ...`` in code that the command line would refuse: commands, subcommands and options."""
    found = []
    for code in code_of(text):
        for match in _COMMAND.finditer(code):
            wrong = refused(match[1])
            if wrong:
                found.append(f"{page}: postroom{match[1]}: {wrong}")
    return found


def refused(words: str) -> str:
    """Why the command line knows nothing of ``words``; "" when it does."""
    if "(" not in words:  # the end of $(postroom ...)
        words = words.partition(")")[0]
    try:
        tokens = shlex.split(words, comments=True)
    except ValueError as error:
        return str(error)
    command = the_app()
    options = {"--help"}
    for token in tokens:
        if token in _STOP:
            break
        options |= {name for param in command.params for name in (*param.opts, *param.secondary_opts)}
        if token.startswith("-") and token != "-":
            if token.partition("=")[0] not in options:
                return f"there is no option {token}"
        elif hasattr(command, "commands"):
            if token in ("...", "…") or token.isupper():
                break
            if token not in command.commands:
                return f"there is no command {token!r}"
            command, options = command.commands[token], {"--help"}
    return ""


def variables_of(text: str) -> set[str]:
    """Names of our environment variables in a text."""
    return set(_VARIABLE.findall(text))


@cache
def variables_of_the_code() -> set[str]:
    """Every variable the code reads: fields of Config, and names that stand in the source as a whole text."""
    from postroom.kernel.config import PREFIX, Config

    named = {PREFIX + field.upper() for field in Config.model_fields}
    for path in SOURCE.rglob("*.py"):
        named.update(_SET_VARIABLE.findall(path.read_text(encoding="utf-8")))
    return named - {PREFIX}


def defaults_of(text: str) -> dict[str, str]:
    """Variable and default of each row of the tables in docs/configuration.md."""
    rows = re.findall(r"^\| `(POSTROOM_\w+)` \|([^|]*)\|[^|]*\|$", text, re.M)
    return {name: cell.strip().strip("`") for name, cell in rows}


def defaults_of_the_code() -> dict[str, str]:
    """The same of ``Config``, written as one sets them."""
    from postroom.kernel.config import PREFIX, Config

    return {PREFIX + name.upper(): _as_set(field.default) for name, field in Config.model_fields.items()}


def _as_set(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(_as_set(part) for part in value)
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def missing_paths(page: str, text: str) -> list[str]:
    """Files and folders of the checkout that a page names and that are not there."""
    return [f"{page} names {path}" for path in _CODE_PATH.findall(text) if not (ROOT / path).exists()]


def routes() -> set[str]:
    """Addresses of the API below /api/v1, parameters as ``{}``."""
    found: set[str] = {"/openapi.json"}
    for path in (SOURCE / "api" / "routes").glob("*.py"):
        found.update(_ROUTE.findall(path.read_text(encoding="utf-8")))
    return {re.sub(r"\{\w+\}", "{}", route) for route in found}


def unknown_addresses(page: str, text: str, known: Iterable[str]) -> list[str]:
    """Addresses of the API that do not exist. A part in capitals or with digits stands for a parameter."""
    patterns = [re.compile(re.escape(route).replace(r"\{\}", r"(?:\{\w+\}|[A-Z][\w-]*)")) for route in known]
    return [
        f"{page} names /api/v1{address}"
        for address in _ADDRESS.findall(text)
        if not any(pattern.fullmatch(address) for pattern in patterns)
    ]


def stations(tour: str) -> list[tuple[str, str]]:
    """File and text of each station of the tour."""
    return [(match[1], match[0]) for match in _STATION.finditer(tour)]


def untrue_station(path: str, text: str, source: str) -> list[str]:
    """What a station says of its file that the file does not say: lines of its excerpts, names of its functions."""
    lines = {line.strip() for line in source.splitlines()}
    said = [line.strip() for block in _PYTHON.findall(text) for line in block.splitlines()]
    wrong = [f"{path} has no line {line!r}" for line in said if line and line != "..." and line not in lines]
    for name in _CALLED.findall(text):
        if not re.search(rf"\b(?:def|class) {name}\b", source):
            wrong.append(f"{path} defines no {name}()")
    return wrong


def untold_packages(third_party: str) -> list[str]:
    """Dependencies that THIRD-PARTY.md does not list, and packages it lists that are none any more."""
    import json

    lines = (ROOT / "requirements" / "base.in").read_text(encoding="utf-8").splitlines()
    names = [re.split(r"[\[<>=!~ ]", line.strip())[0] for line in lines if line.strip() and line[0] not in "#-"]
    package = json.loads((ROOT / "frontend" / "package.json").read_text(encoding="utf-8"))
    names += [*package.get("dependencies", {}), *package.get("devDependencies", {})]
    listed = re.findall(r"^\| `([^`]+)` \|", third_party, re.M)
    return sorted(set(names) ^ set(listed))


def unknown_commands_of_hints(path: str, source: str) -> list[str]:
    """The same for the hints and messages of the code, where a command stands in quotes."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            parts = [str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            parts = [node.value]
        else:
            continue
        for words in _QUOTED.findall("".join(parts)):
            wrong = refused(words)
            if wrong:
                found.append(f"{path}:{node.lineno}: postroom{words}: {wrong}")
    return found


def tables_of_the_code() -> set[str]:
    """Names of all tables of our models."""
    return {name for path in SOURCE.rglob("*models.py") for name in _TABLE.findall(path.read_text(encoding="utf-8"))}


def tables_told(architecture: str) -> set[str]:
    """Names of the tables in the section on data of ARCHITECTURE.md."""
    section = re.split(r"^## ", architecture, flags=re.M)[6]
    return {name for row in re.findall(r"^\| (`[^|]+`) \|", section, re.M) for name in _INLINE.findall(row)}


def proven_invariants() -> set[str]:
    """Invariants that some test carries in its name."""
    found: set[str] = set()
    for folder in (ROOT / "tests", SOURCE / "testing"):
        for path in folder.rglob("*.py"):
            found.update(re.findall(r"def test_(p\d+)_", path.read_text(encoding="utf-8")))
    return {name.upper() for name in found}

"""What the guide claims, held against the program: texts go in and complaints come out."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "postroom"
_TAG = re.compile(r"""\{%\s*(?:translate|trans)\s+(?:"([^"]+)"|'([^']+)')""")
_BLOCK = re.compile(r"\{%\s*blocktranslate[^%]*%\}(.*?)\{%\s*endblocktranslate\s*%\}", re.S)
_GETTEXT = {"gettext", "gettext_lazy", "gettext_noop", "_"}
#: Answers that are no screens: parts of a page, files, pictures, and what a page asks in the background.
_PARTS = (
    *("live", "picture", "page", "download", "content", "pdf", "json", "csv", "export", "pass", "step", "source"),
    *("attachment", "html", "peek", "facets", "zip", "here"),
)
_PART = re.compile(rf"(?:^|-)(?:{'|'.join(_PARTS)})$")


def labels_of_the_desk() -> set[str]:
    """Every text the desk may show, in English: from templates and from the source."""
    found: set[str] = set()
    for path in SOURCE.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        found |= {one or other for one, other in _TAG.findall(text)}
        found |= {block.strip() for block in _BLOCK.findall(text)}
    for path in SOURCE.rglob("*.py"):
        found |= set(texts_of(path.read_text(encoding="utf-8")))
    return found


def texts_of(source: str) -> Iterator[str]:
    """What the source hands to gettext, and labels of the status map beside it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in _GETTEXT:
            for given in node.args[:1]:
                if isinstance(given, ast.Constant) and isinstance(given.value, str):
                    yield given.value


def untrue_labels(page: str, quoted: Iterable[str], known: Collection[str]) -> list[str]:
    """Labels in bold that stand nowhere on the desk."""
    return [f"{page} quotes “{label}”, which stands nowhere on the desk" for label in quoted if label not in known]


def broken_links(page: str, links: Iterable[str], pages: Collection[str], words: Collection[str]) -> list[str]:
    """Links that lead to no page, and to no word."""
    there = {f"{name}.md" for name in pages} | {"words.yaml"} | {f"words.yaml#{word}" for word in words}
    return [f"{page} links to {link}, which is not there" for link in links if link.partition("#")[0] not in there]


def unexplained(screens: Iterable[str], told: Collection[str]) -> list[str]:
    """Screens without a page of the guide."""
    return [f"no page of the guide explains the screen “{name}”" for name in screens if name not in told]


def is_screen(name: str, address: str, methods: Collection[str]) -> bool:
    """Whether a route answers a person with a whole page of the desk or the portal."""
    if "GET" not in methods or re.search(r"\.\w+$", address) or _PART.search(name):
        return False
    if name == "portal-help":  # the customer's own page of the guide
        return False
    return not address.startswith(("api/", "healthz", "static/", "metrics"))


def differences(english: Mapping[str, object], german: Mapping[str, object]) -> list[str]:
    """Pages or words that one language has and the other has not."""
    return [f"“{key}” is in one language only" for key in sorted(set(english) ^ set(german))]

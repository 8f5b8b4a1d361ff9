"""The files of a template: read from a folder within bounds, held against the names a template may have."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from postroom.composition.problems import Problem, TemplateFaults
from postroom.composition.spec import Renderer

_ALLOWED = re.compile(
    r"template\.yaml|contract\.json|README\.md|words/[A-Za-z-]+\.json"
    r"|mail/(?:subject\.txt|body\.txt|body\.html)|samples/[^/]+\.json|assets/(?:[^/\\]+/)*[^/\\]+\.(?:svg|png|jpe?g)"
    r"|brand\.json|brand/[A-Za-z0-9._-]+\.(?:svg|png|jpe?g)|blocks/[a-z][a-z0-9-]*\.[A-Za-z-]+\.json"
    r"|finish/[A-Za-z0-9._-]+\.(?:pdf|xml|csv|txt|json|xlsx|png|jpe?g)|layouts/[a-z][a-z0-9-]{0,59}\.yaml"
    r"|texts/(?:sms|push)\.txt|tests/[A-Za-z0-9][A-Za-z0-9_-]*\.ya?ml"
)
_MAX_FILES, _MAX_BYTES = 400, 24_000_000


def read_folder(path: Path | str) -> dict[str, bytes]:
    """The files of a template's folder; hidden ones are passed over, links are refused, and what is too large is told
    by its name without being read. Raises TemplateFaults."""
    root = Path(path)
    files: dict[str, bytes] = {}
    if not root.is_dir():
        raise TemplateFaults([Problem(str(root), 0, "There is no such folder.", "Name the folder of a template.")])
    total = 0
    for entry in sorted(root.rglob("*")):
        name = entry.relative_to(root).as_posix()
        if any(part.startswith(".") for part in name.split("/")):
            continue
        if entry.is_symlink():
            raise TemplateFaults([Problem(name, 0, "This is a link.", "Put the file itself into the folder.")])
        if not entry.is_file():
            continue
        size = entry.stat().st_size
        if size > _MAX_BYTES:
            raise TemplateFaults([_too_large(name, size)])
        total += size
        if len(files) >= _MAX_FILES or total > _MAX_BYTES:
            raise TemplateFaults([too_much()])
        files[name] = entry.read_bytes()
    return files


def too_many(files: Mapping[str, bytes]) -> bool:
    """Whether these are more, or larger, than a template's files may be."""
    return len(files) > _MAX_FILES or sum(map(len, files.values())) > _MAX_BYTES


def digest(files: Mapping[str, bytes]) -> str:
    """SHA-256 (hex) over the names and contents, in the order of the names."""
    total = hashlib.sha256()
    for name in sorted(files):
        total.update(f"{name}\0{len(files[name])}\0".encode())
        total.update(files[name])
    return total.hexdigest()


def misnamed(name: str, lane: type[Renderer]) -> list[Problem]:
    """Why no file of a template of that lane can be called so."""
    if name in lane.reserved:
        return [Problem(name, 0, "The name is taken by the house library.", "Leave it out; the renderer adds it.")]
    own = re.fullmatch(lane.pages, name)
    if not (own or _ALLOWED.fullmatch(name)) or ".." in name.split("/"):
        what = f"A template of the lane {lane.name} holds no such file."
        return [Problem(name, 0, what, "See the list in docs/templates.md.")]
    return []


def too_much() -> Problem:
    """What is said of files that are more than a template may have."""
    what = f"A template has at most {_MAX_FILES} files and {_MAX_BYTES // 1_000_000} MB."
    return Problem(".", 0, what, "Make images smaller, and keep other files elsewhere.")


def _too_large(name: str, size: int) -> Problem:
    what = f"The file has {size // 1_000_000:,} MB; a whole template has at most {_MAX_BYTES // 1_000_000} MB."
    return Problem(name, 0, what, "Make it smaller: a whole A4 page is 2,480 × 3,508 dots at 300 dpi.")

"""What stands beside the pages of the Typst lane: the house library, and the file the compiler starts with."""

from __future__ import annotations

import hashlib

from postroom.composition import library as house
from postroom.composition.brand import default_brand
from postroom.composition.manifest import Manifest

_LIBRARY = house.CORE
_ENTRY = "postroom-entry.typ"
#: What a document carries with it, such as an e-invoice (ISO 19005-3, 6.8); the page knows nothing of it.
_ATTACH = (
    '#if "attachments" in sys.inputs { for one in json(bytes(sys.inputs.attachments)) { pdf.attach(one.name, '
    "bytes(one.text), relationship: one.relationship, mime-type: one.mime, description: one.description) } }\n"
)


def typst_files(manifest: Manifest) -> dict[str, bytes]:
    """What stands beside the pages of the Typst lane: the house library and the file the compiler starts with."""
    entry = _entry(manifest.entry, manifest.fonts).encode()
    return {**house.library(), _LIBRARY: library(), _ENTRY: entry}


def library() -> bytes:
    """The core of the house library, ``postroom.typ``; its modules are in ``library``."""
    return house.library()[_LIBRARY]


def library_digest() -> str:
    """SHA-256 (hex) of what the renderer adds to a template's own files; part of reproducibility (P5)."""
    rest = f"{house.digest()} {default_brand().digest} {_entry('main.typ', ())}"
    return hashlib.sha256(library() + rest.encode()).hexdigest()


def _entry(page: str, families: tuple[str, ...]) -> str:
    """The file the compiler starts with: the house library's setup around the author's page."""
    named = "".join(f'"{family}", ' for family in families)
    return f'#import "{_LIBRARY}": _setup\n#show: _setup.with(fonts: ({named}))\n{_ATTACH}#include "{page}"\n'

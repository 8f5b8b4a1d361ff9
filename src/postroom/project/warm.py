"""What a web process does once, so that no reader waits for it: read the addresses, compile the pages, and tell the
garbage collector that all of this stays.

Without the last step each full collection walks everything that was ever loaded. That takes 90 ms, one page in ten
pays it, and the rest of the desk waits meanwhile.
"""

from __future__ import annotations

import gc
from pathlib import Path

from django.conf import settings
from django.template import engines
from django.urls import get_resolver


def warm() -> int:
    """Load what every page needs and freeze it. How many pages and parts of pages were compiled."""
    _ = get_resolver().url_patterns  # imports every view
    compiled = sum(_compiled(folder) for folder in settings.TEMPLATES[0]["DIRS"])
    gc.collect()
    gc.freeze()
    return compiled


def _compiled(folder: Path) -> int:
    """Into the engine's cache."""
    files = sorted(folder.rglob("*.html"))
    for file in files:
        engines["django"].get_template(file.relative_to(folder).as_posix())
    return len(files)

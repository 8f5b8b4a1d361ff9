"""What a composing process has loaded is not walked again for each chunk."""

from __future__ import annotations

import subprocess
import sys

_TOLD = """
import gc
from postroom.production import heap
heap.settle()
kept = gc.get_freeze_count()
more = [[] for _ in range(1000)]
heap.settle()
print(kept, gc.get_freeze_count())
"""


def test_what_is_loaded_is_set_apart_once_and_what_comes_later_is_not() -> None:
    told = subprocess.run([sys.executable, "-c", _TOLD], capture_output=True, text=True, check=True, timeout=60)
    kept, later = map(int, told.stdout.split())
    assert kept == later > 0

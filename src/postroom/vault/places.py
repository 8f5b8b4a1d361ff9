"""Where the bytes of a segment are: on the local disk first, else in the store, read by range.

New segments are always local, because only there one sync makes them durable within a chunk. When a store is
configured, sealed ones go there (``upkeep``) and the local file is only a copy, kept while there is room.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections import OrderedDict
from functools import cache

from django.conf import settings

from postroom.kernel import registry
from postroom.kernel.home import home
from postroom.vault import pieces
from postroom.vault.errors import StoreUnavailable
from postroom.vault.spec import RemoteStore
from postroom.vault.write import store

#: Ranges are read in blocks, since the blobs of one document lie side by side. Per process.
BLOCK, BLOCKS = 1 << 20, 32
_TOUCH_EVERY = 60.0
_TRIES = 3
#: Seconds for which a segment that was not in the store is looked for in pieces first.
_AWAY = 10.0

_blocks: OrderedDict[tuple[str, str, int], bytes] = OrderedDict()
_touched: dict[str, float] = {}
_away: dict[str, float] = {}
_guard = threading.Lock()


def remote() -> RemoteStore | None:
    """The store that is configured, if there is one."""
    url = str(settings.CONFIG.store_url)
    return _remote(url, float(settings.CONFIG.store_timeout)) if url else None


@cache
def _remote(url: str, timeout: float) -> RemoteStore:
    made: RemoteStore = registry.provider("stores", url.partition(":")[0])(url, timeout)
    return made


def read(name: str, offset: int, length: int) -> bytes:
    """Exactly these bytes. Raises FileNotFoundError, EOFError, StoreUnavailable, StoreRefused or SegmentElsewhere."""
    try:
        found = store().read(name, offset, length)
    except FileNotFoundError:
        there = remote()
        if there is None:
            raise
        return _from_afar(there, name, offset, length)
    if settings.CONFIG.store_url:
        _touch(name)
    return found


def size(name: str) -> int:
    """Bytes in the segment. Raises FileNotFoundError and the errors of the store."""
    try:
        return store().size(name)
    except FileNotFoundError:
        there = remote()
        if there is None:
            raise
        return there.size(name)


def forget(name: str = "") -> None:
    """Read a segment (or all) from the store again: what was kept of it may be damaged."""
    with _guard:
        for key in [key for key in _blocks if name in ("", key[1])]:
            del _blocks[key]
    if not name:
        _away.clear()
        pieces.forget()


def _from_afar(there: RemoteStore, name: str, offset: int, length: int) -> bytes:
    """From the store, or by pieces from the host that has the segment. Twice: it may go there while we look."""
    for tried in (1, 2):
        if time.monotonic() >= _away.get(name, 0.0):
            with contextlib.suppress(FileNotFoundError):
                return _range(there, name, offset, length)
        try:
            found = pieces.read(name, offset, length, lambda piece, start, count: _range(there, piece, start, count))
        except FileNotFoundError:
            _away.pop(name, None)
            if tried == 2:
                raise
        else:
            _away[name] = time.monotonic() + _AWAY
            return found
    raise AssertionError("unreachable")


def _range(there: RemoteStore, name: str, offset: int, length: int) -> bytes:
    first, last = offset // BLOCK, (offset + max(length, 1) - 1) // BLOCK
    found = b"".join(_block(there, name, number) for number in range(first, last + 1))
    start = offset - first * BLOCK
    if len(found) < start + length:
        raise EOFError(f"segment {name} ends {start + length - len(found)} bytes too early")
    return found[start : start + length]


def _block(there: RemoteStore, name: str, number: int) -> bytes:
    key = (there.url, name, number)
    with _guard:
        if key in _blocks:
            _blocks.move_to_end(key)
            return _blocks[key]
    end = _size(there.url, there, name)
    length = max(0, min(BLOCK, end - number * BLOCK))
    data = _try(there, name, number * BLOCK, length)
    with _guard:
        _blocks[key] = data
        while len(_blocks) > BLOCKS:
            _blocks.popitem(last=False)
    return data


def _try(there: RemoteStore, name: str, offset: int, length: int) -> bytes:
    """The store has retried refused calls; half a body is what remains."""
    for tried in range(1, _TRIES + 1):
        try:
            return there.read(name, offset, length)
        except EOFError as error:
            if tried == _TRIES:
                raise StoreUnavailable(
                    f"{there.url} sent less of {name} than it holds: {error}.",
                    hint="Try again; `postroom vault verify` tells whether the segment itself is short.",
                ) from error
            time.sleep(0.1 * tried)
    raise AssertionError("unreachable")


_sizes: dict[tuple[str, str], int] = {}


def _size(url: str, there: RemoteStore, name: str) -> int:
    """A sealed segment never changes its size."""
    if (url, name) not in _sizes:
        _sizes[url, name] = there.size(name)
    return _sizes[url, name]


def _touch(name: str) -> None:
    """Note that the local copy is in use, now and then: the least recently used ones go first."""
    now = time.monotonic()
    if now - _touched.get(name, -_TOUCH_EVERY) >= _TOUCH_EVERY:
        _touched[name] = now
        with contextlib.suppress(OSError):
            os.utime(home().vault / name)

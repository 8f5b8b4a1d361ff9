"""What another host needs of a segment that is not in the store yet (ADR 0043).

Hosts that share a database and a store have a disk each. A segment is born on the disk of its writer and goes to the
store when it is sealed, which may be hours later. Whoever has to read it before that asks by a notice; a worker of the
home that has it puts what is there so far into the store, in pieces, and a row for each. Bytes of a segment never
change, so a piece stays true whatever is appended later. When the whole segment is in the store, its pieces go.

A notice may be lost, and a host may be away: whoever asked in vain says so, and asks again at its next try.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import threading
import time
from collections.abc import Callable, Iterable

import psycopg
from django.conf import settings
from django.db import DatabaseError, connection

from postroom.kernel import failpoints
from postroom.kernel.errors import PostroomError
from postroom.kernel.home import home
from postroom.kernel.locks import FileLock
from postroom.vault.errors import SegmentElsewhere, StoreConflict
from postroom.vault.models import Piece, Segment, this_home
from postroom.vault.spec import RemoteStore
from postroom.vault.write import store

log = logging.getLogger("postroom.vault")

CHANNEL = "postroom_vault"
#: Bytes of one piece at most.
MOST = 8 << 20
#: Seconds somebody waits for bytes that were asked for, and how long after a wait in vain nobody waits for them again.
PATIENCE, IN_VAIN = 5.0, 15.0
_LOOK = 0.05
_PROPER = re.compile(r"[0-9a-f]{32}\.seg")
_PIECES = "SELECT start, stop FROM vault_piece WHERE segment_name = %s AND ready ORDER BY start"
_PLACE = "SELECT store, home FROM vault_segment WHERE name = %s"

_known: dict[str, list[tuple[int, int]]] = {}
_vain: dict[str, float] = {}


def named(name: str, start: int, stop: int) -> str:
    """The name of a piece in the store. It says which bytes it holds, so nobody ever puts others under it."""
    return f"{name.removesuffix('.seg')}.{start}-{stop}.piece"


def read(name: str, offset: int, length: int, fetch: Callable[[str, int, int], bytes]) -> bytes:
    """Exactly these bytes of a segment that only another host has whole; ``fetch`` reads from an object of the store.

    Raises SegmentElsewhere when that host does not put them there, FileNotFoundError when no other host is known to
    have it, or when it is in the store by now.
    """
    if not length:
        return b""
    found = _covering(name, offset, offset + length) or _asked(name, offset, offset + length)
    try:
        return b"".join(
            fetch(named(name, start, stop), max(offset, start) - start, min(offset + length, stop) - max(offset, start))
            for start, stop in found
        )
    except FileNotFoundError:
        _known.pop(name, None)  # the whole segment came, and its pieces went
        raise


def reach(name: str) -> int:
    """Up to which byte the pieces of a segment hold it from its beginning."""
    end = 0
    pieces = Piece.objects.filter(segment_name=name, ready=True).order_by("start")
    for start, stop in pieces.values_list("start", "stop"):
        if start > end:
            break
        end = max(end, stop)
    return end


def forget() -> None:
    """Look at the rows again, and wait again."""
    _known.clear()
    _vain.clear()


def _covering(name: str, offset: int, end: int) -> list[tuple[int, int]]:
    """The pieces that hold these bytes, in order; none when a byte is missing."""
    found, at = [], offset
    for start, stop in _known.get(name, ()):
        if start <= at < stop:
            found.append((start, stop))
            at = stop
        if at >= end:
            return found
    return []


def _asked(name: str, offset: int, end: int) -> list[tuple[int, int]]:
    """Ask whoever has the segment, and wait. By a session of its own: a notice inside a transaction is not heard."""
    until = time.monotonic() + (0.0 if time.monotonic() < _vain.get(name, 0.0) else PATIENCE)
    with psycopg.connect(
        settings.DATABASE_URL, autocommit=True, connect_timeout=5, application_name="postroom-vault"
    ) as session:
        session.execute("SET synchronous_commit = off")  # as notices do: it need not survive a crash
        told = False
        while True:
            place = session.execute(_PLACE, (name,)).fetchone()
            if place is None or place[0] != "local" or place[1] in ("", this_home()):
                raise FileNotFoundError(f"segment {name} is not on this disk")
            _known[name] = session.execute(_PIECES, (name,)).fetchall()
            if found := _covering(name, offset, end):
                _vain.pop(name, None)
                return found
            if not told:
                session.execute("SELECT pg_notify(%s, %s)", (CHANNEL, name))
                told = True
            if time.monotonic() >= until:
                break
            time.sleep(_LOOK)
    _vain[name] = time.monotonic() + IN_VAIN
    raise SegmentElsewhere(
        f"Segment {name} is on the disk of {place[1]}, which does not put it into the store.",
        hint="Start a worker on that host; it hands over what others need. If the disk is lost, restore the segment "
        "from a backup of that host. It is tried again by itself.",
        segment=name,
        home=place[1],
    )


def hand_over(name: str, there: RemoteStore) -> int:
    """Put what the store does not have yet of a segment of this disk there, in pieces. How many.

    The row is there before the object: of a crash nothing stays in the store that nobody knows of.
    """
    if not _PROPER.fullmatch(name) or not (home().vault / name).exists():
        return 0
    with FileLock(home().prepare().locks / "vault.pieces").holding(timeout=30):
        if not Segment.objects.filter(name=name, store="local").exists():
            return 0
        _remove(there, Piece.objects.filter(segment_name=name, ready=False))
        done, size, count = reach(name), store().size(name), 0
        while done < size:
            piece = Piece.objects.create(segment_name=name, start=done, stop=min(size, done + MOST))
            _put(there, name, piece.start, piece.stop)
            failpoints.reach("after-piece")
            piece.ready = True
            piece.save(update_fields=["ready"])
            done, count = piece.stop, count + 1
    return count


def _put(there: RemoteStore, name: str, start: int, stop: int) -> None:
    piece = named(name, start, stop)
    scratch = home().work / f"{piece}.{os.getpid()}.{threading.get_ident()}"
    try:
        scratch.write_bytes(store().read(name, start, stop - start))
        there.put(piece, scratch)
    except FileExistsError:
        if there.size(piece) != stop - start:
            raise StoreConflict(
                f"{there.url} holds other bytes under {piece} than this disk.",
                hint="Use a bucket or prefix of its own for each installation; move the foreign object away.",
                segment=name,
            ) from None
    finally:
        scratch.unlink(missing_ok=True)


def drop_needless(there: RemoteStore) -> int:
    """Remove pieces of segments that are whole in the store, or that were rewritten. How many. Objects first: a row
    without its object sends its reader to the whole segment, an object without a row would stay for ever."""
    kept = Segment.objects.filter(store="local").values("name")
    return _remove(there, Piece.objects.exclude(segment_name__in=kept))


def _remove(there: RemoteStore, pieces: Iterable[Piece]) -> int:
    count = 0
    for piece in list(pieces):
        there.delete(named(piece.segment_name, piece.start, piece.stop))
        piece.delete()
        count += 1
    return count


def shared() -> bool:
    """Whether segments are born in more than this home."""
    return Segment.objects.exclude(home__in=["", this_home()]).exists()


def leave(there: RemoteStore) -> None:
    """A worker stops, and its host may go with it: hand over what only this disk has, where there are other hosts."""
    if shared():
        for name in list(Segment.objects.filter(store="local", home=this_home()).values_list("name", flat=True)):
            hand_over(name, there)


def answer(stopping: threading.Event, there: RemoteStore) -> None:
    """Hand over what is asked for, until told to stop."""
    while not stopping.is_set():
        try:
            with psycopg.connect(
                settings.DATABASE_URL, autocommit=True, connect_timeout=5, application_name="postroom-vault"
            ) as session:
                session.execute(f"LISTEN {CHANNEL}")
                while not stopping.is_set():
                    for notice in session.notifies(timeout=1.0, stop_after=1):
                        hand_over(notice.payload, there)
        except (psycopg.Error, DatabaseError, PostroomError, OSError) as error:  # who asked asks again
            log.warning("a segment could not be handed over: %s", getattr(error, "message", None) or repr(error))
            stopping.wait(1.0)
        finally:
            with contextlib.suppress(DatabaseError):
                connection.close()

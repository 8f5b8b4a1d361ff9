"""File locks that die with their process: ``flock(2)``, shared or exclusive, and "only one of this kind here".

A flock belongs to the open file, not to the path, so the kernel frees it at any kind of death, ``kill -9``
included; what the file says (the holder's pid) is for people, the lock alone is the truth. A forked child
would share the lock of its parent, so children let go of it at once; a program started by ``exec`` gets it
only when it is handed over on purpose (``fileno`` with ``pass_fds``).
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from postroom.kernel.clock import now
from postroom.kernel.errors import Conflict, Unavailable
from postroom.kernel.home import Home

_POLL = 0.02
"""Seconds between two tries when a time limit is set (flock itself knows no time limit)."""

_held: weakref.WeakSet[FileLock] = weakref.WeakSet()


class LockTimeout(Unavailable):
    """Somebody else holds a lock for longer than the caller was willing to wait."""

    code = "lock-timeout"
    title = "Somebody else is busy with this"


class AlreadyRunning(Conflict):
    """A second process of a kind of which a home folder bears only one."""

    code = "already-running"
    title = "This is already running"


class FileLock:
    """One hold on one lock file. The file is made when missing and is never removed.

    Removing it would let two processes hold "the same" lock on two different files.
    """

    def __init__(self, path: Path) -> None:
        self._fd: int | None = None
        self.path = path

    @property
    def held(self) -> bool:
        """Whether this object holds the lock, shared or exclusive."""
        return self._fd is not None

    def fileno(self) -> int:
        """The descriptor, to hand the hold to a child by ``pass_fds``. ValueError when nothing is held."""
        if self._fd is None:
            raise ValueError(f"{self.path} is not locked by this object")
        return self._fd

    def acquire(self, *, shared: bool = False, blocking: bool = True, timeout: float | None = None) -> bool:
        """Take the lock; True when it is ours. Changes between shared and exclusive when it is held already.

        Without ``blocking`` one try is made, with ``timeout`` (seconds) tries go on until then, and False says
        that somebody else has it. A change that fails leaves nothing held: the kernel lets the old hold go
        first (flock(2)).
        """
        fd = self._fd if self._fd is not None else os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._fd = fd
        _held.add(self)
        wanted = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            if blocking and timeout is None:
                fcntl.flock(fd, wanted)
                return True
            deadline = time.monotonic() + (timeout or 0.0 if blocking else 0.0)
            while True:
                try:
                    fcntl.flock(fd, wanted | fcntl.LOCK_NB)
                    return True
                except OSError as error:
                    if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                        raise
                if time.monotonic() >= deadline:
                    self.release()
                    return False
                time.sleep(_POLL)
        except BaseException:  # an interrupt between open and lock must not leave the descriptor behind
            self.release()
            raise

    def release(self) -> None:
        """Let go. Harmless when nothing is held."""
        fd, self._fd = self._fd, None
        _held.discard(self)
        if fd is not None:
            os.close(fd)

    @contextmanager
    def holding(self, *, shared: bool = False, timeout: float | None = None) -> Iterator[Self]:
        """Hold the lock for a ``with`` block. Raises LockTimeout after ``timeout`` seconds."""
        if not self.acquire(shared=shared, timeout=timeout):
            raise LockTimeout(
                f"{self.path} is held by {self.holder() or 'another process'} for more than {timeout:g} seconds.",
                hint="Wait until it is done, or end that process if it hangs.",
                path=str(self.path),
            )
        try:
            yield self
        finally:
            self.release()

    def __enter__(self) -> Self:
        """Whatever is or gets held is let go at the end of the block; taking it is the block's business."""
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def __del__(self) -> None:
        """A forgotten lock is let go, so that nobody waits for an object that is no more."""
        self.release()

    def sign(self) -> None:
        """Write who holds it into the file, for people and messages."""
        fd = self.fileno()
        text = f"{os.getpid()} since {now().isoformat(timespec='seconds')}\n".encode()
        os.ftruncate(fd, 0)
        os.pwrite(fd, text, 0)

    def holder(self) -> str:
        """``pid 123`` of the process that last signed the file, or nothing. It may be dead: try the lock."""
        try:
            words = self.path.read_text(encoding="ascii", errors="replace").split()
        except FileNotFoundError:
            return ""
        return f"pid {words[0]}" if words and words[0].isdigit() else ""


def _let_go_in_child() -> None:
    """A forked child is another process: its copies of our descriptors must not keep our locks alive."""
    for lock in list(_held):
        lock.release()


os.register_at_fork(after_in_child=_let_go_in_child)


def only_one(home: Home, name: str) -> FileLock:
    """The right to be the only ``name`` (such as ``serve``) of this home, held until released or dead.

    Raises AlreadyRunning with the holder's pid. Keep the returned lock: it is let go when it is collected.
    """
    home.locks.mkdir(parents=True, exist_ok=True)
    lock = FileLock(home.locks / f"{name}.lock")
    if not lock.acquire(blocking=False):
        holder = lock.holder()
        raise AlreadyRunning(
            f"postroom {name} is already running for {home.root}{f' ({holder})' if holder else ''}.",
            hint="Use the one that runs, stop it first, or set POSTROOM_HOME to another folder.",
            home=str(home.root),
            pid=int(holder.removeprefix("pid ")) if holder else None,
        )
    lock.sign()
    return lock

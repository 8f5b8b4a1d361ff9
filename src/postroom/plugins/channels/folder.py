"""The folder channel: documents become files in a folder that somebody else reads (a share, an archive, a printer).

Files appear whole, under a name made from the letter's facts, and never replace another file. The folder remembers
each key (``_folder_journal``), so it can be asked, and a delivery cut by a crash is finished by whoever asks.

The time-out bounds our own work, chunk by chunk. A system call that hangs (a dead NFS server) cannot be bounded
from inside a process; mount shares ``soft`` or watch the worker.
"""

from __future__ import annotations

import contextlib
import errno
import mimetypes
import os
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from pydantic import Field, field_validator

from postroom.delivery.spec import (
    CannotAsk,
    Channel,
    ChannelConfig,
    Deferred,
    Enclosure,
    Finding,
    Letter,
    Outcome,
    Refused,
    Sent,
    Truth,
    Unknown,
)
from postroom.kernel import clock
from postroom.plugins.channels._folder_journal import Journal
from postroom.plugins.channels._folder_names import MissingFact, check_pattern, file_path, numbered, sub_path

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_DENIED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class FolderConfig(ChannelConfig):
    """Where files go and how they are named."""

    folder: Path
    pattern: str = "{date}/{number}_{party}.pdf"
    sidecar: bool = Field(default=False, description="a .json with the letter's facts, placed after its files")
    remember_days: int = Field(default=400, ge=30, description="how long a key can be asked for")

    @field_validator("folder")
    @classmethod
    def _is_absolute(cls, value: Path) -> Path:
        if not value.is_absolute():
            raise ValueError("the folder needs an absolute path; workers start in different places")
        return value

    @field_validator("pattern")
    @classmethod
    def _is_pattern(cls, value: str) -> str:
        return check_pattern(value)


class FolderChannel(Channel):
    """Puts a letter's documents into a folder."""

    name: ClassVar[str] = "folder"
    final_truth: ClassVar[Truth] = Truth.ACCEPTED
    Config: ClassVar[type[ChannelConfig]] = FolderConfig
    can_look_up = True
    config: FolderConfig

    def __init__(self, config: FolderConfig) -> None:
        super().__init__(config)
        self._journal = Journal(config.folder)
        self._pruned: date | None = None

    def send(self, letter: Letter) -> Outcome:
        """Place the files. Raises only what reading the documents raises, before anything is placed."""
        end = time.monotonic() + self.config.timeout
        wishes = self._wishes(letter)
        if isinstance(wishes, Refused):
            return wishes
        journal = self._journal
        try:
            journal.prepare()
            self._prune()
            already = journal.placed(letter.key)
            if already is not None:
                return Sent(Truth.ACCEPTED, f"already there as {', '.join(already)}", already[0])
            journal.make_way(wishes)
            with self._staging(letter):
                journal.stage(letter.key, self._plan(letter, wishes), _contents(letter), lambda: _alive(end))
        except OSError as error:
            return _not_placed(error, self.config.folder)
        try:
            journal.commit(letter.key)
            names = journal.finish(letter.key)
        except OSError as error:
            if (journal.new / letter.key).exists():
                journal.abandon(letter.key)
                return _not_placed(error, self.config.folder)
            return Unknown(f"The files are complete but not all in place: {_words(error)}. Asking finishes it.")
        return Sent(Truth.ACCEPTED, f"stored as {', '.join(names)}", names[0])

    def look_up(self, letter: Letter) -> Sent | None:
        """Whether the files of ``letter.key`` were placed; places what a crash left half way."""
        try:
            self._journal.prepare()
            names = self._journal.placed(letter.key)
        except OSError as error:
            raise CannotAsk(
                f"The folder {self.config.folder} cannot be asked about {letter.key}: {_words(error)}.",
                hint="Mend the folder (is the share mounted?), then ask again.",
            ) from error
        return None if names is None else Sent(Truth.ACCEPTED, f"stored as {', '.join(names)}", names[0])

    def check(self) -> list[Finding]:
        """Writes and removes a file in the folder's private part; places nothing."""
        folder = self.config.folder
        try:
            self._journal.prepare()
            probe = self._journal.new / f"check~{os.getpid()}"
            probe.mkdir()
            probe.rmdir()
            free = os.statvfs(folder)
        except OSError as error:
            return [Finding(False, _not_placed(error, folder).reason, "Make the folder, mount it, or mend its rights.")]
        findings = [Finding(True, f"{folder} can be written; {free.f_bavail * free.f_frsize // 2**20:,} MiB are free.")]
        unfinished = self._journal.unfinished()
        if unfinished:
            findings.append(
                Finding(
                    False,
                    f"{len(unfinished)} deliveries are complete but not in place, the first is {unfinished[0]}.",
                    "Ask for them (they are in doubt), that finishes them.",
                )
            )
        return findings

    @contextlib.contextmanager
    def _staging(self, letter: Letter) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._journal.abandon(letter.key)
            raise

    def _wishes(self, letter: Letter) -> list[PurePosixPath] | Refused:
        """The names wanted, one for each enclosure."""
        if not letter.enclosures:
            return Refused("nothing-to-deliver", "The letter has no documents, and a folder takes nothing else.")
        below = sub_path(letter.address)
        if below is None:
            return Refused("bad-address", f"The sub-folder {letter.address!r} leads out of the folder or hides in it.")
        wishes: list[PurePosixPath] = []
        for enclosure in letter.enclosures:
            try:
                wish = below / file_path(self.config.pattern, _facts(letter, enclosure))
            except MissingFact as error:
                return Refused("missing-fact", f"The pattern {self.config.pattern!r} needs {{{error}}}; it is missing.")
            wish = _with_its_ending(wish, enclosure)
            number = 1
            while numbered(wish, number) in wishes:
                number += 1
            wishes.append(numbered(wish, number))
        return wishes

    def _plan(self, letter: Letter, wishes: list[PurePosixPath]) -> dict[str, Any]:
        return {"files": [str(wish) for wish in wishes], "sidecar": _about(letter) if self.config.sidecar else None}

    def _prune(self) -> None:
        """Once a day; old notes are no reason to keep a letter waiting."""
        if self._pruned != clock.today():
            self._pruned = clock.today()
            with contextlib.suppress(OSError):
                self._journal.prune(self.config.remember_days)


def _facts(letter: Letter, enclosure: Enclosure) -> dict[str, str]:
    """The letter's facts; the document's own number and title win, so that two invoices have two names."""
    extension = PurePosixPath(enclosure.filename).suffix or mimetypes.guess_extension(enclosure.media_type) or ".bin"
    own = {
        "key": letter.key,
        "delivery": letter.delivery_id,
        "document": enclosure.document_id,
        "title": enclosure.title,
        "filename": enclosure.filename,
        "extension": extension[1:],
    }
    facts = {**letter.facts, **own}
    return {**facts, "number": enclosure.number} if enclosure.number else facts


def _with_its_ending(wish: PurePosixPath, enclosure: Enclosure) -> PurePosixPath:
    """A pattern that ends in ``.pdf`` is meant for pages: an XML invoice beside them is called ``.xml``."""
    own = PurePosixPath(enclosure.filename).suffix
    return wish.with_suffix(own) if wish.suffix == ".pdf" and own == ".xml" else wish


def _about(letter: Letter) -> dict[str, Any]:
    return {
        "key": letter.key,
        "delivery": letter.delivery_id,
        "address": letter.address,
        "recipient_name": letter.recipient_name,
        "language": letter.language,
        "subject": letter.subject,
        "facts": letter.facts,
        "files": [
            {
                "document": each.document_id,
                "number": each.number,
                "title": each.title,
                "media_type": each.media_type,
                "size": each.size,
                "sha256": each.sha256,
            }
            for each in letter.enclosures
        ],
    }


def _contents(letter: Letter) -> Iterator[bytes]:
    return (enclosure.verified() for enclosure in letter.enclosures)


def _alive(end: float) -> None:
    if time.monotonic() >= end:
        raise TimeoutError("the folder is too slow; the time allowed for this letter is over")


def _not_placed(error: OSError, folder: Path) -> Deferred | Refused:
    """Trouble before the moment of delivery, in words."""
    if error.errno == errno.ENAMETOOLONG:
        return Refused("bad-name", f"The file name is longer than {folder} takes.")
    if error.errno in _FULL:
        return Deferred(f"There is no space left in {folder}.", _words(error))
    if error.errno in _DENIED:
        return Deferred(f"Postroom may not write in {folder}: {_words(error)}.", _words(error))
    if isinstance(error, FileNotFoundError) and not folder.is_dir():
        return Deferred(f"The folder {folder} does not exist; perhaps a share is not mounted.", _words(error))
    return Deferred(f"{folder}: {_words(error)}.", _words(error))


def _words(error: OSError) -> str:
    return error.strerror or str(error) or type(error).__name__

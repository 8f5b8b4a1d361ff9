"""What can go wrong, told the same way by the terminal, the API and the desk.

Every error of ours is a class. It knows its exit code (terminal), its HTTP status and problem type
(RFC 9457), and carries a message that says what happened and where, and a hint that says what to do next.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, ClassVar


class ExitCode(IntEnum):
    """Exit codes of the command line. Stable: scripts depend on them."""

    OK = 0
    INTERNAL = 1
    USAGE = 2
    BAD_INPUT = 3
    NOT_FOUND = 4
    NOT_ALLOWED = 5
    CONFLICT = 6
    UNAVAILABLE = 7
    DAMAGED = 8
    LIMIT = 10


class PostroomError(Exception):
    """Base of all errors of Postroom.

    ``message`` says what happened and where; ``hint`` says what to do next; ``context`` holds plain
    JSON values (ids, paths, line numbers) for machines.
    """

    code: ClassVar[str] = "internal"
    title: ClassVar[str] = "Something inside Postroom went wrong"
    exit_code: ClassVar[ExitCode] = ExitCode.INTERNAL
    status: ClassVar[int] = 500

    def __init__(self, message: str, *, hint: str = "", **context: Any) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.context = context

    def problem(self) -> dict[str, Any]:
        """The error as an ``application/problem+json`` object (RFC 9457, section 3)."""
        body: dict[str, Any] = {
            "type": f"urn:postroom:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.message,
            "code": self.code,
        }
        if self.hint:
            body["hint"] = self.hint
        if self.context:
            body["context"] = self.context
        return body


class BadInput(PostroomError):
    """The bytes or values handed in cannot be used."""

    code = "bad-input"
    title = "The input cannot be used"
    exit_code = ExitCode.BAD_INPUT
    status = 422


class NotFound(PostroomError):
    """There is no such thing, or the caller may not know of it (P7)."""

    code = "not-found"
    title = "Not found"
    exit_code = ExitCode.NOT_FOUND
    status = 404


class NotSignedIn(PostroomError):
    """The request names no valid user or token."""

    code = "not-signed-in"
    title = "Sign-in needed"
    exit_code = ExitCode.NOT_ALLOWED
    status = 401


class NotAllowed(PostroomError):
    """The caller is known and may not do this."""

    code = "not-allowed"
    title = "Not allowed"
    exit_code = ExitCode.NOT_ALLOWED
    status = 403


class Conflict(PostroomError):
    """The request contradicts the present state."""

    code = "conflict"
    title = "This contradicts what is already there"
    exit_code = ExitCode.CONFLICT
    status = 409


class Unavailable(PostroomError):
    """Something Postroom needs (database, disk, server) does not answer at the moment."""

    code = "unavailable"
    title = "Something needed is not available"
    exit_code = ExitCode.UNAVAILABLE
    status = 503


class Damaged(PostroomError):
    """Stored bytes or facts are not what was written."""

    code = "damaged"
    title = "Stored data is damaged"
    exit_code = ExitCode.DAMAGED
    status = 500


class LimitReached(PostroomError):
    """A limit (time, memory, size) was reached; the work was stopped on purpose."""

    code = "limit-reached"
    title = "A limit was reached"
    exit_code = ExitCode.LIMIT
    status = 422

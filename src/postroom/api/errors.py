"""What can go wrong at the door of the API, before an action is asked."""

from __future__ import annotations

from typing import Any

from postroom.kernel.errors import BadInput, Conflict, ExitCode, NotAllowed, NotSignedIn, PostroomError


class InvalidRequest(BadInput):
    """Parameters or body do not have the shape the operation asks for; ``problems`` names every place."""

    code = "invalid-request"
    title = "The request does not have the right shape"

    def __init__(self, problems: list[dict[str, Any]]) -> None:
        first = problems[0]
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(
            f"{first['path']}: {first['reason']}{more}",
            hint="Compare it with the schema at /api/v1/openapi.json.",
            problems=problems,
        )


class Unreadable(BadInput):
    """The body cannot be parsed at all."""

    code = "unreadable-body"
    title = "The body cannot be read"
    status = 400


class BadCursor(BadInput):
    """The cursor was changed, or belongs to another list or other filters."""

    code = "bad-cursor"
    title = "This cursor does not belong to this list"


class BadKey(BadInput):
    """An Idempotency-Key that cannot be kept."""

    code = "bad-idempotency-key"
    title = "This cannot be an Idempotency-Key"
    status = 400


class KeyReused(BadInput):
    """The Idempotency-Key was used for another request."""

    code = "idempotency-key-reused"
    title = "This Idempotency-Key belongs to another request"


class InFlight(Conflict):
    """The first request with this Idempotency-Key is still being worked on."""

    code = "idempotency-in-flight"
    title = "The first request with this key has not ended yet"


class CsrfFailed(NotAllowed):
    """A session cookie came without the proof that our own pages sent the request."""

    code = "csrf-failed"
    title = "The request does not prove where it comes from"


class BadCredentials(NotSignedIn):
    """An Authorization header of another kind than Bearer."""

    code = "bad-credentials"
    title = "This kind of sign-in is not known"


class MethodNotAllowed(PostroomError):
    """The address exists, for other methods."""

    code = "method-not-allowed"
    title = "This method is not known here"
    exit_code = ExitCode.USAGE
    status = 405


class TooLarge(PostroomError):
    """The body, or a field of it, is larger than this place accepts."""

    code = "too-large"
    title = "The request is too large"
    exit_code = ExitCode.LIMIT
    status = 413


class TooManyRequests(PostroomError):
    """One caller asks more often than one caller may."""

    code = "too-many-requests"
    title = "Too many requests"
    exit_code = ExitCode.LIMIT
    status = 429


class Crashed(PostroomError):
    """A fault of ours. Its id stands in the log beside the details, which are nobody else's business."""

    code = "internal"
    title = "Something inside Postroom went wrong"

"""Every error of the API as one ``application/problem+json`` object (RFC 9457), wherever it comes from."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.core.exceptions import (
    BadRequest,
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from ninja.errors import HttpError, ValidationError

from postroom.api.errors import Crashed, InvalidRequest, MethodNotAllowed, TooLarge, Unreadable
from postroom.kernel.errors import NotAllowed, NotFound, PostroomError, Unavailable

log = logging.getLogger("postroom.api")

MEDIA_TYPE = "application/problem+json"


def answer(error: PostroomError) -> HttpResponse:
    """``error`` as a response."""
    body = json.dumps(error.problem(), ensure_ascii=False, default=str)
    response = HttpResponse(body, status=error.status, content_type=MEDIA_TYPE)
    if error.status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Bearer realm="postroom"'
    if error.status == HTTPStatus.TOO_MANY_REQUESTS:
        response["Retry-After"] = str(error.context.get("retry_after", 1))
    return response


def on_exception(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """Handler of every exception, ours, the framework's and the unexpected."""
    raised = error if isinstance(error, Exception) else error()
    known = as_ours(raised)
    if isinstance(known, Crashed) or known.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        known = _kept_in_log(request, raised, known)
    return answer(known)


def as_ours(error: Exception) -> PostroomError:
    """``error`` as one of ours; Crashed when nobody expected it."""
    match error:
        case PostroomError():
            return error
        case ValidationError():
            return _invalid(error)
        case RequestDataTooBig() | TooManyFilesSent() | TooManyFieldsSent():
            return TooLarge(str(error), hint="Send records as a file (POST /runs); files may be of any size.")
        case HttpError() if error.status_code == HTTPStatus.NOT_FOUND:
            return _nothing_here()
        case HttpError() | MultiPartParserError() | UnreadablePostError() | BadRequest() | SuspiciousOperation():
            return Unreadable(f"{error}.", hint="Check the Content-Type and that the body is complete.")
        case Http404() | ObjectDoesNotExist():
            return _nothing_here()
        case PermissionDenied():
            return NotAllowed("This is not allowed.", hint="Ask an administrator.")
        case OperationalError() | InterfaceError():
            return Unavailable("The database does not answer.", hint="Try again in a moment.")
        case _:
            return Crashed("Something went wrong inside Postroom.", hint="Tell an administrator the id.")


def answering_problems(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Around every address of the API: what the framework answers by itself becomes a problem too."""

    @wraps(view, assigned=())
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except Exception as error:  # the outermost place of the API: whatever it is, it is told as a problem
            return on_exception(request, error)
        if isinstance(response, HttpResponseNotAllowed):
            allowed = ", ".join(sorted(response["Allow"].split(", ")))
            problem = answer(MethodNotAllowed(f"{request.method} is not known here.", hint=f"Use {allowed}."))
            problem["Allow"] = allowed
            return problem
        return response

    return wrapped


def nowhere(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Every address of the API that is none."""
    return answer(_nothing_here())


def _nothing_here() -> NotFound:
    return NotFound("There is nothing here.", hint="Check the address.")


def _invalid(error: ValidationError) -> PostroomError:
    """All places at once; an id that cannot be one names nothing (404)."""
    places = [list(one.get("loc", ())) for one in error.errors]
    if any(place[:1] == ["path"] for place in places):
        return _nothing_here()
    problems = [
        {"code": str(one.get("type", "invalid")), "path": _path(place), "reason": str(one.get("msg", "invalid"))}
        for one, place in zip(error.errors, places, strict=True)
    ]
    return InvalidRequest(problems)


def _path(place: list[Any]) -> str:
    """``["query", "limit"]`` as ``query.limit``, without the name of the handler's argument in between."""
    steps = [str(step) for step in place]
    if len(steps) > 2 and steps[0] in ("body", "form", "query", "file"):
        del steps[1]
    return ".".join(steps) or "body"


def _kept_in_log(request: HttpRequest, error: Exception, known: PostroomError) -> PostroomError:
    """Details into the log under an id, the id to the caller."""
    reference = secrets.token_hex(6)
    log.error("%s %s failed, id %s", request.method, request.path, reference, exc_info=error)
    known.context = {**known.context, "id": reference}
    return known

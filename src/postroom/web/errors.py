"""Errors as pages: what did not happen, what did, what to do."""

from __future__ import annotations

import logging
import secrets
import sys

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, gettext_noop

from postroom.kernel.errors import BadInput, NotFound, PostroomError, Unavailable
from postroom.web import words
from postroom.web.pages import ErrorPage
from postroom.web.said import said

log = logging.getLogger("postroom.web")

_TEMPLATES = {
    400: "400.html",
    401: "403.html",
    403: "403.html",
    404: "404.html",
    409: "400.html",
    413: "400.html",
    422: "400.html",
}


class TooLarge(BadInput):
    """More was handed in than one request may hold."""

    code = "too_large"
    title = gettext_noop("This is too large")
    status = 413


def error_page(request: HttpRequest, error: PostroomError, reference: str = "", done: str = "") -> HttpResponse:
    """The sheet for an error of ours. ``done``: what did happen, if it is known."""
    status = error.status
    template = _TEMPLATES.get(status, "503.html" if status == 503 else "500.html")
    page = ErrorPage(
        title=said(error.title), not_done=said(error.message), done=done, to_do=said(error.hint), reference=reference
    )
    return _sheet(request, template, page, status)


def database_away() -> Unavailable:
    """What is said when PostgreSQL does not answer."""
    return Unavailable("The database does not answer.", hint="Try again in a moment; nothing was lost.")


def _sheet(request: HttpRequest, template: str, page: ErrorPage, status: int) -> HttpResponse:
    """Without the messages of the session: an error page must not need the database."""
    return render(request, template, {"page": page, "messages": ()}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return error_page(request, _too_large())
    if isinstance(exception, TooManyFieldsSent | TooManyFilesSent):
        many = gettext("The form has more fields or files than are taken at once. Nothing was changed.")
        return error_page(request, TooLarge(many, hint=gettext("Hand it in in several parts.")))
    error = BadInput(gettext("The request could not be understood."), hint=gettext("Go back and try again."))
    return error_page(request, error)


def _too_large() -> TooLarge:
    """What was typed is limited; files are not, because they go to disk piece by piece."""
    large = gettext("What was handed in is larger than {size}, the most a form may hold. Nothing was changed.")
    hint = gettext("Hand large data in as a file: a run takes files of any size.")
    return TooLarge(large.format(size=words.size(settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0)), hint=hint)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _sheet(request, "403.html", ErrorPage(), 403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    hint = gettext("Check it, or go to Home.")
    return error_page(request, NotFound(gettext("There is nothing at this address."), hint=hint))


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's last resort, for what failed outside the views (the session's database, above all)."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return error_page(request, database_away())
    reference = secrets.token_hex(4)
    log.error("request %s failed: %s %s", reference, request.method, request.path, exc_info=sys.exc_info())
    return _sheet(request, "500.html", ErrorPage(reference=reference), 500)

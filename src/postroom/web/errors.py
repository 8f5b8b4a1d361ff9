"""Errors as pages: what did not happen, what did, what to do."""

from __future__ import annotations

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from postroom.kernel.errors import BadInput, NotFound, PostroomError, Unavailable
from postroom.web.pages import ErrorPage

_TEMPLATES = {400: "400.html", 401: "403.html", 403: "403.html", 404: "404.html", 409: "400.html", 422: "400.html"}


def error_page(request: HttpRequest, error: PostroomError, reference: str = "") -> HttpResponse:
    """The sheet for an error of ours."""
    status = error.status
    template = _TEMPLATES.get(status, "503.html" if status == 503 else "500.html")
    page = ErrorPage(title=error.title, not_done=error.message, to_do=error.hint, reference=reference)
    return _sheet(request, template, page, status)


def database_away() -> Unavailable:
    """What is said when PostgreSQL does not answer."""
    return Unavailable("The database does not answer.", hint="Try again in a moment; nothing was lost.")


def _sheet(request: HttpRequest, template: str, page: ErrorPage, status: int) -> HttpResponse:
    """Without the messages of the session: an error page must not need the database."""
    return render(request, template, {"page": page, "messages": ()}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    said = BadInput(gettext("The request could not be understood."), hint=gettext("Go back and try again."))
    return error_page(request, said)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _sheet(request, "403.html", ErrorPage(), 403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    hint = gettext("Check it, or go to Home.")
    return error_page(request, NotFound(gettext("There is nothing at this address."), hint=hint))


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's last resort, for what failed outside the views (the session's database, above all)."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return error_page(request, database_away())
    return _sheet(request, "500.html", ErrorPage(), 500)

"""Errors as pages: what did not happen, what did, what to do."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from postroom.kernel.errors import BadInput, NotFound, PostroomError
from postroom.web.pages import ErrorPage

_TEMPLATES = {400: "400.html", 401: "403.html", 403: "403.html", 404: "404.html", 409: "400.html", 422: "400.html"}


def error_page(request: HttpRequest, error: PostroomError) -> HttpResponse:
    """The sheet for an error of ours."""
    status = error.status
    template = _TEMPLATES.get(status, "503.html" if status == 503 else "500.html")
    page = ErrorPage(title=error.title, not_done=error.message, to_do=error.hint)
    return render(request, template, {"page": page}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, BadInput("The request could not be understood.", hint="Go back and try again."))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", {"page": ErrorPage()}, status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, NotFound("There is nothing at this address.", hint="Check it, or go to Home."))


def server_error(request: HttpRequest) -> HttpResponse:
    return render(request, "500.html", {"page": ErrorPage()}, status=500)

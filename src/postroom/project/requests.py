"""Each request of the web process: its id in the log and in the answer, and how long it took, by route."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from postroom.kernel.ids import new_id
from postroom.kernel.marks import marks
from postroom.kernel.meters import OTHER, observe

#: What another program's request id may look like: long enough to be one, and no word of a language.
_ID = re.compile(r"(?=[A-Za-z0-9-]*\d)[A-Za-z0-9-]{16,64}")
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class RequestMarks:
    """First of all middleware, so that everything a request causes carries its id and counts into its time."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-Id", "")
        request_id = given if _ID.fullmatch(given) else new_id().hex
        began = time.perf_counter()
        with marks(request=request_id):
            response = self.get_response(request)
        observe(
            "postroom_http_request_seconds",
            time.perf_counter() - began,
            route=route_of(request),
            method=request.method if request.method in _METHODS else OTHER,
            status=response.status_code,
        )
        response.headers["X-Request-Id"] = request_id
        return response


def route_of(request: HttpRequest) -> str:
    """The name of the route, never its address: there are as many names as lines in the URL conf."""
    found = request.resolver_match
    if found is None:
        return "static" if request.path.startswith("/static/") else "none"
    return found.view_name or OTHER

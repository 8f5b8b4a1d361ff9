"""Up or down, for whoever watches over the installation."""

from __future__ import annotations

import psycopg
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from postroom.web.access import public


@public("says up or down, nothing else")
def healthz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers within two seconds, else 503. A connection of its own: the shared one may hang."""
    try:
        with psycopg.connect(
            settings.DATABASE_URL, connect_timeout=2, options="-c statement_timeout=1000", autocommit=True
        ) as session:
            session.execute("SELECT 1")
    except psycopg.Error:
        return HttpResponse("the database does not answer\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")

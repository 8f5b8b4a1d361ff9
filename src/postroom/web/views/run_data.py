"""The data of a run, to be saved."""

from __future__ import annotations

from django.http import HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header

from postroom.production import queries
from postroom.production.actions.export_data import export_data
from postroom.web.access import needs
from postroom.web.shell import actor_of


@needs("run.view", "document.data")
def data(request: HttpRequest, ref: str, layout: str) -> StreamingHttpResponse:
    """The file of a layout, in pieces: it may be of any size."""
    actor = actor_of(request)
    output, pieces = export_data(actor, queries.run(actor, ref), layout)
    response = StreamingHttpResponse(pieces, content_type=output.media_type)
    response["Content-Length"] = str(output.size)
    response["Content-Disposition"] = content_disposition_header(True, output.file_name) or "attachment"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "no-store"
    return response

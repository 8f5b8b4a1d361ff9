"""Send one document by hand."""

from __future__ import annotations

import re
import tempfile
import time
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from postroom.delivery.queries import deliveries_visible_to
from postroom.documents.queries import visible_to
from postroom.identity.actor import Actor
from postroom.kernel.errors import PostroomError
from postroom.production import exact_json
from postroom.production.actions.start_run import Started, start_run
from postroom.production.actions.try_record import try_record
from postroom.production.errors import RunKeyTaken
from postroom.production.models import Run
from postroom.web import asked, last
from postroom.web.access import needs
from postroom.web.answers import go, show, show_part
from postroom.web.fill import aside, send
from postroom.web.pages import ProblemRow, SendPage
from postroom.web.shell import SENDING, actor_of

_TEMPLATE = "desk/send.html"
_TOKEN = re.compile(r"[0-9a-f]{32}")
#: How long the answer waits for the document, so that whoever sends it sees it at once.
_PATIENCE = 2.0


@needs(*SENDING, post=())
def page(request: HttpRequest) -> HttpResponse:
    """GET: choose template and party, fill in. POST: look at it (``do=look``), or send it (``do=send``)."""
    if request.method == "POST":
        return _handed_in(request)
    shown = send.page_of(
        actor_of(request),
        template=last.template(request),
        party_key=asked.text(request, "party", 80),
        q=asked.text(request, "q"),
    )
    return show(request, _TEMPLATE, shown)


def _handed_in(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    template, way = asked.posted(request, "template"), asked.posted(request, "way")
    typed, token = asked.posted(request, "data"), asked.posted(request, "token")
    token = token if _TOKEN.fullmatch(token) else ""
    form: dict[str, Any] = {"template": template, "party_key": asked.posted(request, "party"), "data": typed}
    form |= {"way": way, "token": token}
    last.remember(request, template)
    data, wrong = aside.read_record(typed)
    if wrong:
        problem = ProblemRow(path="", reason=wrong, what_to_do=gettext("Mend the text, then look at it again."))
        return _show(request, send.page_of(actor, **form, problems=(problem,)), 422)
    doubts = send.doubts(actor, template, send.number_in(template, data))
    if asked.posted(request, "do") != "send":
        seen, problems = send.preview(actor, template=template, data=data, way=way)
        filled = send.page_of(actor, **form, problems=problems, doubts=doubts, preview=seen)
        return _show(request, filled, 422 if problems else 200)
    problems = _refused(actor, template, data, way)
    if problems:
        return show(request, _TEMPLATE, send.page_of(actor, **form, problems=problems, doubts=doubts), 422)
    try:
        started = _start(actor, template, data, way, token, form["party_key"])
    except RunKeyTaken as error:
        form["token"] = ""  # a fresh one: from here it is another sending
        said = gettext("This form was sent before, with other data. Send it again to send both.")
        before = reverse("run", args=[error.context["ref"]])
        return show(request, _TEMPLATE, send.page_of(actor, **form, error=said, sent_url=before, doubts=doubts), 409)
    if started.repeated:
        messages.info(request, gettext("This was sent already; nothing was sent twice."))
    return go(request, _result(actor, started.run))


def _show(request: HttpRequest, page: SendPage, status: int) -> HttpResponse:
    """What a look found: alone for htmx, which asks while somebody types; the whole page for everybody else."""
    if asked.partial(request) and asked.posted(request, "do") != "send":
        return show_part(request, "desk/_send_seen.html", page, status)
    return show(request, _TEMPLATE, page, status)


def _refused(actor: Actor, template: str, data: Any, way: str) -> tuple[ProblemRow, ...]:
    """Why it would be set aside, if it would: better told here than found there."""
    try:
        tried = try_record(actor, template=template, data=data, destination=way, link="")
    except PostroomError as error:
        return (ProblemRow(path="", reason=error.message, what_to_do=error.hint),)
    return tuple(send.problem(one) for one in tried.work.problems)


def _start(actor: Actor, template: str, data: Any, way: str, token: str, party: str) -> Started:
    """A run of one record. The form's token is its run key, so a second click finds the first one's run."""
    with tempfile.TemporaryDirectory(prefix="postroom-send-") as folder:
        path = Path(folder) / "record.jsonl"
        path.write_text(exact_json.dumps(data) + "\n", encoding="utf-8")
        return start_run(
            actor,
            template=template,
            path=path,
            name=f"{party or template}.jsonl",
            run_key=f"desk:{actor.name}:{token}" if token else "",
            destination=way,
        )


def _result(actor: Actor, run: Run) -> str:
    """Its delivery as soon as there is one, or the document; the run when that takes longer."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        made = visible_to(actor).filter(run_id=run.pk).values_list("pk", flat=True).first()
        if made is not None:
            sent = deliveries_visible_to(actor).filter(run_id=run.pk).values_list("pk", flat=True).first()
            return reverse("delivery", args=[sent]) if sent is not None else reverse("document", args=[made])
        if time.monotonic() >= deadline:
            return reverse("run", args=[run.ref])
        time.sleep(0.1)

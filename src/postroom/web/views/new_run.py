"""Start a run from a file: look first, then start."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext

from postroom.composition.queries import UnknownTemplate
from postroom.identity.actor import Actor
from postroom.intake.detect import BadSourceOptions
from postroom.kernel.errors import BadInput, PostroomError
from postroom.production.actions.start_run import start_run
from postroom.production.actions.try_file import try_file
from postroom.production.errors import RunKeyTaken
from postroom.rules import MappingRefused, Problem
from postroom.web import asked, last, words
from postroom.web.access import needs
from postroom.web.answers import go, show
from postroom.web.fill import new_run
from postroom.web.held import held, hold, let_go
from postroom.web.shell import actor_of

_TEMPLATE = "desk/new_run.html"
_MOST_MAPPING = 1 << 20


class _BadOptions(BadInput):
    """The lines of options cannot be read."""


@needs("run.view", "run.start", post=())
def page(request: HttpRequest) -> HttpResponse:
    """GET: the form. POST: a dry look (``do=look``), or the run (``do=start``). The file is kept between the two.

    ``do=hold`` takes the file alone, while the rest is being filled in.
    """
    if request.method != "POST":
        return show(request, _TEMPLATE, new_run.page_of(template=last.template(request)))
    actor = actor_of(request)
    if asked.posted(request, "do") == "hold":
        return _hold(request, actor)
    form: dict[str, Any] = {
        "template": asked.posted(request, "template"),
        "mapping": asked.posted(request, "mapping"),
        "options": asked.posted(request, "options"),
        "run_key": asked.posted(request, "run_key").strip(),
        "hold": asked.posted(request, "hold") == "yes",
    }
    try:
        path = _take(request, actor, form)
        form["mapping"] = _mapping(request) or form["mapping"]
        last.remember(request, form["template"])
        if asked.posted(request, "do") == "start":
            return _start(request, actor, path, form)
        tried = try_file(actor, path=path, **_arguments(form))
    except PostroomError as error:
        said = f"{error.message} {error.hint}".strip()
        shown = new_run.page_of(**form, error=said, error_at=_where(error))
        return show(request, _TEMPLATE, shown, error.status if error.status < 500 else 422)
    return show(request, _TEMPLATE, new_run.page_of(**form, look=new_run.look_of(form["held_name"], tried)))


def _hold(request: HttpRequest, actor: Actor) -> HttpResponse:
    """``{"mark", "name", "size"}`` of the file that was handed in; ``{"said"}`` when none was."""
    form: dict[str, Any] = {}
    try:
        _take(request, actor, form)
    except BadInput as error:
        return JsonResponse({"said": f"{error.message} {error.hint}".strip()}, status=error.status)
    told = {"mark": form["held"], "name": form["held_name"], "size": form["held_size"]}
    return JsonResponse(told, status=201)


def _take(request: HttpRequest, actor: Actor, form: dict[str, Any]) -> Path:
    """The file of this request, or the one that was handed in before it. Notes mark, name and size in the form."""
    upload, mark = request.FILES.get("file"), asked.posted(request, "held")
    name = PurePosixPath(asked.posted(request, "held_name")).name[:300]
    if upload is not None:
        let_go(actor, mark)
        mark, name = hold(actor, upload), PurePosixPath(upload.name or "").name[:300]
    path = held(actor, mark)
    if path is None:
        raise BadInput(
            gettext("There is no file with data."),
            hint=gettext("Choose a file. One that was looked at is kept for an hour."),
        )
    form |= {"held": mark, "held_name": name or gettext("records"), "held_size": words.size(path.stat().st_size)}
    return path


def _mapping(request: HttpRequest) -> str:
    upload = request.FILES.get("mapping_file")
    if upload is None:
        return ""
    if (upload.size or 0) > _MOST_MAPPING:
        raise MappingRefused([_problem(gettext("The mapping file is larger than a megabyte."))])
    try:
        return str(upload.read().decode("utf-8"))
    except UnicodeDecodeError as error:
        raise MappingRefused([_problem(gettext("The mapping file is not UTF-8."))]) from error


def _problem(reason: str) -> Problem:
    return Problem(where="mapping", reason=reason, hint=gettext("Save it as UTF-8 text."))


def _arguments(form: dict[str, Any]) -> dict[str, Any]:
    return {
        "template": form["template"],
        "name": form["held_name"],
        "mapping": form["mapping"] if form["mapping"].strip() else "",
        "source_options": _options(form["options"]),
    }


def _options(text: str) -> dict[str, str]:
    """One ``name=value`` in a line."""
    found = {}
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        if not line.strip():
            continue
        if not equals:
            raise _BadOptions(
                gettext("The option “{line}” has no “=”.").format(line=line.strip()),
                hint=gettext("Write one name=value in each line, such as delimiter=;"),
            )
        found[name.strip()] = value
    return found


def _start(request: HttpRequest, actor: Actor, path: Path, form: dict[str, Any]) -> HttpResponse:
    started = start_run(actor, path=path, run_key=form["run_key"], gate=form["hold"], **_arguments(form))
    let_go(actor, form["held"])
    if started.repeated:
        said = gettext("{run} was started with exactly this file before; nothing is done twice.")
        messages.info(request, said.format(run=started.run.ref))
    return go(request, reverse("run", args=[started.run.ref]))


def _where(error: PostroomError) -> str:
    """The field a fault belongs to."""
    if isinstance(error, UnknownTemplate):
        return "template"
    if isinstance(error, MappingRefused):
        return "mapping"
    if isinstance(error, BadSourceOptions | _BadOptions):
        return "options"
    return "run_key" if isinstance(error, RunKeyTaken) else "file"

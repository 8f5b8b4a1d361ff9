"""The wording of a draft as a form, with its page beside it."""

from __future__ import annotations

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from postroom.composition import drafts
from postroom.composition.errors import StaleDraft
from postroom.composition.preview import Superseded
from postroom.kernel.errors import PostroomError
from postroom.web import asked
from postroom.web.access import needs
from postroom.web.answers import go, show, show_part
from postroom.web.fill import studio, studio_words
from postroom.web.shell import actor_of
from postroom.web.views.studio.live import EDITS, typed_over

_TEMPLATE = "desk/studio_words.html"


@needs(*EDITS, post=())
def page(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    """GET: the form, with ``?with=`` beside the first language. POST: the page with what is typed (htmx, while somebody
    types), the form with another language beside the first (``do=show``), or save it (``do=save``)."""
    actor, found = actor_of(request), drafts.find(draft)
    language = asked.posted(request, "in") or asked.text(request, "in")
    beside = asked.text(request, "with") or asked.posted(request, "with")
    if request.method != "POST":
        return show(request, _TEMPLATE, studio_words.words_page(actor, found, language=language, beside=beside))
    typed = {name: asked.posted(request, name).replace("\r\n", "\n") for name in request.POST if ":" in name}
    do = asked.posted(request, "do") or asked.text(request, "do")
    if do == "show":
        told = studio_words.words_page(actor, found, typed, language=language, beside=beside)
        if not asked.partial(request):
            return show(request, _TEMPLATE, told)
        answer = show_part(request, "desk/_studio_words_form.html", told)
        answer["HX-Replace-Url"] = _address(draft, language, beside)
        return answer
    if do != "save":
        try:
            seen = studio_words.look(actor, found, typed, language)
        except Superseded:
            return HttpResponse(status=204)
        return show_part(request, "desk/_studio_words_look.html", seen)
    expected = typed_over(request)
    try:
        wanted = studio_words.changes(found, typed, expected)
        if wanted:
            drafts.save(actor, draft, wanted, expected)
    except StaleDraft as stale:
        return go(request, reverse("draft-conflict", args=[draft, stale.context["conflict"]]))
    except PostroomError as error:
        if error.status >= 500:
            raise
        told = studio_words.words_page(actor, found, typed, f"{error.message} {error.hint}", language, beside)
        return show(request, _TEMPLATE, told, error.status)
    messages.success(request, studio.counted(len(wanted)) if wanted else gettext("Nothing was different."))
    return go(request, _address(draft, language, beside))


def _address(draft: uuid.UUID, language: str, beside: str) -> str:
    """The form as it is looked at."""
    chosen = {name: tag for name, tag in (("in", language), ("with", beside)) if tag}
    return reverse("studio-words", args=[draft]) + (f"?{urlencode(chosen)}" if chosen else "")

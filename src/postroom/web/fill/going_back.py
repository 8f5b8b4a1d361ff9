"""Going back to an older version in words: its tests run first, with what the house says today, without the page."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from postroom.composition.checks.gate import check_digest
from postroom.composition.draft_tests import BROKEN, GREEN, MOVING, RED, Standing, packs_of, standing_of
from postroom.composition.models import TemplateVersion
from postroom.composition.problems import Problem, TemplateFaults
from postroom.composition.queries import sources_of
from postroom.web import words
from postroom.web.pages import ReasonForm
from postroom.web.pages.life import FaultLine, GoingBack

#: What a person wrote before its tests were known stays theirs, in their session: the newest one only.
_KEY = "going-back"


def keep_reason(request: HttpRequest, key: str, no: int, reason: str) -> None:
    """Remember why somebody wants to go back, until they do."""
    request.session[_KEY] = [key, no, reason[:1000]]


def forget_reason(request: HttpRequest) -> None:
    """They did."""
    request.session.pop(_KEY, None)


def going_back(request: HttpRequest, older: TemplateVersion) -> GoingBack:
    """How the tests of an older version are, and the question once they hold."""
    found = _standing(older)
    key, no = older.template_id, older.no
    ready = found.state not in (MOVING, RED)
    return GoingBack(
        no=no,
        state=found.state,
        told=_told(found),
        done=found.done,
        total=found.total,
        failures=tuple(
            FaultLine(path=f"{one.file}:{one.line}" if one.line else one.file, reason=one.what, what_to_do=one.hint)
            for one in found.problems
        ),
        live_url=reverse("template-back-live", args=[key, no]) if found.state == MOVING else "",
        form=ReasonForm(url=reverse("template-back", args=[key, no]), reason=_kept(request, key, no))
        if ready
        else None,
    )


def _standing(older: TemplateVersion) -> Standing:
    try:
        return standing_of([check_digest(one) for one in packs_of(sources_of(older))])
    except TemplateFaults as faults:  # the house says something by now that does not go with it
        problems: tuple[Problem, ...] = tuple(faults.problems)
        return Standing(RED, problems=problems)


def _told(found: Standing) -> str:
    if found.state == GREEN:
        count = ngettext("{count} document", "{count} documents", found.total).format(count=words.count(found.total))
        return gettext("{documents} made with what the house says today: all hold.").format(documents=count)
    if found.state == RED:
        return gettext("It cannot be in force again: with what the house says today this does not hold.")
    if found.state == BROKEN:
        return found.told
    if found.state == MOVING and found.total:
        told = gettext("{done} of {total} documents")
        return told.format(done=words.count(found.done), total=words.count(found.total))
    if found.state == MOVING:
        return gettext("The tests begin.")
    return gettext("Every sample in every language is made and held against what is expected.")


def _kept(request: HttpRequest, key: str, no: int) -> str:
    kept = request.session.get(_KEY)
    return str(kept[2]) if isinstance(kept, list) and kept[:2] == [key, no] else ""

"""Follow one order: the sample company's walk through the house, each step on the desk, in the API and the terminal."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from postroom.delivery.queries import deliveries_of
from postroom.documents.models import Document
from postroom.documents.queries import visible_to
from postroom.identity.actor import Actor
from postroom.kernel.errors import NotFound
from postroom.production.models import Run
from postroom.web.pages import FollowOrder, OrderStep
from postroom.web.thumbs import SMALL

_DONE, _HIDDEN = "follow_done", "follow_hidden"
_NEEDED = ("run.view", "document.view", "delivery.view")


def walk(request: HttpRequest, actor: Actor) -> FollowOrder | None:
    """The walk; only in the sample company, for those who may see all of it, until they hide it."""
    if not settings.CONFIG.demo or request.session.get(_HIDDEN) or not all(actor.may(need) for need in _NEEDED):
        return None
    document = _document(actor)
    if document is None:
        return None
    done = set(request.session.get(_DONE, []))
    steps = _steps(document)
    now = next((number for number in range(1, len(steps) + 1) if number not in done), 0)
    story = gettext("{name} gets a bill, {number}. Walk its paper through the house.")
    return FollowOrder(
        number=document.number,
        story=story.format(name=document.party.name, number=document.number),
        steps=tuple(_step(step, number, done, now) for number, step in enumerate(steps, 1)),
        thumb_url=reverse("document-page", args=[document.pk, 1, SMALL]),
        go_url=reverse("home-step", args=[now]) if now else reverse("document", args=[document.pk]),
        hide_url=reverse("home-hide"),
    )


def take(request: HttpRequest, actor: Actor, number: int) -> str:
    """Notes that step ``number`` was taken; where it leads."""
    document = _document(actor) if all(actor.may(need) for need in _NEEDED) else None
    steps = _steps(document) if document else []
    if not 1 <= number <= len(steps):
        raise NotFound(gettext("There is no such step."), hint=gettext("Go to Home."))
    request.session[_DONE] = sorted({*request.session.get(_DONE, []), number})
    return steps[number - 1].url


def hide(request: HttpRequest) -> None:
    request.session[_HIDDEN] = True


def _document(actor: Actor) -> Document | None:
    """The invoice the walk follows: the oldest one, so that it stays the same while the house goes on."""
    found = visible_to(actor).select_related("party").filter(kind="invoice", run_id__isnull=False)
    return found.order_by("created_at", "number").first()


def _step(step: OrderStep, number: int, done: set[int], now: int) -> OrderStep:
    return OrderStep(
        text=step.text,
        room=step.room,
        state="done" if number in done else "now" if number == now else "todo",
        url=reverse("home-step", args=[number]),
        api=step.api,
        cli=step.cli,
    )


def _steps(document: Document) -> list[OrderStep]:
    ref = Run.objects.values_list("ref", flat=True).get(pk=str(document.run_id))
    delivery = deliveries_of(document).last()
    api = f"{settings.CONFIG.public_url}/api/v1"

    def step(text: str, room: str, url: str, address: str, cli: str) -> OrderStep:
        call = f'curl -H "Authorization: Bearer $TOKEN" \\\n  "{api}{address}"'
        return OrderStep(text=text, room=room, state="todo", url=url, api=call, cli=f"postroom {cli}")  # type: ignore[arg-type]

    word = document.party.name.split(" ")[0]
    delivery_url = reverse("delivery", args=[delivery.pk]) if delivery else reverse("document", args=[document.pk])
    return [
        step(
            gettext("See the run it came in with"),
            "receive",
            reverse("run", args=[ref]),
            f"/runs/{ref}",
            f"runs show {ref}",
        ),
        step(
            gettext("See what was composed"),
            "compose",
            reverse("document", args=[document.pk]),
            f"/documents/{document.pk}",
            f"documents show {document.number}",
        ),
        step(
            gettext("Watch it arrive"),
            "deliver",
            delivery_url,
            f"/deliveries/{delivery.pk if delivery else ''}",
            f"deliveries show {delivery.pk if delivery else ''}",
        ),
        step(
            gettext("Find it by a word inside"),
            "archive",
            f"{reverse('documents')}?{urlencode({'q': word})}",
            f"/documents?{urlencode({'text': word})}",
            f"documents search {word}",
        ),
        step(
            gettext("Answer “I never got it”"),
            "support",
            f"{delivery_url}#h-tell",
            f"/documents/{document.pk}/timeline",
            f"documents resend {document.number}",
        ),
    ]

"""One delivery: its evidence, what to tell the receiver, send again, hold, cancel, decide a doubt."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from postroom.delivery import queries
from postroom.delivery.actions.cancel_delivery import cancel_delivery
from postroom.delivery.actions.decide_doubt import decide_doubt
from postroom.delivery.actions.hold_delivery import hold_delivery
from postroom.delivery.actions.release_delivery import release_delivery
from postroom.delivery.actions.resend import resend
from postroom.delivery.models import Delivery
from postroom.documents.models import Document, Enclosure
from postroom.documents.queries import visible_to
from postroom.identity.actor import Actor
from postroom.kernel.errors import BadInput, Conflict, NotFound
from postroom.web import asked
from postroom.web.access import acts, needs
from postroom.web.answers import go, show
from postroom.web.fill import delivery
from postroom.web.pages import ReasonForm
from postroom.web.shell import actor_of


@needs("delivery.view")
def page(request: HttpRequest, delivery_id: uuid.UUID) -> HttpResponse:
    actor = actor_of(request)
    return _page(request, actor, queries.delivery(actor, delivery_id), {})


@acts("delivery.view", "delivery.resend")
def send_again(request: HttpRequest, delivery_id: uuid.UUID) -> HttpResponse:
    """A new delivery of the same bytes, by the same destination."""
    actor = actor_of(request)
    found = queries.delivery(actor, delivery_id)
    reason = asked.posted(request, "reason").strip()
    try:
        if not reason:
            raise BadInput(gettext("A reason is needed."), hint="")
        document = _document(actor, found)
        if document is None:
            raise BadInput(
                gettext("This message holds no document to be sent again."),
                hint=gettext("Its receiver asks for a new link on the portal."),
            )
        made = resend(actor, document, destination=found.destination_id, address=_address(found), reason=reason)
    except BadInput as error:
        form = ReasonForm(url=request.path, reason=reason, error=f"{error.message} {error.hint}".strip())
        return _page(request, actor, found, {"resend": form}, 422)
    messages.success(request, gettext("It is on its way again, as a new delivery."))
    return go(request, reverse("delivery", args=[made.pk]))


@acts("delivery.view", "delivery.settle")
def decide(request: HttpRequest, delivery_id: uuid.UUID) -> HttpResponse:
    """What a person knows of a delivery in doubt. ``?arrived=yes`` or ``no``."""
    actor = actor_of(request)
    found = queries.delivery(actor, delivery_id)
    arrived, reason = request.GET.get("arrived") == "yes", asked.posted(request, "reason")
    if request.GET.get("arrived") not in ("yes", "no"):
        raise BadInput(gettext("The answer is missing."), hint=gettext("Go back and choose one of the two."))
    try:
        decide_doubt(actor, found.pk, arrived=arrived, reason=reason)
    except BadInput as error:
        form = ReasonForm(url=request.get_full_path(), reason=reason, error=f"{error.message} {error.hint}".strip())
        return _page(request, actor, found, {"arrived" if arrived else "again": form}, 422)
    said = gettext("Noted: it arrived.") if arrived else gettext("Noted: it did not arrive. It is sent again.")
    messages.success(request, said)
    return go(request, reverse("delivery", args=[found.pk]))


@acts("delivery.view", "delivery.hold")
def hold(request: HttpRequest, delivery_id: uuid.UUID) -> HttpResponse:
    """At once and without a question: the button in its place undoes it."""
    actor = actor_of(request)
    return _quickly(request, actor, queries.delivery(actor, delivery_id), hold_delivery)


@acts("delivery.view", "delivery.hold")
def release(request: HttpRequest, delivery_id: uuid.UUID) -> HttpResponse:
    actor = actor_of(request)
    return _quickly(request, actor, queries.delivery(actor, delivery_id), release_delivery)


@acts("delivery.view", "delivery.cancel")
def cancel(request: HttpRequest, delivery_id: uuid.UUID) -> HttpResponse:
    """It never leaves. The reason stays with it."""
    actor = actor_of(request)
    found, reason = queries.delivery(actor, delivery_id), asked.posted(request, "reason")
    try:
        cancel_delivery(actor, found.pk, reason)
    except (BadInput, Conflict) as refused:
        said = f"{refused.message} {refused.hint}".strip()
        form = ReasonForm(url=request.path, reason=reason, error=said)
        found.refresh_from_db()
        return _page(request, actor, found, {"cancel": form}, 422)
    messages.success(request, gettext("It is cancelled."))
    return go(request, reverse("delivery", args=[found.pk]))


def _quickly(
    request: HttpRequest, actor: Actor, found: Delivery, act: Callable[[Actor, uuid.UUID], Delivery]
) -> HttpResponse:
    """Somebody may have been faster: then that is told, and the page shows how it is."""
    try:
        act(actor, found.pk)
    except Conflict as refused:
        messages.info(request, f"{refused.message} {refused.hint}".strip())
    return go(request, reverse("delivery", args=[found.pk]))


def _document(actor: Actor, found: Delivery) -> Document | None:
    """The first document of the message that the actor may see; None for a message that holds none."""
    documents = visible_to(actor).select_related("party", "folder")
    first = (
        documents.filter(enclosed_in__communication=found.communication_id).order_by("enclosed_in__position").first()
    )
    if first is None and Enclosure.objects.filter(communication=found.communication_id).exists():
        raise NotFound(gettext("There is no such delivery."), hint=gettext("Check the address."))
    return first


def _address(found: Delivery) -> str:
    return found.address if found.channel == "email" else ""


def _page(
    request: HttpRequest, actor: Actor, found: Delivery, forms: dict[str, ReasonForm], status: int = 200
) -> HttpResponse:
    filled = delivery.page_of(request, actor, found, _document(actor, found), forms)
    return show(request, "desk/delivery.html", filled, status)

"""Channels and destinations."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from postroom.delivery.actions.set_destination import set_destination
from postroom.delivery.actions.switch_destination import switch_destination
from postroom.delivery.errors import BadDestination
from postroom.delivery.models import Destination
from postroom.kernel import registry
from postroom.kernel.errors import NotFound
from postroom.web import asked
from postroom.web.access import acts, needs
from postroom.web.answers import go, show
from postroom.web.fill.settings import channels, config_form
from postroom.web.shell import actor_of

_LIST, _FORM = "desk/settings/channels.html", "desk/settings/destination.html"


@needs("channel.manage")
def index(request: HttpRequest) -> HttpResponse:
    return show(request, _LIST, channels.channels_page(actor_of(request)))


@needs("channel.manage", post=())
def new(request: HttpRequest) -> HttpResponse:
    """``?kind=email``: which channel the new destination belongs to."""
    actor = actor_of(request)
    kind = asked.posted(request, "kind") or asked.text(request, "kind")
    if kind not in registry.names("channels"):
        messages.info(request, gettext("Choose which channel the new destination is for."))
        return go(request, reverse("settings-channels"))
    if request.method != "POST":
        return show(request, _FORM, channels.destination_page(actor, key="", channel=kind, values={}, new=True))
    key = asked.posted(request, "key").strip()
    return _kept(request, key, kind, new=True, key_error=_wrong_key(key))


@needs("channel.manage", post=())
def page(request: HttpRequest, destination: str) -> HttpResponse:
    actor, found = actor_of(request), _destination(destination)
    if request.method == "POST":
        return _kept(request, found.key, found.channel, enabled=found.enabled)
    form = channels.destination_page(
        actor, key=found.key, channel=found.channel, values=found.config, enabled=found.enabled
    )
    return show(request, _FORM, form)


@acts("channel.manage")
def check(request: HttpRequest, destination: str) -> HttpResponse:
    """Tries the destination and tells what it found; a reload tries again, which does no harm."""
    found = _destination(destination)
    return show(request, _LIST, channels.channels_page(actor_of(request), destination, channels.examine(found)))


@acts("channel.manage")
def switch(request: HttpRequest, destination: str) -> HttpResponse:
    enabled = asked.posted(request, "to") == "on"
    switch_destination(actor_of(request), destination, enabled=enabled)
    out = gettext("{key} is chosen no more. What waits goes on as soon as it is used again.")
    said = gettext("{key} is in use.") if enabled else out
    messages.success(request, said.format(key=destination))
    return go(request, reverse("settings-channels"))


def _kept(
    request: HttpRequest, key: str, kind: str, *, new: bool = False, enabled: bool = True, key_error: str = ""
) -> HttpResponse:
    """Keep what the form says, or give it back with every mistake named at its field."""
    actor = actor_of(request)
    config = registry.provider("channels", kind).Config
    values = config_form.typed(config, request.POST)
    ready, errors = config_form.checked(config, values)
    error = ""
    if not errors and not key_error:
        try:
            set_destination(actor, key, kind, ready, enabled=enabled)
        except BadDestination as refused:
            error = f"{refused.message} {refused.hint}".strip()
    if errors or key_error or error:
        shown: dict[str, Any] = {name: values.get(name, "") for name in config.model_fields}
        form = channels.destination_page(
            actor,
            key=key,
            channel=kind,
            values=shown,
            new=new,
            enabled=enabled,
            errors=errors,
            error=error,
            key_error=key_error,
        )
        return show(request, _FORM, form, 422)
    messages.success(request, gettext("{key} is set up. Check whether it answers.").format(key=key))
    return go(request, reverse("settings-channels"))


def _wrong_key(key: str) -> str:
    try:
        validate_slug(key)
    except ValidationError:
        return gettext("A name has letters, digits, - and _, without spaces.")
    if key == "new":
        return gettext("This name is taken by an address of the desk.")
    if len(key) > 60:
        return gettext("At most 60 characters.")
    if Destination.objects.filter(key=key).exists():
        return gettext("There is a destination of this name already.")
    return ""


def _destination(key: str) -> Destination:
    found = Destination.objects.filter(key=key).first()
    if found is None:
        raise NotFound(gettext("There is no such destination."), hint=gettext("Look at the list of channels."))
    return found

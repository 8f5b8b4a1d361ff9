"""Folders and the roles that see them."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from postroom.documents.actions.open_folder import open_folder
from postroom.documents.models import Folder
from postroom.web.access import needs
from postroom.web.answers import go, show
from postroom.web.fill.settings import folders
from postroom.web.shell import actor_of


@needs("user.manage", post=())
def index(request: HttpRequest) -> HttpResponse:
    """POST: the ticks of all folders that were on the page (``folder``), each named ``see-<folder>``."""
    actor = actor_of(request)
    if request.method != "POST":
        return show(request, "desk/settings/folders.html", folders.page_of(actor))
    offered = set(folders.shown_roles())
    with transaction.atomic():
        for folder in Folder.objects.filter(key__in=request.POST.getlist("folder")).order_by("key"):
            ticked = [role for role in request.POST.getlist(f"see-{folder.key}") if role in offered]
            open_folder(actor, folder.key, ticked)
    messages.success(request, gettext("Kept. It holds from now on."))
    return go(request, reverse("settings-folders"))

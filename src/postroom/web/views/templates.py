"""What documents are made from."""

from __future__ import annotations

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from postroom.composition.models import TemplateVersion
from postroom.composition.queries import live_pack, numbered
from postroom.documents.models import Document
from postroom.web import words
from postroom.web.access import needs
from postroom.web.answers import send_picture, show
from postroom.web.fill import names
from postroom.web.fill.drafts import drafts_on_their_way
from postroom.web.fill.samples_of import first_sample
from postroom.web.pages import TemplateCard, TemplatesPage
from postroom.web.shell import actor_of
from postroom.web.thumbs import MIDDLE, page_png


@needs("template.view")
def index(request: HttpRequest) -> HttpResponse:
    newest = TemplateVersion.objects.select_related("template").order_by("template_id", "-no").distinct("template_id")
    used = dict(Document.objects.order_by().values_list("kind").annotate(count=Count("pk")))
    page = TemplatesPage(
        cards=tuple(_card(version, used.get(version.template_id, 0)) for version in newest),
        drafts=drafts_on_their_way(actor_of(request)),
    )
    return show(request, "desk/templates.html", page)


@needs("template.view")
def picture(request: HttpRequest, key: str, no: int) -> HttpResponse:
    """The first page of the first sample."""
    version = numbered(key, no)
    return send_picture(page_png(version.pk, 1, MIDDLE, lambda: first_sample(version)))


def _card(version: TemplateVersion, used: int) -> TemplateCard:
    manifest = live_pack(version.pk).pack.manifest
    times = (
        ngettext("{count} time", "{count} times", used).format(count=words.count(used)) if used else gettext("not yet")
    )
    return TemplateCard(
        name=version.template.name,
        key=version.template_id,
        version=gettext("{no}, {day}").format(no=version.no, day=words.day(words.local(version.published_at).date())),
        language=", ".join(names.language(tag) for tag in manifest.languages),
        thumb_url=reverse("template-picture", args=[version.template_id, version.no]),
        url=reverse("template", args=[version.template_id]),
        lane=version.engine.capitalize() or version.lane,
        used=times,
    )

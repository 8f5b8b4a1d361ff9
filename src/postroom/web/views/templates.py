"""What documents are made from."""

from __future__ import annotations

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from postroom.composition import where_used
from postroom.composition.models import TemplateVersion
from postroom.composition.queries import live_pack, numbered
from postroom.documents.models import Document
from postroom.kernel.errors import NotFound
from postroom.web import asked, words
from postroom.web.access import needs
from postroom.web.answers import send_picture, show
from postroom.web.fill import names
from postroom.web.fill.drafts import drafts_on_their_way
from postroom.web.fill.samples_of import first_sample
from postroom.web.fill.uses import uses_page
from postroom.web.pages import TemplateCard, TemplatesPage
from postroom.web.pages.uses import UsesPage
from postroom.web.shell import actor_of
from postroom.web.thumbs import MIDDLE, sample_png

_PICTURES = {"svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg"}


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
    return send_picture(sample_png(version.pk, MIDDLE, lambda: first_sample(version)))


@needs("template.view")
def uses(request: HttpRequest) -> HttpResponse:
    """Every field, font and picture of the house; ``?field=``, ``?font=`` or ``?image=`` opens one."""
    return show(request, "desk/uses.html", _uses(request, ""))


@needs("template.view")
def uses_of(request: HttpRequest, key: str) -> HttpResponse:
    """The same of one template."""
    return show(request, "desk/uses.html", _uses(request, key))


@needs("template.view")
def used_picture(request: HttpRequest, digest: str) -> HttpResponse:
    """A picture of a template by its digest. Shown as a picture and nothing else, whatever its bytes are."""
    found = where_used.image(digest) if len(digest) == 64 else None
    if found is None:
        raise NotFound(gettext("No template has that picture now."), hint=gettext("Open the list again."))
    name, content = found
    response = HttpResponse(content, content_type=_PICTURES.get(name.rpartition(".")[2].lower(), "image/png"))
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    response["Cache-Control"] = "private, max-age=3600, immutable"
    return response


def _uses(request: HttpRequest, key: str) -> UsesPage:
    return uses_page(
        actor_of(request),
        key,
        field=asked.text(request, "field"),
        font=asked.text(request, "font", 200),
        image=asked.text(request, "image", 64),
    )


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

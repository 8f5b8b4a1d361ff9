"""What the viewer of a document shows, and which of its versions."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext

from postroom.composition.models import TemplateVersion
from postroom.documents.models import Document, Version
from postroom.vault.read import read_blob
from postroom.web import asked, words
from postroom.web.fill import names
from postroom.web.fill.pages_of import MOST, images
from postroom.web.pages import PageImage
from postroom.web.pages.viewer import VersionRow, Viewer, ViewKind

#: Pictures every browser shows. SVG is not among them: it can hold scripts.
_IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"})
_TEXTS = frozenset({"text/plain", "text/csv", "application/json", "application/xml", "text/xml"})
_SHOWN_OCTETS = 200_000


def kind_of(media_type: str) -> ViewKind:
    """How bytes of a media type can be shown honestly; "none" when only a program of their own can."""
    if media_type == "application/pdf":
        return "pdf"
    if media_type in _IMAGES:
        return "image"
    if media_type == "text/html":
        return "html"
    return "text" if media_type in _TEXTS else "none"


def viewer(request: HttpRequest, document: Document, version: Version, *, name: str, shape: str, old: bool) -> Viewer:
    """``old``: the version is not the one in force, so every address names it."""
    kind = kind_of(version.media_type)
    asks = f"?{urlencode({'version': version.no})}" if old else ""
    text, cut = _text(version) if kind == "text" else ("", False)
    hidden = version.pages - MOST
    return Viewer(
        kind=kind,
        name=name,
        about=", ".join(
            part for part in (shape or version.media_type, pages(version), words.size(version.size)) if part
        ),
        content_url=reverse("document-pdf" if kind == "pdf" else "document-content", args=[document.pk]) + asks,
        download_url=reverse("document-download", args=[document.pk]) + asks,
        pages=tuple(
            PageImage(url=page.url + asks, number=page.number, width=page.width, height=page.height)
            for page in images(document, version)
        ),
        page_count=version.pages,
        find=_words(request),
        text=text,
        cut=cut,
        more=ngettext(
            "{count} more page has no picture here; it is in the file.",
            "{count} more pages have no picture here; they are in the file.",
            hidden,
        ).format(count=words.count(hidden))
        if hidden > 0
        else "",
        media_type=version.media_type,
    )


def pages(version: Version) -> str:
    """12 pages; "" for what has none."""
    if not version.pages:
        return ""
    return ngettext("{count} page", "{count} pages", version.pages).format(count=words.count(version.pages))


def versions(found: list[Version], document: Document, shown: Version) -> tuple[VersionRow, ...]:
    """Newest first; one query for all templates."""
    ids = {version.template_version_id for version in found if version.template_version_id}
    made = {row.pk: row for row in TemplateVersion.objects.select_related("template").filter(pk__in=ids)}
    rows = []
    for version in found:
        template = made.get(version.template_version_id) if version.template_version_id else None
        by = gettext("{name}, version {no}").format(name=template.template.name, no=template.no) if template else ""
        newest = version.no == found[0].no
        asks = "" if newest else f"?{urlencode({'version': version.no})}"
        rows.append(
            VersionRow(
                no=version.no,
                url=reverse("document", args=[document.pk]) + asks,
                download_url=reverse("document-download", args=[document.pk]) + asks,
                when=words.moment(version.created_at),
                when_iso=version.created_at.isoformat(),
                made_by=", ".join(part for part in (by, version.engine) if part) or gettext("Came in as it is"),
                about=", ".join(part for part in (pages(version), words.size(version.size)) if part),
                digest=bytes(version.sha256).hex(),
                reproducible=version.reproducible,
                shown=version.no == shown.no,
                newest=newest,
            )
        )
    return tuple(rows)


def kind_name(document: Document, template: TemplateVersion | None) -> str:
    """What people call a document of this kind."""
    return template.template.name if template else names.kind(document.kind, {})


def _text(version: Version) -> tuple[str, bool]:
    """The beginning of a text as people read it, and whether there is more."""
    content = read_blob(version.blob)
    return content[:_SHOWN_OCTETS].decode("utf-8", "replace"), len(content) > _SHOWN_OCTETS


def _words(request: HttpRequest) -> str:
    """The words of the search that led here: ``?q=``, or those of the list this page was opened from."""
    if given := asked.text(request, "q"):
        return given
    came = urlsplit(request.headers.get("Referer", ""))
    if came.netloc != request.get_host() or came.path != reverse("documents"):
        return ""
    return " ".join(parse_qs(came.query).get("q", [""])[0].replace("\x00", " ").split())[:300]

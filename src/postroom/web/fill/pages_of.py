"""The pages of a document as pictures."""

from __future__ import annotations

from django.urls import reverse

from postroom.documents.models import Document, Version
from postroom.web.pages import PageImage
from postroom.web.thumbs import LARGE

#: Pages shown at once; the file holds them all.
MOST = 60


def images(document: Document, version: Version, most: int = MOST) -> tuple[PageImage, ...]:
    """The pictures of the desk, of the first ``most`` pages."""
    if version.media_type != "application/pdf":
        return ()
    return tuple(
        PageImage(url=reverse("document-page", args=[document.pk, number, LARGE]), number=number)
        for number in range(1, min(version.pages, most) + 1)
    )

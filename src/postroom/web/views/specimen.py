"""Every part of the desk on one page, and every page on a sample: only in development mode (``POSTROOM_DEBUG=1``)."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from postroom.kernel.errors import NotFound
from postroom.web import samples
from postroom.web.access import needs
from postroom.web.pages import Links

_PAPER = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 210 297"><path fill="#fff" d="M0 0h210v297H0z"/>'
    b'<path stroke="#5b6a70" stroke-width="3" d="M24 34h52M24 82h70M24 92h58M24 132h162M24 144h162M24 156h120"/></svg>'
)


@needs()
def page(request: HttpRequest, name: str = "specimen") -> HttpResponse:
    """The sample called ``name``; its buttons lead nowhere. Raises NotFound."""
    sample = samples.SAMPLES.get(name)
    if sample is None:
        known = ", ".join(samples.SAMPLES)
        raise NotFound("There is no sample of this name.", hint=known)
    shell = replace(samples.SHELL, section=sample.section, links=Links())
    return render(request, sample.template, {"page": sample.page, "shell": shell})


@needs()
def paper(request: HttpRequest) -> HttpResponse:
    """The page that samples show: it belongs to nobody."""
    return HttpResponse(_PAPER, content_type="image/svg+xml")

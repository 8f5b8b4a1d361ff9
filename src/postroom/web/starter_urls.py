"""The addresses of the starter gallery. They stand before those of templates: no template may be called so."""

from __future__ import annotations

from django.urls import path

from postroom.web.views import starters

urlpatterns = [
    path("templates/starters/", starters.index, name="starters"),
    path("templates/starters/<slug:starter>.png", starters.picture, name="starter-picture"),
    path("templates/starters/<slug:starter>/", starters.page, name="starter"),
]

"""The addresses where it is said what templates are made of, and where else that is used."""

from __future__ import annotations

from django.urls import path

from postroom.web.views import templates

urlpatterns = [
    path("templates/uses/", templates.uses, name="uses"),
    path("templates/uses/<str:digest>/picture/", templates.used_picture, name="used-picture"),
    path("templates/<slug:key>/uses/", templates.uses_of, name="template-uses"),
]

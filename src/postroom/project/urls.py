"""Every address of the desk, the portal and the API."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from postroom.api.api import api

urlpatterns: list[URLPattern | URLResolver] = [path("api/v1/", api.urls)]

"""The addresses of the guide."""

from __future__ import annotations

from django.urls import path

from postroom.web.views import help as views

urlpatterns = [
    path("help/", views.index, name="help"),
    path("help/words/", views.words, name="help-words"),
    path("help/tour/put-away/", views.tour_away, name="help-tour-away"),
    path("help/<slug:key>/", views.topic, name="help-topic"),
]

"""The addresses at which an operator is in control: of a run, a part of it, one delivery."""

from __future__ import annotations

from django.urls import path

from postroom.web.views import delivery, run_control

urlpatterns = [
    path("runs/<str:ref>/hold/", run_control.hold, name="run-hold"),
    path("runs/<str:ref>/release/", run_control.release, name="run-release"),
    path("runs/<str:ref>/part/", run_control.part, name="run-part"),
    path("deliveries/<uuid:delivery_id>/hold/", delivery.hold, name="delivery-hold"),
    path("deliveries/<uuid:delivery_id>/release/", delivery.release, name="delivery-release"),
    path("deliveries/<uuid:delivery_id>/cancel/", delivery.cancel, name="delivery-cancel"),
]

"""The addresses of schedules, which stand before those of runs: a run is named R-.., and never "schedules"."""

from __future__ import annotations

from django.urls import path

from postroom.web.views import schedules

_ONE = "runs/schedules/<slug:schedule>/"

urlpatterns = [
    path("runs/schedules/", schedules.index, name="schedules"),
    path("runs/schedules/new/", schedules.new, name="schedule-new"),
    path("runs/schedules/next/", schedules.coming, name="schedule-next"),
    path(_ONE, schedules.page, name="schedule"),
    path(f"{_ONE}edit/", schedules.edit, name="schedule-edit"),
    path(f"{_ONE}run/", schedules.start, name="schedule-run"),
    path(f"{_ONE}pause/", schedules.pause, name="schedule-pause"),
    path(f"{_ONE}resume/", schedules.resume, name="schedule-resume"),
    path(f"{_ONE}remove/", schedules.remove, name="schedule-remove"),
    path(f"{_ONE}restore/", schedules.restore, name="schedule-restore"),
]

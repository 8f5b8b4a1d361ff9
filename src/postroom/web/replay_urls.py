"""The addresses of a draft's tests and its replay."""

from __future__ import annotations

from django.urls import path

from postroom.web.views import replays

_DRAFT = "templates/drafts/<uuid:draft>/"

urlpatterns = [
    path(f"{_DRAFT}test/", replays.test, name="draft-test"),
    path(f"{_DRAFT}test/picture/", replays.test_picture, name="draft-test-picture"),
    path(f"{_DRAFT}replay/", replays.page, name="draft-replay"),
    path(f"{_DRAFT}replay/live/", replays.live, name="draft-replay-live"),
    path(f"{_DRAFT}replay/start/", replays.start, name="draft-replay-start"),
    path(f"{_DRAFT}replay/stop/", replays.stop, name="draft-replay-stop"),
    path(f"{_DRAFT}replay/picture/", replays.case_picture, name="draft-replay-picture"),
    path(f"{_DRAFT}replay/masked/", replays.masked_case_picture, name="draft-replay-masked-picture"),
]

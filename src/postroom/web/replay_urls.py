"""The addresses of a draft's tests and its replay, and of the replay of a change of a house part."""

from __future__ import annotations

from django.urls import path

from postroom.web.views import part_replays, replays

_DRAFT = "templates/drafts/<uuid:draft>/"
_PART = "templates/house/<slug:kind>/<slug:part>/replay/"

urlpatterns = [
    path(f"{_DRAFT}test/", replays.test, name="draft-test"),
    path(f"{_DRAFT}test/picture/", replays.test_picture, name="draft-test-picture"),
    path(f"{_DRAFT}replay/", replays.page, name="draft-replay"),
    path(f"{_DRAFT}replay/live/", replays.live, name="draft-replay-live"),
    path(f"{_DRAFT}replay/start/", replays.start, name="draft-replay-start"),
    path(f"{_DRAFT}replay/stop/", replays.stop, name="draft-replay-stop"),
    path(f"{_DRAFT}replay/picture/", replays.case_picture, name="draft-replay-picture"),
    path(f"{_DRAFT}replay/masked/", replays.masked_case_picture, name="draft-replay-masked-picture"),
    path(_PART, part_replays.page, name="house-part-replay"),
    path(f"{_PART}live/", part_replays.live, name="house-part-replay-live"),
    path(f"{_PART}start/", part_replays.start, name="house-part-replay-start"),
    path(f"{_PART}stop/", part_replays.stop, name="house-part-replay-stop"),
    path(f"{_PART}picture/", part_replays.case_picture, name="house-part-replay-picture"),
    path(f"{_PART}masked/", part_replays.masked_case_picture, name="house-part-replay-masked-picture"),
]

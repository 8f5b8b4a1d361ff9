"""The specimen: every part of the desk on one page, for whoever changes one. It has no address outside development."""

from __future__ import annotations

from typing import Any

import pytest

from desk_kit import desk_of, said


def test_outside_development_there_is_no_specimen(user_of: Any) -> None:
    assert desk_of(user_of)("administrator").get("/specimen/").status_code == 404


def test_in_development_each_sample_is_shown_to_who_is_signed_in(user_of: Any, db: Any) -> None:
    from django.test import RequestFactory

    from postroom.kernel.errors import NotFound
    from postroom.web import samples
    from postroom.web.views import specimen

    request = RequestFactory().get("/specimen/")
    request.user = user_of("author")
    request.session = {}
    # when each is asked for, then it is a page
    for name in samples.SAMPLES:
        answer = specimen.page(request, name)
        assert answer.status_code == 200 and "<h1" in said(answer), name
    assert specimen.paper(request)["Content-Type"] == "image/svg+xml"
    # and a name nobody knows is told with those there are
    with pytest.raises(NotFound) as caught:
        specimen.page(request, "nothing")
    assert "specimen" in caught.value.hint

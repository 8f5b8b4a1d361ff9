"""Asked by a form before it leaves: does the desk answer, and is the same person still signed in?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token

from postroom.web.access import public
from postroom.web.standing import digest_of


@public("says to a browser whether it is signed in, and nothing else")
def answer(request: HttpRequest) -> HttpResponse:
    """``{"person": "digest", "csrf": "token"}``. Both are empty for nobody.

    The token is renewed by each sign-in; with it, a form that was open before can be sent after.
    """
    person = digest_of(request)
    return JsonResponse({"person": person, "csrf": get_token(request) if person else ""})

"""The addresses of letters and of the limits that ask for a second person."""

from __future__ import annotations

from django.urls import path

from postroom.web.views import letter_acts, letters

_ONE = "letters/<uuid:letter_id>/"
_LIMIT = "settings/letters/<uuid:limit_id>/"

urlpatterns = [
    path("letters/", letters.index, name="letters"),
    path("letters/new/", letters.new, name="letter-new"),
    path(_ONE, letters.page, name="letter"),
    path(f"{_ONE}parties/", letters.parties, name="letter-parties"),
    path(f"{_ONE}mail.html", letters.mail, name="letter-mail"),
    path(f"{_ONE}withdraw/", letter_acts.withdraw, name="letter-withdraw"),
    path(f"{_ONE}delete/", letter_acts.delete, name="letter-delete"),
    path(f"{_ONE}restore/", letter_acts.restore, name="letter-restore"),
    path(f"{_ONE}version/", letter_acts.version, name="letter-version"),
    path(f"{_ONE}approve/", letter_acts.approve, name="letter-approve"),
    path(f"{_ONE}send-back/", letter_acts.send_back, name="letter-send-back"),
    path(f"{_ONE}take-out/", letter_acts.take_out, name="letter-take-out"),
    path("settings/letters/", letter_acts.limits, name="settings-letters"),
    path(f"{_LIMIT}remove/", letter_acts.remove, name="settings-letter-remove"),
    path(f"{_LIMIT}restore/", letter_acts.bring_back, name="settings-letter-restore"),
]

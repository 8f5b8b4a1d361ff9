"""The addresses of the studio."""

from __future__ import annotations

from django.urls import path

from postroom.web.views.studio import conditions, live, texts, word, words

_STUDIO = "templates/drafts/<uuid:draft>/studio/"

urlpatterns = [
    path(_STUDIO, live.page, name="studio"),
    path(f"{_STUDIO}page/", live.look, name="studio-page"),
    path(f"{_STUDIO}where/", live.where, name="studio-where"),
    path(f"{_STUDIO}save/", live.save, name="studio-save"),
    path(f"{_STUDIO}mail/", live.mail, name="studio-mail"),
    path(f"{_STUDIO}words/", words.page, name="studio-words"),
    path(f"{_STUDIO}conditions/", conditions.page, name="studio-conditions"),
    path(f"{_STUDIO}texts/", texts.page, name="studio-texts"),
    path(f"{_STUDIO}word/", word.page, name="studio-word"),
]

"""The addresses where a masked sample is made of a real record."""

from __future__ import annotations

from django.urls import path

from postroom.web.views import sample_capture

urlpatterns = [
    path("documents/<uuid:document_id>/sample/", sample_capture.of_a_document, name="document-sample"),
    path("runs/<str:ref>/set-aside/<uuid:record_id>/sample/", sample_capture.of_a_record, name="record-sample"),
    path("templates/drafts/<uuid:draft>/replay/sample/", sample_capture.of_a_case, name="draft-replay-sample"),
]

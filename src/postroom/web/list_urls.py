"""The addresses around the lists: panels, facets, exports, acts on many, and what people choose for a list."""

from __future__ import annotations

from django.urls import path

from postroom.web.views import bulk, deliveries, documents, lists, parties, peeks, runs, set_aside

urlpatterns = [
    path("documents/facets/", documents.narrow, name="document-facets"),
    path("documents/export.csv", documents.export, name="documents-export"),
    path("documents/zip/", bulk.documents_zip, name="documents-zip"),
    path("documents/reprint/", bulk.reprint, name="documents-reprint"),
    path("documents/<uuid:document_id>/peek/", peeks.document, name="document-peek"),
    path("deliveries/export.csv", deliveries.export, name="deliveries-export"),
    path("deliveries/resend/", bulk.resend, name="deliveries-resend"),
    path("deliveries/decide/", bulk.decide, name="deliveries-decide"),
    path("deliveries/hold/", bulk.hold, name="deliveries-hold"),
    path("deliveries/release/", bulk.release, name="deliveries-release"),
    path("deliveries/cancel/", bulk.cancel, name="deliveries-cancel"),
    path("deliveries/<uuid:delivery_id>/peek/", peeks.delivery, name="delivery-peek"),
    path("runs/export.csv", runs.export, name="runs-export"),
    path("runs/<str:ref>/peek/", peeks.run, name="run-peek"),
    path("parties/export.csv", parties.export, name="parties-export"),
    path("parties/<uuid:party_id>/peek/", peeks.party, name="party-peek"),
    path("set-aside/export.csv", set_aside.export, name="set-aside-export"),
    path("set-aside/hand-in/", bulk.hand_in, name="set-aside-hand-in"),
    path("set-aside/<uuid:record_id>/peek/", peeks.set_aside, name="set-aside-peek"),
    path("lists/jobs/", bulk.work, name="bulk-work"),
    path("lists/jobs/live/", bulk.work_live, name="bulk-work-live"),
    path("lists/views/save/", lists.save, name="view-save"),
    path("lists/views/rename/", lists.rename, name="view-rename"),
    path("lists/views/pin/", lists.pin, name="view-pin"),
    path("lists/views/delete/", lists.delete, name="view-delete"),
    path("lists/views/restore/", lists.restore, name="view-restore"),
    path("lists/columns/", lists.columns, name="list-columns"),
    path("lists/density/", lists.density, name="list-density"),
]

"""The addresses of the desk and the portal. Each view says what it asks of its caller (``postroom.web.access``)."""

from __future__ import annotations

from django.urls import path

from postroom.web.views import (
    deliveries,
    delivery,
    document,
    documents,
    enter,
    health,
    home,
    outbox,
    parties,
    portal,
    run,
    runs,
    templates,
)

_DOCUMENT, _DELIVERY = "documents/<uuid:document_id>/", "deliveries/<uuid:delivery_id>/"
_PORTAL = "portal/<str:token>/"

urlpatterns = [
    path("", home.page, name="home"),
    path("home/live/", home.live, name="home-live"),
    path("home/step/<int:number>/", home.step, name="home-step"),
    path("home/hide/", home.hide, name="home-hide"),
    path("runs/", runs.index, name="runs"),
    path("runs/live/", runs.live, name="runs-live"),
    path("runs/<str:ref>/", run.page, name="run"),
    path("runs/<str:ref>/live/", run.live, name="run-live"),
    path("runs/<str:ref>/balance.json", run.balance_json, name="run-balance"),
    path("runs/<str:ref>/cancel/", run.cancel, name="run-cancel"),
    path("runs/<str:ref>/set-aside/<uuid:record_id>/", run.set_aside, name="set-aside"),
    path("documents/", documents.index, name="documents"),
    path(_DOCUMENT, document.page, name="document"),
    path(f"{_DOCUMENT}pages/<int:number>-<int:width>.png", document.picture, name="document-page"),
    path(f"{_DOCUMENT}download/", document.download, name="document-download"),
    path(f"{_DOCUMENT}reprint/", document.reprint, name="document-reprint"),
    path(f"{_DOCUMENT}resend/", document.resend, name="document-resend"),
    path("deliveries/", deliveries.index, name="deliveries"),
    path(_DELIVERY, delivery.page, name="delivery"),
    path(f"{_DELIVERY}resend/", delivery.send_again, name="delivery-resend"),
    path(f"{_DELIVERY}decide/", delivery.decide, name="delivery-decide"),
    path("parties/", parties.index, name="parties"),
    path("parties/<uuid:party_id>/", parties.page, name="party"),
    path("templates/", templates.index, name="templates"),
    path("templates/<slug:key>/<int:no>.png", templates.picture, name="template-picture"),
    path("outbox/", outbox.index, name="outbox"),
    path("outbox/<str:mail_id>/", outbox.mail, name="mail"),
    path("outbox/<str:mail_id>/body.html", outbox.html, name="mail-html"),
    path("outbox/<str:mail_id>/source.eml", outbox.source, name="mail-source"),
    path("outbox/<str:mail_id>/files/<int:number>/", outbox.attachment, name="mail-attachment"),
    path("enter/<str:secret>/", enter.enter, name="enter"),
    path(_PORTAL, portal.enter, name="portal"),
    path(f"{_PORTAL}documents/", portal.index, name="portal-documents"),
    path(f"{_PORTAL}documents/<uuid:document_id>/", portal.document, name="portal-document"),
    path(
        f"{_PORTAL}documents/<uuid:document_id>/pages/<int:number>-<int:width>.png", portal.picture, name="portal-page"
    ),
    path(f"{_PORTAL}documents/<uuid:document_id>/download/", portal.download, name="portal-download"),
    path("healthz", health.healthz, name="healthz"),
]

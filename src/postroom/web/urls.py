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
    sessions,
    single_sign_on,
    templates,
)
from postroom.web.views.settings import channels, folders, house, people, tokens

_DOCUMENT, _DELIVERY = "documents/<uuid:document_id>/", "deliveries/<uuid:delivery_id>/"
_PORTAL = "portal/<str:token>/"
_PERSON, _DESTINATION = "settings/people/<int:user_id>/", "settings/channels/<slug:destination>/"

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
    path("sessions/", sessions.index, name="sessions"),
    path("sessions/<int:session>/end/", sessions.end, name="session-end"),
    path("sessions/end-others/", sessions.end_others, name="sessions-end-others"),
    path("account/sso/", single_sign_on.begin, name="sso"),
    path("account/sso/back/", single_sign_on.back, name="sso-back"),
    path("settings/", house.index, name="settings"),
    path("settings/people/", people.index, name="settings-people"),
    path("settings/people/invite/", people.invite, name="settings-invite"),
    path(_PERSON, people.page, name="settings-person"),
    path(f"{_PERSON}roles/", people.roles, name="settings-person-roles"),
    path(f"{_PERSON}deactivate/", people.deactivate, name="settings-person-deactivate"),
    path(f"{_PERSON}reactivate/", people.reactivate, name="settings-person-reactivate"),
    path(f"{_PERSON}link/", people.link, name="settings-person-link"),
    path("settings/tokens/", tokens.index, name="settings-tokens"),
    path("settings/tokens/<int:token_id>/revoke/", tokens.revoke, name="settings-token-revoke"),
    path("settings/channels/", channels.index, name="settings-channels"),
    path("settings/channels/new/", channels.new, name="settings-destination-new"),
    path(_DESTINATION, channels.page, name="settings-destination"),
    path(f"{_DESTINATION}check/", channels.check, name="settings-destination-check"),
    path(f"{_DESTINATION}switch/", channels.switch, name="settings-destination-switch"),
    path("settings/folders/", folders.index, name="settings-folders"),
    path("settings/health/", house.health, name="settings-health"),
    path("settings/about/", house.about, name="settings-about"),
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

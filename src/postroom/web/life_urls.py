"""The addresses of templates' lives: versions, drafts, reviews, content blocks and brands."""

from __future__ import annotations

from django.urls import path

from postroom.web.views import conflicts, drafts, going_back, house_parts

_DRAFT = "templates/drafts/<uuid:draft>/"
_PART = "templates/house/<slug:kind>/<slug:part>/"

urlpatterns = [
    path("templates/house/", house_parts.index, name="house-parts"),
    path("templates/house/new/<slug:kind>/", house_parts.new, name="house-part-new"),
    path("templates/house/brand/<slug:part>/logo/<uuid:version>/", house_parts.picture, name="house-part-picture"),
    path(_PART, house_parts.page, name="house-part"),
    path(f"{_PART}pages/", house_parts.pages, name="house-part-page"),
    path(f"{_PART}back/<int:no>/", house_parts.back, name="house-part-back"),
    path(f"{_PART}<slug:step>/", house_parts.step, name="house-part-step"),
    path(_DRAFT, drafts.page, name="draft"),
    path(f"{_DRAFT}save/", drafts.save, name="draft-save"),
    path(f"{_DRAFT}conflicts/<uuid:conflict>/", conflicts.page, name="draft-conflict"),
    path(f"{_DRAFT}conflicts/<uuid:conflict>/file/", conflicts.file, name="draft-conflict-download"),
    path(f"{_DRAFT}review/", drafts.review, name="draft-review"),
    path(f"{_DRAFT}pages/", drafts.pages, name="draft-page"),
    path(f"{_DRAFT}comment/", drafts.comment, name="draft-comment"),
    path(f"{_DRAFT}comments/<uuid:comment_id>/", drafts.settle, name="draft-comment-settle"),
    path(f"{_DRAFT}send/", drafts.send, name="draft-send"),
    path(f"{_DRAFT}withdraw/", drafts.withdraw, name="draft-withdraw"),
    path(f"{_DRAFT}approve/", drafts.approve, name="draft-approve"),
    path(f"{_DRAFT}reject/", drafts.reject, name="draft-reject"),
    path(f"{_DRAFT}publish/", drafts.publish, name="draft-publish"),
    path(f"{_DRAFT}rebase/", drafts.rebase, name="draft-rebase"),
    path(f"{_DRAFT}discard/", drafts.discard, name="draft-discard"),
    path(f"{_DRAFT}bring-back/", drafts.bring_back, name="draft-bring-back"),
    path("templates/<slug:key>/", drafts.template, name="template"),
    path("templates/<slug:key>/draft/", drafts.begin, name="draft-begin"),
    path("templates/<slug:key>/back/<int:no>/", going_back.back, name="template-back"),
    path("templates/<slug:key>/back/<int:no>/live/", going_back.live, name="template-back-live"),
]

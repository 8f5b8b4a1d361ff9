"""Acts on what is selected: asked with GET (what would happen, at an address of its own), done with POST, once."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import cast

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext

from postroom.delivery import models as m
from postroom.delivery.models import Delivery
from postroom.delivery.queries import deliveries_visible_to
from postroom.documents.actions.reprint import reprint as reprint_document
from postroom.documents.models import Document
from postroom.documents.queries import visible_to
from postroom.identity.models import User
from postroom.kernel.errors import BadInput
from postroom.production.actions.resubmit_records import resubmit_records
from postroom.production.queries import set_aside_of
from postroom.web import asked, bulk, once, words, zips
from postroom.web.access import needs
from postroom.web.answers import go, show, show_part
from postroom.web.fill import found, names
from postroom.web.fill.listing import address, filters_of
from postroom.web.models import BulkWork
from postroom.web.pages import BulkLine, BulkPage, BulkWorkPage, PeekLine, ReasonForm
from postroom.web.shell import actor_of
from postroom.web.words_states import state_word


@needs("document.view")
def documents_zip(request: HttpRequest) -> HttpResponseBase:
    """The original bytes of the selected documents, by number."""
    rows = _documents(request)
    _some(rows, zips.MOST, may_be_none=False)
    return zips.as_zip("documents.zip", rows.order_by("number", "pk").iterator(chunk_size=50))


@needs("document.view", post=())
def reprint(request: HttpRequest) -> HttpResponseBase:
    """The same bytes to be printed again, each with its note in the ledger."""
    rows, actor = _documents(request), actor_of(request)
    count = rows.count()
    if request.method != "POST":
        return show(request, "desk/bulk.html", _reprint_page(request, rows, count))
    if not once.first_time(request, asked.posted(request, "mark")):
        raise BadInput(
            gettext("This was given out already."), hint=gettext("Go back to the list and select again to repeat it.")
        )
    ordered = rows.order_by("number", "pk").iterator(chunk_size=50)
    return zips.as_zip("reprint.zip", ordered, lambda document, version: reprint_document(actor, document.pk))


@needs("delivery.view", "delivery.resend", post=())
def resend(request: HttpRequest) -> HttpResponse:
    """New deliveries of the same bytes, by the same destinations."""
    rows = _deliveries(request)
    count = rows.count()
    title = ngettext("Send {count} again", "Send {count} again", count).format(count=words.count(count))
    page = BulkPage(
        title=title,
        back_url=_back(request, "deliveries"),
        back=gettext("Back to the deliveries"),
        sentence=gettext("Each becomes a new delivery of the same bytes, by the same destination."),
        lines=_by_channel(rows),
        form=ReasonForm(url=request.get_full_path()),
        mark=once.fresh(),
        button=title,
        count=count,
        ask=gettext("Why are they sent again?"),
        hint=gettext("Kept with each delivery as a part of why it went this way."),
    )
    return _work(request, page, rows, lambda: "resend")


@needs("delivery.view", "delivery.settle", post=())
def decide(request: HttpRequest) -> HttpResponse:
    """What a person knows of deliveries in doubt; all others of the selection are left alone."""
    rows = _deliveries(request).filter(state=m.IN_DOUBT)
    count = rows.count()
    title = ngettext("Decide {count} in doubt", "Decide {count} in doubt", count).format(count=words.count(count))
    page = BulkPage(
        title=title,
        back_url=_back(request, "deliveries"),
        back=gettext("Back to the deliveries"),
        sentence=gettext("Your answer settles each of them and stands in the ledger."),
        lines=_by_channel(rows),
        form=ReasonForm(url=request.get_full_path()),
        mark=once.fresh(),
        button=title,
        count=count,
        ask=gettext("How do you know?"),
        hint=gettext("Such as “found in the relay’s log”."),
        answers=(
            ("arrived", gettext("They arrived: nothing is sent.")),
            ("again", gettext("They did not arrive: they are sent again.")),
        ),
    )
    return _work(request, page, rows, lambda: asked.posted(request, "answer"))


@needs("delivery.view", "delivery.hold", post=())
def hold(request: HttpRequest) -> HttpResponse:
    """Keeps back what has not left of the selection; all others of it are left alone."""
    rows = _deliveries(request).filter(state=m.READY)
    count = rows.count()
    title = ngettext("Hold {count} delivery", "Hold {count} deliveries", count).format(count=words.count(count))
    page = _asking(
        request,
        rows,
        title,
        gettext("They are not sent until somebody releases them."),
        ask=gettext("Why are they held?"),
        hint=gettext("Shown with each delivery until it is released."),
    )
    return _work(request, page, rows, lambda: "hold")


@needs("delivery.view", "delivery.hold", post=())
def release(request: HttpRequest) -> HttpResponse:
    """Lets what is held of the selection go on; what is held with its run goes on with its run."""
    rows = _deliveries(request).filter(state=m.HELD)
    count = rows.count()
    title = ngettext("Release {count} delivery", "Release {count} deliveries", count).format(count=words.count(count))
    page = _asking(request, rows, title, gettext("They are sent as they would have been."))
    return _work(request, page, rows, lambda: "release")


@needs("delivery.view", "delivery.cancel", post=())
def cancel(request: HttpRequest) -> HttpResponse:
    """What has not left of the selection never will."""
    rows = _deliveries(request).filter(state__in=(m.READY, m.HELD))
    count = rows.count()
    title = ngettext("Cancel {count} delivery", "Cancel {count} deliveries", count).format(count=words.count(count))
    page = _asking(
        request,
        rows,
        title,
        gettext("They are never sent, and no fallback takes their place. What has left is left alone."),
        ask=gettext("Why are they cancelled?"),
        hint=gettext("Kept with each delivery."),
    )
    return _work(request, page, rows, lambda: "cancel")


def _asking(
    request: HttpRequest, rows: QuerySet[Delivery], title: str, sentence: str, *, ask: str = "", hint: str = ""
) -> BulkPage:
    return BulkPage(
        title=title,
        back_url=_back(request, "deliveries"),
        back=gettext("Back to the deliveries"),
        sentence=sentence,
        lines=_by_channel(rows),
        form=ReasonForm(url=request.get_full_path()),
        mark=once.fresh(),
        button=title,
        count=rows.count(),
        ask=ask,
        hint=hint,
    )


@needs("run.view", "record.view", "record.correct", post=())
def hand_in(request: HttpRequest) -> HttpResponse:
    """Lets selected records go on as they are, after their cause was mended."""
    ids, actor = found.named(request), actor_of(request)
    rows = set_aside_of(actor).filter(record__in=ids).exclude(record__data="")
    count = rows.count()
    title = ngettext("Let {count} go on again", "Let {count} go on again", count).format(count=words.count(count))
    if request.method == "POST":
        done = resubmit_records(actor, rows.values_list("record_id", flat=True))
        said = ngettext("{count} record goes on.", "{count} records go on.", done.gone_on)
        messages.success(
            request,
            f"{said.format(count=words.count(done.gone_on))} {gettext('What is still wrong comes back here.')}",
        )
        return go(request, reverse("set-aside-all"))
    codes = rows.order_by().values("code").annotate(n=Count("pk")).values_list("code", "n")
    page = BulkPage(
        title=title,
        back_url=_back(request, "set_aside"),
        back=gettext("Back to what is set aside"),
        sentence=gettext("Each goes through every stage again. What is still wrong is set aside again."),
        lines=tuple(BulkLine(text=code.replace("-", " "), count=words.count(number)) for code, number in codes),
        form=ReasonForm(url=request.get_full_path()),
        mark=once.fresh(),
        button=title,
        count=count,
    )
    return show(request, "desk/bulk.html", page)


@needs()
def work(request: HttpRequest) -> HttpResponse:
    """How far a work is: ``?n=`` names it, without it the newest one of this person."""
    return show(request, "desk/bulk_work.html", _work_page(request))


@needs()
def work_live(request: HttpRequest) -> HttpResponse:
    return show_part(request, "desk/_bulk_work_live.html", _work_page(request))


def _work(request: HttpRequest, page: BulkPage, rows: QuerySet[Delivery], act_of: Callable[[], str]) -> HttpResponse:
    """The page that asks; or, handed in with a reason, the work and its progress."""
    if request.method != "POST":
        return show(request, "desk/bulk.html", page)
    reason, act, mark = asked.posted(request, "reason").strip()[:1000], act_of(), asked.posted(request, "mark")
    wrong = ""
    if page.ask and not reason:
        wrong = gettext("A reason is needed.")
    elif act not in ("resend", "hold", "release", "cancel", *(key for key, _ in page.answers)):
        wrong = gettext("Choose one of the two answers.")
    elif page.count > bulk.MOST:
        wrong = gettext("These are too many at once; {count} go together.").format(count=words.count(bulk.MOST))
    if wrong:
        form = ReasonForm(url=page.form.url, reason=reason, error=wrong)
        again = replace(page, form=form, mark=mark or page.mark, answer=act)
        return show(request, "desk/bulk.html", again, 422)
    ids = list(rows.order_by("created_at", "pk").values_list("pk", flat=True)[: bulk.MOST])
    begun = bulk.begin(cast(User, request.user), act, ids, reason, mark or page.mark)
    return go(request, f"{reverse('bulk-work')}?{urlencode({'n': begun.pk})}")


def _work_page(request: HttpRequest) -> BulkWorkPage:
    number = asked.text(request, "n", 20)
    mine = BulkWork.objects.filter(user=cast(User, request.user)).order_by("-pk")
    one = mine.filter(pk=int(number)).first() if number.isdecimal() else mine.first()
    back_url, back = reverse("deliveries"), gettext("Back to the deliveries")
    if one is None:
        return BulkWorkPage(
            title=gettext("Acts on many"),
            sentence=gettext("Nothing is under way. Select rows of a list and choose an act."),
            poll_url="",
            total=0,
            done=0,
            left=0,
            back_url=back_url,
            back=back,
        )
    total, refused = len(one.rows), len(one.refused)
    titles = {
        "resend": ngettext("{count} is sent again", "{count} are sent again", total),
        "arrived": ngettext("{count} is noted as arrived", "{count} are noted as arrived", total),
        "again": ngettext("{count} in doubt is sent again", "{count} in doubt are sent again", total),
        "hold": ngettext("{count} is held", "{count} are held", total),
        "release": ngettext("{count} is released", "{count} are released", total),
        "cancel": ngettext("{count} is cancelled", "{count} are cancelled", total),
    }
    live = one.ended_at is None
    return BulkWorkPage(
        title=titles.get(one.act, "{count}").format(count=words.count(total)),
        sentence=gettext("You may leave this page; it goes on.")
        if live
        else gettext("Done. Everything was looked at."),
        poll_url=f"{reverse('bulk-work-live')}?n={one.pk}",
        total=total,
        done=one.at - refused,
        left=total - one.at,
        refused=tuple(
            PeekLine(text=names.short(uuid.UUID(row)), note=why, url=reverse("delivery", args=[row]))
            for row, why in one.refused[:20]
        ),
        refused_total=refused,
        live=live,
        back_url=back_url,
        back=back,
    )


def _documents(request: HttpRequest) -> QuerySet[Document]:
    """The documents meant; at most as many as go into one file."""
    actor = actor_of(request)
    if found.everything_asked(request):
        rows = found.documents(request, actor)
    else:
        rows = visible_to(actor).filter(pk__in=found.named(request))
    _some(rows, zips.MOST)
    return rows


def _deliveries(request: HttpRequest) -> QuerySet[Delivery]:
    actor = actor_of(request)
    if found.everything_asked(request):
        rows = found.deliveries(request, actor)
    else:
        rows = deliveries_visible_to(actor).filter(pk__in=found.named(request))
    _some(rows, bulk.MOST)
    return rows


def _some(rows: QuerySet[Document] | QuerySet[Delivery], most: int, *, may_be_none: bool = True) -> None:
    """Raises BadInput for none, and for more than go together."""
    count = rows.order_by().values("pk")[: most + 1].count()
    if not count and not may_be_none:
        raise BadInput(gettext("Nothing is selected."), hint=gettext("Go back and tick the rows that are meant."))
    if count > most:
        raise BadInput(
            gettext("More than {count} are selected.").format(count=words.count(most)),
            hint=gettext("Narrow the list by a filter and go on in parts."),
        )


def _reprint_page(request: HttpRequest, rows: QuerySet[Document], count: int) -> BulkPage:
    kinds = names.kinds()
    by_kind = rows.order_by().values("kind").annotate(n=Count("pk")).order_by("-n").values_list("kind", "n")
    title = ngettext("Reprint {count} document", "Reprint {count} documents", count).format(count=words.count(count))
    return BulkPage(
        title=title,
        back_url=_back(request, "documents"),
        back=gettext("Back to the documents"),
        sentence=gettext("You get the same bytes in one ZIP, and the ledger notes each as printed again."),
        lines=tuple(BulkLine(text=names.kind(kind, kinds), count=words.count(number)) for kind, number in by_kind),
        form=ReasonForm(url=request.get_full_path()),
        mark=once.fresh(),
        button=title,
        count=count,
    )


def _by_channel(rows: QuerySet[Delivery]) -> tuple[BulkLine, ...]:
    counted = rows.order_by().values("destination_id", "state").annotate(n=Count("pk")).order_by("-n")
    return tuple(
        BulkLine(
            text=gettext("{destination}, now: {state}").format(
                destination=row["destination_id"], state=state_word(row["state"]).lower()
            ),
            count=words.count(row["n"]),
        )
        for row in counted
    )


def _back(request: HttpRequest, list_key: str) -> str:
    return address(list_key, filters_of(list_key, request.GET).urlencode())

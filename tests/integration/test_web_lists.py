"""What experts live in: panels, selection, saved views, columns, facets, exports. Real rows, real roles."""

from __future__ import annotations

import csv
import io
import re
import time
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from api_kit import World
from desk_kit import Desk, acts_of, desk_of, mark_in, said

HX = {"HX-Request": "true"}


@pytest.fixture
def desk(user_of: Callable[[str], Any]) -> Desk:
    return desk_of(user_of)


def body_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def rows_of(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body_of(answer).decode("utf-8-sig"))))


def test_a_panel_answers_htmx_alone_and_the_list_with_it_works_by_reload(world: World, desk: Desk) -> None:
    browser = desk("administrator")
    from postroom.production.models import Run, SetAside

    run = Run.objects.get(ref=world.run)
    aside = SetAside.objects.filter(resolved_at=None).first()
    assert aside is not None
    for listed, panel, row in (
        ("/documents/", f"/documents/{world.document}/peek/", world.document),
        ("/deliveries/", f"/deliveries/{world.delivery}/peek/", world.delivery),
        ("/runs/", f"/runs/{world.run}/peek/", run.pk),
        ("/parties/", f"/parties/{world.party_id}/peek/", world.party_id),
        ("/set-aside/", f"/set-aside/{aside.record_id}/peek/", aside.record_id),
    ):
        # given a row, when htmx asks for its panel, then the panel alone comes
        part = browser.get(panel, headers=HX)
        assert part.status_code == 200 and part["X-Postroom-Partial"] == "1", panel
        assert f'data-peeked="{row}"' in said(part) and "<html" not in said(part)
        # and without scripts its address leads to the object, and the list shows it by its own address
        assert browser.get(panel).status_code == 303
        assert f'data-peeked="{row}"' in said(browser.get(listed, {"peek": row}))
        # and an address of nothing opens nothing
        assert browser.get(listed, {"peek": "nonsense"}).status_code == 200


@pytest.mark.parametrize("listed", ["runs", "deliveries", "documents", "parties"])
def test_an_empty_list_shows_made_up_rows_that_nobody_can_reach_into(db: str, desk: Desk, listed: str) -> None:
    from postroom.web.fill.glimpse import glimpse_of

    # given a house without post, when a list is opened, then it says so and shows how it will look
    page = said(desk("administrator").get(f"/{listed}/"))
    made_up = page.partition('class="glimpse"')[2].partition("</figure>")[0]
    shown = glimpse_of(listed)  # type: ignore[arg-type]
    assert shown and all(f'href="{row.url}"' in made_up for row in shown)
    assert "<div inert aria-hidden" in made_up and 'type="checkbox"' not in made_up
    # and a filter that finds nothing is another thing
    assert 'class="glimpse"' not in said(desk("administrator").get(f"/{listed}/?q=nothing-is-called-so"))


def test_p7_a_panel_shows_nobody_what_they_may_not_see(world: World, desk: Desk) -> None:
    # given a folder that is closed to clerks
    from postroom.documents.models import Document, Folder

    folder = Document.objects.get(pk=world.document).folder
    Folder.objects.filter(pk=folder.pk).update(roles=["auditor"])
    browser = desk("clerk")
    # then neither panel, list, export, file nor facets know of its documents
    assert browser.get(f"/documents/{world.document}/peek/", headers=HX).status_code == 404
    assert "data-peeked" not in said(browser.get("/documents/", {"peek": world.document}))
    assert world.number not in body_of(browser.get("/documents/export.csv", {"id": world.document})).decode()
    assert browser.get("/documents/zip/", {"id": world.document}).status_code == 422
    assert folder.name not in said(browser.get("/documents/facets/", headers=HX))
    # and an author has no lists at all
    assert desk("author").get("/documents/facets/", headers=HX).status_code == 404


def test_a_view_is_saved_found_again_renamed_pinned_and_deleted_with_undo(world: World, desk: Desk) -> None:
    browser = desk("clerk")
    # given a search that is saved
    answer = browser.post(
        "/lists/views/save/",
        {"list": "documents", "query": "q=press&kind=invoice&before=x&peek=y", "name": " My  press "},
    )
    # then it is a tab, and its address holds the filters and nothing else
    assert answer["Location"] == "/documents/?q=press&kind=invoice"
    page = said(browser.get(answer["Location"]))
    assert re.search(r'href="/documents/\?q=press&amp;kind=invoice" aria-current="page">My press<', page)
    from postroom.web.models import SavedView

    view = SavedView.objects.get()
    # when it is renamed and pinned, then Home shows it
    browser.post("/lists/views/rename/", {"view": view.pk, "name": "Press"})
    browser.post("/lists/views/pin/", {"view": view.pk, "pinned": "1"})
    assert "Press" in said(browser.get("/"))
    # when it is deleted, then the list offers to undo it, for this person only
    gone = browser.post("/lists/views/delete/", {"view": view.pk})["Location"]
    token = mark_in(browser.get(gone))
    assert not SavedView.objects.exists()
    assert desk("operator").post("/lists/views/restore/", {"token": token}).status_code == 422
    for _ in range(2):
        assert browser.post("/lists/views/restore/", {"token": token}).status_code == 303
    back = SavedView.objects.get()
    assert (back.name, back.query, back.pinned) == ("Press", "q=press&kind=invoice", True)


def test_p7_views_belong_to_one_person_and_to_lists_they_may_see(world: World, desk: Desk) -> None:
    desk("clerk").post("/lists/views/save/", {"list": "documents", "query": "q=a", "name": "Mine"})
    from postroom.web.models import SavedView

    view = SavedView.objects.get()
    for verb in ("rename", "pin", "delete"):
        assert desk("operator").post(f"/lists/views/{verb}/", {"view": view.pk, "name": "x"}).status_code == 404
    assert "Mine" not in said(desk("operator").get("/documents/?q=a"))
    for wrong in ({"list": "runs", "query": "state=settled"}, {"list": "nonsense", "query": "q=a"}):
        assert desk("clerk").post("/lists/views/save/", {**wrong, "name": "x"}).status_code == 404
    assert SavedView.objects.count() == 1


def test_columns_and_density_are_kept_for_one_person(world: World, desk: Desk) -> None:
    browser = desk("clerk")

    def heads() -> list[str]:
        return re.findall(r'<th scope="col"(?: class="r")?>([^<]+)</th>', said(browser.get("/documents/")))

    assert heads() == ["Document", "For", "Delivery", "Amount", "Date"]
    # when columns are chosen, and one is moved by its button
    browser.post(
        "/lists/columns/", {"list": "documents", "order": ["date", "party", "folder"], "column": ["date", "folder"]}
    )
    assert heads() == ["Document", "Date", "Folder"]
    moved = {"list": "documents", "order": ["date", "folder"], "column": ["date", "folder"], "move": "folder:up"}
    # then its sheet stays open, with the button in focus that still leads somewhere, and nothing leads astray
    there = browser.post("/lists/columns/", {**moved, "back": "//evil.example/"})["Location"]
    assert there == "/documents/?open=columns&at=folder%3Adown"
    opened = said(browser.get(there))
    assert '<details class="pop pop-up-left" open>' in opened
    assert re.findall(r'value="([^"]+)" autofocus', opened) == ["folder:down"]
    assert heads() == ["Document", "Folder", "Date"] and "autofocus" not in said(browser.get("/documents/"))
    # then nobody else sees it so, and "as it comes" forgets it
    assert '<th scope="col">Folder</th>' not in said(desk("operator").get("/documents/"))
    browser.post("/lists/columns/", {"list": "documents", "reset": "1"})
    assert heads() == ["Document", "For", "Delivery", "Amount", "Date"]
    # and density stands on the body of every page
    assert 'data-density="comfortable"' in said(browser.get("/"))
    browser.post("/lists/density/", {"list": "documents", "density": "compact"})
    assert 'data-density="compact"' in said(browser.get("/")) and 'data-density="compact"' not in said(
        desk("operator").get("/")
    )


def test_facets_count_what_is_visible_and_lead_to_exactly_that_many(world: World, desk: Desk) -> None:
    from postroom.documents.models import Document

    # given documents of two years and two kinds
    Document.objects.filter(pk=world.document).update(kind="statement", issued_on="2021-03-04")
    browser = desk("operator")
    part = said(browser.get("/documents/facets/", headers=HX))
    found = re.findall(r'class="facet-value" id="[^"]+" href="([^"]+)".*?class="num">([\d,]+)<', part, re.S)
    assert found
    for address, count in found:
        page = said(browser.get(address.replace("&amp;", "&")))
        assert re.search(rf">{count} documents? found", page), (address, count)
        assert "remove this filter" in page  # the choice is a chip that can be taken away


def test_a_click_on_a_facet_renews_results_facets_and_the_form_at_once(world: World, desk: Desk) -> None:
    from postroom.documents.models import Document

    Document.objects.filter(pk=world.document).update(kind="statement")
    browser = desk("operator")
    part = said(browser.get("/documents/facets/", headers=HX))
    click = re.search(r'id="(facet-kind-\w+)" href="([^"]+)" hx-get="([^"]+)" hx-push-url="([^"]+)"', part)
    assert click is not None and click[4] == click[2]  # what stands in the address afterwards works by reload
    # when htmx asks what the click asks
    answer = said(browser.get(click[3].replace("&amp;", "&"), headers=HX))
    # then results, counted facets with the same element to hold the focus, and the form's own copy of the choice come
    assert "document found" in answer or "documents found" in answer
    assert f'id="{click[1]}"' in answer and 'aria-current="true"' in answer
    assert re.search(r'<span id="kept" hidden hx-swap-oob="true"><input type="hidden" name="kind"', answer)
    assert 'hx-trigger="load"' not in answer


def test_a_chip_takes_one_filter_away_and_leaves_the_others(world: World, desk: Desk) -> None:
    page = said(desk("operator").get("/documents/?q=press&kind=invoice&kind=statement&year=2026"))
    assert 'href="/documents/?q=press&amp;kind=statement&amp;year=2026"' in page
    assert 'href="/documents/?q=press&amp;kind=invoice&amp;kind=statement"' in page


def test_an_export_holds_the_same_rows_as_the_list_and_runs_nothing(world: World, desk: Desk) -> None:
    from postroom.documents.models import Document
    from postroom.parties.models import Party

    # given a party whose name is a formula
    Party.objects.filter(pk=world.party_id).update(name='=HYPERLINK("http://evil.example")')
    browser = desk("operator")
    rows = rows_of(browser.get("/documents/export.csv"))
    assert len(rows) == 1 + Document.objects.count()
    cells = [cell for row in rows for cell in row]
    assert any(cell.startswith("'=HYPERLINK") for cell in cells) and not any(cell.startswith("=") for cell in cells)
    # and what is selected alone, and the other lists
    assert len(rows_of(browser.get("/documents/export.csv", {"id": world.document}))) == 2
    for name in ("deliveries", "runs", "parties"):
        assert len(rows_of(browser.get(f"/{name}/export.csv"))) > 1, name


def test_planted_formulas_in_every_disguise_are_defused() -> None:
    from postroom.web.exports import safe

    for evil in ("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\uff1d1"):
        assert safe(evil).startswith("'"), repr(evil)
    for plain in ("-12.50", "12", "+4", "Holm & Søn", "", None, "a=b"):
        assert not safe(plain).startswith("'"), plain


def test_a_zip_holds_the_selected_documents_by_number_and_their_exact_bytes(world: World, desk: Desk) -> None:
    from postroom.documents.content import newest_version
    from postroom.documents.models import Document
    from postroom.vault.read import read_blob

    some = list(Document.objects.order_by("number")[:3])
    answer = desk("clerk").get("/documents/zip/", {"id": [str(one.pk) for one in reversed(some)]})
    with zipfile.ZipFile(io.BytesIO(body_of(answer))) as packed:
        assert packed.testzip() is None and len(packed.namelist()) == 3
        assert packed.namelist() == sorted(packed.namelist())
        assert packed.read(packed.namelist()[0]) == read_blob(newest_version(some[0]).blob)
    # and all that match, without naming them; nothing selected is said
    everything = body_of(desk("clerk").get("/documents/zip/", {"all": "1", "kind": some[0].kind}))
    assert len(zipfile.ZipFile(io.BytesIO(everything)).namelist()) == Document.objects.filter(kind=some[0].kind).count()
    assert desk("clerk").get("/documents/zip/").status_code == 422


def test_a_reprint_of_many_is_noted_once_for_each(world: World, desk: Desk) -> None:
    from postroom.documents.models import Document

    browser, ids = desk("clerk"), [str(pk) for pk in Document.objects.values_list("pk", flat=True)[:2]]
    address = "/documents/reprint/?" + "&".join(f"id={one}" for one in ids)
    page = browser.get(address)
    assert "Reprint 2 documents" in said(page) and acts_of("document.reprinted") == []
    mark = mark_in(page, "mark")
    body_of(browser.post(address, {"mark": mark}))
    assert browser.post(address, {"mark": mark}).status_code == 422  # handed in twice
    assert len(acts_of("document.reprinted")) == 2


def test_deliveries_are_sent_again_with_a_reason_once_however_often_handed_in(world: World, desk: Desk) -> None:
    from postroom.delivery.models import Delivery
    from postroom.web import bulk
    from postroom.web.models import BulkWork

    before = Delivery.objects.count()
    browser, address = desk("operator"), "/deliveries/resend/?all=1"
    # given the question, which counts what is meant
    page = browser.get(address)
    assert f"Send {before} again" in said(page)
    mark = mark_in(page, "mark")
    # when no reason is given, then it comes back with what is missing
    assert browser.post(address, {"mark": mark}).status_code == 422
    # when it is handed in twice
    first = browser.post(address, {"mark": mark, "reason": "Wrong address"})
    second = browser.post(address, {"mark": mark, "reason": "Wrong address"})
    assert first["Location"] == second["Location"]
    bulk.take_a_turn(BulkWork.objects.get().pk)  # as a worker does; what was asked for in the form is through already
    # then each was sent again once, and the page of the work says so
    assert Delivery.objects.count() == 2 * before
    assert len(acts_of("document.resent")) == before
    done = said(browser.get(first["Location"]))
    assert "Done. Everything was looked at." in done and f"<dd>{before}</dd>" in done
    # and nobody else sees this work
    assert "Nothing is under way" in said(desk("clerk").get(first["Location"]))


def test_p4_a_work_whose_process_died_is_gone_on_with_and_acts_on_each_row_once(world: World, user_of: Any) -> None:
    from postroom.delivery.models import Delivery
    from postroom.kernel import clock
    from postroom.web import bulk
    from postroom.web.models import BulkWork

    ids = list(Delivery.objects.values_list("pk", flat=True)[:3])
    now = clock.now()
    work = BulkWork.objects.create(
        user=user_of("operator"), mark="m", act="resend", reason="r", rows=ids, started_at=now, taken_at=now
    )
    # given that the process died after one row
    bulk.go_on(work.pk, 1)
    before = Delivery.objects.count()
    # when two go on with it
    bulk.go_on(work.pk)
    bulk.go_on(work.pk)
    assert Delivery.objects.count() == before + 2
    assert BulkWork.objects.get(pk=work.pk).ended_at is not None


def test_doubts_are_decided_together_and_the_rest_is_left_alone(world: World, desk: Desk) -> None:
    from postroom.delivery import models as m
    from postroom.delivery.models import Delivery

    ids = [str(pk) for pk in Delivery.objects.order_by("pk").values_list("pk", flat=True)[:3]]
    Delivery.objects.filter(pk__in=ids[:2]).update(state=m.IN_DOUBT)
    rest = Delivery.objects.get(pk=ids[2]).state
    browser, address = desk("operator"), "/deliveries/decide/?" + "&".join(f"id={one}" for one in ids)
    page = browser.get(address)
    assert "Decide 2 in doubt" in said(page)
    answer = browser.post(address, {"mark": mark_in(page, "mark"), "answer": "arrived", "reason": "found in the log"})
    assert answer.status_code == 303
    time.sleep(0)
    assert {one.state for one in Delivery.objects.filter(pk__in=ids[:2])} == {m.DELIVERED}
    assert Delivery.objects.get(pk=ids[2]).state == rest
    # and a clerk may send again, but not decide
    assert desk("clerk").get(address).status_code in (403, 404)


def test_selected_records_go_on(world: World, desk: Desk) -> None:
    from postroom.production.models import SetAside

    browser = desk("operator")
    ids = [str(pk) for pk in SetAside.objects.filter(resolved_at=None).values_list("record_id", flat=True)]
    page = said(browser.get("/set-aside/hand-in/?" + "&".join(f"id={one}" for one in ids)))
    # the world's only one cannot be read as data, so nothing is offered, and it says so
    assert "None of the selected fit" in page
    assert desk("auditor").get("/set-aside/hand-in/").status_code in (403, 404)


def test_an_empty_list_says_what_begins_it_and_a_filtered_one_how_to_see_everything(db: str, desk: Desk) -> None:
    browser = desk("operator")
    for address in ("/documents/", "/deliveries/", "/runs/", "/parties/"):
        page = said(browser.get(address))
        assert "Start a run…" in page and "Show everything" not in page, address
    for address in ("/documents/?q=unicorn", "/deliveries/?q=unicorn", "/runs/?state=cancelled"):
        assert "Show everything" in said(browser.get(address)), address


def many_of(row: Any, count: int, **differ: Callable[[int], Any]) -> None:
    """``count`` more rows like one, with other values in some fields."""
    import uuid

    made = []
    for at in range(count):
        values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
        values |= {"id": uuid.uuid4()} | {name: value(at) for name, value in differ.items()}
        made.append(type(row)(**values))
    type(row).objects.bulk_create(made)


def test_lists_of_sixty_rows_are_paged_to_their_end_and_back(world: World, desk: Desk) -> None:
    from postroom.delivery.models import Delivery
    from postroom.documents.models import Document
    from postroom.parties.models import Party

    document, delivery = Document.objects.get(pk=world.document), Delivery.objects.get(pk=world.delivery)
    many_of(document, 60 - Document.objects.count(), number=lambda at: f"P-{at}", record_id=lambda at: None)
    many_of(delivery, 60 - Delivery.objects.count())
    party = Party.objects.get(pk=world.party_id)
    many_of(party, 60 - Party.objects.count(), key=lambda at: f"P-{at}", name=lambda at: "Same name")
    browser = desk("administrator")
    for address in ("/documents/", "/deliveries/", "/parties/"):
        # given the first page, with 50 of 60
        first = said(browser.get(address))
        assert "50 of 60" in first and 'rel="prev"' not in first, address
        older = re.search(r'href="([^"]+)" rel="next"', first)
        assert older is not None
        # when the next one is opened, then it has the other ten and no further one, and a way back
        second = said(browser.get(older[1].replace("&amp;", "&")))
        assert "10 of 60" in second and 'rel="next"' not in second, address
        seen = [set(re.findall(r'name="id" value="([^"]+)"', page)) for page in (first, second)]
        assert [len(ids) for ids in seen] == [50, 10] and not seen[0] & seen[1], address
        newer = re.search(r'href="([^"]+)" rel="prev"', second)
        assert newer is not None and "50 of 60" in said(browser.get(newer[1].replace("&amp;", "&"))), address


def test_one_row_is_said_in_the_singular(world: World, desk: Desk) -> None:
    from postroom.delivery.models import Delivery

    browser = desk("operator")
    one = said(browser.get("/documents/", {"q": world.number}))
    assert "1 document found." in one and "1 of 1" in one and 'name="all"' not in one
    assert "Reprint 1 document<" in said(browser.get("/documents/reprint/", {"id": world.document}))
    page = browser.get("/deliveries/resend/", {"id": world.delivery})
    assert "Send 1 again" in said(page)
    form = {"mark": mark_in(page, "mark"), "reason": "r"}
    done = browser.post(f"/deliveries/resend/?id={world.delivery}", form)["Location"]
    assert "1 is sent again" in said(browser.get(done))
    assert Delivery.objects.filter(explanation__why="Resend").count() == 1


def test_an_export_of_runs_has_every_run(world: World, desk: Desk) -> None:
    from postroom.production.models import Run

    many_of(Run.objects.get(ref=world.run), 430, ref=lambda at: f"X-{at}", run_key=lambda at: f"X-{at}")
    rows = rows_of(desk("operator").get("/runs/export.csv"))
    assert len(rows) == 1 + Run.objects.count() and len({row[0] for row in rows}) == len(rows)


def test_what_is_set_aside_is_exported_by_cause_without_its_data(world: World, desk: Desk) -> None:
    from postroom.production.models import SetAside

    waiting = list(SetAside.objects.filter(resolved_at=None).select_related("record", "run"))
    browser = desk("auditor")
    assert "/set-aside/export.csv" in said(browser.get("/set-aside/"))
    head, *rows = rows_of(browser.get("/set-aside/export.csv"))
    assert head[:2] == ["Run", "Line"] and len(rows) == sum(max(len(one.problems), 1) for one in waiting)
    assert {(row[0], row[1]) for row in rows} == {(one.run.ref, str(one.record.line)) for one in waiting}
    assert not any(one.record.raw and one.record.raw in cell for one in waiting for row in rows for cell in row)
    # and filtered to nothing it has its head alone; who may not see records gets none
    assert len(rows_of(browser.get("/set-aside/export.csv?code=nonsense"))) == 1
    assert desk("clerk").get("/set-aside/export.csv").status_code == 404

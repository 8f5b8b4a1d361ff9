"""Whatever is typed, forged or sent twice: never an error of ours, always a page that says what to do."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api_kit import World, as_file, records
from desk_kit import BACKEND, Desk, acts_of, desk_of, mark_in, said

HTMX = {"HX-Request": "true"}
LONG, ARABIC, EMOJI, STACKED = "x" * 200, "مرحبا \u202eabc", "👩‍👩‍👧‍👦🖨️", "e" + "\u0301" * 60
SCRIPT = "<script>document.title='owned'</script><img src=x onerror=alert(1)>\"'><b>"
#: What people, mistakes and attackers put into fields.
ODD = (
    "", " ", "\x00", "a\x00b", LONG, ARABIC, EMOJI, STACKED, SCRIPT, "%", "_", "\\", "'; drop table run; --", "((", '"',
    "-1", "0", "99999999999999999999", "1e400", "NaN", "Infinity", "٣", "²", "1,5", "0000-00-00", "2026-02-30",
    "9999-12-31", "10000-01-01", "2026-11-22T25:61", "null", "[]", "{}", "../../etc/passwd", "\ud800", "\r\nX: y",
    "eyJhIjoxfQ==", "a" * 3000, "2147483648", "9223372036854775808", "user:1", "&#0;", "\u2028", "\ufeff",
)  # fmt: skip
_TEXTS = st.one_of(st.sampled_from(ODD), st.text(max_size=60), st.integers().map(str), st.dates().map(str))


@pytest.fixture
def desk(user_of: Callable[[str], Any]) -> Desk:
    return desk_of(user_of)


def addresses(world: World) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every address of the desk that declares itself, filled in with things that are there, and its methods."""
    from architecture.test_permission_matrix import routes
    from postroom.identity.access import access_of

    for route in routes():
        access = access_of(route.view)
        if access and not route.pattern.startswith(("api/", "account/")) and "secret" not in route.pattern:
            yield route.address(world), access


def names_on(page: str) -> set[str]:
    """The fields of all forms of a page, and the parameters of all its links."""
    fields = re.findall(r'<(?:input|textarea|select)[^>]*\bname="([^"]+)"', page)
    asked = re.findall(r"[?&](?:amp;)?([a-z_]+)=", page)
    return {*fields, *asked} - {"csrfmiddlewaretoken"}


def faults(status: int, body: str) -> list[str]:
    """What is wrong with an answer to bad input: an error of ours, an empty page, a stack."""
    found = [f"status {status}"] if status >= 500 else []
    if "Traceback (most recent call last)" in body:
        found.append("a stack is shown")
    if status >= 400 and not re.search(r"<h1|<dd>|fld-err|role=\"alert\"|class=\"rows problems\"|\{", body):
        found.append("an empty page")
    return found


def told(answer: Any) -> list[str]:
    if answer.get("HX-Redirect"):
        return []  # htmx leads the whole page to where it is told
    is_text = answer.get("Content-Type", "").startswith(("text/html", "application/json"))
    return faults(answer.status_code, answer.content.decode() if is_text else "" if answer.status_code < 400 else "?")


@pytest.fixture
def fields(world: World, desk: Desk) -> tuple[Any, dict[str, set[str]], list[str]]:
    """A browser of an administrator, what each page asks for, and the addresses that act."""
    browser = desk("administrator")
    asked: dict[str, set[str]] = {}
    acts = []
    for address, access in addresses(world):
        if "GET" in access:
            answer = browser.get(address)
            html = answer.get("Content-Type", "").startswith("text/html")
            asked[address] = names_on(said(answer)) if html else set()
        if "POST" in access:
            acts.append(address)
    return browser, asked, acts


def test_no_filter_of_any_list_can_be_an_error(fields: Any) -> None:
    browser, asked, _ = fields
    named = {address: names for address, names in asked.items() if names}
    assert len(named) > 15
    # given every oddity in every parameter of every page, in turns
    for turn, odd in enumerate(ODD):
        wrong = {}
        for place, (address, names) in enumerate(sorted(named.items())):
            if (turn + place) % 4:  # each address meets a quarter of them, each oddity a quarter of the addresses
                continue
            query = urlencode(dict.fromkeys(names, odd.encode("utf-8", "surrogatepass")))
            if bad := told(browser.get(f"{address}?{query}")):
                wrong[address] = bad
        assert wrong == {}, repr(odd)


@settings(
    max_examples=60, deadline=None, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(data=st.data())
def test_whatever_a_filter_holds_a_list_answers(fields: Any, data: st.DataObject) -> None:
    browser, asked, _ = fields
    address = data.draw(st.sampled_from(sorted(one for one, names in asked.items() if names)))
    chosen = data.draw(st.dictionaries(st.sampled_from(sorted(asked[address])), _TEXTS, min_size=1, max_size=4))
    query = urlencode({name: text.encode("utf-8", "surrogatepass") for name, text in chosen.items()})
    assert told(browser.get(f"{address}?{query}")) == []
    assert told(browser.get(f"{address}?{query}", headers=HTMX)) == []


@settings(
    max_examples=60, deadline=None, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(data=st.data())
def test_whatever_a_form_holds_is_answered_in_words(fields: Any, data: st.DataObject) -> None:
    browser, asked, acts = fields
    address = data.draw(st.sampled_from(sorted(acts)))
    names = sorted({"reason", "record", "data", "name", "token", "held", "q", "to"}.union(*asked.values()))
    typed = data.draw(st.dictionaries(st.sampled_from(names), _TEXTS, max_size=6))
    body = {name: text.encode("utf-8", "surrogatepass").decode("utf-8", "replace") for name, text in typed.items()}
    assert told(browser.post(address, body, headers=data.draw(st.sampled_from([{}, HTMX])))) == []


def test_planted_the_gate_sees_an_error_a_stack_and_an_empty_page() -> None:
    assert faults(500, "<h1>Sorry</h1>") and faults(405, "") and faults(200, "Traceback (most recent call last)")
    assert faults(422, '<p class="fld-err">A reason is needed.</p>') == [] and faults(200, "") == []


def test_wrong_methods_lead_to_the_page_the_button_stands_on(world: World, desk: Desk) -> None:
    browser = desk("administrator")
    cancel = browser.get(f"/runs/{world.run}/cancel/")
    assert cancel.status_code == 405 and cancel["Allow"] == "POST"
    assert f'href="/runs/{world.run}/"' in said(cancel) and "Nothing was changed" in said(cancel)
    for address, access in addresses(world):
        for method in ("GET", "POST", "PUT", "DELETE", "PATCH"):
            if method not in access and "*" not in access and not (method == "GET" and "HEAD" in access):
                answer = browser.generic(method, address)
                assert answer.status_code in (403, 405) and told(answer) == [], (method, address)


def test_a_form_without_proof_of_its_origin_is_refused_with_a_page(world: World, user_of: Any) -> None:
    from django.test import Client

    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user_of("operator"), backend=BACKEND)
    answer = browser.post(f"/runs/{world.run}/cancel/", {"reason": "x"})
    assert (
        answer.status_code == 403
        and "This form was open for too long" in said(answer)
        and "Content-Security" in str(answer.headers)
    )
    # when the page has asked where it stands, then the renewed proof is taken
    here = browser.get("/account/here/").json()
    sent = browser.post("/set-aside/go-on/", {"csrfmiddlewaretoken": here["csrf"]})
    assert sent.status_code == 422 and "Which group" in said(sent)


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/json", "multipart/form-data", "multipart/form-data; boundary=x"]
)
def test_a_body_of_another_kind_is_no_error(world: World, desk: Desk, kind: str) -> None:
    browser = desk("operator")
    for address in ("/send/", "/runs/new/", f"/runs/{world.run}/cancel/"):
        answer = browser.generic("POST", address, b"\xff\xfe\x00reason=\x80" * 9, content_type=kind)
        assert 400 <= answer.status_code < 500 and told(answer) == [], (kind, address)


def test_ten_megabytes_in_a_text_field_are_answered(world: World, desk: Desk) -> None:
    browser, much = desk("operator"), "y" * (10 << 20)
    for address, name in ((f"/runs/{world.run}/cancel/", "reason"), (f"/documents/{world.document}/resend/", "reason")):
        answer = browser.post(address, {name: much})
        assert answer.status_code in (303, 409, 413, 422) and told(answer) == [], address
    record = browser.post(f"/runs/{world.run}/set-aside/{world.record}/", {"record": much})
    assert record.status_code == 422 and told(record) == []


def test_forged_ids_lead_nowhere(world: World, desk: Desk) -> None:
    browser = desk("administrator")
    other = uuid.uuid4()
    for address in (
        f"/documents/{other}/", f"/deliveries/{other}/", f"/parties/{other}/", "/runs/R-0000-0000/", "/runs/%00/",
        f"/runs/{world.run}/set-aside/{other}/", "/documents/nonsense/",
        f"/documents/{world.document}/pages/999-96.png",
        f"/documents/{world.document}/pages/99999999999999999999-96.png", "/settings/people/99999999999999999999/",
        "/home/step/99999999999999999999/", "/outbox/..%2f..%2fsecret/", f"/outbox/{LONG}/", "/templates/none/1.png",
    ):  # fmt: skip
        for method in (browser.get, browser.post):
            answer = method(address)
            assert 400 <= answer.status_code < 500, (address, answer.status_code)


def test_p7_an_ended_session_leads_back_to_the_page_of_the_form(world: World, user_of: Any) -> None:
    from django.test import Client

    stranger = Client()
    run, host = f"/runs/{world.run}/", "http://testserver"
    cases = {
        f"{host}/send/?template=invoice": ("/send/", "/send/?template=invoice"),
        f"{host}{run}": (f"{run}cancel/", run),
        f"{host}{run}cancel/": (f"{run}cancel/", run),  # the form came back refused: its address takes no GET
        "": (f"{run}cancel/", run),
        "https://elsewhere.example/x": (f"{run}cancel/", run),  # nobody else says where to go
    }
    for referer, (address, back) in cases.items():
        answer = stranger.post(address, {"reason": "typed"}, headers={"Referer": referer})
        assert answer["Location"] == f"/account/login/?{urlencode({'next': back, 'ended': '1'})}", referer
    page = said(stranger.get("/account/login/", {"next": run, "ended": "1"}))
    assert "Your session had ended, so nothing was sent" in page


def test_a_browser_is_told_who_it_is_and_nothing_else(world: World, desk: Desk) -> None:
    from django.test import Client

    assert Client().get("/account/here/").json() == {"person": "", "csrf": ""}
    first, second = desk("operator").get("/account/here/").json(), desk("clerk").get("/account/here/").json()
    assert re.fullmatch(r"[0-9a-f]{24}", first["person"]) and first["person"] != second["person"]
    assert f'person="{first["person"]}"' in said(desk("operator").get("/send/"))
    assert desk("operator").get("/account/here/")["Cache-Control"] == "no-store"


def test_what_changed_meanwhile_is_told_and_what_was_typed_is_kept(world: World, desk: Desk) -> None:
    good = {**records(1)[0], "number": "T-0077"}
    address = f"/runs/{world.run}/set-aside/{world.record}/"
    # given two tabs with the same record, and one of them corrects it
    assert desk("administrator").post(address, {"record": json.dumps(good)}).status_code == 303
    # when the other hands in its own
    late = desk("operator").post(address, {"record": '{"number": "T-0078"}', "csrfmiddlewaretoken": "secret-proof"})
    # then it is told by whom, and can copy its text; nothing was corrected twice
    assert late.status_code == 404
    assert "Administrator corrected it" in said(late) and "T-0078" in said(late) and "What you typed" in said(late)
    assert "secret-proof" not in said(late)
    assert len(acts_of("record.corrected")) == 1
    # and a run that is settled or cancelled, and a delivery that was decided, say so with what was typed
    for path in (f"/runs/{world.run}/cancel/", f"/deliveries/{world.delivery}/decide/?arrived=yes"):
        answer = desk("operator").post(path, {"reason": "Because of Monday"})
        assert answer.status_code in (303, 409), path
        if answer.status_code == 409:
            assert "Because of Monday" in said(answer)


def test_p4_acting_twice_acts_once(world: World, desk: Desk) -> None:
    from postroom.delivery.models import IN_DOUBT, Delivery

    browser = desk("operator")
    Delivery.objects.filter(pk=world.delivery).update(state=IN_DOUBT)
    address = f"/deliveries/{world.delivery}/decide/?arrived=yes"
    answers = [browser.post(address, {"reason": "Asked her"}).status_code for _ in range(2)]
    assert answers == [303, 409] and len(acts_of("delivery.found_arrived")) == 1
    upload = {"template": "invoice", "do": "start"}
    starts = [browser.post("/runs/new/", upload | {"file": as_file(records(2))})["Location"] for _ in range(2)]
    assert starts[0] == starts[1]


def test_a_file_can_be_handed_in_ahead_and_is_held(starters: list[str], desk: Desk, home: Any) -> None:
    browser = desk("operator")
    assert browser.post("/runs/new/", {"do": "hold"}).status_code == 422
    first = browser.post("/runs/new/", {"do": "hold", "file": as_file(records(1))})
    assert first.status_code == 201 and set(first.json()) == {"mark", "name", "size"}
    # when it is replaced, then the first is let go
    second = browser.post(
        "/runs/new/", {"do": "hold", "held": first.json()["mark"], "file": as_file(records(2))}
    ).json()
    assert len(list((home.root / "work" / "held").iterdir())) == 1
    form = {"template": "invoice", "held": second["mark"], "held_name": second["name"], "do": "look"}
    assert "2 of 2 can go on" in said(browser.post("/runs/new/", form))
    assert browser.get("/runs/new/").content.decode().count("selected") == 1  # the template used last is chosen


def test_a_look_while_typing_is_the_result_alone(world: World, desk: Desk) -> None:
    browser = desk("operator")
    page = browser.get("/send/", {"template": "invoice", "party": world.party})
    form = {"template": "invoice", "party": world.party, "token": mark_in(page), "data": "{", "way": ""}
    part = browser.post("/send/", form, headers=HTMX)
    assert part.status_code == 422 and said(part).strip().startswith('<div class="pile anchor" id="seen"')
    assert "This is not JSON" in said(part) and part["X-Postroom-Partial"] == "1"


def test_script_in_a_record_stands_there_as_text(world: World, desk: Desk) -> None:
    browser = desk("operator")
    sent = browser.post(f"/runs/{world.run}/set-aside/{world.record}/", {"record": SCRIPT})
    looked = browser.post("/send/", {"template": "invoice", "party": world.party, "data": json.dumps({"a": SCRIPT})})
    named = browser.post("/runs/new/", {"template": SCRIPT, "held_name": SCRIPT, "run_key": SCRIPT, "options": SCRIPT})
    late = browser.post(f"/runs/{world.run}/cancel/", {"reason": SCRIPT})
    for answer in (sent, looked, named, late):
        assert "<script>document.title" not in said(answer) and "<img src=x" not in said(answer)
        assert "&lt;img src=x onerror" in said(answer)


def test_without_scripts_the_page_says_what_works(world: World, desk: Desk) -> None:
    page = said(desk("operator").get("/runs/"))
    assert "<noscript>" in page and "Scripts are off in this browser" in page

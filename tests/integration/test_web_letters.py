"""Letters on the desk: written beside their page, kept while typed, handed in once, approved by somebody else."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

import letters_kit as kit
from api_kit import World
from desk_kit import Desk, acts_of, desk_of, mark_in, said


@pytest.fixture
def desk(world: World, user_of: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch) -> Desk:
    from postroom.web.views import letters

    monkeypatch.setattr(letters, "_PATIENCE", 0)  # no worker runs here
    kit.publish()
    kit.party("C-1", name="Anna Holm")
    kit.party("C-2", name="Bo Dahl")
    return desk_of(user_of)


def begin(browser: Any, party: str = "C-1") -> str:
    """The address of a letter that was begun on the desk."""
    answer = browser.post("/letters/new/", {"template": kit.TEMPLATE, "party": party})
    assert answer.status_code == 303, said(answer)
    return str(answer["Location"])


def form_of(answer: Any, **changes: str) -> dict[str, str]:
    """The form of a letter as the page gives it."""
    form = {"revision": mark_in(answer, "revision"), "tab": mark_in(answer, "tab"), "way": ""}
    page = said(answer)
    for name, value in re.findall(r'<input id="[^"]*" name="(f:[^"]+)" type="\w+"[^>]* value="([^"]*)"', page):
        form[name] = value
    for name, value in re.findall(r'<textarea id="[^"]*" name="([fp]:[^"]+)"[^>]*>\n(.*?)</textarea>', page, re.S):
        form[name] = value
    return form | changes


def test_a_letter_is_chosen_searched_for_and_begun(desk: Desk) -> None:
    browser = desk("clerk")
    # given the letters that open passages, and a party that is searched for
    page = said(browser.get("/letters/new/"))
    assert "Contract letter" in page and "Opening words" in page and "Invoice" not in page
    found = said(browser.get("/letters/new/", {"template": kit.TEMPLATE, "q": "holm"}, headers={"HX-Request": "true"}))
    assert "Anna Holm" in found and "<html" not in found
    # when it is begun, then its page has the passage, the data of the contract, what is closed, and the real page
    page = said(browser.get(begin(browser)))
    assert 'name="p:intro"' in page and "Thank you for your confidence" in page and 'name="f:fee"' in page
    assert 'name="f:customer.name"' not in page and "Anna Holm, C-1" in page and "data:image/png;base64," in page
    assert "Unfinished" in said(browser.get("/letters/"))
    # and the mail as its reader sees it, in a frame that runs nothing, whatever way it would go
    frame = re.search(r'src="(/letters/[^"]+/mail\.html\?place=1)"', page)
    assert frame is not None
    mail = browser.get(frame[1])
    assert "Your contract is attached" in said(mail) and "sandbox" in mail["Content-Security-Policy"]


def test_what_is_typed_is_kept_and_shown_and_a_second_tab_is_told(desk: Desk) -> None:
    browser = desk("clerk")
    url = begin(browser)
    first, other = browser.get(url), browser.get(url)
    ask = {"HX-Request": "true"}
    # when something is typed, then it is kept and its page answers alone; again from the same tab without a word
    answer = browser.post(url, form_of(first, **{"p:intro": "Our own words."}), headers=ask)
    assert answer.status_code == 200 and "Our own words" not in said(answer) and "data:image" in said(answer)
    answer = browser.post(url, form_of(first, **{"p:intro": "Our own words, longer."}), headers=ask)
    assert answer.status_code == 200
    # when another tab saves over it, then both texts are told of, and nothing is overwritten
    answer = browser.post(url, form_of(other, **{"p:intro": "The other tab."}), headers=ask)
    assert answer.status_code == 409 and "Keep what stands here" in said(answer)
    assert "Our own words, longer." in said(browser.get(url))
    # and a person decides
    answer = browser.post(url, form_of(other, **{"p:intro": "The other tab.", "do": "over"}))
    assert answer.status_code == 200 and "The other tab." in said(browser.get(url))


def test_what_is_wrong_stands_at_its_field_and_nothing_leaves(desk: Desk) -> None:
    browser = desk("clerk")
    url = begin(browser)
    form = form_of(browser.get(url), **{"p:intro": "{{ customer.nmae }}", "f:begins_on": "soon"})
    answer = browser.post(url, form | {"do": "submit"})
    page = said(answer)
    assert answer.status_code == 422 and "customer.nmae" in page and "This cannot go on yet" in page
    # an unclosed sign is told with its line, and what was typed stays
    form = form_of(browser.get(url), **{"p:intro": "**loud", "do": "look"})
    page = said(browser.post(url, form))
    assert "opened and not closed" in page and "**loud" in page
    assert acts_of("letter.submitted") == []


def test_p4_the_form_handed_in_twice_makes_one_letter(desk: Desk) -> None:
    from postroom.production.models import Run

    browser = desk("clerk")
    url = begin(browser)
    form = form_of(browser.get(url), **{"p:intro": "Once.", "do": "submit"})
    before = Run.objects.count()
    first, again = browser.post(url, form), browser.post(url, form)
    assert (first.status_code, again.status_code) == (303, 303) and Run.objects.count() == before + 1
    page = said(browser.get(url))
    assert "Released" in page and "nothing doubled" in page


def test_four_eyes_approve_and_the_document_tells_who(desk: Desk, user_of: Callable[[str], Any]) -> None:
    from postroom.identity.actor import SYSTEM
    from postroom.production.letters.actions.set_limit import set_limit
    from postroom.production.letters.models import Letter

    set_limit(SYSTEM, template=kit.TEMPLATE, verb="amount", field="fee", value="100")
    clerk, other = desk("clerk"), desk("operator")
    url = begin(clerk)
    form = form_of(clerk.get(url), **{"p:intro": "We said **this**.", "f:fee": "1200.00", "do": "submit"})
    assert clerk.post(url, form).status_code == 303
    # then it waits, its writer cannot approve it, and it stands on the other one's Home
    assert "Waits for approval" in said(clerk.get(url)) and "approve/" not in said(clerk.get(url))
    letter = Letter.objects.get()
    assert clerk.post(f"{url}approve/?seen=x").status_code == 403
    assert url in said(other.get("/")) and "1,200.00" in said(other.get("/letters/"))
    page = said(other.get(url))
    assert "We said this." in page and "Thank you for your confidence." in page and "above 100.00" in page
    # when it is sent back without a reason, the question stays; with one, the writer reads it
    assert other.post(f"{url}send-back/", {"reason": " "}).status_code == 422
    assert other.post(f"{url}send-back/", {"reason": "Say it kindly"}).status_code == 303
    assert "Say it kindly" in said(clerk.get(url)) and url in said(clerk.get("/"))
    form = form_of(clerk.get(url), **{"p:intro": "Kindly.", "do": "submit"})
    assert clerk.post(url, form).status_code == 303
    # when somebody approves what is not there any more, it is refused; the present one is released
    stale = other.post(f"{url}approve/?seen={'0' * 64}")
    assert stale.status_code == 409
    action = re.search(r'action="([^"]*approve/\?seen=\w+)"', said(other.get(url)))
    assert action is not None and other.post(action[1]).status_code == 303
    letter.refresh_from_db()
    assert letter.state == "released" and len(acts_of("letter.approved")) == 1
    # and an operator that writes sees nothing of unfinished letters of others
    assert desk("operator").get(begin(clerk)).status_code == 404


def test_a_batch_is_read_from_a_list_and_single_letters_are_taken_out(desk: Desk) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from postroom.identity.actor import SYSTEM
    from postroom.production.letters.actions.set_limit import set_limit
    from postroom.production.letters.models import Letter

    set_limit(SYSTEM, verb="count", value="1")
    kit.party("C-3", name="Cilla Ek")
    clerk, other = desk("clerk"), desk("operator")
    url = begin(clerk)
    listed = SimpleUploadedFile("who.csv", b"party\nC-1\nC-2\nC-3\n")
    assert clerk.post(f"{url}parties/", {"do": "list", "list": listed}).status_code == 303
    wrong = SimpleUploadedFile("who.csv", b"party\nC-1\nC-9\n")
    told = clerk.post(f"{url}parties/", {"do": "list", "list": wrong})
    assert told.status_code == 422 and "C-9" in said(told)
    assert clerk.post(url, form_of(clerk.get(url), do="submit")).status_code == 303
    assert "more than 1" in said(other.get(url))
    # when one is taken out, it goes back apart and the others can be approved
    assert other.post(f"{url}take-out/", {"place": ["2"], "reason": "Bo has moved"}).status_code == 303
    apart = Letter.objects.get(state="sent_back")
    assert [row.name for row in apart.recipients.all()] == ["Bo Dahl"]
    assert "Bo has moved" in said(clerk.get(f"/letters/{apart.pk}/"))
    action = re.search(r'action="([^"]*approve/\?seen=\w+)"', said(other.get(url)))
    assert action is not None and other.post(action[1]).status_code == 303
    assert (
        acts_of("letter.released") == [acts_of("letter.released")[0]] and acts_of("letter.released")[0]["letters"] == 2
    )


def test_deleting_can_be_undone_and_limits_are_set_by_administrators_alone(desk: Desk) -> None:
    clerk, admin = desk("clerk"), desk("administrator")
    url = begin(clerk)
    gone = clerk.post(f"{url}delete/")
    page = said(clerk.get(gone["Location"]))
    assert "is deleted" in page and f"{url}restore/" in page
    # and the list says which number is not used because of it
    assert re.search(r"Its number \S+ stays unused", said(clerk.get("/letters/", {"state": "cancelled"})))
    assert clerk.post(f"{url}restore/").status_code == 303 and 'name="p:intro"' in said(clerk.get(url))
    # limits
    assert clerk.get("/settings/letters/").status_code == 404
    bad = admin.post("/settings/letters/", {"template": "", "verb": "amount", "value": "much"})
    assert bad.status_code == 422 and "is no amount" in said(bad)
    assert admin.post("/settings/letters/", {"template": "", "verb": "always"}).status_code == 303
    page = said(admin.get("/settings/letters/"))
    remove = re.search(r'action="(/settings/letters/[^"]+/remove/)"', page)
    assert "Somebody else approves it, always" in page and remove is not None
    undo = said(admin.get(admin.post(remove[1])["Location"]))
    back = re.search(r'action="(/settings/letters/[^"]+/restore/)"', undo)
    assert back is not None and admin.post(back[1]).status_code == 303
    assert [facts["verb"] for facts in acts_of("letter.limit_set")] == ["always"]

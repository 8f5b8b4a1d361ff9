"""A draft is tested when it is sent: red ones are not approved, and no page waits for tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from desk_kit import desk_of, said
from kit.lanes import slip_files

Actors = Callable[[str], Any]
WRONG = b"expect:\n  - text: '{customer.name}'\n    inside: [150, 250, 20, 20]\n"
PAGE = "tests/page.yaml"


@pytest.fixture(autouse=True)
def through() -> Iterator[None]:
    """Tests that go on without their page end before their database goes away."""
    from postroom.composition.checks import underway

    yield
    underway.finish()


def a_slip(actor: Any, more: bytes) -> Any:
    """A draft of a small template of its own, with an assertion."""
    from postroom.composition import drafts

    draft = drafts.begin(actor, "slip", "Slip")
    return drafts.save(actor, draft.pk, {**slip_files("typst"), PAGE: more}, 0)


def checks_of(key: str) -> Any:
    from postroom.composition.checks.models import TemplateCheck

    return TemplateCheck.objects.filter(template_key=key)


def test_a_draft_whose_tests_are_red_is_told_when_it_is_sent_and_nobody_approves_it(
    db: str, actor_of: Actors, user_of: Any
) -> None:
    from postroom.composition import drafts
    from postroom.composition.checks import underway

    # given a draft without a fault of its own, that says something elsewhere than its test expects
    draft = a_slip(actor_of("author"), WRONG)
    assert drafts.check(draft) == []
    desk = desk_of(user_of)
    author, approver, at = desk("author"), desk("approver"), f"/templates/drafts/{draft.pk}/"
    assert "Under way" not in said(author.get(at))
    # when its author sends it, then its tests begin, and the author reads the place where it landed
    assert author.post(f"{at}send/", {"note": "x"}).status_code == 303
    underway.finish()
    page = said(author.get(at))
    assert "Not all hold" in page and f"{PAGE}:2" in page
    # and so does who reviews it, who has no way to approve it, not even by hand
    page = said(approver.get(f"{at}review/"))
    assert "Its tests do not hold" in page and f"{PAGE}:2" in page and f"{at}approve/" not in page
    refused = approver.post(f"{at}approve/", {"revision": "1"})
    assert refused.status_code == 303 and drafts.find(draft.pk).state == "review"
    assert f"{PAGE}:2" in said(approver.get(refused["Location"]))
    # and taken back, it is a fault like any other: named before it is sent again, and refused at once
    author.post(f"{at}withdraw/")
    page = said(author.get(at))
    assert "To be mended before review" in page and f"{PAGE}:2" in page
    author.post(f"{at}send/", {"note": "again"})
    assert f"{PAGE}:2" in said(author.get(at)) and drafts.find(draft.pk).state == "draft"
    assert checks_of("slip").count() == 1


def test_nobody_waits_for_tests_to_approve_or_publish(db: str, actor_of: Actors, user_of: Any) -> None:
    from postroom.composition import drafts
    from postroom.composition.actions.approve_draft import approve_draft
    from postroom.composition.actions.send_draft import send_draft
    from postroom.composition.checks import gate, underway
    from postroom.composition.draft_tests import TestsUnderway, packs_of_draft

    # given a draft that nobody tested, in review
    draft = send_draft(actor_of("author"), a_slip(actor_of("author"), b"expect:\n  - absent: undefined\n").pk)
    desk = desk_of(user_of)
    approver, admin, at = desk("approver"), desk("administrator"), f"/templates/drafts/{draft.pk}/"
    # when its tests are under way, then an approval says how far they are, and decides nothing
    (pack,) = packs_of_draft(draft)
    with underway.telling(gate.check_digest(pack)) as told:
        told(3, 12)
        with pytest.raises(TestsUnderway, match="3 of 12 documents"):
            approve_draft(actor_of("approver"), draft.pk, revision=1, wait=False)
        answer = approver.post(f"{at}approve/", {"revision": "1"})
        page = said(approver.get(answer["Location"]))
        assert "3 of 12 documents. Press again" in page and "Under way" in page
    assert drafts.find(draft.pk).state == "review" and not checks_of("slip").exists()
    # and where nobody makes them, pressing begins them; pressed again after them, it is approved
    approver.post(f"{at}approve/", {"revision": "1"})
    underway.finish()
    assert checks_of("slip").get().failures == [] and drafts.find(draft.pk).state == "review"
    approver.post(f"{at}approve/", {"revision": "1"})
    assert drafts.find(draft.pk).state == "approved"
    # and an upgrade since makes them unknown once more: publishing does not hang on them either
    checks_of("slip").delete()
    answer = admin.post(f"{at}publish/")
    assert "its tests run first" in said(admin.get(answer["Location"])) and drafts.find(draft.pk).state == "approved"
    underway.finish()
    admin.post(f"{at}publish/")
    assert drafts.find(draft.pk).state == "published"


def test_going_back_waits_for_tests_without_the_page_and_keeps_the_reason(
    db: str, actor_of: Actors, user_of: Any
) -> None:
    from postroom.composition.actions.publish_template import publish_template
    from postroom.composition.checks import gate, underway
    from postroom.composition.draft_tests import packs_of
    from postroom.composition.queries import newest_version, sources_of
    from postroom.identity.actor import SYSTEM

    # given two versions, and an upgrade since: nobody knows what the tests of the first come to now
    own = slip_files("typst")
    publish_template(SYSTEM, own)
    publish_template(SYSTEM, {**own, "main.typ": own["main.typ"] + b"\n// worse\n"})
    checks_of("slip").delete()
    desk = desk_of(user_of)
    approver, at = desk("approver"), "/templates/slip/"
    # when somebody goes back while they are made, then nobody waits, and the page says how far they are
    (pack,) = packs_of(own)
    with underway.telling(gate.check_digest(pack)) as told:
        told(2, 6)
        answer = approver.post(f"{at}back/1/", {"reason": "Customers called"})
        assert answer["Location"] == f"{at}?back=1" and newest_version("slip").no == 2
        page = said(approver.get(answer["Location"]))
        assert "Under way" in page and "2 of 6 documents" in page and f"{at}back/1/live/" in page
        assert "2 of 6 documents" in said(approver.get(f"{at}back/1/live/"))
    # and once they hold, the reason stands there still, and it is done
    approver.post(f"{at}back/1/", {"reason": "Customers called"})
    underway.finish()
    page = said(approver.get(f"{at}?back=1"))
    assert "All hold" in page and ">Customers called</textarea>" in page
    approver.post(f"{at}back/1/", {"reason": "Customers called"})
    assert newest_version("slip").no == 3 and sources_of(newest_version("slip")) == own
    # and who may not publish sees nothing of it
    assert 'id="h-back"' not in said(desk("operator").get(f"{at}?back=1"))


def test_planted_nobody_goes_back_to_what_does_not_hold_today(db: str, actor_of: Actors, user_of: Any) -> None:
    from postroom.composition.actions.publish_template import publish_template
    from postroom.composition.checks.models import TemplateCheck
    from postroom.composition.queries import newest_version
    from postroom.identity.actor import SYSTEM

    # given two versions of which the first does not hold any more with what makes documents today
    own = slip_files("typst")
    publish_template(SYSTEM, own)
    red = TemplateCheck.objects.get(template_key="slip")
    publish_template(SYSTEM, {**own, "main.typ": own["main.typ"] + b"\n// other\n"})
    where = {"code": "text", "file": PAGE, "line": 2, "sample": "01-usual", "language": "en", "page": 0, "rects": []}
    TemplateCheck.objects.filter(pk=red.pk).update(failures=[{**where, "what": "is not there", "hint": ""}])
    approver = desk_of(user_of)("approver")
    # when somebody goes back to it, then it is refused, with the place, and with no way to press on
    answer = approver.post("/templates/slip/back/1/", {"reason": "Customers called"})
    page = said(approver.get(answer["Location"]))
    assert f"{PAGE}:2" in page and "It cannot be in force again" in page and 'id="back-why"' not in page
    assert newest_version("slip").no == 2


def test_planted_an_approval_tests_by_itself_where_nobody_did(db: str, actor_of: Actors) -> None:
    from postroom.composition import drafts
    from postroom.composition.actions.approve_draft import approve_draft
    from postroom.composition.actions.send_draft import send_draft
    from postroom.composition.checks.gate import TestsRed

    # given a red draft that was sent without its tests, as the command line does
    draft = send_draft(actor_of("author"), a_slip(actor_of("author"), WRONG).pk)
    assert not checks_of("slip").exists()
    # when it is approved there, then it waits for them, and refuses with the place
    with pytest.raises(TestsRed, match=f"{PAGE}:2"):
        approve_draft(actor_of("approver"), draft.pk, revision=1)
    assert drafts.find(draft.pk).state == "review"

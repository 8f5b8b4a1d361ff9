"""The portal: a customer sees their own documents that have left the house, and reading is an event."""

from __future__ import annotations

from typing import Any

import pytest

from api_kit import World
from desk_kit import acts_of, desk_of


def guest_of(world: World) -> tuple[Any, str]:
    """A customer's browser and their link, opened at the message with the world's document."""
    from django.test import Client

    from postroom.documents.models import Communication
    from postroom.parties.portal import portal_link

    found = Communication.objects.select_related("party").get(enclosures__document=world.document)
    link = portal_link(found.party.pk, found.party.portal_epoch, found.pk)
    return Client(), "/portal/" + link.partition("/portal/")[2]


def test_a_link_opens_the_document_it_was_sent_with(world: World) -> None:
    browser, link = guest_of(world)
    # when the customer opens the link of a mail
    led = browser.get(link)
    # then the document of that mail opens, with its page and its file
    assert led["Location"] == f"{link}documents/{world.document}/"
    page = browser.get(led["Location"])
    assert page.status_code == 200 and world.number in page.content.decode()
    assert "<script" not in page.content.decode()
    assert browser.get(f"{led['Location']}pages/1-1240.png")["Content-Type"] == "image/png"
    assert browser.get(f"{led['Location']}download/").content.startswith(b"%PDF")
    assert world.number in browser.get(f"{link}documents/").content.decode()


def test_p3_reading_raises_the_truth_once_and_looking_at_the_list_does_not(world: World) -> None:
    from postroom.delivery.models import Delivery, Receipt
    from postroom.delivery.spec import Truth

    # given a delivery by the portal
    Delivery.objects.filter(pk=world.delivery).update(channel="portal", state="delivered", truth=int(Truth.CONFIRMED))
    browser, link = guest_of(world)
    assert "New" in browser.get(f"{link}documents/").content.decode()
    browser.head(f"{link}documents/{world.document}/")
    assert Delivery.objects.get(pk=world.delivery).truth == int(Truth.CONFIRMED)
    # when the customer opens it twice, then it is read, once
    browser.get(f"{link}documents/{world.document}/")
    browser.get(f"{link}documents/{world.document}/download/")
    assert Delivery.objects.get(pk=world.delivery).truth == int(Truth.READ)
    assert Receipt.objects.filter(delivery=world.delivery, truth=int(Truth.READ)).count() == 1
    assert "New" not in browser.get(f"{link}documents/").content.decode()


def test_p7_a_stranger_learns_nothing(world: World) -> None:
    from postroom.documents.models import Communication, Document
    from postroom.parties.models import Party
    from postroom.parties.portal import portal_link

    browser, link = guest_of(world)
    # given another customer, and a document of the first that has not left the house
    other = Party.objects.exclude(key=world.party).first() or _another()
    theirs = "/portal/" + portal_link(other.pk, other.portal_epoch).partition("/portal/")[2]
    Communication.objects.filter(enclosures__document=world.document).update(released_at=None)
    addresses = [
        f"{theirs}documents/{world.document}/",
        f"{theirs}documents/{world.document}/download/",
        f"{theirs}documents/{world.document}/pages/1-96.png",
        f"{link}documents/{world.document}/",
        f"{link}documents/{world.document}/download/",
        "/portal/nonsense/documents/",
        f"{link[:-3]}x/",
    ]
    for address in addresses:
        answer = browser.get(address)
        # then every one of them gets the same answer as a link that never was
        assert answer.status_code == 404 and b"does not open anything" in answer.content, address
    assert browser.get(theirs + "documents/").status_code == 200
    # and a link withdrawn by a new epoch opens nothing any more
    Party.objects.filter(pk=Document.objects.get(pk=world.document).party_id).update(portal_epoch=1)
    assert browser.get(f"{link}documents/").status_code == 410


def _another() -> Any:
    from postroom.parties.actions.meet_parties import Acquaintance, meet_parties
    from postroom.parties.models import Party

    meet_parties([Acquaintance(key="C-99999", name="Somebody Else", language="en")])
    return Party.objects.get(key="C-99999")


@pytest.fixture
def mail(world: World) -> None:
    """A destination for mail, as every house has one; nobody listens there, and nothing is sent in these tests."""
    from postroom.delivery.actions.set_destination import set_destination
    from postroom.identity.actor import SYSTEM

    settings = {"host": "127.0.0.1", "port": 9, "security": "none", "sender_address": "desk@house.example"}
    set_destination(SYSTEM, "email", "email", settings)


# --- links that do not open any more ----------------------------------------------------------------------------------


def older(link: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The same link, and a house whose links have all expired."""
    from django.conf import settings

    monkeypatch.setattr(settings, "CONFIG", settings.CONFIG.model_copy(update={"portal_link_days": -1}))
    return link


def mails_to(world: World) -> list[Any]:
    """Deliveries of fresh links."""
    from postroom.delivery.models import Delivery

    return list(Delivery.objects.filter(party_id=world.party_id, explanation__portal_link=True).order_by("created_at"))


def test_an_expired_link_says_so_and_sends_a_fresh_one_to_the_known_address_only(
    world: World, mail: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    import json

    from postroom.parties.models import Party
    from postroom.vault.read import read

    Party.objects.filter(pk=world.party_id).update(email="anna@known.example")
    browser, link = guest_of(world)
    older(link, monkeypatch)
    # when a customer comes with a link that is too old
    page = browser.get(f"{link}documents/")
    # then it says so, and offers a new one
    assert page.status_code == 410 and "This link has expired" in page.content.decode()
    answer = browser.post(f"{link}again/", {"email": "thief@else.example"})
    assert answer.status_code == 200 and "on its way" in answer.content.decode()
    # then one mail goes to the address we know, with a link that is this party's
    (sent,) = mails_to(world)
    assert sent.address == "anna@known.example" and sent.state == "ready"
    body = json.loads(read(sent.communication.body_blob_id))
    assert body["link"] in body["text"] and "{link}" not in body["text"]
    monkeypatch.undo()
    assert browser.get("/portal/" + body["link"].partition("/portal/")[2] + "documents/").status_code == 200
    assert acts_of("party.link_sent") == [{"delivery": str(sent.pk), "destination": "email"}]


def test_nobody_fills_a_mailbox_and_every_answer_is_the_same(
    world: World, mail: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    import datetime as dt
    import re

    from postroom.delivery.models import Delivery
    from postroom.kernel import clock
    from postroom.parties.models import Party

    def answer() -> str:
        return re.sub(r'value="[^"]{20,}"', "", browser.post(f"{link}again/").content.decode())

    Party.objects.filter(pk=world.party_id).update(email="anna@known.example")
    browser, link = guest_of(world)
    older(link, monkeypatch)
    # when it is asked again and again, then one mail is made in a quarter of an hour, and four in a day
    answers = {answer(), answer(), answer()}
    assert len(mails_to(world)) == 1
    for _ in range(6):
        earlier = clock.now() - dt.timedelta(hours=1)
        Delivery.objects.filter(explanation__portal_link=True).update(created_at=earlier)
        answers.add(answer())
    assert len(mails_to(world)) == 4
    # and whether we know an address does not show
    Delivery.objects.filter(explanation__portal_link=True).update(created_at=clock.now() - dt.timedelta(days=2))
    Party.objects.filter(pk=world.party_id).update(email="")
    answers.add(answer())
    assert len(mails_to(world)) == 4 and len(answers) == 1


def test_a_withdrawn_link_says_so_and_a_forged_one_learns_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, user_of: Any
) -> None:
    browser, link = guest_of(world)
    clerk = desk_of(user_of)("clerk")
    assert clerk.post(f"/parties/{world.party_id}/revoke-links/").status_code == 303
    # given links that were withdrawn on the party's page, then they say so, and offer no new one, however old
    for _ in range(2):
        page = browser.get(f"{link}documents/")
        assert page.status_code == 410 and "was withdrawn" in page.content.decode()
        assert browser.post(f"{link}again/").status_code == 410
        older(link, monkeypatch)
    # and one with another signature, though it is as old, is a link that never was
    forged = f"{link[:-3]}x/"
    assert browser.get(f"{forged}documents/").status_code == 404
    assert browser.post(f"{forged}again/").status_code == 404
    assert mails_to(world) == [] and acts_of("party.links_revoked") == [{"epoch": 1}]


# --- wishes -----------------------------------------------------------------------------------------------------------


def chosen_in(page: str) -> list[str]:
    import re

    return re.findall(r'name="channel" value="(\w+)"', page)


def test_a_customer_chooses_among_what_really_works(world: World, mail: None, user_of: Any) -> None:
    from postroom.delivery.models import Destination
    from postroom.parties.models import Party

    Party.objects.filter(pk=world.party_id).update(email="anna@known.example", language="de-AT", preferred_channel="")
    browser, link = guest_of(world)
    address = f"{link}preferences/"
    page = browser.get(address).content.decode()
    assert chosen_in(page) == ["email", "portal", "letter"] and "<script" not in page
    assert '<html lang="de"' in page
    # when she chooses letters, and English
    kept = browser.post(address, {"channel": "letter", "language": "en"})
    assert kept.status_code == 200 and "Thank you" in kept.content.decode()
    anna = Party.objects.get(pk=world.party_id)
    assert (anna.preferred_channel, anna.language) == ("letter", "en")
    # then the ledger knows, the desk shows since when and by whom, and the next document follows it
    (fact,) = acts_of("party.preferences_changed")
    assert fact["after"] == {"language": "en", "channel": "letter"} and fact["before"]["channel"] == ""
    clerk = desk_of(user_of)("clerk")
    shown = clerk.get(f"/parties/{world.party_id}/").content.decode()
    assert "by themselves" in shown and "since" in shown
    # and keeping it as it is changes nothing
    browser.post(address, {"channel": "letter", "language": "en"})
    assert len(acts_of("party.preferences_changed")) == 1
    # a way that does not work is not offered, and refused when it is sent anyway
    Destination.objects.filter(channel="email").update(enabled=False)
    assert "email" not in chosen_in(browser.get(address).content.decode())
    refused = browser.post(address, {"channel": "email", "language": "en"})
    assert refused.status_code == 422 and "cannot be chosen any more" in refused.content.decode()
    assert browser.post(address, {"channel": "pigeon", "language": "en"}).status_code == 422
    assert Party.objects.get(pk=world.party_id).preferred_channel == "letter"


def test_who_looks_after_parties_notes_a_wish_and_others_do_not(world: World, user_of: Any) -> None:
    from postroom.parties.models import Party

    Party.objects.filter(pk=world.party_id).update(email="anna@known.example", language="sv")
    address = f"/parties/{world.party_id}/"
    desk = desk_of(user_of)
    assert 'value="sv" selected' in desk("clerk").get(address).content.decode()
    assert desk("clerk").post(f"{address}wishes/", {"channel": "portal", "language": "sv"}).status_code == 303
    assert Party.objects.get(pk=world.party_id).preferred_channel == "portal"
    assert "by clerk" in desk("clerk").get(address).content.decode().lower()
    # no wish at all is a choice of the desk
    assert desk("clerk").post(f"{address}wishes/", {"channel": "", "language": "sv"}).status_code == 303
    assert desk("clerk").post(f"{address}wishes/", {"channel": "fax", "language": "sv"}).status_code == 422
    for role in ("auditor", "records_manager", "operator"):
        assert desk(role).post(f"{address}wishes/", {"channel": "", "language": "sv"}).status_code == 403, role
        assert "wishes/" not in desk(role).get(address).content.decode()


def test_a_delivery_without_a_document_stands_in_the_lists(
    world: World, mail: None, monkeypatch: pytest.MonkeyPatch, user_of: Any
) -> None:
    from postroom.parties.models import Party

    Party.objects.filter(pk=world.party_id).update(email="anna@known.example")
    browser, link = guest_of(world)
    older(link, monkeypatch)
    browser.post(f"{link}again/")
    assert len(mails_to(world)) == 1
    # then whoever sees everything finds it, and it is no fault of the desk
    admin = desk_of(user_of)("administrator")
    assert admin.get("/deliveries/").status_code == 200
    assert "Your new link" in admin.get(f"/parties/{world.party_id}/").content.decode()

"""The portal: a customer sees their own documents that have left the house, and reading is an event."""

from __future__ import annotations

from typing import Any

from api_kit import World


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
    assert browser.get(f"{link}documents/").status_code == 404


def _another() -> Any:
    from postroom.parties.actions.meet_parties import Acquaintance, meet_parties
    from postroom.parties.models import Party

    meet_parties([Acquaintance(key="C-99999", name="Somebody Else", language="en")])
    return Party.objects.get(key="C-99999")

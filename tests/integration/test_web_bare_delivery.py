"""A mail that holds no document (a customer's fresh link) has a page like every delivery, for who may see the party."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from api_kit import World
from desk_kit import Desk, desk_of, said


@pytest.fixture
def desk(user_of: Callable[[str], Any]) -> Desk:
    return desk_of(user_of)


@pytest.fixture
def sent(world: World) -> Any:
    """The delivery of a fresh link to the party of the world."""
    from postroom.delivery.actions.send_portal_link import send_portal_link
    from postroom.delivery.actions.set_destination import set_destination
    from postroom.delivery.models import Delivery
    from postroom.identity.actor import SYSTEM
    from postroom.parties.models import Party

    settings = {"host": "127.0.0.1", "port": 9, "security": "none", "sender_address": "desk@house.example"}
    set_destination(SYSTEM, "email", "email", settings)
    party = Party.objects.get(pk=world.party_id)
    assert send_portal_link(party, subject="Your new link", text="Hello,\n\n{link}\n\nBye")
    return Delivery.objects.get(party_id=party.pk, explanation__portal_link=True)


def test_the_page_of_a_fresh_link_tells_what_was_sent_without_the_link(sent: Any, world: World, desk: Desk) -> None:
    for role in ("administrator", "clerk", "operator"):
        browser = desk(role)
        # given who may see deliveries and parties, when they open it from the party's page
        address = f"/deliveries/{sent.pk}/"
        assert address in said(browser.get(f"/parties/{world.party_id}/")), role
        answer = browser.get(address)
        # then it says what went, why, and that there is no document; the link itself is not shown
        page = said(answer)
        assert answer.status_code == 200, role
        assert "Your new link to " in page and "(their portal link)" in page and "/portal/" not in page
        assert "The customer asked for a new link." in page and "the message is all there was" in page
        assert "Same bytes as archived" in page and 'class="pages bench"' not in page
        # and nothing is offered that cannot be done
        assert f"{address}resend/" not in page and "/download/" not in page
        assert browser.get(f"/deliveries/{sent.pk}/peek/", headers={"HX-Request": "true"}).status_code == 200


def test_it_cannot_be_sent_again_and_says_why(sent: Any, desk: Desk) -> None:
    from postroom.delivery.models import Delivery

    browser, before = desk("operator"), Delivery.objects.count()
    answer = browser.post(f"/deliveries/{sent.pk}/resend/", {"reason": "r"})
    assert answer.status_code == 422 and Delivery.objects.count() == before


def test_p7_who_may_not_see_deliveries_or_parties_does_not_see_it(
    sent: Any, world: World, desk: Desk, user_of: Callable[[str], Any]
) -> None:
    from postroom.delivery.queries import deliveries_visible_to, delivery
    from postroom.identity.actor import Actor
    from postroom.kernel.errors import NotFound

    # given an author, who sees no deliveries
    assert desk("author").get(f"/deliveries/{sent.pk}/").status_code == 404
    # and somebody who sees deliveries of their documents, but no parties
    known = Actor("user:1", frozenset({"clerk"}), frozenset({"delivery.view", "document.view"}))
    assert not deliveries_visible_to(known, bare=True).filter(pk=sent.pk).exists()
    with pytest.raises(NotFound):
        delivery(known, sent.pk)

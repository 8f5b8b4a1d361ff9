"""People, roles, tokens, links; and who sees which documents (P7)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from api_kit import World
from postroom.kernel.errors import BadInput, NotAllowed, NotFound


def test_a_person_is_made_by_an_administrator_only(actor_of: Callable[..., object]) -> None:
    from postroom.identity.actions.create_user import create_user
    from postroom.identity.errors import UnknownRole, UserExists

    fields = {"email": "New@Postroom.example", "name": "New", "password": "a long enough one"}
    with pytest.raises(NotAllowed):
        create_user(actor_of("operator"), roles=["clerk"], **fields)
    made = create_user(actor_of("administrator"), roles=["clerk"], **fields)
    assert made.email == "new@postroom.example"
    assert made.password.startswith("argon2$")
    with pytest.raises(UserExists):
        create_user(actor_of("administrator"), roles=["clerk"], **fields)
    with pytest.raises(UnknownRole, match="clark") as refused:
        create_user(actor_of("administrator"), email="x@postroom.example", name="X", roles=["clark"])
    assert "clerk" in refused.value.hint


def test_a_weak_password_is_refused(actor_of: Callable[..., object]) -> None:
    from postroom.identity.actions.create_user import create_user

    with pytest.raises(BadInput, match="password"):
        create_user(actor_of("administrator"), email="w@postroom.example", name="W", roles=[], password="password")


def test_a_token_is_kept_as_a_hash_and_never_has_more_than_its_owner(
    user_of: Callable[..., object], token_of: Callable[..., str]
) -> None:
    from postroom.identity.actions.revoke_token import revoke_token
    from postroom.identity.actor import SYSTEM
    from postroom.identity.errors import BadToken
    from postroom.identity.models import ApiToken
    from postroom.identity.queries import actor_by_secret

    # given a clerk's token with a scope the clerk does not have
    secret = token_of("clerk", scopes=["document.view", "run.start"])
    row = ApiToken.objects.get()
    assert secret.encode() not in bytes(row.digest)
    # then only what the clerk may do remains
    actor = actor_by_secret(secret)
    assert actor.permissions == {"document.view"}
    # and after it was revoked, or its owner left, nothing does
    user = user_of("clerk")
    user.is_active = False  # type: ignore[attr-defined]
    user.save()  # type: ignore[attr-defined]
    with pytest.raises(BadToken):
        actor_by_secret(secret)
    user.is_active = True  # type: ignore[attr-defined]
    user.save()  # type: ignore[attr-defined]
    revoke_token(SYSTEM, row.pk)
    with pytest.raises(BadToken):
        actor_by_secret(secret)


def test_a_sign_in_link_works_once_and_soon(user_of: Callable[..., object]) -> None:
    from postroom.identity.actions.sign_in_link import make_sign_in_link, use_sign_in_link
    from postroom.identity.actor import SYSTEM
    from postroom.identity.errors import BadLink
    from postroom.identity.models import SignInLink
    from postroom.kernel import clock

    user = user_of("operator")
    secret = make_sign_in_link(SYSTEM, user)  # type: ignore[arg-type]
    assert use_sign_in_link(secret) == user
    with pytest.raises(BadLink):
        use_sign_in_link(secret)
    late = make_sign_in_link(SYSTEM, user)  # type: ignore[arg-type]
    SignInLink.objects.filter(used_at=None).update(expires_at=clock.now() - dt.timedelta(seconds=1))
    with pytest.raises(BadLink):
        use_sign_in_link(late)


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        ("administrator", True),
        ("operator", True),
        ("clerk", True),
        ("records_manager", True),
        ("auditor", True),
        ("author", False),
    ],
)
def test_p7_a_document_is_seen_by_the_roles_of_its_folder(
    world: World, actor_of: Callable[..., object], role: str, sees: bool
) -> None:
    from postroom.documents.queries import document, visible_to

    actor = actor_of(role)
    assert visible_to(actor).exists() is sees  # type: ignore[arg-type]
    if not sees:
        with pytest.raises(NotFound):
            document(actor, world.document)  # type: ignore[arg-type]


def test_p7_a_folder_closed_to_a_role_hides_documents_deliveries_and_search(
    world: World, actor_of: Callable[..., object]
) -> None:
    from postroom.delivery.queries import deliveries_visible_to
    from postroom.documents.models import Folder
    from postroom.documents.queries import Wanted, search, visible_to

    clerk = actor_of("clerk")
    assert search(clerk, Wanted(text=world.number)).count() == 1  # type: ignore[arg-type]
    Folder.objects.update(roles=["records_manager"])
    assert not visible_to(clerk).exists()  # type: ignore[arg-type]
    assert not search(clerk, Wanted(text=world.number)).exists()  # type: ignore[arg-type]
    assert not deliveries_visible_to(clerk).exists()  # type: ignore[arg-type]


def test_p7_a_customer_sees_what_reached_them_and_nothing_else(world: World) -> None:
    from postroom.documents.models import Communication, Document
    from postroom.documents.queries import visible_to
    from postroom.parties.models import Party
    from postroom.parties.portal import BadPortalLink, portal_link, visitor

    party = Party.objects.get(key=world.party)
    token = portal_link(party.pk, party.portal_epoch).rstrip("/").rsplit("/", 1)[1]
    seen = visible_to(visitor(token).actor)
    assert set(seen) == set(Document.objects.filter(party=party))
    # what has not left the house is not there
    Communication.objects.update(released_at=None)
    assert not visible_to(visitor(token).actor).exists()
    # a changed link, and any link after the epoch was raised, open nothing
    with pytest.raises(BadPortalLink):
        visitor(token[:-2] + ("AA" if not token.endswith("AA") else "BB"))
    Party.objects.filter(pk=party.pk).update(portal_epoch=party.portal_epoch + 1)
    with pytest.raises(BadPortalLink):
        visitor(token)


def test_a_read_on_the_portal_is_an_event(world: World) -> None:
    from postroom.delivery.actions.record_read import record_read
    from postroom.delivery.models import DELIVERED, Delivery
    from postroom.delivery.spec import Truth
    from postroom.documents.models import Document
    from postroom.identity.actor import Actor
    from postroom.ledger.models import Entry

    document = Document.objects.get(pk=world.document)
    Delivery.objects.update(channel="portal", destination_id="portal", state=DELIVERED, truth=int(Truth.CONFIRMED))
    customer = Actor(f"party:{document.party_id}", frozenset(), frozenset(), party_id=str(document.party_id))
    record_read(customer, document, "viewed")
    record_read(customer, document, "viewed")
    delivery = Delivery.objects.get(communication__enclosures__document=document)
    assert delivery.truth == Truth.READ
    assert Entry.objects.filter(act="delivery.read", object_id=delivery.pk).count() == 1


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"text": "nothing of the kind"}, 0),
        ({"kind": "statement"}, 0),
        ({"kind": "invoice"}, 3),
        ({"number": "T-0002"}, 1),
        ({"text": "t-000"}, 3),
    ],
)
def test_documents_are_found_by_their_facts(
    world: World, actor_of: Callable[..., object], wanted: dict[str, str], found: int
) -> None:
    from postroom.documents.queries import Wanted, search

    assert search(actor_of("operator"), Wanted(**wanted)).count() == found  # type: ignore[arg-type]


def test_documents_are_found_by_customer_amount_and_date(world: World, actor_of: Callable[..., object]) -> None:
    from postroom.documents.models import Document
    from postroom.documents.queries import Wanted, search

    operator = actor_of("operator")
    one = Document.objects.select_related("party").get(pk=world.document)
    assert one.amount is not None
    for wanted in (
        Wanted(party=one.party.key),
        Wanted(party=one.party.name[:5]),
        Wanted(text=one.party.name),
        Wanted(text=f"{one.amount.normalize():f}"),
        Wanted(amount_from=one.amount, amount_to=one.amount),
        Wanted(issued_from=one.issued_on, issued_to=one.issued_on),
    ):
        assert one in search(operator, wanted), wanted  # type: ignore[arg-type]
    after = one.issued_on + dt.timedelta(days=1)
    assert not search(operator, Wanted(issued_from=after)).exists()  # type: ignore[arg-type]

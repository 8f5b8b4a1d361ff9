"""What is written for every document by lines of COPY is what the slow ways would have written."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from api_kit import World

HOSTILE = "a\\b\tc\nd\re \\N {} ÅßÆ \u2028 '\"$1"


def test_p6_entries_in_bulk_have_the_bytes_of_the_definition(world: World) -> None:
    from postroom.ledger.append import Act, _entries
    from postroom.ledger.canonical import entry_bytes, leaf_hash

    # given acts with everything an entry may hold
    at = dt.datetime(2026, 11, 12, 8, 1, 2, 3, tzinfo=dt.UTC)
    acts = [
        Act("document.composed", "document", uuid.uuid4(), {"b": HOSTILE, "a": [1, None, True], "c": {"y": 1, "x": 2}}),
        Act("run.settled", "run", None, {}),
    ]
    # when their rows are made, then each leaf is the hash of the entry as it is defined
    _, leaves = _entries("user:Åsa", acts, 3, 41, at)
    for number, act in enumerate(acts):
        wanted = leaf_hash(entry_bytes(41 + number, at, "user:Åsa", act.act, act.kind, act.object_id, act.facts))
        assert leaves[number * 32 : number * 32 + 32] == wanted


def test_hostile_texts_come_back_as_they_went_in(world: World) -> None:
    from django.db import transaction

    from postroom.documents.models import Communication, SearchRow
    from postroom.documents.rows import DocumentRows
    from postroom.kernel import clock
    from postroom.kernel.rows import copy_lines, line, text
    from postroom.ledger.append import Act, append
    from postroom.ledger.models import Entry
    from postroom.ledger.verify import verify
    from postroom.parties.actions.meet_parties import Acquaintance, meet_parties

    # given texts with everything COPY gives a meaning to
    with transaction.atomic():
        party = meet_parties([Acquaintance("P\t1\\N", HOSTILE, "en", address={"city": HOSTILE})])["P\t1\\N"]
        rows = DocumentRows(clock.now())
        written = rows.communication(party.id, HOSTILE, "en", [], None, None, None)
        # when they are written in bulk
        rows.write()
        append("system:test", [Act("test.hostile", "test", uuid.uuid4(), {"text": HOSTILE})])
    # then they are read as they were, and the ledger verifies
    assert party.name == HOSTILE
    assert Communication.objects.get(pk=written).subject == HOSTILE
    assert Entry.objects.get(act="test.hostile").facts == {"text": HOSTILE}
    assert verify().whole
    assert text("\\N") == "\\\\N"
    copy_lines(SearchRow, ("document_id", "part", "body"), [])
    assert line(None, 1, "x") == "\\N\t1\tx"


def test_a_party_met_again_keeps_what_is_known_and_gains_an_address(world: World) -> None:
    from django.db import connection, transaction

    from postroom.parties.actions.meet_parties import Acquaintance, meet_parties
    from postroom.parties.models import Party

    # given two parties, one without an e-mail address
    with transaction.atomic():
        first = meet_parties([Acquaintance("Q-1", "One", "en", "one@example.org"), Acquaintance("Q-2", "Two", "en")])
    # when they are met again under other names and addresses, and nothing new is known of the first
    with transaction.atomic():
        again = meet_parties(
            [Acquaintance("Q-1", "Other", "de", "x@example.org"), Acquaintance("Q-2", "Zwei", "de", "2@x")]
        )
    # then names stay, and only the missing address was filled in
    assert [(one.id, one.name, one.email) for one in again.values()] == [
        (first["Q-1"].id, "One", "one@example.org"),
        (first["Q-2"].id, "Two", "2@x"),
    ]
    # and meeting those of whom everything is known writes nothing at all
    with transaction.atomic():
        meet_parties([Acquaintance("Q-1", "Other", "de", "x@example.org")])
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id_if_assigned()")
            assert cursor.fetchone() == (None,), "a transaction that only looked has no number and syncs nothing"
    assert Party.objects.filter(key__startswith="Q-").count() == 2


def test_packed_rows_are_read_as_what_they_say(world: World) -> None:
    from django.db import DataError, transaction

    from postroom.delivery.determine import Choice
    from postroom.delivery.models import URGENT, Delivery, Destination
    from postroom.delivery.rows import DeliveryRows, Recipient
    from postroom.documents.models import Communication
    from postroom.documents.rows import DocumentRows
    from postroom.kernel import clock, packed
    from postroom.parties.actions.meet_parties import Acquaintance, meet_parties

    # given a communication and a destination
    at = clock.now()
    destination = Destination.objects.order_by("key").first()
    assert destination is not None
    with transaction.atomic():
        party = meet_parties([Acquaintance("packed", "Packed", "en")])["packed"]
        rows = DocumentRows(at)
        said = rows.communication(party.id, "Packed", "en", [], None, None, None)
        rows.write()
        # when a delivery with everything a row may hold is written, and one with as little as may be
        deliveries = DeliveryRows(at, {destination.key: destination.channel}, priority=-3)
        full = Choice((destination.key,), (HOSTILE,), {"why": HOSTILE})
        ids = [uuid.uuid4() for _ in range(3)]
        to = Recipient(party.id, HOSTILE, HOSTILE)
        deliveries.add(said, to, full, run_id=ids[0], record_id=ids[1], fallback_for=ids[2], salt="aa" * 16)
        deliveries.add(said, to, Choice((destination.key,), (), {}))
        deliveries.write()
    # then each column says what it was given
    first, second = (Delivery.objects.get(pk=made) for made in deliveries.made)
    assert (first.run_id, first.record_id, first.fallback_for) == tuple(ids)
    assert (second.run_id, second.record_id, second.fallback_for) == (None, None, None)
    assert first.explanation == {"why": HOSTILE, "salt": "aa" * 16} and second.explanation == {}
    assert (first.fallbacks, second.fallbacks) == ([HOSTILE], [])
    assert first.address == second.address == HOSTILE
    assert (first.priority, second.priority) == (-3, URGENT)
    assert first.created_at == first.changed_at == first.next_attempt_at == at
    assert (first.state, first.truth, first.code, first.reason, first.attempts, first.key) == (
        "ready",
        0,
        "",
        "",
        0,
        "",
    )
    assert (first.destination_id, first.channel) == (destination.key, destination.channel)
    # and a field of another size than its column's is refused, not read as something else
    wrong = packed.row(1) + packed.octets(bytes(20))
    with pytest.raises(DataError, match="incorrect binary data"), transaction.atomic():
        packed.copy_packed(Communication, ("id",), [wrong])

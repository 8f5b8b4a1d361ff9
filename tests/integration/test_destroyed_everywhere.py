"""P11: once the key of a document is destroyed, nobody reads it by any door, nor a picture or a word of it."""

from __future__ import annotations

from typing import Any

from test_web_portal import guest_of

from api_kit import World
from desk_kit import desk_of
from postroom.kernel.home import Home


def _destroy(world: World) -> None:
    from django.db import transaction

    from postroom.documents.models import Version
    from postroom.vault.destroy import destroy

    blobs = Version.objects.filter(document_id=world.document).values_list("blob_id", "data_blob_id")
    with transaction.atomic():
        destroy([blob for pair in blobs for blob in pair if blob])


def test_p11_a_destroyed_document_is_read_by_no_door_and_none_of_its_pictures_either(
    world: World, user_of: Any, home: Home
) -> None:
    from postroom.documents.models import SearchRow

    # given a document that was looked at: at the desk, by its customer, by a program
    desk, (guest, link) = desk_of(user_of)("operator"), guest_of(world)
    theirs = f"{link}documents/{world.document}/"
    ours = f"/documents/{world.document}/"
    guest.get(link)
    doors = [
        (desk, f"{ours}pages/1-1240.png"),
        (desk, f"{ours}pages/1-96.png"),
        (desk, f"{ours}content/"),
        (guest, f"{theirs}pages/1-1240.png"),
        (guest, f"{theirs}download/"),
    ]
    assert [browser.get(address).status_code for browser, address in doors] == [200] * len(doors)
    first, again = (desk.get(doors[0][1]).content for _ in range(2))
    assert first == again
    assert first.startswith(b"\x89PNG")
    # then nothing of it lies on the disk as it is
    kept = [path for path in (home.work / "pictures").rglob("*") if path.is_file()]
    assert len(kept) == 2
    assert not any(path.read_bytes().startswith(b"\x89PNG") for path in kept)
    assert SearchRow.objects.filter(document_id=world.document).exists()
    # when its keys are destroyed
    _destroy(world)
    # then every door says that there is nothing, although the sealed pictures still lie there
    assert [browser.get(address).status_code for browser, address in doors] == [404] * len(doors)
    assert all(path.exists() for path in kept)
    # and its words are gone with it
    assert not SearchRow.objects.filter(document_id=world.document).exists()
    # while its page still says what it was
    assert desk.get(ours).status_code == 200


def test_p11_the_words_of_others_and_of_a_newer_version_stay(world: World) -> None:
    from postroom.documents.models import SearchRow, Version
    from postroom.kernel import clock
    from postroom.kernel.ids import new_id
    from postroom.vault.destroy import destroy

    # given a document whose newest version is another one
    old = Version.objects.get(document_id=world.document)
    others = SearchRow.objects.exclude(document_id=world.document).count()
    Version.objects.bulk_create(
        [
            Version(
                id=new_id(),
                document_id=old.document_id,
                no=2,
                blob_id=Version.objects.exclude(pk=old.pk)[0].blob_id,
                sha256=b"",
                size=0,
                pages=1,
                media_type="application/pdf",
                created_at=clock.now(),
            )
        ]
    )
    # when the old one is destroyed, then its document is still found
    destroy([old.blob_id])
    assert SearchRow.objects.filter(document_id=world.document).exists()
    assert SearchRow.objects.exclude(document_id=world.document).count() == others


def test_planted_a_picture_of_another_page_or_changed_by_somebody_is_made_again(
    world: World, user_of: Any, home: Home
) -> None:
    # given two kept pictures
    desk = desk_of(user_of)("operator")
    small, large = (f"/documents/{world.document}/pages/1-{width}.png" for width in (96, 440))
    wanted = desk.get(large).content
    desk.get(small)
    folder = next((home.work / "pictures").iterdir())
    # when one is put in the other's place, or cut, then neither is believed
    for changed in ((folder / "1-96.sealed").read_bytes(), b"", b"\x89PNG"):
        (folder / "1-440.sealed").write_bytes(changed)
        assert desk.get(large).content == wanted

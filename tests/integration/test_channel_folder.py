"""The folder channel: names, neighbours, trouble with the disk."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from postroom.delivery.spec import CannotAsk, Deferred, Letter, Refused, Sent, Unknown
from postroom.plugins.channels import _folder_journal, _rename
from postroom.plugins.channels._folder_names import check_pattern, file_path, sub_path
from postroom.plugins.channels.folder import FolderChannel, FolderConfig
from postroom.testing.channels import PDF, sample_enclosure, sample_letter
from servers import missing


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    drop = tmp_path / "drop"
    drop.mkdir()
    return drop


def channel_to(drop: Path, **settings: Any) -> FolderChannel:
    return FolderChannel(FolderConfig(folder=drop, **settings))


def letter(**changed: Any) -> Letter:
    return sample_letter(**{"address": "", **changed})


def visible(drop: Path) -> dict[str, bytes]:
    """What a reader of the folder sees."""
    files = (path for path in drop.rglob("*") if path.is_file() and ".postroom" not in path.parts)
    return {str(path.relative_to(drop)): path.read_bytes() for path in files}


def test_a_document_lies_under_the_name_of_its_facts(drop: Path) -> None:
    outcome = channel_to(drop).send(letter(address="kunden"))
    assert isinstance(outcome, Sent), outcome
    assert outcome.reference == "kunden/2026-11-21/R-2026-0001_K-1007.pdf"
    assert visible(drop) == {outcome.reference: PDF}


def test_nothing_is_ever_overwritten(drop: Path) -> None:
    channel = channel_to(drop, pattern="{number}.pdf")
    (drop / "R-2026-0001.pdf").write_bytes(b"somebody else's")
    (drop / "R-2026-0001-2.pdf").symlink_to("/nowhere")
    assert isinstance(channel.send(letter()), Sent)
    assert isinstance(channel.send(letter()), Sent)
    assert (drop / "R-2026-0001-2.pdf").is_symlink()
    assert visible(drop) == {"R-2026-0001.pdf": b"somebody else's", "R-2026-0001-3.pdf": PDF, "R-2026-0001-4.pdf": PDF}


def test_the_same_key_is_placed_once(drop: Path) -> None:
    one = letter()
    assert isinstance(channel_to(drop).send(one), Sent)
    again = channel_to(drop).send(one)
    assert isinstance(again, Sent) and again.answer.startswith("already there")
    assert len(visible(drop)) == 1


def test_a_key_is_remembered_after_the_reader_took_the_file_away(drop: Path) -> None:
    one = letter()
    assert isinstance(channel_to(drop).send(one), Sent)
    for path in visible(drop):
        (drop / path).unlink()
    assert isinstance(channel_to(drop).look_up(one), Sent)
    assert isinstance(channel_to(drop).send(one), Sent)
    assert visible(drop) == {}


def test_several_documents_have_several_names_and_one_sidecar(drop: Path) -> None:
    enclosures = tuple(sample_enclosure(content, number="") for content in (b"one", b"two", b"three"))
    one = letter(enclosures=enclosures)
    assert isinstance(channel_to(drop, pattern="{party_name}.pdf", sidecar=True).send(one), Sent)
    files = visible(drop)
    sidecar = json.loads(files.pop("Ångström & Söhne.json"))
    assert files == {
        "Ångström & Söhne.pdf": b"one",
        "Ångström & Söhne-2.pdf": b"two",
        "Ångström & Söhne-3.pdf": b"three",
    }
    assert (sidecar["key"], sidecar["facts"]) == (one.key, one.facts)
    assert [each["name"] for each in sidecar["files"]] == sorted(files, key=len)[:1] + sorted(files)[:2]
    assert [each["sha256"] for each in sidecar["files"]] == [each.sha256 for each in enclosures]


@pytest.mark.parametrize(
    "pattern",
    [
        *("", "/x.pdf", "x/", "../x.pdf", "a//b.pdf", ".hidden/{number}.pdf", "{nothing}.pdf", "{number!r}.pdf"),
        *("{number:>9}.pdf", "{number.real}.pdf", "{party[0]}.pdf", "{number", "{}.pdf", "a\\b.pdf", "a\nb.pdf"),
    ],
)
def test_a_pattern_that_cannot_work_is_refused_when_it_is_written(pattern: str) -> None:
    with pytest.raises(ValidationError):
        FolderConfig(folder=Path("/drop"), pattern=pattern)


def test_a_relative_folder_is_refused() -> None:
    with pytest.raises(ValidationError):
        FolderConfig(folder=Path("drop"))


@pytest.mark.parametrize("address", ["../other", "/etc", "a/../../b", ".postroom/done", "a/./b", "a\\b", "con", "x\n"])
def test_an_address_that_leads_elsewhere_is_refused(drop: Path, address: str) -> None:
    outcome = channel_to(drop).send(letter(address=address))
    assert isinstance(outcome, Refused) and outcome.code == "bad-address"


def test_a_link_that_leads_elsewhere_is_not_followed(drop: Path, tmp_path: Path) -> None:
    (tmp_path / "private").mkdir()
    (drop / "kunden").symlink_to(tmp_path / "private")
    outcome = channel_to(drop).send(letter(address="kunden"))
    assert isinstance(outcome, Deferred) and "link" in outcome.reason
    assert list((tmp_path / "private").iterdir()) == []


def test_what_the_letter_lacks_is_said(drop: Path) -> None:
    nothing = channel_to(drop).send(letter(enclosures=()))
    no_party = channel_to(drop).send(letter(facts={"date": "2026-11-21"}))
    assert isinstance(nothing, Refused) and nothing.code == "nothing-to-deliver"
    assert isinstance(no_party, Refused) and no_party.code == "missing-fact" and "{party}" in no_party.reason
    assert visible(drop) == {}


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(["number", "party", "date"]), st.text(min_size=1, max_size=300)), st.text())
def test_no_value_leaves_the_folder_or_hides_in_it(facts: dict[str, str], address: str) -> None:
    full = {"number": "1", "party": "2", "date": "3", **{name: value for name, value in facts.items() if value.strip()}}
    path = file_path(check_pattern("{date}/{number}_{party}.pdf"), full)
    below = sub_path(address)
    for part in (*path.parts, *(below.parts if below else ())):
        assert part not in (".", "..") and not part.startswith(".") and part == part.strip()
        assert len(part.encode()) <= 200 and not set(part) & set('/\\:*?"<>|\0\n\r')
    assert len(path.parts) == 2 and path.suffix == ".pdf" and not path.is_absolute()


@pytest.mark.parametrize("name", ["CON", "nul", "com1.txt", "LPT9", "aux.tar.gz"])
def test_reserved_names_are_not_used(name: str) -> None:
    assert str(file_path("{party}", {"party": name})) == f"_{name}"


def test_a_full_disk_defers_and_leaves_nothing(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small") as drop:
        channel = channel_to(drop)
        big = letter(enclosures=(sample_enclosure(b"x" * 4_000_000),))
        outcome = channel.send(big)
        assert isinstance(outcome, Deferred) and "space" in outcome.reason, outcome
        assert channel.look_up(big) is None
        assert visible(drop) == {} and list((drop / ".postroom/new").iterdir()) == []
        assert isinstance(channel.send(letter()), Sent)  # a small one still fits


def test_a_read_only_folder_defers_with_the_reason(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small") as drop:
        subprocess.run(["mount", "-o", "remount,ro", str(drop)], check=True)
        channel = channel_to(drop)
        outcome = channel.send(letter())
        assert isinstance(outcome, Deferred) and "may not write" in outcome.reason, outcome
        assert not channel.check()[0].ok and channel.check()[0].hint
        with pytest.raises(CannotAsk):
            channel.look_up(letter())


class small_disk:  # noqa: N801  reads as a verb
    """A file system of 1 MiB."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> Path:
        self.folder.mkdir()
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "postroom", str(self.folder)], capture_output=True, check=False
        )
        if mounted.returncode != 0:
            missing("mounting a small file system needs root")
        return self.folder

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", str(self.folder)], check=True)


def test_a_share_that_is_not_mounted_is_not_replaced_by_a_local_folder(tmp_path: Path) -> None:
    channel = channel_to(tmp_path / "share")
    outcome = channel.send(letter())
    assert isinstance(outcome, Deferred) and "mounted" in outcome.reason
    assert not (tmp_path / "share").exists()
    with pytest.raises(CannotAsk):
        channel.look_up(letter())


def test_a_name_too_long_for_the_disk_is_refused_before_anything_is_placed(drop: Path) -> None:
    outcome = channel_to(drop, pattern="/".join(["{party}"] * 60)).send(letter(facts={"party": "x" * 120}))
    assert isinstance(outcome, Refused) and outcome.code == "bad-name"


def test_too_slow_a_folder_is_given_up_before_the_moment_of_delivery(drop: Path) -> None:
    outcome = channel_to(drop, timeout=0.0001).send(letter())
    assert isinstance(outcome, Deferred) and "slow" in outcome.reason
    assert visible(drop) == {}


def test_p4_trouble_after_the_moment_of_delivery_is_unknown_and_asking_finishes_it(
    drop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a disk that fails between the commit and the last file
    one = letter(enclosures=(sample_enclosure(b"one"), sample_enclosure(b"two", number="R-2")))
    placed = iter([_rename.rename_new])

    def fails(source: Path, target: Path) -> None:
        usual = next(placed, None)
        if usual is None:
            raise OSError(errno.EIO, "input/output error")
        usual(source, target)

    monkeypatch.setattr(_folder_journal, "rename_new", fails)
    outcome = channel_to(drop).send(one)
    assert isinstance(outcome, Unknown), outcome
    with pytest.raises(CannotAsk):
        channel_to(drop).look_up(one)
    assert not channel_to(drop).check()[1].ok
    # when the disk is well again and somebody asks
    monkeypatch.undo()
    assert isinstance(channel_to(drop).look_up(one), Sent)
    assert sorted(visible(drop).values()) == [b"one", b"two"]
    assert len(channel_to(drop).check()) == 1


@pytest.fixture(params=["exclusive rename", "link and unlink"])
def any_file_system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if request.param == "link and unlink":
        monkeypatch.setattr(_rename, "_system_call", lambda: None)
    yield


def test_moving_never_replaces(drop: Path, any_file_system: None) -> None:
    (drop / "a").write_bytes(b"a")
    (drop / "b").write_bytes(b"b")
    with pytest.raises(FileExistsError):
        _rename.rename_new(drop / "a", drop / "b")
    _rename.rename_new(drop / "a", drop / "c")
    assert sorted(path.name for path in drop.iterdir()) == ["b", "c"]
    assert (drop / "b").read_bytes() == b"b"


def test_old_keys_are_forgotten_in_their_time(drop: Path) -> None:
    # given a note of a key placed 31 days ago, in the compartment whose turn it is today
    channel = channel_to(drop, remember_days=30)
    young = letter()
    assert isinstance(channel.send(young), Sent)
    now = time.time()
    compartment = drop / ".postroom/done" / f"{int(now // 86400) % 256:02x}"
    compartment.mkdir(exist_ok=True)
    (compartment / "old-1").write_text("{}")
    os.utime(compartment / "old-1", (now - 31 * 86400,) * 2)
    # when the next day's first letter is sent
    assert isinstance(channel_to(drop, remember_days=30).send(letter()), Sent)
    # then it is gone, and the young one is known
    assert not (compartment / "old-1").exists()
    assert isinstance(channel.look_up(young), Sent)


def test_a_letter_may_be_replaced_only_by_its_key(drop: Path) -> None:
    one = letter()
    channel = channel_to(drop)
    assert isinstance(channel.send(one), Sent)
    assert isinstance(channel.send(replace(one, key=f"{one.key}b")), Sent)
    assert len(visible(drop)) == 2

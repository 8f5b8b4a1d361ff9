"""P5: documents come out as they are stored, and an upgrade that would change them is seen before it is used."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from api_kit import World, records
from postroom.kernel.home import Home


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """What a process has learnt about its toolchain holds for its life; these tests change it under a living one."""

    def forget() -> None:
        from postroom.composition import fonts, proofs
        from postroom.composition.compose import close_cells
        from postroom.composition.queries import live_pack

        proofs.forget()
        live_pack.cache_clear()
        fonts.forget()
        close_cells()

    forget()
    yield
    forget()


@pytest.fixture
def upgraded(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Put another house library into place, as an upgrade of Postroom would."""

    def install(more: bytes) -> None:
        from postroom.composition import proofs, typst_entry
        from postroom.composition.compose import close_cells
        from postroom.composition.queries import live_pack

        before = typst_entry.library()
        monkeypatch.setattr(typst_entry, "library", lambda: before + more)
        proofs.forget()
        live_pack.cache_clear()
        close_cells()

    return install


#: An upgrade that changes no byte of any document, and one that changes every page.
HARMLESS = b"\n// a comment\n"
VISIBLE = (
    b"\n#let _setup_before = _setup\n"
    b"#let _setup(fonts: (), body) = { set text(tracking: 0.05pt)\n _setup_before(fonts: fonts, body) }\n"
)


def _again(**options: Any) -> Any:
    from postroom.identity.actor import SYSTEM
    from postroom.production.reproduce.again import make_again

    return make_again(SYSTEM, **{"wanted": 100, "seed": 7, **options})


def _acts(*names: str) -> list[str]:
    from postroom.ledger.models import Entry

    return list(Entry.objects.filter(act__in=names).order_by("seq").values_list("act", flat=True))


def _alarms() -> list[Any]:
    from postroom.composition.alarms import standing

    return standing()


def test_p5_stored_documents_come_out_the_same(world: World) -> None:
    # given three invoices of a run, when all documents are made again
    report = _again()
    # then they have the same bytes, nothing is alarmed, and the time is noted
    assert report.as_json()["templates"] == {
        "invoice 1": {"same": 3, "different": 0, "stored_only": 0, "destroyed": 0, "damaged": 0}
    }
    assert report.reproducible and _alarms() == []
    from postroom.composition.models import Reproduction

    row = Reproduction.objects.get()
    assert row.ended_at is not None and row.counts["invoice 1"]["same"] == 3


def test_p5_all_starter_samples_come_out_the_same_from_what_is_stored(starters: list[str]) -> None:
    from postroom.composition.canonical import canonical
    from postroom.composition.prepare import prepare
    from postroom.composition.queries import live_pack, newest_version
    from postroom.composition.replay import record_of

    # given every sample of every starter, read from its canonical form
    for key in starters:
        live = live_pack(newest_version(key).pk)
        for name, record in live.pack.samples:
            first = prepare(live.pack, record)
            again = prepare(live.pack, record_of(canonical(first.record), live.pack.contract.shape))
            # then the page gets the same data as the first time
            assert (again.view, again.codes, again.fixed_clock) == (first.view, first.codes, first.fixed_clock), name


def test_the_same_seed_draws_the_same_sample_and_a_run_its_own(world: World) -> None:
    import random

    from postroom.documents.models import Version
    from postroom.production.models import Run
    from postroom.production.reproduce.sample import draw

    everything = set(Version.objects.values_list("pk", flat=True))
    assert set(draw(100, random.Random(1))) == everything
    assert set(draw(100, random.Random(1), Run.objects.get())) == everything
    assert draw(2, random.Random(5)) == draw(2, random.Random(5)) and len(draw(2, random.Random(5))) == 2
    drawn = {draw(1, random.Random(seed))[0] for seed in range(40)}
    assert drawn == everything  # each of three has its chance


def test_planted_a_changed_stored_blob_raises_an_alarm_once(world: World, home: Home) -> None:
    from postroom.documents.models import Version

    # given a document whose stored data was changed on the disk
    version = Version.objects.select_related("data_blob").get(document_id=world.document)
    assert version.data_blob is not None
    segment = home.vault / version.data_blob.segment_id
    content = bytearray(segment.read_bytes())
    content[version.data_blob.offset + 64 + version.data_blob.stored_size // 2] ^= 1
    segment.chmod(0o600)
    segment.write_bytes(content)
    # when documents are made again, twice
    report = _again()
    assert not report.reproducible and report.total("damaged") == 1 and report.total("same") == 2
    _again()
    # then one alarm stands, with the document, and one entry of the ledger tells of it
    (alarm,) = _alarms()
    assert str(alarm.document_id) == world.document and "cannot be read" in alarm.told
    assert _acts("reproduction.differs") == ["reproduction.differs"]


def test_planted_a_changed_font_byte_is_found(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from postroom.composition import fonts

    # given a process that has read its fonts, and one byte of one that changes afterwards
    fonts.lock()
    own = shutil.copytree(fonts.FOLDER, tmp_path / "fonts")
    font = own / "PostroomSans-Regular.ttf"
    content = bytearray(font.read_bytes())
    content[len(content) // 2] ^= 1
    font.write_bytes(content)
    monkeypatch.setattr(fonts, "FOLDER", own)
    # when documents are made again, then the font is named and an alarm stands
    report = _again()
    assert not report.reproducible and "PostroomSans-Regular.ttf" in report.faults[0]
    assert "PostroomSans-Regular.ttf" in _alarms()[0].told
    # and a process that starts now makes nothing with it
    fonts._built.cache_clear()
    with pytest.raises(fonts.FontsDamaged, match="PostroomSans-Regular"):
        fonts.folder()


def test_planted_another_template_file_makes_other_bytes(world: World, home: Home) -> None:
    from postroom.composition.compose import close_cells

    # given an unfolded template whose page was changed behind Postroom's back
    assert _again().reproducible
    (page,) = (home.work / "packs").glob("*/main.typ")
    page.chmod(0o600)
    page.write_text(page.read_text("utf-8") + "\n#v(3pt)x\n", "utf-8")
    close_cells()
    # when documents are made again
    report = _again()
    # then each is told with the first byte and page that differ, and one alarm stands for the template
    assert report.total("different") == 3 and len(_alarms()) == 1
    first = report.differences[0]
    assert first.page == 1 and first.first_byte > 0 and "typst" in first.now
    assert "page 1" in _alarms()[0].told


def test_an_upgrade_that_changes_nothing_goes_on_without_a_word(
    world: World, upgraded: Callable[[bytes], None]
) -> None:
    from postroom.composition.models import TemplateVersion
    from postroom.composition.proofs import examine_all, proven

    # given another house library that makes the same bytes
    upgraded(HARMLESS)
    assert not proven(TemplateVersion.objects.get(template_id="invoice"))
    # when a worker starts, then it is noted, nobody is asked, and documents still come out the same
    assert examine_all() == [] and _alarms() == []
    assert _acts("toolchain.same") == ["toolchain.same"] * 3
    assert _again().total("same") == 3


def test_p5_an_upgrade_that_changes_bytes_waits_until_it_is_accepted(
    world: World, upgraded: Callable[[bytes], None]
) -> None:
    from api_kit import carry_through
    from postroom.composition.actions.accept_toolchain import accept_toolchain
    from postroom.composition.actions.compose_one import compose_one
    from postroom.composition.proofs import ToolchainNotAccepted, examine_all
    from postroom.documents.models import Document
    from postroom.identity.actor import SYSTEM
    from postroom.production.actions.start_run import start_run
    from postroom.production.models import READY, Chunk

    # given an upgrade that moves the page
    upgraded(VISIBLE)
    # when a worker starts with it, then every template waits, with an alarm that says what changed
    assert len(examine_all()) == 3 and len(_alarms()) == 3
    assert "house library" in _alarms()[0].told and "samples/" in _alarms()[0].told
    assert _acts("toolchain.differs") == ["toolchain.differs"] * 3
    # and nothing is made: a single letter is refused, a chunk waits and loses no try
    with pytest.raises(ToolchainNotAccepted):
        compose_one(SYSTEM, template="invoice", data=records(1)[0])
    run = _started(start_run, "more.jsonl")
    with pytest.raises(ToolchainNotAccepted):
        carry_through(run.pk)
    chunk = Chunk.objects.get(run=run)
    assert (chunk.state, chunk.tries) == (READY, 0)
    # and documents of before are neither an alarm nor hidden: they are stored only
    report = _again()
    assert report.reproducible and report.total("stored_only") == 3
    # when somebody agrees, then the chunk goes on, and new documents come out the same, old ones stay stored only
    assert len(accept_toolchain(SYSTEM)) == 3 and _alarms() == []
    carry_through_chunks(run)
    assert Document.objects.filter(run_id=run.pk).count() == 2
    report = _again()
    assert (report.total("same"), report.total("stored_only")) == (2, 3) and report.reproducible


def _started(start_run: Any, name: str) -> Any:
    import tempfile

    from postroom.identity.actor import SYSTEM

    with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
        for number in (901, 902):
            file.write(json.dumps(records(1)[0] | {"number": f"T-{number}"}).encode() + b"\n")
        file.flush()
        return start_run(SYSTEM, template="invoice", path=Path(file.name), name=name).run


def carry_through_chunks(run: Any) -> None:
    from postroom.production.models import READY, Chunk
    from postroom.production.pipeline import compose_chunk

    for chunk in Chunk.objects.filter(run=run, state=READY):
        compose_chunk(chunk.pk)


def test_publishing_again_settles_an_upgrade_for_new_documents(world: World, upgraded: Callable[[bytes], None]) -> None:
    from postroom.composition.actions.compose_one import compose_one
    from postroom.composition.actions.publish_template import publish_template
    from postroom.composition.queries import files_of, newest_version
    from postroom.identity.actor import SYSTEM

    # given a template that waits
    upgraded(VISIBLE)
    files = files_of(newest_version("invoice"))
    # when its author publishes the same files, then there is a version made with what there is now, and it serves
    assert publish_template(SYSTEM, files).no == 2
    assert publish_template(SYSTEM, files).no == 2
    assert compose_one(SYSTEM, template="invoice", data=records(1)[0]).version == 2


def test_versions_from_before_samples_were_noted_are_held_against_their_documents(
    world: World, upgraded: Callable[[bytes], None]
) -> None:
    from postroom.composition.models import SampleProof
    from postroom.composition.proofs import examine_all

    # given an installation from before, in which the documents come out the same: nothing waits
    SampleProof.objects.all().delete()
    assert examine_all() == [] and SampleProof.objects.count() == 3
    # given one in which they do not: what has documents waits
    SampleProof.objects.all().delete()
    upgraded(VISIBLE)
    assert [version.template_id for version in examine_all()] == ["invoice"]
    assert world.document in " ".join(alarm.told for alarm in _alarms()) or _alarms()[0].facts["changed"] == 3


def test_destroyed_documents_and_those_nobody_promised_are_counted_apart(world: World) -> None:
    from postroom.documents.models import Version
    from postroom.vault.destroy import destroy

    first, second, _ = Version.objects.order_by("pk")
    destroy([first.blob_id])
    Version.objects.filter(pk=second.pk).update(reproducible=False)
    report = _again()
    counts = report.counts()["invoice 1"]
    assert (counts["same"], counts["stored_only"], counts["destroyed"]) == (1, 1, 1) and report.reproducible


def test_an_alarm_stands_until_it_is_acknowledged_with_a_reason(world: World, actor_of: Any, home: Home) -> None:
    from postroom.composition.actions.acknowledge_alarm import AlarmAcknowledged, ReasonNeeded, acknowledge_alarm
    from postroom.composition.alarms import raise_alarm
    from postroom.composition.models import DIFFERENCE
    from postroom.kernel.errors import NotAllowed
    from postroom.support.reproducibility import reproducibility

    alarm = raise_alarm("system:test", DIFFERENCE, "It differs.", "Look.", {"first_byte": 3})
    # then the doctor and the health page show it
    assert [(one.state, one.told) for one in reproducibility(False)] == [("wrong", "It differs.")]
    # and only somebody with the permission, and a reason, makes it go
    with pytest.raises(NotAllowed):
        acknowledge_alarm(actor_of("clerk"), alarm.pk, "seen")
    with pytest.raises(ReasonNeeded):
        acknowledge_alarm(actor_of("operator"), alarm.pk, " ")
    acknowledge_alarm(actor_of("operator"), alarm.pk, "A test machine had another font.")
    with pytest.raises(AlarmAcknowledged):
        acknowledge_alarm(actor_of("operator"), alarm.pk, "again")
    assert [one.state for one in reproducibility(False)] == ["ok"] and _acts("alarm.acknowledged") != []
    # and the same difference is not told again
    assert raise_alarm("system:test", DIFFERENCE, "It differs.", "Look.", {"first_byte": 3}).pk == alarm.pk
    assert _alarms() == []


def test_each_night_once_and_a_missed_one_is_caught_up_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from postroom.composition.models import Reproduction
    from postroom.production.reproduce.nightly import tonight

    def at(moment: dt.datetime) -> Any:
        monkeypatch.setenv("POSTROOM_CLOCK", moment.isoformat())
        return tonight()

    noon = dt.datetime(2027, 3, 1, 12, tzinfo=dt.UTC)
    # given a new installation: it begins with its next night
    assert at(noon) is None
    assert at(noon + dt.timedelta(hours=14)) is None  # 2 o'clock
    report = at(noon + dt.timedelta(hours=15))  # 3 o'clock
    assert report is not None and report.total("same") == 3
    assert at(noon + dt.timedelta(hours=20)) is None
    # when nobody worked for five nights, then there is one to catch up
    assert at(noon + dt.timedelta(days=6)) is not None
    assert at(noon + dt.timedelta(days=6, hours=1)) is None
    # when a night was broken off, then it is begun again
    Reproduction.objects.filter(night=dt.date(2027, 3, 7)).update(ended_at=None)
    assert at(noon + dt.timedelta(days=6, hours=2)) is not None
    assert Reproduction.objects.exclude(night=None).count() == 3


def test_it_can_be_broken_off(world: World) -> None:
    report = _again(go_on=lambda: False)
    assert report.interrupted and report.seen == 3 and report.as_json()["interrupted"]


def test_an_alarm_is_acknowledged_on_the_health_page(world: World, user_of: Any) -> None:
    from django.test import Client

    from postroom.composition.alarms import raise_alarm
    from postroom.composition.models import DIFFERENCE, Alarm

    alarm = raise_alarm(
        "system:test",
        DIFFERENCE,
        "It differs <here>.",
        "Look.",
        {"first_byte": 3},
        document_id=uuid.UUID(world.document),
    )
    client = Client()
    address = f"/settings/health/alarms/{alarm.pk}/acknowledge/"
    # given an auditor: they see it, without the button, and may not act
    client.force_login(user_of("auditor"))
    page = client.get("/settings/health/").content.decode()
    assert "It differs &lt;here&gt;." in page and address not in page
    assert client.post(address, {"reason": "seen"}).status_code in (403, 404)
    # given an operator who gives no reason, then one
    client.force_login(user_of("operator"))
    assert address in client.get("/settings/health/").content.decode()
    refused = client.post(address, {"reason": " "})
    assert refused.status_code == 422 and "Say why" in refused.content.decode()
    assert client.post(address, {"reason": "A test host had another font."}).status_code == 303
    # then it is kept with the person, and stands no longer
    row = Alarm.objects.get()
    assert (row.acknowledged_by, row.reason) == (f"user:{user_of('operator').pk}", "A test host had another font.")
    assert "It differs" not in client.get("/settings/health/").content.decode()


def test_the_command_tells_by_its_exit_code(world: World) -> None:
    from typer.testing import CliRunner

    from postroom.cli.app import app
    from postroom.composition.alarms import raise_alarm
    from postroom.composition.models import DIFFERENCE

    def run(*words: str) -> Any:
        return CliRunner().invoke(app, ["verify", *words])

    # given documents that come out the same
    good = run("--reproduce", "--sample", "50", "--run", world.run, "--json")
    assert good.exit_code == 0, good.output
    body = json.loads(good.stdout)
    assert (body["same"], body["reproducible"], body["alarms"], body["run"]) == (3, True, [], world.run)
    assert "reproducible" in run("--reproduce").output and run().exit_code == 0
    # given an alarm, then it is told until it is acknowledged
    alarm = raise_alarm("system:test", DIFFERENCE, "It differs.", "Look.", {"first_byte": 3})
    told = run()
    assert told.exit_code == 8 and str(alarm.pk) in told.output
    assert run("--acknowledge", str(alarm.pk), "--reason", "seen").exit_code == 0
    # and options that make no sense alone are refused
    assert run("--seed", "3").exit_code != 0 and run("--template", "invoice").exit_code != 0

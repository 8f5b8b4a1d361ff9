"""Runs, their records, and what was set aside."""

from __future__ import annotations

from django.db import models

#: Stored states of a record. What a composed record counts as follows from its deliveries (``balance.py``).
WAITING, COMPOSED, SET_ASIDE = "waiting", "composed", "set_aside"
FAILED, CANCELLED, SUPERSEDED, HELD, SUPPRESSED = "failed", "cancelled", "superseded", "held", "suppressed"
RECORD_STATES = (WAITING, COMPOSED, SET_ASIDE, FAILED, CANCELLED, SUPERSEDED, HELD, SUPPRESSED)

READING, WORKING, SETTLED = "reading", "working", "settled"
RUN_STATES = (READING, WORKING, SETTLED)

#: States of a chunk; a held one says HELD like a record.
READY, CLAIMED, DONE = "ready", "claimed", "done"

#: The gate of a run: "" none; closed while everything is composed and nothing sent; released by a person.
CLOSED, RELEASED = "closed", "released"


class Run(models.Model):
    """One execution: a parcel of records through one template version."""

    id = models.UUIDField(primary_key=True)
    ref = models.CharField(max_length=20, unique=True)
    run_key = models.CharField(max_length=200, unique=True)
    template_key = models.CharField(max_length=60)
    template_version_id = models.UUIDField()
    parcel = models.ForeignKey("intake.Parcel", on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=40)
    source_options = models.JSONField(default=dict)
    mapping = models.TextField(blank=True)
    destination = models.CharField(
        max_length=60, blank=True, help_text="Where a person sends it all; empty: the rules choose for each record."
    )
    state = models.CharField(max_length=20, choices=[(state, state) for state in RUN_STATES])
    received = models.IntegerField(default=0)
    received_at = models.DateTimeField(null=True, help_text="When the last record had been read.")
    cancelled_at = models.DateTimeField(null=True)
    cancel_reason = models.CharField(max_length=300, blank=True)
    priority = models.SmallIntegerField(
        default=0, help_text="0: a batch; whatever is higher is composed and sent before it."
    )
    held_at = models.DateTimeField(null=True, help_text="Since when nothing of it is composed or sent.")
    hold_reason = models.CharField(max_length=300, blank=True, default="")
    gate = models.CharField(
        max_length=10,
        blank=True,
        default="",
        choices=[(state, state) for state in (CLOSED, RELEASED)],
        help_text="Closed: everything is composed and nothing is sent until a person releases it.",
    )
    released_at = models.DateTimeField(null=True, help_text="When its gate was opened.")
    figures = models.JSONField(
        null=True, help_text="Pages, amounts and channels of a settled run; later runs are compared with it."
    )
    worker_lock = models.BigIntegerField(null=True, help_text="Who reads the parcel at the moment.")
    woken_at = models.DateTimeField()
    started_by = models.CharField(max_length=80)
    started_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "run"
        indexes = [
            models.Index(fields=["-started_at"], name="run_newest"),
            models.Index(fields=["state"], condition=~models.Q(state=SETTLED), name="run_open"),
        ]

    def __str__(self) -> str:
        return self.ref


class Chunk(models.Model):
    """Records that are composed and committed together. The task is only the wake-up; this row is the truth."""

    id = models.UUIDField(primary_key=True)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="chunks")
    no = models.IntegerField()
    state = models.CharField(max_length=10, choices=[(state, state) for state in (READY, CLAIMED, HELD, DONE)])
    claim = models.UUIDField(null=True)
    worker_lock = models.BigIntegerField(null=True)
    tries = models.IntegerField(default=0)
    woken_at = models.DateTimeField()

    class Meta:
        db_table = "run_chunk"
        constraints = [models.UniqueConstraint(fields=["run", "no"], name="chunk_once")]
        indexes = [
            models.Index(fields=["woken_at"], condition=~models.Q(state=DONE), name="chunk_open"),
            models.Index(fields=["run"], condition=models.Q(state=HELD), name="chunk_held"),
        ]


class Record(models.Model):
    """One unit of input, as it came. ``data`` is exact JSON text; ``raw`` what could not be read as data."""

    id = models.UUIDField(primary_key=True)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="records", db_index=False, db_constraint=False)
    chunk = models.ForeignKey(Chunk, on_delete=models.PROTECT, related_name="records", null=True, db_constraint=False)
    ordinal = models.IntegerField()
    line = models.BigIntegerField()
    state = models.CharField(max_length=12, choices=[(state, state) for state in RECORD_STATES])
    data = models.TextField(blank=True)
    raw = models.TextField(blank=True)
    revision = models.IntegerField(default=0)

    class Meta:
        db_table = "run_record"
        constraints = [models.UniqueConstraint(fields=["run", "ordinal"], name="record_once")]
        indexes = [models.Index(fields=["run", "state"], include=["id"], name="record_of_state")]


class KeptBalance(models.Model):
    """The balance of a settled run, so that its page need not count its rows again.

    The database itself removes it with the first change of any row it was counted from (migration 0005), so that it
    can never tell anything but what the rows would (P3). ``counted`` is {"by": the statement's name, "rows": [..]}.
    """

    run = models.OneToOneField(Run, on_delete=models.CASCADE, primary_key=True, related_name="kept")
    counted = models.JSONField(help_text="What one statement counted: (kind, bucket, number).")
    kept_at = models.DateTimeField()

    class Meta:
        db_table = "run_balance"


class SetAside(models.Model):
    """Why a record could not go on. A resubmission resolves it; the next fault makes a new row."""

    id = models.UUIDField(primary_key=True)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="set_aside", db_index=False)
    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="set_aside")
    stage = models.CharField(max_length=20)
    code = models.CharField(max_length=60)
    problems = models.JSONField(help_text="List of {code, path, reason, hint}.")
    created_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    resolution = models.CharField(max_length=40, blank=True)

    class Meta:
        db_table = "run_set_aside"
        indexes = [
            models.Index(fields=["run", "created_at"], condition=models.Q(resolved_at=None), name="set_aside_open")
        ]


class DataOutput(models.Model):
    """The data of a run as one file for another system, by a layout of its template. ``waiting`` until it is written;
    what was written stays, and a later one of the same layout takes its place."""

    WAITING, READY, REFUSED = "waiting", "ready", "refused"

    id = models.UUIDField(primary_key=True)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="data_outputs")
    layout = models.CharField(max_length=60)
    file_name = models.CharField(max_length=160)
    media_type = models.CharField(max_length=80)
    state = models.CharField(max_length=10, choices=[(state, state) for state in (WAITING, READY, REFUSED)])
    records = models.IntegerField(default=0, help_text="Documents whose data is in it; as many as were composed.")
    rows = models.BigIntegerField(default=0)
    sums = models.JSONField(default=dict, help_text="Totals of its number columns, by their heads, as text.")
    size = models.BigIntegerField(default=0)
    sha256 = models.BinaryField(null=True)
    problem = models.JSONField(default=dict, help_text="{reason, hint} where the data does not fit the layout.")
    wanted_by = models.CharField(max_length=80)
    wanted_at = models.DateTimeField()
    woken_at = models.DateTimeField()
    written_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "run_data_output"
        indexes = [models.Index(fields=["woken_at"], condition=models.Q(state="waiting"), name="data_output_waiting")]


class DataOutputPart(models.Model):
    """A slice of a data output, as a blob of at most 4 MiB."""

    id = models.BigAutoField(primary_key=True)
    output = models.ForeignKey(DataOutput, on_delete=models.CASCADE, related_name="parts")
    no = models.IntegerField()
    blob = models.ForeignKey("vault.Blob", on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "run_data_output_part"
        constraints = [models.UniqueConstraint(fields=["output", "no"], name="data_output_part_once")]

"""What starts runs by itself, each time it did, each file it took, and each cause it waits for.

Runs and documents are named by plain ids where a row outlives its use; the rows that must happen once have a unique
constraint each, and are written in the transaction that starts the run (docs/adr/0027).
"""

from __future__ import annotations

from django.db import models

#: What a schedule goes by.
CLOCK, EVENT, DOCUMENT = "clock", "event", "document"
#: Where a clock's schedule finds its records: new files of a folder, or one file as it is at the time.
WATCH, FILE = "watch", "file"
#: Which of the new files, and what becomes of one that was taken.
NEWEST, EVERY = "newest", "every"
REMEMBER, MOVE = "remember", "move"
#: What is done about times that were missed.
CATCH_NEWEST, CATCH_EACH, CATCH_NONE = "newest", "each", "skip"
#: What came of one due time.
STARTED, NOTHING, SKIPPED, FAILED = "started", "nothing", "skipped", "failed"
#: A file of a watched folder: a run has it, no source could read it, or a newer one was taken in its place.
TAKEN, REFUSED, PASSED = "taken", "refused", "passed"
#: A cause on its way.
PLANNED, CANCELLED = "planned", "cancelled"


class Schedule(models.Model):
    """A rule that starts runs. Removing one keeps its row: its runs and its undo go on pointing at it."""

    id = models.UUIDField(primary_key=True)
    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    goes_by = models.CharField(max_length=10, choices=[(each, each) for each in (CLOCK, EVENT, DOCUMENT)])
    cron = models.CharField(max_length=120, blank=True)
    time_zone = models.CharField(max_length=60, default="UTC")
    take = models.CharField(max_length=10, blank=True)
    path = models.CharField(max_length=500, blank=True)
    pattern = models.CharField(max_length=120, blank=True)
    which = models.CharField(max_length=10, default=EVERY)
    settle_seconds = models.IntegerField(default=30)
    after = models.CharField(max_length=10, default=REMEMBER)
    event = models.CharField(max_length=120, blank=True, help_text="Name of the event, or kind of the documents.")
    date_field = models.CharField(max_length=120, blank=True, help_text="Field of the data that holds the date.")
    offset_days = models.IntegerField(default=0, help_text="Days after that date; negative: before it.")
    at_time = models.TimeField(null=True, help_text="Time of that day, in the schedule's time zone.")
    template_key = models.CharField(max_length=60)
    mapping = models.TextField(blank=True)
    destination = models.CharField(max_length=60, blank=True)
    priority = models.IntegerField(default=0)
    hold = models.BooleanField(default=False)
    catch_up = models.CharField(max_length=10, default=CATCH_NEWEST)
    next_due = models.DateTimeField(null=True, help_text="Only ever moves forward, whatever the clock does.")
    seen_until = models.DateTimeField(null=True, help_text="Documents made before this were looked at.")
    trouble = models.CharField(max_length=600, blank=True)
    trouble_hint = models.CharField(max_length=600, blank=True)
    trouble_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    created_by = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "schedule"
        indexes = [
            models.Index(
                fields=["next_due"], condition=models.Q(paused_at=None, removed_at=None), name="schedule_next"
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Firing(models.Model):
    """One due time of a schedule. The constraint lets it come once, however many supervisors there are."""

    id = models.UUIDField(primary_key=True)
    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="firings")
    due = models.DateTimeField()
    state = models.CharField(max_length=10, choices=[(each, each) for each in (STARTED, NOTHING, SKIPPED, FAILED)])
    by_hand = models.BooleanField(default=False)
    missed = models.IntegerField(default=0, help_text="Due times that this row stands for, and that were missed.")
    runs = models.JSONField(default=list, help_text="References of the runs that were started.")
    code = models.CharField(max_length=60, blank=True)
    told = models.CharField(max_length=600, blank=True)
    hint = models.CharField(max_length=600, blank=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "schedule_firing"
        constraints = [models.UniqueConstraint(fields=["schedule", "due"], name="schedule_fires_once")]
        indexes = [models.Index(fields=["schedule", "-at"], name="schedule_firing_newest")]


class TakenFile(models.Model):
    """A file of a watched folder that has had its turn, known by its bytes: under another name it is the same file."""

    id = models.BigAutoField(primary_key=True)
    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="files", db_index=False)
    sha256 = models.BinaryField()
    name = models.CharField(max_length=300)
    size = models.BigIntegerField()
    modified_ns = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=[(each, each) for each in (TAKEN, REFUSED, PASSED)])
    run_id = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "schedule_file"
        constraints = [models.UniqueConstraint(fields=["schedule", "sha256"], name="schedule_file_once")]


class Cause(models.Model):
    """Why a document is to be made, once: an event that was told, or a document whose date comes."""

    id = models.UUIDField(primary_key=True)
    schedule = models.ForeignKey(Schedule, on_delete=models.PROTECT, related_name="causes", db_index=False)
    key = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=[(each, each) for each in (PLANNED, STARTED, CANCELLED)])
    due = models.DateTimeField()
    parcel = models.ForeignKey("intake.Parcel", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    document = models.ForeignKey(
        "documents.Document", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    run_id = models.UUIDField(null=True)
    run_ref = models.CharField(max_length=20, blank=True)
    told_by = models.CharField(max_length=80)
    told_at = models.DateTimeField()
    ended_by = models.CharField(max_length=80, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "schedule_cause"
        constraints = [models.UniqueConstraint(fields=["schedule", "key"], name="schedule_cause_once")]
        indexes = [
            models.Index(fields=["schedule", "due"], condition=models.Q(state="planned"), name="schedule_cause_due"),
            models.Index(fields=["key"], name="schedule_cause_key"),
        ]

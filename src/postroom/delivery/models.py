"""One communication to one destination, each try of it, and every answer that came back."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Coalesce

#: States of a delivery (P3). SENT waits for the channel's final truth level; FINISHED ones are terminal; IN_DOUBT and
#: HELD wait for a person.
READY, SENDING, SENT = "ready", "sending", "sent"
DELIVERED, SUPPRESSED, FAILED = "delivered", "suppressed", "failed"
CANCELLED, SUPERSEDED, HELD, IN_DOUBT = "cancelled", "superseded", "held", "in_doubt"
IN_PROGRESS = (READY, SENDING, SENT)
FINISHED = (DELIVERED, SUPPRESSED, FAILED, CANCELLED, SUPERSEDED)
STATES = (*IN_PROGRESS, *FINISHED, HELD, IN_DOUBT)

#: Priority of what a person or a program waits for: one letter, one document. A batch has 0.
URGENT = 100
#: Stands for "no run" where runs take turns.
NO_RUN = uuid.UUID(int=0)


class Destination(models.Model):
    """A channel set up for use: one SMTP relay, one folder. Secrets are names of environment variables."""

    key = models.SlugField(primary_key=True, max_length=60)
    channel = models.CharField(max_length=40)
    config = models.JSONField(default=dict)
    enabled = models.BooleanField(default=True)

    class Meta:
        db_table = "destination"


class Delivery(models.Model):
    """See the send protocol in ARCHITECTURE.md, section 5."""

    id = models.UUIDField(primary_key=True)
    communication = models.ForeignKey(
        "documents.Communication", on_delete=models.PROTECT, related_name="deliveries", db_constraint=False
    )
    party_id = models.UUIDField()
    run_id = models.UUIDField(null=True)
    record_id = models.UUIDField(null=True)
    destination = models.ForeignKey(
        Destination, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    channel = models.CharField(max_length=40)
    address = models.CharField(max_length=400)
    state = models.CharField(max_length=20, choices=[(state, state) for state in STATES])
    truth = models.SmallIntegerField(default=0)
    code = models.CharField(max_length=60, blank=True, help_text="Why it ended or waits, short and stable.")
    reason = models.TextField(blank=True)
    explanation = models.JSONField(default=dict, help_text="Why this channel: what applied, and what it saw.")
    fallbacks = models.JSONField(default=list, help_text="Destinations to try next, in order.")
    fallback_for = models.UUIDField(null=True)
    attempts = models.IntegerField(default=0)
    key = models.CharField(max_length=80, blank=True, help_text="Key of the newest attempt, shown to the receiver.")
    worker_lock = models.BigIntegerField(null=True)
    priority = models.SmallIntegerField(default=0, db_default=0, help_text="Of its run, or URGENT; higher goes first.")
    next_attempt_at = models.DateTimeField()
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "delivery"
        indexes = [
            # What claiming looks through: the first tries by priority and run, so that runs can take turns, and the
            # later tries by their moment. Neither has to be walked past what is not due (claiming.py).
            models.Index(
                models.F("destination"),
                models.F("priority").desc(),
                Coalesce("run_id", models.Value(NO_RUN, output_field=models.UUIDField())),
                models.F("id"),
                condition=models.Q(state=READY, attempts=0),
                name="delivery_next",
            ),
            models.Index(
                fields=["destination", "next_attempt_at"],
                condition=models.Q(state=READY, attempts__gt=0),
                name="delivery_again",
            ),
            models.Index(
                fields=["destination"],
                condition=models.Q(state=SENDING, worker_lock__isnull=False),
                name="delivery_in_hand",
            ),
            models.Index(fields=["worker_lock"], condition=models.Q(state=SENDING), name="delivery_sending"),
            models.Index(fields=["run_id", "record_id"], include=["state"], name="delivery_of_record"),
            models.Index(fields=["created_at", "id"], name="delivery_newest"),
            models.Index(fields=["state", "created_at", "id"], name="delivery_of_state"),
            models.Index(fields=["state", "changed_at"], name="delivery_of_state_changed"),
            models.Index(fields=["run_id", "created_at", "id"], name="delivery_of_run"),
            models.Index(fields=["run_id", "state"], include=["channel", "truth"], name="delivery_of_run_state"),
            models.Index(fields=["party_id", "created_at", "id"], name="delivery_of_party"),
            models.Index(fields=["fallback_for"], condition=~models.Q(fallback_for=None), name="delivery_fallback"),
        ]


class Bucket(models.Model):
    """The token bucket of a destination with a rate: one row, so that all workers of all hosts share it.

    ``at`` is the database's clock, the only one they have in common; that it may jump is reckoned with (pace.py).
    """

    destination = models.OneToOneField(Destination, on_delete=models.CASCADE, primary_key=True, related_name="bucket")
    tokens = models.FloatField()
    at = models.DateTimeField()

    class Meta:
        db_table = "destination_bucket"


class Attempt(models.Model):
    """One try. Committed before the send (P4); ``outcome`` stays empty when its worker died in the middle."""

    id = models.BigAutoField(primary_key=True)
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="tries")
    no = models.IntegerField()
    key = models.CharField(max_length=80, unique=True)
    worker_lock = models.BigIntegerField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, blank=True)
    answer = models.TextField(blank=True)

    class Meta:
        db_table = "delivery_attempt"
        constraints = [models.UniqueConstraint(fields=["delivery", "no"], name="attempt_once")]


class Receipt(models.Model):
    """Something that came back: the truth level it proves and the receiver's own words."""

    id = models.BigAutoField(primary_key=True)
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="receipts")
    truth = models.SmallIntegerField()
    at = models.DateTimeField()
    source = models.CharField(max_length=60)
    detail = models.TextField(blank=True)

    class Meta:
        db_table = "delivery_receipt"


class Tally(models.Model):
    """How many deliveries were created for a run: counted when they are made, held against the rows (P3)."""

    run_id = models.UUIDField(primary_key=True)
    created = models.IntegerField()

    class Meta:
        db_table = "delivery_tally"


class Determination(models.Model):
    """A numbered version of the table of rules that chooses channels (JDM). The newest one is in use."""

    no = models.AutoField(primary_key=True)
    table = models.JSONField()
    created_by = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "delivery_determination"

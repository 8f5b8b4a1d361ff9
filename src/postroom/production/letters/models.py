"""Letters while they are written, whom they go to, what was done with them, and when a second person is asked.

Runs, templates and parties are named by plain ids and keys: a letter outlives none of them, and holds none of them
back. What became of a letter is its run (``run_id``); the run's key follows from the letter's id, so that a letter is
released once, whoever asks twice (docs/adr/0040).
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

#: Where a letter stands. Cancelled ones can be brought back by who wrote them.
UNFINISHED, WAITING, SENT_BACK, RELEASED, CANCELLED = "unfinished", "waiting", "sent_back", "released", "cancelled"
STATES = (UNFINISHED, WAITING, SENT_BACK, RELEASED, CANCELLED)
#: States in which it may be changed.
OPEN = (UNFINISHED, SENT_BACK)

#: What a limit asks a second person for.
ALWAYS, NEVER, AMOUNT, COUNT = "always", "never", "amount", "count"
VERBS = (ALWAYS, NEVER, AMOUNT, COUNT)


class Letter(models.Model):
    """One text to one party or several. ``data`` is exact JSON text of the record as it is filled in; ``passages`` what
    was typed for each passage that reads otherwise than the template says it."""

    id = models.UUIDField(primary_key=True)
    template_key = models.CharField(max_length=60)
    template_version_id = models.UUIDField(help_text="The version it is written with, and was approved with.")
    folder = models.CharField(max_length=80, help_text="Where its documents are filed: who may see it follows.")
    state = models.CharField(max_length=12, choices=[(state, state) for state in STATES])
    title = models.CharField(max_length=300, blank=True)
    data = models.TextField()
    passages = models.JSONField(default=dict)
    language = models.CharField(max_length=20, blank=True, help_text="Of the words file its passages are written in.")
    destination = models.CharField(max_length=60, blank=True)
    revision = models.IntegerField(default=1)
    saved_from = models.CharField(max_length=40, blank=True, help_text="The tab that saved last: it never clashes.")
    owner = models.CharField(max_length=80)
    hands = ArrayField(models.CharField(max_length=80), help_text="People who changed it: none of them approves it.")
    asks = models.JSONField(default=list, help_text="Limits that ask for a second person, as they were when handed in.")
    taken_out_of = models.UUIDField(null=True, help_text="The letter that it was taken out of.")
    run_id = models.UUIDField(null=True, db_index=True)
    run_ref = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.CharField(max_length=80, blank=True)

    class Meta:
        db_table = "letter"
        indexes = [
            models.Index(fields=["owner", "state", "-changed_at"], name="letter_of_owner"),
            models.Index(fields=["folder", "-changed_at"], condition=models.Q(state=WAITING), name="letter_waiting"),
        ]


class Recipient(models.Model):
    """Whom a letter goes to. ``data`` is a record of its own, of an uploaded list; empty: the letter's, with what is
    known of the party. ``place`` is its place in the run's file, from 1. ``number``: that of this one's letter, where
    several get it; empty: the letter's own, counted up by its place."""

    id = models.BigAutoField(primary_key=True)
    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="recipients", db_index=False)
    place = models.IntegerField()
    party_key = models.CharField(max_length=80)
    name = models.CharField(max_length=300)
    data = models.TextField(blank=True)
    number = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "letter_recipient"
        constraints = [models.UniqueConstraint(fields=["letter", "place"], name="letter_recipient_once")]
        ordering = ("place",)


class LetterStep(models.Model):
    """What was done with a letter, by whom; the reason, which the ledger does not hold as it may name people."""

    id = models.BigAutoField(primary_key=True)
    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="steps", db_index=False)
    what = models.CharField(max_length=20)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    reason = models.CharField(max_length=1000, blank=True)
    revision = models.IntegerField()

    class Meta:
        db_table = "letter_step"
        indexes = [models.Index(fields=["letter", "id"], name="letter_step_order")]
        ordering = ("id",)


#: What became of a number: stands in a letter that is written, was printed, its letter was deleted or took another.
RESERVED, USED, THROWN_AWAY, LEFT = "reserved", "used", "thrown_away", "left"


class Number(models.Model):
    """A number that a letter was given. It is never given again by itself, and its row stays: a gap in the numbers of
    documents can be explained by it. ``series``: its form, with a sign for the digits; ``counted``: the digits."""

    id = models.BigAutoField(primary_key=True)
    template_key = models.CharField(max_length=60)
    series = models.CharField(max_length=200)
    counted = models.BigIntegerField()
    number = models.CharField(max_length=200)
    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="numbers")
    reserved_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, help_text="Since when its letter has another one.")

    class Meta:
        db_table = "letter_number"
        constraints = [models.UniqueConstraint(fields=["template_key", "number"], name="letter_number_once")]
        indexes = [models.Index(fields=["template_key", "series", "-counted"], name="letter_number_last")]

    @property
    def state(self) -> str:
        """RESERVED, USED, THROWN_AWAY or LEFT."""
        if self.letter.state == RELEASED:
            return USED if self.left_at is None else LEFT
        if self.letter.state == CANCELLED:
            return THROWN_AWAY
        return RESERVED if self.left_at is None else LEFT

    @property
    def free(self) -> bool:
        """Whether another letter may take it, when somebody types it."""
        return self.state in (LEFT, THROWN_AWAY)


class Limit(models.Model):
    """When letters ask for a second person. Those that name a template take the place of those for all."""

    id = models.UUIDField(primary_key=True)
    template_key = models.CharField(max_length=60, blank=True, help_text="Empty: every template without limits.")
    verb = models.CharField(max_length=10, choices=[(verb, verb) for verb in VERBS])
    field = models.CharField(max_length=200, blank=True, help_text="The amount; empty: that of the document.")
    above = models.DecimalField(max_digits=21, decimal_places=6, null=True)
    count = models.IntegerField(null=True)
    set_by = models.CharField(max_length=80)
    set_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    removed_by = models.CharField(max_length=80, blank=True)

    class Meta:
        db_table = "letter_limit"
        ordering = ("template_key", "set_at")

"""Templates and their immutable versions; what makes documents of them, and whether it still makes the same (P5)."""

from __future__ import annotations

from django.db import models


class Template(models.Model):
    """A template by its key; what it looks like is its versions."""

    key = models.SlugField(primary_key=True, max_length=60)
    name = models.CharField(max_length=200)

    class Meta:
        db_table = "template"

    def __str__(self) -> str:
        return self.name


class TemplateVersion(models.Model):
    """One published state: its files (one blob, a zip), their digest, and the fonts they were checked with.

    Never updated: the database refuses it (migration 0002). Which one is in use at a moment is said by the dates
    (``queries.version_at``). ``uses`` names the versions of content blocks and of the brand whose content was put
    beside the template's own files, so that the version holds all a document is made from (ADR 0034).
    """

    id = models.UUIDField(primary_key=True)
    template = models.ForeignKey(Template, on_delete=models.PROTECT, related_name="versions")
    no = models.IntegerField()
    digest = models.CharField(max_length=64)
    files = models.ForeignKey("vault.Blob", on_delete=models.PROTECT, related_name="+")
    contract = models.JSONField()
    lane = models.CharField(max_length=40)
    promises = models.JSONField()
    asset_lock = models.CharField(max_length=64)
    engine = models.CharField(max_length=60)
    published_by = models.CharField(max_length=80)
    published_at = models.DateTimeField()
    note = models.CharField(max_length=300, blank=True)
    valid_from = models.DateTimeField(null=True, help_text="In force from then on; empty: from when it was published.")
    valid_until = models.DateTimeField(null=True, help_text="No longer in force from then on; empty: without an end.")
    uses = models.JSONField(
        default=dict, help_text="Files that were put beside its own, by what they are a version of."
    )

    class Meta:
        db_table = "template_version"
        constraints = [models.UniqueConstraint(fields=["template", "no"], name="template_version_once")]


IN_FORCE, WAITING = "in_force", "waiting"
PROOF_STATES = (IN_FORCE, WAITING)

DIFFERENCE, TOOLCHAIN = "difference", "toolchain"
ALARM_KINDS = (DIFFERENCE, TOOLCHAIN)


class Toolchain(models.Model):
    """Everything beside a template that has a say in the bytes of a document; ``digest`` is over all of it."""

    digest = models.CharField(primary_key=True, max_length=64)
    engine = models.CharField(max_length=60)
    asset_lock = models.CharField(max_length=64)
    library = models.CharField(max_length=64, help_text="SHA-256 of the house library.")
    tools = models.CharField(max_length=300, help_text="What formats figures and draws symbols, with versions.")
    first_seen_at = models.DateTimeField()

    class Meta:
        db_table = "toolchain"


class SampleProof(models.Model):
    """What a toolchain makes of a version's samples, and since when documents are made by it (ADR 0028).

    A log: the row in force at a moment is the newest one whose ``since`` is not later. Rows of equal ``digest`` make
    equal bytes.
    """

    id = models.UUIDField(primary_key=True)
    version = models.ForeignKey(TemplateVersion, on_delete=models.PROTECT, related_name="proofs", db_index=False)
    toolchain = models.ForeignKey(Toolchain, on_delete=models.PROTECT, related_name="+", db_index=False)
    samples = models.JSONField(help_text="SHA-256 of each sample's document by its name.")
    digest = models.CharField(max_length=64, help_text="SHA-256 over ``samples``.")
    state = models.CharField(max_length=10, choices=[(state, state) for state in PROOF_STATES])
    since = models.DateTimeField(null=True, help_text="When it came into force; empty while it waits.")
    noted_at = models.DateTimeField()
    decided_by = models.CharField(max_length=80, blank=True)

    class Meta:
        db_table = "template_proof"
        indexes = [models.Index(fields=["version", "state", "-since"], name="proof_of_version")]


class Reproduction(models.Model):
    """One time documents were made again and compared. ``night`` is the night it belongs to, once each."""

    id = models.UUIDField(primary_key=True)
    night = models.DateField(null=True, unique=True)
    run_id = models.UUIDField(null=True)
    seed = models.BigIntegerField()
    wanted = models.IntegerField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict, help_text="How many of each outcome, by template version.")

    class Meta:
        db_table = "reproduction"
        indexes = [models.Index(fields=["-started_at"], name="reproduction_newest")]


class Alarm(models.Model):
    """Bytes that are not what they were, or would not be: it stands until somebody acknowledges it with a reason."""

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=12, choices=[(kind, kind) for kind in ALARM_KINDS])
    document_id = models.UUIDField(null=True)
    template_version_id = models.UUIDField(null=True)
    told = models.CharField(max_length=600)
    hint = models.CharField(max_length=600, blank=True)
    facts = models.JSONField(default=dict)
    raised_at = models.DateTimeField()
    seen_at = models.DateTimeField(help_text="When it was last found again.")
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "template_alarm"
        indexes = [
            models.Index(fields=["raised_at"], condition=models.Q(acknowledged_at=None), name="alarm_standing"),
            models.Index(fields=["document_id"], name="alarm_of_document"),
        ]


# Django looks for models here.
from postroom.composition.checks.models import Replay, ReplayCase, TemplateCheck  # noqa: E402, F401
from postroom.composition.fonts_models import PrintFont  # noqa: E402, F401
from postroom.composition.life_models import (  # noqa: E402, F401
    Draft,
    DraftChange,
    DraftComment,
    DraftConflict,
    DraftStep,
    HouseAsset,
    HousePart,
    HouseVersion,
)

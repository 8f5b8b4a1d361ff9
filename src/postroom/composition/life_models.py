"""Drafts of templates, and the parts of the house that many templates share: content blocks and brands (ADR 0034)."""

from __future__ import annotations

from django.db import models

DRAFT, REVIEW, APPROVED, PUBLISHED, DISCARDED = "draft", "review", "approved", "published", "discarded"
STATES = (DRAFT, REVIEW, APPROVED, PUBLISHED, DISCARDED)
#: On its way: there is at most one of a template, and of a part of the house.
OPEN = (DRAFT, REVIEW, APPROVED)

SENT, APPROVAL, REJECTED, WITHDRAWN, PUBLICATION, DISCARD, REBASED = (
    "sent",
    "approved",
    "rejected",
    "withdrawn",
    "published",
    "discarded",
    "rebased",
)
STEPS = (SENT, APPROVAL, REJECTED, WITHDRAWN, PUBLICATION, DISCARD, REBASED)

BLOCK, BRAND = "block", "brand"
KINDS = (BLOCK, BRAND)


class Draft(models.Model):
    """A template that is being changed. Its files are those of ``origin``, overlaid by its changes up to ``revision``.

    ``base`` is the version it is to replace: ``origin``, or a newer one that was merged into it since. Both are empty
    for a template that was never published. Two authors work in one draft: there is one at a time.
    """

    id = models.UUIDField(primary_key=True)
    template_key = models.SlugField(max_length=60)
    name = models.CharField(max_length=200, blank=True)
    origin = models.ForeignKey("composition.TemplateVersion", on_delete=models.PROTECT, null=True, related_name="+")
    base = models.ForeignKey("composition.TemplateVersion", on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=[(each, each) for each in STATES], default=DRAFT)
    revision = models.IntegerField(default=0)
    note = models.CharField(max_length=300, blank=True)
    valid_from = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)
    created_by = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    published = models.ForeignKey("composition.TemplateVersion", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "template_draft"
        constraints = [
            models.UniqueConstraint(
                fields=["template_key"], condition=models.Q(state__in=OPEN), name="one_draft_of_a_template"
            )
        ]
        indexes = [models.Index(fields=["template_key", "-changed_at"], name="drafts_of_template")]


class DraftConflict(models.Model):
    """What somebody wanted to save and could not be merged: kept as it was typed until it is settled."""

    id = models.UUIDField(primary_key=True)
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="conflicts")
    expected = models.IntegerField(help_text="The revision it was typed over.")
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "template_draft_conflict"


class DraftChange(models.Model):
    """One file as a revision left it; without a blob it was taken away. Only ever added, so nothing typed is lost.

    With ``conflict`` it belongs to no revision: it is a text that waits to be settled.
    """

    id = models.UUIDField(primary_key=True)
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="changes")
    conflict = models.ForeignKey(DraftConflict, on_delete=models.CASCADE, null=True, related_name="changes")
    revision = models.IntegerField()
    name = models.CharField(max_length=300)
    blob = models.ForeignKey("vault.Blob", on_delete=models.PROTECT, null=True, related_name="+")
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "template_draft_change"
        constraints = [
            models.UniqueConstraint(
                fields=["draft", "revision", "name"], condition=models.Q(conflict=None), name="draft_change_once"
            )
        ]


class DraftComment(models.Model):
    """What somebody says about a line of a draft. ``line`` 0 means the file; an empty ``file`` the draft."""

    id = models.UUIDField(primary_key=True)
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="comments")
    revision = models.IntegerField()
    file = models.CharField(max_length=300, blank=True)
    line = models.IntegerField(default=0)
    text = models.CharField(max_length=2000)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=80, blank=True)

    class Meta:
        db_table = "template_draft_comment"


class DraftStep(models.Model):
    """One step of a draft's life: who, when, at which revision, and why."""

    id = models.UUIDField(primary_key=True)
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="steps")
    step = models.CharField(max_length=10, choices=[(each, each) for each in STEPS])
    revision = models.IntegerField()
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    reason = models.CharField(max_length=1000, blank=True)

    class Meta:
        db_table = "template_draft_step"
        indexes = [models.Index(fields=["draft", "at"], name="steps_of_draft")]


class HousePart(models.Model):
    """Something many templates share: a content block, or a brand."""

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=10, choices=[(each, each) for each in KINDS])
    key = models.SlugField(max_length=60)
    name = models.CharField(max_length=200)

    class Meta:
        db_table = "house_part"
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="house_part_once")]

    def __str__(self) -> str:
        return self.name


class HouseVersion(models.Model):
    """One state of a part. It has a number from when it is published, and never changes after that (a trigger).

    ``content`` is the block's variants or the brand's tokens; ``authors`` everybody who changed it on the way; ``told``
    the steps of its review. In force at a moment is the published one with the latest start that is not later.
    """

    id = models.UUIDField(primary_key=True)
    part = models.ForeignKey(HousePart, on_delete=models.PROTECT, related_name="versions")
    no = models.IntegerField(null=True)
    state = models.CharField(max_length=10, choices=[(each, each) for each in STATES], default=DRAFT)
    revision = models.IntegerField(default=1)
    content = models.JSONField()
    authors = models.JSONField(default=list)
    told = models.JSONField(default=list)
    note = models.CharField(max_length=300, blank=True)
    valid_from = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    published_by = models.CharField(max_length=80, blank=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "house_version"
        constraints = [
            models.UniqueConstraint(fields=["part", "no"], name="house_version_once"),
            models.UniqueConstraint(
                fields=["part"], condition=models.Q(state__in=OPEN), name="one_change_of_a_house_part"
            ),
        ]


class HouseAsset(models.Model):
    """A file of a brand: its logo."""

    id = models.UUIDField(primary_key=True)
    version = models.ForeignKey(HouseVersion, on_delete=models.PROTECT, related_name="assets")
    name = models.CharField(max_length=120)
    blob = models.ForeignKey("vault.Blob", on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "house_asset"
        constraints = [models.UniqueConstraint(fields=["version", "name"], name="house_asset_once")]

"""What template tests and replays leave behind: digests, causes and ids, never a document."""

from __future__ import annotations

from django.db import models

WAITING, RUNNING, DONE, FAILED, STOPPED = "waiting", "running", "done", "failed", "stopped"
STATES = (WAITING, RUNNING, DONE, FAILED, STOPPED)
#: On its way: there is at most one of a draft.
MOVING = (WAITING, RUNNING)


class TemplateCheck(models.Model):
    """What the tests of some files came to with some toolchain: equal ones are not made again."""

    digest = models.CharField(max_length=64, primary_key=True, help_text="SHA-256 of files, toolchain and rules.")
    template_key = models.SlugField(max_length=60)
    documents = models.IntegerField()
    assertions = models.IntegerField()
    failures = models.JSONField(default=list)
    seconds = models.FloatField()
    at = models.DateTimeField()

    class Meta:
        db_table = "template_check"


class Replay(models.Model):
    """A draft's revision made of the newest real records, beside the version in force.

    ``files`` is the digest of all it was made from, ``groups`` the records by cause, ``digest`` what an approver signs:
    SHA-256 over both versions and what came of every record. Its rows and pictures are deleted after a while.
    """

    id = models.UUIDField(primary_key=True)
    draft = models.ForeignKey("composition.Draft", on_delete=models.CASCADE, related_name="replays")
    template_key = models.SlugField(max_length=60)
    revision = models.IntegerField()
    base = models.ForeignKey("composition.TemplateVersion", on_delete=models.PROTECT, null=True, related_name="+")
    files = models.CharField(max_length=64)
    toolchain = models.CharField(max_length=64)
    wanted = models.IntegerField()
    total = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    state = models.CharField(max_length=8, choices=[(each, each) for each in STATES], default=WAITING)
    started_by = models.CharField(max_length=80)
    started_at = models.DateTimeField()
    taken_at = models.DateTimeField(help_text="When somebody last went on with it.")
    ended_at = models.DateTimeField(null=True)
    groups = models.JSONField(default=list)
    digest = models.CharField(max_length=64, blank=True)
    told = models.CharField(max_length=600, blank=True, help_text="Why it failed.")
    signed_by = models.CharField(max_length=80, blank=True)
    signed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "template_replay"
        constraints = [
            models.UniqueConstraint(
                fields=["draft"], condition=models.Q(state__in=MOVING), name="one_moving_replay_of_a_draft"
            )
        ]
        indexes = [models.Index(fields=["draft", "-started_at"], name="replays_of_draft")]


class ReplayCase(models.Model):
    """What came of one record. ``causes`` name paths of the record, never its values; ``before`` and ``after`` are the
    places (mm) that differ on ``page``."""

    id = models.UUIDField(primary_key=True)
    replay = models.ForeignKey(Replay, on_delete=models.CASCADE, related_name="cases")
    position = models.IntegerField()
    version_id = models.UUIDField(help_text="The version of the document whose data it was made from.")
    document_id = models.UUIDField()
    outcome = models.CharField(max_length=10, default="waiting")
    group = models.CharField(max_length=16, blank=True)
    causes = models.JSONField(default=list)
    page = models.IntegerField(default=1)
    pages_before = models.IntegerField(default=0)
    pages_after = models.IntegerField(default=0)
    before = models.JSONField(default=list)
    after = models.JSONField(default=list)
    made = models.CharField(max_length=64, blank=True, help_text="SHA-256 of both documents' digests.")

    class Meta:
        db_table = "template_replay_case"
        constraints = [models.UniqueConstraint(fields=["replay", "position"], name="replay_case_once")]
        indexes = [models.Index(fields=["replay", "group", "position"], name="cases_of_group")]

"""What template tests and replays leave behind: digests, causes and ids, never a document."""

from __future__ import annotations

from django.db import models

WAITING, RUNNING, DONE, FAILED, STOPPED = "waiting", "running", "done", "failed", "stopped"
STATES = (WAITING, RUNNING, DONE, FAILED, STOPPED)
#: On its way: there is at most one of a draft, and of a change of a house part.
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
    """A change made of the newest real records, beside what is in force: of a draft, or of a house part (``part``).

    ``files`` is the digest of all it was made from, ``groups`` the records by cause, ``digest`` what an approver signs:
    SHA-256 over both versions and what came of every record. Its rows and pictures are deleted after a while. Of a
    part, ``covers`` names the templates that get it, ``{"template", "base", "files", "records"}`` each in the order
    their records stand in; ``base`` and ``template_key`` are empty then.
    """

    id = models.UUIDField(primary_key=True)
    draft = models.ForeignKey("composition.Draft", on_delete=models.CASCADE, null=True, related_name="replays")
    part = models.ForeignKey("composition.HouseVersion", on_delete=models.CASCADE, null=True, related_name="replays")
    covers = models.JSONField(default=list)
    run_id = models.UUIDField(null=True, help_text="The run whose records it is over; empty: the newest of all runs.")
    template_key = models.SlugField(max_length=60, blank=True)
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
            ),
            models.UniqueConstraint(
                fields=["part"], condition=models.Q(state__in=MOVING), name="one_moving_replay_of_a_part"
            ),
            models.CheckConstraint(
                condition=models.Q(draft__isnull=True) ^ models.Q(part__isnull=True), name="replay_of_one_change"
            ),
        ]
        indexes = [
            models.Index(fields=["draft", "-started_at"], name="replays_of_draft"),
            models.Index(fields=["part", "-started_at"], name="replays_of_part"),
        ]

    def about(self) -> dict[str, object]:
        """What it is a replay of, as an entry of the ledger names it."""
        if self.part is not None:
            return {"part": f"{self.part.part.kind}/{self.part.part.key}", "revision": self.revision}
        return {"template": self.template_key, "revision": self.revision}


class ReplayCase(models.Model):
    """What came of one record. ``causes`` name paths of the record, never its values; ``before`` and ``after`` are the
    places (mm) that differ on ``page``. ``base`` is the version it stands beside, where the replay has several."""

    id = models.UUIDField(primary_key=True)
    replay = models.ForeignKey(Replay, on_delete=models.CASCADE, related_name="cases")
    position = models.IntegerField()
    version_id = models.UUIDField(help_text="The version of the document whose data it was made from.")
    document_id = models.UUIDField()
    base = models.ForeignKey("composition.TemplateVersion", on_delete=models.PROTECT, null=True, related_name="+")
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

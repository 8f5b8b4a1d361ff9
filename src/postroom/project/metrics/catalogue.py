"""Every metric there is: its name, what it counts, by which labels. docs/metrics.md tells the same; a test holds both.

Names are promises: alert rules of strangers depend on them. One is never given another meaning; a better one is a new
one. No label ever names a person: labels are states, codes, channels, destinations, stages, routes and roles.
"""

from __future__ import annotations

from dataclasses import dataclass

COUNTER, GAUGE, HISTOGRAM = "counter", "gauge", "histogram"


@dataclass(frozen=True, slots=True)
class Metric:
    """``meters``: counted by each process for itself (kernel.meters); else asked of rows and of the machine."""

    name: str
    kind: str
    labels: tuple[str, ...]
    help: str
    meters: bool = False


def _gauge(name: str, labels: str, help: str) -> Metric:
    return Metric(f"postroom_{name}", GAUGE, tuple(labels.split()), help)


def _metered(kind: str, name: str, labels: str, help: str) -> Metric:
    return Metric(f"postroom_{name}", kind, tuple(labels.split()), help, meters=True)


CATALOGUE: tuple[Metric, ...] = (
    _gauge("runs", "state", "Runs by state; settled ones are counted up to 100,000."),
    _gauge("run_records", "state", "Records of the open runs by what became of them."),
    _gauge("balance_difference", "kind", "What is missing in the balance of the newest runs and the open ones: zero."),
    _gauge("deliveries", "channel state", "Deliveries that have not ended, by channel and state."),
    _gauge("delivery_queue", "destination", "Deliveries that are ready, due now or later."),
    _gauge("delivery_oldest_due_seconds", "destination", "How long the oldest due delivery has been due."),
    _gauge("set_aside", "code", "Records that are set aside and wait for somebody, by reason."),
    _gauge("tasks", "queue state", "Wake-ups by queue: waiting, doing, failed, stalled."),
    _gauge("workers", "role", "Living worker processes that serve a role, on all hosts."),
    _gauge("findings", "kind", "Bytes that are not, or would not be, what they were (P5), until acknowledged."),
    _gauge("vault_segments", "place", "Segments of the vault: open, sealed here only, in the store."),
    _gauge("vault_bytes", "", "Bytes of segments on this host's disk."),
    _gauge("disk_free_bytes", "", "Free bytes of the vault's disk."),
    _gauge("disk_reserve_bytes", "", "Free bytes below which nothing new is written."),
    _gauge("ledger_entries", "", "Entries of the ledger."),
    _gauge("ledger_unsigned_entries", "", "Entries since the newest signed head."),
    _gauge("ledger_checkpoint_age_seconds", "", "Age of the newest signed head of the ledger."),
    _gauge("backup_age_seconds", "", "Time since the last finished backup of this home; absent when none is known."),
    Metric(
        "postroom_process_cpu_seconds_total",
        COUNTER,
        ("process",),
        "Processor time of a process and its children, on this host.",
    ),
    _gauge("process_memory_bytes", "process", "Resident memory of a process and its children, on this host."),
    _gauge("gather_seconds", "", "What the last reading of the rows took."),
    _gauge("gather_age_seconds", "", "How old the numbers of rows are."),
    _gauge(
        "up", "", "1 when the rows could be read, 0 when the database did not answer; then their numbers are absent."
    ),
    _metered(COUNTER, "documents_composed_total", "", "Documents composed and committed."),
    _metered(HISTOGRAM, "chunk_stage_seconds", "stage", "Time of one stage for one chunk."),
    _metered(COUNTER, "attempts_total", "channel outcome", "Tries to send: sent, deferred, refused, unknown."),
    _metered(HISTOGRAM, "send_seconds", "channel", "Time a channel took for one message."),
    _metered(HISTOGRAM, "http_request_seconds", "method route status", "Time the web process took for an answer."),
    _metered(GAUGE, "event_streams", "", "Open streams of live counts."),
)
BY_NAME = {metric.name: metric for metric in CATALOGUE}

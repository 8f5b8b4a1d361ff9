"""One answer for all who scrape: gathered by the first who asks, kept for ten seconds and longer where it was dear.

Reading the rows never takes more than a twentieth of the time: what took a second is kept for twenty. One thread
gathers; others get what is there, and wait only when nothing is.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache

from django.db import Error, connection
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from postroom.kernel.errors import PostroomError
from postroom.kernel.meters import BUCKETS
from postroom.project.metrics import machine, rows
from postroom.project.metrics.catalogue import BY_NAME, CATALOGUE, COUNTER, HISTOGRAM
from postroom.project.metrics.catalogue import Metric as Known
from postroom.project.metrics.meters import Metered, gather_meters
from postroom.project.metrics.rows import Sample

log = logging.getLogger("postroom.metrics")

KEPT = 10.0
SHARE = 20.0
"""A gathering is kept so many times as long as it took."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """All numbers of one moment (``time.monotonic``)."""

    metered: Metered
    told: tuple[Sample, ...]
    at: float
    took: float


@dataclass(slots=True)
class Gatherer:
    """The numbers of this process's home, for its lifetime."""

    ask: Callable[[], list[Sample]] = rows.samples
    clock: Callable[[], float] = time.monotonic
    last: Gathered | None = None
    _busy: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> Gathered:
        """Those of now, or the last ones while they are fresh or somebody else gathers."""
        last = self.last
        if last is not None and self._fresh(last):
            return last
        if not self._busy.acquire(blocking=last is None):
            return last if last is not None else self.take()
        try:
            if self.last is None or not self._fresh(self.last):
                self.last = self._gather()
            return self.last
        finally:
            self._busy.release()

    def _fresh(self, gathered: Gathered) -> bool:
        return self.clock() - gathered.at < max(KEPT, SHARE * gathered.took)

    def _gather(self) -> Gathered:
        began = self.clock()
        up: tuple[Sample, ...]
        try:
            told = tuple(self.ask())
            up = (("up", (), 1.0),)
        except (Error, PostroomError) as error:  # the database is away: the rest is told, and that it is
            log.warning("the rows cannot be counted for /metrics: %r", error)
            connection.close()
            told, up = (), (("up", (), 0.0),)
        took = self.clock() - began
        metered = gather_meters()
        told += (*machine.samples(metered.living), *up, ("gather_seconds", (), took))
        return Gathered(metered, told, self.clock(), took)


@cache
def gatherer() -> Gatherer:
    """The one of this process."""
    return Gatherer()


class _Once(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> Iterable[Metric]:
        return self._families


def answer(gathered: Gathered, age: float, accept: str = "") -> tuple[bytes, str]:
    """The page and its media type: Prometheus text, or OpenMetrics for who accepts it."""
    registry = CollectorRegistry()
    registry.register(_Once(families(gathered, age)))
    encode, media_type = choose_encoder(accept)
    return encode(registry), media_type


def families(gathered: Gathered, age: float = 0.0) -> list[Metric]:
    """The numbers in the library's form, in the order of the catalogue."""
    told: dict[str, list[tuple[tuple[str, ...], float]]] = {}
    for name, labels, value in (*gathered.told, ("gather_age_seconds", (), age)):
        told.setdefault(f"postroom_{name}", []).append((tuple(labels), value))
    metered = _metered(gathered.metered.numbers)
    return [_family(known, told.get(known.name, []), metered.get(known.name, {})) for known in CATALOGUE]


_Parts = dict[tuple[str, ...], dict[str, float]]


def _metered(numbers: dict[str, float]) -> dict[str, _Parts]:
    """Numbers of the processes by metric, labels and part. What this version does not know is left out."""
    found: dict[str, _Parts] = {}
    for key, value in numbers.items():
        try:
            name, pairs, part = json.loads(key)
            labels = dict(pairs)
            values = tuple(str(labels[label]) for label in BY_NAME[name].labels)
        except (ValueError, KeyError, TypeError):
            continue
        found.setdefault(name, {}).setdefault(values, {})[part] = value
    return found


def _family(known: Known, told: list[tuple[tuple[str, ...], float]], metered: _Parts) -> Metric:
    values = [*told, *((labels, parts.get("", 0.0)) for labels, parts in metered.items())]
    if known.meters and not known.labels and not values:
        values = [((), 0.0)]  # nothing was counted yet, which is a number
    if known.kind == HISTOGRAM:
        histogram = HistogramMetricFamily(known.name, known.help, labels=known.labels)
        for labels, parts in sorted(metered.items()):
            total, buckets = 0.0, []
            for end in BUCKETS:
                total += parts.get(f"{end:g}", 0.0)
                buckets.append(("+Inf" if end == BUCKETS[-1] else str(end), total))
            histogram.add_metric(labels, buckets, parts.get("sum", 0.0))
        return histogram
    family = CounterMetricFamily if known.kind == COUNTER else GaugeMetricFamily
    made = family(known.name, known.help, labels=known.labels)
    for labels, value in sorted(values):
        made.add_metric(labels, value)
    return made

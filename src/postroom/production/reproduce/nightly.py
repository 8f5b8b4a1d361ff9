"""Each night a sample by itself: once per installation and night, and a night that was missed is caught up once."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings

from postroom.composition.models import Reproduction
from postroom.identity.actor import Actor
from postroom.identity.roles import PERMISSIONS
from postroom.kernel import clock
from postroom.kernel.ids import new_id
from postroom.production.reproduce.again import make_again
from postroom.production.reproduce.errors import ReproductionBusy
from postroom.production.reproduce.report import Report

log = logging.getLogger("postroom.reproduce")

WATCHMAN = Actor("system:reproduce", frozenset({"administrator"}), frozenset(PERMISSIONS))


def due() -> dt.date | None:
    """The newest night whose hour has come and that has not been done; None when there is none, or nothing is wanted.

    Only the newest: nights in which nobody worked are one night to catch up. An installation begins with its next one.
    """
    config = settings.CONFIG
    if not config.reproduce_sample:
        return None
    here = clock.now().astimezone(ZoneInfo(config.reproduce_zone))
    night = here.date() if here.hour >= config.reproduce_hour else here.date() - dt.timedelta(days=1)
    newest = Reproduction.objects.exclude(night=None).order_by("-night").first()
    if newest is None:
        now = clock.now()
        Reproduction.objects.get_or_create(
            night=night, defaults={"id": new_id(), "seed": 0, "wanted": 0, "started_at": now, "ended_at": now}
        )
        return None
    if newest.night is not None and newest.night >= night and newest.ended_at is not None:
        return None
    return night


def tonight(go_on: Callable[[], bool] = lambda: True) -> Report | None:
    """Do what is due. Called again and again by a worker; several may call at once."""
    night = due()
    if night is None:
        return None
    try:
        report = make_again(WATCHMAN, wanted=settings.CONFIG.reproduce_sample, night=night, go_on=go_on)
    except ReproductionBusy:
        return None  # another host's worker is at it; the next round looks again
    say = log.info if report.reproducible else log.error
    say("night %s: %s documents made again, %s differ", night, report.seen, len(report.differences))
    return report

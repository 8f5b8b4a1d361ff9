"""How many requests a second: a token bucket for each API token and for each network address.

In the memory of each web process: this protects from floods, not from guessing, and being a few times too generous
does no harm (docs/adr/0018). Nothing is asked of the database, so a flood costs it nothing.

An address pays before its token is looked at, so that made-up tokens are counted too. `/health` is free.
"""

from __future__ import annotations

import hashlib
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from postroom.api.errors import TooManyRequests

#: So many callers are remembered; the one not heard of for longest is forgotten first, with a full bucket.
_REMEMBERED = 10_000
#: A bucket holds so many seconds of its rate.
BURST_SECONDS = 10.0


@dataclass(slots=True)
class Buckets:
    """Buckets of one kind. ``take`` never waits; it says how long the caller should."""

    clock: Callable[[], float] = time.monotonic
    _filled: OrderedDict[bytes, tuple[float, float]] = field(default_factory=OrderedDict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def take(self, key: bytes, rate: float) -> float:
        """Take one token from a bucket that fills at ``rate`` a second: 0, or the seconds until there is one."""
        most, now = max(1.0, rate * BURST_SECONDS), self.clock()
        with self._guard:
            tokens, at = self._filled.pop(key, (most, now))
            tokens = min(most, tokens + (now - at) * rate)
            wait = 0.0 if tokens >= 1 else (1 - tokens) / rate
            self._filled[key] = (tokens if wait else tokens - 1, now)
            while len(self._filled) > _REMEMBERED:
                self._filled.popitem(last=False)
        return wait

    def forget(self) -> None:
        """Every bucket is full again (tests)."""
        with self._guard:
            self._filled.clear()


TOKENS, ADDRESSES = Buckets(), Buckets()


def limited(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """``view``, for as many requests a second as one caller may send. Raises TooManyRequests."""

    @wraps(view, assigned=())
    def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        count(request)
        return view(request, *args, **kwargs)

    return counted


def count(request: HttpRequest) -> None:
    """Count this request. Raises TooManyRequests."""
    by_address, by_token = settings.CONFIG.api_address_rate, settings.CONFIG.api_token_rate
    if by_address:
        _pay(ADDRESSES, _address(request).encode(), by_address, "network address")
    told = request.headers.get("Authorization", "")
    if by_token and told:
        _pay(TOKENS, hashlib.sha256(told.encode()).digest(), by_token, "token")


def _pay(buckets: Buckets, key: bytes, rate: float, whose: str) -> None:
    wait = buckets.take(key, rate)
    if wait:
        raise TooManyRequests(
            f"This {whose} may send {rate:g} requests a second, and {rate * BURST_SECONDS:g} at once.",
            hint="Wait for the seconds in Retry-After, then go on; send records as a file (POST /runs).",
            retry_after=math.ceil(wait),
        )


def _address(request: HttpRequest) -> str:
    """As it is counted for signing in: behind a proxy the last address that it wrote down."""
    try:
        return str(get_adapter().get_client_ip(request))
    except PermissionDenied:  # no address at all (a socket file): all such callers share one bucket
        return ""

"""Identifiers: UUIDs of version 7 (RFC 9562, section 5.7), so that new rows land at the end of their index."""

from __future__ import annotations

import os
import time
import uuid


def new_id() -> uuid.UUID:
    """A fresh UUIDv7: 48 bits of Unix milliseconds, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    value = int.from_bytes(os.urandom(10), "big")
    high = (milliseconds << 16) | 0x7000 | (value >> 68)
    low = (0b10 << 62) | (value & ((1 << 62) - 1))
    return uuid.UUID(int=(high << 64) | low)

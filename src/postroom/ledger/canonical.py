"""How an entry is written down before it is hashed. Changing this changes every hash: version it, never edit it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any


def timestamp(at: dt.datetime) -> str:
    """Microseconds in UTC, as PostgreSQL keeps them: ``2026-11-21T22:04:05.000123Z``."""
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def entry_bytes(
    seq: int, at: dt.datetime, actor: str, act: str, kind: str, object_id: object, facts: dict[str, Any]
) -> bytes:
    """The entry as canonical JSON (UTF-8, sorted keys, no spaces)."""
    body = [1, seq, timestamp(at), actor, act, kind, str(object_id) if object_id else None, facts]
    return json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def leaf_hash(entry: bytes) -> bytes:
    """RFC 9162, section 2.1.1: the hash of a leaf."""
    return hashlib.sha256(b"\x00" + entry).digest()


def block_hash(previous: bytes, no: int, at: dt.datetime, leaves: bytes) -> bytes:
    """The hash that chains a block to the one before it; ``leaves`` are its leaf hashes joined in order."""
    head = f"{no}:{timestamp(at)}:{len(leaves) // 32}:".encode()
    return hashlib.sha256(b"\x01" + previous + head + leaves).digest()

"""JSON texts of many small values. ``json.JSONEncoder.encode`` builds its C encoder anew for each value, which for the
few hundred bytes of a record takes longer than the encoding; here it is built once. The texts are the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from json import encoder as _parts
from typing import Any


def writer(
    *,
    sort_keys: bool = False,
    ensure_ascii: bool = False,
    allow_nan: bool = False,
    compact: bool = True,
    default: Callable[[Any], Any] | None = None,
) -> Callable[[Any], str]:
    """A function from plain data to its text, as ``json.dumps`` with these options makes it.

    It raises what ``json.dumps`` raises; for data that contains itself RecursionError instead of ValueError.
    """
    slow = json.JSONEncoder(
        sort_keys=sort_keys,
        ensure_ascii=ensure_ascii,
        allow_nan=allow_nan,
        check_circular=False,
        separators=(",", ":") if compact else None,
        default=default,
    )
    make: Any = getattr(_parts, "c_make_encoder", None)
    if make is None:  # an interpreter without the C accelerator
        return slow.encode
    quote = _parts.encode_basestring_ascii if ensure_ascii else _parts.encode_basestring
    fast = make(None, slow.default, quote, None, slow.key_separator, slow.item_separator, sort_keys, False, allow_nan)

    def write(value: Any) -> str:
        return "".join(fast(value, 0))

    return write

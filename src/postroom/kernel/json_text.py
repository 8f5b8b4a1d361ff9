"""JSON texts of many small values. ``json.JSONEncoder.encode`` builds its C encoder anew for each value, which for the
few hundred bytes of a record takes longer than the encoding; here it is built once. ``json.loads`` looks for white
space before and behind with a pattern each; ours has none. Texts and values are the same.
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


def reader(
    *, parse_float: Callable[[str], Any] | None = None, parse_constant: Callable[[str], Any] | None = None
) -> Callable[[str], Any]:
    """A function from a text to its data, as ``json.loads`` with these options reads it, and raising what that raises.

    Quick for a text without white space around it; any other is read all the same.
    """
    whole = json.JSONDecoder(parse_float=parse_float, parse_constant=parse_constant)
    scan: Callable[[str, int], tuple[Any, int]] = getattr(whole, "scan_once")  # noqa: B009  (no stub knows it)

    def read(text: str) -> Any:
        try:
            value, end = scan(text, 0)
        except StopIteration:
            return whole.decode(text)
        return value if end == len(text) else whole.decode(text)

    return read

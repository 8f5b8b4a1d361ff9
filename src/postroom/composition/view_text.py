"""The view as the JSON text that goes to a renderer, its unchanging parts written once.

Of the five kilobytes that an invoice's page is given, three are the words of its language and the tokens of its brand:
the same objects for every document of a version, which nobody changes once they are loaded. Their text is kept and put
where it belongs; the whole is what ``as_text`` makes of the whole, byte for byte.
"""

from __future__ import annotations

from typing import Any

from postroom.cage.keeper import as_text

#: What ``prepare`` takes from template and brand as it is. No field of a contract may be called so (``shape``).
_LASTING = frozenset({"words", "brand"})
#: A process makes documents of a few templates in a few languages at a time; what is older is written again.
_MOST = 64

#: By the identity of an object, the object itself (so that the identity is not given to another one) and its text.
_kept: dict[int, tuple[Any, bytes]] = {}


def view_text(view: dict[str, Any]) -> bytes:
    """The same bytes as ``as_text(view)``. Raises NotPlain."""
    parts: list[bytes] = []
    fresh: dict[str, Any] = {}
    for name, value in view.items():
        if name not in _LASTING:
            fresh[name] = value
            continue
        if fresh:
            parts.append(as_text(fresh)[1:-1])
            fresh = {}
        parts.append(b'"%b":%b' % (name.encode(), _text(value)))
    if fresh:
        parts.append(as_text(fresh)[1:-1])
    return b"{%b}" % b",".join(parts)


def _text(value: Any) -> bytes:
    known = _kept.get(id(value))
    if known is not None and known[0] is value:
        return known[1]
    text = as_text(value)
    if len(_kept) >= _MOST:
        _kept.clear()
    _kept[id(value)] = value, text
    return text

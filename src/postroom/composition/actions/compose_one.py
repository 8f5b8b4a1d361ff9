"""Make one document from one record: nothing is stored, nothing is sent."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from postroom.composition.compose import Unmade, compose
from postroom.composition.prepare import Prepared, prepare
from postroom.composition.proofs import require
from postroom.composition.queries import LivePack, live_pack, newest_version
from postroom.composition.spec import Rendered
from postroom.identity.actor import Actor
from postroom.kernel.errors import BadInput


class NotComposed(BadInput):
    """The renderer could not make the document: the template or its data are to blame."""

    code = "not-composed"
    title = "The document could not be composed"


@dataclass(frozen=True, slots=True)
class Composed:
    """A document that exists only here."""

    content: bytes
    media_type: str
    pages: int
    number: str
    title: str
    template: str
    version: int


def compose_one(actor: Actor, *, template: str, data: Any) -> Composed:
    """The document of ``data`` by the newest version of ``template``.

    ``data`` is a JSON object whose fractions are Decimal. Raises UnknownTemplate, RecordRefused with every reason,
    NotComposed, ToolchainNotAccepted.
    """
    actor.require("compose")
    live = live_pack(newest_version(template).pk)
    prepared = prepare(live.pack, data)
    require(live.version)  # here, as the cooks have no connection to the database
    made = _kitchen().submit(_make, live, prepared).result()
    if isinstance(made, Unmade):
        raise NotComposed(
            made.reason + (f" ({made.where})" if made.where else ""),
            hint=made.hint,
            problems=[asdict(one) for one in made.problems]
            or [{"code": made.code, "path": "$", "reason": made.reason, "hint": made.hint}],
        )
    return Composed(
        content=made.content,
        media_type=made.media_type,
        pages=made.pages,
        number=prepared.facts.number,
        title=prepared.facts.title,
        template=template,
        version=live.version.no,
    )


@lru_cache(maxsize=1)
def _kitchen() -> ThreadPoolExecutor:
    """A web process has many threads, and cells belong to a thread: few threads of our own keep them few."""
    return ThreadPoolExecutor(max_workers=os.cpu_count() or 1, thread_name_prefix="compose")


def _make(live: LivePack, prepared: Prepared) -> Rendered | Unmade:
    return next(iter(compose(live, [prepared])))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_kitchen.cache_clear)

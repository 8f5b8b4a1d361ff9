"""A POST with an ``Idempotency-Key`` acts once, however often it is sent (draft-ietf-httpapi-idempotency-key-header).

What makes it safe when the process dies in between: acts that live in the database alone commit in one transaction
with the stored answer, so there are both or neither. Operations marked ``repeatable`` write bytes outside the
database and are harmless when done again (a run by its run key, a template by its files); they are done again.
Whether the first request still lives is asked of PostgreSQL: it holds a session advisory lock, which dies with it.

Only JSON answers are stored. A PDF answer is made again: bytes of documents live in the vault and nowhere else (P11).
What was refused (4xx), could not be done (503) or is not decided yet (202) changed nothing, so its key stays free.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from postroom.api.errors import BadKey, InFlight, KeyReused
from postroom.api.models import IdempotentRequest
from postroom.identity.actor import Actor
from postroom.kernel import clock

HEADER, REPLAYED = "Idempotency-Key", "Idempotency-Replayed"
KEPT_FOR = dt.timedelta(hours=24)
_KEPT_HEADERS = ("Location",)
_MARK = "postroom_repeatable"
_REPEAT = "postroom_repeat"
_LONGEST = 255


def repeatable(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark an operation that is harmless when done again, and that must not run inside a transaction."""
    setattr(view, _MARK, True)
    return view


def is_repeatable(view: object) -> bool:
    return bool(getattr(view, _MARK, False))


def is_repeat(request: HttpRequest) -> bool:
    """Whether the act of this request was done before, and only its answer is wanted again."""
    return bool(getattr(request, _REPEAT, False))


def once(
    request: HttpRequest, actor: Actor, key: str, act: Callable[[], HttpResponseBase], *, together: bool
) -> HttpResponseBase:
    """The answer of ``act``, or the stored one. ``together``: act and stored answer commit as one.

    Raises BadKey, InFlight, KeyReused.
    """
    key = key.strip().strip('"')
    if not key or len(key) > _LONGEST or not key.isprintable():
        raise BadKey(
            f"The Idempotency-Key must have 1 to {_LONGEST} printable characters.",
            hint="Use a random UUID, a new one for each new request.",
        )
    digest = _digest(request)
    with _lock(actor, key) as ours:
        known = IdempotentRequest.objects.filter(
            actor=actor.name, key=key, created_at__gt=clock.now() - KEPT_FOR
        ).first()
        if known is not None and bytes(known.digest) != digest:
            raise KeyReused(
                f"The key {key!r} was used for another request.",
                hint="Use a new key for each new request; to repeat one, send exactly the same.",
            )
        if not ours:
            raise InFlight(
                f"The first request with the key {key!r} is still being worked on.",
                hint="Wait a moment and send the same request again; it will get that request's answer.",
            )
        if known is not None and known.status is not None:
            return _again(request, known, act)
        return _first(request, actor, key, digest, act, together)


def purge_idempotent_requests() -> int:
    """Forget answers older than 24 hours. Number of those forgotten."""
    return IdempotentRequest.objects.filter(created_at__lte=clock.now() - KEPT_FOR).delete()[0]


def _first(
    request: HttpRequest,
    actor: Actor,
    key: str,
    digest: bytes,
    act: Callable[[], HttpResponseBase],
    together: bool,
) -> HttpResponseBase:
    """Note the intent, act, keep the answer."""
    row, _ = IdempotentRequest.objects.update_or_create(
        actor=actor.name,
        key=key,
        defaults={
            "path": request.path[:255],
            "digest": digest,
            "status": None,
            "media_type": "",
            "answer": None,
            "created_at": clock.now(),
        },
    )
    if together:
        with transaction.atomic():
            response = act()
            if response.status_code >= 400:
                transaction.set_rollback(True)
            else:
                _keep(row, response)
    else:
        response = act()
        if not _undecided(response):
            _keep(row, response)
    if _undecided(response):
        row.delete()
    return response


def _undecided(response: HttpResponseBase) -> bool:
    """Whether nothing was done: refused, or it waits for something (202) and the same request acts later."""
    return response.status_code >= 400 or response.status_code == 202


def _keep(row: IdempotentRequest, response: HttpResponseBase) -> None:
    row.status = response.status_code
    row.media_type = response.headers.get("Content-Type", "")[:120]
    if isinstance(response, HttpResponse) and row.media_type.startswith("application/json"):
        headers = {name: response[name] for name in _KEPT_HEADERS if name in response}
        row.answer = json.dumps({"headers": headers, "body": response.content.decode()}).encode()
    row.save(update_fields=["status", "media_type", "answer"])


def _again(request: HttpRequest, known: IdempotentRequest, act: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    response: HttpResponseBase
    if known.answer is None:
        setattr(request, _REPEAT, True)
        response = act()
    else:
        kept = json.loads(bytes(known.answer))
        response = HttpResponse(
            kept["body"], status=known.status, content_type=known.media_type, headers=kept["headers"]
        )
    response[REPLAYED] = "true"
    return response


def _digest(request: HttpRequest) -> bytes:
    """What was asked: method, address, and the body; of a form its fields and the digest of each file."""
    total = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if request.content_type == "multipart/form-data":
        for name, values in sorted(request.POST.lists()):
            for value in values:
                text = str(value).encode()
                total.update(f"{name}={len(text)}\n".encode() + text)
        for name, files in sorted(request.FILES.lists()):
            for file in files:
                if isinstance(file, UploadedFile):
                    total.update(f"{name}@{file.name};{file.content_type}={_digest_of(file)}\n".encode())
    else:
        total.update(f"{request.content_type}\n".encode() + request.body)
    return total.digest()


def _digest_of(file: UploadedFile[Any]) -> str:
    total = hashlib.sha256()
    for piece in file.chunks(1 << 20):
        total.update(piece)
    file.seek(0)
    return total.hexdigest()


@contextmanager
def _lock(actor: Actor, key: str) -> Iterator[bool]:
    """Whether this process is the one that works on the key. The lock dies with the connection."""
    digest = hashlib.sha256(f"idempotency\n{actor.name}\n{key}".encode()).digest()
    number = int.from_bytes(digest[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", (number,))
        ours = bool(cursor.fetchone()[0])
    try:
        yield ours
    finally:
        if ours and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", (number,))

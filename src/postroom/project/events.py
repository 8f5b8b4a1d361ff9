"""The stream of live counts as a plain ASGI application: one address, opened by a pass of the desk."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

from postroom.project.hub import Full, Hub, Stream
from postroom.web.live import STREAM, read_pass

log = logging.getLogger("postroom.events")
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

UP = "/events/up"


class Events:
    """``GET /events/stream?pass=...`` streams; ``GET /events/up`` says whether the database is heard."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _answer(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            await _say(send, 405, "Only GET is answered here.")
        elif scope["path"] == UP:
            deaf = not self._hub.listening
            await _say(send, 503 if deaf else 200, "the database is not heard" if deaf else "ok")
        elif scope["path"] != STREAM:
            await _say(send, 404, "There is nothing at this address.")
        else:
            await self._stream(scope, receive, send)

    async def _stream(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("pass", [""])[0]
        shown = read_pass(asked)
        if shown is None:
            await _say(send, 401, "This pass is not valid any more.")
            return
        origin = dict(scope["headers"]).get(b"origin", b"").decode("latin-1")
        if origin and origin != shown.origin:  # a page of another house, whoever gave it the pass
            await _say(send, 403, "This pass was made for another address.")
            return
        try:
            stream = await self._hub.open(shown)
        except Full:
            await _say(send, 503, "No further stream can be opened now.", shown.origin)
            return
        except Exception as error:  # the database: the page polls until it is back
            log.warning("a stream cannot be opened: %r", error)
            await _say(send, 503, "The counts cannot be read now.", shown.origin)
            return
        if stream is None:
            await _say(send, 401, "This pass is not valid any more.", shown.origin)
            return
        leaving = asyncio.ensure_future(_until_left(stream, receive))
        try:
            await _send_until_over(stream, send, shown.origin)
        except (OSError, RuntimeError):  # the browser is gone; the server says so in its own words
            pass
        finally:
            leaving.cancel()
            self._hub.close(stream)


async def _send_until_over(stream: Stream, send: Send, origin: str) -> None:
    headers = [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-store, no-transform"),
        (b"x-accel-buffering", b"no"),  # proxies that buffer by default: not this
        *_for(origin),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    while not stream.over:
        await stream.wake.wait()
        content = stream.take()
        if content:
            await send({"type": "http.response.body", "body": content, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until_left(stream: Stream, receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.end("left")


async def _say(send: Send, status: int, words: str, origin: str = "") -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store"), *_for(origin)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f"{words}\n".encode(), "more_body": False})


def _for(origin: str) -> list[tuple[bytes, bytes]]:
    """Pages of the desk that signed the pass may read the answer, and no others."""
    allowed = [(b"access-control-allow-origin", origin.encode("latin-1"))] if origin else []
    return [*allowed, (b"vary", b"Origin"), (b"x-content-type-options", b"nosniff")]

"""Hands for the tests of signing in: people with passwords, a browser without a screen, codes of an app."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

PASSWORD = "a-long-enough-secret"


def person(email: str = "anna@firm.example", role: str = "clerk", password: str | None = PASSWORD) -> Any:
    """Somebody who may sign in by a password."""
    from postroom.identity.actions.create_user import create_user
    from postroom.identity.actor import SYSTEM

    return create_user(SYSTEM, email=email, name=email.partition("@")[0].title(), roles=[role], password=password)


def browser(address: str = "10.0.0.1", agent: str = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0") -> Any:
    """Django's client, from one network address."""
    from django.test import Client

    return Client(REMOTE_ADDR=address, HTTP_USER_AGENT=agent, raise_request_exception=False)


def sign_in(client: Any, email: str = "anna@firm.example", password: str = PASSWORD, **more: str) -> Any:
    """The answer to the sign-in form."""
    return client.post("/account/login/", {"login": email, "password": password, **more})


def is_in(client: Any) -> bool:
    """Whether the desk lets this browser in."""
    return bool(client.get("/").status_code == 200)


def acts(act: str) -> list[dict[str, Any]]:
    """The facts of all ledger entries of one act, in order."""
    from postroom.ledger.models import Entry

    return list(Entry.objects.filter(act=act).order_by("seq").values_list("facts", flat=True))


def totp(secret: str, at: float | None = None) -> str:
    """The code an app shows (RFC 6238, SHA-1, 30 seconds, 6 digits)."""
    counter = int((time.time() if at is None else at) // 30)
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", counter), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def claims(*groups: str, email: str, name: str = "", verified: bool | None = True) -> dict[str, Any]:
    """What the provider tells of somebody."""
    told: dict[str, Any] = {"email": email, "name": name, "groups": list(groups)}
    return told if verified is None else told | {"email_verified": verified}


@contextmanager
def served(port: int) -> Iterator[str]:
    """The web process (granian) on a port that was promised before; its address."""
    from postroom.project.serving import await_answer, web_command

    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(web_command("127.0.0.1", port), stdout=said, stderr=said)
        try:
            await_answer(f"http://127.0.0.1:{port}/healthz", threading.Event(), 60)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            said.seek(0)
            print(said.read().decode()[-4000:])  # pytest shows it when the test fails

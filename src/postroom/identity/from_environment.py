"""How the settings of sign-in are read: needed ones are asked for by name, secrets are never values of their own."""

from __future__ import annotations

import os
from pathlib import Path

from postroom.kernel.config import BadSetting


def needed(variable: str, because: str) -> str:
    """The value of a variable that must be there ``because`` another one is. Raises BadSetting."""
    value = os.environ.get(variable, "").strip()
    if not value:
        raise BadSetting(f"{variable} is not set.", hint=f"{because} is set, so {variable} must be set too.")
    return value


def switched_on(variable: str) -> bool:
    """Whether a switch is on (``1`` or ``true``)."""
    return os.environ.get(variable, "").lower() in ("1", "true")


def secret(prefix: str, *, because: str) -> str:
    """A secret named by ``<prefix>_ENV`` (the variable that holds it) or ``<prefix>_FILE`` (the file that does).

    It is never the value of a setting itself, so that a printed environment of Postroom's names tells nothing.
    """
    holder, path = os.environ.get(f"{prefix}_ENV"), os.environ.get(f"{prefix}_FILE")
    if holder:
        found = os.environ.get(holder, "")
        if not found:
            raise BadSetting(f"{prefix}_ENV names {holder}, which is empty.", hint=f"Put the secret into {holder}.")
        return found
    if path:
        try:
            found = Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise BadSetting(
                f"{prefix}_FILE names {path}, which cannot be read: {error.strerror}.",
                hint="Correct the path, or let the account Postroom runs under read the file.",
            ) from error
        if found:
            return found
        raise BadSetting(f"{prefix}_FILE names {path}, which is empty.", hint="Write the secret into it.")
    raise BadSetting(
        f"Neither {prefix}_ENV nor {prefix}_FILE is set.",
        hint=f"{because} is set: name the variable or the file that holds the secret.",
    )

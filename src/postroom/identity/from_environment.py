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


def switched_off(variable: str) -> bool:
    """Whether a switch that is on by itself was turned off (``0`` or ``false``)."""
    return os.environ.get(variable, "").lower() in ("0", "false")


def secret(holder_variable: str, path_variable: str, *, because: str) -> str:
    """A secret named by ``<..>_ENV`` (the variable that holds it) or ``<..>_FILE`` (the file that does).

    It is never the value of a setting itself, so that a printed list of Postroom's settings tells nothing.
    """
    holder, path = os.environ.get(holder_variable), os.environ.get(path_variable)
    if holder:
        found = os.environ.get(holder, "")
        if not found:
            told = f"{holder_variable} names {holder}, which is empty."
            raise BadSetting(told, hint=f"Put the secret into {holder}.")
        return found
    if path:
        try:
            found = Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise BadSetting(
                f"{path_variable} names {path}, which cannot be read: {error.strerror}.",
                hint="Correct the path, or let the account Postroom runs under read the file.",
            ) from error
        if found:
            return found
        raise BadSetting(f"{path_variable} names {path}, which is empty.", hint="Write the secret into it.")
    raise BadSetting(
        f"Neither {holder_variable} nor {path_variable} is set.",
        hint=f"{because} is set: name the variable or the file that holds the secret.",
    )

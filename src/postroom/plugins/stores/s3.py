"""Sealed segments in an S3 bucket (or what speaks its protocol), by obstore. Needs ``postroom[s3]``.

Credentials, region and endpoint are the standard ``AWS_*`` variables, instance roles included. Nothing is ever
overwritten: an object is put with ``If-None-Match: *``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from postroom.vault.errors import StoreRefused, StoreUnavailable
from postroom.vault.spec import RemoteStore

if TYPE_CHECKING:
    from obstore.store import S3Store as Client

#: Waits between tries: half a second, doubling, within the time limit.
_RETRIES = 4


class S3Store(RemoteStore):
    """Objects ``<prefix>/<name>`` of one bucket."""

    name = "s3"

    def __init__(self, url: str, timeout: float) -> None:
        try:
            import obstore
            from obstore.store import S3Store as Client
        except ImportError as error:
            raise StoreUnavailable(
                f"{url} needs the package obstore, which is not installed.", hint="Install postroom[s3]."
            ) from error
        self.url = url
        self._api: Any = obstore
        try:
            self._client: Client = Client.from_url(
                url,
                client_options={
                    "timeout": dt.timedelta(seconds=timeout),
                    "connect_timeout": dt.timedelta(seconds=min(5.0, timeout)),
                    "allow_http": True,
                },
                retry_config={
                    "max_retries": _RETRIES,
                    "backoff": {
                        "init_backoff": dt.timedelta(milliseconds=200),
                        "max_backoff": dt.timedelta(seconds=2),
                        "base": 2,
                    },
                    "retry_timeout": dt.timedelta(seconds=timeout),
                },
            )
        except Exception as error:  # its own exceptions derive from nothing but Exception
            raise StoreUnavailable(
                f"The store {url} cannot be set up: {_words(error)}.", hint="Check POSTROOM_STORE_URL and AWS_*."
            ) from error

    def put(self, name: str, path: Path) -> None:
        try:
            self._api.put(self._client, name, path.read_bytes(), mode="create", use_multipart=False)
        except Exception as error:  # its own exceptions derive from nothing but Exception
            raise self._told(error, name) from error

    def read(self, name: str, offset: int, length: int) -> bytes:
        if not length:
            return b""
        try:
            found = bytes(self._api.get_range(self._client, name, start=offset, length=length))
        except Exception as error:  # its own exceptions derive from nothing but Exception
            told = self._told(error, name)
            if isinstance(told, StoreUnavailable) and self._size_below(name, offset + 1):
                raise EOFError(f"segment {name} ends before byte {offset}") from error
            raise told from error
        if len(found) < length:
            raise EOFError(f"segment {name} ends {length - len(found)} bytes too early")
        return found

    def size(self, name: str) -> int:
        try:
            return int(self._api.head(self._client, name)["size"])
        except Exception as error:  # its own exceptions derive from nothing but Exception
            raise self._told(error, name) from error

    def delete(self, name: str) -> None:
        try:
            self._api.delete(self._client, name)
        except Exception as error:  # its own exceptions derive from nothing but Exception
            told = self._told(error, name)
            if not isinstance(told, FileNotFoundError):
                raise told from error

    def names(self) -> Iterator[str]:
        try:
            found = [str(each["path"]) for page in self._api.list(self._client) for each in page]
        except Exception as error:  # its own exceptions derive from nothing but Exception
            raise self._told(error, "") from error
        yield from sorted(name for name in found if name.endswith(".seg"))

    def _size_below(self, name: str, least: int) -> bool:
        try:
            return self.size(name) < least
        except (OSError, StoreUnavailable):
            return False

    def _told(self, error: Exception, name: str) -> Exception:
        """The same in our words."""
        known = self._api.exceptions
        if isinstance(error, known.NotFoundError | FileNotFoundError):
            return FileNotFoundError(f"{name} is not in {self.url}")
        if isinstance(error, known.AlreadyExistsError):
            return FileExistsError(f"{name} is in {self.url} already")
        if isinstance(error, known.PermissionDeniedError | known.UnauthenticatedError):
            return StoreRefused(
                f"The store {self.url} refuses access to {name or 'its list'}: {_words(error)}.",
                hint="Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and the bucket's policy (get, put, delete, list).",
            )
        return StoreUnavailable(
            f"The store {self.url} did not answer as it should for {name or 'its list'}: {_words(error)}.",
            hint="Nothing was lost: what is stored stays on the local disk until it is there; it is tried again.",
        )


def _words(error: Exception) -> str:
    """The first line of what went wrong, without the debug form that follows it."""
    return " ".join(str(error).partition("\n\nDebug source")[0].split())[:300]

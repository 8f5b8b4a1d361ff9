"""Reading parcels."""

from __future__ import annotations

import os
from pathlib import Path

from postroom.intake.models import Parcel
from postroom.kernel.home import home
from postroom.vault.read import read_blob
from postroom.vault.room import no_room


def parcel_file(parcel: Parcel) -> Path:
    """The parcel as a file in the work folder; put together from its verified parts when it is not there yet.

    Raises DiskFull.
    """
    folder = home().prepare().work / "parcels"
    folder.mkdir(exist_ok=True)
    path = folder / f"{parcel.pk}{Path(parcel.name).suffix.lower()[:12]}"
    if path.exists() and path.stat().st_size == parcel.size:
        return path
    growing = path.with_suffix(f".{os.getpid()}.part")
    try:
        with growing.open("wb") as handle:
            for part in parcel.parts.select_related("blob").order_by("no").iterator(16):
                handle.write(read_blob(part.blob))
        growing.replace(path)
    except OSError as error:
        growing.unlink(missing_ok=True)  # half a copy helps nobody, and least of all a disk that is full
        full = no_room(error, folder, "the working copy of a parcel", parcel.size)
        if full is None:
            raise
        raise full from error
    return path


def drop_parcel_file(parcel: Parcel) -> None:
    """Remove the working copy; the parcel itself stays in the vault."""
    for path in (home().work / "parcels").glob(f"{parcel.pk}*"):
        path.unlink(missing_ok=True)

"""Settings of the installation, read from the environment once. Documented in docs/configuration.md."""

from __future__ import annotations

import os
from functools import cache
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from postroom.kernel.errors import BadInput

PREFIX = "POSTROOM_"


class BadSetting(BadInput):
    """An environment variable of Postroom holds a value that cannot be used."""

    code = "bad-setting"
    title = "A setting cannot be used"


class Config(BaseModel):
    """Each field is set by ``POSTROOM_<FIELD>``; durations are in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    chunk_size: int = Field(200, ge=1, le=5000, description="Records in one chunk of a run.")
    render_deadline: float = Field(20.0, gt=0, description="Longest time one document may take to compose.")
    render_memory: int = Field(2 << 30, ge=128 << 20, description="Address space of one composing process, bytes.")
    take_over_delay: float = Field(30.0, gt=0, description="How long a worker's lock must be free before take-over.")
    send_timeout: float = Field(20.0, gt=0, description="Longest time one send may take; below take_over_delay.")
    retry_delays: tuple[float, ...] = Field(
        (30, 120, 600, 1800, 7200), description="Waits between tries of a deferred delivery, comma separated."
    )
    sweep_interval: float = Field(2.0, gt=0, description="How often rows without a task are looked for.")
    watch_folders: tuple[str, ...] = Field(
        (), description="Folders schedules may take files from, comma separated; empty: inbox in the home folder."
    )
    checkpoint_interval: float = Field(60.0, gt=0, description="How often a head of the grown ledger is signed.")
    render_workers: int = Field(0, ge=0, description="Composing workers of one machine; 0: one per core.")
    segment_bytes: int = Field(48 << 20, ge=1 << 16, description="Size at which a vault segment is sealed.")
    vault_key: str = Field(
        "", repr=False, description="Key (or keys, the newest first) that wraps the keys of stored documents."
    )
    vault_key_file: str = Field("", description="File with that key; empty: vault.key in the home folder.")
    store_url: str = Field("", description="Where sealed segments go: s3://bucket/prefix; empty: they stay here.")
    store_timeout: float = Field(20.0, gt=0, description="Longest time one call of that store may take.")
    cache_bytes: int = Field(4 << 30, ge=0, description="Local copies of stored segments that are kept, bytes.")
    disk_reserve: int = Field(256 << 20, ge=0, description="Free bytes below which nothing new is written.")
    backlog: int = Field(
        100_000, ge=0, description="Records and letters of one run that may wait before it is read on; 0: any number."
    )
    public_url: str = Field("http://127.0.0.1:8000", description="Address customers reach the portal at.")
    events_port: int = Field(
        0, ge=0, le=65535, description="Port of the live counts; 0: any free one, behind a proxy the desk's and one."
    )
    api_token_rate: float = Field(50.0, ge=0, description="API requests a second of one token; 0: any number.")
    api_address_rate: float = Field(
        200.0, ge=0, description="API requests a second of one network address; 0: any number."
    )
    events_url: str = Field("", description="Address of the live counts, where browsers need another one.")
    reproduce_sample: int = Field(
        200, ge=0, description="Documents that are made again and compared each night; 0: none."
    )
    reproduce_hour: int = Field(3, ge=0, le=23, description="Hour of the night at which that begins.")
    reproduce_zone: str = Field("UTC", description="Time zone of that hour, such as Europe/Berlin.")
    portal_link_days: int = Field(90, ge=1, description="How long a portal link opens the portal.")
    allow_open_cage: bool = Field(False, description="Run templates and rules even without network isolation.")
    demo: bool = Field(False, description="The sample company: mail is caught, a banner says so.")
    clock: str = Field("", description="Fixes the clock (ISO 8601); demo and tests only.")


@cache
def config() -> Config:
    """The configuration of this process. Raises BadSetting naming the variable."""
    values: dict[str, object] = {}
    for name, field in Config.model_fields.items():
        text = os.environ.get(PREFIX + name.upper())
        if text is None:
            continue
        is_list = "tuple" in str(field.annotation)
        values[name] = tuple(part for part in text.split(",") if part) if is_list else text
    try:
        loaded = Config.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        variable = PREFIX + str(first["loc"][0]).upper()
        raise BadSetting(
            f"{variable} is {os.environ.get(variable)!r}: {first['msg']}.",
            hint=f"{Config.model_fields[str(first['loc'][0])].description} Change or unset {variable}.",
        ) from error
    if loaded.reproduce_zone not in available_timezones():
        raise BadSetting(
            f"POSTROOM_REPRODUCE_ZONE is {loaded.reproduce_zone!r}, which is no time zone.",
            hint="Name one as in the IANA database, such as Europe/Berlin, or leave it out for UTC.",
        )
    if loaded.send_timeout >= loaded.take_over_delay:
        raise BadSetting(
            f"POSTROOM_SEND_TIMEOUT ({loaded.send_timeout:g} s) is not below POSTROOM_TAKE_OVER_DELAY "
            f"({loaded.take_over_delay:g} s).",
            hint="A send must have ended before another worker may take it over; lower the first or raise the second.",
        )
    return loaded

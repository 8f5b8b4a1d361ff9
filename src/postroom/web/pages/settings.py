"""Settings of the house: people and roles, tokens, channels, folders, health, about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from postroom.web.pages.alarms import AlarmRow
from postroom.web.pages.parts import Fact
from postroom.web.pages.sessions import SessionRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One page of the settings; only those the reader may open are there."""

    key: Literal["people", "tokens", "channels", "folders", "health", "about"]
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A tick box or an option. ``note`` says what it means; ``fixed``: shown, and not to be changed."""

    value: str
    label: str
    note: str = ""
    chosen: bool = False
    fixed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownOnce:
    """A secret that is on this page and nowhere else."""

    title: str
    secret: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    url: str
    name: str
    email: str
    roles: str
    since: str
    active: bool = True
    oneself: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteForm:
    """``token``: a form handed in twice acts once."""

    url: str
    token: str
    roles: tuple[Choice, ...]
    name: str = ""
    email: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePage:
    """``desk/settings/people.html``."""

    tabs: tuple[Tab, ...]
    rows: tuple[PersonRow, ...]
    invite: InviteForm
    once: ShownOnce | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow:
    """``state``: valid, expired, revoked."""

    name: str
    begins: str
    owner: str
    scopes: str
    scopes_count: int
    state: Literal["valid", "expired", "revoked"]
    made: str
    ends: str
    used: str
    revoke_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningIn:
    """How a person signs in. Addresses that are "" stand for acts there is no reason for, or that are one's own."""

    factors: str
    reasons: tuple[Choice, ...]
    sessions: tuple[SessionRow, ...]
    tokens: tuple[TokenRow, ...]
    person_url: str
    locked: str = ""
    unlock_url: str = ""
    forget_url: str = ""
    forget_error: str = ""
    sign_out_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPage:
    """``desk/settings/person.html``."""

    tabs: tuple[Tab, ...]
    name: str
    people_url: str
    active: bool
    facts: tuple[Fact, ...]
    roles: tuple[Choice, ...]
    roles_url: str
    permissions: tuple[str, ...]
    signing_in: SigningIn
    deactivate_url: str = ""
    reactivate_url: str = ""
    link_url: str = ""
    link_token: str = ""
    error: str = ""
    once: ShownOnce | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokensPage:
    """``desk/settings/tokens.html``. ``everybody``: other people's tokens are listed too."""

    tabs: tuple[Tab, ...]
    url: str
    rows: tuple[TokenRow, ...]
    token: str
    scopes: tuple[Choice, ...]
    ends: tuple[Choice, ...]
    everybody: bool = False
    name: str = ""
    error: str = ""
    once: ShownOnce | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """``state``: ok, note or wrong."""

    what: str
    state: Literal["ok", "note", "wrong"]
    told: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationRow:
    url: str
    key: str
    channel: str
    about: str
    truth: str
    enabled: bool
    check_url: str
    switch_url: str
    findings: tuple[FindingRow, ...] = ()
    pace: str = ""
    """How fast it may be served, what waits, and how long that takes; empty: no limit, and nothing waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelsPage:
    """``desk/settings/channels.html``. ``kinds`` are the channels that are installed."""

    tabs: tuple[Tab, ...]
    rows: tuple[DestinationRow, ...]
    kinds: tuple[Choice, ...]
    new_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigField:
    """One setting of a channel, as a field of a form."""

    name: str
    label: str
    shape: Literal["text", "number", "tick", "choice", "json"]
    value: str = ""
    hint: str = ""
    usual: str = ""
    options: tuple[Choice, ...] = ()
    required: bool = False
    error: str = ""

    @property
    def ticked(self) -> bool:
        return self.value == "true"


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationPage:
    """``desk/settings/destination.html``: set up a new one, or change one."""

    tabs: tuple[Tab, ...]
    url: str
    channels_url: str
    key: str
    channel: str
    about: str
    fields: tuple[ConfigField, ...]
    new: bool = False
    enabled: bool = True
    error: str = ""
    key_error: str = ""
    check_url: str = ""
    findings: tuple[FindingRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderRow:
    key: str
    name: str
    documents: str
    roles: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldersPage:
    """``desk/settings/folders.html``. ``roles`` are the heads of the columns."""

    tabs: tuple[Tab, ...]
    url: str
    roles: tuple[str, ...]
    rows: tuple[FolderRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthPage:
    """``desk/settings/health.html``."""

    tabs: tuple[Tab, ...]
    summary: str
    wrong: int
    house: tuple[FindingRow, ...]
    work: tuple[FindingRow, ...]
    alarms: tuple[AlarmRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageRow:
    name: str
    licence: str
    what_for: str
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageTable:
    title: str
    rows: tuple[PackageRow, ...]

    @property
    def versions(self) -> bool:
        """Whether any of them is installed here, with a version to be shown."""
        return any(row.version for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutPage:
    """``desk/settings/about.html``."""

    tabs: tuple[Tab, ...]
    facts: tuple[Fact, ...]
    tables: tuple[PackageTable, ...]

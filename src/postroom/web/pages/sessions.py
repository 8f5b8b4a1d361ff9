"""The list of one's own sessions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """``agent`` such as "Firefox, Linux". ``end_url`` is "" for the session one looks from."""

    agent: str
    address: str
    began: str
    seen: str
    end_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsPage:
    """``desk/sessions.html``. ``end_others_url`` is "" when this is the only session."""

    rows: tuple[SessionRow, ...]
    end_others_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOutPage:
    """``account/signed_out.html``: ``end_url`` is where the provider ends its own session."""

    provider: str
    end_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoRolePage:
    """``desk/no_role.html``: ``helpers`` are those who can give a role."""

    name: str
    helpers: tuple[str, ...]

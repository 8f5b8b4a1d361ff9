"""The furniture around every signed-in page."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

Section = Literal[
    "home",
    "send",
    "letters",
    "templates",
    "runs",
    "set_aside",
    "deliveries",
    "outbox",
    "documents",
    "parties",
    "settings",
    "",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Where the rail, the top bar and the user menu lead."""

    home: str = "/"
    runs: str = "/runs/"
    deliveries: str = "/deliveries/"
    documents: str = "/documents/"
    parties: str = "/parties/"
    templates: str = "/templates/"
    outbox: str = "/outbox/"
    send: str = "/send/"
    letters: str = "/letters/"
    set_aside: str = "/set-aside/"
    settings: str = "/settings/"
    palette: str = "/palette/"
    api_docs: str = "/api/v1/docs"
    sign_out: str = "/account/logout/"
    password: str = "/account/password/change/"  # noqa: S105 - an address, not a secret
    sign_in: str = "/account/2fa/"
    sessions: str = "/sessions/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """The furniture around every signed-in page. Counts of 0 are not shown."""

    user_name: str
    role: str
    section: Section = ""
    now_text: str = ""
    search_text: str = ""
    demo: bool = False
    runs: int = 0
    deliveries: int = 0
    outbox: int = 0
    set_aside: int = 0
    density: str = "comfortable"
    links: Links = field(default_factory=Links)

    @property
    def initials(self) -> str:
        """Up to two letters for the round mark beside the name."""
        words = re.findall(r"\w+", self.user_name)
        return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()

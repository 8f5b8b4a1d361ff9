"""Pages outside the desk: sign-in links, errors, and the customer's portal."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from postroom.kernel.errors import BadInput
from postroom.web.pages.parts import Fact, PageImage


class NotAColour(BadInput):
    """A brand colour is not ``#rrggbb``."""

    code = "not-a-colour"
    title = "This is not a colour"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterPage:
    """``desk/enter.html``: a one-click link that is used, too old or unknown."""

    reason: Literal["used", "expired", "unknown"]
    sign_in_url: str
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPage:
    """``400.html`` to ``503.html``. All fields may stay empty: the template then speaks in general."""

    title: str = ""
    not_done: str = ""
    done: str = ""
    to_do: str = ""
    reference: str = ""
    home_url: str = "/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """Whose portal this is. ``colour`` paints the band and the mark (SVG attributes: no inline style)."""

    name: str
    colour: str = "#1f4e79"
    logo_url: str = ""
    contact: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", self.colour):
            raise NotAColour(f"The brand colour is {self.colour!r}.", hint='Write it like "#1f4e79".')

    @property
    def initial(self) -> str:
        return self.name[:1].upper()

    @property
    def ink(self) -> str:
        """Black or white, whichever reads better on the colour (WCAG 2.2, relative luminance)."""
        red, green, blue = (int(self.colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (red, green, blue)]
        luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        return "#ffffff" if luminance < 0.179 else "#000000"


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalRow:
    """A document as its receiver sees it. ``state``: new or read."""

    url: str
    title: str
    date: str
    amount: str = ""
    state: Literal["new", "read"] = "read"
    thumb_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalPage:
    """``portal/documents.html``."""

    brand: Brand
    greeting: str
    about: str
    rows: tuple[PortalRow, ...]
    sign_out_url: str = ""
    older_url: str = ""
    preferences_url: str = ""
    help_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalDocumentPage:
    """``portal/document.html``."""

    brand: Brand
    title: str
    kind: str
    headline: str
    facts: tuple[Fact, ...]
    pages: tuple[PageImage, ...]
    download_url: str
    download_text: str
    list_url: str = ""
    note: str = ""
    sign_out_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalLinkPage:
    """``portal/link.html``: the link does not open anything (any more). Only of a link we signed does it say whether it
    ever did. ``asked``: a new one was asked for; the page says the same whether one was sent."""

    brand: Brand
    reason: Literal["expired", "revoked", "unknown"]
    again_url: str = ""
    asked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalHelpPage:
    """``portal/help.html``. ``days``: how long a link holds."""

    brand: Brand
    list_url: str
    preferences_url: str
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalWay:
    """One way to get one's post, as a radio button. ``note`` says what happens besides and afterwards."""

    value: str
    channel: str
    note: str
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalPreferencesPage:
    """``portal/preferences.html``."""

    brand: Brand
    url: str
    list_url: str
    ways: tuple[PortalWay, ...]
    languages: tuple[tuple[str, str, bool], ...]
    kept: bool = False
    error: str = ""

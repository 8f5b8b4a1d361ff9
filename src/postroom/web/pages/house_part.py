"""One content block or brand: its form, its review, and the pages of the templates that use it."""

from __future__ import annotations

from dataclasses import dataclass

from postroom.web.pages.life import DiffLine, StepLine
from postroom.web.pages.parts import Crumb, Fact, ReasonForm
from postroom.web.pages.proofs import ProofsPanel
from postroom.web.pages.work import ProblemRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """What differs, in thousandths of the page's width."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePair:
    """One page as it was and as it would be, as pictures; empty where there is no such page."""

    number: int
    before: str
    after: str
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PairsPart:
    """``desk/_pairs.html``: the pages of one sample that differ; the first one when none does. ``side``: both states
    beside each other, otherwise the new one alone."""

    title: str
    about: str
    sample: str = ""
    pairs: tuple[PagePair, ...] = ()
    problems: tuple[ProblemRow, ...] = ()
    side: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedIn:
    """A template that gets the part. ``pages_url`` fetches its pages; ``url`` opens them without scripts."""

    key: str
    name: str
    url: str
    pages_url: str
    shown: PairsPart | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextForm:
    """One variant of a block as it is typed. Dates are as a date field has them."""

    number: int
    case: str
    text: str = ""
    language: str = ""
    brand: str = ""
    entity: str = ""
    begins: str = ""
    ends: str = ""
    fresh: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenForm:
    """One token of a brand. ``shape``: text, lines, colour. ``told`` is what is said of it (a contrast)."""

    name: str
    label: str
    value: str
    shape: str = "text"
    told: str = ""
    doubtful: bool = False
    wide: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenGroup:
    """Tokens that stand together: colours, bank, lines."""

    id: str
    title: str
    tokens: tuple[TokenForm, ...]
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartVersionLine:
    """One published version of a part. ``back_url`` makes its content the change on its way."""

    no: int
    current: bool
    begins: str
    by: str
    note: str
    back_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartPage:
    """``desk/house_part.html``. Acts that are not for the reader, or do not follow, have no address."""

    crumbs: tuple[Crumb, ...]
    url: str
    kind: str
    key: str
    name: str
    title: str
    facts: tuple[Fact, ...]
    new: bool = False
    status: str = ""
    about: str = ""
    revision: int = 0
    note: str = ""
    texts: tuple[TextForm, ...] = ()
    groups: tuple[TokenGroup, ...] = ()
    languages: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    logo_url: str = ""
    used: tuple[UsedIn, ...] = ()
    uses: tuple[str, ...] = ()
    lines: tuple[DiffLine, ...] = ()
    versions: tuple[PartVersionLine, ...] = ()
    steps: tuple[StepLine, ...] = ()
    theirs: str = ""
    warning: str = ""
    error: str = ""
    writes: bool = False
    own: bool = False
    live_url: str = ""
    live_template: str = ""
    send_url: str = ""
    approve_url: str = ""
    reject: ReasonForm | None = None
    withdraw_url: str = ""
    discard_url: str = ""
    publish_url: str = ""
    proofs: ProofsPanel | None = None

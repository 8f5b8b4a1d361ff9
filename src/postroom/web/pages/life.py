"""The life of templates: one template, a draft, its review, texts that clash, parts of the house."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from postroom.web.pages.parts import Crumb, Fact, ReasonForm

if TYPE_CHECKING:
    from postroom.web.pages.proofs import ProofsPanel


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLine:
    """One published version. ``status`` is a key: live, planned, off."""

    no: int
    status: str
    begins: str
    ends: str
    by: str
    note: str
    back: ReasonForm | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GoingBack:
    """``desk/_going_back.html``: an older version that is to be in force again. ``state`` is a key: unknown, moving,
    green, red, broken; ``form`` asks for the reason where it can be done now."""

    no: int
    state: str
    told: str
    done: int = 0
    total: int = 0
    failures: tuple[FaultLine, ...] = ()
    live_url: str = ""
    form: ReasonForm | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UseLine:
    """Where something is used; ``told`` what would break."""

    kind: str
    name: str
    place: str = ""
    told: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplatePage:
    """``desk/template.html``."""

    crumbs: tuple[Crumb, ...]
    name: str
    facts: tuple[Fact, ...]
    versions: tuple[VersionLine, ...]
    uses: tuple[UseLine, ...]
    picture_url: str = ""
    draft_url: str = ""
    draft_status: str = ""
    draft_about: str = ""
    begin_url: str = ""
    back: GoingBack | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLine:
    name: str
    url: str
    size: str
    changed: bool = False
    current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultLine:
    """A fault of a draft with its place."""

    path: str
    reason: str
    what_to_do: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentLine:
    """What somebody said. ``settle_url`` is empty for who may only read."""

    who: str
    when: str
    text: str
    place: str
    settled: bool
    settle_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    what: str
    who: str
    when: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftPage:
    """``desk/draft.html``: the files of a draft, one of them open, and its next steps. ``fresh``: the open one is not
    there yet, it comes with the first save; ``new_url`` asks for one by name (``new_name`` was refused);
    ``may_remove``: the open one may go; ``proofs``: what its tests come to, once it was sent; ``unsettled``: texts that
    could not be merged and wait for somebody to choose."""

    crumbs: tuple[Crumb, ...]
    name: str
    status: str
    about: str
    revision: int
    files: tuple[FileLine, ...]
    problems: tuple[FaultLine, ...]
    steps: tuple[StepLine, ...]
    file: str = ""
    text: str | None = None
    fresh: bool = False
    new_url: str = ""
    new_name: str = ""
    new_error: str = ""
    may_remove: bool = False
    save_url: str = ""
    send_url: str = ""
    review_url: str = ""
    studio_url: str = ""
    withdraw_url: str = ""
    discard_url: str = ""
    back_url: str = ""
    rebase_url: str = ""
    note: str = ""
    proofs: ProofsPanel | None = None
    unsettled: tuple[UnsettledLine, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffLine:
    """``kind``: same, changed, added, removed, gap. Numbers are empty where a side has no such line."""

    kind: str
    left: str
    before: str
    right: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffSheet:
    id: str
    name: str
    about: str
    lines: tuple[DiffLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPage:
    """``desk/draft_review.html``: what is different, and the decision. ``own``: the reader changed it themselves;
    ``red``: its tests do not hold, so nobody approves it."""

    crumbs: tuple[Crumb, ...]
    name: str
    status: str
    facts: tuple[Fact, ...]
    sheets: tuple[DiffSheet, ...]
    comments: tuple[CommentLine, ...]
    steps: tuple[StepLine, ...]
    uses: tuple[UseLine, ...]
    revision: int
    draft_url: str
    comment_url: str
    files: tuple[str, ...]
    own: bool = False
    red: bool = False
    approve_url: str = ""
    reject: ReasonForm | None = None
    publish_url: str = ""
    pages_url: str = ""
    samples: tuple[str, ...] = ()
    proofs: ProofsPanel | None = None
    warning: str = ""
    long_texts: tuple[FaultLine, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClashSide:
    """One of two files that cannot be put together by hand. ``value`` is that of its choice; without ``url`` the file
    was taken out."""

    value: str
    label: str
    about: str
    url: str = ""
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """One file both changed: what stands now, and what was typed. With ``sides`` one of them is taken whole."""

    id: str
    name: str
    theirs: str
    mine: str
    sides: tuple[ClashSide, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsettledLine:
    """Texts that wait for somebody to choose."""

    what: str
    who: str
    when: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictPage:
    """``desk/draft_conflict.html``."""

    crumbs: tuple[Crumb, ...]
    url: str
    draft_url: str
    revision: int
    clashes: tuple[Clash, ...]
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartLine:
    """A content block or a brand in its list. ``status`` is that of what is on its way."""

    url: str
    name: str
    key: str
    version: str
    used: str
    status: str
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartsPage:
    """``desk/house_parts.html``. Without the permission to write one there is no address for a new one."""

    crumbs: tuple[Crumb, ...]
    blocks: tuple[PartLine, ...]
    brands: tuple[PartLine, ...]
    new_block_url: str = ""
    new_brand_url: str = ""

"""A masked sample before it is kept, as its page shows it."""

from __future__ import annotations

from dataclasses import dataclass

from postroom.web.pages.parts import Crumb


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskRow:
    """One value: where it stands, what became of it, and the masked text; ``was`` only for who may see records."""

    path: str
    kind: str
    value: str
    kept: bool = False
    was: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleCapturePage:
    """``desk/sample_capture.html``. ``mark`` goes with the form, so that what was looked at is what is kept;
    ``picture`` is the first page of the sample as a data address; ``refused`` says why there is no sample."""

    crumbs: tuple[Crumb, ...]
    name: str
    url: str
    mark: str = ""
    called: str = ""
    template: str = ""
    about: str = ""
    rows: tuple[MaskRow, ...] = ()
    dropped: tuple[str, ...] = ()
    open: bool = False
    picture: str = ""
    no_picture: str = ""
    refused: str = ""
    hint: str = ""
    mend_url: str = ""
    error: str = ""

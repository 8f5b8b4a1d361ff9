"""What finishing can say no to."""

from __future__ import annotations

from postroom.kernel.errors import Unavailable

#: One sentence for publishing, doctor and the cell.
MISSING = "Finishing needs pikepdf, which is not installed."
INSTALL = "Install it: pip install 'postroom[finishing]', and start the workers again."


class FinishingToolsMissing(Unavailable):
    """The package that changes finished PDFs is not installed."""

    code = "finishing-tools-missing"
    title = "Documents cannot be finished here"

    def __init__(self) -> None:
        super().__init__(MISSING, hint=INSTALL)

"""What can stop documents from being made again."""

from __future__ import annotations

from postroom.kernel.errors import Conflict


class ReproductionBusy(Conflict):
    """Another process is making documents again at the moment."""

    code = "reproduction-busy"
    title = "Documents are being made again already"

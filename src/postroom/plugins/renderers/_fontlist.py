"""What stands in for a font, or for a sign of it, that is missing: said to engines that find fonts by fontconfig."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape


def stand_ins(families: Iterable[str]) -> str:
    """Rules of fonts.conf: behind whatever is asked for come a template's own families in the order of ``fonts:``.
    Without them the engine takes any font of the folder that has the sign, which may be one nobody named."""
    edits = "".join(
        f'<edit name="family" mode="append_last" binding="strong"><string>{escape(family)}</string></edit>'
        for family in families
    )
    return f'<match target="pattern">{edits}</match>'

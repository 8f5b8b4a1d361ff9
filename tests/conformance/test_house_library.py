"""The specimen that uses everything of the house library keeps PDF/A and PDF/UA in each of its languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance import verapdf
from conformance.test_pdfa import promising, rendered
from postroom.composition.pack import load_folder

SPECIMEN = Path(__file__).parents[1] / "golden" / "specimen"


@pytest.mark.parametrize("standards", [("a-2a", "ua-1"), ("a-2b", "ua-1"), ("a-3a", "ua-1")])
def test_everything_of_the_library_keeps_the_standards(standards: tuple[str, ...], tmp_path: Path) -> None:
    verapdf.needed()
    verdicts = verapdf.validate(rendered(promising(load_folder(SPECIMEN), standards), tmp_path))
    assert verdicts
    assert [verdict for verdict in verdicts if not verdict.compliant] == []

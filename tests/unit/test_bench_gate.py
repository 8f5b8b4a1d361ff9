"""`make bench` is a gate: a missed ratio or a failed bench ends it with a code; a missed absolute figure does not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_BENCH = """
import sys, types
sys.path.insert(0, {root!r})
from benchmarks.figures import Figure
bench = types.ModuleType("benchmarks.planted")
def run():
    yield Figure("planted.first", 1.0, "times")
    {body}
bench.run = run
sys.modules["benchmarks.planted"] = bench
from benchmarks.__main__ import one
sys.exit(one("planted"))
"""


def _ends_with(body: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> int:
    """What `python -m benchmarks planted` would end with, if there were such a bench."""
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks import __main__ as program

    script = _BENCH.format(root=str(ROOT), body=body)
    monkeypatch.setattr(program, "BENCHES", ("planted",))
    monkeypatch.setattr(program, "LATEST", tmp_path / "latest.tsv")
    monkeypatch.setattr(program, "command_for", lambda name: [sys.executable, "-c", script])
    return program.main(["planted"])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('yield Figure("planted.ratio", 1.1, "times", "<=1.2", gate=True)', 0),
        ('yield Figure("planted.absolute", 300.0, "ms", "<=250")', 0),
    ],
    ids=["kept", "absolute"],
)
def test_figures_that_keep_their_ratios_pass(
    body: str, code: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # given a bench whose ratios are kept, when it is run, then all is well and each figure is noted
    assert _ends_with(body, monkeypatch, tmp_path) == code
    assert "planted.first\t" in (tmp_path / "latest.tsv").read_text("utf-8")


@pytest.mark.parametrize(
    "body",
    [
        'yield Figure("planted.ratio", 1.3, "times", "<=1.2", gate=True)',
        'yield Figure("planted.ratio", 1.7, "times", ">=1.8", gate=True)',
        'yield Figure("planted.ratio", float("nan"), "times", "<=1.2", gate=True)',
        'raise RuntimeError("the bench broke")',
    ],
    ids=["too-much", "too-little", "no-number", "broken"],
)
def test_planted_figures_that_miss_a_ratio_end_with_a_code(
    body: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    # given a bench with a planted fault, when it is run, then it ends with 1 and says which
    assert _ends_with(body, monkeypatch, tmp_path) == 1
    assert "planted" in capfd.readouterr().err


def test_every_bench_has_a_row_in_the_docs() -> None:
    from benchmarks.__main__ import BENCHES

    page = (ROOT / "docs" / "performance.md").read_text("utf-8")
    assert [name for name in BENCHES if f"| `{name}` |" not in page] == []

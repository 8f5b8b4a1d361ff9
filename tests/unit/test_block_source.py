"""The source of content blocks: server and desk read it alike, by one file of examples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from postroom.composition.block_source import source_of, tree_of
from postroom.composition.errors import BadPart

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "golden" / "block_source.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_the_server_reads_it_as_the_desk_does(case: dict[str, Any]) -> None:
    # frontend/src/elements/rich-source.test.ts reads the same file
    if case["tree"] is None:
        with pytest.raises(BadPart, match=f"Line {case['line']}:"):
            tree_of(case["source"])
    else:
        assert tree_of(case["source"]) == case["tree"]
        # and what it writes is read again, as the same text
        written = source_of(case["tree"])
        assert source_of(tree_of(written)) == written


def test_strong_words_within_emphasis_can_be_written() -> None:
    # given a block that came as a file, with a nesting that stars alone cannot say
    bold = {"kind": "strong", "children": [{"kind": "text", "text": "a"}]}
    tree = [{"kind": "paragraph", "children": [{"kind": "em", "children": [bold, {"kind": "text", "text": " b"}]}]}]
    # then its text is one that can be saved again
    assert source_of(tree) == "***a**** b*"
    assert [node["kind"] for node in tree_of(source_of(tree))[0]["children"]] == ["strong", "em"]

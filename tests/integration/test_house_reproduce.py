"""P5 over the house library: a document is made again with the texts and the brand it was made with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from api_kit import as_file, carry_through, records


def _text(said: str) -> dict[str, Any]:
    body = [{"kind": "paragraph", "children": [{"kind": "text", "text": said}]}]
    return {"variants": [{"body": body}]}


def _published(kind: str, key: str, content: dict[str, Any]) -> None:
    from postroom.composition.actions.publish_part import publish_part
    from postroom.composition.actions.save_part import save_part
    from postroom.identity.actor import SYSTEM

    save_part(SYSTEM, kind, key, name=key.title(), content=content)
    publish_part(SYSTEM, kind, key, unreviewed=True)


def test_p5_documents_come_out_as_stored_after_their_block_and_brand_changed(
    starters: list[str], tmp_path: Path
) -> None:
    from postroom.composition.actions.publish_template import publish_template
    from postroom.composition.brand import default_brand
    from postroom.composition.queries import newest_version, sources_of
    from postroom.identity.actor import SYSTEM
    from postroom.production.actions.start_run import start_run
    from postroom.production.reproduce.again import make_again

    # given documents made with a block and a brand of the house
    tokens = {group: default_brand().tokens[group] for group in ("colours", "fonts", "lines", "bank")}
    _published("block", "terms", _text("Payable within ten days."))
    _published("brand", "house", tokens)
    own = sources_of(newest_version("invoice"))
    page = own["main.typ"] + b'\n#import "postroom-block.typ": *\n#content-block("terms")\n'
    named = own["template.yaml"] + b"blocks: [terms]\nbrand: house\n"
    first = publish_template(SYSTEM, {**own, "main.typ": page, "template.yaml": named})
    orders = tmp_path / "orders.jsonl"
    orders.write_bytes(as_file(records(2)).read())
    carry_through(start_run(SYSTEM, template="invoice", path=orders).run.pk)
    # when both say something else now
    _published("block", "terms", _text("Payable at once."))
    _published("brand", "house", {**tokens, "colours": {**tokens["colours"], "ink": "#000000"}})
    assert newest_version("invoice").no == first.no + 2
    # then the documents come out with the same bytes: nothing was asked of what is said today
    told = make_again(SYSTEM, wanted=100, seed=7).as_json()["templates"]
    assert told == {f"invoice {first.no}": {"same": 2, "different": 0, "stored_only": 0, "destroyed": 0, "damaged": 0}}

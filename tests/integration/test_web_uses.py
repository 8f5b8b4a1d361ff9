"""Where fields, fonts and pictures are used is said on the desk, of one template and of the house."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from desk_kit import desk_of, said


def test_a_field_says_which_places_use_it_in_which_templates(
    starters: list[str], user_of: Callable[[str], Any]
) -> None:
    client = desk_of(user_of)("author")
    page = said(client.get("/templates/invoice/uses/"))
    assert "customer.name" in page and "lines[].amount" in page and "Postroom Serif" in page
    # when a field is opened, then its uses are told with file, line and kind, in every template that has it
    page = said(client.get("/templates/invoice/uses/?field=sepa"))
    assert "main.typ:" in page and "decides what is printed" in page and "in a code" in page
    page = said(client.get("/templates/uses/?field=customer.name"))
    for name in ("Invoice", "Reminder"):
        assert name in page
    assert "template.yaml:" in page and "a fact of the document" in page
    # and a field that is used with what it stands in is not called unused
    page = said(client.get("/templates/uses/?field=customer.address.city"))
    assert "as part of a larger field" in page
    # and one that is not there is told so
    assert "No template has that now" in said(client.get("/templates/uses/?field=no.such"))
    assert client.get("/templates/no-such/uses/").status_code == 404
    assert "/templates/uses/" in said(client.get("/templates/")) and 'href="uses/"' in said(
        client.get("/templates/invoice/")
    )


def test_a_picture_is_listed_once_with_every_template_that_holds_it(
    starters: list[str], user_of: Callable[[str], Any]
) -> None:
    from postroom.composition import where_used
    from postroom.composition.queries import files_of, newest_version

    client = desk_of(user_of)("clerk")
    name, content = next(
        (name, data) for name, data in files_of(newest_version("invoice")).items() if name.startswith("assets/")
    )
    digest = hashlib.sha256(content).hexdigest()
    _, size, uses = where_used.known_images()[digest]
    assert size == len(content) and ("invoice", name) in {(use.key, use.file) for use in uses}
    page = said(client.get(f"/templates/uses/?image={digest}"))
    assert all(use.name in page and use.file in page for use in uses)
    picture = client.get(f"/templates/uses/{digest}/picture/")
    assert picture.status_code == 200 and b"".join(picture) == content
    assert (
        "default-src 'none'" in picture["Content-Security-Policy"] and "sandbox" in picture["Content-Security-Policy"]
    )
    assert client.get(f"/templates/uses/{'0' * 64}/picture/").status_code == 404


def test_a_line_says_how_it_uses_a_field(db: str) -> None:
    from postroom.composition.where_used import how_used, lines_naming

    assert how_used("main.typ", '#slot("customer.name")') == "slot"
    assert how_used("main.typ", '#if flag("sepa") [..]') == "condition"
    assert how_used("main.html", "{% if customer.email %}") == "condition"
    assert how_used("layouts/feed.yaml", "  - {head: A, field: number}", "columns") == "output"
    assert how_used("template.yaml", "  - sum: {each: lines, of: amount}", "derive") == "sum"
    # and a name within another name is not named
    found = lines_naming("main.typ", b'#slot("customer.name")\n#slot("customer.names")\n', "customer.name")
    assert [number for number, _, _ in found] == [1]
    assert lines_naming("template.yaml", b"derive:\n  - sum: {of: total}\n", "total") == [
        (2, "  - sum: {of: total}", "derive")
    ]

"""What a letter looks like as a message: read back by another parser, and never more than one message."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postroom.plugins.channels._mail_address import BadAddress, parse_address
from postroom.plugins.channels._mail_message import CannotWrite, Style, write_message
from postroom.testing.channels import PDF, sample_enclosure, sample_letter

STYLE = Style("Bücher & Co, KG", parse_address("shop@example.test"), "b+{key}@example.test", None, True, 10**7)
LINK_STYLE = Style("Shop", parse_address("shop@example.test"), "shop@example.test", None, False, 10**7)


def message(style: Style = STYLE, **changed: Any) -> tuple[EmailMessage, bytes]:
    content = write_message(sample_letter(**{"address": "anna@example.test", **changed}), style).content
    parsed = message_from_bytes(content, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed, content


def test_every_header_is_there() -> None:
    letter = sample_letter("anna@bücher.example", facts={"list_unsubscribe": "https://x.test/u?a=1"})
    outgoing = write_message(letter, STYLE)
    parsed = message_from_bytes(outgoing.content, policy=policy.default)
    assert parsed["Message-ID"] == f"<{letter.key}@example.test>" == outgoing.message_id
    assert parsed["X-Postroom-Delivery"] == letter.delivery_id
    assert parsed["Auto-Submitted"] == "auto-generated"
    assert parsed["List-Unsubscribe"] == "<https://x.test/u?a=1>"
    assert parsed["Content-Language"] == "de-AT"
    assert parsed["Date"].datetime.tzinfo is not None
    assert parsed["From"].addresses[0].display_name == "Bücher & Co, KG"
    assert str(outgoing.sender) == f"b+{letter.key}@example.test"
    assert str(outgoing.recipient) == "anna@xn--bcher-kva.example"
    assert outgoing.content.isascii()


def test_bodies_and_documents_come_back_as_they_went() -> None:
    parsed, _ = message()
    text = parsed.get_body(("plain",))
    html = parsed.get_body(("html",))
    assert text is not None and text.get_content().startswith("Guten Tag,\r\n\r\nanbei die Rechnung.\r\n.\r\n")
    assert html is not None and "<p>anbei die Rechnung.</p>" in html.get_content()
    (attached,) = parsed.iter_attachments()
    assert attached.get_filename() == "Rechnung Ångström & Söhne.pdf"
    assert attached.get_content() == PDF


def test_without_attachments_the_link_is_in_both_bodies() -> None:
    link = "https://portal.test/d/1?a=1&b=2"
    parsed, _ = message(LINK_STYLE, facts={"link": link}, html="<html><body><p>x</p></body></html>")
    text, html = parsed.get_body(("plain",)), parsed.get_body(("html",))
    assert text is not None and link in text.get_content()
    assert html is not None and 'href="https://portal.test/d/1?a=1&amp;b=2"' in html.get_content()
    assert list(parsed.iter_attachments()) == []


def test_too_much_is_refused_before_it_is_read() -> None:
    def never() -> bytes:
        raise AssertionError("read")

    with pytest.raises(CannotWrite) as caught:
        message(enclosures=(sample_enclosure(size=10**7 + 1, read=never),))
    assert caught.value.code == "too-big"


def test_a_foreign_media_type_becomes_a_plain_file() -> None:
    for media_type in ("message/rfc822", "multipart/mixed", "nonsense", "a/b\r\nX: y"):
        parsed, _ = message(enclosures=(sample_enclosure(media_type=media_type),))
        (attached,) = parsed.iter_attachments()
        assert (attached.get_content_type(), attached.get_content()) == ("application/octet-stream", PDF)


@settings(max_examples=150, deadline=None)
@given(
    subject=st.text(max_size=200),
    name=st.text(max_size=80),
    filename=st.text(max_size=80),
    text=st.text(max_size=400),
    unsubscribe=st.text(max_size=40),
)
def test_no_text_makes_a_second_header_or_a_second_recipient(
    subject: str, name: str, filename: str, text: str, unsubscribe: str
) -> None:
    try:
        parsed, content = message(
            subject=subject,
            recipient_name=name,
            text=text,
            enclosures=(sample_enclosure(b"x", filename=filename),),
            facts={"list_unsubscribe": unsubscribe},
        )
    except CannotWrite as refused:
        assert refused.code in ("bad-header", "bad-text")
        return
    head = content.split(b"\r\n\r\n", 1)[0]
    assert content.isascii()
    assert b"\n" not in content.replace(b"\r\n", b"") and b"\r" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 998
    known = {"from", "to", "subject", "date", "message-id", "x-postroom-delivery", "auto-submitted", "mime-version"}
    known |= {"content-type", "content-language", "list-unsubscribe"}
    names = [line.split(b":")[0].decode().lower() for line in head.split(b"\r\n") if line[:1] not in (b" ", b"\t")]
    assert set(names) <= known and len(names) == len(set(names))
    assert [address.addr_spec for address in parsed["To"].addresses] == ["anna@example.test"]


@pytest.mark.parametrize(
    "address",
    [
        *(
            "",
            "@",
            "a@",
            "@b",
            "a b@c.test",
            "a@b c",
            "a@b\r\n",
            "<a@b.test>",
            "a@b@c.test",
            "a..b@c.test",
            ".a@c.test",
        ),
        *('"a"@c.test', "a@[127.0.0.1]", "a@-b.test", "a@b..test", "x" * 65 + "@b.test", "a@" + "b" * 64 + ".test"),
        *("a@straße.de", "a\u202eb@c.test", "a,b@c.test", "a@b.test>", "a@b.test, c@d.test", "a\x00@b.test"),
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(BadAddress):
        parse_address(address)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40) | st.emails())
def test_an_address_that_passes_cannot_end_a_command(text: str) -> None:
    try:
        address = parse_address(text)
    except BadAddress:
        return
    assert not set(str(address)) & set('<>\r\n \t\x00,;:"()[]\\')
    assert str(address).count("@") == 1

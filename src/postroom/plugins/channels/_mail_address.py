"""E-mail addresses as a mail server takes them (RFC 5321, section 4.1.2; RFC 6531 for non-ASCII ones)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_ATOM = re.compile(
    r"(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]|[^\x00-\x7f])+(?:\.(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]|[^\x00-\x7f])+)*"
)
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
# Letters that IDNA 2003 (Python's own codec) maps away and IDNA 2008 keeps: straße.de is not strasse.de.
_DEVIATIONS = frozenset("ßς\u200c\u200d")
_XTEXT_PLAIN = re.compile(r"[!-*,-<>-~]")


class BadAddress(ValueError):
    """Not an address any server would take. The text says why."""


@dataclass(frozen=True, slots=True)
class MailAddress:
    """A checked address. ``domain`` is in its ASCII form (RFC 5890, section 2.3.2.1)."""

    local: str
    domain: str

    @property
    def needs_utf8(self) -> bool:
        """Whether the server must speak SMTPUTF8: a local part has no ASCII form, a domain has."""
        return not self.local.isascii()

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"


def parse_address(text: str) -> MailAddress:
    """Check and take apart ``local@domain``. Quoted local parts, comments and domain literals are refused.

    They are legal and never occur in the addresses of customers; attacks on mail programs use them.
    """
    if any(unicodedata.category(char)[0] in "CZ" for char in text):
        raise BadAddress("it holds a space or a control character")
    local, at, domain = unicodedata.normalize("NFC", text).rpartition("@")
    if not at:
        raise BadAddress("it has no @")
    if not _ATOM.fullmatch(local):
        raise BadAddress("the part before the @ is not a plain name")
    if len(local.encode()) > 64:
        raise BadAddress("the part before the @ is longer than 64 bytes")
    ascii_domain = _ascii_domain(domain)
    if len(ascii_domain) > 253 or not all(_LABEL.fullmatch(label) for label in ascii_domain.split(".")):
        raise BadAddress(f"{domain!r} is not a domain name")
    return MailAddress(local, ascii_domain)


def _ascii_domain(domain: str) -> str:
    if domain.isascii():
        return domain
    if _DEVIATIONS & set(domain):
        raise BadAddress(f"write the domain {domain!r} in its xn-- form; ß, ς and joiners are ambiguous")
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise BadAddress(f"{domain!r} is not a domain name") from error


def xtext(text: str) -> str:
    """ASCII text as a DSN parameter value (RFC 3461, section 4)."""
    return "".join(char if _XTEXT_PLAIN.fullmatch(char) else f"+{ord(char):02X}" for char in text)


def original_recipient(address: MailAddress) -> str:
    """The value of ORCPT (RFC 3461, section 4.2; RFC 6533, section 3 for non-ASCII addresses)."""
    if not address.needs_utf8:
        return f"rfc822;{xtext(str(address))}"
    plain = (char if char.isascii() and char not in "+=\\" else f"\\x{{{ord(char):02X}}}" for char in str(address))
    return f"utf-8;{''.join(plain)}"

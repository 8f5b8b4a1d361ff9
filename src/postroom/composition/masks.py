"""Texts that say nothing of anybody and look like those they stand for: as long, in the same script, with the same
signs between.

Deterministic: a word gives the same word wherever it stands, as long as the secret is the same. The secret is thrown
away with the capture, so that nothing leads back. What a letter becomes depends on its whole word and on its place,
never on the letter: how often a letter stands in a text tells nothing of the original.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Callable, Iterator
from hashlib import sha256

from postroom.composition.pay import creditor_reference_fault, iban_fault, qr_reference_fault

#: Runs of letters with their marks, and runs of digits; what is between them stays.
_TOKEN = re.compile(r"[^\W\d_]+|\d+")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_LINK = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)(?P<host>[^/?#\s]+)(?P<rest>\S*)")
_VOWELS, _CONSONANTS = "aeiou", "bdfghklmnprstv"
#: Letters to choose from by where a letter stands in Unicode: what fonts that have one of them have, too.
_POOLS: tuple[tuple[int, int, str], ...] = (
    (0x00C0, 0x00FF, "àáâãäåæçèéêëìíîïñòóôõöøùúûü"),
    (0x0100, 0x017F, "āăąćčďēęěğīįłńňőŕřśšťūůűźżž"),
    (0x0370, 0x03FF, "αβγδεζηθικλμνξοπρστυφχω"),
    (0x0400, 0x04FF, "абвгдежзиклмнопрстуфхцчшэюя"),
    (0x05D0, 0x05EA, "אבגדהוזחטילמנסעפצקרשת"),
    (0x0621, 0x064A, "بتثجحخدذرزسشصضطعغفقلمنهوي"),
    (0x0904, 0x0939, "कखगघचछजझटठडढतथदधनपफबभमयरलवसह"),
    (0x0E01, 0x0E2E, "กขคงจฉชซญดตถทธนบปผพฟมยรลวสหอ"),
    (0x3041, 0x3096, "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわ"),
    (0x30A1, 0x30FA, "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワ"),
    (0x4E00, 0x9FFF, "一三山川木水火土日月人大小中上下天田石花村林森原野高白青金玉本文字年生正先出入力口目耳手足"),
    (0xAC00, 0xD7A3, "가나다라마바사아자차카타파하고노도로모보소오조초구누두루무부수우주기니디리미비시이지"),
)
_LATER = 40


class Masker:
    """Masks texts with one secret. ``again`` gives other texts for the same words: for a pattern that did not fit."""

    def __init__(self, secret: bytes, again: int = 0) -> None:
        self._secret, self._again = secret, again

    def text(self, value: str) -> str:
        """A name, an address, a free text: each word another one of the same length."""
        return _TOKEN.sub(lambda found: self._token(found[0]), unicodedata.normalize("NFC", value))

    def number(self, value: str) -> str:
        """A number or a key: other digits; groups of up to three letters, such as INV or SE, say what it is and stay.
        Check digits that held hold again."""

        def one(found: re.Match[str]) -> str:
            return found[0] if found[0].isalpha() and len(found[0]) < 4 else self._token(found[0])

        return _checked(value, _TOKEN.sub(one, value))

    def iban(self, value: str) -> str:
        """An account of the same country with sound check digits. A QR-IBAN stays one (IG QR-bill 2.3, 4.1)."""
        bare = "".join(value.split())
        inner = self._signs(bare[4:])
        if bare[:2] in ("CH", "LI") and bare[4:9].isdigit() and 30000 <= int(bare[4:9]) <= 31999:
            inner = f"{30000 + int(inner[:5]) % 2000}{inner[5:]}"
        return _spread(bare[:2] + _mod97(bare[:2], inner) + inner, value)

    def reference(self, value: str) -> str:
        """A creditor reference (ISO 11649) with sound check digits."""
        bare = "".join(value.split())
        inner = self._signs(bare[4:])
        return _spread("RF" + _mod97("RF", inner) + inner, value)

    def mail(self, value: str) -> str:
        """An address of the same length that no mail server takes (RFC 2606)."""
        name, _, host = value.rpartition("@")
        return f"{self.text(name)}@{self._host(host)}"

    def link(self, value: str) -> str:
        """A link of the same length that leads nowhere."""
        found = _LINK.match(value)
        if found is None:
            return self.text(value)
        return f"{found['scheme']}{self._host(found['host'])}{self.text(found['rest'])}"

    def _host(self, host: str) -> str:
        if len(host) < 6:  # too short for .test: ZZ is a code that no country gets (ISO 3166-1)
            return self.text(host[:-3]) + ".zz" if len(host) > 3 else self.text(host)
        front = self.text(host[:-5])
        return (front if front[-1].isalnum() else f"{front[:-1]}x") + ".test"

    def _signs(self, value: str) -> str:
        """Digits for digits and capitals for capitals, each by its place."""
        draw = self._draw(value)
        return "".join(_digit(one, draw) if one.isdigit() else chr(65 + draw(26)) for one in value)

    def _token(self, token: str) -> str:
        draw = self._draw(token.casefold())
        if token[0].isdecimal():
            first, rest = token[0], token[1:]
            start = str(1 + draw(9)) if len(token) > 1 and unicodedata.decimal(first) else str(draw(10))
            made = chr(_zero(first) + int(start)) + "".join(_digit(one, draw) for one in rest)
            return (
                made
                if made != token or len(token) < 2
                else made[:-1] + chr(_zero(made[-1]) + (unicodedata.decimal(made[-1]) + 1) % 10)
            )
        vowel = draw(2) == 0
        out = []
        for one in token:
            pool = (_VOWELS if vowel else _CONSONANTS) if one.isascii() else _pool(one)
            vowel = not vowel
            chosen = pool[draw(len(pool))]
            out.append(chosen.upper() if one.isupper() and len(chosen.upper()) == 1 else chosen)
        made = "".join(out)
        if made.casefold() == token.casefold() and made.isascii():
            made = made[:-1] + ("x" if made[-1].islower() else "X")
        return made

    def _draw(self, text: str) -> Callable[[int], int]:
        """Numbers below what is asked for, as many as are needed, from the secret and the text alone."""
        stream = self._stream(text)
        return lambda below: int.from_bytes((next(stream), next(stream)), "big") % below

    def _stream(self, text: str) -> Iterator[int]:
        for block in range(1 << 20):
            yield from hmac.digest(self._secret, f"{self._again}:{block}:{text}".encode(), sha256)


def kind_of(value: str) -> str:
    """What a text looks like: iban, reference, mail, link, day, number, or text."""
    bare = "".join(value.split())
    if bare[:2] == "RF" and not creditor_reference_fault(bare):
        return "reference"
    if not iban_fault(bare):
        return "iban"
    if _MAIL.fullmatch(value):
        return "mail"
    if _LINK.match(value):
        return "link"
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return "day"
    digits = sum(one.isdecimal() for one in value)
    letters = sum(one.isalpha() for one in value)
    return "number" if digits > 2 and digits >= letters else "text"


def words_in(value: str, least: int = 4) -> set[str]:
    """The words and numbers of a text that are long enough to say whom it was about."""
    return {one.casefold() for one in _TOKEN.findall(unicodedata.normalize("NFC", value)) if len(one) >= least}


def _pool(letter: str) -> str:
    code = ord(letter)
    for first, last, pool in _POOLS:
        if first <= code <= last:
            return pool
    near = (chr(at) for at in range(code & ~0x7F, (code & ~0x7F) + 0x80))
    found = "".join(one for one in near if unicodedata.category(one) == unicodedata.category(letter))
    return found[:_LATER] or letter


def _zero(digit: str) -> int:
    """Where the ten digits begin that this one is of."""
    return ord(digit) - unicodedata.decimal(digit)


def _digit(one: str, draw: Callable[[int], int]) -> str:
    return chr(_zero(one) + draw(10))


def _spread(bare: str, like: str) -> str:
    """``bare`` with the white space of ``like``."""
    signs = iter(bare)
    return "".join(one if one.isspace() else next(signs) for one in like)


def _mod97(head: str, inner: str) -> str:
    """The check digits of ISO 7064 mod 97-10."""
    return f"{98 - int(''.join(str(int(one, 36)) for one in f'{inner}{head}00')) % 97:02d}"


def _checked(before: str, after: str) -> str:
    """``after`` with a last digit that is right wherever that of ``before`` was: GS1, Luhn, QR references."""
    old = "".join(one for one in before if one.isdecimal())
    if len(old) < 8 or not old.isascii():
        return after
    for sound in _SOUND:
        if sound(old):
            new = "".join(one for one in after if one.isdecimal())
            last = next((str(digit) for digit in range(10) if sound(new[:-1] + str(digit))), new[-1])
            at = max(place for place, one in enumerate(after) if one.isdecimal())
            return after[:at] + last + after[at + 1 :]
    return after


def _gs1(digits: str) -> bool:
    total = sum(int(one) * (3 if place % 2 else 1) for place, one in enumerate(reversed(digits)))
    return len(digits) in (8, 12, 13, 14, 18) and total % 10 == 0


def _luhn(digits: str) -> bool:
    return sum(sum(divmod(int(one) * (1 + place % 2), 10)) for place, one in enumerate(reversed(digits))) % 10 == 0


def _qr(digits: str) -> bool:
    return len(digits) == 27 and not qr_reference_fault(digits)


_SOUND: tuple[Callable[[str], bool], ...] = (_qr, _gs1, _luhn)

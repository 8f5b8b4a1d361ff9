"""QR codes with the mask that zxing-cpp would choose, chosen here in a tenth of its time.

A QR code is drawn under one of eight masks, the one whose picture reads best by four penalties (ISO/IEC 18004, 7.8.3).
zxing-cpp counts them module by module, which takes nine tenths of making a symbol. With the mask given it only encodes;
here one whole symbol is one integer, a bit for each module, so that a penalty is a handful of shifts.

What a mask turns over depends on the version of the symbol alone, so it is learned from the library: nothing here knows
where format and version stand or how a mask is made. The first symbol of each version is made both ways; where they
differ, that version is left to the library, since another mask would be another picture (P5).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import zxingcpp

#: Modules of quiet zone on each side of the library's picture.
QUIET = 4
_BITS = bytes(49 if grey == 0 else 48 for grey in range(256))
_MASKS = range(8)
#: Penalty three of the three finders: each is met three times in rows and three times in columns, under any mask.
_LEAST_FINDERS = 3 * 6 * 40


class Modules(NamedTuple):
    """A symbol as one integer, a one for each dark module: its rows from the top, each of ``width`` bits with the quiet
    zone at both ends. The quiet zone above and below is left out."""

    bits: int
    width: int


class _Mask(NamedTuple):
    """What turns the picture of mask 0 into that of another: of its modules, and of their likeness to neighbours."""

    modules: int
    across: int
    down: int


def modules(text: str) -> Modules:
    """The symbol of error correction M. Raises ValueError for a text that no symbol can hold."""
    first = _made(text, 0)
    grid = _GRIDS.get(first.width)
    if grid is None:
        grid = _GRIDS[first.width] = Grid(first.width, text)
    if not grid.sound:
        return _made(text, None)
    return Modules(grid.best(first.bits), first.width)


def _made(text: str, mask: int | None) -> Modules:
    """The library's symbol under a mask, or under the one it prefers."""
    # Error correction M: what payment codes ask for (EPC069-12, section 2), and enough for a printed page.
    given = {} if mask is None else {"dataMask": mask}
    image = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M", **given).to_image(scale=1)
    width = image.shape[1]
    flat = bytes(memoryview(image))  # type: ignore[arg-type]  # a buffer, though its stub does not say so
    return Modules(int(flat[QUIET * width : -QUIET * width].translate(_BITS), 2), width)


@dataclass
class Grid:
    """What symbols of one version (by its ``width``) have in common; ``sample`` is a text of that version."""

    width: int
    sample: str

    def __post_init__(self) -> None:
        side = self.width - 2 * QUIET
        self.area = side * side
        row = ((1 << side) - 1) << QUIET
        inside = sum(row << (self.width * y) for y in range(side))
        #: Modules that have a neighbour on their left, and above.
        self._across, self._down = inside & inside >> 1, inside & inside >> self.width

    @cached_property
    def masks(self) -> list[_Mask]:
        """Learned from the sample under each mask."""
        under = [_made(self.sample, mask).bits for mask in _MASKS]
        turned = [bits ^ under[0] for bits in under]
        return [_Mask(one, (one ^ one >> 1) & self._across, (one ^ one >> self.width) & self._down) for one in turned]

    @cached_property
    def sound(self) -> bool:
        """Whether the library chooses as this does; asked of the sample."""
        wanted, first = _made(self.sample, None), _made(self.sample, 0)
        return wanted.width == self.width and self.best(first.bits) == wanted.bits

    def best(self, first: int) -> int:
        """The picture with the least penalty, of several the one of the lowest mask; ``first`` is that of mask 0."""
        across = (first ^ first >> 1) & self._across ^ self._across
        down = (first ^ first >> self.width) & self._down ^ self._down
        begun = []
        for number, mask in enumerate(self.masks):
            bits = first ^ mask.modules
            begun.append((self._cheap(bits, across ^ mask.across, down ^ mask.down), number, bits))
        begun.sort()
        least, chosen, picture = 1 << 60, 0, first
        for cost, number, bits in begun:
            if cost + _LEAST_FINDERS > least:
                break  # the costlier penalty cannot make up for it any more
            cost += 40 * (_finders(bits, 1) + _finders(bits, self.width))
            if cost < least or (cost == least and number < chosen):
                least, chosen, picture = cost, number, bits
        return picture

    def _cheap(self, bits: int, across: int, down: int) -> int:
        """Penalties one (runs), two (blocks) and four (too dark or too light); ``across`` and ``down`` have a bit where
        a module is like its neighbour on the left, and above."""
        blocks = across & across >> self.width & down
        runs = _runs(across, 1) + _runs(down, self.width)
        return runs + 3 * blocks.bit_count() + 10 * (abs(20 * bits.bit_count() - 10 * self.area) // self.area)


def _runs(like: int, step: int) -> int:
    """Penalty one in one direction: 3 for five modules alike in a line, 1 for each more."""
    three = like & like >> step
    five = three & three >> 2 * step
    # A run of n is n - 4 fives of which n - 5 have one beside them: 3 (n - 4) - 2 (n - 5) = n - 2.
    return 3 * five.bit_count() - 2 * (five & five >> step).bit_count()


def _finders(bits: int, step: int) -> int:
    """How often dark, light, three times dark, light, dark stands in a line with four light modules at one of its ends
    (penalty three). Outside the symbol all is light."""
    ends = bits & bits >> 4 * step
    found = ends & ends >> 2 * step & bits >> 3 * step
    found ^= found & (bits | bits >> 4 * step) >> step
    dark = bits | bits << step
    dark |= dark << 2 * step  # at this module or one of the three after it
    found ^= found & dark << step & dark >> 10 * step
    return found.bit_count()


_GRIDS: dict[int, Grid] = {}

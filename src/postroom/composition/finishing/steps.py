"""``finish:`` in template.yaml: what is done to each document, in this order; every step has one verb."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from postroom.composition.conditions import When

#: A file of the template's folder; ``{language}`` is filled in with the document's.
Pdf = Annotated[str, StringConstraints(pattern=r"^finish/[A-Za-z0-9._{}-]+\.pdf$", max_length=200)]
Any = Annotated[str, StringConstraints(pattern=r"^finish/[A-Za-z0-9._{}-]+$", max_length=200)]
Image = Annotated[str, StringConstraints(pattern=r"^assets/[^\\]+\.(svg|png|jpe?g)$", max_length=200)]
Length = Annotated[float, Field(gt=0, le=2000)]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
#: Which pages: the first, all but the first, all.
On = Literal["first", "other", "all"]
#: How a document may be marked; ``prepare.MARKS``. ``original`` and ``duplicate`` are decided by production.
Mark = Literal["copy", "draft", "duplicate", "original", "specimen"]
Place = Literal["top-left", "top", "top-right", "left", "middle", "right", "bottom-left", "bottom", "bottom-right"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _When(_Strict):
    """``when: paid`` asks whether the field holds something, ``when: {currency: EUR}`` for its value, as in codes."""

    when: When | None = None


class Letterhead(_When):
    """The first page of a PDF below the first page, its last page below the others."""

    file: Pdf
    on: On = "all"


class _Drawn(_When):
    text: Annotated[str, StringConstraints(min_length=1, max_length=60)] | None = None
    image: Image | None = None
    on: On = "all"
    mark: tuple[Mark, ...] = ()
    width: Length | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_mark(cls, values: object) -> object:
        """``mark: copy`` is ``mark: [copy]``."""
        if isinstance(values, dict) and isinstance(values.get("mark"), str):
            return {**values, "mark": [values["mark"]]}
        return values

    @model_validator(mode="after")
    def _text_or_image(self) -> _Drawn:
        if (self.text is None) == (self.image is None):
            raise ValueError("it has a text (a key of the words files) or an image, and not both")
        return self


class Stamp(_Drawn):
    """A text or an image above the page, at one of nine places. ``width`` of an image in millimetres."""

    at: Place = "top-right"
    size: Annotated[float, Field(ge=4, le=72)] = 14
    colour: Colour = "#8c1d18"
    angle: Annotated[float, Field(ge=-90, le=90)] = 0
    frame: bool = False
    margin: Annotated[float, Field(ge=0, le=200)] = 10


class Watermark(_Drawn):
    """A text or an image across the middle of the page, below what stands on it."""

    colour: Colour = "#e4e4e4"
    angle: Annotated[float, Field(ge=-90, le=90)] = -45


class Append(_When):
    """A fixed file behind the document, such as general terms."""

    file: Pdf


class Sheets(_Strict):
    """Two or four pages on one sheet, for print."""

    pages: Literal["2", "4"]
    sheet: Literal["a4", "a3", "letter"] = "a4"


class Attach(_When):
    """A fixed file embedded in the document (ISO 19005-3, 6.8). ``description`` is a key of the words files."""

    file: Any
    name: Annotated[str, StringConstraints(pattern=r"^[^/\\\x00-\x1f]{1,120}$")] | None = None
    relationship: Literal["source", "data", "alternative", "supplement", "unspecified"] = "supplement"
    description: Annotated[str, StringConstraints(min_length=1, max_length=60)] | None = None


class FinishStep(_Strict):
    """One step; exactly one verb."""

    letterhead: Letterhead | None = None
    stamp: Stamp | None = None
    watermark: Watermark | None = None
    append: Append | None = None
    nup: Sheets | None = None
    attach: Attach | None = None

    @model_validator(mode="after")
    def _one(self) -> FinishStep:
        if len(self.model_fields_set) != 1:
            raise ValueError("each step has exactly one of letterhead, stamp, watermark, append, nup, attach")
        return self

    @property
    def verb(self) -> tuple[str, Letterhead | Stamp | Watermark | Append | Sheets | Attach]:
        """Its name, and what is to be done."""
        (name,) = self.model_fields_set
        return name, getattr(self, name)


def marks_of(steps: tuple[FinishStep, ...]) -> frozenset[str]:
    """The marks that some step asks for."""
    found: set[str] = set()
    for step in steps:
        found.update(getattr(step.verb[1], "mark", ()))
    return frozenset(found)

"""The windows of envelopes as rectangles of the folded sheet: left, top, width, height in mm from its upper left."""

from __future__ import annotations

#: Whatever lies outside is not sure to be seen. The house's letters keep to the same figures.
WINDOWS: dict[str, tuple[float, float, float, float]] = {
    # DIN 5008:2020, annex A: the address field of 85 mm x 45 mm, form A at 20 mm, 27 mm and form B at 20 mm, 45 mm.
    "din-a": (20.0, 27.0, 85.0, 45.0),
    "din-b": (20.0, 45.0, 85.0, 45.0),
    # US No. 10, window 4 1/2 in x 1 1/8 in, 7/8 in from the left and 1/2 in from the bottom; a sheet of letter paper in
    # thirds may lie 1 in further to the right, which leaves 88.9 mm that are seen either way.
    "us-10": (22.2, 51.8, 88.9, 28.6),
    # BS 4264, DL window 90 mm x 35 mm: what is seen whichever way an A4 sheet in thirds lies in the envelope.
    "uk-dl": (20.0, 57.0, 80.0, 24.0),
}

"""Where two pages differ: boxes around what changed, none where nothing did."""

from __future__ import annotations

from PIL import Image, ImageDraw

from postroom.web.pair_bench import UNITS, differences


def page(*boxes: tuple[int, int, int, int], size: tuple[int, int] = (620, 877)) -> Image.Image:
    made = Image.new("L", size, 255)
    for box in boxes:
        ImageDraw.Draw(made).rectangle(box, fill=0)
    return made


def test_equal_pages_have_no_box() -> None:
    assert differences(page((50, 50, 200, 60)), page((50, 50, 200, 60))) == []


def test_planted_a_changed_line_has_a_box_around_it_in_thousandths_of_the_width() -> None:
    found = differences(page((50, 50, 200, 60)), page((50, 50, 200, 60), (100, 400, 300, 412)))
    assert len(found) == 1
    x, y, width, height = found[0]
    assert x <= 100 * UNITS / 620 and x + width >= 300 * UNITS / 620
    assert y <= 400 * UNITS / 620 and y + height >= 412 * UNITS / 620 and height < 100


def test_two_places_far_apart_are_two_boxes_and_a_longer_page_is_a_difference() -> None:
    assert len(differences(page(), page((50, 50, 90, 60), (50, 700, 90, 712)))) == 2
    assert differences(page(), page((0, 950, 90, 960), size=(620, 1000))) != []

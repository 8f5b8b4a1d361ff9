"""Two or four pages on a sheet, for print. What is imposed has no reading order: publishing refuses it where one is
promised."""

from __future__ import annotations

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf

from postroom.composition.finishing.artifact import picture_of, place
from postroom.composition.finishing.joining import untag

_SIZES = {"a4": (595.276, 841.89), "a3": (841.89, 1190.551), "letter": (612.0, 792.0)}


def impose(pdf: Pdf, each: int, sheet: str) -> None:
    """Lay the pages of ``pdf`` on sheets, ``each`` on one, in reading order; links and tags go."""
    short, long = _SIZES[sheet]
    width, height = (long, short) if each == 2 else (short, long)
    across, down = (2, 1) if each == 2 else (2, 2)
    count = len(pdf.pages)
    untag(pdf)
    for name in ("/Outlines", "/PageLabels", "/Dests", "/PageMode", "/OpenAction"):
        if name in pdf.Root:
            del pdf.Root[name]
    if "/Dests" in pdf.Root.get("/Names", Dictionary()):
        del pdf.Root.Names["/Dests"]
    for start in range(0, count, each):
        made = pdf.make_indirect(
            Dictionary(Type=Name.Page, MediaBox=Array([0, 0, width, height]), Resources=Dictionary(), Contents=Array())
        )
        for index in range(min(each, count - start)):
            picture = picture_of(pdf, start + index)
            room_x, room_y = width / across, height / down
            scale = min(room_x / picture.width, room_y / picture.height)
            column, row = index % across, index // across
            left = column * room_x + (room_x - picture.width * scale) / 2
            bottom = height - (row + 1) * room_y + (room_y - picture.height * scale) / 2
            matrix = f"{scale:.6f} 0 0 {scale:.6f} {left:.4f} {bottom:.4f}"
            place(pdf, pikepdf.Page(made), picture.form, matrix, above=True, subtype="", alone=True)
        pdf.pages.append(pikepdf.Page(made))
    del pdf.pages[:count]

"""Names for files that are not text, so that a refusal says what the file really is."""

from __future__ import annotations

_KINDS: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF-", "a PDF document", "Send the data the PDF was made from."),
    (b"PK\x03\x04", "a ZIP archive or an Office file", "Unpack it, or use the source xlsx for an Excel workbook."),
    (b"PK\x05\x06", "an empty ZIP archive", "Send the file itself."),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old or encrypted Office file", "Save it as .xlsx without a password."),
    (b"\x1f\x8b", "a gzip archive", "Unpack it first (gunzip)."),
    (b"BZh", "a bzip2 archive", "Unpack it first (bunzip2)."),
    (b"\xfd7zXZ\x00", "an xz archive", "Unpack it first (unxz)."),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "Unpack it first."),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", "Unpack it first (unzstd)."),
    (b"\x89PNG", "a PNG picture", "Send the data, not a picture of it."),
    (b"\xff\xd8\xff", "a JPEG picture", "Send the data, not a picture of it."),
    (b"GIF8", "a GIF picture", "Send the data, not a picture of it."),
    (b"II*\x00", "a TIFF picture", "Send the data, not a picture of it."),
    (b"MM\x00*", "a TIFF picture", "Send the data, not a picture of it."),
    (b"\x7fELF", "a program", "Send the data file."),
    (b"SQLite format 3\x00", "an SQLite database", "Export the table as CSV or JSON Lines."),
    (b"PAR1", "a Parquet file", "Export it as CSV or JSON Lines."),
    (b"%!PS", "a PostScript file", "Send the data the print file was made from."),
)

_TEXT_CONTROLS = b"\t\n\r\f\x1a\x1b"
_CONTROLS = bytes(byte for byte in range(32) if byte not in _TEXT_CONTROLS)


def binary_kind(head: bytes) -> tuple[str, str] | None:
    """What a file that begins with ``head`` is, and a hint, when it is surely not text; else None."""
    for magic, kind, hint in _KINDS:
        if head.startswith(magic) and not (magic == b"BZh" and not head[3:4].isdigit()):
            return kind, hint
    sample = head[:8192]
    if len(sample) - len(sample.translate(None, _CONTROLS)) > len(sample) // 20:
        even, odd = sample[0::2].count(0), sample[1::2].count(0)
        for zeros, other, encoding in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
            if zeros > len(sample) // 4 and other <= len(sample) // 50:
                return (
                    "UTF-16 text without a byte order mark, or a binary file",
                    f'If it is text, set the option encoding to "{encoding}".',
                )
        return "a binary file", "Send a text file."
    return None

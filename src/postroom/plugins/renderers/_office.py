"""LibreOffice as a library inside the cell, by its C interface (LibreOfficeKit).

One start of ``soffice`` costs a second and a half, a conversion a tenth; so it is kept, one in each cell. It is no
process of its own and has no socket: the cell's locks hold it, and killing the cell at the deadline kills it.
The profile is made afresh with the cell and goes with it. Macros never run: the interface loads without them.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import tempfile
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_size_t, c_void_p, cast
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from postroom.composition.spec import RenderFault
from postroom.plugins.renderers._fontlist import stand_ins

INSTALL = "Install LibreOffice (Debian: libreoffice-writer-nogui)."
_USUAL = ("/usr/lib/libreoffice/program", "/usr/lib64/libreoffice/program", "/opt/libreoffice/program")
_LIBRARIES = ("libsofficeapp.so", "libmergedlo.so")
_BESIDE = ("/etc/libreoffice", "/usr/share/libreoffice", "/var/lib/libreoffice", "/var/spool/libreoffice",
           "/usr/share/liblangtag")  # fmt: skip
_LEVELS = {"pdf/a-2b": "2"}


def program() -> Path | None:
    """The folder of LibreOffice's programs, when it is installed with what is needed here."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    usual = [Path(found).resolve().parent] if found else []
    for folder in (*usual, *map(Path, _USUAL)):
        if any((folder / name).is_file() for name in _LIBRARIES):
            return folder
    return None


@cache
def release() -> str:
    """``7.4.7.2``, or empty when there is no LibreOffice. Asked of the program itself, once."""
    folder = program()
    if folder is None:
        return ""
    with tempfile.TemporaryDirectory() as aside:
        try:
            told = subprocess.run(
                [str(folder / "soffice"), f"-env:UserInstallation=file://{aside}", "--version"],
                capture_output=True,
                text=True,
                timeout=30,
                check=False,
            ).stdout.split()
        except (OSError, subprocess.TimeoutExpired):
            return ""
    return next((word for word in told if word[:1].isdigit()), "")


def folders() -> tuple[str, ...]:
    """What a cell must be able to read."""
    folder = program()
    return () if folder is None else (str(folder.parent), *(path for path in _BESIDE if Path(path).is_dir()))


class _OfficeClass(Structure):
    """The head of LibreOfficeKitClass; its members are only ever added to at the end."""

    _fields_: ClassVar[Any] = [
        ("size", c_size_t),
        ("destroy", c_void_p),
        ("load", c_void_p),
        ("error", CFUNCTYPE(c_void_p, c_void_p)),
        ("load_with", CFUNCTYPE(c_void_p, c_void_p, c_char_p, c_char_p)),
        ("free_error", CFUNCTYPE(None, c_void_p)),
    ]


class _Office(Structure):
    _fields_: ClassVar[Any] = [("methods", POINTER(_OfficeClass))]


class _DocumentClass(Structure):
    """The head of LibreOfficeKitDocumentClass."""

    _fields_: ClassVar[Any] = [
        ("size", c_size_t),
        ("destroy", CFUNCTYPE(None, c_void_p)),
        ("save_as", CFUNCTYPE(c_int, c_void_p, c_char_p, c_char_p, c_char_p)),
    ]


class _Document(Structure):
    _fields_: ClassVar[Any] = [("methods", POINTER(_DocumentClass))]


class Office:
    """A started LibreOffice; one in a process. Raises RenderFault where it is missing or does not start."""

    def __init__(self, fonts: Path, *families: str) -> None:
        folder = program()
        if folder is None:
            raise RenderFault("lane-not-installed", "There is no LibreOffice where this worker runs.", INSTALL)
        self._place = Path(tempfile.mkdtemp(prefix="office-"))
        conf = self._place / "fonts.conf"
        conf.write_text(_fontconfig(fonts, families), encoding="utf-8")
        os.environ |= {"FONTCONFIG_FILE": str(conf), "SAL_USE_VCLPLUGIN": "svp", "SAL_DISABLE_OPENCL": "1"}
        os.environ |= dict.fromkeys(("TEMP", "TMP"), str(self._place))  # it does not look at TMPDIR
        library = next(folder / name for name in _LIBRARIES if (folder / name).is_file())
        hook = ctypes.CDLL(str(library)).libreofficekit_hook_2
        hook.restype, hook.argtypes = c_void_p, [c_char_p, c_char_p]
        self._handle = hook(str(folder).encode(), (self._place / "profile").as_uri().encode())
        if not self._handle:
            raise RenderFault("office-not-started", "LibreOffice does not start.", "See `postroom doctor`.")
        self._methods = cast(self._handle, POINTER(_Office)).contents.methods.contents

    def pdf(self, document: bytes, promises: tuple[str, ...]) -> bytes:
        """The .docx as PDF. Raises RenderFault."""
        source, target = self._place / "letter.docx", self._place / "letter.pdf"
        source.write_bytes(document)
        target.unlink(missing_ok=True)
        loaded = self._methods.load_with(self._handle, source.as_uri().encode(), b"Batch=true")
        if not loaded:
            raise RenderFault("page-fault", f"LibreOffice cannot open the letter: {self._error()}.", "Save it anew.")
        try:
            methods = cast(loaded, POINTER(_Document)).contents.methods.contents
            done = methods.save_as(loaded, target.as_uri().encode(), b"pdf", _options(promises))
            if not done or not target.is_file():
                reason = f"LibreOffice cannot write the PDF: {self._error()}."
                raise RenderFault("no-document", reason, "See the template's pictures and fonts.")
        finally:
            methods.destroy(loaded)
            source.unlink(missing_ok=True)
        content = target.read_bytes()
        target.unlink()
        return content

    def _error(self) -> str:
        told = self._methods.error(self._handle)
        text = cast(told, c_char_p).value if told else None
        return " ".join(text.decode("utf-8", "replace").split())[:200] if text else "no reason was given"


def _options(promises: tuple[str, ...]) -> bytes:
    level = next((_LEVELS[promise] for promise in promises if promise in _LEVELS), "0")
    return json.dumps(
        {
            "SelectPdfVersion": {"type": "long", "value": level},
            "UseTaggedPDF": {"type": "boolean", "value": "true"},
            "ExportFormFields": {"type": "boolean", "value": "false"},
            "ReduceImageResolution": {"type": "boolean", "value": "false"},
            "Quality": {"type": "long", "value": "92"},
        }
    ).encode()


def _fontconfig(fonts: Path, families: tuple[str, ...]) -> str:
    """The locked fonts and no others; a font or sign that is not there becomes the template's first that is."""
    return (
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd"><fontconfig>'
        f"<dir>{fonts}</dir>{stand_ins(families)}</fontconfig>"
    )

"""Files inside a document (ISO 19005-3, 6.8): each with its media type, its relationship and a date."""

from __future__ import annotations

import datetime as dt
import hashlib
import zlib
from pathlib import Path
from typing import Any

from pikepdf import Array, Dictionary, Name, NameTree, Pdf, Stream, String

from postroom.composition.spec import RenderFault

#: By name and not by what the system's own list says today: the bytes depend on it (P5).
_TYPES = {
    ".pdf": "application/pdf",
    ".xml": "text/xml",
    ".csv": "text/csv",
    ".txt": "text/plain",
    ".json": "application/json",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".png": "image/png",
    ".jpg": "image/jpeg",
}


def embed(pdf: Pdf, content: bytes, step: dict[str, Any], made: int) -> None:
    """Embed ``content`` as the step says; ``made`` is Unix seconds. Raises RenderFault for a name that is taken."""
    file = str(step["file"]).rpartition("/")[2]
    name = str(step.get("name") or file)
    when = f"D:{dt.datetime.fromtimestamp(made, dt.UTC):%Y%m%d%H%M%S}Z"
    stream = Stream(pdf, b"")
    stream.write(zlib.compress(content, 9), filter=Name.FlateDecode)
    stream["/Type"] = Name.EmbeddedFile
    stream["/Subtype"] = Name(f"/{_TYPES.get(Path(file).suffix.lower(), 'application/octet-stream')}")
    check = hashlib.md5(content, usedforsecurity=False).digest()  # ISO 32000-1, table 46
    stream["/Params"] = Dictionary(Size=len(content), ModDate=String(when), CheckSum=String(check))
    where = pdf.make_indirect(stream)
    spec = pdf.make_indirect(
        Dictionary(
            Type=Name.Filespec,
            F=String(name),
            UF=String(name),
            EF=Dictionary(F=where, UF=where),
            AFRelationship=Name(f"/{str(step['relationship']).capitalize()}"),
            Desc=String(str(step.get("description") or name)),
        )
    )
    if "/Names" not in pdf.Root:
        pdf.Root["/Names"] = Dictionary()
    if "/EmbeddedFiles" not in pdf.Root.Names:
        pdf.Root.Names["/EmbeddedFiles"] = pdf.make_indirect(Dictionary(Names=Array()))
    tree = NameTree(pdf.Root.Names.EmbeddedFiles)
    if name in tree:
        raise RenderFault(
            "finish-name-taken",
            f"Two files would be embedded as {name!r}.",
            "Give one of them another name: in attach.",
        )
    tree[name] = spec
    pdf.Root["/AF"] = Array([*pdf.Root.get("/AF", Array()), spec])

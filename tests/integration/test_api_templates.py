"""Publishing a template over the API: a zip becomes a version, once; what is wrong with it is told all at once."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from api_kit import SAMPLES, Program

Programs = Callable[..., Program]


def files_of(template: str) -> dict[str, bytes]:
    root = SAMPLES / template
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def zipped(files: Mapping[str, bytes], links: tuple[str, ...] = ()) -> Any:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (stat.S_IFLNK if name in links else stat.S_IFREG) << 16
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return SimpleUploadedFile("template.zip", buffer.getvalue(), content_type="application/zip")


def publish(program: Program, upload: Any, **fields: str) -> Any:
    return program.post("/templates", {"data": upload, **fields}, form=True)


def test_a_zip_becomes_a_version_and_the_same_files_none(starters: list[str], program_of: Programs) -> None:
    # given the invoice with another word in it, packed with the folder around it as file managers do
    program, files = program_of("administrator"), files_of("invoice")
    files["template.yaml"] = files["template.yaml"].replace(b"name: Invoice", b"name: Bill")
    packed = {f"invoice/{name}": content for name, content in files.items()} | {"__MACOSX/x": b"", "invoice/.x": b""}
    # when it is published twice
    first = publish(program, zipped(packed), note="renamed")
    second = publish(program, zipped(packed))
    # then it is version 2, once
    assert first.status_code == 201, first.content
    assert (first.json()["template"], first.json()["no"], first.json()["note"]) == ("invoice", 2, "renamed")
    assert (second.status_code, second.json()["id"]) == (200, first.json()["id"])
    assert program.get(first["Location"].removeprefix("/api/v1")).json()["name"] == "Bill"


def test_every_fault_of_a_template_is_told(starters: list[str], program_of: Programs) -> None:
    files = files_of("invoice")
    del files["words/de.json"]
    files["main.typ"] = b'#eval("1")\n' + files["main.typ"]
    answer = publish(program_of("administrator"), zipped(files))
    assert (answer.status_code, answer.json()["code"]) == (422, "template-faults")
    named = {problem["file"] for problem in answer.json()["context"]["problems"]}
    assert {"words/de.json", "main.typ"} <= named


def test_what_is_no_template_is_refused(starters: list[str], program_of: Programs) -> None:
    program = program_of("administrator")
    plain = SimpleUploadedFile("x.zip", b"PK\x03\x04 nonsense")
    bomb = zipped({"template.yaml": b"0" * 30_000_000})
    linked = zipped({"template.yaml": b"/etc/passwd"}, links=("template.yaml",))
    many = zipped({f"{number}.typ": b"" for number in range(500)})
    for upload in (plain, bomb, linked, many):
        answer = publish(program, upload)
        assert (answer.status_code, answer.json()["code"]) == (422, "bad-zip"), answer.content
        assert answer.json()["hint"]
    outside = publish(program, zipped({"../../etc/cron.d/x": b"x", "template.yaml": b"key: x"}))
    assert outside.json()["code"] == "template-faults"

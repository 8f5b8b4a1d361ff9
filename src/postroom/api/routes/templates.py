"""Templates: what there is, what a record must look like, and a new version by a zip."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Query, Router, Schema, Status, UploadedFile
from pydantic import Field

from postroom.api.access import actor, needs
from postroom.api.idempotency import repeatable
from postroom.api.paging import Page, Paging, page
from postroom.api.shapes import TemplateDetail, TemplateOut, TemplateVersionOut, template_version_out
from postroom.api.uploads import spooled
from postroom.composition.actions.publish_template import publish_template
from postroom.composition.models import Template, TemplateVersion
from postroom.composition.queries import newest_version
from postroom.kernel.errors import BadInput

router = Router(tags=["Compose"])

#: The limits of a template (docs/templates.md), held before anything is unpacked.
_MOST_FILES, _MOST_BYTES = 400, 24_000_000


class BadZip(BadInput):
    """The upload is not a zip of a template's folder."""

    code = "bad-zip"
    title = "This is not a template's folder as a zip"


class Note(Schema):
    """What changed."""

    note: str = Field("", max_length=300)


class Published(TemplateVersionOut):
    """The version in use now."""

    template: str


@router.get("/templates", auth=needs("template.view"), response=Page[TemplateOut], operation_id="listTemplates")
def list_templates(request: HttpRequest, paging: Query[Paging]) -> dict[str, Any]:
    """Templates by key."""
    return page(request, Template.objects.all(), ("key",), paging, _template_out)


@router.get("/templates/{key}", auth=needs("template.view"), response=TemplateDetail, operation_id="getTemplate")
def one_template(request: HttpRequest, key: str) -> dict[str, Any]:
    """One template: its data contract and its versions."""
    newest = newest_version(key.replace("\x00", ""))
    versions = newest.template.versions.order_by("-no")
    return {
        **_template_out(newest.template),
        "contract": newest.contract,
        "versions": [template_version_out(row) for row in versions],
    }


@router.post(
    "/templates",
    auth=needs("template.publish_unreviewed"),
    response={201: Published, 200: Published},
    summary="Publish a template",
    operation_id="publishTemplate",
)
@repeatable
def publish(
    request: HttpRequest,
    response: HttpResponse,
    fields: Form[Note],
    data: Annotated[UploadedFile, File(description="The template's folder as a zip.")],
) -> Status[dict[str, Any]]:
    """Publishes a template's folder as a new, immutable version; the same files again give the version in use (200).

    Every fault is told at once (422), with file and line.
    """
    with spooled(data) as path:
        files = unzipped(path)
    before = set(TemplateVersion.objects.values_list("pk", flat=True))
    version = publish_template(actor(request), files, note=fields.note)
    response["Location"] = f"/api/v1/templates/{version.template_id}"
    shown = {**template_version_out(version), "template": version.template_id}
    return Status(200 if version.pk in before else 201, shown)


def unzipped(path: Path) -> dict[str, bytes]:
    """The files of a zip; one folder around all of them is left out. Links and bombs are refused. Raises BadZip."""
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            if len(infos) > _MOST_FILES or sum(info.file_size for info in infos) > _MOST_BYTES:
                raise BadZip(
                    f"A template has at most {_MOST_FILES} files and {_MOST_BYTES // 1_000_000} MB.",
                    hint="Make images smaller, and keep other files elsewhere.",
                )
            for info in infos:
                if stat.S_ISLNK(info.external_attr >> 16):
                    raise BadZip(f"{info.filename} is a link.", hint="Put the file itself into the zip.")
            files: dict[str, bytes] = {}
            total = 0
            for info in infos:
                with archive.open(info) as member:
                    content = member.read(_MOST_BYTES - total + 1)
                total += len(content)
                if total > _MOST_BYTES:
                    raise BadZip("The zip holds more than it says.", hint="Pack the folder anew.")
                files[info.filename] = content
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise BadZip(f"The upload cannot be unpacked: {error}.", hint="Send the folder as a plain zip file.") from error
    return _without_outer_folder(files)


def _without_outer_folder(files: dict[str, bytes]) -> dict[str, bytes]:
    shown = {name: content for name, content in files.items() if not _hidden(name)}
    outer = {name.partition("/")[0] for name in shown}
    if len(outer) == 1 and all("/" in name for name in shown):
        shown = {name.partition("/")[2]: content for name, content in shown.items()}
    return shown


def _hidden(name: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))


def _template_out(row: Template) -> dict[str, Any]:
    return {"key": row.key, "name": row.name, "newest": template_version_out(newest_version(row.key))}

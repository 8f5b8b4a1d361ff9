"""``postroom template``: publish and list templates."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from postroom.cli import show
from postroom.kernel.errors import NotFound

app = typer.Typer(no_args_is_help=True, help="Templates.")


@app.command("list")
def list_templates(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Published templates and their versions in use."""
    from postroom.project.boot import boot

    boot()
    from postroom.composition.models import TemplateVersion
    from postroom.project.install import install_starters

    install_starters()
    rows = TemplateVersion.objects.select_related("template").order_by("template_id", "-no").distinct("template_id")
    if as_json:
        show.as_json([{"key": r.template_id, "name": r.template.name, "version": r.no, "lane": r.lane} for r in rows])
        return
    show.as_table(
        ("Key", "Name", ">Version", "Lane", "Promises", "Published"),
        [
            (r.template_id, r.template.name, r.no, r.lane, ", ".join(r.promises), f"{r.published_at:%d %b %Y %H:%M}")
            for r in rows
        ],
        empty="No template is published.",
    )


@app.command("push")
def push(folder: Path, note: Annotated[str, typer.Option(help="What changed.")] = "") -> None:
    """Publish a folder as a new version."""
    if not folder.is_dir():
        raise NotFound(f"There is no folder {folder}.", hint="Check the path.")
    from postroom.project.boot import boot

    boot()
    from postroom.composition.actions.publish_template import publish_template
    from postroom.composition.pack import load_folder
    from postroom.identity.actor import SYSTEM

    version = publish_template(SYSTEM, load_folder(folder).files, note=note)
    show.console.print(f"{version.template_id} version {version.no} is published.")


@app.command("pull")
def pull(
    key: str, to: Annotated[Path, typer.Option(help="Folder to write into.")], no: Annotated[int, typer.Option()] = 0
) -> None:
    """Write a published version as plain files."""
    from postroom.project.boot import boot

    boot()
    from postroom.composition.models import TemplateVersion
    from postroom.composition.queries import files_of, newest_version

    version = TemplateVersion.objects.filter(template_id=key, no=no).first() if no else newest_version(key)
    if version is None:
        raise NotFound(f"{key} has no version {no}.", hint="See `postroom template list`.")
    for name, content in files_of(version).items():
        path = to / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    show.console.print(f"{key} version {version.no} written to {to}.")

"""``postroom template``: publish and list templates."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from postroom.cli import show
from postroom.kernel.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from postroom.composition.life_models import Draft
    from postroom.composition.models import TemplateVersion
    from postroom.identity.actor import Actor

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
def push(
    folder: Path,
    note: Annotated[str, typer.Option(help="What changed.")] = "",
    publish: Annotated[
        bool, typer.Option("--publish", help="Publish at once, without a review: for starters and administrators.")
    ] = False,
) -> None:
    """Make the folder the draft of its template, to be reviewed; with --publish a version at once."""
    if not folder.is_dir():
        raise NotFound(f"There is no folder {folder}.", hint="Check the path.")
    from postroom.project.boot import boot

    boot()
    from postroom.composition.actions.publish_template import publish_template
    from postroom.composition.actions.push_draft import push_draft
    from postroom.composition.pack import read_folder
    from postroom.identity.actor import SYSTEM

    files = read_folder(folder)
    if publish:
        version = publish_template(SYSTEM, files, note=note)
        show.console.print(f"{version.template_id} version {version.no} is published.")
        _warn_of_the_sample_account(files)
        _warn_of_long_texts(version)
        return
    draft, problems = push_draft(SYSTEM, files, note=note)
    for problem in problems:
        show.console.print(str(problem), markup=False, highlight=False)
    count = f"{len(problems)} faults to mend" if problems else "no faults"
    show.console.print(f"Draft of {draft.template_key} at revision {draft.revision}: {count}.")


@app.command("pull")
def pull(
    key: str,
    to: Annotated[Path, typer.Option(help="Folder to write into.")],
    no: Annotated[int, typer.Option(help="A version by its number; without it the one in force.")] = 0,
    draft: Annotated[bool, typer.Option("--draft", help="The draft that is on its way.")] = False,
) -> None:
    """Write a template's own files as a plain folder, byte for byte."""
    from postroom.project.boot import boot

    boot()
    from postroom.composition import drafts
    from postroom.composition.queries import newest_version, numbered, sources_of

    if draft:
        found = drafts.standing(key)
        if found is None:
            raise NotFound(f"There is no draft of {key}.", hint="See `postroom template drafts`.")
        files, called = drafts.files(found), f"draft at revision {found.revision}"
    else:
        version = numbered(key, no) if no else newest_version(key)
        files, called = sources_of(version), f"version {version.no}"
    for name, content in files.items():
        path = to / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    show.console.print(f"{key} {called} written to {to}.")


@app.command("gallery")
def gallery(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Ready templates to begin from."""
    from postroom.cli.template_gallery import show_gallery

    show_gallery(as_json)


@app.command("new")
def new(
    key: Annotated[str, typer.Argument(help="How the template will be called.")],
    folder: Annotated[Path, typer.Argument(help="Folder to write into; not there yet, or empty.")],
    starter: Annotated[str, typer.Option("--from", help="A starter; see `postroom template gallery`.")],
    name: Annotated[str, typer.Option(help="Its name for people; without it the starter's.")] = "",
) -> None:
    """Begin a template of your own from a starter, as a plain folder."""
    from postroom.cli.template_gallery import write_from

    write_from(starter, key, folder, name)


@app.command("drafts")
def list_drafts() -> None:
    """Drafts on their way."""
    from postroom.project.boot import boot

    boot()
    from postroom.composition.life_models import OPEN, Draft

    rows = Draft.objects.filter(state__in=OPEN).order_by("template_key")
    show.as_table(
        ("Template", "State", ">Revision", "Changed"),
        [(row.template_key, row.state, row.revision, f"{row.changed_at:%d %b %Y %H:%M}") for row in rows],
        empty="There is no draft.",
    )


@app.command("versions")
def list_versions(key: str) -> None:
    """All versions of a template, and when each is in force."""
    from postroom.project.boot import boot

    boot()
    from postroom.composition.queries import newest_version, versions_by_start

    now = newest_version(key)
    show.as_table(
        (">No", "In force from", "Until", "Published by", "What changed"),
        [
            (
                f"{row.no}{' *' if row.pk == now.pk else ''}",
                f"{row.valid_from or row.published_at:%d %b %Y %H:%M}",
                f"{row.valid_until:%d %b %Y %H:%M}" if row.valid_until else "",
                row.published_by,
                row.note,
            )
            for row in versions_by_start(key).order_by("-no")
        ],
        empty="No version.",
    )


@app.command("diff")
def diff(key: str) -> None:
    """What the draft changes, as a unified diff."""
    from postroom.project.boot import boot

    boot()
    from postroom.composition import drafts
    from postroom.composition.diff import unified
    from postroom.composition.queries import sources_of

    draft = _draft(key)
    before = sources_of(draft.base) if draft.base is not None else {}
    show.console.print(unified(before, drafts.files(draft)), markup=False, highlight=False, end="")


@app.command("review")
def review(
    key: str,
    note: Annotated[str, typer.Option(help="What changed, for whoever reviews it.")] = "",
    start: Annotated[str, typer.Option("--from", help="In force from this day on, such as 2027-01-01.")] = "",
    until: Annotated[str, typer.Option(help="Last day it is in force.")] = "",
) -> None:
    """Send the draft of a template to review."""
    from postroom.project.boot import boot

    boot()
    from postroom.composition.actions.send_draft import send_draft
    from postroom.composition.dates import day_after, day_begins
    from postroom.identity.actor import SYSTEM

    draft = send_draft(SYSTEM, _draft(key).pk, note=note, valid_from=day_begins(start), valid_until=day_after(until))
    show.console.print(f"The draft of {key} waits for approval (revision {draft.revision}).")


@app.command("test")
def test(
    what: Annotated[str, typer.Argument(help="A template's folder, or the key of a template.")],
    sample: Annotated[str, typer.Option(help="One sample by its name, such as 01-usual; without it all.")] = "",
    draft: Annotated[bool, typer.Option("--draft", help="Of a key: the draft that is on its way.")] = False,
    pictures: Annotated[Path | None, typer.Option(help="Folder for the pages that failed, places outlined.")] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Make every sample in every language and hold it against the template's tests. Exit code 3 when one is red."""
    from postroom.cli.template_test import run_tests

    run_tests(what, sample, draft, pictures, as_json)


@app.command("impact")
def impact(key: str, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """What the draft's data contract asks that the published one does not, and what in use would break."""
    from postroom.cli.template_impact import impact as tell

    tell(key, as_json)


@app.command("capture")
def capture(
    what: Annotated[str, typer.Argument(help="Id of a document, or of a record of a run.")],
    name: Annotated[
        str, typer.Option(help="Name of the sample: what is special about it, never whom it is about.")
    ] = "",
    look: Annotated[bool, typer.Option("--look", help="Show what would become of each field; keep nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Make a masked sample of a real record, in the draft of its template."""
    from postroom.cli.template_capture import capture as make

    make(what, name, look, as_json)


@app.command("approve")
def approve(
    key: str,
    revision: Annotated[int, typer.Option(help="The revision you looked at.")],
    user: Annotated[str, typer.Option(help="E-mail address of the person who approves.")],
) -> None:
    """Approve the draft of a template. Nobody approves what they changed; so a person is named."""
    from postroom.project.boot import boot

    boot()
    from postroom.composition.actions.approve_draft import approve_draft

    approve_draft(_person(user), _draft(key).pk, revision=revision)
    show.console.print(f"The draft of {key} is approved; publish it with `postroom template publish {key}`.")


@app.command("publish")
def publish(key: str) -> None:
    """Publish the approved draft of a template."""
    from postroom.project.boot import boot

    boot()
    from postroom.composition.actions.publish_draft import publish_draft
    from postroom.composition.queries import sources_of
    from postroom.identity.actor import SYSTEM

    version = publish_draft(SYSTEM, _draft(key).pk).published
    show.console.print(f"{key} version {version.no if version else '?'} is published.")
    if version is not None:
        _warn_of_long_texts(version)
        _warn_of_the_sample_account(sources_of(version))


@app.command("rollback")
def rollback(
    key: str,
    to: Annotated[int, typer.Option(help="Number of the older version.")],
    reason: Annotated[str, typer.Option(help="Why.")],
) -> None:
    """Publish an older version's files again, under a new number."""
    from postroom.project.boot import boot

    boot()
    from postroom.composition.actions.roll_back import roll_back
    from postroom.identity.actor import SYSTEM

    version = roll_back(SYSTEM, key, to=to, reason=reason)
    show.console.print(f"{key} is as in version {to} again, as version {version.no}.")


@app.command("where-used")
def where_used(
    what: Annotated[str, typer.Argument(help="block, brand, image or field.")],
    key: Annotated[str, typer.Argument(help="Key of the block or brand; of the template for images and fields.")],
    field: Annotated[str, typer.Argument(help="The data field, such as customer.name or lines[].amount.")] = "",
) -> None:
    """Where a content block, a brand, an image or a data field is used."""
    from postroom.project.boot import boot

    boot()
    from postroom.composition import where_used as uses

    if what in ("block", "brand"):
        found = [("", use) for use in uses.of_part(what, key)]
    elif what == "image":
        found = [(name, use) for name, others in uses.images_of(key).items() for use in others]
    elif what == "field":
        found = [(one, use) for one in ([field] if field else uses.fields_of(key)) for use in uses.of_field(key, one)]
    else:
        raise NotFound(f"There is no {what!r} to look for.", hint="Name block, brand, image or field.")
    show.as_table(
        ("Of", "Used by", "Key", "Place"),
        [(of, use.kind, use.key, f"{use.file}:{use.line}" if use.line else use.file) for of, use in found],
        empty="It is used nowhere.",
    )


def _warn_of_the_sample_account(files: Mapping[str, bytes]) -> None:
    from django.conf import settings

    from postroom.composition.part_trial import uses_sample_account

    if uses_sample_account(files) and not settings.CONFIG.demo:
        show.errors.print(
            "It asks to pay the sample company's account: name a brand of your own in template.yaml (brand: KEY).",
            markup=False,
        )


def _draft(key: str) -> Draft:
    from postroom.composition import drafts

    found = drafts.standing(key)
    if found is None:
        raise NotFound(f"There is no draft of {key}.", hint="See `postroom template drafts`.")
    return found


def _person(email: str) -> Actor:
    from postroom.identity.actor import actor_of_user
    from postroom.identity.models import User

    found = User.objects.filter(email__iexact=email).first()
    if found is None:
        raise NotFound(f"There is nobody with the address {email}.", hint="See `postroom user list`.")
    return actor_of_user(found)


def _warn_of_long_texts(version: TemplateVersion) -> None:
    """An SMS in more parts than the template means it to have costs money, and is no fault."""
    from postroom.composition.queries import live_pack
    from postroom.composition.shorttext import warnings

    for warning in warnings(live_pack(version.pk).pack):
        show.console.print(f"Warning: {warning}", markup=False, highlight=False)

"""What every installation starts with: the starter templates and destinations that send nothing to the outside."""

from __future__ import annotations

from pathlib import Path

from postroom.composition import fonts, stand_ins
from postroom.composition.actions.publish_template import publish_template
from postroom.composition.models import TemplateVersion
from postroom.composition.pack import digest, read_folder
from postroom.delivery.actions.set_destination import set_destination
from postroom.delivery.models import Destination
from postroom.identity.actor import SYSTEM
from postroom.kernel.home import home
from postroom.kernel.locks import FileLock

NOTE = "Comes with Postroom"
STARTERS = Path(__file__).resolve().parent.parent / "demo" / "templates"


def install_starters() -> None:
    """Publish starter templates and make destinations where there are none. Harmless when repeated.

    A starter that nobody has changed follows the release: another text or another font is a new version.
    Until somebody sets up ``email``, everything goes to the portal or is dropped into a folder for printing.
    """
    with FileLock(home().prepare().locks / "install.lock").holding():
        _install()


def _install() -> None:
    newest = {
        version.template_id: version
        for version in TemplateVersion.objects.order_by("template_id", "-no").distinct("template_id")
    }
    for folder in sorted(STARTERS.iterdir()):
        if not folder.is_dir():
            continue
        version = newest.get(folder.name)
        if version is not None and version.note != NOTE:
            continue  # somebody made it their own
        files = read_folder(folder)
        if version is None or (version.digest, version.asset_lock) != (digest(files), fonts.lock(stand_ins.usual())):
            publish_template(SYSTEM, files, note=NOTE)
    set_up = set(Destination.objects.values_list("key", flat=True))
    if "letters" not in set_up:
        folder = home().prepare().drop / "letters"
        folder.mkdir(exist_ok=True)
        config = {"folder": str(folder), "pattern": "{date}/{number}_{party}.pdf"}
        set_destination(SYSTEM, "letters", "folder", config)
    if "portal" not in set_up:
        set_destination(SYSTEM, "portal", "portal", {})

"""What every installation starts with: the starter templates and destinations that send nothing to the outside."""

from __future__ import annotations

from pathlib import Path

from postroom.composition.actions.publish_template import publish_template
from postroom.composition.models import Template
from postroom.composition.pack import load_folder
from postroom.delivery.actions.set_destination import set_destination
from postroom.delivery.models import Destination
from postroom.identity.actor import SYSTEM
from postroom.kernel.home import home
from postroom.kernel.locks import FileLock

STARTERS = Path(__file__).resolve().parent.parent / "demo" / "templates"


def install_starters() -> None:
    """Publish starter templates and make destinations where there are none. Harmless when repeated.

    Until somebody sets up ``email``, everything goes to the portal or is dropped into a folder for printing.
    """
    with FileLock(home().prepare().locks / "install.lock").holding():
        _install()


def _install() -> None:
    known = set(Template.objects.values_list("key", flat=True))
    for folder in sorted(STARTERS.iterdir()):
        if folder.is_dir() and folder.name not in known:
            publish_template(SYSTEM, load_folder(folder).files, note="Comes with Postroom")
    set_up = set(Destination.objects.values_list("key", flat=True))
    if "letters" not in set_up:
        folder = home().prepare().drop / "letters"
        folder.mkdir(exist_ok=True)
        config = {"folder": str(folder), "pattern": "{date}/{number}_{party}.pdf"}
        set_destination(SYSTEM, "letters", "folder", config)
    if "portal" not in set_up:
        set_destination(SYSTEM, "portal", "portal", {})

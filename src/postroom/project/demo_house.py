"""What the sample company's letters share: a brand, content blocks, and a draft that waits for somebody's approval."""

from __future__ import annotations

import json

from postroom.composition import drafts, house
from postroom.composition.actions.comment_draft import comment_draft
from postroom.composition.actions.publish_part import publish_part
from postroom.composition.actions.publish_template import publish_template
from postroom.composition.actions.save_part import save_part
from postroom.composition.actions.send_draft import send_draft
from postroom.composition.brand import default_brand
from postroom.composition.life_models import BLOCK, BRAND, Draft
from postroom.composition.models import Template
from postroom.composition.pack import read_folder
from postroom.demo import company
from postroom.identity.actor import SYSTEM, actor_of_user
from postroom.identity.models import User
from postroom.production.letters.actions.set_limit import set_limit
from postroom.production.letters.models import ALWAYS, COUNT, Limit

#: The letter whose draft waits, and what its author changed.
WAITING = "delivery-delay"
_SAID = "words/en.json"
#: The letter that a second person always looks at.
APPROVED = "price-change"
_BEFORE, _AFTER = "We are sorry for the delay.", "We are sorry, and we bear the cost of sending it on."


def furnish_house() -> None:
    """Harmless when repeated: what is there already is somebody's own by now."""
    tokens = default_brand().tokens
    if house.in_force(BRAND, company.BRAND) is None:
        content = {group: tokens[group] for group in ("colours", "fonts", "lines", "bank", "assets")}
        save_part(SYSTEM, BRAND, company.BRAND, name=tokens["name"], content=content, files=dict(default_brand().files))
        publish_part(SYSTEM, BRAND, company.BRAND, unreviewed=True)
    for key, told in json.loads(company.BLOCKS.read_text(encoding="utf-8")).items():
        if house.in_force(BLOCK, key) is None:
            save_part(SYSTEM, BLOCK, key, name=told["name"], content=told["content"])
            publish_part(SYSTEM, BLOCK, key, unreviewed=True)
    known = set(Template.objects.values_list("key", flat=True))
    for folder in sorted(company.LETTERS.iterdir()):
        if folder.is_dir() and folder.name not in known:
            publish_template(SYSTEM, read_folder(folder), note="A letter of the order office")
    if not Draft.objects.filter(template_key=WAITING).exists():
        _a_draft_that_waits()
    if not Limit.objects.exists():
        set_limit(SYSTEM, template=APPROVED, verb=ALWAYS)
        set_limit(SYSTEM, verb=COUNT, value="5")


def _a_draft_that_waits() -> None:
    author = actor_of_user(User.objects.get(email="nils@lindqvist-offset.example"))
    draft = drafts.open_for(WAITING, author)
    own = drafts.files(draft)
    said = own[_SAID].decode().replace(_BEFORE, _AFTER)
    draft = drafts.save(author, draft.pk, {_SAID: said.encode()}, draft.revision)
    send_draft(author, draft.pk, note="Who bears the cost of sending it on")
    line = 1 + next(number for number, text in enumerate(said.splitlines()) if _AFTER in text)
    comment_draft(author, draft.pk, text="Karin agreed to this on Friday.", file=_SAID, line=line)

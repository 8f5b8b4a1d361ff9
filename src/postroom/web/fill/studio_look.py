"""The first page of a draft with what a form changes: what stands beside each form of the studio."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from django.utils.translation import gettext

from postroom.composition import freezing
from postroom.composition.life_models import Draft
from postroom.identity.actor import Actor
from postroom.web.fill import names, studio
from postroom.web.pages.life import FaultLine
from postroom.web.pages.studio import WordsLook


def first_page(actor: Actor, draft: Draft, files: Mapping[str, str], language: str = "", sample: str = "") -> WordsLook:
    """The first page of ``sample`` (else of the first one) in ``language``, with these files in place of its own.
    Raises Superseded when something newer was asked meanwhile."""
    own = studio.files_at(draft, draft.revision)
    samples = [name for name in sorted(own) if name.startswith("samples/")]
    sample = sample if sample in samples else next(iter(samples), "")
    wanted = {
        "files": dict(files),
        "revision": draft.revision,
        "sample": sample,
        "language": language if language in freezing.named_in(own).languages else "",
        "width": 930,
    }
    seen, texts = studio.look(draft, actor, wanted)
    told = studio.seen_json(seen, texts, sample)["faults"]
    picture = (seen.pictures or {}).get(1, b"")
    about = gettext("Page 1 of {pages}, {language}").format(pages=seen.pages, language=names.language(seen.language))
    return WordsLook(
        picture=base64.b64encode(picture).decode(),
        about=about if picture else "",
        problems=tuple(
            FaultLine(path=f"{one['file']}:{one['line']}", reason=one["what"], what_to_do=one["hint"]) for one in told
        ),
    )

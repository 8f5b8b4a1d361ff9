"""What a letter, its passages and its readers are called, and whether its template still stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils import translation
from django.utils.translation import gettext, ngettext

from postroom.composition.manifest import PassageSpec
from postroom.kernel.errors import PostroomError
from postroom.production.letters.errors import NewVersion
from postroom.production.letters.models import Letter
from postroom.production.letters.steps import version_in_force
from postroom.web import words


def title_of(letter: Letter, called: Mapping[str, str]) -> str:
    """What a letter is called."""
    return letter.title or called.get(letter.template_key, letter.template_key)


def to_of(given: Sequence[str]) -> str:
    """Whom a letter goes to, in one line."""
    if len(given) < 2:
        return "".join(given)
    said = ngettext("{first} and {count} more", "{first} and {count} more", len(given) - 1)
    return said.format(first=given[0], count=words.count(len(given) - 1))


def called(spec: PassageSpec) -> str:
    """The name of a passage in the reader's language, else as it is named first."""
    here = (translation.get_language() or "en").split("-")[0]
    return spec.names.get(here) or next(iter(spec.names.values()))


def standing(letter: Letter) -> tuple[str, str]:
    """Words on a newer version; words on a template that is not in use any more."""
    try:
        version_in_force(letter)
    except NewVersion as error:
        no = error.context.get("version", "")
        told = gettext("Version {no} of this letter is in force since you began. Take it to go on; your texts stay.")
        return told.format(no=no), ""
    except PostroomError as error:
        return "", f"{error.message} {error.hint}".strip()
    return "", ""

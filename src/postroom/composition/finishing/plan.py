"""What is done to the document of one record: the steps that apply, as plain data for the cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from postroom.composition.codes import PLACE
from postroom.composition.conditions import wanted
from postroom.composition.finishing.steps import FinishStep, marks_of
from postroom.composition.paths import look, split

if TYPE_CHECKING:
    from postroom.composition.pack import TemplatePack
    from postroom.composition.prepare import Prepared

Plan = tuple[dict[str, Any], ...]


def planned(pack: TemplatePack, prepared: Prepared, mark: str) -> Plan:
    """The steps for a document that is marked so, in order; texts are those of its language."""
    words: Mapping[str, str] = prepared.view["words"]
    language, _, _ = pack.language(look(prepared.record, pack.at["language"]))
    font = pack.manifest.fonts[0]
    return tuple(
        made
        for step in pack.manifest.finish
        if (made := _resolved(step, prepared, words, language, mark, font)) is not None
    )


def marked(pack: TemplatePack, prepared: Prepared, mark: str) -> Prepared:
    """The same document as it is made when it is marked so: ``original`` or ``duplicate``, which only production knows,
    or whatever a person asked for. Steps that ask for another mark, or for one where there is none, are left out."""
    return prepared._replace(finish=planned(pack, prepared, mark), mark=mark) if pack.manifest.finish else prepared


def asks_whether_issued(pack: TemplatePack) -> bool:
    """Whether some step of the template depends on whether its document was issued before."""
    return bool(marks_of(pack.manifest.finish) & {"original", "duplicate"})


def _resolved(
    step: FinishStep, prepared: Prepared, words: Mapping[str, str], language: str, mark: str, font: str
) -> dict[str, Any] | None:
    name, verb = step.verb
    if not wanted(prepared.record, getattr(verb, "when", None)):
        return None
    marks = getattr(verb, "mark", ())
    if marks and mark not in marks:
        return None
    plain = {"do": name, **verb.model_dump(exclude={"when", "mark"}, exclude_none=True)}
    if "file" in plain:
        plain["file"] = plain["file"].replace("{language}", language)
    if name == "attach" and "description" in plain:
        plain["description"] = _filled(words[plain["description"]], prepared)
    if "text" in plain:
        plain["text"] = _filled(words[plain["text"]], prepared)
        plain["font"] = font
    return plain


def _filled(text: str, prepared: Prepared) -> str:
    """A word with its ``{places}`` filled in: fields as they are shown, or the document's own facts."""
    facts = prepared.facts
    named = {"number": facts.number, "name": facts.recipient_name, "date": prepared.view["document"]["date"]}
    return PLACE.sub(lambda place: str(named.get(place[1]) or look(prepared.view, split(place[1])) or ""), text)

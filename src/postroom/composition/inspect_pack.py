"""Whether the parts of a template fit each other: paths exist in the contract, words and signs exist, and so on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from postroom.composition import fonts
from postroom.composition.brand import known_token
from postroom.composition.codes import PLACE
from postroom.composition.conditions import Told, paths_of
from postroom.composition.contract import Contract
from postroom.composition.flags import NAME
from postroom.composition.formats import locale_of
from postroom.composition.manifest import FILE, Manifest
from postroom.composition.problems import Problem, suggestion
from postroom.composition.shape import Field, Kind
from postroom.composition.texts import called
from postroom.kernel.registry import provider

Lines = Mapping[tuple[str | int, ...], int]


def inspect(
    manifest: Manifest,
    lines: Lines,
    contract: Contract,
    words: Mapping[str, Mapping[str, str]],
    covered: frozenset[str],
    files: Mapping[str, bytes],
) -> list[Problem]:
    """The faults between the files of a template."""
    check = _Inspection(manifest, lines, contract.shape)
    problems = [*check.paths(), *check.steps(), *check.codes(), *check.conditions(), *check.rest(files)]
    problems += check.title(words.get(manifest.languages[0], {}))
    for tag, texts in words.items():
        for key, text in texts.items():
            missing = sorted(set(text) - covered)
            if missing:
                what = f"The word {key!r} holds {called(missing[0])}, which no font of the template has."
                problems.append(Problem(f"words/{tag}.json", 0, what, fonts.sign_advice(missing[0])))
    return problems


class _Inspection:
    def __init__(self, manifest: Manifest, lines: Lines, root: Field) -> None:
        self.manifest, self.lines, self.root = manifest, lines, root
        self.made = {step.verb.into for step in manifest.derive if getattr(step.verb, "each", None) is None}
        self.made |= {step.sum.into for step in manifest.derive if step.sum is not None}

    def fault(self, at: tuple[str | int, ...], what: str, hint: str) -> Problem:
        known = at
        while known and known not in self.lines:
            known = known[:-1]
        return Problem(FILE, self.lines.get(known, 0), what, hint)

    def found(
        self, at: tuple[str | int, ...], path: str, kinds: tuple[Kind, ...], inside: Field | None = None
    ) -> tuple[Field | None, list[Problem]]:
        """The field of a path, or why it cannot be used there."""
        start = inside or self.root
        here = start.find(path)
        if here is None:
            parent = start.find(path.rpartition(".")[0]) if "." in path else start
            known = [*(parent.fields if parent else start.fields)]
            hint = suggestion(path.rpartition(".")[2], known)
            return None, [self.fault(at, f"The contract has no field {path!r}.", hint)]
        if here.kind not in kinds:
            return None, [
                self.fault(at, f"The field {path!r} is a {here.kind}.", f"Needed here: {' or '.join(kinds)}.")
            ]
        return here, []

    def required(self, path: str) -> bool:
        here: Field | None = self.root
        for step in path.split("."):
            if here is None or step not in here.required:
                return False
            here = here.fields.get(step)
        return True

    def paths(self) -> Iterator[Problem]:
        document, recipient = self.manifest.document, self.manifest.recipient
        must = {"number": document.number, "date": document.date}
        for name, path in must.items():
            yield from self._fact(("document", name), path, True)
        for name, path in {"key": recipient.key, "name": recipient.name}.items():
            yield from self._fact(("recipient", name), path, True)
        date = self.root.find(document.date)
        if date is not None and date.shown not in ("date", "date-short"):
            yield self.fault(
                ("document", "date"), f"The field {document.date!r} is no date.", 'Give it "x-format": "date".'
            )
        if document.amount:
            yield from self._fact(("document", "amount"), document.amount, False)
            amount = self.root.find(document.amount)
            if amount is not None and not amount.shown.startswith("money"):
                hint = 'Give it "x-format": "money".'
                yield self.fault(("document", "amount"), f"The field {document.amount!r} is no money.", hint)
        if document.currency:
            yield from self._fact(("document", "currency"), document.currency, True)
        elif any(field.shown.startswith("money") for field in _leaves(self.root)):
            hint = "Add currency: with the path of the record's currency."
            yield self.fault(("document",), "The contract has money, but no currency is named.", hint)
        if recipient.email:
            yield from self._fact(("recipient", "email"), recipient.email, False)
        if recipient.address:
            yield from self.found(("recipient", "address"), recipient.address, ("object",))[1]
        yield from self.found(("language",), self.manifest.language, ("text",))[1]

    def _fact(self, at: tuple[str, ...], path: str, must: bool) -> Iterator[Problem]:
        here, problems = self.found(at, path, ("text",))
        yield from problems
        if here is not None and must and not self.required(path) and path not in self.made:
            hint = 'Add it, and the objects around it, to "required" in contract.json.'
            yield self.fault(at, f"The contract lets a record come without {path!r}.", hint)

    def steps(self) -> Iterator[Problem]:
        for index, step in enumerate(self.manifest.derive):
            verb = step.verb
            of = verb.of if isinstance(verb.of, tuple) else (verb.of,)
            into_root = step.sum is not None or step.add is not None
            into = None if into_root else (verb.into,)
            yield from self._columns(("derive", index), getattr(verb, "each", None), of, into)
            if into_root:
                yield from self.found(("derive", index), verb.into, ("text",))[1]
        for index, check in enumerate(self.manifest.checks):
            at = ("checks", index)
            if check.sum is not None:
                yield from self._columns(at, check.sum.each, (check.sum.of,), None)
                yield from self.found(at, check.sum.equals, ("text",))[1]
            elif check.add is not None:
                yield from self._columns(at, None, (*check.add.of, check.add.equals), None)

    def _columns(
        self, at: tuple[str | int, ...], each: str | None, of: tuple[str, ...], into: tuple[str, ...] | None
    ) -> Iterator[Problem]:
        inside: Field | None = self.root
        if each is not None:
            rows, problems = self.found(at, each, ("list",))
            yield from problems
            inside = rows.items if rows else None
        if inside is not None:
            for path in of:
                yield from self.found(at, path, ("text", "structure"), inside)[1]
            for path in into or ():
                yield from self.found(at, path, ("text",), inside)[1]

    def codes(self) -> Iterator[Problem]:
        for name, code in self.manifest.codes.items():
            for path in (path for text in code.texts for path in PLACE.findall(text)):
                at = ("codes", name, "data" if code.data else "text")
                if path.startswith("brand."):
                    if not known_token(path.removeprefix("brand.")):
                        yield self.fault(at, f"A brand has no {path!r}.", "There is name, line.*, bank.* and colour.*.")
                    continue
                yield from self.found(at, path, ("text", "structure"))[1]
            for path in paths_of(code.when):
                yield from self.found(("codes", name, "when"), path, ("text", "structure", "list", "object"))[1]

    def conditions(self) -> Iterator[Problem]:
        """Of flags and of content blocks."""
        if self.manifest.flags and NAME in self.root.fields:
            yield self.fault((NAME,), f"The contract has a field {NAME!r} too.", "Give the field another name.")
        asked: list[tuple[tuple[str | int, ...], Told | None]] = [
            ((NAME, name, "when"), flag.when) for name, flag in self.manifest.flags.items()
        ]
        asked += [
            (("blocks", number, "when"), one.when)
            for number, one in enumerate(self.manifest.block_uses)
            if not isinstance(one, str)
        ]
        for at, when in asked:
            for path in paths_of(when):
                yield from self.found(at, path, ("text", "structure", "list", "object"))[1]

    def title(self, words: Mapping[str, str]) -> Iterator[Problem]:
        document = self.manifest.document
        for index, case in enumerate(document.titles):
            yield from self.found(("document", "titles", index), case.when, ("text", "structure", "list", "object"))[1]
        others = [(("document", "titles", index), case.title) for index, case in enumerate(document.titles)]
        places: list[tuple[tuple[str | int, ...], str]] = [(("document", "title"), document.title), *others]
        for at, key in places:
            if key not in words:
                yield self.fault(at, f"There is no word {key!r}.", suggestion(key, words))
                continue
            for path in PLACE.findall(words[key]):
                if path not in ("number", "date", "amount", "name"):
                    for problem in self.found(at, path, ("text",))[1]:
                        yield Problem(f"words/{self.manifest.languages[0]}.json", 0, problem.what, problem.hint)

    def rest(self, files: Mapping[str, bytes]) -> Iterator[Problem]:
        for index, tag in enumerate(self.manifest.languages):
            if locale_of(tag) is None:
                yield self.fault(("languages", index), f"The language {tag!r} is not known.", "Use a BCP 47 tag.")
        for index, family in enumerate(self.manifest.fonts):
            if family not in fonts.families():
                hint = suggestion(family, fonts.families())
                yield self.fault(("fonts", index), f"There is no font {family!r}.", hint)
        lane = provider("renderers", self.manifest.lane)
        if self.manifest.entry not in files or not re.fullmatch(lane.pages, self.manifest.entry):
            what = f"There is no page {self.manifest.entry!r}."
            yield self.fault(("entry",), what, f"The usual name in the lane {lane.name} is {lane.entry}.")


def _leaves(field: Field) -> Iterator[Field]:
    for inner in (*field.fields.values(), *([field.items] if field.items else [])):
        yield inner
        yield from _leaves(inner)

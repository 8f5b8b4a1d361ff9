"""What a page may not do, and names it uses that nobody has declared.

This is no wall (that is the cage, P10): it keeps pages honest. A page that looks into its texts could not be served
by the compiled lane, and a page that reads the clock or a file would not be reproducible (P5).
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Iterator, Mapping

from postroom.composition.brand import known_token
from postroom.composition.fonts import sign_advice
from postroom.composition.library import NAMES as LIBRARY
from postroom.composition.problems import Problem, suggestion
from postroom.composition.shape import Field
from postroom.composition.texts import called

_SKIP = re.compile(
    r"""https?://[^\s\])>"]*  # an address in running text
      | //[^\n]*            # line comment
      | (?P<block>/\*)      # block comment, nested
      | "(?:\\.|[^"\\\n])*" # text, of one line: in prose a quotation mark may stand alone
      | `{3,}.*?`{3,} | `[^`\n]*`
    """,
    re.VERBOSE | re.DOTALL,
)
_FORBIDDEN = {
    "sys": "Data comes through slot, word, flag, band and count.",
    "repr": "A page may not look into what it shows.",
    "measure": "A page may not decide by the width of a text; give fixed widths or let Typst break the line.",
    "eval": "Write it out in the page.",
    "plugin": "Foreign code has no place in a page.",
    "read": 'Images come through asset("..").',
    "json": "Data comes through slot, word, flag, band and count.",
    "csv": "Data comes from the record.",
    "toml": "Data comes from the record.",
    "yaml": "Data comes from the record.",
    "xml": "Data comes from the record.",
    "cbor": "Data comes from the record.",
    "bibliography": "A page reads no files.",
    "image": 'Use asset("logo.svg", ..) for a file and code("pay", ..) for a symbol.',
}
_CALL = re.compile(rf"(?<![\w-])(?P<name>{'|'.join(_FORBIDDEN)})(?![\w-])(?:(?P<call>\s*\(|\.with\b|\.)|(?P<bare>))")
_LEAD = re.compile(r"(?:#|=\s*|:\s*|\(\s*)$")
_TODAY = re.compile(r"\bdatetime\s*\.\s*today\b")
_PEEK = re.compile(r"\.(?P<name>text|fields|children|body)(?![\w-])")
_IMPORT = re.compile(r"(?<![\w-])(?P<verb>import|include)\s+(?P<what>[^\s:\n]+)")
_USE = re.compile(
    r'(?<![\w.-])(?P<helper>slot|flag|count|band|word|code|asset|decimals|brand|brand-lines|content-block|has-block|paid|has-payment|pay-symbol|swiss-bill)\(\s*(?:(?P<row>[a-z_][\w.-]*)\s*,\s*)?"(?P<name>[^"\\]*)"'
)


def lint(
    files: Mapping[str, bytes],
    root: Field,
    words: Iterable[str],
    codes: Iterable[str],
    blocks: Iterable[str] = (),
) -> list[Problem]:
    """The faults of every page file (``*.typ``) of a template."""
    named = frozenset(blocks)
    problems: list[Problem] = []
    for name in sorted(files):
        if name.endswith(".typ"):
            try:
                source = files[name].decode("utf-8")
            except UnicodeDecodeError:
                problems.append(Problem(name, 0, "The file is not UTF-8.", "Save it as UTF-8."))
                continue
            problems += _Page(name, source).faults(files, root, frozenset(words), frozenset(codes), named)
    return problems


def page_signs(files: Mapping[str, bytes], covered: frozenset[str]) -> list[Problem]:
    """Signs in the pages, comments aside, that no font of the template has, at their first place in each file. The
    compiler would find one too, but only on the day a document comes to that line."""
    problems = []
    for name in sorted(files):
        if not name.endswith(".typ"):
            continue
        page = _Page(name, files[name].decode("utf-8", "ignore"))
        missing = sorted(sign for sign in set(page.uncommented) - covered if sign.isprintable())
        if missing:
            what = f"The page holds {called(missing[0])}, which no font of the template has."
            problems.append(page.problem(page.uncommented.index(missing[0]), what, sign_advice(missing[0])))
    return problems


class _Page:
    """One page file, with its comments and texts blanked out for looking at code alone."""

    def __init__(self, name: str, source: str) -> None:
        self.name, self.source = name, source
        self.code, self.uncommented = _blanked(source)
        self._starts = [0, *(found.end() for found in re.finditer("\n", source))]

    def line(self, position: int) -> int:
        return bisect.bisect_right(self._starts, position)

    def problem(self, position: int, what: str, hint: str) -> Problem:
        return Problem(self.name, self.line(position), what, hint)

    def faults(
        self,
        files: Mapping[str, bytes],
        root: Field,
        words: frozenset[str],
        codes: frozenset[str],
        blocks: frozenset[str],
    ) -> Iterator[Problem]:
        for found in _CALL.finditer(self.code):
            if found["call"] or _LEAD.search(self.code, max(0, found.start() - 40), found.start()):
                name = found["name"]
                if found["call"] == "." and name != "sys":
                    continue  # the end of a sentence
                after = self.code[found.end("name") :].lstrip()
                if not found["call"] and after.startswith(":"):
                    continue  # the name of an argument or key
                yield self.problem(found.start(), f"The page uses {name!r}.", _FORBIDDEN[name])
        for found in _TODAY.finditer(self.code):
            yield self.problem(found.start(), "The page asks for today's date.", 'Use slot("document.date") (P5).')
        for found in _PEEK.finditer(self.code):
            what = f"The page looks into content by '.{found['name']}'."
            yield self.problem(found.start(), what, "Texts are display only; decide by flag or count.")
        for found in _IMPORT.finditer(self.uncommented):
            if self.code[found.start()] != " ":
                yield from self._imported(found, files)
        for found in _USE.finditer(self.uncommented):
            if self.code[found.start()] == self.source[found.start()]:
                yield from self._used(found, files, root, words, codes, blocks)

    def _imported(self, found: re.Match[str], files: Mapping[str, bytes]) -> Iterator[Problem]:
        what = found["what"].rstrip(";")
        if not what.startswith('"'):
            if re.match(r"[a-z_-]+$", what) and self.source[found.start() - 1 : found.start()] not in ("#",):
                return  # prose
            yield self.problem(found.start(), f"The page imports {what}.", "Import files of the template by name.")
            return
        path = what.strip('"')
        if path.startswith("@"):
            hint = "Put the code needed into a .typ file of the template: nothing is fetched while composing."
            yield self.problem(found.start(), f"The page imports the package {path}.", hint)
        elif path not in LIBRARY and path not in files:
            known = [*(name for name in files if name.endswith(".typ")), *LIBRARY]
            yield self.problem(
                found.start(), f"The page imports {path!r}, which is not in the template.", suggestion(path, known)
            )

    def _used(
        self,
        found: re.Match[str],
        files: Mapping[str, bytes],
        root: Field,
        words: frozenset[str],
        codes: frozenset[str],
        blocks: frozenset[str],
    ) -> Iterator[Problem]:
        helper, name, row = found["helper"], found["name"], found["row"]
        if helper == "word":
            if name not in words:
                yield self.problem(found.start(), f"There is no word {name!r}.", suggestion(name, words))
        elif helper in ("brand", "brand-lines"):
            if not known_token(name):
                what = f"A brand has no token {name!r}."
                yield self.problem(found.start(), what, "There is name, colour.*, font.*, line.* and bank.*.")
        elif helper in ("content-block", "has-block"):
            if name not in blocks:
                hint = suggestion(name, blocks) or "Name it in template.yaml under blocks:."
                yield self.problem(found.start(), f"template.yaml names no content block {name!r}.", hint)
        elif helper in ("code", "paid", "has-payment", "pay-symbol", "swiss-bill"):
            if name not in codes:
                hint = suggestion(name, codes)
                yield self.problem(found.start(), f"template.yaml declares no code {name!r}.", hint)
        elif helper == "asset":
            if f"assets/{name}" not in files:
                known = [path[7:] for path in files if path.startswith("assets/")]
                yield self.problem(found.start(), f"There is no asset {name!r}.", suggestion(name, known))
        else:
            yield from self._field(found, helper, name, row, root)

    def _field(self, found: re.Match[str], helper: str, name: str, row: str | None, root: Field) -> Iterator[Problem]:
        if row is None:
            if name.split(".")[0] == "document":
                if name not in _DOCUMENT or helper not in ("slot", "flag"):
                    yield self.problem(found.start(), f"There is no {name!r}.", suggestion(name, _DOCUMENT))
                return
            fields = [field for field in [root.find(name)] if field is not None]
            known = _paths(root)
        else:
            fields = [field for field in (item.find(name) for item in root.rows()) if field is not None]
            known = [path for item in root.rows() for path in _paths(item)]
        if not fields:
            place = "contract has no field" if row is None else "contract's lists have no field"
            yield self.problem(found.start(), f"The {place} {name!r}.", suggestion(name, known))
        elif helper in ("slot", "decimals") and all(field.kind != "text" for field in fields):
            yield self.problem(
                found.start(),
                f"{helper}({name!r}) would show a "
                f"{fields[0].kind if fields[0].kind != 'structure' else 'number or flag'}.",
                "Give the field an x-format (quantity, percent) to show it, or use flag or count.",
            )
        elif helper in ("band", "count") and all(field.kind != "list" for field in fields):
            yield self.problem(found.start(), f"{helper}({name!r}) needs a list.", "Use slot or flag for this field.")


_DOCUMENT = ("document.number", "document.title", "document.date", "document.language")


def _paths(field: Field, prefix: str = "") -> list[str]:
    found = []
    for name, inner in field.fields.items():
        found.append(prefix + name)
        found += _paths(inner, f"{prefix}{name}.")
    return found


def _blanked(source: str) -> tuple[str, str]:
    """The source with comments, texts and raw blocks as spaces; and with comments alone as spaces."""
    code, uncommented, at = list(source), list(source), 0
    while found := _SKIP.search(source, at):
        start, end = found.span()
        comment = source.startswith(("//", "/*"), start)
        if found["block"]:
            end = _block_end(source, start)
        for position in range(start, end):
            if source[position] != "\n":
                code[position] = " "
                if comment:
                    uncommented[position] = " "
        at = end
    return "".join(code), "".join(uncommented)


def _block_end(source: str, start: int) -> int:
    depth = 0
    for found in re.finditer(r"/\*|\*/", source[start:]):
        depth += 1 if found.group() == "/*" else -1
        if depth == 0:
            return start + found.end()
    return len(source)

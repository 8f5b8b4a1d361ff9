"""What an expression may not do, said before zen sees it: too much, too deep, not the same tomorrow."""

from __future__ import annotations

from difflib import get_close_matches

from postroom.rules import limits
from postroom.rules.tokens import CLOSURES, FUNCTIONS, KEYWORDS, Token, Unreadable, scan

_FOREIGN = {
    "&&": "Write `and`.",
    "||": "Write `or`.",
    "===": "Write `==`.",
    "?.": "Write `.`; a missing part gives null by itself.",
    "=": "Compare with `==`; nothing can be assigned here.",
    ";": "Write one expression.",
    "!": "Write `not (..)`.",
    "|": "Write `or`.",
    "&": "Write `and`.",
}
_CLOCKS = frozenset({"isToday", "isYesterday", "isTomorrow"})


def lint(expression: str, *, brackets: bool = True) -> list[Token]:
    """The tokens of an expression that keeps the limits. Raises Unreadable.

    ``brackets``: whether each must be closed by its own kind; a table's cell may say ``(1..5]``.
    """
    if not expression.strip():
        raise Unreadable("The expression is empty.", "Write a field's name, or a text in quotes.", 0)
    if len(expression) > limits.EXPRESSION_LENGTH:
        raise Unreadable(
            f"The expression has {len(expression)} characters; {limits.EXPRESSION_LENGTH} are allowed.",
            "Split it over several fields, or use a lookup.",
            limits.EXPRESSION_LENGTH,
        )
    tokens = scan(expression)
    if brackets:
        _brackets(tokens, len(expression))
    closures = [token for token in tokens if token.kind == "name" and token.text in CLOSURES and _called(tokens, token)]
    if len(closures) > limits.LIST_FUNCTIONS:
        raise Unreadable(
            f"{len(closures)} list functions in one expression; {limits.LIST_FUNCTIONS} are allowed.",
            "Use `each` for lists of rows.",
            closures[-1].at,
        )
    for index, token in enumerate(tokens):
        _word(tokens, index, token)
    return tokens


def suggest(word: str, known: object) -> str:
    """``Did you mean "x"?`` or nothing."""
    near = get_close_matches(word, [str(name) for name in known], n=1, cutoff=0.6)  # type: ignore[attr-defined]
    return f'Did you mean "{near[0]}"?' if near else ""


def _brackets(tokens: list[Token], end: int) -> None:
    pairs = {")": "(", "]": "[", "}": "{"}
    stack: list[Token] = []
    for token in tokens:
        if token.kind == "open" or (token.kind == "op" and token.text in "([{"):
            stack.append(token)
            if len(stack) > limits.NESTING:
                raise Unreadable(
                    f"Brackets are nested deeper than {limits.NESTING}.", "Split the expression.", token.at
                )
        elif token.kind == "op" and token.text in pairs:
            opened = stack.pop() if stack else None
            if opened is None or opened.text.lstrip("$") != pairs[token.text]:
                raise Unreadable(f"A {token.text} closes nothing.", "Count the brackets.", token.at)
    if stack:
        raise Unreadable(f"A {stack[-1].text} is opened and not closed.", "Close it.", end)


def _word(tokens: list[Token], index: int, token: Token) -> None:
    before = tokens[index - 1].text if index else ""
    if token.kind == "op" and token.text in _FOREIGN:
        raise Unreadable(f"{token.text} is not known here.", _FOREIGN[token.text], token.at)
    if token.text == ".." and token.kind == "op":
        raise Unreadable("A range can grow without end.", "Compare with >= and <=.", token.at)
    if token.kind != "name":
        return
    if before == ".":
        if token.text in _CLOCKS:
            raise _clock(token)
        return
    if not _called(tokens, token) or token.text in KEYWORDS:
        return
    if token.text not in FUNCTIONS:
        raise Unreadable(
            f"There is no function {token.text}().",
            suggest(token.text, FUNCTIONS) or "The functions are listed in docs/mappings.md.",
            token.at,
        )
    argument = tokens[index + 2].text.strip("'\"").lower() if index + 2 < len(tokens) else ""
    if token.text == "rand" or (token.text in {"d", "date", "time"} and argument in {")", "now", "today"}):
        raise _clock(token)


def _clock(token: Token) -> Unreadable:
    return Unreadable(
        f"{token.text} gives another result each time; the same record must always give the same document (P5).",
        "Take the date from the record.",
        token.at,
    )


def _called(tokens: list[Token], token: Token) -> bool:
    index = tokens.index(token)
    return index + 1 < len(tokens) and tokens[index + 1].text == "("

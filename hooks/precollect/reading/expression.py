"""The expressions of `-m` and `-k`: `not slow and (smoke or device(port=3))`.

Source: `_pytest/mark/expression.py` (9.2.0).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from keyword import iskeyword
from typing import NamedTuple

WORD = re.compile(r"(:?\w|:|\+|-|\.|\[|\]|\\|/)+")
SIGNS = {"(": "left parenthesis", ")": "right parenthesis", "=": "=", ",": ","}
OPERATORS = frozenset({"or", "and", "not"})
DEEPEST = 200


class Expression(NamedTuple):
    """`names`: the identifiers, in order, each once; `has_arguments`: one of them is called.

    `spares_others`: whether it holds for a test that has none of the names: "not slow" does.
    """

    names: tuple[str, ...]
    has_arguments: bool
    spares_others: bool


class Token(NamedTuple):
    kind: str
    text: str
    column: int


class UnreadableExpression(Exception):  # noqa: N818 - it names what was found
    """An expression that pytest refuses; the text is what it says."""


def parse(text: str) -> Expression | str:
    """The names of an expression, or what pytest says against it: "at column 9: expected ...; got end of input"."""
    try:
        return _Parser(text).expression()
    except UnreadableExpression as error:
        return str(error)


def _refusal(column: int, message: str) -> UnreadableExpression:
    return UnreadableExpression(f"at column {column}: {message}")


def _tokens(text: str) -> Iterator[Token]:
    position = 0
    while position < len(text):
        sign = text[position]
        if sign in " \t":
            position += 1
            continue
        if sign in SIGNS:
            token = Token(SIGNS[sign], sign, position + 1)
        elif sign in "'\"":
            end = text.find(sign, position + 1)
            if end < 0:
                raise _refusal(position + 1, f'closing quote "{sign}" is missing')
            token = Token("string literal", text[position : end + 1], position + 1)
            if "\\" in token.text:
                raise _refusal(position + 1, r'escaping with "\" not supported in marker expression')
        else:
            match = WORD.match(text, position)
            if match is None:
                raise _refusal(position + 1, f'unexpected character "{sign}"')
            token = Token(match[0] if match[0] in OPERATORS else "identifier", match[0], position + 1)
        yield token
        position += len(token.text)
    yield Token("end of input", "", len(text) + 1)


class _Parser:
    """Recursive descent, as pytest does it; deeper than anybody writes is refused."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._current = next(self._tokens)
        self._names: dict[str, None] = {}
        self._has_arguments = False
        self._depth = 0

    def expression(self) -> Expression:
        spares_others = True  # an empty expression selects everything
        if not self._accept("end of input"):
            spares_others = self._alternatives()
            self._require("end of input")
        return Expression(tuple(self._names), self._has_arguments, spares_others)

    def _accept(self, kind: str) -> Token | None:
        if self._current.kind != kind:
            return None
        token = self._current
        if kind != "end of input":
            self._current = next(self._tokens)
        return token

    def _require(self, *kinds: str) -> Token:
        for kind in kinds:
            token = self._accept(kind)
            if token is not None:
                return token
        raise _refusal(self._current.column, f"expected {' OR '.join(kinds)}; got {self._current.kind}")

    def _alternatives(self) -> bool:
        """What follows as far as "or" reaches; like those below, its value where every name is false."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise _refusal(self._current.column, "nested too deeply")
        value = self._conjunction()
        while self._accept("or"):
            value = self._conjunction() or value
        self._depth -= 1
        return value

    def _conjunction(self) -> bool:
        value = self._operand()
        while self._accept("and"):
            value = self._operand() and value
        return value

    def _operand(self) -> bool:
        negated = value = False
        while self._accept("not"):
            negated = not negated
        if self._accept("left parenthesis"):
            value = self._alternatives()
            self._require("right parenthesis")
        elif name := self._accept("identifier"):
            self._names[name.text] = None
            if self._accept("left parenthesis"):
                self._has_arguments = True
                self._arguments()
                self._require("right parenthesis")
        else:
            self._require("not", "left parenthesis", "identifier")
        return value != negated

    def _arguments(self) -> None:
        self._argument()
        while self._accept(","):
            self._argument()

    def _argument(self) -> None:
        name = self._require("identifier")
        if not name.text.isidentifier():
            raise _refusal(name.column, f"not a valid python identifier {name.text}")
        if iskeyword(name.text):
            raise _refusal(name.column, f"unexpected reserved python keyword `{name.text}`")
        self._require("=")
        if not self._accept("string literal"):
            value = self._require("identifier")
            if not value.text.removeprefix("-").isdigit() and value.text not in {"True", "False", "None"}:
                raise _refusal(value.column, f'unexpected character/s "{value.text}"')

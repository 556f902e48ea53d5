"""The words of a value of type `args` (addopts, testpaths, python_files ...), each with its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from precollect.findings import Place
from precollect.reading.config_file import Entry

BLANKS = " \t\r\n"
QUOTES = "'\""
ESCAPE = "\\"
UNTOLD = "…"
"""Stands in a word of a call for what only running tells."""


class Word(NamedTuple):
    """One word: its text after quotes and escapes, where it begins (its quote, if quoted), its number from 0.

    `typed`: it stands in a call of pytest, rather than in addopts or a variable.
    """

    text: str
    place: Place
    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody misses
    typed: bool = False


class BadWords(Exception):  # noqa: N818 - it names what was found, a value that pytest cannot cut
    """A value that pytest cannot cut into words, and the place of what stops it."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(message)
        self.message = message
        self.place = place


class Span(NamedTuple):
    """A word within a text: from `start` up to, not including, `end`."""

    text: str
    start: int
    end: int


class UnclosedError(ValueError):
    """A quote or an escape that nothing follows, and its offset; the words are those of shlex."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


def cut(entry: Entry) -> list[Word]:
    """The words of an entry as pytest cuts them.

    A text in ini mode is split as a shell would; of a list each item is one word, as it is.
    Raises BadWords with what pytest says: an open quote, a text in toml mode, an item that is no text.
    Source: pytest 9.2.0, `Config._getini_ini` and `_getini_toml`.
    """
    value = entry.value
    if isinstance(value, list):
        for number, item in enumerate(value):
            if not isinstance(item, str):
                message = f"expects a list of strings, but item at index {number} is {type(item).__name__}: {item!r}"
                raise BadWords(message, entry.at(0, number))
        return [Word(item, entry.at(0, number), number) for number, item in enumerate(value)]
    if entry.mode == "toml" or not isinstance(value, str):
        message = f"expects a list for type 'args', got {type(value).__name__}: {value!r}"
        raise BadWords(message, entry.at(0))
    try:
        return [Word(span.text, entry.at(span.start), number) for number, span in enumerate(spans(value))]
    except UnclosedError as error:
        raise BadWords(str(error), entry.at(error.offset)) from None


def spans(text: str) -> Iterator[Span]:
    """The words that `shlex.split(text)` gives, and where in the text each of them stands.

    Raises UnclosedError where shlex raises ValueError.
    """
    position = 0
    while position < len(text):
        if text[position] in BLANKS:
            position += 1
            continue
        start = position
        parts: list[str] = []
        while position < len(text) and text[position] not in BLANKS:
            if text[position] in QUOTES:
                part, position = _quoted(text, position)
            elif text[position] == ESCAPE:
                if position + 1 == len(text):
                    raise UnclosedError("No escaped character", position)
                part = text[position + 1]
                position += 2
            else:
                part = text[position]
                position += 1
            parts.append(part)
        yield Span("".join(parts), start, position)


def _quoted(text: str, start: int) -> tuple[str, int]:
    """The text between the quote at `start` and its partner, and the offset behind that."""
    quote = text[start]
    parts: list[str] = []
    position = start + 1
    while position < len(text):
        if text[position] == quote:
            return "".join(parts), position + 1
        if text[position] == ESCAPE and quote == '"':
            if position + 1 == len(text):
                raise UnclosedError("No escaped character", position)
            escaped = text[position + 1]
            parts.append(escaped if escaped in '"\\' else ESCAPE + escaped)
            position += 2
        else:
            parts.append(text[position])
            position += 1
    raise UnclosedError("No closing quotation", start)

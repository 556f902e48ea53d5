"""INI files: what iniconfig (the parser of pytest itself) reads in them, and where each character of it stands."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from precollect.reading.text import Problem, Route, Text, UnparsableError, decode

BYTE_ORDER_MARK = "\ufeff"


class Piece(NamedTuple):
    """One line of a value, blanks at both ends taken off, and the offset of its first character in the file."""

    text: str
    offset: int


class Ini:
    """The sections of one file: section → key → value, and the places of all of them.

    A value of several lines is joined by "\\n"; comment lines and blank lines within it are gone.
    Source: iniconfig 2.3.1, `_parse.py`.
    """

    def __init__(self, text: Text) -> None:
        """Raises UnparsableError where pytest would."""
        import iniconfig

        self.text = text
        try:
            config = iniconfig.IniConfig(text.path, data=text.content)
        except iniconfig.ParseError as error:
            # iniconfig counts more characters as newlines than an editor does (form feed, for one).
            line = text.content.splitlines(keepends=True)[: error.lineno]
            raise UnparsableError(Problem(text.place(sum(map(len, line))), error.msg)) from None
        self.sections = config.sections
        self._config = config
        self._line_offsets: list[int] = []
        self._line_texts: list[str] = []
        self._starts: list[int] = []
        self._pieces: dict[Route, tuple[list[Piece], list[int]]] = {}

    def header(self, route: Route) -> int:
        """The offset of a section's header."""
        return self._offset_of_line(self._line_of(str(route[0]), None))

    def key(self, route: Route) -> int:
        """The offset of a key's first letter."""
        return self._offset_of_line(self._line_of(*_section_and_key(route)))

    def character(self, route: Route, offset: int) -> int:
        """The offset in the file of the character at `offset` in a value; also of its end."""
        if route not in self._pieces:
            pieces = self.pieces(route)
            ends = list(accumulate(len(piece.text) + 1 for piece in pieces))
            self._pieces[route] = pieces, ends
        pieces, ends = self._pieces[route]
        number = bisect_right(ends, offset)
        if number == len(pieces):
            raise IndexError(f"no character {offset} in the value of {route}")
        return pieces[number].offset + offset - (ends[number - 1] if number else 0)

    def pieces(self, route: Route) -> list[Piece]:
        """The lines that make up a value; for an empty one a single empty piece behind the separator."""
        self._cut_lines()
        first = self._line_of(*_section_and_key(route))
        start = _value_start(self._line_texts[first])
        pieces = [self._piece(first, start)]
        for line in range(first + 1, self.line_behind(route)):
            piece = self._piece(line, 0)
            if piece.text and piece.text[0] not in "#;":
                pieces.append(piece)
        return pieces[1:] if not pieces[0].text and len(pieces) > 1 else pieces

    def line_behind(self, route: Route) -> int:
        """The number (as iniconfig counts, 0-based) of the next key's or section's line, or of the end."""
        self._cut_lines()
        after = bisect_right(self._starts, self._line_of(*_section_and_key(route)))
        return self._starts[after] if after < len(self._starts) else len(self._line_texts)

    def _piece(self, line: int, start: int) -> Piece:
        rest = self._line_texts[line][start:]
        stripped = rest.strip()
        blanks = len(rest) - len(rest.lstrip()) if stripped else 0
        return Piece(stripped, self._line_offsets[line] + start + blanks)

    def _line_of(self, section: str, key: str | None) -> int:
        line = self._config.lineof(section, key)
        if line is None:
            raise KeyError((section, key))
        return line - 1

    def _offset_of_line(self, line: int) -> int:
        self._cut_lines()
        return self._line_offsets[line]

    def _cut_lines(self) -> None:
        if self._line_texts or not self.text.content:
            return
        offset = 0
        for line in self.text.content.splitlines(keepends=True):
            self._line_offsets.append(offset)
            self._line_texts.append(line)
            offset += len(line)
        self._starts = sorted(
            self._line_of(section, key) for section, values in self.sections.items() for key in (None, *values)
        )


@lru_cache(maxsize=16)
def parse(path: str, data: bytes) -> Ini:
    """The sections of a file. Raises UnparsableError where pytest stops: no UTF-8, or not well-formed."""
    text = decode(path, data)
    return Ini(Text(path, text.content.removeprefix(BYTE_ORDER_MARK)))


def comment_behind(line: str) -> int | None:
    """The offset of what looks like a comment behind the value on a line, though it is part of it; None for none."""
    marks = (at for at, letter in enumerate(line) if letter in "#;" and at and line[at - 1] in " \t")
    return next((at for at in marks if line[:at].strip()), None)


def without_comment(line: str) -> str:
    """A line of a value without what looks like a comment behind it."""
    start = comment_behind(line)
    return line if start is None else line[:start].rstrip()


def _section_and_key(route: Route) -> tuple[str, str]:
    return str(route[0]), str(route[1])


def _value_start(line: str) -> int:
    """Where the text behind the separator begins: behind the first "=", or the first ":" where that stands before."""
    equals = line.find("=")
    colon = line.find(":")
    return (colon if equals < 0 or 0 <= colon < equals else equals) + 1

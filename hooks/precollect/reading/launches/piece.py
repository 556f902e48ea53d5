"""A text that a file holds in pieces, and the way from each of its characters to a place in the file."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

from precollect.findings import Place
from precollect.reading.text import Text


class Piece(NamedTuple):
    """A text, and (offset in it, offset in the file) of each run of characters that stand there in a row."""

    text: str
    source: Text
    runs: tuple[tuple[int, int], ...]

    def origin(self, offset: int) -> int:
        """The offset in the file of the character at an offset."""
        number = bisect_right(self.runs, (offset, len(self.source.content) + 1)) - 1
        start, origin = self.runs[max(number, 0)]
        return origin + offset - start

    def place(self, offset: int) -> Place:
        """The place in the file of the character at an offset."""
        return self.source.place(self.origin(offset))

    def behind(self, offset: int) -> Piece:
        """The text from an offset on, with blanks in the place of what stands before it."""
        return self._replace(text=" " * offset + self.text[offset:])


def default(match: re.Match[str]) -> str:
    """What stands for arguments that nobody gives, the first group of a match, at its own offset."""
    given = match[1] or ""
    return (" " * (match.start(1) - match.start()) + given if given else "").ljust(len(match[0]))


def piece(source: Text, offset: int, text: str) -> Piece:
    """A text that stands in one row in the file."""
    return Piece(text, source, ((0, offset),))


def joined(pieces: list[Piece], separator: str = "\n") -> Piece:
    """Several pieces of one file as one text, one-character separators between them."""
    texts: list[str] = []
    runs: list[tuple[int, int]] = []
    length = 0
    for each in pieces:
        runs += [(length + start, origin) for start, origin in each.runs]
        texts.append(each.text)
        length += len(each.text) + len(separator)
    return Piece(separator.join(texts), pieces[0].source, tuple(runs))

"""Changes of a text, and what removing some of its words or lines changes."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

NEWLINE = re.compile(r"\r\n|\r|\n")


class RefusedError(Exception):
    """An edit that cannot be made; the text says why, in one sentence."""


class Change(NamedTuple):
    """Characters to replace: offsets into the text with "\\n" for every newline, as `reading.text` gives it."""

    start: int
    end: int
    text: str = ""


class Token(NamedTuple):
    """A word or an item of a list, as offsets."""

    start: int
    end: int


def splice(original: str, changes: Iterable[Change]) -> str:
    """The text after the changes, which may overlap only where they remove; its own newlines stay as they are.

    `original` has its newlines as the file has them; a new line gets that of the line it stands on.
    """
    double = [match.start() - number for number, match in enumerate(re.finditer("\r\n", original))]
    parts: list[str] = []
    position = 0
    for start, end, text in sorted(changes):
        start, end = start + bisect_left(double, start), end + bisect_left(double, end)
        parts.append(original[position : max(start, position)])
        parts.append(text.replace("\n", _newline_at(original, start)) if "\n" in text else text)
        position = max(end, position)
    return "".join([*parts, original[position:]])


def _newline_at(text: str, offset: int) -> str:
    """The newline that ends the line at an offset, or the one before it, or the first of the text."""
    found = NEWLINE.search(text, offset)
    before = NEWLINE.findall(text[:offset])
    return found[0] if found else before[-1] if before else "\n"


def line_start(text: str, offset: int) -> int:
    """The offset at which the line of an offset begins."""
    return text.rfind("\n", 0, offset) + 1


def line_end(text: str, offset: int) -> int:
    """The offset of the newline that ends the line of an offset, or of the end of the text."""
    end = text.find("\n", offset)
    return len(text) if end < 0 else end


def next_line(text: str, offset: int) -> int:
    """The offset at which the line behind that of an offset begins, at most that of the end of the text."""
    return min(line_end(text, offset) + 1, len(text))


def indent_at(text: str, offset: int) -> str:
    """The blanks with which the line of an offset begins."""
    start = line_start(text, offset)
    line = text[start : line_end(text, offset)]
    return line[: len(line) - len(line.lstrip())]


def without_tokens(
    text: str,
    tokens: Sequence[Token],
    gone: set[int],
    *,
    opening: int,
    closing: int | None,
    comments: str = "",
    commas: bool = False,
) -> list[Change]:
    """What to remove so that some of the words of a value, or items of a list, are gone.

    A line goes when all of its tokens go, unless the value begins (`opening`) or ends (`closing`,
    None for a value that ends with its last token) on it. With it go the comment lines above that
    explained only it. `comments` are the characters that begin a comment line, "" where there is none.
    """
    lines = [set(_lines_of(text, token)) for token in tokens]
    staying = {line for number, token_lines in enumerate(lines) if number not in gone for line in token_lines}
    fixed = {line_start(text, opening), *([] if closing is None else [line_start(text, closing)])}
    leaving = {line for number in gone for line in lines[number]} - staying - fixed
    changes = [block_with_comments(text, block, staying, comments) for block in _blocks(text, sorted(leaving))]
    inline = [number for number in sorted(gone) if not lines[number] <= leaving]
    for run in _runs(text, tokens, inline):
        changes.append(_cut(text, tokens, run, gone, closing, commas))
    return changes


def block_with_comments(text: str, block: Change, staying: set[int], comments: str) -> Change:
    """A block of lines to remove, and the comment lines directly above where they explain nothing else.

    They do where a line in `staying` (offsets of line starts) follows the block directly.
    """
    start = block.start
    if block.end in staying:
        return block
    while start > 0:
        above = line_start(text, start - 1)
        line = text[above:start].lstrip()
        if not line or line[0] not in comments:
            break
        start = above
    return Change(start, block.end)


def with_gap(text: str, block: Change) -> Change:
    """A block of lines to remove, and the blank line above it where one follows too, or the text ends."""
    follows = text[block.end : line_end(text, block.end)]
    above = line_start(text, block.start - 1) if block.start else 0
    if follows.strip() or not block.start or text[above : block.start].strip():
        return block
    return Change(above, block.end)


def _lines_of(text: str, token: Token) -> Iterator[int]:
    """Where the lines begin that a token touches."""
    start = line_start(text, token.start)
    while start < token.end:
        yield start
        start = line_end(text, start) + 1


def _blocks(text: str, lines: Sequence[int]) -> list[Change]:
    """The removal of lines, given by where they begin: one change for lines that follow one another."""
    blocks: list[Change] = []
    for line in lines:
        end = next_line(text, line)
        if blocks and blocks[-1].end == line:
            blocks[-1] = Change(blocks[-1].start, end)
        else:
            blocks.append(Change(line, end))
    return blocks


def _runs(text: str, tokens: Sequence[Token], numbers: Sequence[int]) -> list[tuple[int, int]]:
    """First and last of the tokens that follow one another on one line."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1 and _same_line(text, tokens[number - 1], tokens[number]):
            runs[-1] = runs[-1][0], number
        else:
            runs.append((number, number))
    return runs


def _same_line(text: str, before: Token, behind: Token) -> bool:
    return "\n" not in text[before.end : behind.start]


def _cut(
    text: str, tokens: Sequence[Token], run: tuple[int, int], gone: set[int], closing: int | None, commas: bool
) -> Change:
    """The removal of tokens from a line that stays, with the blanks and commas that belong to them."""
    first, last = run
    start, end = tokens[first].start, tokens[last].end
    before = tokens[first - 1] if first else None
    behind = tokens[last + 1] if last + 1 < len(tokens) else None
    if before and first - 1 not in gone:
        if _same_line(text, before, tokens[first]):
            return Change(before.end, end)
        joins_the_bracket = closing is not None and _same_line(text, Token(0, end), Token(closing, closing))
        if commas and joins_the_bracket and not text[before.end : start].strip(" \t\n,"):
            return Change(before.end, end)
    if behind and last + 1 not in gone and _same_line(text, tokens[last], behind):
        return Change(start, behind.start)
    if commas:
        rest = text[end : line_end(text, end)]
        comma = len(rest) - len(rest.lstrip())
        return Change(start, end + comma + 1) if rest[comma : comma + 1] == "," else Change(start, end)
    if not text[end : line_end(text, end)].strip():  # nothing follows: the blanks before go, too
        start -= len(text[:start]) - len(text[:start].rstrip(" \t"))
    return Change(start, end)

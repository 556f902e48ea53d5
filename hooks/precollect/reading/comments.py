"""Comments in Python, TOML and INI files, and the line that each of them speaks of.

A text that merely looks like a comment is none: not within a string, and not behind the value of an
INI key, where pytest takes "#" and all that follows as part of the value (iniconfig 2.3.1, `_parse.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from precollect.findings import Place

LONGEST_LINE = 100_000  # characters; the tokenizer of 3.12 takes quadratic time, and nobody writes a longer line


class Comment(NamedTuple):
    """A comment from its first mark to the end of the line.

    `subject`: the 1-based line it speaks of. That is its own line where something stands before it,
    otherwise the next line that is neither blank nor a comment; 0 where none follows.
    """

    place: Place
    text: str
    subject: int


def comments_with(word: str, path: str, data: bytes) -> list[Comment]:
    """The comments of a file that contain an ASCII word; of a broken file those that can be told for sure."""
    if word.encode() not in data:
        return []
    if path.endswith((".py", ".pyi")):
        text, starts, marks = _python(data)
    elif path.endswith((".toml", ".lock")) or path.rpartition("/")[2] == "Pipfile":
        text, starts, marks = _toml(path, data)
    else:
        text, starts, marks = _lines(data)
    lines = text.split("\n")
    below = _lines_below(lines, marks)
    found = []
    for line, column in starts:
        comment = lines[line - 1][column - 1 :]
        if word in comment:
            alone = not lines[line - 1][: column - 1].strip()
            found.append(Comment(Place(path, line, column), comment.rstrip(), below[line] if alone else line))
    return found


Starts = list[tuple[int, int]]
"""1-based lines and columns at which comments begin."""


def _python(data: bytes) -> tuple[str, Starts, str]:
    import io
    import tokenize

    from precollect.reading.python.syntax import quietly

    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError:  # an encoding that does not exist
        return "", [], "#"
    # No Python reads past a NUL, and the tokenizer of 3.12 and 3.13 ends in a SystemError at one.
    text = _decoded(data, encoding).partition("\0")[0]
    if max(map(len, text.split("\n"))) > LONGEST_LINE:
        return "", [], "#"
    starts = []
    # The file may be broken, or written for another Python: what stands before that counts.
    with quietly(), suppress(tokenize.TokenError, SyntaxError):
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                starts.append((token.start[0], token.start[1] + 1))
    return text, starts, "#"


def _toml(path: str, data: bytes) -> tuple[str, Starts, str]:
    import re

    from precollect.reading import toml
    from precollect.reading.text import UnparsableError

    try:
        text = toml.parse(path, data).text
    except UnparsableError:
        return "", [], "#"
    # Only in a document that is valid does every quote begin a string that ends.
    strings_and_comments = (
        r'"""(?:[^"\\]+|\\.|"(?!""))*"{3,5}'
        r"|'''(?:[^']+|'(?!''))*'{3,5}"
        r'|"(?:[^"\\]+|\\.)*"'
        r"|'[^']*'"
        r"|(?P<comment>#[^\n]*)"
    )
    matches = re.finditer(strings_and_comments, text.content, re.DOTALL)
    places = (text.place(match.start()) for match in matches if match["comment"])
    return text.content, [(place.line, place.column) for place in places], "#"


def _lines(data: bytes) -> tuple[str, Starts, str]:
    """Comments on lines of their own, and behind the header of an INI section."""
    text = _decoded(data, "utf-8-sig")
    return text, list(_line_starts(text)), "#;"


def _line_starts(text: str) -> Iterator[tuple[int, int]]:
    for number, line in enumerate(text.split("\n"), 1):
        marks = [at for at in (line.find("#"), line.find(";")) if at >= 0]
        if marks:
            before = line[: min(marks)].rstrip()
            if not before or (before[0] == "[" and before[-1] == "]"):
                yield number, min(marks) + 1


def _lines_below(lines: list[str], marks: str) -> list[int]:
    """For each 1-based line the next one behind it that is neither blank nor a comment, 0 for none."""
    below = [0] * (len(lines) + 1)
    for number in range(len(lines) - 1, 0, -1):
        line = lines[number].lstrip()
        below[number] = number + 1 if line and line[0] not in marks else below[number + 1]
    return below


def _decoded(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding, "replace")
    except (LookupError, UnicodeError):  # "rot13" is a codec, but not one that decodes bytes
        text = data.decode("utf-8", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")

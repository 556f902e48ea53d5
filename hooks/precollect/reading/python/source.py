"""From bytes to a syntax tree, without a word printed."""

from __future__ import annotations

import ast
import re
import sys

from precollect.reading.python.encoding import decode
from precollect.reading.python.syntax import quietly

LARGEST_SOURCE = 2 * 1024 * 1024  # bytes; a syntax tree takes a hundred times the memory of its text
MOST_KEPT = 2 * 1024 * 1024  # bytes whose trees are kept; which take 60 to 150 MB

LINE_END = re.compile(rb"\r\n|\r|\n")

# Syntax that came after the oldest Python that may run us: an error near it may be ours alone.
NEWER_SYNTAX = (
    ((3, 11), re.compile(r"\bexcept\s*\*|\[[^\]]*\*|:\s*\*")),  # except*, x[*y], def f(*args: *Ts)
    ((3, 12), re.compile(r"^\s*type\s+\w|\b(?:def|class)\s+\w+\s*\[|(?i:\bf|\bfr|\brf)[\"']")),  # PEP 695, 701
    ((3, 14), re.compile(r"\bexcept\b[^:]*,|(?i:\bt|\btr|\brt)[\"']")),  # PEP 758, 750
    ((3, 15), re.compile(r"^\s*lazy\s+(?:import|from)\b|\*.*\bfor\b|\bfor\b.*\*")),  # PEP 810, 798
)
TRIPLE_QUOTED_F_STRING = re.compile(rb"(?:\b[fF]|\b[fF][rR]|\b[rR][fF])(?:'''|\"\"\")")
OUR_LIMITS = ("too many nested", "too many statically nested", "too many levels", "parser stack", "too complex")
LONGEST_LINE = 5000  # characters in which newer syntax is looked for: the work grows with the square
CONTEXT = 3  # lines before an error in which the newer syntax may stand


class UnreadError(Exception):
    """The file may be sound but this Python cannot read it; the text says why."""


class BrokenError(Exception):
    """No Python reads the file: `line` and `column` (1-based), `message` as Python words it."""

    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.message = message


class Source:
    """A parsed file."""

    def __init__(self, tree: ast.Module, data: bytes) -> None:
        self.tree = tree
        self._data = data
        self._plain = data.isascii()
        self._lines: list[bytes] | None = None

    def column(self, node: ast.expr | ast.stmt | ast.arg) -> int:
        """The 1-based column, in characters, at which a node begins (`ast` counts bytes of UTF-8, from 0)."""
        if self._plain or not node.col_offset:
            return node.col_offset + 1
        if self._lines is None:
            text = decode(self._data) or ""
            self._lines = LINE_END.split(text.encode("utf-8", "replace"))
        if node.lineno > len(self._lines):
            return node.col_offset + 1
        return len(self._lines[node.lineno - 1][: node.col_offset].decode("utf-8", "replace")) + 1


_kept: dict[bytes, Source] = {}
"""Those that were parsed last: several readers look at one file, and many files import one helper."""


def parse(data: bytes) -> Source:
    """The syntax tree of a file, which nobody may change.

    Raises BrokenError where no Python parses it, UnreadError where a newer one or one with other limits may.
    """
    source = _kept.pop(data, None) or _parsed(data)
    _kept[data] = source
    while sum(map(len, _kept)) > MOST_KEPT:
        del _kept[next(iter(_kept))]
    return source


def statements(data: bytes) -> list[ast.stmt]:
    """The statements of a file, which nobody may change; [] where it cannot be parsed."""
    try:
        return parse(data).tree.body
    except (BrokenError, UnreadError):
        return []


def _parsed(data: bytes) -> Source:
    if len(data) > LARGEST_SOURCE:
        raise UnreadError(f"larger than {LARGEST_SOURCE >> 20} MiB")
    if b"\0" in data:
        before = data[: data.index(b"\0")]
        line = len(LINE_END.split(before))
        column = len(LINE_END.split(before)[-1].decode("utf-8", "replace")) + 1
        raise BrokenError(line, column, "source code cannot contain null bytes")
    try:
        with quietly():
            return Source(ast.parse(data), data)
    except SyntaxError as error:
        raise _judge(error, data) from None
    except (RecursionError, MemoryError):
        raise UnreadError("nests too deeply to be read") from None
    except (ValueError, LookupError, UnicodeError) as error:
        raise UnreadError(f"cannot be read: {error}") from None


def _judge(error: SyntaxError, data: bytes) -> BrokenError | UnreadError:
    """Whether a syntax error is one in every Python."""
    line = error.lineno or 1
    message = error.msg
    if any(limit in message for limit in OUR_LIMITS):
        return UnreadError("nests too deeply to be read")
    if "unknown encoding" in message or "encoding problem" in message:
        return UnreadError(message)
    if not isinstance(error, IndentationError):
        lines = LINE_END.split(data)
        end = max(line, error.end_lineno or line)
        near = [
            part.decode("utf-8", "replace") for part in lines[max(0, line - 1 - CONTEXT) : min(end, line + CONTEXT)]
        ]
        if any(len(part) > LONGEST_LINE for part in near):
            return UnreadError("has lines too long to be judged")
        for version, pattern in NEWER_SYNTAX:
            if sys.version_info < version and any(pattern.search(part) for part in near):
                return UnreadError(_newer(version))
        if sys.version_info < (3, 12) and (message.startswith("f-string") or TRIPLE_QUOTED_F_STRING.search(data)):
            return UnreadError(_newer((3, 12)))
    return BrokenError(line, max(error.offset or 1, 1), message)


def _newer(version: tuple[int, int]) -> str:
    return (
        f"may need Python {version[0]}.{version[1]}, and is read by Python {sys.version_info[0]}.{sys.version_info[1]}"
    )

"""The text of a configuration file as pytest reads it, and the way from an offset in it to a place."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from precollect.findings import Place

Route = tuple[str | int, ...]
"""The way to a value: section and key in an INI file; the keys of tables and the numbers of items in a TOML file."""


class Problem(NamedTuple):
    """A place at which pytest gives up on a file, and what it says there."""

    place: Place
    message: str


class UnparsableError(Exception):
    """A file that pytest cannot read."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class Text:
    """Decoded text with "\\n" for every kind of newline, as Python's text mode hands it to pytest.

    All offsets count characters from its beginning, 0-based.
    """

    def __init__(self, path: str, content: str) -> None:
        self.path = path
        self.content = content
        self._lines: list[int] | None = None

    def place(self, offset: int) -> Place:
        """The place of the character at an offset."""
        if self._lines is None:
            self._lines = [0]
            end = self.content.find("\n") + 1
            while end:
                self._lines.append(end)
                end = self.content.find("\n", end) + 1
        line = bisect_right(self._lines, offset)
        return Place(self.path, line, offset - self._lines[line - 1] + 1)


def decode(path: str, data: bytes) -> Text:
    """The text of a file. Raises UnparsableError where it is no UTF-8, which is all that pytest reads."""
    try:
        content = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = decode(path, data[: error.start])
        raise UnparsableError(Problem(before.place(len(before.content)), str(error))) from None
    return Text(path, content.replace("\r\n", "\n").replace("\r", "\n") if "\r" in content else content)

"""TOML files: what tomllib reads in them, and where each key, value and character of them stands.

tomllib says what a document means but not where. The scanner below only says where; it is asked
only about documents that tomllib has accepted, so it need not judge what it meets. Should the two
ever disagree, the nearest place that is known is given instead.
"""

from __future__ import annotations

import re
from contextlib import suppress
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from precollect.findings import Place
from precollect.reading.text import Problem, Route, Text, UnparsableError, decode

BLANK = re.compile(r"[ \t]*")
BLANK_OR_COMMENT = re.compile(r"(?:[ \t\n]+|#[^\n]*)*")
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
BARE_VALUE = re.compile(r"[^,\]}#\n]*")
STRING = re.compile(
    r'"""(?:[^"\\]+|\\.|"(?!""))*"{3,5}'
    r"|'''(?:[^']+|'(?!''))*'{3,5}"
    r'|"(?:[^"\\]+|\\.)*"'
    r"|'[^']*'",
    re.DOTALL,
)
STRING_PART = re.compile(
    r"\\[ \t]*\n[ \t\n]*|\\U[0-9A-Fa-f]{8}|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|\\.|[^\\]", re.DOTALL
)
ERROR_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)")


class Node(NamedTuple):
    """Where a value stands: its key's first letter (None for an item of a list), and its text, as offsets."""

    key: int | None
    start: int
    end: int


class Toml:
    """One document: `tables`, as tomllib gives them, and the places of all that is in them."""

    def __init__(self, text: Text, tables: dict[str, Any]) -> None:
        self.text = text
        self.tables = tables

    def header(self, route: Route) -> int:
        """The offset of a table's header, or of the key that makes the table; else of what is nearest around it."""
        while route:
            if route in self._scanned.headers:
                return self._scanned.headers[route]
            if route in self.nodes:
                return self.key(route)
            route = route[:-1]
        return 0

    def key(self, route: Route) -> int:
        """The offset of a key's first letter, of an item's first character; else of what is nearest around it."""
        node = self.nodes.get(route)
        if node is None:
            return self.header(route)
        return node.start if node.key is None else node.key

    def character(self, route: Route, offset: int) -> int:
        """The offset in the file of the character at `offset` in a text value; of the value's start in any other."""
        node = self.nodes.get(route)
        if node is None:
            return self.header(route)
        offsets = self.offsets(node)
        return offsets[offset] if offset < len(offsets) else node.start

    def offsets(self, node: Node) -> list[int]:
        """Where in the file each character of a string stands, and where the string ends; [] for other values.

        A character that was written as an escape stands where the escape begins.
        """
        text = self.text.content
        if text[node.start] not in "\"'":
            return []
        quote = text[node.start]
        marks = 3 if text.startswith(quote * 3, node.start) and node.end - node.start >= 6 else 1
        start, end = node.start + marks, node.end - marks
        if marks == 3 and text[start] == "\n":
            start += 1
        if quote == "'":
            return list(range(start, end + 1))
        found = []
        while start < end:
            part = STRING_PART.match(text, start, end)
            if part is None:
                return []
            if not (part[0][0] == "\\" and part[0][-1] in " \t\n"):  # a backslash that ends its line stands for nothing
                found.append(start)
            start = part.end()
        return [*found, end]

    @property
    def nodes(self) -> dict[Route, Node]:
        """The way to a value → where it stands."""
        return self._scanned.nodes

    @cached_property
    def _scanned(self) -> _Scanner:
        scanner = _Scanner(self.text.content)
        with suppress(ValueError, RecursionError):  # what was found so far is right; the rest falls back to that
            scanner.scan()
        return scanner


@lru_cache(maxsize=16)
def parse(path: str, data: bytes) -> Toml:
    """The document of a file. Raises UnparsableError where pytest stops: no UTF-8, a BOM, or invalid TOML."""
    import sys

    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    text = decode(path, data)
    try:
        return Toml(text, tomllib.loads(text.content))
    except RecursionError:
        raise UnparsableError(Problem(Place(path, 1, 1), "nested too deeply")) from None
    except ValueError as error:  # TOMLDecodeError, and what int() says of a number with thousands of digits
        raise UnparsableError(Problem(_error_place(text, str(error)), str(error))) from None


def _error_place(text: Text, message: str) -> Place:
    found = ERROR_PLACE.search(message)
    if found is None:
        return Place(text.path, 1, 1)
    if found[1] is None:
        return text.place(len(text.content.rstrip("\n")))
    return Place(text.path, int(found[1]), int(found[2]))


class _Scanner:
    """Finds where keys and values stand in a valid document."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.nodes: dict[Route, Node] = {}
        self.headers: dict[Route, int] = {}
        self._lengths: dict[Route, int] = {}  # of the arrays of tables met so far

    def scan(self) -> None:
        """Raises ValueError where the text is not what a valid document looks like."""
        table: Route = ()
        position = self._skip(0)
        while position < len(self.text):
            if self.text[position] == "[":
                table, position = self._header(position)
            else:
                position = self._pair(table, position)
            position = self._skip(position)

    def _header(self, position: int) -> tuple[Route, int]:
        brackets = 2 if self.text.startswith("[[", position) else 1
        keys, end = self._keys(position + brackets)
        route: Route = ()
        for key, _ in keys[:-1]:
            route = self._last_of((*route, key))
        route = (*route, keys[-1][0])
        if brackets == 2:
            number = self._lengths.get(route, 0)
            self._lengths[route] = number + 1
            self.headers.setdefault(route, position)
            route = (*route, number)
        self.headers[route] = position
        for depth in range(1, len(route)):
            self.headers.setdefault(route[:depth], position)
        return route, self._expect("]" * brackets, end)

    def _last_of(self, route: Route) -> Route:
        """The route to the table that a name means within a header: the last one of an array of tables."""
        return (*route, self._lengths[route] - 1) if route in self._lengths else route

    def _pair(self, table: Route, position: int) -> int:
        keys, end = self._keys(position)
        for depth in range(1, len(keys)):
            self.headers.setdefault((*table, *(key for key, _ in keys[:depth])), keys[depth - 1][1])
        start = self._blank(self._expect("=", end))
        return self._value((*table, *(key for key, _ in keys)), keys[-1][1], start)

    def _keys(self, position: int) -> tuple[list[tuple[str, int]], int]:
        """The parts of a dotted key, each with its offset, and where the key ends."""
        keys = []
        while True:
            position = self._blank(position)
            bare = BARE_KEY.match(self.text, position)
            if bare:
                keys.append((bare[0], position))
                position = self._blank(bare.end())
            else:
                end = self._string(position)
                keys.append((_decoded(self.text[position:end]), position))
                position = self._blank(end)
            if not self.text.startswith(".", position):
                return keys, position
            position += 1

    def _value(self, route: Route, key: int | None, start: int) -> int:
        first = self.text[start : start + 1]
        if first and first in "\"'":
            end = self._string(start)
        elif first == "[":
            end = self._array(route, start + 1)
        elif first == "{":
            end = self._inline_table(route, start + 1)
        else:
            bare = BARE_VALUE.match(self.text, start)
            assert bare is not None  # it matches the empty text too
            end = start + len(bare[0].rstrip())
            if end == start:
                raise ValueError("no value")
        self.nodes[route] = Node(key, start, end)
        return end

    def _array(self, route: Route, position: int) -> int:
        number = 0
        position = self._skip(position)
        while not self.text.startswith("]", position):
            position = self._skip(self._value((*route, number), None, position))
            number += 1
            if not self.text.startswith("]", position):
                position = self._skip(self._expect(",", position))
        return position + 1

    def _inline_table(self, route: Route, position: int) -> int:
        position = self._skip(position)
        while not self.text.startswith("}", position):
            position = self._skip(self._pair(route, position))
            if not self.text.startswith("}", position):
                position = self._skip(self._expect(",", position))
        return position + 1

    def _string(self, position: int) -> int:
        found = STRING.match(self.text, position)
        if found is None:
            raise ValueError("no string")
        return found.end()

    def _expect(self, mark: str, position: int) -> int:
        if not self.text.startswith(mark, position):
            raise ValueError(f"no {mark}")
        return position + len(mark)

    def _blank(self, position: int) -> int:
        found = BLANK.match(self.text, position)
        return found.end() if found else position

    def _skip(self, position: int) -> int:
        found = BLANK_OR_COMMENT.match(self.text, position)
        return found.end() if found else position


def _decoded(key: str) -> str:
    """What a quoted key means."""
    if key[0] == "'":
        return key[1:-1]
    return STRING_PART.sub(lambda part: _unescaped(part[0]), key[1:-1])


def _unescaped(part: str) -> str:
    if part[0] != "\\":
        return part
    if part[1] in "uUx":
        return chr(int(part[2:], 16))
    return {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b"}.get(part[1], part[1])

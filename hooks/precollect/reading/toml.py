"""TOML files: what tomllib reads in them, and where each key, value and character of them stands.

tomllib says what a document means but not where. The scanner below only says where; it is asked
only about documents that tomllib has accepted, so it need not judge what it meets. Should the two
ever disagree, the nearest place that is known is given instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from precollect.findings import Place
from precollect.reading.text import Problem, Route, Text, UnparsableError, decode

# No regular expressions here: compiling them would take longer than scanning most files.
BLANKS = " \t"
BLANKS_AND_NEWLINES = " \t\n"
BARE_KEY = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
BEHIND_A_BARE_VALUE = ",]}#\n"
ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b", '"': '"', "\\": "\\"}
MOST_NODES = 200_000
MOST_PARTS = 250  # of a dotted key
DIGITS = {"x": 2, "u": 4, "U": 8}  # of an escape that names a code point


class Node(NamedTuple):
    """Where a value stands, as offsets: its text, its key's first letter, and that of the whole dotted key.

    An item of a list has no key.
    """

    start: int
    end: int
    key: int | None = None
    dotted_key: int | None = None


class Toml:
    """One document: `tables`, as tomllib gives them, and the places of all that is in them."""

    def __init__(self, text: Text, tables: dict[str, Any]) -> None:
        self.text = text
        self.tables = tables

    def value(self, route: Route) -> Any:
        """The value at the end of a way through tables, None where there is none."""
        value: Any = self.tables
        for key in route:
            if not isinstance(value, dict) or key not in value:
                return None
            value = value[key]
        return value

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
        try:
            return [*(offset for offset, _ in _characters(text, start, end)), end]
        except (ValueError, IndexError):
            return []

    @property
    def nodes(self) -> dict[Route, Node]:
        """The way to a value → where it stands."""
        return self._scanned.nodes

    def end_of_table(self, route: Route) -> int | None:
        """The offset behind the last pair below a table's header, or behind a header alone; None without a header."""
        return self._scanned.ends.get(route)

    @cached_property
    def _scanned(self) -> _Scanner:
        scanner = _Scanner(self.text.content)
        # Should it stumble, what it found so far is right, and the rest falls back to that.
        with suppress(ValueError, IndexError, RecursionError):
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
    if _has_endless_key(text.content):
        raise UnparsableError(Problem(Place(path, 1, 1), "nested too deeply"))
    try:
        return Toml(text, tomllib.loads(text.content))
    except RecursionError:
        raise UnparsableError(Problem(Place(path, 1, 1), "nested too deeply")) from None
    except ValueError as error:  # TOMLDecodeError, and what int() says of a number with thousands of digits
        raise UnparsableError(Problem(_error_place(text, str(error)), str(error))) from None


def _has_endless_key(content: str) -> bool:
    """Whether a key has more parts than anybody writes: tomllib takes time that grows with the square of them."""
    if content.count(".") <= MOST_PARTS:
        return False
    import re

    quoted, part = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'"), re.compile(r"[ \t]*[\w-]+[ \t]*")
    for line in content.split("\n"):
        parts = 0
        for piece in quoted.sub("q", line).split(".") if line.count(".") > MOST_PARTS else ():
            parts = parts + 1 if part.fullmatch(piece) else 0
            if parts > MOST_PARTS:
                return True
    return False


def _error_place(text: Text, message: str) -> Place:
    """The place that a message of tomllib ends with: "(at line 3, column 5)", "(at end of document)"."""
    import re

    if found := re.search(r"\(at line (\d+), column (\d+)\)$", message):
        return Place(text.path, int(found[1]), int(found[2]))
    if message.endswith("(at end of document)"):
        return text.place(len(text.content.rstrip("\n")))
    return Place(text.path, 1, 1)


class _Scanner:
    """Finds where keys and values stand in a valid document."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.nodes: dict[Route, Node] = {}
        self.headers: dict[Route, int] = {}
        self.ends: dict[Route, int] = {}  # of the tables that have a header
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
            self.ends[table] = position
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
        return self._value((*table, *(key for key, _ in keys)), start, keys[-1][1], keys[0][1])

    def _keys(self, position: int) -> tuple[list[tuple[str, int]], int]:
        """The parts of a dotted key, each with its offset, and where the key ends."""
        keys = []
        while True:
            position = self._blank(position)
            if self.text[position] in BARE_KEY:
                end = self._end_of_bare_key(position)
                keys.append((self.text[position:end], position))
            else:
                end = _string_end(self.text, position)
                keys.append((_decoded(self.text[position:end]), position))
            position = self._blank(end)
            if not self.text.startswith(".", position):
                return keys, position
            position += 1

    def _value(self, route: Route, start: int, key: int | None = None, dotted_key: int | None = None) -> int:
        first = self.text[start : start + 1]
        if first and first in "\"'":
            end = _string_end(self.text, start)
        elif first == "[":
            end = self._array(route, start + 1)
        elif first == "{":
            end = self._inline_table(route, start + 1)
        else:
            end = self._end_of_bare_value(start)
        self.nodes[route] = Node(start, end, key, dotted_key)
        if len(self.nodes) > MOST_NODES:
            raise ValueError("more values than anybody wrote")
        return end

    def _array(self, route: Route, position: int) -> int:
        number = 0
        position = self._skip(position)
        while not self.text.startswith("]", position):
            position = self._skip(self._value((*route, number), position))
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

    def _expect(self, mark: str, position: int) -> int:
        if not self.text.startswith(mark, position):
            raise ValueError(f"no {mark}")
        return position + len(mark)

    def _blank(self, position: int) -> int:
        while self.text[position : position + 1] in (" ", "\t"):
            position += 1
        return position

    def _skip(self, position: int) -> int:
        """The offset of the first character that is neither blank nor newline nor comment."""
        text = self.text
        while position < len(text):
            if text[position] == "#":
                position = text.find("\n", position)
                if position < 0:
                    return len(text)
            elif text[position] not in BLANKS_AND_NEWLINES:
                return position
            position += 1
        return position

    def _end_of_bare_key(self, position: int) -> int:
        while position < len(self.text) and self.text[position] in BARE_KEY:
            position += 1
        return position

    def _end_of_bare_value(self, start: int) -> int:
        """Where a number, date or boolean ends. Raises ValueError where there is none."""
        end = start
        while end < len(self.text) and self.text[end] not in BEHIND_A_BARE_VALUE:
            end += 1
        value = self.text[start:end].rstrip(BLANKS)
        if not value:
            raise ValueError("no value")
        return start + len(value)


def _string_end(text: str, start: int) -> int:
    """The offset behind the string that begins at `start`. Raises ValueError where none does."""
    quote = text[start : start + 1]
    if not quote or quote not in "\"'":
        raise ValueError("no string")
    closing = quote * 3 if text.startswith(quote * 3, start) else quote
    position = start + len(closing)
    end = text.index(closing, position)
    while quote == '"' and (backslash := text.find("\\", position, end)) >= 0:
        position = backslash + 2
        if position > end:  # what seemed to close the string is escaped
            end = text.index(closing, position)
    end += len(closing)
    extra = 2 if len(closing) == 3 else 0  # as many quotes may stand directly before the closing ones
    while extra and text.startswith(quote, end):
        extra -= 1
        end += 1
    return end


def _characters(text: str, start: int, end: int) -> Iterator[tuple[int, str]]:
    """The characters that a piece of a basic string stands for, each with its offset.

    Raises ValueError for a backslash that no valid document holds.
    """
    while start < end:
        if text[start] != "\\":
            yield start, text[start]
            start += 1
        elif (escaped := text[start + 1]) in ESCAPES:
            yield start, ESCAPES[escaped]
            start += 2
        elif escaped in DIGITS:
            behind = start + 2 + DIGITS[escaped]
            yield start, chr(int(text[start + 2 : behind], 16))
            start = behind
        elif escaped in BLANKS_AND_NEWLINES:  # at the end of a line: all blanks up to the next character are nothing
            start += 1
            while start < end and text[start] in BLANKS_AND_NEWLINES:
                start += 1
        else:
            raise ValueError(f"no escape: {escaped}")


def _decoded(key: str) -> str:
    """What a quoted key means."""
    return key[1:-1] if key[0] == "'" else "".join(letter for _, letter in _characters(key, 1, len(key) - 1))

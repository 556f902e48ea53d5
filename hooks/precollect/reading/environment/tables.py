"""Tables of a TOML document whose types nobody has checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from precollect.findings import Place
from precollect.reading import toml
from precollect.reading.environment.sets import UnreadableSourceError, content
from precollect.reading.text import Route, UnparsableError
from precollect.reading.tree import Tree


class Table:
    """A table, {} where it is absent; `odd` collects what has another type than it should have."""

    def __init__(self, document: toml.Toml, route: Route, values: dict[str, Any], odd: list[str]) -> None:
        self.document = document
        self.route = route
        self.values = values
        self.odd = odd

    def __bool__(self) -> bool:
        return bool(self.values)

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def __iter__(self) -> Iterator[str]:
        return iter(self.values)

    def get(self, key: str) -> Any:
        """A value of any type, None where it is absent."""
        return self.values.get(key)

    def table(self, *keys: str) -> Table:
        """A table within this one."""
        table = self
        for key in keys:
            value = table.values.get(key, {})
            if not isinstance(value, dict):
                value = {}
                table.note(key, "no table")
            table = Table(self.document, (*table.route, key), value, self.odd)
        return table

    def text(self, key: str) -> str:
        """A text, "" where it is absent or no text."""
        value = self.values.get(key, "")
        return value if isinstance(value, str) else ""

    def items(self, key: str) -> list[tuple[Any, Callable[[], Place]]]:
        """The items of a list, each with its place; [] where it is absent."""
        value = self.values.get(key, [])
        if not isinstance(value, list):
            self.note(key, "no list")
            return []
        return [(item, self.where(key, number)) for number, item in enumerate(value)]

    def strings(self, key: str) -> list[tuple[str, Callable[[], Place]]]:
        """The items of a list of texts, each with the place of its first character."""
        found = []
        for item, where in self.items(key):
            if isinstance(item, str):
                found.append((item, where))
            else:
                self.note(key, "no list of texts")
        return found

    def where(self, *route: str | int) -> Callable[[], Place]:
        """How to find the place of a value's first character."""
        return partial(_place_of_value, self.document, (*self.route, *route))

    def where_key(self, *route: str | int) -> Callable[[], Place]:
        """How to find the place of a key's first letter."""
        return partial(_place_of_key, self.document, (*self.route, *route))

    def note(self, key: str, what: str) -> None:
        """Note that a key holds something else than it should."""
        self.odd.append(f"{'.'.join(map(str, (*self.route, key)))} is {what}")


def read(tree: Tree, path: str) -> Table:
    """The document in a file. Raises UnreadableSourceError."""
    try:
        document = toml.parse(path, content(tree, path))
    except UnparsableError as error:
        raise UnreadableSourceError(f"line {error.problem.place.line}: {error.problem.message}") from None
    return Table(document, (), document.tables, [])


def _place_of_value(document: toml.Toml, route: Route) -> Place:
    return document.text.place(document.character(route, 0))


def _place_of_key(document: toml.Toml, route: Route) -> Place:
    return document.text.place(document.key(route))

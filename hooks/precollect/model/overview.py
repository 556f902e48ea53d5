"""Many Python files in an order, and what their sketches show: what rules ask before they look at one closely.

A question is put to each text that a field holds, not to each file: thousands of files share a few.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from precollect.reading.python.facts import Flag, Names, words

if TYPE_CHECKING:
    from precollect.memory.sketches import Column
    from precollect.model.modules import Modules


class Overview:
    """What the sketches of some files show. They are made when the first question is asked."""

    def __init__(self, modules: Modules, paths: Sequence[str]) -> None:
        self.paths = paths
        self._modules = modules
        self._columns: dict[str, Column] = {}
        self._names: dict[str, frozenset[str]] = {}

    def flagged(self, flag: Flag) -> list[str]:
        """The files whose sketch raises a flag, in order."""
        return self.naming("flags", [flag])

    def naming(self, field: Names, names: Iterable[str]) -> list[str]:
        """The files whose sketch holds one of these names in a field, in order."""
        wanted = self.names(field).intersection(names)
        return self.which(field, lambda text: not wanted.isdisjoint(words(text))) if wanted else []

    def using(self, marks: Collection[str]) -> list[str]:
        """The files that may use one of these marks, in order."""
        found = {*self.flagged("open_marks"), *self.naming("marks", marks)} if marks else ()
        return [path for path in self.paths if path in found] if found else []

    def names(self, field: Names) -> frozenset[str]:
        """Every name that a field holds in one of the sketches."""
        if field not in self._names:
            found: set[str] = set()
            for text in self.texts(field):
                found.update(words(text))
            self._names[field] = frozenset(found)
        return self._names[field]

    def texts(self, field: str) -> Counter[str]:
        """Every text that a field holds in one of the sketches, and in how many."""
        texts, numbers = self._column(field)
        return Counter({texts[number]: count for number, count in Counter(numbers).items()})

    def which(self, field: str, holds: Callable[[str], bool]) -> list[str]:
        """The files whose sketch has a text in a field of which something holds, in order."""
        texts, numbers = self._column(field)
        wanted = {number for number in set(numbers) if holds(texts[number])}
        return [path for path, number in zip(self.paths, numbers, strict=True) if number in wanted] if wanted else []

    def _column(self, field: str) -> Column:
        if field not in self._columns:
            self._columns[field] = self._modules.column(field, self._rows)
        return self._columns[field]

    @cached_property
    def _rows(self) -> list[int]:
        return self._modules.rows(self.paths)

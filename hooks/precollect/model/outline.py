"""The definitions of one file, found by their names."""

from __future__ import annotations

from precollect.reading.python.facts import Class, Function, Module


class Outline:
    """Where a file's functions and classes stand in each other."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.classes = {(*found.classes, found.name): found for found in module.classes}
        """Names from the outside in → the class that has them in the end."""
        self.marks = frozenset(mark for each in module.pytestmarks if not each.owner for mark in each.marks)
        """The marks that `pytestmark` puts on everything in the file."""
        self._last_lines = {names: found.line for names, found in self.classes.items()}
        for function in module.functions:
            names = (*function.classes, function.name)
            self._last_lines[names] = max(function.line, self._last_lines.get(names, 0))

    def around(self, found: Function | Class) -> list[Class | None]:
        """The classes around a definition, from the outside in; None for one that is not known."""
        return [self.classes.get(found.classes[: depth + 1]) for depth in range(len(found.classes))]

    def is_replaced(self, function: Function) -> bool:
        """Whether a function, or a class around it, is defined once more further down."""
        names = (*function.classes, function.name)
        return any(self._last_lines.get(names[: depth + 1], 0) > function.line for depth in range(len(names)))

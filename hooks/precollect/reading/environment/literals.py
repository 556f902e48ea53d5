"""What a Python file says in plain literals: setup.py and noxfile.py, read and never run."""

from __future__ import annotations

import ast
from typing import Any

from precollect.reading.environment.sets import UnreadableSourceError, content
from precollect.reading.python import source
from precollect.reading.tree import Tree

DEEPEST = 50  # of nested expressions and of names that stand for names
MOST_STEPS = 10_000  # to the values of one file, and items of a list
LONGEST = 1 << 16  # characters of a text


class ComputedError(Exception):
    """An expression whose value is only known when the file runs."""


def parse(tree: Tree, path: str) -> ast.Module:
    """The parsed file. Raises UnreadableSourceError."""
    try:
        return source.parse(content(tree, path)).tree
    except (source.BrokenError, source.UnreadError):
        raise UnreadableSourceError("no Python that can be read") from None


class Names:
    """The names that a piece of code binds to literals, once and for all."""

    def __init__(self, statements: list[ast.stmt], outer: Names | None = None) -> None:
        self.outer = outer
        self._steps = 0
        self._bound: dict[str, ast.expr | None] = {}
        self._items: dict[str, list[tuple[ast.expr, ast.expr]]] = {}
        for statement in statements:
            self._bind(statement)

    def value(self, node: ast.expr, depth: int = DEEPEST) -> Any:
        """The value of an expression of texts, lists and dictionaries. Raises ComputedError."""
        self._steps += 1
        if depth == 0 or self._steps > MOST_STEPS:
            raise ComputedError
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            return self._list(node.elts, depth)
        if isinstance(node, ast.Dict) or (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "dict"):
            return {name: self.value(item, depth - 1) for name, item in self.entries(node, depth - 1).items()}
        if isinstance(node, ast.Name):
            return self._name(node, depth)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = self.value(node.left, depth - 1), self.value(node.right, depth - 1)
            if isinstance(left, str) and isinstance(right, str) and len(left) + len(right) <= LONGEST:
                return left + right
            if isinstance(left, list) and isinstance(right, list) and len(left) + len(right) <= MOST_STEPS:
                return left + right
        if isinstance(node, ast.Subscript):
            key = self.value(node.slice, depth - 1)
            entries = self.entries(node.value, depth - 1)  # an entry may be made from another one
            if isinstance(key, str) and key in entries:
                return self.value(entries[key], depth - 1)
        raise ComputedError

    def entries(self, node: ast.expr, depth: int = DEEPEST) -> dict[str, ast.expr]:
        """Key → expression of a dictionary, whose values may be computed. Raises ComputedError."""
        if depth == 0:
            raise ComputedError
        found: dict[str, ast.expr] = {}
        if isinstance(node, ast.Name):
            if node.id not in self._bound and self.outer is not None:
                return self.outer.entries(node, depth - 1)
            bound = self._bound.get(node.id)
            if bound is None:
                raise ComputedError
            found = self.entries(bound, depth - 1)
            pairs: list[tuple[ast.expr | None, ast.expr]] = list(self._items.get(node.id, ()))
        elif isinstance(node, ast.Dict):
            pairs = list(zip(node.keys, node.values, strict=True))
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "dict" and not node.args:
            pairs = [(ast.Constant(word.arg) if word.arg else None, word.value) for word in node.keywords]
        else:
            raise ComputedError
        for key, value in pairs:
            if key is None:
                found.update(self.entries(value, depth - 1))
            elif isinstance(name := self.value(key, depth - 1), str):
                found[name] = value
            else:
                raise ComputedError
        return found

    def _list(self, elements: list[ast.expr], depth: int) -> list[Any]:
        found: list[Any] = []
        for element in elements:
            if isinstance(element, ast.Starred):
                inner = self.value(element.value, depth - 1)
                if not isinstance(inner, list):
                    raise ComputedError
                found.extend(inner)
            else:
                found.append(self.value(element, depth - 1))
        return found

    def _name(self, node: ast.Name, depth: int) -> Any:
        if node.id not in self._bound and self.outer is not None:
            return self.outer.value(node, depth - 1)
        bound = self._bound.get(node.id)
        if bound is None:
            raise ComputedError
        if node.id in self._items:
            return {name: self.value(item, depth - 1) for name, item in self.entries(node, depth - 1).items()}
        return self.value(bound, depth - 1)

    def _bind(self, statement: ast.stmt) -> None:
        """Take in what one statement binds; a name bound twice, or in a way that is not followed, is computed."""
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target, value = statement.targets[0], statement.value
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            target, value = statement.target, statement.value
        else:
            self._forget(statement)
            return
        if isinstance(target, ast.Name):
            self._bound[target.id] = None if target.id in self._bound else value
        elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
            self._items.setdefault(target.value.id, []).append((target.slice, value))
        else:
            self._forget(statement)

    def _forget(self, statement: ast.stmt) -> None:
        """Any other statement computes the names that it stores to, and those whose methods it calls."""
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            return
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self._bound[node.id] = None
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                if node.attr in ("append", "extend", "update", "insert", "setdefault", "remove", "pop"):
                    self._bound[node.value.id] = None
            elif (
                isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name)
            ):
                if isinstance(node.slice, ast.Constant):  # the entry alone is computed
                    computed = ast.copy_location(ast.expr(), node)
                    self._items.setdefault(node.value.id, []).append((node.slice, computed))
                else:
                    self._bound[node.value.id] = None


def texts(value: Any) -> list[str]:
    """A list of texts, also from one text with a requirement on each line. Raises ComputedError for all else."""
    if value is None:
        return []
    if isinstance(value, str):
        return [line.strip() for line in value.splitlines() if line.strip() and not line.strip().startswith("#")]
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    raise ComputedError

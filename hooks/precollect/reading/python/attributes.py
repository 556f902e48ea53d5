"""Attributes of `self` that one method of a class sets and others read, as they are written."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from precollect.reading.python.source import statements


def set_and_read(data: bytes, owner: str, setter: str) -> dict[str, str]:
    """Method → the first attribute that it reads at once and that only `setter` gives a value; {} where unsure.

    `owner` is the dotted name of a class within the module. A class with bases, or one that looks
    attributes up by other means, is not sure.
    """
    found = _class(statements(data), owner.split("."))
    if found is None or found.bases or found.keywords or found.decorator_list:
        return {}
    methods = {node.name: node for node in found.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}
    elsewhere = {name for node in found.body if node is not methods[setter] for name in _stored(node)}
    if not elsewhere.isdisjoint({"__getattr__", "__getattribute__", "__dict__", "setattr"}) or "setattr" in ast.dump(
        found
    ):
        return {}
    only = set(_stored(methods[setter])) - elsewhere
    needs = {}
    for name, method in methods.items():
        read = next((attribute for attribute in _read_at_once(method) if attribute in only), None)
        if read is not None and name != setter:
            needs[name] = read
    return needs


def _class(body: list[ast.stmt], names: list[str]) -> ast.ClassDef | None:
    for node in body:
        if isinstance(node, ast.ClassDef) and node.name == names[0]:
            return _class(node.body, names[1:]) if len(names) > 1 else node
    return None


def _stored(node: ast.AST) -> Iterator[str]:
    """Names that a part of a class body binds: as attributes of anything, or in the class itself."""
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store):
            yield part.attr
        elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            yield part.id
        elif isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield part.name


def _read_at_once(method: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    """Attributes of the first argument that the simple statements of a method's body read."""
    if not method.args.args:
        return
    own = method.args.args[0].arg
    for statement in method.body:
        if not isinstance(statement, (ast.Assert, ast.Assign, ast.Expr, ast.Return, ast.AugAssign, ast.AnnAssign)):
            return
        parts = list(ast.walk(statement))
        if any(isinstance(part, (ast.Lambda, ast.IfExp, ast.BoolOp)) for part in parts):
            return
        for part in parts:
            if (
                isinstance(part, ast.Attribute)
                and isinstance(part.ctx, ast.Load)
                and isinstance(part.value, ast.Name)
                and part.value.id == own
            ):
                yield part.attr

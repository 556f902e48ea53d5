"""Options whose value a hook asks for as soon as it is called."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from precollect.reading.python.source import statements

NOT_AT_ONCE = (ast.For, ast.While, ast.Try, ast.With, ast.Lambda, ast.IfExp, ast.BoolOp, ast.FunctionDef, ast.ListComp)


def asked_by_hooks(data: bytes, hooks: Collection[str]) -> Iterator[tuple[int, str]]:
    """(line, option) of every `config.getoption("--x")` without a default that a call of one of these hooks reaches."""
    for node in statements(data):
        if isinstance(node, ast.FunctionDef) and node.name in hooks:
            for statement in node.body:
                yield from _asked(statement.test if isinstance(statement, ast.If) else statement)
                if isinstance(statement, (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.Return, ast.Raise)):
                    break


def _asked(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Those in a part that is evaluated as a whole: of `a and b`, only `a` is."""
    if isinstance(node, ast.BoolOp):
        yield from _asked(node.values[0])
        return
    parts = list(ast.walk(node))
    if any(isinstance(part, NOT_AT_ONCE) for part in parts):
        return
    for part in parts:
        if (
            isinstance(part, ast.Call)
            and isinstance(part.func, ast.Attribute)
            and part.func.attr == "getoption"
            and len(part.args) == 1
            and not part.keywords
            and isinstance(part.args[0], ast.Constant)
            and isinstance(part.args[0].value, str)
        ):
            yield part.lineno, part.args[0].value

"""The names that a module or its classes bind by other means than imports and definitions."""

from __future__ import annotations

import ast
from functools import lru_cache

from precollect.reading.python.source import statements

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@lru_cache(maxsize=8)
def bound_names(data: bytes) -> frozenset[str]:
    """Names bound by assignments of any kind: in loops, `with`, `match`, `:=`, to attributes, by `global`.

    Those that functions keep to themselves are left out. Empty for a file that cannot be parsed.
    """
    found: set[str] = set()
    pending: list[tuple[ast.AST, bool]] = [(statement, False) for statement in statements(data)]
    while pending:
        node, inside = pending.pop()
        if isinstance(node, ast.Global):
            found.update(node.names)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.add(node.attr)
        elif not inside:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found.add(node.id)
            elif isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name:
                found.add(node.name)
            elif isinstance(node, ast.MatchMapping) and node.rest:
                found.add(node.rest)
        inside = inside or isinstance(node, FUNCTIONS)
        pending += [(child, inside) for child in ast.iter_child_nodes(node)]
    return frozenset(found)

"""Calls of parametrize as they are written: names, rows of values, ids; never evaluated.

What is no literal is unknown (None), and so is everything that depends on it.
Source: `_pytest/mark/structures.py` `ParameterSet._for_parametrize`, `_pytest/python.py` `IdMaker` (9.2.0).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from precollect.reading.python.source import BrokenError, Source, UnreadError, parse

LONGEST_ID = 50  # characters; pytest has its own ways with longer texts


class Row(NamedTuple):
    """One set of values. `id` is as pytest makes it; `length` is how many values it has, -1 where it cannot have one.

    None: unknown.
    """

    line: int
    column: int
    length: int | None
    id: str | None
    marks: tuple[str, ...] = ()
    """What `pytest.param(marks=)` certainly gets: the names of marks, and texts, which are no marks, in quotes."""


class Parametrize(NamedTuple):
    """One decorator. `line` is that of `facts.Decorator`, `owner` the dotted name of the function or class."""

    owner: str
    line: int
    column: int
    names: tuple[str, ...] | None
    in_list: bool
    """The names are given as a list or tuple: then even one name takes rows."""
    rows: tuple[Row, ...] | None
    positional: int
    """How many arguments are certainly given by position."""
    keywords: tuple[str, ...]
    complete: bool
    """No `*args` or `**kwargs` bring more."""
    indirect: tuple[str, ...] | bool | None
    ids: int | None
    """How many ids are listed; None where no list of them is given, or not known."""
    scope: str | None
    """The scope, as far as it is a text."""


def read(data: bytes) -> tuple[Parametrize, ...]:
    """Every decorator `...parametrize(...)` on a function or class of a module; () where it does not parse."""
    try:
        source = parse(data)
    except (BrokenError, UnreadError):
        return ()
    return tuple(_decorators(source, source.tree.body, ""))


def _decorators(source: Source, body: list[ast.stmt], owner: str) -> Iterator[Parametrize]:
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            name = f"{owner}.{node.name}" if owner else node.name
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and _last_name(decorator.func) == "parametrize":
                    yield _parametrize(source, name, decorator)
            if isinstance(node, ast.ClassDef):
                yield from _decorators(source, node.body, name)


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _parametrize(source: Source, owner: str, call: ast.Call) -> Parametrize:
    complete = all(keyword.arg for keyword in call.keywords) and not any(
        isinstance(argument, ast.Starred) for argument in call.args
    )
    given = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    for key, value in zip(("argnames", "argvalues", "indirect", "ids"), call.args, strict=False):
        given.setdefault(key, value)
    names, in_list = _names(given.get("argnames")) if complete else (None, False)
    ids = _ids(given.get("ids")) if complete else None
    rows = None
    if complete and names is not None:
        rows = _rows(source, given.get("argvalues"), names, in_list, ids, "ids" in given)
    return Parametrize(
        owner,
        call.lineno,
        source.column(call),
        names,
        in_list,
        rows,
        sum(not isinstance(argument, ast.Starred) for argument in call.args),
        tuple(keyword.arg for keyword in call.keywords if keyword.arg),
        complete,
        _indirect(given.get("indirect")),
        len(ids) if ids is not None else None,
        _text(given.get("scope")),
    )


def _text(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _names(node: ast.expr | None) -> tuple[tuple[str, ...] | None, bool]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return tuple(name.strip() for name in node.value.split(",") if name.strip()), False
    if isinstance(node, (ast.List, ast.Tuple)):
        texts = [element.value for element in node.elts if isinstance(element, ast.Constant)]
        names = tuple(text for text in texts if isinstance(text, str))
        return (names, True) if len(names) == len(node.elts) else (None, True)
    return None, False


def _indirect(node: ast.expr | None) -> tuple[str, ...] | bool | None:
    if node is None:
        return False
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, bool) else None
    return _names(node)[0] if isinstance(node, (ast.List, ast.Tuple)) else None


def _ids(node: ast.expr | None) -> list[str | None] | None:
    """The listed ids, None among them for one that is not known; None where there is no list."""
    if not isinstance(node, (ast.List, ast.Tuple)) or any(isinstance(element, ast.Starred) for element in node.elts):
        return None
    return [_id(element) for element in node.elts]


def _id(node: ast.expr) -> str | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        value = node.operand.value
        return f"-{value}" if isinstance(value, (int, float)) and not isinstance(value, bool) else None
    if not isinstance(node, ast.Constant):
        return None
    if node.value is None or isinstance(node.value, (bool, int, float)):
        return str(node.value)
    text = node.value
    return text if isinstance(text, str) and len(text) <= LONGEST_ID and text.isascii() and text.isprintable() else None


def _rows(
    source: Source,
    node: ast.expr | None,
    names: tuple[str, ...],
    in_list: bool,
    ids: list[str | None] | None,
    ids_given: bool,
) -> tuple[Row, ...] | None:
    if not isinstance(node, (ast.List, ast.Tuple)) or any(isinstance(element, ast.Starred) for element in node.elts):
        return None
    rows = []
    for number, element in enumerate(node.elts):
        values, own = _values(element, single=len(names) == 1 and not in_list)
        count = len(values) if values is not None else _length(element)
        text = own
        if text == "":  # no id of its own
            parts = [_id(value) for value in values or ()]
            text = "-".join(part for part in parts if part is not None) if values and None not in parts else None
            if ids_given:
                listed = ids[number] if ids is not None and number < len(ids) else None
                text = None if listed == "None" else listed  # None asks pytest to make an id itself
        rows.append(Row(element.lineno, source.column(element), count, text, tuple(_marks(element))))
    return tuple(rows)


def _marks(element: ast.expr) -> Iterator[str]:
    if not (isinstance(element, ast.Call) and _last_name(element.func) == "param"):
        return
    for keyword in element.keywords:
        if keyword.arg == "marks":
            listed = keyword.value.elts if isinstance(keyword.value, (ast.List, ast.Tuple)) else [keyword.value]
            for node in listed:
                text = _text(node)
                called = node.func if isinstance(node, ast.Call) else node
                if text is not None:
                    yield repr(text)
                elif isinstance(called, ast.Attribute) and _last_name(called.value) == "mark":
                    yield called.attr


def _values(element: ast.expr, *, single: bool) -> tuple[list[ast.expr] | None, str | None]:
    """The values of a row, None where they are not known; and its own id: "" for none, None for an unknown one."""
    if isinstance(element, ast.Call) and _last_name(element.func) == "param":
        own: str | None = ""
        for keyword in element.keywords:
            if keyword.arg in {"id", None}:
                own = _id(keyword.value) if keyword.arg and not _is_none(keyword.value) else None
        starred = any(isinstance(argument, ast.Starred) for argument in element.args)
        return (None if starred else list(element.args)), own
    if single:
        return [element], ""
    if isinstance(element, (ast.Tuple, ast.List)):
        starred = any(isinstance(value, ast.Starred) for value in element.elts)
        return (None if starred else list(element.elts)), ""
    return None, ""


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _length(element: ast.expr) -> int | None:
    """The length of a row that is no tuple; -1 for a constant that has none, None for what is not known."""
    if isinstance(element, ast.Constant):
        return len(element.value) if isinstance(element.value, (str, bytes)) else -1
    return None

"""noxfile.py: what its sessions install in plain literals.

A session is any function that calls `install` or `run` on its first parameter: helpers that sessions share count
as well. Source: nox's documentation, "Configuration & API".
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from posixpath import dirname

from precollect.findings import Place
from precollect.reading.environment.literals import ComputedError, Names, parse
from precollect.reading.environment.requirement import normalised
from precollect.reading.environment.requirement import parse as parse_requirement
from precollect.reading.environment.sets import Include, Key, Requirements
from precollect.reading.tree import Tree

INSTALLS = ("install", "conda_install")
RUNS = ("run", "run_always", "run_install")
FILES = ("-r", "--requirement", "-c", "--constraint", "-e", "--editable")
GROUPS = ("--group", "--only-group", "--with", "--only", "-G", "--dev-group")
EXTRAS = ("--extra", "--extras", "-E")
WITH_A_VALUE = (
    "-i",
    "--index-url",
    "--extra-index-url",
    "-f",
    "--find-links",
    "-C",
    "--config-settings",
    "--python",
    "-p",
)

Word = tuple[str | None, ast.expr]
"""A word of a command line, None where it is computed, and where it stands."""


def read(tree: Tree, path: str) -> list[Requirements]:
    """A set for each session. Raises UnreadableSourceError."""
    module = parse(tree, path)
    outer = Names(module.body)
    functions = [node for node in module.body if isinstance(node, ast.FunctionDef) and node.args.args]
    return [_session(function, outer, path) for function in functions]


def _session(function: ast.FunctionDef, outer: Names, path: str) -> Requirements:
    made = Requirements(Key("nox", path, function.name), path, f"session {function.name}")
    names = Names(function.body, outer)
    session = function.args.args[0].arg
    for node in ast.walk(function):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _names_pytest(node.value):
            made.runs_pytest = True
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if not (isinstance(node.func.value, ast.Name) and node.func.value.id == session):
            continue
        if node.func.attr in INSTALLS:
            _install(made, list(_words(node.args, names, made, path)), path)
        elif node.func.attr in RUNS:
            _run(made, node, names, path)
    return made


def _names_pytest(text: str) -> bool:
    return not {"pytest", "py.test"}.isdisjoint(text.split())


def _words(nodes: list[ast.expr], names: Names, made: Requirements, path: str) -> Iterator[Word]:
    for node in nodes:
        inner = node.value if isinstance(node, ast.Starred) else node
        if (
            isinstance(inner, ast.Call)
            and isinstance(inner.func, ast.Attribute)
            and inner.func.attr == "dependency_groups"
        ):
            for group, at in _words(inner.args[1:], names, made, path):
                yield "--group", at
                yield group, at
            continue
        try:
            value = names.value(inner)
        except ComputedError:
            value = _of_any_version(inner)
        if isinstance(node, ast.Starred) and isinstance(value, list):
            yield from ((item if isinstance(item, str) else None, inner) for item in value)
        else:
            yield (value if isinstance(value, str) else None), inner


def _of_any_version(node: ast.expr) -> str | None:
    """The distribution of `f"django~={version}"`, whose version is computed; None for any other expression."""
    first = node.values[0] if isinstance(node, ast.JoinedStr) and node.values else None
    if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
        return None
    name = first.value.rstrip("<>=~! ")
    return name if name != first.value and parse_requirement(name) else None


def _install(made: Requirements, words: list[Word], path: str) -> None:
    """Add what `pip install` does with these words."""
    folder = dirname(path)
    waiting = iter(words)
    for word, node in waiting:
        where = partial(Place, path, node.lineno, node.col_offset + (2 if isinstance(node, ast.Constant) else 1))
        if word is None:
            made.opens("a requirement is computed", where)
        elif word in FILES or word in GROUPS:
            value = next(waiting, (None, node))[0]
            if value is None:
                made.opens(f"the value of {word} is computed", where)
            elif word in FILES:
                made.add(f"{word} {value}", where)
            else:
                made.include_group(folder, value.rpartition(":")[2])
        elif word in WITH_A_VALUE:
            next(waiting, None)
        elif word.startswith(FILES) or not word.startswith("-"):
            made.add(word, where)


def _run(made: Requirements, call: ast.Call, names: Names, path: str) -> None:
    """Add what a command installs: pip, or a project manager that takes groups from the project's own file."""
    words = list(_words(call.args, names, made, path))
    said = [word or "" for word, _ in words]
    if "pip" in said[:3] and "install" in said:
        _install(made, words[said.index("install") + 1 :], path)
        return
    if said[:1] not in (["uv"], ["poetry"], ["pdm"]) or not {"sync", "install", "run"} & set(said[:3]):
        return
    folder = dirname(path)
    made.include_project(folder)
    made.includes.append(Include(Key("group", folder, "dev"), "", ""))
    for option, value in pairwise(said):
        for name in value.split(","):
            if option in GROUPS and name:
                made.includes.append(Include(Key("group", folder, normalised(name)), "", ""))
            elif option in EXTRAS and name:
                made.includes.append(Include(Key("extra", folder, normalised(name)), "", ""))
            elif option == "--with" and said[0] == "uv":
                made.add(name, partial(Place, path, call.lineno, call.col_offset + 1))

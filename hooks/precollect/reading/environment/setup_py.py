"""setup.py: what it hands to `setup()` in plain literals."""

from __future__ import annotations

import ast
from functools import partial
from posixpath import dirname

from precollect.findings import Place
from precollect.reading.environment.literals import ComputedError, Names, parse, texts
from precollect.reading.environment.requirement import normalised
from precollect.reading.environment.sets import Key, Requirements
from precollect.reading.tree import Tree


def read(tree: Tree, path: str) -> list[Requirements]:
    """The sets of the file. Raises UnreadableSourceError."""
    module = parse(tree, path)
    call = _setup_call(module)
    if call is None:
        return []
    folder = dirname(path)
    names = Names(module.body)
    required = Requirements(Key("project", folder), path, "install_requires")
    arguments, complete = _arguments(call, names)
    if not complete:
        required.opens("the arguments of setup() are computed", partial(Place, path, call.lineno, call.col_offset + 1))
    if own := _text(arguments.get("name"), names):
        required.local = {normalised(own): folder}
    found = [required]
    _add(required, arguments.get("install_requires"), names, path)
    if "tests_require" in arguments:
        tests = Requirements(Key("extra", folder, "tests-require"), path, "tests_require", required.local)
        _add(tests, arguments["tests_require"], names, path)
        found.append(tests)
    found.extend(_extras(arguments.get("extras_require"), names, path, required))
    if own and "pytest11" in _words(arguments.get("entry_points")):
        required.plugin = normalised(own), _text(arguments.get("version"), names)
    required.requires_python = _text(arguments.get("python_requires"), names)
    return found


def _setup_call(module: ast.Module) -> ast.Call | None:
    """The call of `setup()` or `setuptools.setup()`."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            called = node.func
            if (called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")) == "setup":
                return node
    return None


def _arguments(call: ast.Call, names: Names) -> tuple[dict[str, ast.expr], bool]:
    """Keyword → expression, and whether these are all: `setup(**kwargs)` is followed where it names a literal."""
    arguments: dict[str, ast.expr] = {}
    complete = True
    for keyword in call.keywords:
        try:
            arguments.update({keyword.arg: keyword.value} if keyword.arg else names.entries(keyword.value))
        except ComputedError:
            complete = False
    return arguments, complete


def _add(into: Requirements, node: ast.expr | None, names: Names, path: str, marker: str = "") -> None:
    """Add the requirements that an expression stands for."""
    if node is None:
        return
    # Lists that were put together from parts have no place of their own: the expression's has to do.
    where = partial(Place, path, node.lineno, node.col_offset + 1)
    try:
        requirements = texts(names.value(node))
    except ComputedError:
        into.opens("the requirements are computed", where)
        return
    items = node.elts if isinstance(node, (ast.List, ast.Tuple)) else []
    places = {item.value: item for item in items if isinstance(item, ast.Constant)}
    for text in requirements:
        item = places.get(text)
        into.add(text, partial(Place, path, item.lineno, item.col_offset + 2) if item else where, marker)


def _extras(node: ast.expr | None, names: Names, path: str, project: Requirements) -> list[Requirements]:
    if node is None:
        return []
    folder = dirname(path)
    try:
        extras = names.entries(node)
    except ComputedError:
        project.opens("the extras are computed", partial(Place, path, node.lineno, node.col_offset + 1))
        return []
    found = []
    for written, requirements in extras.items():
        name, _, marker = written.partition(":")  # "test:sys_platform=='win32'": an extra under a marker
        key = Key("extra", folder, normalised(name)) if name else project.key
        extra = Requirements(key, path, f"extras_require {name}".rstrip(), project.local)
        _add(extra, requirements, names, path, marker)
        found.append(extra)
    return found


def _text(node: ast.expr | None, names: Names) -> str:
    try:
        value = names.value(node) if node is not None else ""
    except ComputedError:
        return ""
    return value if isinstance(value, str) else ""


def _words(node: ast.expr | None) -> str:
    return ast.dump(node) if node is not None else ""

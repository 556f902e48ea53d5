"""Poetry's tables in pyproject.toml: dependencies, groups and extras, with Poetry's own version language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import reduce
from posixpath import dirname
from typing import Any

from precollect.reading.environment.requirement import Written, normalised
from precollect.reading.environment.sets import Key, Requirements, both
from precollect.reading.environment.tables import Table


def read(document: Table, path: str, local: dict[str, str]) -> list[Requirements]:
    """The sets in `[tool.poetry]`; none where there is no such table."""
    poetry = document.table("tool", "poetry")
    if not poetry:
        return []
    folder = dirname(path)
    dependencies = poetry.table("dependencies")
    project = Requirements(Key("project", folder), path, "[tool.poetry.dependencies]", local)
    extras, naming = _extras(poetry, path, local)
    for name in dependencies:
        holders = naming.get(normalised(name), []) if _optional(dependencies.get(name)) else [project]
        for holder in holders:
            _add(holder, dependencies, name)
    if isinstance(python := dependencies.get("python"), str):
        project.requires_python = specifier(python)
    if poetry.table("plugins", "pytest11"):
        project.plugin = normalised(poetry.text("name")), poetry.text("version")
    return [project, *extras, *_groups(poetry, path, local)]


def _extras(
    poetry: Table, path: str, local: dict[str, str]
) -> tuple[list[Requirements], dict[str, list[Requirements]]]:
    """The extras' sets, still empty, and: optional dependency → the extras that name it."""
    folder = dirname(path)
    extras = []
    naming: dict[str, list[Requirements]] = {}
    table = poetry.table("extras")
    for name in table:
        extra = Requirements(Key("extra", folder, normalised(name)), path, f"[tool.poetry.extras] {name}", local)
        extras.append(extra)
        for text, _ in table.strings(name):
            naming.setdefault(normalised(text), []).append(extra)
    return extras, naming


def _groups(poetry: Table, path: str, local: dict[str, str]) -> Iterator[Requirements]:
    folder = dirname(path)
    if "dev-dependencies" in poetry:
        dev = Requirements(Key("group", folder, "dev"), path, "[tool.poetry.dev-dependencies]", local)
        table = poetry.table("dev-dependencies")
        for name in table:
            _add(dev, table, name)
        yield dev
    groups = poetry.table("group")
    for name in groups:
        what = f"[tool.poetry.group.{name}.dependencies]"
        group = Requirements(Key("group", folder, normalised(name)), path, what, local)
        table = groups.table(name, "dependencies")
        for dependency in table:
            _add(group, table, dependency)
        for included, _ in groups.table(name).strings("include-groups"):
            group.include_group(folder, included)
        yield group


def _optional(value: object) -> bool:
    return isinstance(value, dict) and value.get("optional") is True


def _add(into: Requirements, table: Table, name: str) -> None:
    """Add one dependency: a version, a table, or a list of tables of which the first with a true marker counts."""
    if normalised(name) == "python":
        return
    value, where = table.get(name), table.where_key(name)
    for constraint in value if isinstance(value, list) else [value]:
        if isinstance(constraint, str):
            into.add_written(Written(normalised(name), (), specifier(constraint)), where)
        elif isinstance(constraint, dict):
            into.add_described(normalised(name), constraint, specifier, marker(constraint), where)
        else:
            table.note(name, "no dependency")


def marker(value: dict[str, Any]) -> str:
    """The marker that the keys `markers`, `python` and `platform` of a dependency's table make together."""
    parts = []
    if isinstance(markers := value.get("markers"), str):
        parts.append(markers)
    if isinstance(python := value.get("python"), str):
        for clause in specifier(python).split(","):
            number = clause.lstrip("<>=!~")
            parts.append(f"python_version {clause[: len(clause) - len(number)] or '=='} '{number}'")
    if isinstance(platform := value.get("platform"), str):
        parts.append(f"sys_platform == '{platform}'")
    return reduce(both, parts, "")


def specifier(text: str) -> str:
    """Poetry's version language as PEP 440 specifiers; what has no equivalent ("||") is returned as it is.

    Source: Poetry's documentation, "Dependency specification".
    """
    if "|" in text:
        return text.strip()
    clauses = [_clause(clause.strip()) for clause in text.replace(" ", ",").split(",") if clause.strip()]
    return ",".join(clause for clause in _glued(clauses) if clause)


def _glued(clauses: list[str]) -> Iterator[str]:
    """Put together again what a blank between operator and number has cut: ">=", "7"."""
    operator = ""
    for clause in clauses:
        if clause and not clause.strip("<>=!~^"):
            operator = clause
        else:
            yield _clause(operator + clause.removeprefix("==")) if operator else clause
            operator = ""


def _clause(clause: str) -> str:
    if clause == "*":
        return ""
    if clause[0] == "^":
        return _range(clause[1:], _caret)
    if clause[0] == "~" and not clause.startswith("~="):
        return _range(clause[1:], _tilde)
    if clause[0].isdigit():
        return f"=={clause}"
    if clause[0] == "=" and not clause.startswith("=="):
        return f"={clause}"
    return clause


def _range(version: str, above: Callable[[list[int]], list[int]]) -> str:
    """The specifiers from a version up to the one that `above` makes of its numbers."""
    numbers = []
    for part in version.split("."):
        digits = ""
        for letter in part:
            if not letter.isdigit():
                break
            digits += letter
        if not digits:
            break
        numbers.append(int(digits))
        if digits != part:
            break
    if not numbers:
        return version
    return f">={version.removesuffix('.*')},<{'.'.join(map(str, above(numbers)))}"


def _caret(numbers: list[int]) -> list[int]:
    """The next version that changes the first number which is not zero: ^0.21.2 ends below 0.22."""
    for place, number in enumerate(numbers):
        if number:
            return [*numbers[:place], number + 1]
    return [*numbers[:-1], 1]


def _tilde(numbers: list[int]) -> list[int]:
    """The next minor version, or the next major one where no minor is written."""
    return [numbers[0], numbers[1] + 1] if len(numbers) > 1 else [numbers[0] + 1]

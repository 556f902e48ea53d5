"""Pipfile: packages, packages for development, and categories of one's own, installed together.

Source: pipenv's documentation, "Pipfile".
"""

from __future__ import annotations

from functools import reduce
from typing import Any

from precollect.reading.environment import tables
from precollect.reading.environment.requirement import Written, normalised
from precollect.reading.environment.sets import Key, Requirements, both, unreadable
from precollect.reading.environment.tables import Table
from precollect.reading.tree import Tree

NO_PACKAGES = ("source", "requires", "scripts", "pipenv", "pipfile")


def read(tree: Tree, path: str) -> list[Requirements]:
    """The sets of the file. Raises UnreadableSourceError."""
    document = tables.read(tree, path)
    found = []
    for category in document:
        if category not in NO_PACKAGES and isinstance(document.get(category), dict):
            made = Requirements(Key("pipfile", path, category), path, f"[{category}]")
            table = document.table(category)
            for name in table:
                _add(made, table, name)
            found.append(made)
    return [*found, *(unreadable(path, odd) for odd in document.odd)]


def _add(into: Requirements, table: Table, name: str) -> None:
    value = table.get(name)
    where = table.where_key(name)
    if isinstance(value, str):
        into.add_written(Written(normalised(name), (), _specifier(value)), where)
    elif isinstance(value, dict):
        into.add_described(normalised(name), value, _specifier, _marker(value), where)
    else:
        table.note(name, "no package")


def _specifier(text: str) -> str:
    return "" if text.strip() == "*" else "".join(text.split())


def _marker(value: dict[str, Any]) -> str:
    """`markers`, and any marker's variable as a key of its own: `sys_platform = "== 'win32'"`."""
    parts = [value["markers"]] if isinstance(value.get("markers"), str) else []
    parts += [
        f"{key} {value[key]}"
        for key in ("os_name", "platform_system", "python_version", "sys_platform")
        if isinstance(value.get(key), str)
    ]
    return reduce(both, parts, "")

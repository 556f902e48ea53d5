"""The pytest plugins that a repository is itself: its own entry points of the group `pytest11`."""

from __future__ import annotations

import re
from posixpath import join
from typing import NamedTuple

from precollect.reading.text import UnparsableError
from precollect.reading.tree import Tree, UnreadableError, levels

GROUP = "pytest11"
# Compiled where a file names the group: hardly any does.
LINE = r"""['"\s]?(?<![\w.-])(?P<name>[\w.-]+)\s*=\s*(?P<module>[\w.]+)"""


class OwnPlugin(NamedTuple):
    """An entry point of the repository's own distribution. `module` is "" where the file does not tell it."""

    name: str
    module: str
    path: str


def own_plugins(tree: Tree, folder: str) -> list[OwnPlugin]:
    """The plugins that the projects in a folder and the folders above it declare to be."""
    found = []
    for level in levels(folder):
        for name, read in READERS.items():
            path = join(level, name)
            if path in tree:
                try:
                    data = tree.read(path)
                except UnreadableError:
                    continue
                if GROUP.encode() in data:
                    found += [OwnPlugin(entry, module, path) for entry, module in read(path, data)]
    return found


def _pyproject(path: str, data: bytes) -> list[tuple[str, str]]:
    from precollect.reading import toml

    try:
        document = toml.parse(path, data)
    except UnparsableError:
        return []
    found = []
    for route in (("project", "entry-points", GROUP), ("tool", "poetry", "plugins", GROUP)):
        table = document.value(route)
        if isinstance(table, dict):
            found += [(name, module.partition(":")[0]) for name, module in table.items() if isinstance(module, str)]
    return found


def _setup_cfg(path: str, data: bytes) -> list[tuple[str, str]]:
    from precollect.reading import ini

    try:
        section = ini.parse(path, data).sections.get("options.entry_points", {})
    except UnparsableError:
        return []
    return [
        (match["name"], match["module"])
        for line in section.get(GROUP, "").split("\n")
        if (match := re.match(LINE, line))
    ]


def _setup_py(path: str, data: bytes) -> list[tuple[str, str]]:
    """The lines behind the group's name, up to the end of its list; one nameless plugin where none can be read."""
    text = data.decode("utf-8", "replace").partition(GROUP)[2]
    text = re.split(r"[\])}]", text, maxsplit=1)[0]
    return [(match["name"], match["module"]) for match in re.finditer(LINE, text)] or [("", "")]


READERS = {"pyproject.toml": _pyproject, "setup.cfg": _setup_cfg, "setup.py": _setup_py}

"""Where requirements are declared: which files count, and the sets that they hold together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from importlib import import_module
from posixpath import dirname, join
from typing import TYPE_CHECKING, NamedTuple

from precollect.reading.environment import requirements_txt
from precollect.reading.environment.sets import (
    Include,
    Key,
    Kind,
    Requirement,
    Requirements,
    UnreadableSourceError,
    unreadable,
)
from precollect.reading.tree import Tree, levels

if TYPE_CHECKING:
    from precollect.reading.environment.lock_files import Lock

Reader = Callable[[Tree, str], list[Requirements]]


def _room(module: str, function: str = "read") -> Reader:
    """The reader in one of our modules, imported when the first such file is met: most projects have few of them."""

    def reader(tree: Tree, path: str) -> list[Requirements]:
        found: list[Requirements] = getattr(import_module(f"{__package__}.{module}"), function)(tree, path)
        return found

    return reader


def _setup_py(tree: Tree, path: str) -> list[Requirements]:
    """Nothing where pyproject.toml overrules it: then Python's parser need not be imported."""
    from precollect.reading.environment import pyproject

    return [] if pyproject.decides(tree, dirname(path)) else _room("setup_py")(tree, path)


PROJECT_FILES = {
    "pyproject.toml": _room("pyproject"),
    "setup.cfg": _room("setup_cfg"),
    "setup.py": _setup_py,
}
FILES = {
    **PROJECT_FILES,
    "Pipfile": _room("pipfile"),
    "hatch.toml": _room("pyproject", "read_hatch"),
    "noxfile.py": _room("nox"),
    "tox.ini": _room("tox"),
    "tox.toml": _room("tox", "read_toml"),
}
"""File name → reader, for files that stand beside the configuration."""

CONDA = _room("conda")
LOCK_FILES = ("Pipfile.lock", "pdm.lock", "poetry.lock", "uv.lock")

FOLDERS = (
    ".ci",
    ".circleci",
    ".github",
    "ci",
    "conda",
    "continuous_integration",
    "deps",
    "dev",
    "devtools",
    "etc",
    "reqs",
    "requirements",
    "test",
    "tests",
    "tools",
)
"""Folders in which projects keep requirements files."""
FOLDERS_OF_REQUIREMENTS = ("deps", "reqs", "requirements")
MOST_STEPS = 100_000  # from set to set and requirement to requirement; a generated monster is not worth the wait


class Held(NamedTuple):
    """A requirement within a set, with all conditions on the way to it, and the kind of set that names it."""

    requirement: Requirement
    markers: tuple[str, ...]
    kind: Kind


class Closure:
    """A set with all that it includes.

    `held`: what it installs; `limits`: constraints; `open`: why more may be installed; `projects`: whose own
    distribution is installed with it; `complete`: names that bring nothing which is not named as well.
    """

    def __init__(self, of: Requirements) -> None:
        self.of = of
        self.held: list[Held] = []
        self.limits: list[Held] = []
        self.open: list[str] = []
        self.projects: list[Requirements] = []
        self.complete: set[str] = set()

    @property
    def names(self) -> set[str]:
        """The names of all requirements."""
        return {held.requirement.name for held in self.held}

    def naming(self, name: str) -> list[Held]:
        """What it installs that names this distribution; asked only when nothing more is added."""
        return self._held_by_name.get(name, [])

    def limiting(self, name: str) -> list[Held]:
        """The constraints that name this distribution; asked only when nothing more is added."""
        return self._limits_by_name.get(name, [])

    @cached_property
    def _held_by_name(self) -> dict[str, list[Held]]:
        return _by_name(self.held)

    @cached_property
    def _limits_by_name(self) -> dict[str, list[Held]]:
        return _by_name(self.limits)


def _by_name(held: list[Held]) -> dict[str, list[Held]]:
    found: dict[str, list[Held]] = {}
    for each in held:
        found.setdefault(each.requirement.name, []).append(each)
    return found


class Sources:
    """The sets declared in a tree, read when they are asked for."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._sets: dict[Key, list[Requirements]] = {}
        self._of_file: dict[str, list[Requirements]] = {}
        self._steps = 0

    def at(self, folder: str) -> list[Requirements]:
        """All sets declared in a folder and in the folders below it where projects keep requirements files."""
        found: list[Requirements] = []
        for name in self.tree.files_in(folder):
            path = join(folder, name)
            if name in FILES:
                found.extend(self._read(path, FILES[name]))
            elif reader := reader_by_name(name):
                found.extend(self._read_unless_compiled(path, reader))
        for below in self.tree.folders_in(folder):
            if below.lower() in FOLDERS:
                for name in self.tree.files_in(join(folder, below)):
                    reader = reader_at(below, name)
                    if reader:
                        found.extend(self._read_unless_compiled(join(folder, below, name), reader))
        return found

    def closure(self, of: Requirements) -> Closure:
        """The set with all that it includes, however far, each once."""
        closure = Closure(of)
        waiting: list[tuple[Requirements, tuple[str, ...], bool]] = [(of, (), False)]
        seen: set[tuple[int, bool, bool]] = set()
        while waiting:
            current, markers, limiting = waiting.pop()
            state = (id(current), bool(markers), limiting)
            if state in seen:
                continue
            seen.add(state)
            self._steps += 1 + len(current.requirements) + len(current.includes)
            if self._steps > MOST_STEPS and current is not of:
                closure.open.append(f"{of.source}: too many requirements to follow")
                return closure
            into = closure.limits if limiting else closure.held
            kind = current.key.kind
            into.extend(Held(each, _with(markers, each.marker), kind) for each in current.requirements)
            closure.limits.extend(Held(limit, _with(markers, limit.marker), kind) for limit in current.limits)
            if not limiting:
                closure.open.extend(current.open)
                if current.complete:
                    closure.complete.update(each.name for each in current.requirements)
                if kind == "project":
                    closure.projects.append(current)
            for entry, limits in self._entries(current, limiting):
                sets = self.get(entry.key)
                if not sets and entry.missing and not limits:
                    closure.open.append(entry.missing)
                waiting.extend((included, _with(markers, entry.marker), limits) for included in sets)
        return closure

    def locks(self, folder: str) -> list[Lock]:
        """The lock files of the nearest folder, at or above this one, that has any."""
        for level in levels(folder):
            names = [name for name in self.tree.files_in(level) if _is_lock(name)]
            if names:
                from precollect.reading.environment import lock_files

                return [lock_files.read(self.tree, join(level, name)) for name in names]
        return []

    def get(self, key: Key) -> list[Requirements]:
        """The sets of a key; [] where nothing declares it."""
        if key.kind == "file":
            if key.where not in self.tree:
                return []
            if key.where not in self._of_file:
                self._read(key.where, requirements_txt.read)
        elif key.kind in ("project", "extra", "group"):
            for name, reader in PROJECT_FILES.items():
                path = join(key.where, name)
                if path in self.tree and path not in self._of_file:
                    self._read(path, reader)
        return self._sets.get(key, [])

    def _entries(self, current: Requirements, limiting: bool) -> Iterator[tuple[Include, bool]]:
        for entry in current.includes:
            yield entry, limiting
        for entry in current.limiting_files:
            yield entry, True

    def _read(self, path: str, reader: Reader) -> list[Requirements]:
        if path not in self._of_file:
            try:
                found = reader(self.tree, path)
            except UnreadableSourceError as error:
                found = [unreadable(path, str(error))]
            self._of_file[path] = found
            for requirements in found:
                self._sets.setdefault(requirements.key, []).append(requirements)
        return self._of_file[path]

    def _read_unless_compiled(self, path: str, reader: Reader) -> list[Requirements]:
        """Nothing of a file that another one was compiled from: what gets installed stands there."""
        if path.endswith(".in") and path[:-3] + ".txt" in self.tree:
            return []
        return self._read(path, reader)


def reader_by_name(name: str) -> Reader | None:
    """The reader for a file of this name wherever it stands; None where the name says nothing."""
    lower = name.lower()
    if lower.endswith((".txt", ".in", ".pip")) and ("requirement" in lower or "reqs" in lower):
        return requirements_txt.read
    if lower.endswith((".yml", ".yaml")) and ("environment" in lower or "conda" in lower or lower.startswith("env")):
        return CONDA
    return None


def reader_at(folder: str, name: str) -> Reader | None:
    """The reader for a file of this name in a folder of FOLDERS; None where neither says anything."""
    return reader_by_name(name) or _reader_by_folder(folder, name)


def _reader_by_folder(folder: str, name: str) -> Reader | None:
    """The reader for a file in a folder that is there for requirements; constraints install nothing."""
    lower = name.lower()
    if folder.lower() in FOLDERS_OF_REQUIREMENTS and lower.endswith((".txt", ".in", ".pip")):
        return None if "constraint" in lower else requirements_txt.read
    return None


def _is_lock(name: str) -> bool:
    return name in LOCK_FILES or (name.startswith("pylock.") and name.endswith(".toml"))


def _with(markers: tuple[str, ...], marker: str) -> tuple[str, ...]:
    return (*markers, marker) if marker else markers

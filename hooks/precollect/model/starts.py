"""The starts of pytest that a repository asks for: folders, and the environment that its own files set."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from posixpath import dirname, join

from precollect.model.project import Start
from precollect.reading import launchers
from precollect.reading.config_file import find
from precollect.reading.tree import Tree, UnreadableError
from precollect.reading.words import Word

CONFIGURATIONS = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")
# Folders whose content is somebody's test data or documentation rather than a package of its own.
NOT_PACKAGES = frozenset(
    {"test", "tests", "testing", "testdata", "data", "fixtures", "examples", "example", "docs", "doc"}
)


def starts(tree: Tree, folder: str, listed: Iterable[str], behaviours: frozenset[str]) -> list[Start]:
    """The starts for one folder that was asked about.

    The folder itself, those that the settings list, and, where no configuration counts for the
    folder, the packages below it that have one beside tests. A variable that the repository sets
    for pytest makes one more start, at the folder asked about.
    """
    found = find(tree, folder, behaviours)
    folders = [folder, *listed]
    if found.file is None and not found.problems and not found.unread:
        folders += [package for package in _packages(tree, folder) if find(tree, package, behaviours).file is not None]
    made = [Start(each) for each in dict.fromkeys(folders)]
    return [*made, *_launched(tree, folder)]


def _packages(tree: Tree, folder: str) -> Iterator[str]:
    """Folders below one that hold a pytest configuration and tests."""
    for name in CONFIGURATIONS:
        for path in tree:
            below = dirname(path)
            if path.rpartition("/")[2] != name or not below or below == folder:
                continue
            if folder and not below.startswith(folder + "/"):
                continue
            if NOT_PACKAGES.isdisjoint(below.split("/")) and _mentions_pytest(tree, path) and _has_tests(tree, below):
                yield below


def _mentions_pytest(tree: Tree, path: str) -> bool:
    try:
        return b"pytest" in tree.read(path)
    except UnreadableError:
        return False


def _has_tests(tree: Tree, folder: str) -> bool:
    folders = [folder, *(join(folder, name) for name in ("test", "tests"))]
    return any(
        name.startswith("test_") or name.endswith("_test.py")
        for each in folders
        for name in tree.files_in(each)
        if name.endswith(".py")
    ) or any(tree.has_folder(join(folder, name)) for name in ("test", "tests"))


def _launched(tree: Tree, folder: str) -> Iterator[Start]:
    for variable in launchers.variables(tree):
        if variable.name == launchers.AUTOLOAD_OFF:
            yield Start(folder, autoload_off=variable.place)
        else:
            try:
                texts = shlex.split(variable.value)
            except ValueError:
                continue
            yield Start(folder, tuple(Word(text, variable.place, number) for number, text in enumerate(texts)))

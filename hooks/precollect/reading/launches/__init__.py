"""Files that start pytest, and the calls of it that stand there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from posixpath import join
from typing import TYPE_CHECKING

from precollect.reading.text import Text
from precollect.reading.tree import Tree

if TYPE_CHECKING:
    from precollect.reading.launches.calls import Call

WORKFLOWS = ".github/workflows"
LARGEST = 1 << 18  # bytes; no file that people write to start tests is larger
KINDS = {
    ".gitlab-ci.yml": "gitlab",
    "tox.ini": "tox",
    "makefile": "recipes",
    "justfile": "recipes",
    ".justfile": "recipes",
    "noxfile.py": "nox",
    "pyproject.toml": "scripts",
}
SCRIPTS = (b"scripts", b"tool.poe", b"taskipy")  # without one of them a pyproject.toml starts nothing


def calls_in(tree: Tree, folders: Collection[str]) -> Iterator[Call]:
    """Every call of pytest in the workflows of a tree, and in the files of these folders that start it."""
    near = {join(folder, name) for folder in (WORKFLOWS, *folders) for name in tree.files_in(folder)}
    for path in (path for path in tree if path in near):
        kind = _kind(path, folders)
        if not kind:
            continue
        data = tree.read_or_nothing(path)
        if (b"pytest" not in data and b"py.test" not in data) or len(data) > LARGEST:
            continue
        if kind != "scripts" or any(word in data for word in SCRIPTS):
            yield from _reader(kind)(_text(path, data))


def _text(path: str, data: bytes) -> Text:
    return Text(path, data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n"))


def _kind(path: str, folders: Collection[str]) -> str:
    """What kind of file a path is; "" for one that starts nothing."""
    folder, _, name = path.rpartition("/")
    if folder == WORKFLOWS:
        return "github" if name.endswith((".yml", ".yaml")) else ""
    return KINDS.get(name.lower(), "") if folder in folders else ""


def _reader(kind: str) -> Callable[[Text], Iterator[Call]]:
    """The function that reads one kind of file; a module that no file asks for is not imported."""
    from importlib import import_module

    read: Callable[[Text], Iterator[Call]] = import_module(f"{__name__}.{kind}").read
    return read

"""The names under which pytest imports conftest files and test modules, and the files that it gets for them.

In "prepend" and "append" mode a file's name is the dotted path below the first folder above it that
is no package; that folder goes to the front or the end of `sys.path`. Python loads a name once:
whoever comes second gets what the first has loaded. In "importlib" mode `sys.path` stays as it is.
Source: `_pytest/pathlib.py` `import_path`, `_pytest/config/__init__.py` `_importconftest`; 7.4.4, 8.4.2, 9.2.0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from posixpath import dirname, join
from typing import Literal, NamedTuple

from precollect.reading.collection import Step
from precollect.reading.tree import Tree

Mode = Literal["prepend", "append", "importlib"]

# Modules of the standard library that pytest itself has imported before it collects anything, so
# that no file of a project can take their names: measured with 7.4.4, 8.4.2 and 9.2.0 on Python 3.11 to 3.13.
LOADED_BY_PYTEST = frozenset(
    [
        "abc",
        "argparse",
        "ast",
        "atexit",
        "bisect",
        "builtins",
        "collections",
        "contextlib",
        "copy",
        "copyreg",
        "dataclasses",
        "datetime",
        "decimal",
        "difflib",
        "dis",
        "email",
        "encodings",
        "enum",
        "errno",
        "fnmatch",
        "functools",
        "gc",
        "glob",
        "heapq",
        "importlib",
        "inspect",
        "io",
        "itertools",
        "json",
        "keyword",
        "linecache",
        "locale",
        "logging",
        "math",
        "numbers",
        "opcode",
        "operator",
        "os",
        "pathlib",
        "platform",
        "pprint",
        "random",
        "re",
        "reprlib",
        "select",
        "selectors",
        "shlex",
        "shutil",
        "site",
        "stat",
        "string",
        "struct",
        "subprocess",
        "sys",
        "tempfile",
        "textwrap",
        "threading",
        "time",
        "token",
        "tokenize",
        "traceback",
        "types",
        "typing",
        "unittest",
        "warnings",
        "weakref",
    ]
)


class Named(NamedTuple):
    """The name of one file. `base`: the folder that its first part is found in."""

    step: Step
    base: str
    name: str

    @property
    def top(self) -> str:
        """The first part of the name."""
        return self.name.partition(".")[0]


class Clash(NamedTuple):
    """A file that cannot be imported, and what was loaded before under its name or under the first part of it.

    `loaded`: a file or package folder of the repository, "" for a module of the standard library.
    """

    file: Named
    loaded: str


class Names:
    """Names of Python files, each folder looked at once."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._packages: dict[str, tuple[str, str]] = {}

    def of(self, step: Step) -> Named:
        """The name of the file that a step imports."""
        folder, _, name = step.path.rpartition("/")
        base, package = self.package(folder)
        stem = name.rpartition(".")[0]
        if stem == "__init__" and package:
            return Named(step, base, package)
        return Named(step, base, f"{package}.{stem}" if package else stem)

    def package(self, folder: str) -> tuple[str, str]:
        """(base folder, dotted name) of a folder; the name is "" where the folder is no package."""
        if folder not in self._packages:
            own = folder.rpartition("/")[2]
            if join(folder, "__init__.py") in self._tree and own.isidentifier():
                base, above = self.package(dirname(folder))
                self._packages[folder] = (base, f"{above}.{own}" if above else own)
            else:
                self._packages[folder] = (folder, "")
        return self._packages[folder]


def clashes(tree: Tree, steps: Iterable[Step], mode: Literal["prepend", "append"]) -> Iterator[Clash]:
    """The files that pytest cannot import because their name is taken, in order.

    Only between files that are certainly imported; the caller has to see to it that these can be.
    """
    names = Names(tree)
    modules: dict[str, str] = {}
    packages: dict[str, str] = {}
    path: dict[str, None] = {}
    conftests: set[str] = set()
    sound: set[str] = set()  # folders in packages; what is found out about one module there holds for all
    for step in steps:
        folder, _, name = step.path.rpartition("/")
        if folder in sound or not step.certain or "." in name[:-3]:
            continue
        base, package = names.package(folder)
        if mode == "append":
            path.setdefault(base)
        if not (package or _may_be_taken(tree, name)):
            continue
        file = names.of(step)
        if step.kind == "package" or step.path.endswith("/__init__.py"):
            packages.setdefault(file.top, join(file.base, file.top))
            continue  # pytest does not mind which file it gets for it
        if step.kind == "conftest":
            if step.path in conftests:
                continue
            conftests.add(step.path)
            if file.name == "conftest":  # pytest makes room for the next conftest that belongs to no package
                modules.pop("conftest", None)
        loaded = _loaded(tree, file, modules, packages, path)
        if loaded is not None:
            if not _same(tree, loaded, step.path):
                yield Clash(file, loaded)
        elif package:
            packages.setdefault(file.top, join(file.base, file.top))
            sound.add(folder)
        else:
            modules[file.name] = step.path


def _may_be_taken(tree: Tree, name: str) -> bool:
    """Whether anything else may be loaded under the name of a file that belongs to no package."""
    return name in tree.repeated_names or name[:-3] in tree.names or name[:-3] in LOADED_BY_PYTEST


def _loaded(
    tree: Tree, file: Named, modules: dict[str, str], packages: dict[str, str], path: Iterable[str]
) -> str | None:
    """What is loaded instead of a file, as in Clash; None where it is the file itself."""
    top = file.top
    own = f"{file.base}/{top}" if file.base else top
    if top in LOADED_BY_PYTEST:
        return ""
    if "." not in file.name:
        if file.name in modules:
            return modules[file.name] if modules[file.name] != file.step.path else None
        if file.name in packages:
            return packages[file.name]
        if join(own, "__init__.py") in tree:  # a package of that name stands beside the module
            return own
    elif packages.get(top, own) != own:
        return packages[top]
    elif top in modules:
        return modules[top]
    for folder in path:
        if folder == file.base:
            break
        for found in (join(folder, top, "__init__.py"), join(folder, top + ".py")):
            if found in tree:
                return found.removesuffix("/__init__.py")
    return None


def _same(tree: Tree, one: str, other: str) -> bool:
    """Whether one of two files may be a symbolic link to the other."""
    return tree.is_link(one) or tree.is_link(other)


def replaced(tree: Tree, steps: Iterable[Step]) -> Iterator[tuple[Named, str]]:
    """In "importlib" mode: modules for which pytest takes another, loaded before under the same name.

    Only modules in packages have such names; all others are named after their whole path.
    """
    names = Names(tree)
    modules: dict[str, str] = {}
    for step in steps:
        file = names.of(step)
        if step.kind == "package" or not step.certain or "." not in file.name:
            continue
        first = modules.setdefault(file.name, step.path)
        if first != step.path and not _same(tree, first, step.path):
            yield file, first

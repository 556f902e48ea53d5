"""What collection visits: conftest files, package files and modules, in the order in which pytest imports them.

Source: `_pytest/main.py` (`pytest_ignore_collect`, `Session.collect`), `_pytest/python.py`
(`pytest_collect_file`, `Package.collect`), `_pytest/config/__init__.py` (`_set_initial_conftests`),
`_pytest/pathlib.py` (`fnmatch_ex`); 7.4.4, 8.4.2 and 9.2.0.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from fnmatch import filter as matching
from fnmatch import fnmatch, fnmatchcase
from itertools import groupby
from posixpath import dirname, join, normpath
from typing import Literal, NamedTuple, TypeAlias, get_args

from precollect.reading.tree import Tree, levels

DEFAULT_NORECURSEDIRS = ("*.egg", ".*", "_darcs", "build", "CVS", "dist", "node_modules", "venv", "{arch}")
DEFAULT_PYTHON_FILES = ("test_*.py", "*_test.py")

# A conftest with one of these decides at run time what is collected below its folder.
COLLECTING_HOOKS = frozenset(
    {
        "pytest_ignore_collect",
        "pytest_collect_file",
        "pytest_collect_directory",
        "pytest_pycollect_makemodule",
        "pytest_collection",
    }
)


class Request(NamedTuple):
    """What collection is asked for. Paths are relative to the repository, "" is its root.

    `arguments`: the files and folders to collect, `explicit` where somebody named them;
    `ignore`, `ignore_globs`: of `--ignore` and `--ignore-glob`, already joined to the start folder;
    `highest`: the folder above which no conftest is loaded (confcutdir).
    """

    arguments: tuple[str, ...]
    python_files: tuple[str, ...] = DEFAULT_PYTHON_FILES
    norecursedirs: tuple[str, ...] = DEFAULT_NORECURSEDIRS
    ignore: tuple[str, ...] = ()
    ignore_globs: tuple[str, ...] = ()
    doctest_modules: bool = False
    conftests: bool = True
    highest: str = ""
    conftests_in_order: bool = True


class IgnoreLists(NamedTuple):
    """What one conftest says about collection below its folder; None: the name is not set there."""

    paths: tuple[str, ...] | None
    globs: tuple[str, ...] | None
    decides_at_run_time: bool


Kind: TypeAlias = Literal["conftest", "package", "module", "doctest"]


class Step(NamedTuple):
    """One file that pytest imports. `certain`: False where a hook or a computed list may leave it out."""

    kind: Kind
    path: str
    certain: bool


class Collection(NamedTuple):
    """`initial`: the conftest files that are loaded at start, in order; `steps`: everything imported after them."""

    initial: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def modules(self) -> list[Step]:
        """The test modules, in order."""
        return [step for step in self.steps if step.kind == "module"]


def arguments(tree: Tree, start: str, patterns: Sequence[str]) -> list[str]:
    """The files and folders that `testpaths` patterns name below the start folder, in pytest's order."""
    found = []
    for pattern in patterns:
        if any(sign in pattern for sign in "*?["):
            found += sorted(_glob(tree, start, pattern))
        else:
            path = within(start, pattern)
            if path is not None and exists(tree, path):
                found.append(path)
    return found


def within(folder: str, path: str) -> str | None:
    """A path given relative to a folder, relative to the repository; None where it leads out of it."""
    joined = normpath(join(folder, path.rstrip("/") or "/")) if path else folder
    if joined == ".." or joined.startswith(("../", "/")):
        return None
    return "" if joined == "." else joined


def exists(tree: Tree, path: str) -> bool:
    """Whether the commit has this file or folder."""
    return path in tree or tree.has_folder(path)


def _glob(tree: Tree, start: str, pattern: str) -> Iterable[str]:
    """What `glob.iglob(pattern, recursive=True)` finds in the start folder."""
    found = [start]
    parts = [part for part in pattern.rstrip("/").split("/") if part not in {"", "."}]
    for part in parts:
        if part == "**":
            found = _with_all_below(tree, found)
        elif part == "..":
            found = list(dict.fromkeys(map(dirname, found)))
        else:
            found = [
                join(folder, name)
                for folder in found
                for name in (*tree.files_in(folder), *tree.folders_in(folder))
                if (fnmatchcase(name, part) if any(sign in part for sign in "*?[") else name == part)
                and (part.startswith(".") or not name.startswith("."))
            ]
    return found


def _with_all_below(tree: Tree, folders: Sequence[str]) -> list[str]:
    """The folders and all visible ones below them, each once."""
    found: dict[str, None] = {}
    waiting = [*reversed(folders)]
    while waiting:
        folder = waiting.pop()
        if folder not in found:
            found[folder] = None
            waiting += [join(folder, name) for name in reversed(tree.folders_in(folder)) if not name.startswith(".")]
    return list(found)


def initial_conftests(tree: Tree, start: str, anchors: Sequence[str], highest: str) -> list[str]:
    """The conftest files that are loaded before options are parsed, in order.

    For every path asked for (the start folder where none of them exists): those of its folder and
    the folders above it, up to `highest`, and those of its direct subfolders called `test*`.
    """
    folders: list[str] = []
    for anchor in [path for path in anchors if exists(tree, path)] or [start]:
        folders.append(anchor if tree.has_folder(anchor) else dirname(anchor))
        folders += [join(anchor, name) for name in tree.folders_in(anchor) if name.startswith("test")]
    found: dict[str, None] = {}
    for folder in folders:
        for above in reversed(levels(folder)):
            path = join(above, "conftest.py")
            if path in tree and is_below(above, highest):
                found[path] = None
    return list(found)


def parents(folder: str) -> list[str]:
    """The folders above a folder, nearest first, the root last; [] for the root."""
    return levels(folder)[1:]


def is_below(path: str, folder: str) -> bool:
    """Whether a path is the folder itself or lies somewhere in it."""
    return not folder or path == folder or path.startswith(folder + "/")


def collect(tree: Tree, request: Request, initial: Sequence[str], lists: Callable[[str], IgnoreLists]) -> Collection:
    """Everything that collection imports; `lists` tells what a conftest says about ignoring."""
    walk = _Walk(tree, request, initial, lists)
    for argument in request.arguments:
        if argument in tree:
            walk.file(argument)
        else:
            walk.folder(argument)
    return Collection(tuple(initial), tuple(walk.conftests_first() if not request.conftests_in_order else walk.steps))


class _Here(NamedTuple):
    """What a folder and those above it mean for the files in it.

    `packages`: their `__init__.py` files, the outermost first. `paths` and `globs`: what the nearest
    conftest.py that sets `collect_ignore` or `collect_ignore_glob` says, already within its folder;
    it decides alone (`_getconftest_pathlist`).
    """

    packages: tuple[str, ...] = ()
    certain: bool = True
    paths: frozenset[str | None] = frozenset()
    globs: tuple[str, ...] = ()


class _Walk:
    """One walk over the folders that are asked for."""

    def __init__(
        self, tree: Tree, request: Request, initial: Sequence[str], lists: Callable[[str], IgnoreLists]
    ) -> None:
        self.tree = tree
        self.request = request
        self.lists = lists
        self.steps: list[Step] = []
        self._seen: dict[Kind, set[str]] = {kind: set() for kind in get_args(Kind)}
        self._seen["conftest"].update(initial)
        self._known: dict[str, _Here] = {}
        self._walked: set[str] = set()
        self._entered: set[str] = set()

    def folder(self, folder: str) -> None:
        """Visit a folder that somebody named, and all below it."""
        pending = [self._visit(folder, explicit=True)]
        while pending:
            below = next(pending[-1], None)
            if below is None:
                pending.pop()
            else:
                pending.append(self._visit(below))

    def _visit(self, folder: str, *, explicit: bool = False) -> Iterator[str]:
        """Import what a folder holds, in the order of names, the package file first; the folders when they come."""
        if folder in self._walked or (not explicit and self._skips_folder(folder)):
            return
        self._walked.add(folder)
        self._enter(levels(folder) if explicit else [folder])
        here = self._here(folder)
        before = f"{folder}/" if folder else ""
        files = [name for name in self.tree.files_in(folder) if name.endswith(".py")]
        below = set(self.tree.folders_in(folder))
        tests = self._test_modules(before, files)
        if here.paths or here.globs or self.request.ignore or self.request.ignore_globs:
            files = [name for name in files if not self._ignored(before + name, here)]
        names = sorted([*(name for name in files if name in tests or self.request.doctest_modules), *below])
        if "__init__.py" in names:
            names.insert(0, names.pop(names.index("__init__.py")))
        for is_below, some in groupby(names, below.__contains__):
            if is_below:
                yield from (before + name for name in some)
            else:
                self._collect(folder, some, tests)

    def _test_modules(self, before: str, names: list[str]) -> set[str]:
        """Those of the names of files in a folder that `python_files` takes for test modules."""
        found: set[str] = set()
        for pattern in self.request.python_files:
            if "/" in pattern:
                found.update(name for name in names if matches(pattern, before + name))
            else:
                found.update(matching(names, pattern))
        return found

    def _enter(self, folders: list[str]) -> None:
        """Load the conftest files of folders, given from the innermost outwards."""
        for folder in reversed(folders) if self.request.conftests else ():
            conftest = join(folder, "conftest.py")
            if conftest in self.tree and is_below(folder, self.request.highest):
                self._import("conftest", conftest, self._here(folder))

    def file(self, path: str) -> None:
        """Import a file that somebody named; a text file, with doctests say, is none that is imported."""
        folder, _, name = path.rpartition("/")
        self._enter(levels(folder))
        if name.endswith(".py"):
            self._collect(folder, [name], {name}, explicit=True)

    def _collect(self, folder: str, names: Iterable[str], tests: Container[str], *, explicit: bool = False) -> None:
        """Import files of a folder: as test modules, for their doctests, or both."""
        here = self._here(folder)
        before = f"{folder}/" if folder else ""
        for name in names:
            path = before + name
            if name in tests:
                if folder not in self._entered and (name != "conftest.py" or explicit):
                    self._entered.add(folder)
                    for package in here.packages:
                        self._import("package", package, self._here(dirname(package)))
                self._import("module", path, here)
            if self.request.doctest_modules and name not in {"setup.py", "__main__.py"}:
                self._import("doctest", path, here)

    def _import(self, kind: Kind, path: str, here: _Here) -> None:
        if path not in self._seen[kind]:
            self._seen[kind].add(path)
            self.steps.append(Step(kind, path, here.certain))

    def _skips_folder(self, folder: str) -> bool:
        name = folder.rpartition("/")[2]
        return (
            name == "__pycache__"
            or self._ignored(folder, self._here(dirname(folder)))
            or join(folder, "pyvenv.cfg") in self.tree
            or any(matches(pattern, folder) for pattern in self.request.norecursedirs)
        )

    def _ignored(self, path: str, here: _Here) -> bool:
        """Whether collection leaves out a path in a folder."""
        return (
            path in self.request.ignore
            or path in here.paths
            or any(fnmatch(path, glob) for glob in (*self.request.ignore_globs, *here.globs))
        )

    def _here(self, folder: str) -> _Here:
        if folder not in self._known:
            found = _Here()
            for each in reversed(levels(folder)):
                if each not in self._known:
                    self._known[each] = self._below(each, found)
                found = self._known[each]
        return self._known[folder]

    def _below(self, folder: str, above: _Here) -> _Here:
        """What holds in a folder, by what holds in the one above."""
        package, conftest = join(folder, "__init__.py"), join(folder, "conftest.py")
        if package in self.tree:
            above = above._replace(packages=(*above.packages, package))
        if self.request.conftests and conftest in self.tree and is_below(folder, self.request.highest):
            rules = self.lists(conftest)
            above = above._replace(certain=above.certain and not rules.decides_at_run_time)
            if rules.paths is not None:
                above = above._replace(paths=frozenset(within(folder, name) for name in rules.paths))
            if rules.globs is not None:
                above = above._replace(globs=tuple(join(folder, glob) for glob in rules.globs))
        return above

    def conftests_first(self) -> list[Step]:
        """Before pytest 8 every conftest below an argument is loaded before the first module is imported."""
        return sorted(self.steps, key=lambda step: step.kind != "conftest")


def matches(pattern: str, path: str) -> bool:
    """pytest's `fnmatch_ex`: a pattern without "/" looks at the name alone, any other at the end of the whole path."""
    if "/" not in pattern:
        return fnmatch(path.rpartition("/")[2], pattern)
    return fnmatch("/" + path, pattern if pattern.startswith("/") else "*/" + pattern)

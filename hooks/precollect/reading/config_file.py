"""pytest's configuration file: which file wins, and its entries with their places.

Source: pytest, `_pytest/config/findpaths.py`, from 7.0 to 9.2. Where releases differ, the
difference is a named behaviour:

- no-dot-pytest-ini: `.pytest.ini` is not looked for (7.0, 7.1)
- dot-pytest-ini-without-section: `.pytest.ini` counts even without a `[pytest]` section (9.0)
- native-table: pytest.toml, .pytest.toml and `[tool.pytest]` are read (9.0)
- both-tables-fail: `[tool.pytest]` beside `[tool.pytest.ini_options]` is an error (9.0)
- parses-losing-files: the files behind the winner in its folder are parsed too (9.0)
- toplevel-in-pytest-toml-fails: keys outside of any table in pytest.toml are an error (9.2)
- pyproject-sets-rootdir: with no configuration at all, the first pyproject.toml makes the rootdir (8.1)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property, reduce
from posixpath import dirname, join
from typing import TYPE_CHECKING, Any, Literal

from precollect.findings import Place
from precollect.reading import ini, toml
from precollect.reading.collection import exists, within
from precollect.reading.text import Problem, Route, UnparsableError
from precollect.reading.tree import Tree, UnreadableError, levels

if TYPE_CHECKING:
    from precollect.reading.ini import Ini
    from precollect.reading.toml import Toml

Mode = Literal["ini", "toml"]

OWN_NAMES = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini")
"""Files that are nothing but pytest's configuration."""
NAMES = (*OWN_NAMES, "pyproject.toml", "tox.ini", "setup.cfg")
"""The names that one release of pytest or another looks for, in its order."""

PYTEST_IN_SETUP_CFG = "[pytest] section in setup.cfg files is no longer supported, change to [tool:pytest] instead."
BOTH_TABLES = (
    "Cannot use both [tool.pytest] (native TOML types) and "
    "[tool.pytest.ini_options] (string-based INI format) simultaneously."
)


class Entry:
    """One key of a configuration.

    `value` in ini mode: a text, or the list of a TOML array (its items as they are); all else that
    TOML knows is a text, as pytest makes it one. In toml mode: the value of the TOML document.
    """

    def __init__(self, key: str, value: object, mode: Mode, source: Ini | Toml, route: Route) -> None:
        self.key = key
        self.value = value
        self.mode = mode
        self._source = source
        self._route = route

    def __repr__(self) -> str:
        return f"Entry({self.key!r}, {self.value!r})"

    @cached_property
    def place(self) -> Place:
        """The place of the key's first letter."""
        return self._source.text.place(self._source.key(self._route))

    def at(self, offset: int, item: int | None = None) -> Place:
        """The place of the character at `offset` in the text value, or in item number `item` (from 0) of a list.

        For a value or item that is no text in the file: where it begins.
        """
        route = self._route if item is None else (*self._route, item)
        return self._source.text.place(self._source.character(route, offset))

    @property
    def is_table(self) -> bool:
        """Whether a table stands in the file in the place of a value."""
        return isinstance(self._source, toml.Toml) and isinstance(self._source.value(self._route), dict)

    @cached_property
    def lines(self) -> list[tuple[str, Place]]:
        """The value read as a list of lines (markers, filterwarnings): each line with its place.

        Items of a list that are no text are left out; a toml-mode value that is no list has no lines.
        """
        if isinstance(self.value, list):
            return [(item, self.at(0, number)) for number, item in enumerate(self.value) if isinstance(item, str)]
        if self.mode == "toml" or not isinstance(self.value, str):
            return []
        found = []
        offset = 0
        for line in self.value.split("\n"):
            if stripped := line.strip():
                found.append((stripped, self.at(offset + len(line) - len(line.lstrip()))))
            offset += len(line) + 1
        return found


class ConfigFile:
    """A file with pytest configuration.

    `section` is "pytest", "tool:pytest", "tool.pytest.ini_options" or "tool.pytest". `entries` keeps
    the order of the file; a file that counts without such a section has none.
    """

    def __init__(self, path: str, mode: Mode, source: Ini | Toml, route: Route, values: dict[str, Any]) -> None:
        self.path = path
        self.mode = mode
        self.section = ".".join(map(str, route))
        self.source = source
        self.route = route
        self.entries = {key: Entry(key, value, mode, source, (*route, key)) for key, value in values.items()}

    @cached_property
    def header(self) -> Place:
        """The place of the section's or table's header: where a missing key is missing; 1:1 without a header."""
        try:
            return self.source.text.place(self.source.header(self.route))
        except KeyError:
            return Place(self.path, 1, 1)


class Found:
    """The outcome of pytest's search.

    `file`: the configuration that wins, None where none counts, where pytest stops before it finds
    one (`problems`), or where one cannot be known (`unread`).
    `rootdir`: the folder that pytest takes for it, repository-relative, "" for the root.
    `problems`: pytest reads these files and stops at them.
    `unread`: files that may be configuration and have no content for us (too large, a link out of
    the repository), with the reason: pytest may find anything in them.
    """

    def __init__(
        self,
        file: ConfigFile | None,
        rootdir: str,
        problems: tuple[Problem, ...] = (),
        unread: tuple[Problem, ...] = (),
        losers: _Losers | None = None,
    ) -> None:
        self.file = file
        self.rootdir = rootdir
        self.problems = problems
        self.unread = unread
        self._losers = losers

    @property
    def others(self) -> tuple[ConfigFile, ...]:
        """Configurations in the winner's folder that would count without it, in pytest's order."""
        return self._losers.files if self._losers else ()


def find(tree: Tree, folder: str, behaviours: frozenset[str], paths: Iterable[str] = ()) -> Found:
    """What pytest, started in a folder, takes for its configuration.

    `folder` is repository-relative, "" for the root, where the search ends. `behaviours`: see above.
    `paths`: those of the command line; the search begins in the folder that holds all that exist.
    """
    names = _names(behaviours)
    pyproject: str | None = None
    start, folder = folder, _common_folder(tree, folder, paths)
    for base in levels(folder):
        for number, name in enumerate(names):
            path = join(base, name)
            if path not in tree:
                continue
            if name == "pyproject.toml" and pyproject is None:
                pyproject = base
            try:
                file = _load(tree, path, behaviours)
            except UnparsableError as error:
                return Found(None, base, (error.problem,))
            except UnreadableError as error:
                return Found(None, base, unread=(Problem(Place(path, 1, 1), str(error)),))
            if file is not None:
                losers = _Losers(tree, [join(base, loser) for loser in names[number + 1 :]], behaviours)
                problems = losers.problems if "parses-losing-files" in behaviours else ()
                return Found(file, base, problems, losers=losers)
    if pyproject is not None and "pyproject-sets-rootdir" in behaviours:
        return Found(None, pyproject)
    with_setup = (base for base in levels(folder) if join(base, "setup.py") in tree)
    return Found(None, next(with_setup, _shared(start, folder)))


def _common_folder(tree: Tree, start: str, paths: Iterable[str]) -> str:
    """The folder in which pytest begins to search: that of all paths which exist, else the one it is started in."""
    folders = []
    for text in paths:
        path = within(start, text.split("::")[0])
        if path is not None and exists(tree, path):
            folders.append(path if tree.has_folder(path) else dirname(path))
    return reduce(_shared, folders) if folders else start


def _shared(one: str, other: str) -> str:
    """The innermost folder that holds both of two folders."""
    above = set(levels(one))
    return next(folder for folder in levels(other) if folder in above)


def candidates(
    tree: Tree, folder: str, behaviours: frozenset[str]
) -> Iterator[tuple[str, ConfigFile | Problem | None]]:
    """Every file that may be pytest's configuration, in the order of its search: path and what is in it.

    A problem where pytest stops at the file or it has no content for us, None where it does not count.
    """
    for base in levels(folder):
        for name in _names(behaviours):
            path = join(base, name)
            if path in tree:
                try:
                    yield path, _load(tree, path, behaviours)
                except UnparsableError as error:
                    yield path, error.problem
                except UnreadableError as error:
                    yield path, Problem(Place(path, 1, 1), str(error))


class _Losers:
    """The files behind the winner in its folder, read when asked about."""

    def __init__(self, tree: Tree, paths: list[str], behaviours: frozenset[str]) -> None:
        self._tree = tree
        self._paths = [path for path in paths if path in tree]
        self._behaviours = behaviours

    @property
    def files(self) -> tuple[ConfigFile, ...]:
        return self._read[0]

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self._read[1]

    @cached_property
    def _read(self) -> tuple[tuple[ConfigFile, ...], tuple[Problem, ...]]:
        files, problems = [], []
        for path in self._paths:
            try:
                file = _load(self._tree, path, self._behaviours)
            except UnparsableError as error:
                problems.append(error.problem)
            except UnreadableError:
                continue
            else:
                if file is not None:
                    files.append(file)
        return tuple(files), tuple(problems)


def _names(behaviours: frozenset[str]) -> list[str]:
    """The names that a pytest looks for in each folder, in its order."""
    unknown = {".pytest.ini"} if "no-dot-pytest-ini" in behaviours else set()
    if "native-table" not in behaviours:
        unknown |= {"pytest.toml", ".pytest.toml"}
    return [name for name in NAMES if name not in unknown]


def _load(tree: Tree, path: str, behaviours: frozenset[str]) -> ConfigFile | None:
    """The configuration in one file, None where it does not count.

    Raises UnparsableError where pytest stops at it, UnreadableError where it has no content for us.
    """
    return load(path, tree.read(path), behaviours)


def load(path: str, data: bytes, behaviours: frozenset[str]) -> ConfigFile | None:
    """The configuration in the content of a file, which its name tells how to read; None where it does not count.

    Raises UnparsableError where pytest stops at it.
    """
    name = path.rpartition("/")[2]
    if name.endswith(".toml"):
        source_of = _from_pyproject if name == "pyproject.toml" else _from_pytest_toml
        file = source_of(toml.parse(path, data), behaviours)
        if file is not None:
            _check_numbers(file)
        return file
    source = ini.parse(path, data)
    if name == "setup.cfg":
        if "tool:pytest" in source.sections:
            return _from_section(source, "tool:pytest")
        if "pytest" in source.sections:
            place = source.text.place(source.header(("pytest",)))
            raise UnparsableError(Problem(place, PYTEST_IN_SETUP_CFG))
        return None
    counts = name == "pytest.ini" or (name == ".pytest.ini" and "dot-pytest-ini-without-section" in behaviours)
    return _from_section(source, "pytest") if counts or "pytest" in source.sections else None


def _from_section(source: Ini, section: str) -> ConfigFile:
    return ConfigFile(source.text.path, "ini", source, (section,), dict(source.sections.get(section, {})))


def _from_pytest_toml(source: Toml, behaviours: frozenset[str]) -> ConfigFile:
    path = source.text.path
    table = source.tables.get("pytest")
    if "toplevel-in-pytest-toml-fails" in behaviours:
        loose = [key for key, value in source.tables.items() if not isinstance(value, dict)]
        if "pytest" not in source.tables and loose:
            message = (
                f"pytest configuration must be under a [pytest] table (found top-level options: {', '.join(loose)})"
            )
            raise UnparsableError(Problem(source.text.place(source.key((loose[0],))), message))
    elif not table:
        table = {}
    return ConfigFile(path, "toml", source, ("pytest",), _table(source, ("pytest",), {} if table is None else table))


def _from_pyproject(source: Toml, behaviours: frozenset[str]) -> ConfigFile | None:
    path = source.text.path
    tool = _table(source, ("tool",), source.tables.get("tool", {}), "get")
    pytest = _table(source, ("tool", "pytest"), tool.get("pytest", {}), "get")
    options = pytest.get("ini_options")
    native = {key: value for key, value in pytest.items() if key != "ini_options"}
    if native and "native-table" in behaviours:
        if options and "both-tables-fail" in behaviours:
            place = source.text.place(source.key(("tool", "pytest", next(iter(native)))))
            raise UnparsableError(Problem(place, BOTH_TABLES))
        return ConfigFile(path, "toml", source, ("tool", "pytest"), native)
    if options is None:
        return None
    route = ("tool", "pytest", "ini_options")
    values = _table(source, route, options)
    return ConfigFile(
        path,
        "ini",
        source,
        route,
        {
            key: value if isinstance(value, list) else _text(source, (*route, key), value)
            for key, value in values.items()
        },
    )


def _text(source: Toml, route: Route, value: object) -> str:
    """A value as the text that pytest makes of it. Raises UnparsableError for a number that Python writes nowhere."""
    try:
        return str(value)
    except ValueError as error:  # thousands of digits, which TOML can spell in hexadecimal
        raise UnparsableError(Problem(source.text.place(source.key(route)), str(error))) from None


def _check_numbers(file: ConfigFile) -> None:
    """Raises UnparsableError for a number in a list or native value that Python writes nowhere, as in `_text`."""
    for entry in file.entries.values():
        try:
            repr(entry.value)
        except ValueError as error:
            raise UnparsableError(Problem(entry.place, str(error))) from None


def _table(source: Toml, route: Route, value: object, asked: str = "items") -> dict[str, Any]:
    """The table that pytest takes a value for. Raises UnparsableError for another shape, at which pytest crashes."""
    if isinstance(value, dict):
        return value
    message = f"AttributeError: '{type(value).__name__}' object has no attribute '{asked}'"
    raise UnparsableError(
        Problem(source.text.place(source.key(route)), f"{'.'.join(map(str, route))} is no table: {message}")
    )

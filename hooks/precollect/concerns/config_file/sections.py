"""Settings under a name that pytest does not read: `[tool:pytest]` in pytest.ini, `[tool.pytest.ini-options]`.

Source: `_pytest/config/findpaths.py` (7.4.4 to 9.2.0).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from posixpath import join
from typing import Any, NamedTuple

from precollect import catalog
from precollect.concerns.config_file import fixes
from precollect.concerns.config_file.concern import CONCERN
from precollect.concerns.config_file.lost_tests import all_are_lost
from precollect.findings import Finding, Place, Rule
from precollect.model.project import Project
from precollect.reading import ini, toml
from precollect.reading.collection import parents
from precollect.reading.config_file import NAMES
from precollect.reading.ini import Ini
from precollect.reading.text import Route, UnparsableError
from precollect.reading.toml import Toml
from precollect.reading.tree import UnreadableError
from precollect.similar import nearest

NOT_READ = Rule("section-not-read", CONCERN, "breaks", "settings stand in a section or table that pytest does not read")

RULES = (NOT_READ,)

SIGNS = (b"pytest", b"py.test", b"ini_options", b"ini-options")
MEANT = frozenset(
    {"py_test", "pytest", "pytest_ini", "pytest_ini_options", "pytest_options", "tool_py_test", "tool_pytest"}
    | {"tool_pytest_ini_options", "tools_pytest"}
)


class Misnamed(NamedTuple):
    """Settings that are not read. `name`: as written; `meant`: the name to give them, "" where that one is taken.

    `since`: the behaviour of a pytest that does read them here, "" where none does.
    """

    name: str
    meant: str
    place: Place
    settings: Mapping[str, object]
    since: str = ""


def check(project: Project) -> Iterator[Finding]:
    """The findings about settings that are not read."""
    for path in _candidates(project):
        try:
            data = project.tree.read(path)
            if "pytest" not in path.rpartition("/")[2] and not any(sign in data.lower() for sign in SIGNS):
                continue
            source = toml.parse(path, data) if path.endswith(".toml") else ini.parse(path, data)
        except (UnreadableError, UnparsableError):
            continue
        for found in misnamed(path, source, project.pytest.behaviours):
            yield _finding(project, path, found)


def resembles_options(key: str) -> bool:
    """Whether a name may stand for `ini_options`."""
    return _fold(key) in {"ini", "ini_options", "options"} or bool(nearest(key, ("ini_options",)))


def _candidates(project: Project) -> Iterator[str]:
    """The files in which pytest, or its user, looks for the configuration: up to the one that wins."""
    winner = project.config
    start = project.start.folder
    for folder in (start, *parents(start)):
        for name in NAMES:
            path = join(folder, name)
            if path in project.tree:
                yield path
            if winner is not None and path == winner.path and winner.entries:
                return
        if winner is not None and folder == project.found.rootdir:
            return


def _finding(project: Project, path: str, found: Misnamed) -> Finding:
    known = f"pytest {project.pytest.version}"
    key = found.name.rpartition(".")[2].strip("[]")
    native = project.config is not None and project.config.path == path and key in project.config.entries
    nothing = all_are_lost(project, found.settings)
    said = "pytest ignores the settings"
    if nothing:
        said = "pytest collects nothing"
    elif native:
        said = f"pytest {'stops' if project.stops_at_unknown_key(key) else 'only warns'}: Unknown config option: {key}"
    if found.since:
        name = path.rpartition("/")[2]
        why = f"{known} does not read {found.name}" if name == "pyproject.toml" else f"{known} does not read {name}"
        way_out = "it came with pytest 9.0: declare pytest>=9.0" + (f", or write {found.meant}" if found.meant else "")
    else:
        why = f"{found.name} is no name that pytest reads in {path.rpartition('/')[2]}"
        way_out = f"did you mean {found.meant}?" if found.meant else "move its keys to the section that pytest reads"
    stops = nothing or (native and project.stops_at_unknown_key(key))
    return NOT_READ.at(
        found.place,
        f"{why}, {said}; {way_out}",
        fix=fixes.renamed_section(path, found.name, found.meant) if found.meant and not found.since else None,
        kind="breaks" if stops else "loses",
    )


def misnamed(path: str, source: Ini | Toml, behaviours: frozenset[str]) -> Iterator[Misnamed]:
    """The settings in one file that pytest with these behaviours does not read."""
    name = path.rpartition("/")[2]
    if isinstance(source, Ini):
        yield from _ini_sections(source, "tool:pytest" if name == "setup.cfg" else "pytest", name == "setup.cfg")
    elif name == "pyproject.toml":
        yield from _project_tables(source, "native-table" in behaviours)
    else:
        yield from _pytest_tables(source, "native-table" in behaviours, "toplevel-in-pytest-toml-fails" in behaviours)


def _ini_sections(source: Ini, right: str, refuses_pytest: bool) -> Iterator[Misnamed]:
    for section, settings in source.sections.items():
        refused = refuses_pytest and section == "pytest" and right not in source.sections
        if section == right or refused or not _is_meant(section) or not _known(settings):
            continue
        meant = "" if right in source.sections else f"[{right}]"
        yield Misnamed(f"[{section}]", meant, source.text.place(source.header((section,))), dict(settings))


def _project_tables(source: Toml, native: bool) -> Iterator[Misnamed]:
    tool = source.tables.get("tool")
    pytest = tool.get("pytest") if isinstance(tool, dict) else None
    own = pytest if isinstance(pytest, dict) else {}
    free = not own
    if not native and _known({key: value for key, value in own.items() if key != "ini_options"}):
        meant = "" if own.get("ini_options") else "[tool.pytest.ini_options]"
        place = source.text.place(source.header(("tool", "pytest")))
        if own.get("ini_options"):
            key = next(key for key in own if key != "ini_options")
            place = source.text.place(source.key(("tool", "pytest", key)))
        yield Misnamed("[tool.pytest]", meant, place, own, "native-table")
    for key, value in own.items():
        if key != "ini_options" and isinstance(value, dict) and resembles_options(key) and _known(value):
            meant = "" if "ini_options" in own else "[tool.pytest.ini_options]"
            yield _misnamed(source, ("tool", "pytest", key), meant, value)
    meant = "[tool.pytest.ini_options]" if free else ""
    for route, table in _lookalikes(source.tables, tool if isinstance(tool, dict) else {}):
        yield _misnamed(source, route, meant, table)


def _lookalikes(tables: Mapping[str, Any], tool: Mapping[str, Any]) -> Iterator[tuple[Route, dict[str, Any]]]:
    """The tables of other names that hold settings of pytest: at the top, and below [tool]."""
    around: list[tuple[Route, Mapping[str, Any]]] = [((), tables), (("tool",), tool)]
    around += [((name,), table) for name, table in tables.items() if name == "tools" and isinstance(table, dict)]
    for route, table in around:
        for name, below in table.items():
            if (route, name) == (("tool",), "pytest") or not isinstance(below, dict) or not _is_meant(name):
                continue
            if _known(below):
                yield (*route, name), below
            for key, options in below.items():
                if isinstance(options, dict) and resembles_options(key) and _known(options):
                    yield (*route, name, key), options


def _pytest_tables(source: Toml, native: bool, loose_keys_fail: bool) -> Iterator[Misnamed]:
    tables = source.tables
    own = tables.get("pytest")
    tool = tables.get("tool")
    pytest = tool.get("pytest") if isinstance(tool, dict) else None
    free = "pytest" not in tables
    loose = {key: value for key, value in tables.items() if not isinstance(value, dict)}
    if not native:
        settings = [table for table in (own, pytest, loose) if isinstance(table, dict) and _known(table)]
        if settings:
            yield Misnamed("the file", "", source.text.place(0), settings[0], "native-table")
        return
    if _known(loose) and not (loose_keys_fail and free):
        place = source.text.place(source.key((next(iter(loose)),)))
        yield Misnamed("the top of the file", "", place, loose)
    for route, table in _lookalikes(
        {name: table for name, table in tables.items() if name != "pytest"}, tool if isinstance(tool, dict) else {}
    ):
        yield _misnamed(source, route, "[pytest]" if free else "", table)
    if isinstance(pytest, dict) and _known(pytest):
        yield _misnamed(source, ("tool", "pytest"), "[pytest]" if free else "", pytest)
    places: tuple[tuple[Route, object], ...] = ((("tool", "pytest"), pytest), (("pytest",), own))
    for route, around in places:
        for key, options in around.items() if isinstance(around, dict) else ():
            if isinstance(options, dict) and resembles_options(key) and _known(options):
                yield _misnamed(source, (*route, key), "[pytest]" if free else "", options)


def _misnamed(source: Toml, route: Route, meant: str, table: Mapping[str, object]) -> Misnamed:
    return Misnamed(f"[{'.'.join(map(str, route))}]", meant, source.text.place(source.header(route)), table)


def _is_meant(name: str) -> bool:
    """Whether the name of a section is a spelling, or a slip, of one that pytest reads."""
    folded = _fold(name)
    return folded in MEANT or bool(nearest(folded, ("pytest", "tool_pytest"), most=1))


def _fold(name: str) -> str:
    return "_".join("".join(letter if letter.isalnum() else " " for letter in name.lower()).split())


def _known(settings: Mapping[str, object]) -> bool:
    """Whether one of the keys is one of pytest's own, in any release: what makes settings those of pytest."""
    known = catalog.pytest()
    keys = known.at(known.newest).keys
    return any(key in keys for key in settings)

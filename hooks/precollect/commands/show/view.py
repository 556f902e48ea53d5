"""What pytest would know, started in one folder: plain data, computed from the model and rendered elsewhere.

The fields are the keys of `precollect show --format json`; paths are relative to the repository, "." is its root.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from posixpath import dirname
from typing import Literal, NamedTuple

from precollect import catalog
from precollect.catalog import Release
from precollect.findings import Place
from precollect.model.plugins import PluginWord
from precollect.model.project import Project, Start
from precollect.model.strictness import Strictness
from precollect.model.values import Value
from precollect.reading.command_line import CommandLine
from precollect.reading.config_file import ConfigFile, candidates
from precollect.reading.python.facts import words
from precollect.reading.words import Word

MARK = re.compile(rb"(?<!\w)mark\s*\.\s*(\w+)")


class Evidence(NamedTuple):
    """Why a distribution is, or may be, installed. `how`: declared, locked, brought, settings, itself."""

    how: str
    place: Place | None
    text: str


class Pytest(NamedTuple):
    """The release of pytest that is judged, and all that the declared environments may bring, ascending."""

    version: str
    versions: tuple[str, ...]
    evidence: tuple[Evidence, ...]


class File(NamedTuple):
    """A file that may be pytest's configuration.

    `verdict`: wins; hidden (it would count, but another file wins); empty (no section for pytest); broken
    (pytest stops at it, or its content cannot be read). `why`: the reason, where it does not win.
    """

    path: str
    section: str
    verdict: Literal["wins", "hidden", "empty", "broken"]
    why: str


class Argument(NamedTuple):
    """One option with its values, or one path, of addopts. `place`: of its first token.

    `defined_by`: the distribution, or "conftest"; "" for a path and for what nobody is known to define.
    `trouble`: what pytest says against it, "" for nothing.
    """

    tokens: tuple[str, ...]
    place: Place
    defined_by: str
    trouble: str


class Switch(NamedTuple):
    """Whether something is on, and the place that says so; None for pytest's default."""

    on: bool
    place: Place | None


class Plugin(NamedTuple):
    """One plugin. `state`: loaded, disabled, partly (some of its entry points are disabled), idle (installed, and
    nothing asks for it), maybe (files do not tell whether it is installed), unknown (not in the catalog), absent.

    `version`: "" where it is not known. `entry_points`: what `-p` and `-p no:` match. `why`: what disables it ...
    """

    distribution: str
    version: str
    state: str
    why: str
    entry_points: tuple[str, ...]
    evidence: tuple[Evidence, ...]


class Marker(NamedTuple):
    """One marker. `registered_by`: a distribution, "project", "nobody", or "unknown" where files cannot tell.

    `places`: the project's own registrations. `why`: what stands in the way of a registration, "" for nothing that is
    known. `uses`: how often collected files and what they import use it.
    """

    name: str
    registered_by: str
    why: str
    places: tuple[Place, ...]
    uses: int


class Runner(NamedTuple):
    """What runs async tests, and which of them. `name`: of a distribution, or the path of a file of the project's."""

    name: str
    runs: str


class Async(NamedTuple):
    """`tests`: how many async tests there are; `mode` and `place`: of pytest-asyncio, "" where it is not loaded;
    `not_run`: the tests that certainly nobody runs."""

    tests: int
    mode: str
    place: Place | None
    runners: tuple[Runner, ...]
    not_run: tuple[Place, ...]


class Folder(NamedTuple):
    """How many test modules lie directly in a folder, and how many of them a hook may leave out."""

    path: str
    modules: int
    uncertain: int


class Other(NamedTuple):
    """Another start that is judged for this folder. `place`: of the variable that makes it, None for a folder."""

    folder: str
    place: Place | None
    what: str


class View(NamedTuple):
    start: str
    rootdir: str
    pytest: Pytest
    configuration: tuple[File, ...]
    testpaths: tuple[str, ...]
    testpaths_place: Place | None
    collected: tuple[str, ...]
    addopts: tuple[Argument, ...]
    addopts_trouble: str
    strict_markers: Switch
    strict_config: Switch
    plugins: tuple[Plugin, ...]
    local_plugins: tuple[str, ...]
    markers: tuple[Marker, ...]
    asynchronous: Async
    test_modules: tuple[Folder, ...]
    other_starts: tuple[Other, ...]
    unknown: tuple[str, ...]


def view(project: Project, others: Iterable[Start]) -> View:
    """The view of one start; `others`: all starts that are judged for its folder."""
    testpaths = project.values.get("testpaths")
    return View(
        start=shown(project.start.folder),
        rootdir=shown(project.found.rootdir),
        pytest=Pytest(
            project.version_of("pytest") or project.pytest.version,
            project.environment.versions("pytest"),
            tuple(_evidence(project, "pytest")),
        ),
        configuration=tuple(_files(project)),
        testpaths=project.words_of("testpaths") or (),
        testpaths_place=testpaths.place if testpaths else None,
        collected=tuple(map(shown, project.arguments)),
        addopts=tuple(_arguments(project)),
        addopts_trouble=project.bad_words.message if project.bad_words else "",
        strict_markers=_switch(project.strict_markers),
        strict_config=_switch(project.strict_config),
        plugins=tuple(sorted(_plugins(project), key=lambda plugin: plugin[:4])),
        local_plugins=tuple(path for path, _ in project.local_plugins),
        markers=tuple(sorted(_markers(project))),
        asynchronous=_asynchronous(project),
        test_modules=tuple(_folders(project)),
        other_starts=tuple(_others(project, others)),
        unknown=tuple(dict.fromkeys(_unknown(project))),
    )


def shown(folder: str) -> str:
    return folder or "."


# Configuration


def as_line(words: Iterable[str]) -> str:
    """Words as one line of a shell, those with blanks in quotes."""
    return " ".join(repr(word) if not word or " " in word else word for word in words)


def _files(project: Project) -> Iterator[File]:
    found = project.found
    winner = found.file.path if found.file else None
    stopped = {problem.place.path for problem in (*found.problems, *found.unread)}
    ahead = ""  # the file at which the search has ended
    for path, held in candidates(project.tree, project.start.folder, project.pytest.behaviours):
        if path == winner and found.file is not None:
            yield File(path, found.file.section, "wins", "")
            ahead = path
        elif isinstance(held, ConfigFile):
            yield File(path, held.section, "hidden", _hidden(path, ahead))
        elif held is not None:
            why = str(held.message) if path in stopped else f"{held.message}, but {_hidden(path, ahead)}"
            yield File(path, "", "broken", why)
            ahead = ahead or path
        else:
            yield File(path, "", "empty", f"it has no {_section_of(path)}")


def _hidden(path: str, winner: str) -> str:
    return f"{winner} is {'found first' if dirname(path) == dirname(winner) else 'nearer'}"


def _section_of(path: str) -> str:
    name = path.rpartition("/")[2]
    if name == "pyproject.toml":
        return "[tool.pytest] or [tool.pytest.ini_options]"
    return "[tool:pytest]" if name == "setup.cfg" else "[pytest]"


def _switch(strictness: Strictness) -> Switch:
    return Switch(strictness.on, strictness.place)


# The command line


def _arguments(project: Project) -> Iterator[Argument]:
    line = project.line
    made = [
        Argument(tuple(word.text for word in given.words), given.words[0].place, _definer(project, line, number), "")
        for number, given in enumerate(line.given)
    ]
    numbers = {given.words[0].index: argument for given, argument in zip(line.given, made, strict=True)}
    numbers |= {
        fault.word.index: Argument((fault.word.text,), fault.word.place, "", fault.message) for fault in line.faults
    }
    numbers |= {word.index: Argument((word.text,), word.place, "", "") for word in line.paths}
    yield from (numbers[number] for number in sorted(numbers))


def _definer(project: Project, line: CommandLine, number: int) -> str:
    """The distribution that defines an option that was given."""
    option = line.given[number].option
    if option.owner == "conftest":
        return "conftest"
    for release in (project.pytest, *project.plugins.present.values()):
        if option in release.options:
            return release.distribution
    return ""


# Plugins


def _evidence(project: Project, name: str) -> Iterator[Evidence]:
    """`name`: normalised."""
    installed = project.environment
    if installed.settled(name):
        yield Evidence("settings", None, "the settings say so")
    for declared in installed.declared(name):
        marker = f"; {declared.marker}" if declared.marker else ""
        yield Evidence("declared", declared.place, f"{declared.name}{declared.specifier}{marker} in {declared.source}")
    for place in installed.locked(name):
        yield Evidence("locked", place, f"held by {place.path}")
    for carrier in installed.carriers(name):
        yield Evidence("brought", None, f"comes with {carrier}")


def _plugins(project: Project) -> Iterator[Plugin]:
    plugins = project.plugins
    seen: set[str] = set()
    for name, release in plugins.present.items():
        points = tuple(point.name for point in release.entry_points)
        seen.update(points)
        if points:
            evidence = tuple(_evidence(project, name)) or (Evidence("itself", None, "this project itself"),)
            state, why = _state(project, release)
            version = project.version_of(name)
            yield Plugin(release.distribution, version, state, why, points, evidence)
    for name in catalog.names():
        if name not in plugins.present and name != "pytest" and project.environment.presence(name) == "unknown":
            evidence = tuple(_evidence(project, name))
            possible = project.release_of(name)
            if evidence and possible is not None and possible.entry_points:
                points = tuple(point.name for point in possible.entry_points)
                seen.update(points)
                disabler = plugins.disabler_of(points[0])
                state, why = ("disabled", _by(disabler)) if disabler else ("maybe", "in some environments")
                yield Plugin(possible.distribution, "", state, why, points, evidence)
    for declared in project.environment.unknown_plugins:
        evidence = (Evidence("declared", declared.place, f"{declared.name}{declared.specifier} in {declared.source}"),)
        yield Plugin(declared.name, "", "unknown", "not in the catalog", (), evidence)
    seen.update(point.name for point in project.pytest.entry_points)
    yield from _disabled(project, seen)


def _state(project: Project, release: Release) -> tuple[str, str]:
    """The state of an installed plugin, and why it is not simply loaded."""
    plugins = project.plugins
    out = [point.name for point in release.entry_points if not plugins.loads(point.name)]
    disablers = [disabler for name in out if (disabler := plugins.disabler_of(name))]
    if disablers:
        why = _by(disablers[0])
        return ("disabled", why) if len(out) == len(release.entry_points) else ("partly", f"{', '.join(out)} {why}")
    if out:
        return "idle", "autoloading is off and nothing asks for it"
    if all(point.loaded == "asked" and point.name not in plugins.requested for point in release.entry_points):
        return "idle", f"only -p {release.entry_points[0].name} loads it"
    return "loaded", ""


def _disabled(project: Project, seen: set[str]) -> Iterator[Plugin]:
    """What `-p no:NAME` names beside plugins whose entry points are `seen`: pytest's own, and what is not there."""
    own = {point.name for point in project.pytest.entry_points}
    for word in project.plugins.words:
        if not word.disables or project.plugins.disabler_of(word.name) is not word:
            continue
        if word.name in own:
            yield Plugin("pytest", "", "disabled", _by(word), (word.name,), ())
        elif not {word.name, f"pytest_{word.name}"} & seen:
            owner = next(iter(catalog.owners("entry_point", word.name)), "")
            if owner and project.environment.presence(owner) == "unknown":
                yield Plugin(owner, "", "disabled", f"{_by(word)}, if it is installed", (word.name,), ())
            else:
                why = "which is not installed" if owner else "a name that no known plugin has"
                yield Plugin(owner or word.name, "", "absent", f"{_by(word)}, {why}", (), ())


def _by(word: PluginWord) -> str:
    return f"by {word.spelling} at {_brief(word.words[0])}"


def _brief(word: Word) -> str:
    return f"{word.place.path}:{word.place.line}"


# Markers


def _markers(project: Project) -> Iterator[Marker]:
    uses = _uses(project)
    for name in {*project.markers.names, *uses}:
        own = project.markers.own.get(name, ())
        owner, why = ("project", "") if own else _registrar(project, name)
        yield Marker(name, owner, why, tuple(registered.place for registered in own), uses[name])


def _registrar(project: Project, name: str) -> tuple[str, str]:
    """Who registers a marker beside the project itself, and why nobody does."""
    if name in project.plugins.marks:
        return _giver(project, name), ""
    standing = project.mark_standing(name)
    plugin = standing.distribution
    if standing.state == "blocked":
        return "nobody", f"{plugin} is disabled {_by(standing.disabler)}" if standing.disabler else f"{plugin} is idle"
    if standing.state in {"absent", "outdated"}:
        return "nobody", f"{plugin} is {'not installed' if standing.state == 'absent' else 'too old'}"
    if standing.state == "nobody":
        return "nobody", ""
    return "unknown", f"{plugin} may be installed" if plugin else ""


def _giver(project: Project, name: str) -> str:
    releases = [project.pytest, *project.plugins.present.values()]
    return next(release.distribution for release in releases if name in release.marks)


def _uses(project: Project) -> Counter[str]:
    """Mark → the places that use it in files that pytest imports while it starts and collects.

    Those of registered markers are counted by their spelling, as parsing a thousand modules takes half a minute; for
    what nobody registers, and for what is used in helper modules only, a closer look is taken.
    """
    tests = project.tests
    counted: Counter[str] = Counter()
    for path in tests.files:
        sketch = project.modules.sketch(path)
        if "open_marks" in words(sketch.flags):
            counted.update(mark.name for mark in project.modules.read(path).marks if mark.when != "never")
        elif sketch.marks:
            marks = words(sketch.marks)
            counted.update(name for name in _spelled(project.modules.data(path)) if name in marks)
    registered = Counter({name: counted[name] for name in project.markers.names})
    return registered + Counter(use.mark.name for use in tests.uses_of(tests.mark_names.difference(+registered)))


def _spelled(data: bytes) -> Iterator[str]:
    """The names of marks in the bytes of a module, one for each place outside of comments."""
    for match in MARK.finditer(data):
        if b"#" not in data[data.rfind(b"\n", 0, match.start()) + 1 : match.start()]:
            yield match[1].decode("utf-8", "replace")


# Async tests


def _asynchronous(project: Project) -> Async:
    found = project.asynchronous
    value: Value | None = found.key
    place = found.option.words[0].place if found.option else value.place if value else None
    return Async(
        tests=len(found.tests),
        mode=found.mode if found.loaded else "",
        place=place,
        runners=tuple(_runners(project)),
        not_run=tuple(unhandled.place for unhandled in found.unhandled),
    )


def _runners(project: Project) -> Iterator[Runner]:
    found = project.asynchronous
    if found.loaded:
        runs = "every async test" if found.mode == "auto" else "tests with the mark asyncio"
        yield Runner("pytest-asyncio", runs)
    if "anyio" in project.plugins.present and project.plugins.loads("anyio"):
        automatic = found.anyio_is_automatic
        runs = "every async test" if automatic else "tests with the mark anyio or the fixture anyio_backend"
        yield Runner("anyio", runs)
    for name in found.other_runners:
        yield Runner(name, "tests of its own kind")
    for path, module in project.local_plugins:
        if any(hook.name == "pytest_pyfunc_call" for hook in module.hooks):
            yield Runner(path, "by its hook pytest_pyfunc_call")


# Collection


def _folders(project: Project) -> Iterator[Folder]:
    modules = [step for step in project.steps if step.kind == "module"]
    every = Counter(dirname(step.path) for step in modules)
    uncertain = Counter(dirname(step.path) for step in modules if not step.certain)
    yield from (Folder(shown(folder), every[folder], uncertain[folder]) for folder in sorted(every))


def _others(project: Project, starts: Iterable[Start]) -> Iterator[Other]:
    for start in starts:
        if start.called is not None:
            text = as_line(word.text for word in start.arguments)
            set_before = f"PYTEST_ADDOPTS='{' '.join(word.text for word in start.extra)}' " if start.extra else ""
            yield Other(shown(start.folder), start.called, f"{set_before}pytest {text}".rstrip())
        elif start.autoload_off is not None:
            yield Other(shown(start.folder), start.autoload_off, "PYTEST_DISABLE_PLUGIN_AUTOLOAD")
        elif start.extra:
            text = " ".join(word.text for word in start.extra)
            yield Other(shown(start.folder), start.extra[0].place, f"PYTEST_ADDOPTS={text}")
        elif start.plugins:
            text = ",".join(word.text for word in start.plugins)
            yield Other(shown(start.folder), start.plugins[0].place, f"PYTEST_PLUGINS={text}")
        elif start.folder != project.start.folder:
            yield Other(shown(start.folder), None, "a folder of its own")


def _unknown(project: Project) -> Iterator[str]:
    yield from project.environment.why_open
    yield from filter(None, (project.why_open, project.unresolved_plugin, project.markers.why_open))
    yield from project.why_unread

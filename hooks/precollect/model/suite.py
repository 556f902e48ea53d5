"""The test modules of one start, and which of them are worth a closer look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain
from posixpath import commonpath, dirname
from typing import TYPE_CHECKING

from precollect.model.overview import Overview
from precollect.model.tests import Defined
from precollect.reading.collection import is_below
from precollect.reading.python.facts import Class, Flag, Function, Module, Names, words

if TYPE_CHECKING:
    from precollect.model.project import Project

# pytest-factoryboy makes the names of its fixtures from those of classes.
MAKES_NAMES = rb"(?<![\w.])(?:globals|locals|vars|exec)\(|(?:sys\.modules\[|import_module\()__name__|pytest_factoryboy"
# An object that a hook gives to the plugin manager may define fixtures, and may come from anywhere.
REGISTERS = rb"(?:plugin_?manager|\bpm|\bmanager)\s*\.\s*register\("
# Bytes of all test modules together, each rounded up to a power of two, up to which every one of them is parsed.
SMALL = 48 * 1024


class Suite:
    """The modules that pytest certainly imports as test modules."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._reachable: dict[tuple[str, str, str], bool] = {}
        self._named: dict[str, list[str]] = {}

    @property
    def paths(self) -> list[str]:
        """Their paths, in the order of collection."""
        return self._project.tests.certain_modules

    @cached_property
    def overview(self) -> Overview:
        """What their sketches show."""
        return Overview(self._project.modules, self.paths)

    @cached_property
    def is_small(self) -> bool:
        """Whether all modules can be parsed in no time."""
        magnitudes = self.overview.texts("magnitude").items()
        return sum(count << int(magnitude) for magnitude, count in magnitudes) <= SMALL

    @cached_property
    def helpers(self) -> dict[str, Module]:
        """Path → facts of the conftest files and the plugins of the project's own, loaded at start or later."""
        project = self._project
        return {**dict(project.local_plugins), **{path: project.modules.read(path) for path in project.later_conftests}}

    @cached_property
    def hooks(self) -> frozenset[str]:
        """The names of the hooks that these files implement."""
        return frozenset(hook.name for module in self.helpers.values() for hook in module.hooks)

    @property
    def why_open(self) -> str:
        """Why there may be fixtures, hooks or collected files that are not known; "" where all are."""
        unread = (f"{path}: {module.unknown}" for path, module in self.helpers.items() if module.unknown)
        return self._project.why_open or self._project.unresolved_plugin or next(unread, "")

    @cached_property
    def fixtures(self) -> frozenset[str]:
        """The names of the fixtures that pytest, the loaded plugins and the project's own plugins define."""
        project = self._project
        names = {name for name in project.pytest.fixtures if project.gives("fixture", name)}
        for release in project.plugins.present.values():
            names.update(name for name in release.fixtures if project.gives("fixture", name))
        for module in self.helpers.values():
            names.update(function.fixture.name or "" for function in module.functions if function.fixture)
        return frozenset(names)

    @cached_property
    def opens_fixtures(self) -> bool:
        """Whether a conftest or own plugin may define fixtures that are not known: by other means, or imported.

        So may a plugin that a test module names in `pytest_plugins`, for all modules.
        """
        return any(
            any("*" in found.names for found in module.imports)
            or any(function.fixture and function.fixture.name is None for function in module.functions)
            or self.makes_names(path)
            or self._project.modules.holds(path, REGISTERS)
            for path, module in self.helpers.items()
        ) or any(self._project.modules.mentions(path, b"pytest_plugins") for path in self.overview.flagged("plugins"))

    def makes_names(self, path: str) -> bool:
        """Whether a file may define fixtures by names that do not stand in it."""
        return self._project.modules.holds(path, MAKES_NAMES)

    def may_have_fixture(self, name: str, folder: str, but: str = "") -> bool:
        """Whether anything but the test modules, and but one file, may define a fixture for the tests of a folder.

        A conftest file defines fixtures for its own folder and those below.
        """
        if (name, folder, but) not in self._reachable:
            self._reachable[name, folder, but] = self._may_reach(name, folder, but) or self._project.names_fixture(name)
        return self._reachable[name, folder, but]

    def _may_reach(self, name: str, folder: str, but: str = "") -> bool:
        """The same, as far as conftest files and plugins go."""
        naming = [path for path in self._naming(name) if path != but]
        return (
            self.opens_fixtures
            or self._project.makes_fixtures_by_name
            or any(not path.endswith("conftest.py") or is_below(folder, dirname(path)) for path in naming)
            or self._may_come_from_a_plugin(name, defined=bool(naming))
        )

    def asking_in_vain(self, field: Names) -> Iterator[tuple[str, set[str]]]:
        """(path, names) of the modules that ask for fixtures which nothing but test modules may define for them.

        `field`: the one of their sketches that tells what is asked for.
        """
        names = self.overview.names(field)
        everywhere = commonpath([min(self.paths), max(self.paths)]) if names else ""
        doubtful = {name for name in names if not self._may_reach(name, everywhere)}
        for path in self.overview.naming(field, doubtful):
            asked = doubtful.intersection(words(getattr(self._project.modules.sketch(path), field)))
            unknown = {name for name in asked if not self.may_have_fixture(name, dirname(path))}
            if unknown:
                yield path, unknown

    def _naming(self, name: str) -> list[str]:
        """The conftest files and own plugins that name a fixture, and so may define it."""
        if name not in self._named:
            word = name.encode("utf-8", "surrogatepass")
            self._named[name] = [
                path
                for path, module in self.helpers.items()
                if self._project.modules.mentions(path, word)
                or any(function.fixture and function.fixture.name == name for function in module.functions)
            ]
        return self._named[name]

    def _may_come_from_a_plugin(self, name: str, *, defined: bool) -> bool:
        """Whether a plugin may define a fixture, or should: then its absence is what is wrong.

        Where the project defines one of that name itself, that is the one that is meant.
        """
        state = self._project.plugins.standing("fixture", name).state
        return state != "nobody" and not (defined and state in {"absent", "outdated"})

    def names(self, path: str, name: str) -> bool:
        """Whether a test module says the name of a fixture anywhere."""
        return self._project.modules.mentions(path, name.encode("utf-8", "surrogatepass"))

    def defined_in(self, name: str) -> list[str]:
        """The files that mention a fixture's name next to a definition of it."""
        word = f"def {name}(".encode("utf-8", "surrogatepass")
        return [path for path in (*self.helpers, *self.paths) if self._project.modules.mentions(path, word)]

    def needing(self, fixture: Defined, way: frozenset[str] = frozenset()) -> Iterator[Defined]:
        """The tests that certainly run and need a fixture of module level, as it serves all or they ask for it.

        By an argument, or by way of other fixtures; `way`: the names of those that have led here.
        """
        declared, path = fixture.function.fixture, fixture.path
        if (
            declared is None
            or not declared.name
            or declared.name in way
            or not self._is_the_only(fixture, declared.name)
        ):
            return
        shared = path in self.helpers
        if declared.autouse is True:
            below = dirname(path) if path.endswith("conftest.py") else ""
            for each in self.paths if shared else [path]:
                if is_below(dirname(each), below):
                    yield from filter(self._project.tests.certainly_runs, self._project.tests.functions_in(each))
        else:
            for asking in self._asking(declared.name, path if not shared or path.endswith("conftest.py") else ""):
                if self.is_plain_fixture(asking.function):
                    yield from self.needing(asking, way | {declared.name})
                elif asking.path not in self.helpers and self._project.tests.is_plain_test(asking):
                    yield asking

    def _is_the_only(self, fixture: Defined, name: str) -> bool:
        """Whether no other fixture can be meant by a name, as far as the tests that see this one go."""
        if fixture.path in self.helpers:
            return self.defined_in(name) == [fixture.path]
        declared = [each.fixture.name for each in fixture.module.functions if each.fixture is not None]
        return sum(each in {name, None} for each in declared) == 1

    def _asking(self, name: str, path: str) -> Iterator[Defined]:
        """The functions with an argument of this name, in what sees a test module or a conftest; "" is seen by all."""
        if path and path not in self.helpers:
            files = self.closely([path])
        else:
            asked = (*self.overview.naming("requested", [name]), *self.overview.naming("fixtures_request", [name]))
            files = chain(self.closely(dict.fromkeys(asked)), self.helpers.items())
        for each, module in files:
            if is_below(dirname(each), dirname(path)):
                for function in module.functions:
                    if name in function.requests and (each == path or not self.binds(each, module, name)):
                        yield Defined(each, module, function)

    def is_plain_fixture(self, function: Function) -> bool:
        """Whether a function is certainly a fixture of module level under a name that files tell."""
        declared = function.fixture is not None and function.fixture.name is not None
        return declared and function.when == "import" and not function.classes and not function.opaque

    def binds(self, path: str, module: Module, name: str) -> bool:
        """Whether a module binds the name of a fixture, or has a fixture that may go by another name."""
        from precollect.reading.python.bound_names import bound_names

        return (
            any(name in found.names or found.module == name for found in module.imports)
            or any(function.fixture and function.fixture.name in {name, None} for function in module.functions)
            or name in bound_names(self._project.modules.data(path))
        )

    def suspects(self, flag: Flag) -> Iterator[tuple[str, Module]]:
        """(path, facts) of the modules whose sketch raises a flag and that do not skip themselves."""
        return self.closely(self.overview.flagged(flag))

    def closely(self, paths: Iterable[str]) -> Iterator[tuple[str, Module]]:
        """(path, facts) of those of some modules that do not skip themselves."""
        for path in paths:
            module = self.closer(path)
            if module is not None:
                yield path, module

    def closer(self, path: str) -> Module | None:
        """The facts of a module; None where it cannot be read or may skip itself."""
        module = self._project.modules.read_alone(path)
        if module.problem or module.unknown or module.skipped_from or module.may_skip:
            return None
        return None if self._project.tests.is_left_out(path) else module

    def is_collected(self, module: Module, found: Class) -> bool:
        """Whether pytest certainly looks at a class: at module level, or in classes that it collects."""
        if found.when != "import" or not self._project.tests.names_class(found.name):
            return False
        return all(
            outer is not None and outer.unittest == "no" and self.is_collected(module, outer) and not outer.constructor
            for outer in self._project.tests.outline(module).around(found)
        )

    def tests_in(self, module: Module, found: Class) -> list[Function]:
        """The methods of a class that are named like tests."""
        return [
            function
            for function in module.functions
            if function.classes == (*found.classes, found.name)
            and function.fixture is None
            and self._project.tests.names_function(function.name)
        ]

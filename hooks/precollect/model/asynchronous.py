"""Async tests and fixtures: which plugin runs them, in which mode, and which nobody runs.

Source: pytest-asyncio `plugin.py` (0.21.2 to 1.5.0), anyio `pytest_plugin.py`, `_pytest/python.py`
`async_fail`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from precollect.findings import Place
from precollect.model.plugins import Standing
from precollect.model.tests import Defined
from precollect.model.values import Value
from precollect.reading.command_line import Given

if TYPE_CHECKING:
    from precollect.model.project import Project

# Hooks of a conftest or local plugin that may run an async test, or put a mark on it.
RUNNING_HOOKS = frozenset(
    {
        "pytest_pyfunc_call",
        "pytest_pycollect_makeitem",
        "pytest_collection_modifyitems",
        "pytest_itemcollected",
        "pytest_runtest_call",
        "pytest_runtest_protocol",
        "pytest_runtest_setup",
        "pytest_fixture_setup",
    }
)
# pytest_generate_tests runs no test itself; it can ask for a runner by a parameter or a mark, or wrap the function.
RUNNING_WORDS = rb"anyio|asyncio|coroutine|\.definition|\.function\b"
OWN_RUNNERS = ("anyio", "pytest-asyncio")  # of which this module knows when they run a test
# The same for a plugin object, whose class may stand in any file: it is registered, or has one of the hooks.
RUNNING_OBJECTS = rb"pluginmanager\b[^\n]*\bregister\(|\bdef\s+(?:" + "|".join(RUNNING_HOOKS).encode() + rb")\("
# A conftest or plugin of the project's own that speaks of the mode may set it.
SPEAKS_OF_MODE = rb"asyncio[-_]mode"
# The names of a module may be changed, or its tests marked, by what does not say their names.
CHANGES_NAMES = (
    rb"(?m)(?<![\w.])(?:globals|locals|vars|setattr|exec)\(|sys\.modules|\bimport\s*\(?\s*\*"
    rb"|^(?!\s*pytestmark\s*[:+=]).*\bpytestmark\b"
)
# A fixture that asks for the backend of anyio hands it on to its tests.
HANDS_ON_ANYIO = rb"[(,]\s*anyio_backend\b|[\"']anyio_backend[\"']"
MODES = ("auto", "strict")


class Unhandled(NamedTuple):
    """An async test that no plugin runs. `standing`: of the plugin that would, were it there."""

    test: Defined
    standing: Standing

    @property
    def place(self) -> Place:
        return self.test.place


class Asynchronous:
    """The async side of one start of pytest."""

    def __init__(self, project: Project) -> None:
        self._project = project

    @property
    def loaded(self) -> bool:
        """Whether pytest-asyncio is certainly there and loaded."""
        return "pytest-asyncio" in self._project.plugins.present and self._project.plugins.loads("asyncio")

    @property
    def option(self) -> Given | None:
        """The `--asyncio-mode` that overrules the key."""
        return self._project.line.last("asyncio_mode")

    @property
    def key(self) -> Value | None:
        """The key `asyncio_mode`, where no option overrules it."""
        return None if self.option else self._project.values.get("asyncio_mode")

    @property
    def mode(self) -> str:
        """The mode of pytest-asyncio as it is written, strict by default; "" for a value that is no text."""
        if self.option is not None:
            return self.option.value or ""
        return "strict" if self.key is None else (self.key.text or "")

    @property
    def exists(self) -> bool:
        """Whether a collected file may hold an async test or fixture."""
        return not self._project.tests.collected.keys().isdisjoint(self._project.tests.overview.flagged("asynchronous"))

    @cached_property
    def tests(self) -> list[Defined]:
        """The async tests that pytest certainly collects as functions of its own."""
        return [test for path in self._paths for test in self.tests_in(path)]

    @cached_property
    def _paths(self) -> list[str]:
        """The modules that pytest certainly imports and that hold an async function."""
        return self._project.suite.overview.flagged("asynchronous")

    def tests_in(self, path: str) -> list[Defined]:
        """The async tests of one module."""
        functions = self._project.tests.functions_in(path)
        return [test for test in functions if test.function.is_async and not test.function.is_generator]

    @cached_property
    def unhandled(self) -> list[Unhandled]:
        """The async tests that a plain run certainly reaches and that nobody runs."""
        project = self._project
        if not self.exists or self._others_may_run():
            return []
        if self.loaded and self.mode == "auto":
            return []
        found = []
        # Where a plugin runs marked tests, only modules with an unmarked one, or the other's mark, are worth parsing.
        dead = {mark for mark in ("asyncio", "anyio") if not project.gives("mark", mark)}
        overview = project.tests.overview
        suspects = {*overview.flagged("unmarked_async_test"), *overview.naming("marks", dead)}
        for path in self._paths:
            for test in self.tests_in(path) if len(dead) == 2 or path in suspects else ():
                standing = self._runner(test) if project.tests.certainly_runs(test) else None
                if standing is not None:
                    found.append(Unhandled(test, standing))
        return found

    @cached_property
    def _fixtures(self) -> list[Defined]:
        """The fixtures of files that may hold an async one."""
        tests = self._project.tests
        return [fixture for path in tests.overview.flagged("async_fixture") for fixture in tests.fixtures_in(path)]

    @property
    def requested_fixtures(self) -> list[tuple[Defined, Defined]]:
        """Async fixtures of pytest-asyncio's, each with a test that certainly runs and needs it."""
        ours = {"pytest_asyncio.fixture", *(["pytest.fixture"] if self.mode == "auto" else [])}
        return list(self._needed(ours))

    @property
    def unhandled_fixtures(self) -> list[tuple[Defined, Defined]]:
        """Async fixtures that nobody runs, each with a test that certainly runs and needs it."""
        if not (self.loaded and self.mode == "strict" and self.exists) or self._others_may_run():
            return []
        if self._project.plugins.standing("mark", "anyio").state != "absent":
            return []
        return list(self._needed({"pytest.fixture"}))

    def _needed(self, declared_by: set[str]) -> Iterator[tuple[Defined, Defined]]:
        """The async fixtures that are declared so, each with a test that certainly runs and needs it."""
        suite = self._project.suite
        for fixture in self._fixtures:
            declared = fixture.function.fixture
            if declared is None or declared.declared_by not in declared_by or not fixture.function.is_async:
                continue
            if suite.is_plain_fixture(fixture.function):
                yield from ((fixture, test) for test in islice(suite.needing(fixture), 1))

    def _runner(self, test: Defined) -> Standing | None:
        """Who would run an async test, where certainly nobody does; None where somebody may."""
        project = self._project
        marks = project.tests.marks_of(test)
        if self._may_be_marked_elsewhere(test):
            return None
        if self._may_be_replaced(test):
            return None
        anyio = project.plugins.standing("mark", "anyio")
        if anyio.state in {"given", "unknown"} and self._may_be_handed_anyio(test):
            return None
        asks_for_anyio = "anyio" in marks or "anyio_backend" in (*test.function.arguments, *test.function.defaulted)
        if anyio.state in {"given", "unknown"} and (asks_for_anyio or self.anyio_is_automatic):
            return None
        asyncio = project.plugins.standing("mark", "asyncio")
        if asyncio.state == "unknown":
            return None
        if asyncio.state == "given" and (self.mode != "strict" or "asyncio" in marks):
            return None
        return anyio if asks_for_anyio else asyncio

    @property
    def anyio_is_automatic(self) -> bool:
        """Whether anyio runs every async test."""
        value = self._project.values.get("anyio_mode")
        given = self._project.line.last("anyio_mode")
        return (given.value if given else value.text if value else None) == "auto"

    def _may_be_marked_elsewhere(self, test: Defined) -> bool:
        """Whether a class, a base or `pytestmark` may put marks on a test that files do not show."""
        return any(assigned.kind == "unknown" for assigned in test.module.pytestmarks) or any(
            found is None or found.opaque or not set(found.bases) <= {"object", "builtins.object"}
            for found in self._project.tests.classes_around(test)
        )

    @cached_property
    def other_runners(self) -> list[str]:
        """The loaded plugins that run async tests of some kind, pytest-asyncio and anyio apart; sorted."""
        plugins = self._project.plugins
        found = []
        for name, release in plugins.present.items():
            runs = "runs-async-tests" in release.behaviours or "pytest_pyfunc_call" in (release.implements or {})
            if runs and name not in OWN_RUNNERS and any(plugins.loads(point.name) for point in release.entry_points):
                found.append(name)
        return sorted(found)

    def _may_be_replaced(self, test: Defined) -> bool:
        """Whether its module may mark, replace or delete a test after its definition: it says its name once more."""
        modules, function = self._project.modules, test.function
        return modules.holds(test.path, CHANGES_NAMES) or any(
            modules.holds(test.path, rb"(?<!\bdef )(?<!\bclass )\b" + re.escape(name.encode()) + rb"\b")
            for name in (*function.classes[:1], function.name)
        )

    def _may_be_handed_anyio(self, test: Defined) -> bool:
        """Whether a test may ask for the backend of anyio by another fixture or by `usefixtures`."""
        return "anyio_backend" in (self._project.words_of("usefixtures") or ()) or any(
            self._project.modules.holds(path, HANDS_ON_ANYIO)
            for path in (test.path, *self._project.tests.seen_from(test.path))
        )

    @cached_property
    def mode_is_open(self) -> bool:
        """Whether a conftest or plugin of the project's own may set the mode."""
        return any(self._project.modules.holds(path, SPEAKS_OF_MODE) for path in self._project.suite.helpers)

    def _others_may_run(self) -> bool:
        """Whether a plugin or a hook of the project's own may run async tests."""
        project = self._project
        if project.why_open or project.unresolved_plugin:
            return True
        if self.other_runners or project.plugins.may_implement("pytest_pyfunc_call", but=OWN_RUNNERS):
            return True
        helpers = project.suite.helpers
        if any(module.unknown for module in helpers.values()) or not project.suite.hooks.isdisjoint(RUNNING_HOOKS):
            return True
        if any(project.modules.holds(path, RUNNING_OBJECTS) for path in helpers):
            return True
        if self.loaded and self.mode_is_open:
            return True
        return "pytest_generate_tests" in project.suite.hooks and any(
            project.modules.holds(path, RUNNING_WORDS) for path in helpers
        )

"""Fixtures: scopes that do not exist, requests that nobody answers, fixtures that ask for themselves.

Source: `_pytest/fixtures.py` `FixtureManager`, `FixtureRequest._get_active_fixturedef` (7.4.4 to 9.2.0).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import dirname

from precollect.findings import Finding, Place, Related, Rule
from precollect.model.project import Project
from precollect.model.suite import Suite
from precollect.model.tests import Defined
from precollect.reading.python.facts import Function, Module
from precollect.test_layout.wording import way_out

SCOPE = Rule("unknown-fixture-scope", "test-layout", "breaks", "a fixture has a scope that does not exist")
MISSING = Rule("unknown-fixture", "test-layout", "breaks", "a test asks for a fixture that nobody defines")
CYCLE = Rule("fixture-recursion", "test-layout", "breaks", "a fixture asks for itself")

RULES = (SCOPE, MISSING, CYCLE)

SCOPES = ("function", "class", "module", "package", "session")
# Arguments that pytest and Python fill in themselves.
GIVEN = frozenset({"self", "cls", "request"})


def check(project: Project) -> Iterator[Finding]:
    """The findings about fixtures."""
    suite = project.suite
    for path, module in (*suite.helpers.items(), *suite.suspects(lambda glance: glance.scopes)):
        yield from _scopes(path, module)
    for path, module in (*suite.helpers.items(), *suite.suspects(lambda glance: glance.cycles)):
        yield from _cycles(project, path, module)
    if not suite.why_open and "pytest_generate_tests" not in suite.hooks and not suite.opens_fixtures:
        yield from _missing(project, suite)


def _scopes(path: str, module: Module) -> Iterator[Finding]:
    for function in module.functions:
        fixture = function.fixture
        if fixture is None or fixture.scope is None or fixture.scope in SCOPES or function.when != "import":
            continue
        yield SCOPE.at(
            Place(path, function.line, function.column),
            f"fixture '{function.name}' has the scope '{fixture.scope}', pytest stops: '{fixture.scope}' is not a "
            f"valid Scope; {way_out(fixture.scope, SCOPES, 'use one of ' + ', '.join(SCOPES))}",
        )


# Missing


def _missing(project: Project, suite: Suite) -> Iterator[Finding]:
    for path in suite.paths:
        folder = dirname(path)
        asked = project.modules.glance(path).requested
        unknown = {name for name in asked if not suite.may_have_fixture(name, folder)}
        module = suite.closer(path) if unknown else None
        if (
            module is None
            or any("*" in found.names for found in module.imports)
            or project.modules.mentions(path, b"generate_tests")
            or suite.makes_names(path)
        ):
            continue
        for name, place, who in _requests(suite, path, module):
            if name in unknown and not _is_bound(project, path, module, name):
                own = {function.name for function in module.functions if function.fixture}
                yield MISSING.at(
                    place,
                    f"'{who}' asks for fixture '{name}', which nobody defines: it fails when it runs, "
                    f"fixture '{name}' not found; {way_out(name, suite.fixtures | own, 'define it')}",
                )


def _requests(suite: Suite, path: str, module: Module) -> Iterator[tuple[str, Place, str]]:
    """(fixture, place, name of the test) of what the tests of a module certainly ask for when they run."""
    tests = [
        function
        for function in module.functions
        if suite.is_test(module, function)
        and suite.runs(module, function)
        and all(decorator.name.startswith("pytest.mark.") for decorator in function.decorators)
        and _is_plain(module, function)
    ]
    for function in tests:
        for name in function.arguments:
            if name not in GIVEN and "parametrize" not in suite.marks_of(module, function):
                yield name, Place(path, function.line, function.column), function.name
    by_name = {function.qualified: function for function in tests}
    for mark in module.marks:
        if mark.name == "usefixtures" and mark.target == "function" and mark.owner in by_name and mark.call:
            for argument in mark.call.positional:
                if isinstance(argument.value, str):
                    yield argument.value, Place(path, mark.line, mark.column), by_name[mark.owner].name


def _is_plain(module: Module, function: Function) -> bool:
    """Whether the classes around a method inherit no fixtures."""
    around = [
        found for found in module.classes if function.classes[: len(found.classes) + 1] == (*found.classes, found.name)
    ]
    return all(not found.opaque and set(found.bases) <= {"object", "builtins.object"} for found in around)


def _is_bound(project: Project, path: str, module: Module, name: str) -> bool:
    """Whether a module binds the name of a fixture, or has a fixture that may go by another name."""
    assigned = re.compile(rb"^[ \t]*[\w, ]*\b" + name.encode() + rb"\b[\w, ]*[:=]", re.MULTILINE)
    return (
        any(name in found.names or found.module == name for found in module.imports)
        or any(function.fixture and function.fixture.name in {name, None} for function in module.functions)
        or project.modules.holds(path, assigned)
    )


# Recursion


def _cycles(project: Project, path: str, module: Module) -> Iterator[Finding]:
    fixtures: dict[str, Function] = {}
    for function in module.functions:
        if function.fixture is not None and not function.classes and function.when == "import":
            if function.fixture.name is None or function.fixture.name in fixtures or function.opaque:
                return
            fixtures[function.fixture.name] = function
    for name in fixtures:
        circle = _circle(fixtures, name)
        if circle is None or name != min(circle):
            continue
        if len(circle) == 1 and (
            project.suite.why_open or project.suite.may_have_fixture(name, dirname(path), but=path)
        ):
            continue  # it extends a fixture of the same name from further out
        test = _asking_test(project, path, circle)
        if test is not None:
            said = f"recursive dependency involving fixture '{name}' detected"
            yield CYCLE.at(
                Place(path, fixtures[name].line, fixtures[name].column),
                f"fixture '{name}' asks for itself ({' -> '.join([*circle, name])}), "
                f"'{test.function.name}' fails when it runs: {said}",
                (Related(test.place, "asks for it"),),
            )


def _circle(fixtures: dict[str, Function], name: str) -> list[str] | None:
    """The way from a fixture through those that it asks for, back to itself; None where there is none."""
    ways = [[name]]
    seen = set()
    while ways:
        way = ways.pop()
        for asked in fixtures[way[-1]].arguments:
            if asked == name:
                return way
            if asked in fixtures and asked not in seen:
                seen.add(asked)
                ways.append([*way, asked])
    return None


def _asking_test(project: Project, path: str, circle: list[str]) -> Defined | None:
    """A test that certainly runs and asks for one of the fixtures as they stand in this file."""
    for name in circle:
        for test in project.tests.functions(name):
            if (
                name in test.function.arguments
                and (
                    test.path == path
                    or (path in project.initial_conftests and project.suite.defined_in(name) == [path])
                )
                and project.tests.certainly_runs(test)
                and "parametrize" not in project.tests.marks_of(test)
                and not test.function.classes
            ):
                return test
    return None

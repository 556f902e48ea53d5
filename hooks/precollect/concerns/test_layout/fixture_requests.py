"""Requests for fixtures that nobody defines, or not for the folder of the test.

Source: `_pytest/fixtures.py` `FixtureManager.getfixtureinfo`, `FixtureLookupError` (7.4.4 to 9.2.0).
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname

from precollect.findings import Finding, Place, Related, Rule
from precollect.model.project import Project
from precollect.model.suite import Suite
from precollect.model.tests import Defined
from precollect.reading.python.facts import Module
from precollect.similar import way_out

MISSING = Rule("unknown-fixture", "test-layout", "breaks", "a test asks for a fixture that nobody defines")

RULES = (MISSING,)

# Arguments that pytest and Python fill in themselves.
GIVEN = frozenset({"self", "cls", "request"})


def check(project: Project) -> Iterator[Finding]:
    """The findings about requests, where files tell of every fixture."""
    suite = project.suite
    if knows_fixtures(suite):
        yield from _missing(project, suite)
        yield from _missing_for_fixtures(project, suite)


def knows_fixtures(suite: Suite) -> bool:
    """Whether files tell of every fixture but those of test modules."""
    return not suite.why_open and "pytest_generate_tests" not in suite.hooks and not suite.opens_fixtures


def _missing(project: Project, suite: Suite) -> Iterator[Finding]:
    for path, unknown in suite.asking_in_vain("requested"):
        module = suite.closer(path)
        if (
            module is None
            or any("*" in found.names for found in module.imports)
            or project.modules.mentions(path, b"generate_tests")
            or suite.makes_names(path)
        ):
            continue
        for name, place, who in _requests(project, path, module):
            if name in unknown and not suite.binds(path, module, name):
                own = {function.name for function in module.functions if function.fixture}
                yield MISSING.at(
                    place,
                    f"'{who}' asks for fixture '{name}', which nobody defines: it fails when it runs, "
                    f"fixture '{name}' not found; {way_out(name, suite.fixtures | own, 'define it')}",
                )


def _requests(project: Project, path: str, module: Module) -> Iterator[tuple[str, Place, str]]:
    """(fixture, place, name of the test) of what the tests of a module certainly ask for when they run."""
    functions = (Defined(path, module, function) for function in module.functions)
    tests = [test for test in functions if project.tests.is_plain_test(test)]
    for test in tests:
        yield from ((name, test.place, test.function.name) for name in test.function.requests if name not in GIVEN)
    for mark in module.marks:
        if mark.name == "usefixtures" and mark.call is not None:
            carrying = [test.function.name for test in tests if project.tests.carries(test, mark)]
            for argument in mark.call.positional if carrying else ():
                if isinstance(argument.value, str):
                    yield argument.value, Place(path, mark.line, mark.column), carrying[0]


def _missing_for_fixtures(project: Project, suite: Suite) -> Iterator[Finding]:
    """Fixtures that ask for what nobody defines, and a test that asks for them."""
    asking = suite.closely(path for path, _ in suite.asking_in_vain("fixtures_request"))
    for path, module in (*suite.helpers.items(), *asking):
        for function in module.functions:
            fixture = function.fixture
            if fixture is None or not fixture.name or not suite.is_plain_fixture(function):
                continue
            for name in function.requests:
                if name in GIVEN or _is_named_elsewhere(project, path, name):
                    continue
                needing = suite.needing(Defined(path, module, function))
                test = next((test for test in needing if _lacks(suite, test, name, path)), None)
                if test is not None:
                    yield MISSING.at(
                        Place(path, function.line, function.column),
                        f"fixture '{fixture.name}' asks for fixture '{name}', which nobody defines: "
                        f"'{test.function.name}' fails when it runs, fixture '{name}' not found; "
                        f"{way_out(name, suite.fixtures, 'define it')}",
                        (Related(test.place, "asks for it"),),
                    )


def _lacks(suite: Suite, test: Defined, name: str, asking: str) -> bool:
    """Whether nobody defines a fixture for a test; the file that asks for it may name it."""
    elsewhere = test.path != asking and suite.names(test.path, name)
    return not (elsewhere or suite.may_have_fixture(name, dirname(test.path), but=asking))


def _is_named_elsewhere(project: Project, path: str, name: str) -> bool:
    """Whether a conftest says a name anywhere but where functions take and use it, or may make it."""
    module = project.modules.read_alone(path)
    return (
        any("*" in found.names for found in module.imports)
        or project.suite.binds(path, module, name)
        or any(function.name == name for function in module.functions)
        or project.suite.makes_names(path)
    )

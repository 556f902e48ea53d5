"""Fixtures as they are declared: scopes that do not exist or do not fit, fixtures that ask for themselves.

Source: `_pytest/fixtures.py` `FixtureManager`, `FixtureRequest._get_active_fixturedef` (7.4.4 to 9.2.0).
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname

from precollect.findings import Finding, Place, Related, Rule
from precollect.model.project import Project
from precollect.model.tests import Defined
from precollect.reading.python.facts import Function, Module, words
from precollect.reading.python.glance import OF_ONE_TEST
from precollect.similar import way_out

SCOPE = Rule("unknown-fixture-scope", "test-layout", "breaks", "a fixture has a scope that does not exist")
MISMATCH = Rule("fixture-scope-mismatch", "test-layout", "breaks", "a fixture asks for one of a narrower scope")
CYCLE = Rule("fixture-recursion", "test-layout", "breaks", "a fixture asks for itself")
EXCLUSIVE = Rule("fixtures-exclude-each-other", "test-layout", "breaks", "a test asks for two that capture its output")

RULES = (SCOPE, MISMATCH, CYCLE, EXCLUSIVE)

# Fixtures of pytest of which a test can use one only (`_pytest/capture.py`, 7.4.4 to 9.2.0).
CAPTURING = frozenset({"capfd", "capfdbinary", "capsys", "capsysbinary", "capteesys"})
SCOPES = ("function", "class", "module", "package", "session")


def check(project: Project) -> Iterator[Finding]:
    """The findings about fixtures."""
    suite = project.suite
    for path, module in (*suite.helpers.items(), *suite.suspects("scopes")):
        yield from _scopes(path, module)
        yield from _mismatches(project, path, module)
    for path, module in (*suite.helpers.items(), *suite.suspects("cycles")):
        yield from _cycles(project, path, module)
    yield from _exclusive(project)


def _scopes(path: str, module: Module) -> Iterator[Finding]:
    for function in module.functions:
        fixture = function.fixture
        if fixture is None or fixture.scope is None or fixture.scope in SCOPES or function.when != "import":
            continue
        decorator = next((each for each in function.decorators if each.name == fixture.declared_by), None)
        yield SCOPE.at(
            Place(path, decorator.line, function.column + 1)
            if decorator
            else Place(path, function.line, function.column),
            f"fixture '{function.name}' has the scope '{fixture.scope}', pytest stops: got an unexpected scope value "
            f"'{fixture.scope}'; {way_out(fixture.scope, SCOPES, 'use one of ' + ', '.join(SCOPES))}",
        )


# Recursion


def _cycles(project: Project, path: str, module: Module) -> Iterator[Finding]:
    fixtures = {} if any("*" in found.names for found in module.imports) else _of_module(module)
    for name in fixtures:
        circle = _circle(fixtures, name)
        if circle is None or name != min(circle):
            continue
        if len(circle) == 1 and (
            project.suite.why_open or project.suite.may_have_fixture(name, dirname(path), but=path)
        ):
            continue  # it extends a fixture of the same name from further out
        if project.suite.opens_fixtures or any(_may_be_replaced(project, path, module, each) for each in circle):
            continue
        test = next((test for asked in circle for test in _needing(project, path, module, fixtures[asked])), None)
        if test is not None:
            said = f"recursive dependency involving fixture '{name}' detected"
            yield CYCLE.at(
                Place(path, fixtures[name].line, fixtures[name].column),
                f"fixture '{name}' asks for itself ({' -> '.join([*circle, name])}), "
                f"'{test.function.name}' fails when it runs: {said}; rename one of them, or take the argument out",
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


# Fixtures that exclude each other


def _exclusive(project: Project) -> Iterator[Finding]:
    suite = project.suite
    paths = suite.overview.which("requested", lambda cell: len(CAPTURING.intersection(words(cell))) > 1)
    for path, module in suite.closely(paths):
        for test in (Defined(path, module, function) for function in module.functions):
            names = [name for name in test.function.requests if name in CAPTURING]
            asked = [name for name in names if _is_pytests(project, path, module, name)]
            if len(asked) > 1 and project.tests.is_plain_test(test):
                first, second = asked[:2]
                yield EXCLUSIVE.at(
                    test.place,
                    f"'{test.function.name}' asks for '{first}' and '{second}', which both capture its output: it "
                    f"fails when it runs, cannot use {second} and {first} at the same time; keep one of the two",
                )


def _is_pytests(project: Project, path: str, module: Module, name: str) -> bool:
    """Whether a name certainly means the fixture of pytest's own."""
    suite = project.suite
    return project.gives("fixture", name) and not suite.defined_in(name) and not suite.binds(path, module, name)


# Scopes that do not fit


def _mismatches(project: Project, path: str, module: Module) -> Iterator[Finding]:
    """Fixtures of a wide scope that ask for one of a narrower scope."""
    fixtures = _of_module(module)
    for name, function in fixtures.items():
        scope = function.fixture.scope if function.fixture else None
        if scope not in SCOPES[1:]:
            continue
        for asked in function.arguments:
            narrower = _scope_of(project, fixtures, asked)
            if narrower not in SCOPES[: SCOPES.index(scope)] or _may_be_replaced(project, path, module, asked):
                continue
            test = next(_needing(project, path, module, function), None)
            if test is not None:
                yield MISMATCH.at(
                    Place(path, function.line, function.column),
                    f"fixture '{name}' has the scope {scope} and asks for '{asked}' of the scope {narrower}, "
                    f"'{test.function.name}' fails when it runs: ScopeMismatch; narrow one or widen the other",
                    (Related(test.place, "asks for it"),),
                )


def _scope_of(project: Project, fixtures: dict[str, Function], name: str) -> str | None:
    """The scope of a fixture of the same file, or of one of pytest's own that nobody overrides; None where unsure."""
    if name in fixtures:
        fixture = fixtures[name].fixture
        return fixture.scope if fixture and fixture.declared_by == "pytest.fixture" else None
    overridden = project.suite.defined_in(name) or name in project.plugins.disablers
    return "function" if name.encode("utf-8", "surrogatepass") in OF_ONE_TEST and not overridden else None


def _may_be_replaced(project: Project, path: str, module: Module, name: str) -> bool:
    """Whether another fixture may go by a name for some tests: of a class, of another file, imported or assigned."""
    if any(found.classes and found.fixture and found.fixture.name in {name, None} for found in module.functions):
        return True
    files = dict(project.suite.helpers)
    files.update({each: project.modules.read_alone(each) for each in _naming(project, name)})
    own = {found.name for found in module.functions if found.fixture}
    return any(project.suite.binds(each, found, name) for each, found in files.items() if each != path) or (
        name not in own and project.suite.binds(path, module, name)
    )


def _needing(project: Project, path: str, module: Module, function: Function) -> Iterator[Defined]:
    """The tests that certainly run and need a fixture."""
    return project.suite.needing(Defined(path, module, function))


def _naming(project: Project, name: str) -> list[str]:
    """The test modules that say a name."""
    return [path for path in project.suite.paths if project.suite.names(path, name)]


def _of_module(module: Module) -> dict[str, Function]:
    """Name → fixture of module level; {} where two have one name, or one has a name that files do not tell."""
    found: dict[str, Function] = {}
    for function in module.functions:
        if function.fixture is not None and not function.classes and function.when == "import":
            if function.fixture.name is None or function.fixture.name in found or function.opaque:
                return {}
            found[function.fixture.name] = function
    return found

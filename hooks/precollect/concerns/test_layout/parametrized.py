"""Calls of parametrize that do not fit the function below them.

Source: `_pytest/python.py` `Metafunc.parametrize`, `_pytest/mark/structures.py` `ParameterSet` (7.4.4 to 9.2.0).
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname
from typing import TYPE_CHECKING

from precollect import catalog
from precollect.concerns.test_layout.fixture_requests import MISSING, knows_fixtures
from precollect.concerns.test_layout.fixtures import SCOPES
from precollect.concerns.wording import count
from precollect.findings import Finding, Place, Related, Rule
from precollect.model.project import Project
from precollect.model.tests import Defined
from precollect.reading.python.facts import Function, Module
from precollect.similar import nearest, way_out

if TYPE_CHECKING:
    from precollect.reading.python.parameters import Parametrize

UNKNOWN = Rule("parametrize-unknown-argument", "test-layout", "breaks", "parametrize names what the test does not take")
DEFAULTED = Rule("parametrize-defaulted-argument", "test-layout", "breaks", "parametrize names a defaulted argument")
COUNT = Rule("parametrize-value-count", "test-layout", "breaks", "a row has more or fewer values than names")
POSITION = Rule(
    "parametrize-by-position", "test-layout", "breaks", "parametrize takes indirect and ids by keyword only"
)
KEYWORD = Rule("parametrize-unknown-keyword", "test-layout", "breaks", "parametrize has no such keyword")
IDS = Rule("parametrize-id-count", "test-layout", "breaks", "there are more or fewer ids than rows")
SCOPE = Rule("parametrize-unknown-scope", "test-layout", "breaks", "parametrize has a scope that does not exist")
MARKS = Rule("parametrize-row-mark", "test-layout", "breaks", "a row carries what is no mark, or none for rows")
REPEATED = Rule("parametrize-id-repeated", "test-layout", "breaks", "two rows have one id, which strictness forbids")

RULES = (UNKNOWN, DEFAULTED, COUNT, POSITION, KEYWORD, IDS, SCOPE, MARKS, REPEATED)

KEYWORDS = ("argnames", "argvalues", "indirect", "ids", "scope")
LONG = 2  # arguments by position that every release takes
# A hook that gives ids, or takes part in parametrizing.
HOOKS = frozenset({"pytest_make_parametrize_id", "pytest_generate_tests"})


def check(project: Project) -> Iterator[Finding]:
    """The findings about parametrize."""
    suite = project.suite
    for path, module in suite.closely(suite.paths if suite.is_small else suite.overview.flagged("parametrize")):
        if not project.modules.mentions(path, b"parametrize"):
            continue
        tests = _parametrized(project, module)
        for call in project.modules.parametrized(path):
            functions = tests.get((call.owner, call.line))
            finding = _fault(project, path, module, call, functions) if functions else None
            if finding is not None:
                yield finding


def _parametrized(project: Project, module: Module) -> dict[tuple[str, int], list[Function]]:
    """Owner and line of a decorator → the tests that it certainly parametrizes: its function, or all of its class."""
    found: dict[tuple[str, int], list[Function]] = {}
    for function in module.functions:
        if function.opaque or not project.tests.is_test(module, function):
            continue
        for owner in (function, project.tests.outline(module).classes.get(function.classes)):
            for decorator in owner.decorators if owner is not None and not owner.opaque else ():
                if decorator.name == "pytest.mark.parametrize":
                    name = ".".join((*owner.classes, owner.name)) if owner is not None else ""
                    found.setdefault((name, decorator.line), []).append(function)
    return found


def _fault(project: Project, path: str, module: Module, call: Parametrize, functions: list[Function]) -> Finding | None:
    place = Place(path, call.line, call.column)
    if call.positional > LONG and project.behaves("parametrize-ids-positional-fails"):
        return POSITION.at(
            place,
            f"parametrize gets {call.positional} arguments by position, pytest stops: TypeError: "
            "Metafunc.parametrize() takes 3 positional arguments; write indirect= and ids=",
        )
    unknown = next((keyword for keyword in call.keywords if keyword not in KEYWORDS), None)
    if unknown is not None and call.complete:
        known = f"it has {', '.join(KEYWORDS)}"
        return KEYWORD.at(
            place,
            f"parametrize has no keyword '{unknown}', pytest stops: TypeError: Metafunc.parametrize() got an "
            f"unexpected keyword argument '{unknown}'; {way_out(unknown, KEYWORDS, known)}",
        )
    if call.scope is not None and call.scope not in SCOPES:
        return SCOPE.at(
            place,
            f"parametrize has the scope '{call.scope}', pytest stops: parametrize() call in {functions[0].name} got an "
            f"unexpected scope value '{call.scope}'; {way_out(call.scope, SCOPES, 'use one of ' + ', '.join(SCOPES))}",
        )
    if call.names is None:
        return None
    return (
        _marks(project, path, call)
        or _names(project, path, module, call, functions)
        or _indirect(project, path, module, call, functions)
        or _rows(project, place, path, call, functions[0])
    )


def _marks(project: Project, path: str, call: Parametrize) -> Finding | None:
    for row in call.rows or ():
        for mark in row.marks:
            place = Place(path, row.line, row.column)
            if mark[:1] in "'\"":
                return MARKS.at(
                    place, f"{mark} is a text and no mark, pytest stops collecting; write pytest.mark.{mark[1:-1]}"
                )
            if mark == "usefixtures" and project.behaves("usefixtures-in-param-fails"):
                said = "pytest.param cannot add pytest.mark.usefixtures"
                return MARKS.at(place, f"pytest stops: {said}; it never had an effect, put it on the test")
    return None


# Names


def _names(project: Project, path: str, module: Module, call: Parametrize, functions: list[Function]) -> Finding | None:
    place = Place(path, call.line, call.column)
    for function in functions:
        for name in call.names or ():
            if name in function.arguments:
                continue
            if name in function.defaulted:
                return DEFAULTED.at(
                    place,
                    f"parametrize names '{name}', which has a default value in '{function.name}', pytest stops: "
                    f"function already takes an argument '{name}' with a default value; remove the default",
                )
            if _asked_for_elsewhere(project, path, module, name):
                continue
            others = [argument for argument in function.arguments if argument not in {"self", *(call.names or ())}]
            if project.suite.why_open and not nearest(name, others):
                continue  # a fixture of a plugin that is not known may ask for it
            end = way_out(name, others, "add the argument or remove it")
            if name in function.by_position:
                end = "it can be given by position only, and pytest gives it by name: take the '/' out"
            return UNKNOWN.at(
                place,
                f"parametrize names '{name}', but '{function.name}' does not take it, pytest stops: "
                f"function uses no argument '{name}'; {end}",
                (Related(Place(path, function.line, function.column), "the function"),),
            )
    return None


def _indirect(
    project: Project, path: str, module: Module, call: Parametrize, functions: list[Function]
) -> Finding | None:
    """The finding about values for a fixture that nobody defines."""
    suite = project.suite
    names = call.names if call.indirect is True else call.indirect
    run = next(
        (each for each in functions if not each.classes and project.tests.certainly_runs(Defined(path, module, each))),
        None,
    )
    if not names or not call.rows or run is None or not knows_fixtures(suite):
        return None
    if suite.makes_names(path) or any("*" in found.names for found in module.imports):
        return None
    for name in names:
        if not (suite.may_have_fixture(name, dirname(path)) or suite.binds(path, module, name)):
            return MISSING.at(
                Place(path, call.line, call.column),
                f"parametrize gives values to the fixture '{name}', which nobody defines: '{run.name}' fails when it "
                f"runs, fixture '{name}' not found; define it, or take indirect out",
            )
    return None


def _asked_for_elsewhere(project: Project, path: str, module: Module, name: str) -> bool:
    """Whether a fixture may ask for a name, so that the test need not."""
    if project.gives("fixture", name) or catalog.owners("fixture", name):
        return True
    word = name.encode("utf-8", "surrogatepass")
    if any(project.modules.mentions(file, word) for file in project.suite.helpers):
        return True
    used = (
        argument
        for mark in module.marks
        if mark.name == "usefixtures" and mark.call
        for argument in mark.call.positional
    )
    return (
        any(name in (*function.arguments, *function.defaulted) for function in module.functions if function.fixture)
        or any(function.name == name and function.fixture for function in module.functions)
        or any(argument.value == name or not argument.known for argument in used)
        or any("*" in found.names or name in found.names for found in module.imports)
        or any(base not in {"object", "builtins.object"} for found in module.classes for base in found.bases)
        or project.modules.mentions(path, b"pytest_generate_tests")
    )


# Rows


def _rows(project: Project, place: Place, path: str, call: Parametrize, function: Function) -> Finding | None:
    names, rows = call.names or (), call.rows
    if rows is None:
        return None
    for row in rows:
        if row.length is not None and row.length != len(names):
            given = count(row.length, "value") if row.length >= 0 else "no tuple of values"
            said = f'in "parametrize" the number of names ({len(names)})'  # "must be ..." stands two lines further down
            if row.length < 0:
                said = "TypeError: object has no len()"
            return COUNT.at(
                Place(path, row.line, row.column),
                f"this row has {given} for {_listed(names)}, pytest stops: {said}; give one value for each name",
                (Related(place, "the names"),),
            )
    if call.ids and rows and call.ids != len(rows):  # an empty list of ids is as good as none
        return IDS.at(
            place,
            f"parametrize has {count(len(rows), 'row')} and {count(call.ids, 'id')}, pytest stops: {len(rows)} "
            f"parameter sets specified, with different number of ids: {call.ids}; give one id for each row",
        )
    return _repeated_id(project, path, call, function)


def _repeated_id(project: Project, path: str, call: Parametrize, function: Function) -> Finding | None:
    if "strict_parametrization_ids" not in project.pytest.keys or project.suite.hooks & HOOKS:
        return None
    value = project.values.get("strict_parametrization_ids") or project.values.get("strict")
    if value is None or value.boolean is not True or project.suite.why_open:
        return None
    seen: dict[str, int] = {}
    for row in call.rows or ():
        if row.id is not None and row.id in seen:
            return REPEATED.at(
                Place(path, row.line, row.column),
                f"this row has the id '{row.id}', as the row at line {seen[row.id]} has, and {value.key} is on, "
                "pytest stops: Duplicate parametrization IDs detected; give ids",
                (Related(value.place, "made strict here"),),
            )
        if row.id is not None:
            seen[row.id] = row.line
    return None


def _listed(names: tuple[str, ...]) -> str:
    return f"{count(len(names), 'name')} ({', '.join(names)})"

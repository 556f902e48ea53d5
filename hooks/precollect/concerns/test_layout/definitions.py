"""Classes and functions that pytest does not collect, or collects and cannot run.

Source: https://docs.pytest.org/en/stable/explanation/goodpractices.html#conventions-for-python-test-discovery
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice

from precollect.concerns.wording import count
from precollect.findings import Finding, Place, Related, Rule
from precollect.model.project import Project
from precollect.model.suite import Suite
from precollect.model.tests import Defined
from precollect.reading.python.facts import Class, Function, Module

CONSTRUCTOR = Rule("test-class-with-constructor", "test-layout", "breaks", "a test class has a constructor")
CLASSES = Rule(
    "test-classes-unmatched", "test-layout", "loses", "python_classes does not match classes that hold tests"
)
FUNCTIONS = Rule("test-functions-unmatched", "test-layout", "loses", "python_functions does not match functions")
REPEATED = Rule("test-name-repeated", "test-layout", "loses", "two tests of one name stand in one scope")
YIELD = Rule("yield-test", "test-layout", "breaks", "a test yields")
NOSE = Rule(
    "nose-style-setup", "test-layout", "breaks", "a setup in the style of nose, which this pytest does not call"
)

RULES = (CONSTRUCTOR, CLASSES, FUNCTIONS, REPEATED, YIELD, NOSE)

MOST_READ = 40  # modules, where a pattern of the configuration makes every module a suspect
# Key → what its patterns are about, how that is named by default, how its definition begins.
UNMATCHED = {
    "python_classes": ("test class", "Test", b"class Test"),
    "python_functions": ("function", "test_", b"def test_"),
}
NOT_TESTS = frozenset({"typing.overload", "functools.singledispatch", "builtins.property"})
NOSE_METHODS = {"setup": "setup_method", "teardown": "teardown_method"}
# Ways to call such a method, or to give it a name that pytest calls.
NOSE_CALLED = {name: rb"(?:[.\"']|= *)" + name.encode() + rb"\b" for name in NOSE_METHODS}


def check(project: Project) -> Iterator[Finding]:
    """The findings about classes and functions."""
    suite = project.suite
    yield from _constructors(project, suite)
    yield from _unmatched(project, suite)
    for path, module in suite.suspects("repeats"):
        if not suite.makes_names(path):
            yield from _repeated(project, path, module)
    for path, module in suite.suspects("yields"):
        yield from _yields(project, path, module)
    if not project.behaves("nose-setup"):
        for path, module in suite.suspects("setups"):
            yield from _nose(project, suite, path, module)


# Classes with a constructor


def _constructors(project: Project, suite: Suite) -> Iterator[Finding]:
    for path, module in suite.suspects("constructors"):
        for found in module.classes:
            name = _constructor(module, found)
            if not name or found.opaque or found.test is False or not suite.is_collected(module, found):
                continue
            said = f"cannot collect test class '{found.name}' because it has a {name} constructor"
            tests = len(suite.tests_in(module, found))
            if not tests and project.is_ignored("PytestCollectionWarning", said):
                continue  # somebody has seen it, and nothing is lost
            lost = f"its {count(tests, 'test')} never run" if tests != 1 else "its test never runs"
            stops = project.is_error("PytestCollectionWarning", said)
            if stops:
                what = f"the warning is an error here, pytest stops: {said}"
            else:
                what = f"pytest only warns ({said}){f', and {lost}' if tests else ''}"
            way_out = "set __test__ = False or rename it" if not tests else f"move {name} to a fixture or setup_method"
            yield CONSTRUCTOR.at(
                Place(path, found.line, found.column),
                f"test class '{found.name}' has a constructor: {what}; {way_out}",
                kind="breaks" if stops else "loses",
            )


def _constructor(module: Module, found: Class) -> str:
    """The constructor of a class that is no unittest one, its own or that of a base in its module; "" where unsure."""
    if found.unittest != "no":
        return ""
    if found.constructor:
        return found.constructor
    for base in found.bases:
        if base.startswith(":"):
            parent = next((each for each in module.classes if ".".join((*each.classes, each.name)) == base[1:]), None)
            if parent is not None and parent.test is not False and not parent.opaque:
                name = _constructor(module, parent)
                if name:
                    return name
    return ""


# Names that patterns of the configuration leave out


def _unmatched(project: Project, suite: Suite) -> Iterator[Finding]:
    """Where a pattern of the configuration takes the common names from pytest: those that it leaves out."""
    tests = project.tests
    yield from _left_out(project, suite, CLASSES, "python_classes", tests.names_class("Test"), _lost_classes)
    yield from _left_out(project, suite, FUNCTIONS, "python_functions", tests.names_function("test_"), _lost_functions)


def _left_out(
    project: Project,
    suite: Suite,
    rule: Rule,
    key: str,
    takes_usual: bool,
    lost_in: Callable[[Project, Module], Iterator[Class | Function]],
) -> Iterator[Finding]:
    what, prefix, definition = UNMATCHED[key]
    value, patterns = project.values.get(key), project.words_of(key)
    if value is None or takes_usual or patterns is None:
        return
    paths = (path for path in suite.paths if project.modules.mentions(path, definition))
    modules = ((path, project.modules.read_alone(path)) for path in islice(paths, MOST_READ))
    lost = [Place(path, each.line, each.column) for path, module in modules for each in lost_in(project, module)]
    if lost:
        yield rule.at(
            value.place,
            f"{key} = '{' '.join(patterns)}' leaves out {count(len(lost), what)} named {prefix}..., such as {lost[0]}: "
            f"pytest collects none of them; add {prefix}*",
            tuple(Related(place, "not collected") for place in lost),
        )


def _lost_classes(project: Project, module: Module) -> Iterator[Class]:
    for found in module.classes:
        if (
            not found.classes
            and found.name.startswith("Test")
            and not project.tests.names_class(found.name)
            and found.unittest == "no"
            and found.test is None
            and not _constructor(module, found)
            and project.suite.tests_in(module, found)
        ):
            yield found


def _lost_functions(project: Project, module: Module) -> Iterator[Function]:
    outline = project.tests.outline(module)
    for function in module.functions:
        if (
            function.name.startswith("test_")
            and not project.tests.names_function(function.name)
            and function.when == "import"
            and function.fixture is None
            and all(found is not None and found.unittest == "no" for found in outline.around(function))
        ):
            yield function


# Two of one name


def _repeated(project: Project, path: str, module: Module) -> Iterator[Finding]:
    kept: dict[tuple[tuple[str, ...], str, int], Function | Class] = {}
    tests = project.tests
    definitions: list[Function | Class] = [*module.functions, *module.classes]
    for found in sorted(definitions, key=lambda each: each.line):
        named = tests.names_function(found.name) if isinstance(found, Function) else tests.names_class(found.name)
        if not named or found.when != "import" or found.opaque or not _is_collectable(module, found):
            continue
        key = (found.classes, found.name, _class_line(module, found))
        first = kept.get(key)
        kept[key] = found
        if first is not None and isinstance(first, type(found)) and not _is_kept(project, path, first, found):
            what = "test" if isinstance(found, Function) else "test class"
            where = f"in class '{'.'.join(found.classes)}'" if found.classes else "in this module"
            yield REPEATED.at(
                Place(path, first.line, first.column),
                f"{what} '{first.name}' is defined again at line {found.line} {where}: "
                "the first one is never collected; rename one",
                (Related(Place(path, found.line, found.column), "defined again"),),
            )


def _is_kept(project: Project, path: str, first: Function | Class, again: Function | Class) -> bool:
    """Whether something between two definitions names the first, and so may keep it: a base, another name for it."""
    lines = project.modules.data(path).splitlines()[first.line - 1 : again.line]
    word = re.compile(rb"\b" + first.name.encode("utf-8", "surrogatepass") + rb"\b")
    return len(word.findall(b"\n".join(lines))) > len((first, again))


def _is_collectable(module: Module, found: Function | Class) -> bool:
    if isinstance(found, Class):
        return found.test is not False
    return found.fixture is None and not any(decorator.name in NOT_TESTS for decorator in found.decorators)


def _class_line(module: Module, found: Function | Class) -> int:
    """The line of the class that holds a definition, as two classes may share a name; 0 at module level."""
    lines = [
        each.line for each in module.classes if (*each.classes, each.name) == found.classes and each.line < found.line
    ]
    return max(lines, default=0)


# What newer releases no longer take


def _yields(project: Project, path: str, module: Module) -> Iterator[Finding]:
    for function in module.functions:
        plain = function.is_generator and not function.is_async and not function.opaque
        if not plain or not project.tests.is_test(module, function):
            continue
        place = Place(path, function.line, function.column)
        if project.behaves("yield-test-fails"):
            yield YIELD.at(
                place,
                f"test '{function.name}' yields, pytest stops: 'yield' keyword is allowed in fixtures, but not in "
                f"tests ({function.name}); write a loop, or use parametrize",
            )
        else:
            yield YIELD.at(
                place,
                f"test '{function.name}' yields: pytest marks it xfail and never runs it; "
                "write a loop, or use parametrize",
                kind="loses",
            )


def _nose(project: Project, suite: Suite, path: str, module: Module) -> Iterator[Finding]:
    from precollect.reading.python.attributes import set_and_read

    for function in module.functions:
        name = NOSE_METHODS.get(function.name)
        if name is None or function.arguments != ("self",) or function.decorators or function.when != "import":
            continue
        found = project.tests.outline(module).classes.get(function.classes)
        if found is None or found.unittest != "no" or found.opaque or not suite.is_collected(module, found):
            continue
        tests = [test for test in suite.tests_in(module, found) if project.tests.is_test(module, test)]
        others = {each.name for each in module.functions if each.classes == function.classes}
        if (
            not tests
            or name in others
            or any(project.modules.holds(each, NOSE_CALLED[function.name]) for each in (path, *suite.helpers))
        ):
            continue
        missing = set_and_read(project.modules.data(path), ".".join(function.classes), function.name)
        runs = (test for test in tests if project.tests.certainly_runs(Defined(path, module, test)))
        fails = next((test for test in runs if test.name in missing), None)
        place = Place(path, function.line, function.column)
        what = f"method '{function.name}' of '{found.name}' is in the style of nose, and this pytest never calls it"
        if fails is not None and function.name == "setup":
            yield NOSE.at(
                place,
                f"{what}: '{fails.name}' fails: AttributeError: '{found.name}' object has no attribute "
                f"'{missing[fails.name]}'; rename it {name}",
            )
        else:
            yield NOSE.at(place, f"{what}; rename it {name}", kind="loses")

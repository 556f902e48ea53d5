"""What collected files hold: the uses of marks that pytest evaluates, test functions, fixtures."""

import re
from collections.abc import Collection, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import cached_property, partial
from itertools import accumulate
from posixpath import dirname, join
from typing import NamedTuple

from precollect.findings import Place
from precollect.model import imports
from precollect.model.modules import Modules
from precollect.reading.collection import Step, is_below
from precollect.reading.python.facts import Class, Function, Import, MarkUse
from precollect.reading.tree import Tree

# Marks under which pytest may not run a test, or does not mind its failure.
SKIPPING = frozenset({"skip", "skipif", "xfail"})
# A fixture, a setup function or a hook may skip a test before it is called.
SKIPS = re.compile(rb"(?<!mark\.)\b(?:skip|xfail|importorskip|skip_test|skipTest|exit)\(|\bSkipTest\b|skip\.Exception")
PREPARES = re.compile(rb"\bfixture\b|\bdef\s+(?:setup|pytest_)")
# Hooks of conftest files and own plugins that may keep a test from running in their own way ...
TAKING_OVER = re.compile(
    rb"def (?:pytest_runtest_protocol|pytest_pyfunc_call|pytest_runtestloop|pytest_pycollect_makeitem)\b"
)
# ... and those, and fixtures and set-ups, that may do so by skipping or leaving out.
BEFORE_TESTS = re.compile(
    rb"def (?:pytest_(?:collection_modifyitems|itemcollected|runtest_setup|runtest_call)|set_?[uU]p\w*)\b|\bautouse\b"
)
KEEPING_BACK = re.compile(
    rb"[sS]kip|xfail|XFAIL|deselect|(?:(?<![.\w])|session\.)items\b[^\n=]{0,80}\]?\s*=[^=]"
    rb"|items\.(?:remove|pop|clear)|\bdel items"
)
# What looks at marks only leaves a test alone that has none.
BY_MARK = re.compile(rb"keywords|get_closest_marker|iter_markers|get_marker|own_markers")
BY_OTHER_MEANS = re.compile(
    rb"autouse|\.(?:name|nodeid|fspath|path|location|originalname|parent|module|cls|function|fixturenames|listnames|obj)\b"
)
LEFT_OUT = re.compile(rb"^__test__\b", re.MULTILINE)


class Use(NamedTuple):
    """One use of a mark in a file that pytest imports. `step`: the number of the collection step that imports it."""

    path: str
    step: int
    mark: MarkUse

    @property
    def place(self) -> Place:
        return Place(self.path, self.mark.line, self.mark.column)


class Defined(NamedTuple):
    """A function and the file that defines it."""

    path: str
    function: Function

    @property
    def place(self) -> Place:
        return Place(self.path, self.function.line, self.function.column)


class TestNames(NamedTuple):
    """The patterns of `python_functions` and `python_classes`: beginnings of names, or globs."""

    functions: tuple[str, ...]
    classes: tuple[str, ...]


class Tests:
    """The collected files of one start of pytest."""

    def __init__(
        self,
        tree: Tree,
        modules: Modules,
        steps: Sequence[Step],
        loaded_at_start: Sequence[str],
        import_folders: Sequence[str],
        names: TestNames,
        selects: bool,
        deselected: frozenset[str],
    ) -> None:
        """`loaded_at_start`: conftest files and plugin modules, which pytest imports before it checks marks;
        `selects`: whether a run may leave out tests that it collects; `deselected`: marks whose tests it leaves out
        in any case."""
        self._tree = tree
        self._modules = modules
        self._steps = steps
        self._loaded_at_start = loaded_at_start
        self._import_folders = list(import_folders)
        self._names = names
        self.selects = selects
        self._deselected = deselected
        self.skipping = SKIPPING | deselected
        self._functions: dict[str, list[Defined]] = {}
        self._holding_back: dict[str, int] = {}
        modules.expect(self.files)

    @cached_property
    def mark_names(self) -> frozenset[str]:
        """Every name that may be used as a mark in a file that pytest may import: more rather than fewer."""
        names: set[str] = set()
        self._modules.expect(self._helpers)
        for path in (*self._loaded_at_start, *self._collected, *self._helpers):
            sketch = self._modules.sketch(path)
            if sketch.open_marks:
                names.update(mark.name for mark in self._modules.read(path).marks)
            names.update(sketch.marks)
        return frozenset(names)

    def uses_of(self, names: frozenset[str], paths: Collection[str] | None = None) -> Iterator[Use]:
        """Every use of marks of these names that pytest checks, in files that it certainly imports.

        Left out is what it never evaluates, and what it evaluates before it checks marks. `paths`
        are the only files to look at; None for all, helper modules included.
        """
        for number, step in enumerate(self._steps):
            if step.certain and (paths is None or step.path in paths):
                yield from self._uses_in(step.path, number, names)
        for path in self._loaded_at_start:
            yield from (use for use in self._uses_in(path, -1, names) if use.mark.when != "import")
        if paths is not None:
            return
        for path in self._helpers:
            uses = list(self._uses_in(path, 0, names))
            step_number = self._imported_in(path) if uses else None
            if step_number is not None:
                yield from (use._replace(step=step_number) for use in uses if use.mark.when == "import")

    def _uses_in(self, path: str, step: int, names: frozenset[str]) -> Iterator[Use]:
        sketch = self._modules.sketch(path)
        if sketch.open_marks or not names.isdisjoint(sketch.marks):
            for mark in self._modules.read(path).marks:
                if mark.name in names and mark.when not in {"maybe", "never"}:
                    yield Use(path, step, mark)

    @cached_property
    def _collected(self) -> dict[str, int]:
        """Path → number of the first step that imports it."""
        found: dict[str, int] = {}
        for number, step in enumerate(self._steps):
            found.setdefault(step.path, number)
        return found

    @property
    def certain_modules(self) -> list[str]:
        """The test modules that pytest certainly imports."""
        return [step.path for step in self._steps if step.certain and step.kind == "module"]

    @property
    def certain_files(self) -> list[str]:
        """Every file that pytest certainly imports: at start, then while collecting."""
        collected = [step.path for step in self._steps if step.certain]
        return list(dict.fromkeys([*self._loaded_at_start, *collected]))

    @cached_property
    def chained_uses(self) -> list[Use]:
        """Uses such as `pytest.mark.slow.net`, which fail wherever they are evaluated."""
        return [
            Use(step.path, number, mark)
            for number, step in enumerate(self._steps)
            if step.certain and self._modules.sketch(step.path).chained
            for mark in self._modules.read(step.path).marks
            if mark.chained and mark.when == "import" and not mark.guarded
        ]

    # Test functions and fixtures

    def functions(self, word: str) -> Iterator[Defined]:
        """Every test function in modules whose bytes hold a word, as far as pytest certainly collects it."""
        for path in self.certain_modules:
            if self._modules.mentions(path, word.encode("utf-8", "surrogatepass")):
                yield from self.functions_in(path)

    def functions_in(self, path: str) -> list[Defined]:
        """The test functions of one module that pytest certainly collects, if it collects the module."""
        if path not in self._functions:
            module = self._modules.read(path)
            classes = {(*found.classes, found.name): found for found in module.classes}
            skipped = module.skipped_from or module.may_skip or self.is_left_out(path)
            functions = () if skipped else module.functions
            self._functions[path] = [Defined(path, found) for found in functions if self.is_test(found, classes)]
        return self._functions[path]

    @property
    def files(self) -> list[str]:
        """Every file that pytest imports, or may: at start, then while collecting."""
        return list(dict.fromkeys([*self._loaded_at_start, *self._collected]))

    def fixtures(self, word: str) -> Iterator[Defined]:
        """Every fixture in collected files and plugins whose bytes hold a word."""
        for path in self.files:
            if self._modules.mentions(path, word.encode("utf-8", "surrogatepass")):
                yield from self.fixtures_in(path)

    def fixtures_in(self, path: str) -> list[Defined]:
        """The fixtures that one file defines."""
        return [Defined(path, found) for found in self._modules.read(path).functions if found.fixture is not None]

    def class_of(self, defined: Defined) -> Class | None:
        """The class that holds a function; None at module level."""
        for found in self._modules.read(defined.path).classes:
            if (*found.classes, found.name) == defined.function.classes:
                return found
        return None

    def module_marks(self, path: str) -> frozenset[str]:
        """The marks that `pytestmark` puts on everything in a module."""
        found = self._modules.read(path).pytestmarks
        return frozenset(mark for assigned in found if not assigned.owner for mark in assigned.marks)

    def marks_of(self, defined: Defined) -> frozenset[str]:
        """The marks on a test function: its own, its classes', its module's."""
        marks = set(defined.function.marks) | self.module_marks(defined.path)
        module = self._modules.read(defined.path)
        for depth in range(len(defined.function.classes)):
            around = defined.function.classes[: depth + 1]
            for found in module.classes:
                if (*found.classes, found.name) == around:
                    marks.update(found.marks)
        return frozenset(marks)

    def runs(self, use: Use) -> bool:
        """Whether a run certainly reaches a use in the body of a test or fixture."""
        if self.selects or use.step < 0 or self._steps[use.step].kind != "module":
            return False
        module = self._modules.read(use.path)
        for function in module.functions:
            if function.qualified == use.mark.owner:
                if function.fixture is not None:
                    return function.fixture.autouse is True
                defined = Defined(use.path, function)
                return self.certainly_runs(defined)
        return False

    def runs_marked(self, use: Use) -> bool:
        """Whether a run certainly looks at the mark on a test or class, be the test skipped or not."""
        owner = use.mark.owner
        return not self.selects and any(
            (test.function.qualified == owner or test.function.qualified.startswith(owner + "."))
            and self._deselected.isdisjoint(self.marks_of(test))
            for test in self.functions_in(use.path)
        )

    def runs_in_full(self, use: Use) -> bool:
        """Whether a run certainly calls the test that carries a mark, or one of the class."""
        owner = use.mark.owner
        return any(
            (test.function.qualified == owner or test.function.qualified.startswith(owner + "."))
            and self.certainly_runs(test)
            for test in self.functions_in(use.path)
        )

    @cached_property
    def only_unittest(self) -> bool:
        """Whether there are tests, and all of them are methods of `unittest.TestCase` classes."""
        modules = self.certain_modules
        return bool(modules) and all(
            self._modules.sketch(path).unittest
            and not self.functions_in(path)
            and all(found.unittest == "yes" for found in self._modules.read(path).classes)
            for path in modules
        )

    def certainly_runs(self, defined: Defined) -> bool:
        """Whether a plain run executes a test function's body: nothing skips or deselects it."""
        marks = self.marks_of(defined)
        return not (
            self.selects
            or defined.function.opaque
            or marks & self.skipping
            or self.may_be_kept_back(defined.path, marks)
            or self._parameters_may_skip(defined)
            or any(
                self._modules.holds(path, SKIPS) and self._modules.holds(path, PREPARES)
                for path in (defined.path, *self.helpers_of(defined))
            )
        )

    def _parameters_may_skip(self, defined: Defined) -> bool:
        """Whether an empty list of parameters may skip a test, or the mark of a parameter."""
        owners = {"", defined.function.qualified, *accumulate(defined.function.classes, "{}.{}".format)}
        for mark in self._modules.read(defined.path).marks:
            if mark.target == "param" and mark.name in self.skipping:
                return True
            if mark.name == "parametrize" and mark.owner in owners and mark.call is not None:
                call = mark.call
                rows = call.positional[1] if len(call.positional) > 1 else call.keyword("argvalues")
                if rows is None or (rows.known and not rows.value):
                    return True
        return False

    def helpers_of(self, defined: Defined) -> list[str]:
        """The plugins of the project's own and the conftest files that a test sees."""
        return self._seen_from(defined.path)

    def _seen_from(self, test: str) -> list[str]:
        nested = [step.path for step in self._steps if step.kind == "conftest"]
        folder = dirname(test)
        return [
            path
            for path in dict.fromkeys([*self._loaded_at_start, *nested])
            if not path.endswith("conftest.py") or is_below(folder, dirname(path))
        ]

    def is_left_out(self, path: str) -> bool:
        """Whether a module may tell pytest by `__test__` to collect nothing of it."""
        return self._modules.holds(path, LEFT_OUT)

    def may_be_kept_back(self, path: str, marks: Collection[str]) -> bool:
        """Whether hooks, fixtures or set-ups may skip or leave out a test of a module that has these marks."""
        if path not in self._holding_back:
            self._holding_back[path] = max(map(self._holds_back, (path, *self._seen_from(path))))
        return self._holding_back[path] > (0 if marks else 1)

    def _holds_back(self, path: str) -> int:
        """Whether a file may keep tests from running: 2 any, 1 those with marks, 0 none."""
        holds = partial(self._modules.holds, path)
        if holds(TAKING_OVER):
            return 2
        if not (holds(BEFORE_TESTS) and holds(KEEPING_BACK)):
            return 0
        return 2 if holds(BY_OTHER_MEANS) or not holds(BY_MARK) else 1

    def names_function(self, name: str) -> bool:
        """Whether pytest takes a function of this name for a test."""
        return _named(name, self._names.functions)

    def names_class(self, name: str) -> bool:
        """Whether pytest takes a class of this name for one of tests."""
        return _named(name, self._names.classes)

    def is_test(self, function: Function, classes: dict[tuple[str, ...], Class]) -> bool:
        """Whether pytest certainly collects a function; `classes`: those of its module by their dotted names."""
        if (
            function.fixture is not None
            or function.when != "import"
            or not _named(function.name, self._names.functions)
            or any(decorator.name == "builtins.property" for decorator in function.decorators)
        ):
            return False
        around = [classes.get(function.classes[: depth + 1]) for depth in range(len(function.classes))]
        return all(
            found is not None
            and found.test is not False
            and not found.constructor
            and found.when == "import"
            and (_named(found.name, self._names.classes) and found.unittest == "no")
            for found in around
        )

    # Helper modules: files that are imported by those that pytest collects

    @cached_property
    def _helpers(self) -> list[str]:
        """Python files that collection does not visit, but that files which it visits may import."""
        known = self._collected.keys() | set(self._loaded_at_start)
        return [path for path in self._tree if path.endswith(".py") and path not in known]

    def _imported_in(self, path: str) -> int | None:
        """The number of the first step that certainly imports a helper; None where none does, or before checks."""
        importers = {path}
        first: int | None = None
        pending = [path]
        while pending:
            target = pending.pop()
            for importer in self._importers(target):
                if importer in self._loaded_at_start:
                    return None
                number = self._collected.get(importer)
                if number is not None and self._steps[number].certain:
                    first = number if first is None else min(first, number)
                elif importer not in importers:
                    importers.add(importer)
                    pending.append(importer)
        return first

    def _importers(self, target: str) -> Iterator[str]:
        """The files that import a file whenever they are imported themselves."""
        stem = dirname(target) if target.endswith("/__init__.py") else target[:-3]
        name = stem.rpartition("/")[2].encode("utf-8", "surrogatepass")
        for path in (*self._loaded_at_start, *self._collected, *self._helpers):
            if path != target and self._modules.mentions(path, name):
                for found in self._modules.read(path).imports:
                    if found.when == "import" and target in self._files_of(found, path):
                        yield path
                        break

    def _files_of(self, found: Import, importer: str) -> set[str]:
        """The files of the repository that one import statement imports."""
        if found.module.startswith("."):
            files = {imports.relative_file(self._tree, found.module, importer)}
            separator = "" if found.module.endswith(".") else "."
            files |= {
                imports.relative_file(self._tree, f"{found.module}{separator}{name}", importer) for name in found.names
            }
        else:
            folders = [imports.base_folder(self._tree, importer), *self._import_folders]
            parts = found.module.split(".")
            names = [".".join(parts[: end + 1]) for end in range(len(parts))]
            names += [f"{found.module}.{name}" for name in found.names]
            files = {imports.module_file(self._tree, name, folders) for name in names}
        packages = {
            join(folder, "__init__.py") for path in files if path for folder in _packages_above(self._tree, path)
        }
        return {path for path in files if path} | packages


def _named(name: str, patterns: Sequence[str]) -> bool:
    """Whether pytest takes a name for that of a test: it begins with a pattern, or matches one that is a glob."""
    return any(name.startswith(p) or (any(sign in p for sign in "*?[") and fnmatchcase(name, p)) for p in patterns)


def _packages_above(tree: Tree, path: str) -> Iterator[str]:
    folder = dirname(path)
    while folder and join(folder, "__init__.py") in tree:
        yield folder
        folder = dirname(folder)

"""What collected files hold: the uses of marks that pytest evaluates, test functions, fixtures."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import cached_property, partial
from itertools import accumulate
from posixpath import dirname, join
from typing import TYPE_CHECKING, NamedTuple

from precollect.findings import Place
from precollect.model import imports, mark_expression
from precollect.model.markers import PARAMETRIZE
from precollect.model.outline import Outline
from precollect.model.overview import Overview
from precollect.reading.collection import is_below
from precollect.reading.command_line import Given
from precollect.reading.python.facts import Class, Function, Import, MarkUse, Module
from precollect.reading.tree import Tree

if TYPE_CHECKING:
    from precollect.model.project import Project

# Options by which a run leaves out tests that it collects. Not `--lf` and `--sw`: what always fails is not left out.
SELECTIONS = frozenset({"keyword", "markexpr", "deselect"})
# Options by which pytest collects and runs nothing.
NO_RUN = frozenset({"collectonly", "setuponly", "setupplan", "show_fixtures_per_test", "showfixtures", "markers"})
# Marks under which pytest may not run a test, or does not mind its failure.
SKIPPING = frozenset({"skip", "skipif", "xfail"})
# A fixture may skip a test that asks for it.
SKIPS = rb"(?<!mark\.)\b(?:skip|xfail|importorskip|skip_test|skipTest|exit)\(|\bSkipTest\b|skip\.Exception"
# What may keep a test from running in its own way, or report it otherwise ...
TAKING_OVER = (
    rb"def (?:pytest_runtest_protocol|pytest_pyfunc_call|pytest_runtestloop|pytest_pycollect_makeitem)\b"
    rb"|\.(?:outcome|wasxfail)[ \t]*=[^=]"
)
# ... and hooks, fixtures and set-ups that may do so by skipping or leaving out.
BEFORE_TESTS = (
    rb"def (?:pytest_(?:collection_modifyitems|itemcollected|generate_tests|fixture_setup|runtest_setup|runtest_call)"
    rb"|set_?[uU]p\w*)\b|\bautouse\b"
)
# Hooks that are asked about every test, wherever their conftest.py lies.
FOR_ALL_TESTS = rb"def pytest_(?:collection_modifyitems|runtestloop)\b"
KEEPING_BACK = (
    rb"[sS]kip|xfail|XFAIL|deselect|\bexit\(|(?:(?<![.\w])|session\.)items\b[^\n=]{0,80}\]?\s*=[^=]"
    rb"|items\.(?:remove|pop|clear)|\bdel items"
)
# What looks at marks only leaves a test alone that has none.
BY_MARK = rb"keywords|get_closest_marker|iter_markers|get_marker|own_markers"
BY_OTHER_MEANS = (
    rb"autouse|\.(?:name|nodeid|fspath|path|location|originalname|parent|module|cls|function|fixturenames|listnames"
    rb"|obj)\b"
)
LEFT_OUT = rb"(?m)^__test__\b"


class Use(NamedTuple):
    """One use of a mark in a file that pytest imports. `step`: the number of the collection step that imports it."""

    path: str
    step: int
    mark: MarkUse

    @property
    def place(self) -> Place:
        return Place(self.path, self.mark.line, self.mark.column)


class Defined(NamedTuple):
    """A function, the file that defines it, and the facts of that file."""

    path: str
    module: Module
    function: Function

    @property
    def place(self) -> Place:
        return Place(self.path, self.function.line, self.function.column)


class Tests:
    """The collected files of one start of pytest."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._tree = project.tree
        self._modules = project.modules
        self._steps = project.steps
        self._loaded_at_start = [path for path, _ in project.local_plugins]
        """Conftest files and plugin modules, which pytest imports before it checks marks."""
        self._functions: dict[str, list[Defined]] = {}
        self._holding_back: dict[str, int] = {}
        self._seen: dict[str, list[str]] = {}
        self._skipping: dict[str, bool] = {}
        self._outlines: dict[int, Outline] = {}

    @cached_property
    def _function_patterns(self) -> tuple[str, ...]:
        """The patterns of `python_functions`: beginnings of names, or globs."""
        return self._project.words_or("python_functions", ("test",))

    @cached_property
    def _class_patterns(self) -> tuple[str, ...]:
        """The same for `python_classes`."""
        return self._project.words_or("python_classes", ("Test",))

    @cached_property
    def _by_expression(self) -> frozenset[str] | None:
        """As `mark_expression.deselected` has it."""
        return mark_expression.deselected(self._project)

    @cached_property
    def selects(self) -> bool:
        """Whether a run may leave out tests that it collects, whatever marks they have."""
        selecting = (SELECTIONS if self._by_expression is None else SELECTIONS - {"markexpr"}) | NO_RUN
        return any(given.option.dest in selecting and self._selects(given) for given in self._project.line.given)

    def _selects(self, given: Given) -> bool:
        """Whether an option of SELECTIONS or NO_RUN may leave out a test; `--deselect` takes ids that begin with it."""
        if given.option.dest != "deselect" or given.value is None:
            return True
        path, _, name = given.value.partition("::")
        path = join(self._project.found.rootdir, path)
        if not name:
            return any(step.path.startswith(path) for step in self._steps)
        first = name.partition("::")[0].partition("[")[0]
        return path in self._tree and self._modules.mentions(path, first.encode("utf-8", "surrogatepass"))

    @cached_property
    def _deselected(self) -> frozenset[str]:
        """Marks whose tests a run leaves out in any case."""
        return self._by_expression or frozenset()

    @cached_property
    def mark_names(self) -> frozenset[str]:
        """Every name that may be used as a mark in a file that pytest may import: more rather than fewer."""
        names: set[str] = set()
        for overview in (self.overview, self._overview_of_helpers):
            names.update(overview.names("marks"))
            for path in overview.flagged("open_marks"):
                names.update(mark.name for mark in self._modules.read(path).marks)
        return frozenset(names)

    def uses_of(self, names: frozenset[str], paths: Collection[str] | None = None) -> Iterator[Use]:
        """Every use of marks of these names that pytest checks, in files that it certainly imports.

        Left out is what it never evaluates, and what it evaluates before it checks marks. `paths`
        are the only files to look at; None for all, helper modules included.
        """
        using = set(self.overview.using(names)) if paths is None or paths else ()
        for number, step in enumerate(self._steps) if using else ():
            if step.path in using and step.certain and (paths is None or step.path in paths):
                yield from self._uses_in(step.path, number, names)
        for path in self._loaded_at_start:
            if path in using:
                yield from (use for use in self._uses_in(path, -1, names) if use.mark.when != "import")
        if paths is not None:
            return
        for path in self._overview_of_helpers.using(names):
            uses = list(self._uses_in(path, 0, names))
            step_number = self._imported_in(path) if uses else None
            if step_number is not None:
                yield from (use._replace(step=step_number) for use in uses if use.mark.when == "import")

    def _uses_in(self, path: str, step: int, names: frozenset[str]) -> Iterator[Use]:
        for mark in self._modules.read(path).marks:
            if mark.name in names and mark.when not in {"maybe", "never"}:
                yield Use(path, step, mark)

    @cached_property
    def collected(self) -> dict[str, int]:
        """Path → number of the first step that imports it."""
        found: dict[str, int] = {}
        for number, step in enumerate(self._steps):
            found.setdefault(step.path, number)
        return found

    @cached_property
    def certain_modules(self) -> list[str]:
        """The test modules that pytest certainly imports, in the order of collection."""
        return [step.path for step in self._steps if step.certain and step.kind == "module"]

    @cached_property
    def certain_files(self) -> frozenset[str]:
        """Every file that pytest certainly imports: at start, or while collecting."""
        return frozenset([*self._loaded_at_start, *(step.path for step in self._steps if step.certain)])

    @cached_property
    def chained_uses(self) -> list[Use]:
        """Uses such as `pytest.mark.slow.net`, which fail wherever they are evaluated."""
        chained = set(self.overview.flagged("chained"))
        return [
            Use(step.path, number, mark)
            for number, step in enumerate(self._steps)
            if step.path in chained and step.certain
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
            skipped = module.skipped_from or module.may_skip or self.is_left_out(path)
            functions = () if skipped else module.functions
            self._functions[path] = [Defined(path, module, found) for found in functions if self.is_test(module, found)]
        return self._functions[path]

    @cached_property
    def files(self) -> list[str]:
        """Every file that pytest imports, or may: at start, then while collecting."""
        return list(dict.fromkeys([*self._loaded_at_start, *self.collected]))

    @cached_property
    def overview(self) -> Overview:
        """What these show."""
        return Overview(self._modules, self.files)

    def fixtures(self, word: str) -> Iterator[Defined]:
        """Every fixture in collected files and plugins whose bytes hold a word."""
        for path in self.files:
            if self._modules.mentions(path, word.encode("utf-8", "surrogatepass")):
                yield from self.fixtures_in(path)

    def fixtures_in(self, path: str) -> list[Defined]:
        """The fixtures that one file defines."""
        module = self._modules.read(path)
        return [Defined(path, module, found) for found in module.functions if found.fixture is not None]

    def outline(self, module: Module) -> Outline:
        """The definitions of a file by their names."""
        if id(module) not in self._outlines:  # which keeps the module, and so its id
            self._outlines[id(module)] = Outline(module)
        return self._outlines[id(module)]

    def classes_around(self, test: Defined) -> list[Class | None]:
        """The classes around a function, from the outside in; None for one that is not known."""
        return self.outline(test.module).around(test.function)

    def marks_of(self, test: Defined) -> frozenset[str]:
        """The marks on a test function: its own, its classes', its module's."""
        around = [found.marks for found in self.classes_around(test) if found is not None]
        return self.outline(test.module).marks.union(test.function.marks, *around)

    def runs(self, use: Use) -> bool:
        """Whether a run certainly reaches a use in the body of a test or fixture."""
        if self.selects or use.step < 0 or self._steps[use.step].kind != "module":
            return False
        around = (*self.functions_in(use.path), *self.fixtures_in(use.path))
        return any(
            found.function.fixture.autouse is True if found.function.fixture else self.certainly_runs(found)
            for found in around
            if found.function.qualified == use.mark.owner and found.function.line <= use.mark.line
        )

    def carries(self, test: Defined, mark: MarkUse) -> bool:
        """Whether a mark stands on a test, on a class around it, or in `pytestmark` of either or of its module."""
        owner = tuple(filter(None, mark.owner.split(".")))
        holder = self.outline(test.module).classes.get(owner)
        if test.function.classes[: len(owner)] == owner:
            if mark.target == "pytestmark":
                return holder is None or holder.line < mark.line
        elif (*test.function.classes, test.function.name) != owner:
            return False
        on = holder if mark.target == "class" else test.function if mark.target == "function" else None
        return on is not None and any(decorator.line == mark.line for decorator in on.decorators)

    def requests_of(self, test: Defined) -> set[str]:
        """The names of the fixtures that a test asks for itself: by its arguments, and by usefixtures."""
        calls = (mark.call for mark in test.module.marks if mark.name == "usefixtures" and self.carries(test, mark))
        named = {argument.value for call in calls if call is not None for argument in call.positional}
        return {*test.function.requests, *(name for name in named if isinstance(name, str))}

    @cached_property
    def any_runs(self) -> bool:
        """Whether a plain run certainly comes to a test."""
        return any(map(self.certainly_runs, self.functions("def ")))

    def carrying(self, use: Use) -> Iterator[Defined]:
        """The tests that carry a mark."""
        return (test for test in self.functions_in(use.path) if self.carries(test, use.mark))

    def runs_marked(self, use: Use) -> bool:
        """Whether a run certainly looks at the mark on a test or class, be the test skipped or not."""
        return not self.selects and any(self._deselected.isdisjoint(self.marks_of(test)) for test in self.carrying(use))

    def runs_in_full(self, use: Use) -> bool:
        """Whether a run certainly calls the test that carries a mark, or one of the class."""
        return any(map(self.certainly_runs, self.carrying(use)))

    @cached_property
    def only_unittest(self) -> bool:
        """Whether there are tests, and all of them are methods of `unittest.TestCase` classes."""
        modules = self.certain_modules
        return bool(modules) and all(
            self._modules.mentions(path, b"TestCase")
            and not self.functions_in(path)
            and all(found.unittest == "yes" for found in self._modules.read(path).classes)
            for path in modules
        )

    def certainly_runs(self, test: Defined, but: Collection[str] = ()) -> bool:
        """Whether a plain run executes a test's body: nothing skips or deselects it, and it has to pass.

        `but`: marks that do not count, although tests that have them may be skipped, or fail.
        """
        marks = self.marks_of(test)
        return not (
            self.selects
            or test.function.opaque
            or not (SKIPPING | self._deselected).difference(but).isdisjoint(marks)
            or self._may_be_kept_back(test.path, marks)
            or self._parameters_may_skip(test)
            or self._fixtures_may_skip(test, marks)
        )

    def is_plain_test(self, test: Defined) -> bool:
        """Whether a function is a test that certainly runs, with nothing but its arguments asking for fixtures.

        No parametrize and no hook that parametrizes brings one, no decorator but marks, no base of its class.
        """
        around = [found for found in self.classes_around(test) if found is not None]
        decorators = [*test.function.decorators, *(decorator for found in around for decorator in found.decorators)]
        return (
            self.is_test(test.module, test.function)
            and not any(found.opaque or set(found.bases) - {"object", "builtins.object"} for found in around)
            and all(decorator.name.startswith("pytest.mark.") for decorator in decorators)
            and PARAMETRIZE.isdisjoint(self.marks_of(test))
            and not any(
                self._modules.mentions(path, b"pytest_generate_tests")
                for path in (test.path, *self.seen_from(test.path))
            )
            and self.certainly_runs(test)
        )

    def _parameters_may_skip(self, test: Defined) -> bool:
        """Whether an empty list of parameters may skip a test, or the mark of a parameter."""
        owners = {"", test.function.qualified, *accumulate(test.function.classes, "{}.{}".format)}
        for mark in test.module.marks:
            if mark.target == "param" and mark.name in SKIPPING | self._deselected:
                return True
            if mark.name == "parametrize" and mark.owner in owners and mark.call is not None:
                call = mark.call
                rows = call.positional[1] if len(call.positional) > 1 else call.keyword("argvalues")
                if rows is None or (rows.known and not rows.value):
                    return True
        return False

    def _fixtures_may_skip(self, test: Defined, marks: Collection[str]) -> bool:
        """Whether a fixture that a test asks for, by itself or by way of others, stands in a file that may skip."""
        above = self.seen_from(test.path)
        skipping = {path for path in (test.path, *above) if self._says_skip(path)}
        if not skipping:
            return False
        own = [Defined(test.path, test.module, found) for found in test.module.functions]
        fixtures = [(each, found) for each in own if (found := each.function.fixture)]
        fixtures += [
            (each, found) for path in above for each in self.fixtures_in(path) if (found := each.function.fixture)
        ]
        asked = {*test.function.requests, *(self._project.words_of("usefixtures") or ())}
        if "usefixtures" in marks:
            uses = [mark.call for mark in test.module.marks if mark.name == "usefixtures" and mark.call is not None]
            asked.update(str(argument.value) for call in uses for argument in call.positional)
        before = -1
        while before != len(asked):
            before = len(asked)
            for each, found in fixtures:
                if found.name is None or found.name in asked or found.autouse is not False:
                    if each.path in skipping:
                        return True
                    asked.update(each.function.requests)
        return False

    def _says_skip(self, path: str) -> bool:
        if path not in self._skipping:
            self._skipping[path] = self._modules.holds(path, SKIPS)
        return self._skipping[path]

    def seen_from(self, test: str) -> list[str]:
        """The plugins of the project's own and the conftest files that a test module sees."""
        folder = dirname(test)
        if folder not in self._seen:
            self._seen[folder] = [
                path
                for path in dict.fromkeys([*self._loaded_at_start, *self._project.later_conftests])
                if not path.endswith("conftest.py") or is_below(folder, dirname(path))
            ]
        return self._seen[folder]

    def is_left_out(self, path: str) -> bool:
        """Whether a module may tell pytest by `__test__` to collect nothing of it."""
        return self._modules.holds(path, LEFT_OUT)

    def _may_be_kept_back(self, path: str, marks: Collection[str]) -> bool:
        """Whether hooks, autouse fixtures or set-ups may skip or leave out a test of a module that has these marks."""
        if path not in self._holding_back:
            asked = {path, *self.seen_from(path), *self._asked_about_all}
            self._holding_back[path] = max(map(self._holds_back, asked))
        return self._holding_back[path] > (0 if marks else 1)

    @cached_property
    def _asked_about_all(self) -> list[str]:
        """The conftest files with hooks that may leave out or skip the tests of other folders as well."""
        conftests = [path for path in self.files if path.endswith("conftest.py")]
        return [path for path in conftests if self._modules.holds(path, FOR_ALL_TESTS)]

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
        return _named(name, self._function_patterns)

    def names_class(self, name: str) -> bool:
        """Whether pytest takes a class of this name for one of tests."""
        return _named(name, self._class_patterns)

    def is_test(self, module: Module, function: Function) -> bool:
        """Whether pytest certainly collects a function of a module as a test."""
        if (
            function.fixture is not None
            or function.when != "import"
            or not self.names_function(function.name)
            or any(decorator.name == "builtins.property" for decorator in function.decorators)
        ):
            return False
        outline = self.outline(module)
        return not outline.is_replaced(function) and all(
            found is not None
            and found.test is not False
            and not found.constructor
            and found.when == "import"
            and self.names_class(found.name)
            and found.unittest == "no"
            for found in outline.around(function)
        )

    # Helper modules: files that are imported by those that pytest collects

    @cached_property
    def _helpers(self) -> list[str]:
        """Python files that collection does not visit, but that files which it visits may import."""
        known = self.collected.keys() | set(self._loaded_at_start)
        return [path for path in self._tree if path.endswith(".py") and path not in known]

    @cached_property
    def _overview_of_helpers(self) -> Overview:
        return Overview(self._modules, self._helpers)

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
                number = self.collected.get(importer)
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
        for path in (*self._loaded_at_start, *self.collected, *self._helpers):
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
            folders = [imports.base_folder(self._tree, importer), *self._project.import_folders]
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

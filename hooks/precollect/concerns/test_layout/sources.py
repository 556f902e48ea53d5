"""Python files that pytest cannot import: no Python parses them, they raise, or their own package is out of reach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from posixpath import dirname, join
from typing import TYPE_CHECKING

from precollect.findings import Finding, Place, Related, Rule
from precollect.model import imports
from precollect.model.overview import Overview
from precollect.model.project import Project
from precollect.model.suite import Suite
from precollect.reading.python.facts import Import

if TYPE_CHECKING:
    import ast

UNPARSABLE = Rule("unparsable-python-file", "test-layout", "breaks", "no Python parses a file that pytest imports")
RAISING = Rule("module-raises", "test-layout", "breaks", "importing a test module or a conftest.py raises")
UNREACHABLE = Rule(
    "own-package-not-importable",
    "test-layout",
    "breaks",
    "tests import a package below src that nothing makes importable",
)

RULES = (UNPARSABLE, RAISING, UNREACHABLE)


def check(project: Project) -> Iterator[Finding]:
    """The findings about files that cannot be imported."""
    yield from _unparsable(project, project.suite)
    yield from _raising(project, project.suite)
    yield from _unreachable(project, project.suite)


# Calls that end Python, and those by which setup.py reads pytest's own command line and ends it too.
LEAVING = frozenset({"sys.exit", "exit", "quit"})
SETUP = frozenset({"setup", "setuptools.setup", "distutils.core.setup"})

# Syntax


def _unparsable(project: Project, suite: Suite) -> Iterator[Finding]:
    for path, module in suite.helpers.items():
        if module.problem is not None and path in project.tests.certain_files:
            initial = path in dict(project.local_plugins)
            yield _unparsed(path, module.problem, "pytest stops" if initial else "pytest stops collecting")
    packages = [step.path for step in project.steps if step.kind == "package" and step.certain]
    overviews = (Overview(project.modules, packages), suite.overview)
    for path in (path for each in overviews for path in (each.paths if suite.is_small else each.flagged("broken"))):
        if not project.modules.compiles(path):
            problem = project.modules.read_alone(path).problem
            if problem is not None:
                yield _unparsed(path, problem, "pytest stops collecting")


def _unparsed(path: str, problem: tuple[int, int, str], stops: str) -> Finding:
    line, column, said = problem
    return UNPARSABLE.at(
        Place(path, line, column), f"no Python parses this file, {stops}: SyntaxError: {said}; correct it"
    )


# Modules that raise


def _raising(project: Project, suite: Suite) -> Iterator[Finding]:
    for path, _ in suite.suspects("raises"):
        found = _first_raise(project.modules.data(path), is_setup=path.endswith("setup.py"))
        if found is None:
            continue
        line, column, what = found
        patterns = project.values.get("python_files")
        related = (Related(patterns.place, "collected by this"),) if patterns is not None else ()
        yield RAISING.at(
            Place(path, line, column),
            f"importing this module raises {what}, pytest stops collecting; "
            "keep it out of python_files, or let it raise in a function",
            related,
        )
    for path in filter(project.tests.certain_files.__contains__, suite.helpers):
        found = _first_raise(project.modules.data(path), is_setup=False)
        if found is not None and "Skip" not in found[2]:
            line, column, what = found
            yield RAISING.at(
                Place(path, line, column),
                f"importing this file raises {what}, pytest stops; let it raise in a function",
            )


def _first_raise(data: bytes, *, is_setup: bool) -> tuple[int, int, str] | None:
    """Line, column and what importing a module certainly raises; None where it may well raise nothing.

    pytest takes `pytest.skip(...)` for a slip, unless it is told `allow_module_level`.
    """
    import ast
    import builtins

    from precollect.reading.python.source import BrokenError, UnreadError, parse

    try:
        source = parse(data)
    except (BrokenError, UnreadError):
        return None
    for number, node in enumerate(source.tree.body):
        if isinstance(node, ast.Raise) and node.exc is not None:
            called = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            name = called.id if isinstance(called, ast.Name) else ""
            kind = getattr(builtins, name, None)
            if isinstance(kind, type) and issubclass(kind, BaseException):
                return node.lineno, source.column(node), name
            return None
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            function = ast.unparse(node.value.func)
            leaves = function in LEAVING or (is_setup and function in SETUP)
            if (leaves or function == "pytest.skip") and _is_other(source.tree.body[:number], function):
                continue
            if leaves:
                return node.lineno, source.column(node), "SystemExit"
            if function == "pytest.skip" and all(keyword.arg == "reason" for keyword in node.value.keywords):
                return node.lineno, source.column(node), "Skipped: Using pytest.skip outside of a test"
    return None


def _leaves(statement: ast.stmt) -> bool:
    """Whether a statement of a function is nothing but a call that ends Python."""
    import ast

    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and ast.unparse(call.func) in LEAVING


def _is_other(before: Sequence[ast.stmt], function: str) -> bool:
    """Whether statements bind the name of such a function to anything but what it means elsewhere."""
    import ast

    top = function.partition(".")[0]
    for part in (part for statement in before for part in ast.walk(statement)):
        if isinstance(part, ast.ImportFrom):
            for alias in part.names:
                said = f"{part.module}.{alias.name}"
                if alias.name == "*" or ((alias.asname or alias.name) == top and said not in LEAVING | SETUP):
                    return True
        elif isinstance(part, ast.Import):
            if any(alias.asname == top != alias.name for alias in part.names):
                return True
        elif isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            if part.name == top and not any(_leaves(statement) for statement in part.body):
                return True
        elif isinstance(part, ast.Name) and part.id == top and isinstance(part.ctx, ast.Store):
            return True
    return False


# A package below src


def _unreachable(project: Project, suite: Suite) -> Iterator[Finding]:
    """Packages below `src` of a repository that has nothing to install, nor anything that touches the path."""
    start = project.start.folder
    src = join(start, "src")
    tree = project.tree
    if not tree.has_folder(src) or project.values.get("pythonpath"):
        return
    bases = _bases(project)
    if src in bases:
        return
    packages = {name for name in tree.folders_in(src) if join(src, name, "__init__.py") in tree}
    packages = {name for name in packages if not any(_has(project, folder, name) for folder in bases)}
    for path in suite.paths if packages else ():
        if not any(project.modules.mentions(path, name.encode("utf-8", "surrogatepass")) for name in packages):
            continue
        module = project.modules.read_alone(path)
        found = next((each for each in module.imports if _asks_for(each, packages)), None)
        if found is None or module.skipped_from or module.may_skip:
            continue
        if project.may_be_importable:
            return
        name = found.module.partition(".")[0]
        yield UNREACHABLE.at(
            Place(path, found.line, found.column),
            f"'{found.module}' lies in '{src}', which nothing puts on the path and nothing installs, pytest stops "
            f"collecting: ModuleNotFoundError: No module named '{name}'; set pythonpath = src",
        )
        return


def _bases(project: Project) -> list[str]:
    """The folders that importing tests and conftest files puts on the path."""
    files = {dirname(path): path for path in (*project.initial_conftests, *project.suite.paths)}
    return list(dict.fromkeys(imports.base_folder(project.tree, path) for path in files.values()))


def _has(project: Project, folder: str, name: str) -> bool:
    return project.tree.has_folder(join(folder, name)) or join(folder, name + ".py") in project.tree


def _asks_for(found: Import, packages: set[str]) -> bool:
    return found.when == "import" and not found.caught and found.module.partition(".")[0] in packages

"""Imports of the tests' own helper modules that cannot work: modules and names that are not there, or out of reach.

Source: https://docs.pytest.org/en/stable/explanation/pythonpath.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from posixpath import dirname, join
from typing import NamedTuple

from precollect.concerns.test_layout.module_names import changes_imports, import_mode
from precollect.findings import Finding, Place, Related, Rule
from precollect.model.import_names import LOADED_BY_PYTEST, Mode, Names
from precollect.model.importable import certainly_missing
from precollect.model.overview import Overview
from precollect.model.project import Project
from precollect.reading.python.facts import Import
from precollect.reading.tree import Tree
from precollect.similar import way_out

NO_PACKAGE = Rule("relative-import-without-package", "test-layout", "breaks", "a relative import outside of a package")
MISSING_MODULE = Rule(
    "helper-module-missing", "test-layout", "breaks", "tests import a module of theirs that is missing"
)
MISSING_NAME = Rule("helper-name-missing", "test-layout", "breaks", "tests import what their helper module lacks")
HIDDEN = Rule("helper-module-hidden", "test-layout", "breaks", "another helper module of the name is loaded")
SIBLING = Rule("sibling-import-under-importlib", "test-layout", "breaks", "importlib mode puts no folder on the path")
IN_PACKAGE = Rule(
    "sibling-import-in-package", "test-layout", "breaks", "a package of tests is imported from the folder above it"
)

RULES = (NO_PACKAGE, MISSING_MODULE, MISSING_NAME, HIDDEN, SIBLING, IN_PACKAGE)

TEST_FOLDERS = re.compile(r"(?:^|/)(?:tests?|testing|[a-z_]*_tests?|tests?_[a-z_]*)(?:/|$)")
# What makes names that a module does not spell out.
DYNAMIC = (
    rb"import[ \t]*\(?[ \t]*\*|__getattr__|globals\(|locals\(|vars\(|exec\(|setattr\(|sys\.modules|__path__|extend_path"
)
GENERATED = re.compile(r"(?:^|[._])(?:version|generated|gen|pb2|pb2_grpc)(?:$|[._])")


class Asked(NamedTuple):
    """One `from` import of a helper: the module as written, its file or folder without ending, the names."""

    module: str
    target: str
    names: tuple[str, ...]


class Loaded:
    """Helper modules of plain folders that are certainly loaded, by the name that Python knows them under."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._files: dict[str, str] = {}

    @cached_property
    def _repeated(self) -> set[str]:
        """The file names that the tests' folders hold more than once."""
        seen: set[str] = set()
        repeated: set[str] = set()
        for folder in dict.fromkeys(dirname(path) for path in self._project.suite.paths):
            names = {name for name in self._project.tree.files_in(folder) if name.endswith(".py")}
            repeated |= seen & names
            seen |= names
        return repeated

    def may_clash(self, file: str) -> bool:
        """Whether another file may be loaded under the name of this one."""
        return file.rpartition("/")[2] in self._repeated

    def instead_of(self, file: str, module: str) -> str:
        """What is loaded under the name of a module: the file itself, unless another came first."""
        return self._files.get(module, file)

    def add(self, file: str, module: str) -> None:
        """A module has been imported."""
        self._files.setdefault(module, file)


def check(project: Project) -> Iterator[Finding]:
    """The findings about imports of helpers."""
    mode = import_mode(project)
    if mode is None or project.values.get("consider_namespace_packages") or changes_imports(project):
        return
    names = Names(project.tree)
    loaded = Loaded(project)
    for overview in (Overview(project.modules, project.initial_conftests), project.suite.overview):
        for path in _importing_helpers(project.tree, overview):
            yield from _check_file(project, names, path, mode, loaded)


def _importing_helpers(tree: Tree, overview: Overview) -> list[str]:
    """The files that may import a module of the tests."""
    asked = set(";".join(overview.texts("from_imports")).split(";"))
    helpers = {each for each in asked if each and _may_mean_a_helper(tree, each.partition(" ")[0])}
    return overview.which("from_imports", lambda text: not helpers.isdisjoint(text.split(";")))


def _may_mean_a_helper(tree: Tree, module: str) -> bool:
    """Whether an import may mean a module of the tests, wherever it stands: by the names of all files and folders."""
    if module.startswith("."):
        return True
    top = module.partition(".")[0]
    return (
        f"{top}.py" in tree.names
        or f"{module}.py" in tree.names
        or (top in tree.names and TEST_FOLDERS.search(top) is not None)
    )


def _check_file(project: Project, names: Names, path: str, mode: Mode, loaded: Loaded) -> Iterator[Finding]:
    base, package = names.package(dirname(path))
    for asked in filter(None, project.modules.sketch(path).from_imports.split(";")):
        module, _, names_asked = asked.partition(" ")
        if module.startswith("."):
            if not package and mode != "importlib":
                yield from _outside_of_packages(project, path, module)
                continue
            target = _relative(path, module)
        else:
            top = module.partition(".")[0]
            if top in LOADED_BY_PYTEST:
                continue
            target = join(base, *module.split("."))
            if not _is_helper(project, base, top, target):
                if package:
                    yield from _sibling_in_package(project, names, path, module)
                continue
            if mode == "importlib" and not package:
                yield from _sibling(project, path, module, target)
                continue
        if package or not module.startswith("."):
            helper = Asked(module, target, tuple(names_asked.split()))
            yield from _missing(project, path, helper, None if package else loaded)


def _relative(path: str, module: str) -> str:
    name = module.lstrip(".")
    folder = dirname(path)
    for _ in range(len(module) - len(name) - 1):
        folder = dirname(folder)
    return join(folder, *name.split(".")) if name else folder


def _is_helper(project: Project, base: str, top: str, target: str) -> bool:
    """Whether an absolute import certainly means a module of the tests: in their package, or beside them."""
    tree = project.tree
    if join(base, top, "__init__.py") in tree:
        return TEST_FOLDERS.search(top) is not None
    return join(base, top + ".py") in tree and target == join(base, top)


# What the file asks for


def _missing(project: Project, path: str, asked: Asked, loaded: Loaded | None) -> Iterator[Finding]:
    tree = project.tree
    file = next((each for each in (asked.target + ".py", join(asked.target, "__init__.py")) if each in tree), None)
    if file is None and not tree.has_folder(asked.target):
        if TEST_FOLDERS.search(dirname(path)) and not _may_be_made(project, asked.target):
            found = _certainly(project, path, asked.module)
            if found is not None:
                folder = dirname(asked.target)
                known = [name[:-3] for name in tree.files_in(folder) if name.endswith(".py")] + tree.folders_in(folder)
                end = way_out(asked.target.rpartition("/")[2], known, "correct the import or add the module")
                yield MISSING_MODULE.at(
                    Place(path, found.line, found.column),
                    f"'{asked.module}' is not there, pytest stops: ModuleNotFoundError: No module named "
                    f"'{asked.module.lstrip('.')}'; {end}",
                )
        return
    if file is None or not _is_test_side(file, path):
        return
    first = file if loaded is None else loaded.instead_of(file, asked.module)
    lacking = [name for name in asked.names if not _may_bind(project, first, name)]
    found = None
    if lacking or (loaded is not None and loaded.may_clash(file)):
        found = _certainly(project, path, asked.module)
    if found is not None and loaded is not None:
        loaded.add(file, asked.module)
    # The bytes may take a word of a comment for a name: the statement itself decides.
    lacking = [name for name in lacking if found is not None and name in found.names]
    if found is not None and lacking:
        yield _lacking(path, found, asked, lacking[0], file, first)


def _lacking(path: str, found: Import, asked: Asked, name: str, file: str, first: str) -> Finding:
    place = Place(path, found.line, found.column)
    said = f"pytest stops: ImportError: cannot import name '{name}' from '{asked.module.lstrip('.')}'"
    if first != file:
        return HIDDEN.at(
            place,
            f"'{first}' is loaded as '{asked.module}' before '{file}' can be, and it has no '{name}', {said}; "
            "rename one, or add __init__.py files",
            (Related(Place(first, 1, 1), "loaded first"),),
        )
    return MISSING_NAME.at(
        place,
        f"'{file}' has no '{name}', {said}; correct the import",
        (Related(Place(file, 1, 1), "the module"),),
    )


def _is_test_side(file: str, path: str) -> bool:
    return TEST_FOLDERS.search(dirname(file)) is not None or dirname(file) == dirname(path)


def _may_bind(project: Project, file: str, name: str) -> bool:
    """Whether a helper module may have a name: it says it somewhere, binds names by other means, or has a submodule."""
    if name.startswith("__") or project.modules.mentions(file, name.encode("utf-8", "surrogatepass")):
        return True
    if file.endswith("/__init__.py"):
        below = join(dirname(file), name)
        if below + ".py" in project.tree or project.tree.has_folder(below):
            return True
    return project.modules.holds(file, DYNAMIC)


def _certainly(project: Project, path: str, module: str) -> Import | None:
    """The import statement, where importing the file certainly reaches it and nobody catches its failure."""
    facts = project.modules.read_alone(path)
    if facts.skipped_from or facts.may_skip:
        return None
    return next(
        (
            each
            for each in facts.imports
            if each.module == module and each.names and each.when == "import" and not each.caught
        ),
        None,
    )


def _may_be_made(project: Project, target: str) -> bool:
    """Whether a module may be made by a tool: by its name, or because `.gitignore` files speak of it."""
    name = target.rpartition("/")[2]
    ignores = [path for path in (".gitignore", join(dirname(target), ".gitignore")) if path in project.tree]
    return GENERATED.search(name) is not None or any(
        project.modules.mentions(path, name.encode("utf-8", "surrogatepass"))
        or project.modules.mentions(path, b"*.py\n")
        for path in ignores
    )


# What is out of reach


def _outside_of_packages(project: Project, path: str, module: str) -> Iterator[Finding]:
    found = _certainly(project, path, module)
    if found is not None:
        folder = dirname(path)
        yield NO_PACKAGE.at(
            Place(path, found.line, found.column),
            f"'from {module} import' in a folder that is no package, pytest stops: ImportError: attempted relative "
            f"import with no known parent package; add {join(folder, '__init__.py')} or import without dots",
        )


def _sibling(project: Project, path: str, module: str, target: str) -> Iterator[Finding]:
    folder = dirname(target)
    if target + ".py" not in project.tree or folder in project.import_folders or project.may_be_importable:
        return
    found = _certainly(project, path, module)
    if found is not None:
        yield SIBLING.at(
            Place(path, found.line, found.column),
            f"'{target}.py' is out of reach: import mode importlib puts no folder on the path, pytest stops: "
            f"ModuleNotFoundError: No module named '{module}'; set pythonpath = {folder}",
        )


def _sibling_in_package(project: Project, names: Names, path: str, module: str) -> Iterator[Finding]:
    """The finding about a helper that lies beside a test in a package, and nowhere else."""
    folder = dirname(path)
    file = join(folder, module + ".py")
    if file not in project.tree or not certainly_missing(project, module, but=file):
        return
    if folder == project.start.folder or not folder or folder in project.import_folders:
        return  # `python -m pytest` looks there
    bases = {names.package(dirname(each))[0] for each in (*project.initial_conftests, *project.suite.paths)}
    found = None if folder in bases or project.may_be_importable else _certainly(project, path, module)
    if found is not None:
        yield IN_PACKAGE.at(
            Place(path, found.line, found.column),
            f"'{file}' lies in a package, and pytest puts only the folder above a package on the path, pytest stops: "
            f"ModuleNotFoundError: No module named '{module}'; write from .{module} import",
        )

"""Names of test modules and conftest files that are taken: by each other, by packages, by the standard library.

Source: https://docs.pytest.org/en/stable/explanation/pythonpath.html
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import join
from typing import cast

from precollect.findings import Finding, Place, Related, Rule
from precollect.model import import_names
from precollect.model.import_names import Clash, Mode, Names
from precollect.model.project import Project
from precollect.reading.collection import Step

COLLISION = Rule("module-name-collision", "test-layout", "breaks", "two files would be imported under one name")
REPLACED = Rule("module-replaced", "test-layout", "loses", "pytest takes another module of the same name for this one")
HIDING = Rule("package-hides-another", "test-layout", "breaks", "a test package hides a package that tests import")
STANDARD = Rule(
    "standard-library-name", "test-layout", "breaks", "a test module or package is named like one of Python"
)
DOTTED = Rule("dot-in-module-name", "test-layout", "breaks", "the file name of a test module holds a dot")

RULES = (COLLISION, REPLACED, HIDING, STANDARD, DOTTED)

MODES = ("prepend", "append", "importlib")
# What changes where the modules of a package are found, or what is loaded.
EXTENDS = rb"__path__|extend_path|declare_namespace"
CHANGES_LOADED = rb"sys\.modules|sys\.path|meta_path|path_hooks|import_module|syspath"
# Words without which importing a module does not skip it: importorskip, skip, SkipTest, requires_something, exit.
SKIPS = rb"[sS]kip(?!if\b)(?<!mark\.skip)|requir|exit"
BINDS = rb"(?m)^[^#\s\"']"


def check(project: Project) -> Iterator[Finding]:
    """The findings about names of modules."""
    mode = import_mode(project)
    if mode is None or project.values.get("consider_namespace_packages") or changes_imports(project):
        return
    steps = imported(project)
    if mode == "importlib":
        if project.behaves("importlib-shares-package-modules"):
            yield from _replaced(project, steps)
        return
    yield from _dotted(steps)
    hidden: set[str] = set()
    for clash in import_names.clashes(project.tree, steps, mode):
        if _stays(project, clash):
            hidden.add(clash.file.top)
            yield _clash(project, clash, mode)
    yield from _hiding(project, steps, hidden)


def import_mode(project: Project) -> Mode | None:
    """The import mode in force; None for a value that pytest refuses."""
    if any(fault.option is not None and fault.option.dest == "importmode" for fault in project.line.faults):
        return None
    given = project.line.last("importmode")
    mode = given.value if given is not None else "prepend"
    return cast(Mode, mode) if mode in MODES else None


def imported(project: Project) -> list[Step]:
    """Every file that pytest imports itself, in order: conftest files at start, then what collection visits."""
    lenient = project.line.last("doctest_ignore_import_errors") is not None
    anew = project.behaves("doctest-imports-conftests")
    initial = [Step("conftest", path, True) for path in project.initial_conftests]
    return [
        *initial,
        *(
            step
            for step in project.steps
            if step.kind != "doctest" or not (lenient or (step.path.endswith("conftest.py") and not anew))
        ),
    ]


def changes_imports(project: Project) -> bool:
    """Whether a conftest or local plugin may change what Python has loaded, or where it looks."""
    return any(project.modules.holds(path, CHANGES_LOADED) for path in project.suite.helpers)


def _stays(project: Project, clash: Clash) -> bool:
    """Whether what a file clashes with certainly stays loaded: a module that skips itself makes room for the next."""
    if not clash.loaded:
        return True
    if clash.loaded.endswith(".py"):
        module = project.modules.read_alone(clash.loaded) if project.modules.holds(clash.loaded, SKIPS) else None
        return module is None or not (module.skipped_from or module.may_skip or module.unknown)
    package = join(clash.loaded, "__init__.py")
    return not project.modules.holds(package, EXTENDS) and not project.modules.holds(package, SKIPS)


def _clash(project: Project, clash: Clash, mode: Mode) -> Finding:
    file, loaded = clash.file, clash.loaded
    place = Place(file.step.path, 1, 1)
    package = "." in file.name
    if not loaded:
        said = f"No module named '{file.name}'" if package else "import file mismatch"
        what = f"package '{file.top}'" if package else f"module '{file.name}'"
        return STANDARD.at(
            place,
            f"{what} has the name of a module of Python's own, which pytest has loaded before, "
            f"pytest stops: {said}; rename it{_or_importlib(mode)}",
        )
    related = (Related(Place(loaded if loaded.endswith(".py") else join(loaded, "__init__.py"), 1, 1), "loaded first"),)
    if file.step.kind == "conftest" and not package:
        return COLLISION.at(
            place,
            f"'{file.step.path}' and '{loaded}' are both imported as 'conftest', which import mode append does not "
            "bear, pytest stops: ImportPathMismatchError; add __init__.py files, or use another import mode",
            related,
        )
    if file.step.kind == "doctest" and file.name == "conftest":
        return COLLISION.at(
            place,
            f"--doctest-modules imports '{file.step.path}' as 'conftest', as which '{loaded}' is loaded, pytest "
            "stops: import file mismatch; add __init__.py files, or use --import-mode=importlib",
            related,
        )
    if package and not loaded.endswith(".py") and join(loaded, *file.name.split(".")[1:]) + ".py" not in project.tree:
        message = (
            f"package '{join(file.base, file.top)}' has the name of '{loaded}', which is loaded first, "
            f"pytest stops: No module named '{file.name}'"
        )
        return COLLISION.at(place, f"{message}; {_way_out(mode)}", related)
    return COLLISION.at(
        place,
        f"'{file.step.path}' would be imported as '{file.name}', as '{loaded}' is already, "
        f"pytest stops: import file mismatch; {_way_out(mode)}",
        related,
    )


def _way_out(mode: Mode) -> str:
    return f"add __init__.py files up to a common folder, rename one{_or_importlib(mode)}"


def _or_importlib(mode: Mode) -> str:
    return "" if mode == "importlib" else ", or use --import-mode=importlib"


def _replaced(project: Project, steps: list[Step]) -> Iterator[Finding]:
    for file, first in import_names.replaced(project.tree, steps):
        if file.step.kind == "module":
            yield REPLACED.at(
                Place(file.step.path, 1, 1),
                f"'{file.step.path}' would be imported as '{file.name}', as '{first}' is already: pytest collects "
                f"the tests of '{first}' twice and those of this file never; remove {join(file.base, file.top)}"
                "/__init__.py or rename one",
                (Related(Place(first, 1, 1), "loaded first"),),
            )


def _dotted(steps: list[Step]) -> Iterator[Finding]:
    for step in steps:
        if step.path.count(".") > 1 and step.certain and "." in (stem := step.path.rpartition("/")[2][:-3]):
            yield DOTTED.at(
                Place(step.path, 1, 1),
                f"the name of '{step.path}' holds a dot, pytest stops: No module named '{stem.partition('.')[0]}'; "
                "rename the file",
            )


def _hiding(project: Project, steps: list[Step], reported: set[str]) -> Iterator[Finding]:
    """Test packages that stand before a package of the project, where an import asks for what they do not have."""
    names = Names(project.tree)
    packages = {}
    before = None
    for step in steps:
        folder, _, name = step.path.rpartition("/")
        if folder != before and step.certain:
            base, package = names.package(folder)
            if "." in package or (package and name != "__init__.py"):
                packages[package.partition(".")[0]] = base
                before = folder
    for top, base in packages.items():
        own = join(base, top)
        hidden = _elsewhere(project, top, base)
        if top in reported or hidden is None or not _is_plain(project, join(own, "__init__.py")):
            continue
        for step in steps:
            if not step.certain or not project.modules.mentions(step.path, top.encode("utf-8", "surrogatepass")):
                continue
            module = project.modules.read_alone(step.path)
            asked = next(
                (
                    found
                    for found in module.imports
                    if found.when == "import"
                    and not found.caught
                    and found.module.partition(".")[0] == top
                    and not _serves(project, own, found.module, found.names)
                ),
                None,
            )
            if asked is not None and not (module.may_skip or module.skipped_from):
                way_out = f"remove {own}/__init__.py or add {base}/__init__.py" if base else "rename it"
                yield HIDING.at(
                    Place(join(own, "__init__.py"), 1, 1),
                    f"test package '{own}' hides '{hidden}': both are imported as '{top}', and '{step.path}' asks for "
                    f"'{asked.module}', pytest stops: ModuleNotFoundError; {way_out}",
                    (Related(Place(step.path, asked.line, asked.column), "asked for here"),),
                )
                break


def _elsewhere(project: Project, top: str, base: str) -> str | None:
    """The project's own package or module of a name, other than below a base folder; None where there is none."""
    for folder in project.import_folders:
        if folder != base:
            for path in (join(folder, top), join(folder, top + ".py")):
                if path in project.tree or join(path, "__init__.py") in project.tree:
                    return path
    return None


def _is_plain(project: Project, init: str) -> bool:
    """Whether a package's `__init__.py` holds nothing but comments, blanks and a docstring."""
    return init in project.tree and not project.modules.holds(init, BINDS)


def _serves(project: Project, package: str, module: str, names: tuple[str, ...]) -> bool:
    """Whether a package that binds no names may serve an import of `module` or of `names` from it."""
    path = join(package, *module.split(".")[1:])
    tree = project.tree
    if module.count(".") and not (path + ".py" in tree or tree.has_folder(path)):
        return False
    if module.count(".") or not names or names == ("*",):
        return True
    return all(name.startswith("__") or _serves(project, package, f"{module}.{name}", ()) for name in names)

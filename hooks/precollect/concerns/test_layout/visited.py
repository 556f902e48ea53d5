"""What collection does not visit: patterns and skipped folders that lose tests, or leave none.

Source: https://docs.pytest.org/en/stable/reference/reference.html#configuration-options
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from posixpath import dirname, join

from precollect.concerns.test_layout import testpaths
from precollect.concerns.wording import count
from precollect.findings import Finding, Place, Related, Rule
from precollect.model.other_collectors import others_collect, others_collect_functions, text_doctests
from precollect.model.project import Project
from precollect.reading import collection
from precollect.reading.collection import COLLECTING_HOOKS, is_below, matches

NOTHING = Rule("nothing-collected", "test-layout", "breaks", "there are tests, and pytest collects none of them")
SKIPPED = Rule("test-files-skipped", "test-layout", "loses", "test files lie where pytest does not look for them")
UNMATCHED = Rule("test-files-unmatched", "test-layout", "loses", "python_files does not match files that hold tests")

RULES = (NOTHING, SKIPPED, UNMATCHED)

# Folders skipped by default in which nobody loses tests: other people's code, and what tools make.
NEVER_OURS = frozenset({"*.egg", ".*", "_darcs", "CVS", "node_modules", "venv", "{arch}"})
TEST = rb"(?:^|[\r\n])[ \t]*(?:async[ \t]+)?def[ \t]+test|(?:^|[\r\n])class[ \t]+(?:Test|\w+\([\w., ]*TestCase)"
WORD = re.compile(rb"\w+")
# What a hook does so that pytest does not fail where nothing is collected.
OTHER_STATUS = rb"\bexitstatus[ \t]*=[^=]"


def check(project: Project) -> Iterator[Finding]:
    """The findings about what collection visits."""
    if any(step.kind in {"module", "doctest"} for step in project.steps):
        yield from _skipped(project)
        yield from _unmatched(project)
        yield from _no_tests(project)
    elif not (others_collect(project) or text_doctests(project) or _stops_before(project)):
        yield from _nothing(project)


# Nothing at all


def _stops_before(project: Project) -> bool:
    """Whether pytest stops before it could find that there is nothing to collect: at an option, a path, testpaths.

    Or whether a hook may let it succeed all the same.
    """
    return (
        bool(project.line.faults)
        or any(project.modules.holds(path, OTHER_STATUS) for path in project.suite.helpers)
        or not all(_is_there(project, word.text) for word in project.line.paths)
        or any(finding.kind == "breaks" for finding in testpaths.check(project))
    )


def _is_there(project: Project, argument: str) -> bool:
    """Whether a path of addopts is certainly in the repository; another hook tells of one that is missing."""
    path = collection.within(project.start.folder, argument.partition("[")[0].split("::")[0])
    return path is not None and collection.exists(project.tree, path)


def _nothing(project: Project) -> Iterator[Finding]:
    """Where test files exist and none is visited: what keeps pytest from them."""
    files = [path for path in project.tree if _may_be_meant(project, path)]
    cause = _cause(project, files) if files else None
    if cause is not None:
        place, why, way_out = cause
        yield NOTHING.at(
            place,
            f"{why}: pytest collects none of {_files(files)}, and exits with 5: no tests collected; {way_out}",
            _not_collected(files, place),
        )


def _may_be_meant(project: Project, path: str) -> bool:
    """Whether a file holds tests that somebody wants to run: by its content, and the name of it or of its folder."""
    folders = [folder for folder in collection.parents(path) if folder]
    return (
        path.endswith(".py")
        and is_below(path, project.start.folder)
        and ("test" in path.rpartition("/")[2] or not {"test", "tests"}.isdisjoint(path.split("/")[:-1]))
        and not any(matches(pattern, folder) for pattern in NEVER_OURS for folder in folders)
        and project.modules.holds(path, TEST)
    )


def _cause(project: Project, files: list[str]) -> tuple[Place, str, str] | None:
    """The line to change, what is wrong with it, the way out; None where nothing in the configuration is the cause."""
    inside = [path for path in files if any(is_below(path, anchor) for anchor in project.arguments)]
    if not inside:
        return _wrong_folders(project)
    value = project.values.get("python_files")
    words = project.words_of("python_files")
    patterns = collection.DEFAULT_PYTHON_FILES if words is None else words
    named = [path for path in inside if any(matches(pattern, path) for pattern in patterns)]
    if not named and (value is not None or project.config is not None):
        place = value.place if value is not None else Place(inside[0], 1, 1)
        default = "" if value is not None else "the default "
        return place, f"{default}python_files = '{' '.join(patterns)}' matches no file with tests", "add their pattern"
    skipped = project.values.get("norecursedirs")
    if named and all(_pattern_over(project, path) for path in named):
        place = skipped.place if skipped is not None else Place(named[0], 1, 1)
        what = f"norecursedirs{'' if skipped else ', by default,'} skips '{dirname(named[0])}'"
        return place, what, "rename the folder or set norecursedirs"
    for dest, option in (("ignore", "--ignore"), ("ignore_glob", "--ignore-glob")):
        for given in project.line.all(dest):
            return given.words[0].place, f"'{option} {given.value}' leaves no file with tests", "remove or narrow it"
    for path, module in project.suite.helpers.items():
        if module.collect_ignore or module.collect_ignore_glob:
            what = "collect_ignore or collect_ignore_glob leaves no file with tests"
            return Place(path, 1, 1), what, "remove or narrow it"
    return None


def _wrong_folders(project: Project) -> tuple[Place, str, str] | None:
    paths = project.line.paths
    source = "the call" if paths and paths[0].typed else "addopts"
    for words, key in ((testpaths.entries(project), "testpaths"), (paths, source)):
        if words:
            what = f"{key} names only '{' '.join(word.text for word in words)}', where no test file lies"
            return words[0].place, what, "name the folder of the tests"
    return None


def _no_tests(project: Project) -> Iterator[Finding]:
    """Where modules are visited, but none holds a name that python_functions takes, nor a unittest class."""
    value = project.values.get("python_functions")
    patterns = project.words_of("python_functions")
    if value is None or patterns is None or project.tests.names_function("test_") or others_collect(project):
        return
    files = [step.path for step in project.steps if step.kind in {"module", "doctest"}]
    if others_collect_functions(project) or text_doctests(project):
        return
    for path in files:
        words = WORD.findall(project.modules.data(path))
        if b"TestCase" in words or any(project.tests.names_function(word.decode("ascii", "replace")) for word in words):
            return
        if project.modules.mentions(path, b">>>") or project.modules.mentions(path, b"import *"):
            return
        if b"class" in words and any(found.unittest != "no" for found in project.modules.read_alone(path).classes):
            return
    yield NOTHING.at(
        value.place,
        f"python_functions = '{' '.join(patterns)}' matches no function: pytest collects none of the tests in "
        f"{count(len(files), 'file')}, and exits with 5: no tests collected; add their pattern",
        _not_collected(files, value.place),
    )


# Some


def _skipped(project: Project) -> Iterator[Finding]:
    """Test files below a visited folder that a pattern of norecursedirs takes out."""
    lost: dict[str, list[str]] = {}
    for path in _unvisited(project):
        pattern = _pattern_over(project, path)
        if pattern is None or pattern in NEVER_OURS or pattern.startswith(".") or "/" in pattern:
            continue  # nobody's tests, or a path that somebody wrote down on purpose
        if pattern in collection.DEFAULT_NORECURSEDIRS or any(sign in pattern for sign in "*?["):
            lost.setdefault(pattern, []).append(path)
    value = project.values.get("norecursedirs")
    for pattern, paths in lost.items():
        folder = next(folder for folder in _folders_walked(project, paths[0]) if matches(pattern, folder))
        place = value.place if value is not None else Place(paths[0], 1, 1)
        owner = "norecursedirs" if value is not None else "norecursedirs, by default,"
        yield SKIPPED.at(
            place,
            f"{owner} skips folders like '{pattern}', and with '{folder}' {_files(paths)}: they are never collected; "
            "rename the folder or set norecursedirs",
            _not_collected(paths, place),
        )


def _unmatched(project: Project) -> Iterator[Finding]:
    """Test files in visited folders whose names `python_files` leaves out."""
    value = project.values.get("python_files")
    patterns = project.words_of("python_files")
    if value is None or patterns is None:
        return
    paths = [path for path in _unvisited(project) if not any(matches(pattern, path) for pattern in patterns)]
    paths = [path for path in paths if _pattern_over(project, path) is None]
    if paths:
        yield UNMATCHED.at(
            value.place,
            f"python_files = '{' '.join(patterns)}' leaves out {_files(paths)}, such as '{paths[0]}': "
            "they are never collected; add their pattern",
            _not_collected(paths, value.place),
        )


def _unvisited(project: Project) -> list[str]:
    """Test files below what is collected that collection neither visits nor is told to ignore."""
    visited = {step.path for step in project.steps}
    return [
        path
        for path in project.tree
        if path not in visited
        and _is_test_name(path)
        and any(is_below(path, anchor) for anchor in project.arguments)
        and not _told_to_ignore(project, path)
        and project.modules.holds(path, TEST)
    ]


def _is_test_name(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name.endswith(".py") and (name.startswith("test_") or name.endswith("_test.py"))


def _told_to_ignore(project: Project, path: str) -> bool:
    """Whether an option or a conftest file leaves a file out, or may."""
    if project.line.all("ignore") or project.line.all("ignore_glob"):
        return True
    for folder in collection.parents(path):
        conftest = join(folder, "conftest.py")
        if conftest in project.tree:
            module = project.modules.read(conftest)
            if module.unknown or module.collect_ignore or module.collect_ignore_glob or module.collect_ignore_open:
                return True
            if any(hook.name in COLLECTING_HOOKS for hook in module.hooks):
                return True
    return False


def _pattern_over(project: Project, path: str) -> str | None:
    """The pattern of norecursedirs that keeps pytest from the folder of a file; None where none does."""
    patterns = project.words_of("norecursedirs")
    for folder in _folders_walked(project, path):
        for pattern in collection.DEFAULT_NORECURSEDIRS if patterns is None else patterns:
            if matches(pattern, folder):
                return pattern
    return None


def _folders_walked(project: Project, path: str) -> list[str]:
    """The folders that pytest would have to enter to reach a file, from the outside in."""
    anchors = [anchor for anchor in project.arguments if is_below(path, anchor)]
    start = max(anchors, key=len) if anchors else ""
    return [folder for folder in reversed(collection.parents(path)) if is_below(folder, start) and folder != start]


def _files(paths: Sequence[str]) -> str:
    return f"{count(len(paths), 'file')} with tests"


def _not_collected(paths: Sequence[str], found: Place) -> tuple[Related, ...]:
    """The files, apart from one that is the place of the finding itself."""
    places = (Place(path, 1, 1) for path in paths)
    return tuple(Related(place, "not collected") for place in places if place != found)

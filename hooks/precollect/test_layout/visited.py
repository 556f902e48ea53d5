"""What collection does not visit: testpaths, patterns and skipped folders that lose tests, or leave none.

Source: https://docs.pytest.org/en/stable/reference/reference.html#configuration-options
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from posixpath import dirname, join

from precollect.findings import Finding, Place, Related, Rule
from precollect.model.project import Project
from precollect.reading import collection
from precollect.reading.collection import COLLECTING_HOOKS, is_below, matches
from precollect.reading.words import BadWords, Word, cut
from precollect.test_layout.wording import count, way_out

NOTHING = Rule("nothing-collected", "test-layout", "breaks", "there are tests, and pytest collects none of them")
MISSING = Rule("testpath-missing", "test-layout", "breaks", "an entry of testpaths names nothing")
NO_TEST_FILE = Rule("testpath-no-test-file", "test-layout", "breaks", "an entry of testpaths names a file of no use")
SKIPPED = Rule("test-files-skipped", "test-layout", "loses", "test files lie where pytest does not look for them")
UNMATCHED = Rule("test-files-unmatched", "test-layout", "loses", "python_files does not match files that hold tests")

RULES = (NOTHING, MISSING, NO_TEST_FILE, SKIPPED, UNMATCHED)

# Plugins that collect files of their own, or decide what is collected.
FILE_COLLECTORS = frozenset(
    {
        *("nbmake", "nbval", "pytest-black", "pytest-codestyle", "pytest-cpp", "pytest-describe", "pytest-doctestplus"),
        *("pytest-examples", "pytest-flake8", "pytest-isort", "pytest-markdown-docs", "pytest-mypy", "pytest-pylint"),
        *("pytest-mypy-plugins", "pytest-ruff", "pytest-tavern", "pytest-testinfra", "pytest-yaml", "sybil", "tavern"),
    }
)
# Folders skipped by default in which nobody loses tests: other people's code, and what tools make.
NEVER_OURS = frozenset({"*.egg", ".*", "_darcs", "CVS", "node_modules", "venv", "{arch}"})
TEST = re.compile(
    rb"(?:^|[\r\n])[ \t]*(?:async[ \t]+)?def[ \t]+test|(?:^|[\r\n])class[ \t]+(?:Test|\w+\([\w., ]*TestCase)"
)


def check(project: Project) -> Iterator[Finding]:
    """The findings about what collection visits."""
    missing = list(_missing_testpaths(project))
    yield from missing
    unusable = list(_unusable_files(project))
    yield from unusable
    if project.has_tests or any(step.kind == "doctest" for step in project.steps):
        yield from _skipped(project)
        yield from _unmatched(project)
    elif not any(finding.kind == "breaks" for finding in (*missing, *unusable)):
        yield from _nothing(project)


# testpaths


def _testpaths(project: Project) -> list[Word]:
    """The entries of testpaths, where pytest uses them; [] where it does not."""
    value = project.values.get("testpaths")
    if value is None or value.entry is None or project.line.paths or project.start.folder != project.found.rootdir:
        return []
    try:
        return cut(value.entry)
    except BadWords:
        return []


def _named_by(project: Project, entry: str) -> list[str]:
    return collection.arguments(project.tree, project.start.folder, [entry])


def _missing_testpaths(project: Project) -> Iterator[Finding]:
    entries = _testpaths(project)
    found = {entry: _named_by(project, entry.text) for entry in entries}
    said = "No files were found in testpaths"
    stops = not any(found.values()) and project.is_error("PytestConfigWarning", said)
    for entry in entries:
        if found[entry] or not entry.text:
            continue
        if stops:
            what = "pytest stops: the warning about testpaths that match nothing is an error here"
        elif any(found.values()):
            what = "pytest ignores it without a word"
        else:
            what = f"pytest only warns ({said}) and collects from '{project.start.folder or '.'}'"
        yield MISSING.at(
            entry.place,
            f"testpaths names '{entry.text}', which is not in the repository: {what}; "
            f"{_did_you_mean(project, entry.text)}",
            kind="breaks" if stops else "loses",
        )


def _did_you_mean(project: Project, entry: str) -> str:
    folder = collection.within(project.start.folder, dirname(entry)) if "*" not in entry else None
    if folder is None or not project.tree.has_folder(folder):
        return "correct or remove it"
    return way_out(entry.rstrip("/").rpartition("/")[2], project.tree.folders_in(folder), "correct or remove it")


def _unusable_files(project: Project) -> Iterator[Finding]:
    """Files that a testpaths entry names, and so asks pytest to collect, although nothing collects such files."""
    if _others_collect(project):
        return
    for entry in _testpaths(project):
        unusable = [
            path
            for path in _named_by(project, entry.text)
            if path in project.tree and not path.endswith((".py", ".txt", ".rst"))
        ]
        if unusable:
            yield NO_TEST_FILE.at(
                entry.place,
                f"testpaths entry '{entry.text}' names '{unusable[0]}'{_more(unusable)}, which pytest cannot collect, "
                f"pytest stops: not found: {unusable[0]}; name folders only",
            )


def _more(paths: Sequence[str]) -> str:
    return f" and {len(paths) - 1} more" if len(paths) > 1 else ""


def _others_collect(project: Project) -> bool:
    """Whether something may collect files that pytest itself does not, or decide what is collected."""
    return bool(
        project.suite.why_open
        or project.suite.hooks & COLLECTING_HOOKS
        or not project.plugins.present.keys().isdisjoint(FILE_COLLECTORS)
    )


# Nothing at all


def _nothing(project: Project) -> Iterator[Finding]:
    """Where test files exist and none is visited: what keeps pytest from them."""
    if _others_collect(project) or _text_doctests(project):
        return
    files = [path for path in project.tree if _is_test_file(project, path)]
    if not files:
        return
    place = _cause_of_nothing(project, files)
    if place is None:
        return
    yield NOTHING.at(
        place[0],
        f"{place[1]}: pytest collects none of {_count(files)}, and exits with 5: no tests collected",
        tuple(Related(Place(path, 1, 1), "not collected") for path in files[:3]),
    )


def _cause_of_nothing(project: Project, files: list[str]) -> tuple[Place, str] | None:
    entries = _testpaths(project)
    anchors = project.arguments
    inside = [path for path in files if any(is_below(path, anchor) for anchor in anchors)]
    if not inside:
        if entries:
            named = " ".join(entry.text for entry in entries)
            return entries[0].place, f"testpaths names only '{named}', where no test file lies"
        if project.line.paths:
            named = " ".join(word.text for word in project.line.paths)
            return project.line.paths[0].place, f"addopts names only '{named}', where no test file lies"
        return None
    python_files = project.values.get("python_files")
    patterns = project.words_of("python_files")
    if python_files and patterns is not None and not any(matches(each, path) for each in patterns for path in inside):
        return python_files.place, f"python_files = '{' '.join(patterns)}' matches no file that holds tests"
    skipped = project.values.get("norecursedirs")
    if skipped is not None and all(_pattern_over(project, path) for path in inside):
        return skipped.place, f"norecursedirs skips every folder with tests, such as '{dirname(inside[0])}'"
    for dest, option in (("ignore", "--ignore"), ("ignore_glob", "--ignore-glob")):
        for given in project.line.all(dest):
            return given.words[0].place, f"'{option} {given.value}' leaves no test file"
    return None


def _text_doctests(project: Project) -> bool:
    """Whether a text file may hold doctests that pytest collects."""
    globs = [given.value or "" for given in project.line.all("doctestglob")] or ["test*.txt"]
    named = set(project.arguments)
    return any(
        project.modules.mentions(path, b">>>")
        for path in project.tree
        if path.endswith((".txt", ".rst")) and (path in named or any(matches(glob, path) for glob in globs))
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
        folder = _skipped_folder(project, paths[0], pattern)
        place = value.place if value is not None else Place(paths[0], 1, 1)
        owner = "norecursedirs" if value is not None else "norecursedirs, by default,"
        yield SKIPPED.at(
            place,
            f"{owner} skips folders like '{pattern}', and with '{folder}' {_count(paths)}: they are never collected; "
            "rename the folder or set norecursedirs",
            tuple(Related(Place(path, 1, 1), "not collected") for path in paths),
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
            f"python_files = '{' '.join(patterns)}' leaves out {_count(paths)}, such as '{paths[0]}': "
            "they are never collected; add their pattern",
            tuple(Related(Place(path, 1, 1), "not collected") for path in paths),
        )


def _unvisited(project: Project) -> list[str]:
    """Test files below what is collected that collection neither visits nor is told to ignore."""
    visited = {step.path for step in project.steps}
    names = [path for path in project.tree if path not in visited and _is_test_name(path)]
    return [
        path
        for path in names
        if any(is_below(path, anchor) for anchor in project.arguments)
        and not _told_to_ignore(project, path)
        and _holds_tests(project, path)
    ]


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


def _skipped_folder(project: Project, path: str, pattern: str) -> str:
    return next(folder for folder in _folders_walked(project, path) if matches(pattern, folder))


def _folders_walked(project: Project, path: str) -> list[str]:
    """The folders that pytest would have to enter to reach a file, from the outside in."""
    anchors = [anchor for anchor in project.arguments if is_below(path, anchor)]
    start = max(anchors, key=len) if anchors else ""
    return [folder for folder in reversed(collection.parents(path)) if is_below(folder, start) and folder != start]


def _is_test_name(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name.endswith(".py") and (name.startswith("test_") or name.endswith("_test.py"))


def _holds_tests(project: Project, path: str) -> bool:
    return project.modules.holds(path, TEST)


def _is_test_file(project: Project, path: str) -> bool:
    return (
        _is_test_name(path)
        and is_below(path, project.start.folder)
        and not any(matches(pattern, folder) for pattern in NEVER_OURS for folder in collection.parents(path) if folder)
        and _holds_tests(project, path)
    )


def _count(paths: Sequence[str]) -> str:
    return f"{count(len(paths), 'file')} with tests"

"""Entries of testpaths that name nothing, or what pytest cannot collect.

Source: https://docs.pytest.org/en/stable/reference/reference.html#confval-testpaths
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname

from precollect.findings import Finding, Rule
from precollect.model.other_collectors import doctest_globs, others_collect
from precollect.model.project import Project
from precollect.reading import collection
from precollect.reading.words import Word
from precollect.similar import way_out

MISSING = Rule("testpath-missing", "test-layout", "breaks", "an entry of testpaths names nothing")
NO_TEST_FILE = Rule("testpath-no-test-file", "test-layout", "breaks", "an entry of testpaths names a file of no use")

RULES = (MISSING, NO_TEST_FILE)

COLLECTED = (".py", ".txt", ".rst")  # endings of files that pytest itself collects where somebody names them


def check(project: Project) -> Iterator[Finding]:
    """The findings about testpaths."""
    yield from _missing(project)
    if not others_collect(project):
        yield from _no_test_files(project)


def entries(project: Project) -> list[Word]:
    """The entries of testpaths, where pytest uses them; [] where it does not."""
    if project.line.paths or project.start.folder != project.found.rootdir:
        return []
    return project.words_in("testpaths") or []


def _named_by(project: Project, entry: Word) -> list[str]:
    return collection.arguments(project.tree, project.start.folder, [entry.text])


def _missing(project: Project) -> Iterator[Finding]:
    found = {entry: _named_by(project, entry) for entry in entries(project)}
    said = "No files were found in testpaths"
    stops = not any(found.values()) and project.is_error("PytestConfigWarning", said)
    for entry, paths in found.items():
        if paths or not entry.text:
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


def _no_test_files(project: Project) -> Iterator[Finding]:
    """Files that an entry names, and so asks pytest to collect, although nothing collects such files."""
    globs = doctest_globs(project)
    for entry in entries(project):
        files = [path for path in _named_by(project, entry) if path in project.tree and not path.endswith(COLLECTED)]
        files = [path for path in files if not any(collection.matches(glob, path) for glob in globs)]
        if files:
            more = f" and {len(files) - 1} more" if len(files) > 1 else ""
            yield NO_TEST_FILE.at(
                entry.place,
                f"testpaths entry '{entry.text}' names '{files[0]}'{more}, which pytest cannot collect, "
                f"pytest stops: not found: {files[0]}; name folders only",
            )

"""Whether anything but pytest's own collectors of Python files takes part in collecting."""

from __future__ import annotations

from precollect.model.project import Project
from precollect.reading.collection import COLLECTING_HOOKS, matches

# Through these a plugin collects files of its own; the other hooks of that kind only leave files out, or watch.
COLLECTING_FILES = ("pytest_collect_file", "pytest_collect_directory", "pytest_pycollect_makemodule")


def others_collect(project: Project) -> bool:
    """Whether something may collect files that pytest itself does not, or decide what is collected."""
    return bool(
        project.suite.why_open
        or project.suite.hooks & COLLECTING_HOOKS
        or any(map(project.plugins.may_implement, COLLECTING_FILES))
    )


def text_doctests(project: Project) -> bool:
    """Whether a text file may hold doctests that pytest collects."""
    globs = [given.value or "" for given in project.line.all("doctestglob")] or ["test*.txt"]
    named = set(project.arguments)
    return any(
        project.modules.mentions(path, b">>>")
        for path in project.tree
        if path.endswith((".txt", ".rst")) and (path in named or any(matches(glob, path) for glob in globs))
    )


def others_collect_functions(project: Project) -> bool:
    """Whether something may take a function for a test that python_functions does not name."""
    name = "pytest_pycollect_makeitem"
    # pytest-asyncio and anyio look at those alone that pytest takes for tests.
    return name in project.suite.hooks or project.plugins.may_implement(name, but=("anyio", "pytest-asyncio"))

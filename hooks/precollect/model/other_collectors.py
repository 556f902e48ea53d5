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
    named = set(project.arguments)
    globs = doctest_globs(project)
    return any(
        (any(matches(glob, path) for glob in globs) or (path in named and path.endswith((".txt", ".rst"))))
        and not path.endswith(".py")
        and project.modules.mentions(path, b">>>")
        for path in project.tree
    )


def doctest_globs(project: Project) -> list[str]:
    """The patterns of the text files in which pytest looks for doctests, whatever their endings."""
    return [given.value or "" for given in project.line.all("doctestglob")] or ["test*.txt"]


def others_collect_functions(project: Project) -> bool:
    """Whether something may take a function for a test that python_functions does not name."""
    name = "pytest_pycollect_makeitem"
    # pytest-asyncio and anyio look at those alone that pytest takes for tests.
    return name in project.suite.hooks or project.plugins.may_implement(name, but=("anyio", "pytest-asyncio"))

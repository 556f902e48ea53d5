"""Whether anything but pytest's own collectors of Python files takes part in collecting."""

from __future__ import annotations

from precollect.model.project import Project
from precollect.reading.collection import COLLECTING_HOOKS, matches

# Plugins that collect files of their own, or decide what is collected.
FILE_COLLECTORS = frozenset(
    {
        *("nbmake", "nbval", "pytest-black", "pytest-codestyle", "pytest-cpp", "pytest-describe", "pytest-doctestplus"),
        *("pytest-examples", "pytest-flake8", "pytest-isort", "pytest-markdown-docs", "pytest-mypy", "pytest-pylint"),
        *("pytest-mypy-plugins", "pytest-ruff", "pytest-tavern", "pytest-testinfra", "pytest-yaml", "sybil", "tavern"),
    }
)


def others_collect(project: Project) -> bool:
    """Whether something may collect files that pytest itself does not, or decide what is collected."""
    return bool(
        project.suite.why_open
        or project.suite.hooks & COLLECTING_HOOKS
        or not project.plugins.present.keys().isdisjoint(FILE_COLLECTORS)
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

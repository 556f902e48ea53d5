"""Tests that pytest does not find because it does not read the settings that would name them."""

from __future__ import annotations

from collections.abc import Mapping

from precollect.model.project import Project
from precollect.reading import collection
from precollect.reading.words import UnclosedError, spans


def all_are_lost(project: Project, settings: Mapping[str, object]) -> bool:
    """Whether pytest certainly collects nothing, and finds tests with these settings, which it does not read."""
    return (
        any(_python_files(project, settings))
        and not project.why_open  # a plugin that nobody knows may collect files of its own kind
        and not project.unresolved_plugin
        and not any(step.kind in {"module", "doctest"} for step in project.steps)
        and not any(_collects_by_itself(project, path) for path in project.tree)
    )


def _python_files(project: Project, settings: Mapping[str, object]) -> list[str]:
    """The files that `python_files` of the settings would make test modules."""
    value = settings.get("python_files")
    patterns = [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
    if isinstance(value, str):
        try:
            patterns = [word.text for word in spans(value)]
        except UnclosedError:
            return []
    return [
        path
        for path in project.tree
        if path.endswith(".py")
        and not path.endswith("conftest.py")
        and collection.is_below(path, project.start.folder)
        and any(collection.matches(pattern, path) for pattern in patterns)
    ]


def _collects_by_itself(project: Project, path: str) -> bool:
    """Whether a file may hold tests that python_files does not speak of: a doctest, a hook that collects."""
    name = path.rpartition("/")[2]
    if name == "conftest.py":
        module = project.modules.read(path)
        hooks = {hook.name for hook in module.hooks}
        return bool(module.unknown) or not hooks.isdisjoint(collection.COLLECTING_HOOKS)
    return name.startswith("test") and name.endswith(".txt")

"""Fixtures that tests ask for by an argument, found without parsing the tests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from precollect import catalog
from precollect.model.plugins import Standing

if TYPE_CHECKING:
    from precollect.model.project import Project


def unprovided_fixtures(project: Project) -> dict[str, Standing]:
    """Fixtures of plugins that are absent or too old, which tests ask for and the repository does not define."""
    if project.why_open or project.unresolved_plugin or project.makes_fixtures_by_name:
        return {}
    found = {}
    for name in sorted(project.suite.overview.names("requested")):
        if catalog.owners("fixture", name):
            standing = project.plugins.standing("fixture", name)
            if standing.state in {"absent", "outdated"} and not may_come_from_elsewhere(
                project, name.encode("utf-8", "surrogatepass")
            ):
                found[name] = standing
    return found


def may_come_from_elsewhere(project: Project, name: bytes) -> bool:
    """Whether a file of the repository defines, imports or assigns the name, or imports everything of a library."""
    word = re.escape(name)
    defined = (
        rb"(?m)def[ \t]+" + word + rb"\b|^[ \t]*" + word + rb"[ \t]*=|import[^\n(]{0,2000}\b" + word + rb"\b"
        rb"|import[ \t]*\([^)]{0,20000}?\b" + word + rb"\b|[\"']" + word + rb"[\"']"
    )
    conftests = [path for path in project.tree if path.rpartition("/")[2] == "conftest.py"]
    if any("*" in found.names for path in conftests for found in project.modules.read(path).imports):
        return True
    files = [path for path in project.tree if path.endswith(".py")]  # conftest files first: they mostly have it
    return any(
        project.modules.mentions(path, name) and project.modules.holds(path, defined)
        for path in dict.fromkeys([*conftests, *files])
    )

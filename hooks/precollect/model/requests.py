"""Fixtures that tests ask for by an argument, found without parsing the tests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from precollect import catalog
from precollect.model.plugins import Standing

if TYPE_CHECKING:
    from precollect.model.project import Project

# The arguments of a test function, nested parentheses left aside: a superset is not needed, what is missed is silent.
ARGUMENTS = re.compile(rb"def test\w*\(([^()]+)\)")


def unprovided_fixtures(project: Project) -> dict[str, Standing]:
    """Fixtures of plugins that are absent or too old, which tests ask for and the repository does not define."""
    if project.why_open or project.unresolved_plugin or project.makes_fixtures_by_name:
        return {}
    lists: set[bytes] = set()
    for path in project.tests.certain_modules:
        lists |= project.modules.all(path, ARGUMENTS)
    names = {name.partition(b":")[0].partition(b"=")[0].strip() for text in lists for name in text.split(b",")}
    found = {}
    for name in sorted(names):
        if name.isascii() and catalog.owners("fixture", name.decode()):
            standing = project.plugins.standing("fixture", name.decode())
            if standing.state in {"absent", "outdated"} and not _may_come_from_elsewhere(project, name):
                found[name.decode()] = standing
    return found


def _may_come_from_elsewhere(project: Project, name: bytes) -> bool:
    """Whether a file of the repository defines, imports or assigns the name, or imports everything of a library."""
    word = re.escape(name)
    defined = re.compile(
        rb"def[ \t]+" + word + rb"\b|^[ \t]*" + word + rb"[ \t]*=|import[^\n(]*\b" + word + rb"\b"
        rb"|import[ \t]*\([^)]*\b" + word + rb"\b|[\"']" + word + rb"[\"']",
        re.MULTILINE,
    )
    files = [path for path in project.tree if path.endswith(".py") and project.modules.mentions(path, name)]
    if any(project.modules.holds(path, defined) for path in files):
        return True
    conftests = [path for path in project.tree if path.rpartition("/")[2] == "conftest.py"]
    return any("*" in found.names for path in conftests for found in project.modules.read(path).imports)

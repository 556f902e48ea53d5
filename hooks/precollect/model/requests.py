"""Fixtures that tests and fixtures ask for, found without parsing the tests."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING

from precollect import catalog
from precollect.model.plugins import Standing
from precollect.model.tests import Defined

if TYPE_CHECKING:
    from precollect.model.project import Project


def unprovided_fixtures(project: Project) -> dict[str, Standing]:
    """Fixtures of plugins that are absent or too old, which somebody asks for and the repository does not define."""
    if project.why_open or project.unresolved_plugin or project.makes_fixtures_by_name:
        return {}
    suite = project.suite
    names = {*suite.overview.names("requested"), *suite.overview.names("fixtures_request")}
    for module in suite.helpers.values():
        names.update(name for function in module.functions if function.fixture for name in function.requests)
    found = {}
    for name in sorted(names):
        if catalog.owners("fixture", name):
            standing = project.plugins.standing("fixture", name)
            if standing.state in {"absent", "outdated"} and not may_come_from_elsewhere(
                project, name.encode("utf-8", "surrogatepass")
            ):
                found[name] = standing
    return found


def requests_of(project: Project, fixture: str) -> list[Defined]:
    """The tests that certainly fail when they run because nobody defines a fixture, as they ask for it.

    Besides, the fixtures that ask for it and make such tests fail.
    """
    suite = project.suite
    found: list[Defined] = []
    for path in suite.overview.naming("requested", [fixture]):
        tests = (test for test in project.tests.functions_in(path) if fixture in project.tests.requests_of(test))
        found += filter(project.tests.is_plain_test, tests)
    for path, module in (*suite.helpers.items(), *suite.closely(suite.overview.naming("fixtures_request", [fixture]))):
        for function in filter(suite.is_plain_fixture, module.functions):
            asking = Defined(path, module, function)
            if fixture in function.requests and any(True for _ in suite.needing(asking)):
                found.append(asking)
    return [] if found and is_defined(project, fixture, found) else found


def is_defined(project: Project, fixture: str, asking: Sequence[Defined] = ()) -> bool:
    """Whether a file that pytest loads may define a fixture, for all tests or for those of a few."""
    files = {**project.suite.helpers, **{each.path: each.module for each in asking}}
    return (
        bool(project.unresolved_plugin)
        or project.makes_fixtures_by_name
        or project.defines_fixture(fixture)
        or any(project.suite.binds(path, module, fixture) for path, module in files.items())
    )


def may_come_from_elsewhere(project: Project, name: bytes) -> bool:
    """Whether a file of the repository defines, imports or assigns the name, or imports everything of a library."""
    word = re.escape(name)
    defined = (
        rb"(?m)def[ \t]+" + word + rb"\b|^[ \t]*" + word + rb"[ \t]*=|import[^\n(]{0,2000}\b" + word + rb"\b"
        rb"|import[ \t]*\([^)]{0,20000}?\b" + word + rb"\b|(?<!usefixtures\()[\"']" + word + rb"[\"']"
    )
    conftests = [path for path in project.tree if f"/{path}".endswith("/conftest.py")]
    if any("*" in found.names for path in conftests for found in project.modules.read(path).imports):
        return True
    files = (path for path in project.tree if path.endswith(".py"))  # conftest files first: they mostly have it
    return any(
        project.modules.mentions(path, name) and project.modules.holds(path, defined)
        for path in chain(conftests, files)
    )

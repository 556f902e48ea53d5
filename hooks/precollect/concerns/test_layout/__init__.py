"""What collection visits: names of modules, folders and files, conftest files, test functions and classes.

Each file of this package asks one kind of question; `check` asks them all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from precollect.concerns.test_layout import (
    conftests,
    definitions,
    fixture_requests,
    fixtures,
    module_names,
    own_imports,
    parametrized,
    sources,
    testpaths,
    visited,
)
from precollect.findings import Finding
from precollect.model.project import Project

CONCERN: Final = "test-layout"

_GROUPS = (
    sources,
    testpaths,
    visited,
    module_names,
    own_imports,
    conftests,
    definitions,
    parametrized,
    fixtures,
    fixture_requests,
)
RULES = tuple(rule for group in _GROUPS for rule in group.RULES)


def check(project: Project) -> Iterator[Finding]:
    """The findings about the layout of tests."""
    for group in _GROUPS:
        yield from group.check(project)

"""The command line that a project gives pytest: `addopts`, `PYTEST_ADDOPTS`, and what conftest files add to it.

Source: https://docs.pytest.org/en/stable/reference/customize.html
"""

from __future__ import annotations

from collections.abc import Iterator

from precollect.concerns.addopts.asked_plugins import asked_plugins
from precollect.concerns.addopts.conftest_options import conftest_options
from precollect.concerns.addopts.exclusions import exclusions
from precollect.concerns.addopts.expressions import keyword_expression, overrides, warning_options
from precollect.concerns.addopts.options import bad_values, unknown_options
from precollect.concerns.addopts.paths import paths
from precollect.concerns.addopts.rules import CONCERN, RULES, UNREADABLE
from precollect.findings import Finding
from precollect.model.project import Project

__all__ = ["CONCERN", "RULES", "check"]


def check(project: Project) -> Iterator[Finding]:
    """The findings about the command line."""
    yield from _quoting(project)
    yield from unknown_options(project)
    yield from bad_values(project)
    yield from paths(project)
    yield from asked_plugins(project)
    yield from conftest_options(project)
    yield from keyword_expression(project)
    yield from warning_options(project)
    yield from overrides(project)
    yield from exclusions(project)


def _quoting(project: Project) -> Iterator[Finding]:
    bad = project.bad_words
    if bad is not None and not bad.message.startswith("expects"):  # a value of the wrong type is another concern's
        yield UNREADABLE.at(
            bad.place, f"addopts cannot be cut into words, pytest stops: {bad.message}; close the quote"
        )

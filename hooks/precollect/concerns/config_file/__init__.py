"""The configuration file: whether pytest reads it, and as it is meant.

Source: https://docs.pytest.org/en/stable/reference/customize.html
"""

from __future__ import annotations

from collections.abc import Iterator

from precollect.concerns.config_file import coverage, files, filters, keys, sections, usefixtures, values
from precollect.concerns.config_file.concern import CONCERN
from precollect.findings import Finding, Rule
from precollect.model.project import Project

__all__ = ["CONCERN", "RULES", "check"]

PARTS = (files, sections, keys, values, filters, usefixtures, coverage)

RULES: tuple[Rule, ...] = tuple(rule for part in PARTS for rule in part.RULES)


def check(project: Project) -> Iterator[Finding]:
    """The findings about the configuration file."""
    for part in PARTS:
        yield from part.check(project)

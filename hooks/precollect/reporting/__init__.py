"""Findings in, text out: each format is a module, each a pure function of what was found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from precollect.findings import Finding, Rule
    from precollect.reading.tree import Tree
    from precollect.reporting.terminal import Look

FORMATS = ("text", "json", "github", "sarif")


def report(findings: Iterable[Finding], format: str, *, tree: Tree, rules: Mapping[str, Rule], look: Look) -> str:
    """The findings in one of FORMATS, ordered by place, then rule; newline at the end unless empty.

    `tree` gives the source lines of text and what the fixes of SARIF replace, `rules` (by name) the descriptions of
    SARIF, `look` what the stream can show. Raises ValueError for an unknown format.
    """
    found = in_order(findings)
    if format == "text":
        from precollect.reporting import text

        return text.report(found, tree, look)
    if format == "json":
        from precollect.reporting import json

        return json.report(found)
    if format == "github":
        from precollect.reporting import github

        return github.report(found)
    if format == "sarif":
        from precollect.reporting import sarif

        return sarif.report(found, rules, tree)
    raise ValueError(f"no such format: {format!r}")


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """The findings as every report lists them: by place, then rule, then message."""
    return sorted(findings, key=lambda finding: (finding.place, finding.rule, finding.message))

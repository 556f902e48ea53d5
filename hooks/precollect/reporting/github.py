"""Workflow commands that GitHub shows as annotations on the lines of a pull request.

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands and
for the escapes `packages/core/src/command.ts` of actions/toolkit.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from precollect.findings import Finding
from precollect.reporting.terminal import visible
from precollect.reporting.text import RELATED, fix_hint, label


def report(findings: Sequence[Finding]) -> str:
    """One command per finding: an error where pytest breaks, otherwise a warning, unless the settings say which."""
    return "".join(f"{_command(finding)}\n" for finding in findings)


def _command(finding: Finding) -> str:
    level = finding.severity or ("error" if finding.kind == "breaks" else "warning")
    place = finding.place
    file = os.fsencode(place.path).decode("utf-8", "replace")  # the runner reads UTF-8 and nothing else
    lines = [f"{finding.message} [{label(finding)}]"]
    lines += [f"{related.place}: {related.message}" for related in finding.related[:RELATED]]
    if len(finding.related) > RELATED:
        lines.append(f"and {len(finding.related) - RELATED} more")
    if finding.fix:
        lines.append(f"fix: {fix_hint(finding.fix)}")
    properties = f"file={_property(file)},line={place.line},col={place.column},title={_property(finding.rule)}"
    return f"::{level} {properties}::{_data(chr(10).join(lines))}"


def _data(text: str) -> str:
    # The log is looked at in terminals, too.
    text = "".join([letter if letter in "\r\n" else visible(letter, "utf-8") for letter in text])
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

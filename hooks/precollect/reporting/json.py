"""The report that scripts rely on: version 1 of the JSON that the README documents."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from precollect.findings import Finding


def report(findings: Sequence[Finding]) -> str:
    """One JSON document in plain ASCII.

    A file name that is no UTF-8 keeps its bytes as `os.fsdecode` writes them (lone surrogates), so
    that `os.fsencode` finds the file.
    """
    document = {"version": 1, "findings": [_entry(finding) for finding in findings]}
    return json.dumps(document, indent=2) + "\n"


def _entry(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "concern": finding.concern,
        "kind": finding.kind,
        **finding.place._asdict(),
        "message": finding.message,
        "related": [{**place._asdict(), "message": message} for place, message in finding.related],
        "fix": finding.fix and {"title": finding.fix.title, "safe": finding.fix.safe},
    }

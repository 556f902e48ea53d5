"""The SARIF 2.1.0 log that code scanning services read.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from precollect import __version__
from precollect.findings import Finding, Fix, Kind, Place, Rule
from precollect.pages import address, page
from precollect.reading.tree import Tree, UnreadableError
from precollect.reporting.terminal import visible
from precollect.reporting.text import fix_hint

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS: dict[Kind, str] = {"breaks": "error", "loses": "warning", "policy": "note"}
CONSEQUENCES: dict[Kind, str] = {
    "breaks": "pytest stops, fails or collects nothing.",
    "loses": "pytest is content, but tests or settings are lost without an error.",
    "policy": "pytest is content, a house rule is not.",
}


def report(findings: Sequence[Finding], rules: Mapping[str, Rule], tree: Tree) -> str:
    """One SARIF log in plain ASCII with one run; it describes all `rules`, found or not.

    `tree`: the files that the findings speak of; a fix that can be made to them is shown as the lines it replaces.
    """
    index = {name: number for number, name in enumerate(rules)}
    found = {finding.rule for finding in findings}
    described = [_rule(rule, rule.name in found) for rule in rules.values()]
    run = {
        "tool": {"driver": {"name": "precollect", "version": __version__, "rules": described}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, index, tree) for finding in findings],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(rule: Rule, found: bool) -> dict[str, Any]:
    """A rule with the address of its page; one that is found brings the page itself."""
    help = {"text": f"{_text(rule.summary).rstrip('.')}. {CONSEQUENCES[rule.kind]}"}
    markdown = page(rule.name) if found else None
    if markdown is not None:
        help["markdown"] = markdown
    return {
        "id": rule.name,
        "shortDescription": {"text": _text(rule.summary)},
        "helpUri": address(rule.name),
        "help": help,
        "defaultConfiguration": {"level": LEVELS[rule.kind]},
        "properties": {"tags": [rule.concern, rule.kind]},
    }


def _result(finding: Finding, index: Mapping[str, int], tree: Tree) -> dict[str, Any]:
    hint = f"; fix: {fix_hint(finding.fix)}" if finding.fix else ""
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "level": finding.severity or LEVELS[finding.kind],
        "message": {"text": _text(finding.message + hint)},
        "locations": [_location(finding.place)],
        "properties": {"tags": [finding.concern, finding.kind]},
    }
    if finding.rule in index:
        result["ruleIndex"] = index[finding.rule]
    if finding.related:
        result["relatedLocations"] = [
            {"id": number, **_location(place), "message": {"text": _text(message)}}
            for number, (place, message) in enumerate(finding.related, 1)
        ]
    changes = _changes(finding.fix, tree) if finding.fix else []
    if finding.fix and changes:
        description = {"text": _text(fix_hint(finding.fix))}
        result["fixes"] = [{"description": description, "artifactChanges": changes}]
    return result


def _changes(fix: Fix, tree: Tree) -> list[dict[str, Any]]:
    """The lines that a fix replaces, file by file; [] where it cannot be made."""
    from precollect.editing.writer import preview

    try:
        planned = preview(tree.root, [fix], {edit.path: tree.read(edit.path) for edit in fix.edits})
    except UnreadableError:
        return []
    return [
        {"artifactLocation": _artifact(path), "replacements": [_replacement(old, new)]}
        for path, (old, new) in planned.files.items()
    ]


def _replacement(old: bytes, new: bytes) -> dict[str, Any]:
    """The one run of whole lines in which two contents differ."""
    before, after = old.decode("utf-8-sig"), new.decode("utf-8-sig")
    start = before.rfind("\n", 0, _same(before, after)) + 1
    end = len(before) - _same(before[start:][::-1], after[start:][::-1])
    if end > start and before[end - 1] != "\n":
        end = before.find("\n", end) + 1 or len(before)
    region = {
        "startLine": before.count("\n", 0, start) + 1,
        "startColumn": 1,
        "endLine": before.count("\n", 0, end) + 1,
        "endColumn": end - before.rfind("\n", 0, end),
    }
    inserted = after[start : len(after) - (len(before) - end)]
    return {"deletedRegion": region, "insertedContent": {"text": inserted}}


def _same(one: str, other: str) -> int:
    """How many characters two texts have in common at their beginnings."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((number for number, (a, b) in pairs if a != b), min(len(one), len(other)))


def _location(place: Place) -> dict[str, Any]:
    region = {"startLine": place.line, "startColumn": place.column}
    return {"physicalLocation": {"artifactLocation": _artifact(place.path), "region": region}}


def _artifact(path: str) -> dict[str, str]:
    # Bytes, not text: a name that is no UTF-8 has a percent-encoded URI like any other.
    return {"uri": quote(os.fsencode(path)), "uriBaseId": "%SRCROOT%"}


def _text(text: str) -> str:
    """A text that viewers show as it is: neither a link (section 3.11.6), nor able to move what stands around it."""
    return "".join([letter if letter == "\n" else visible(letter, "utf-8") for letter in text]).replace("](", r"\](")

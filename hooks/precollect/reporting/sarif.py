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
from precollect.findings import Finding, Kind, Place, Rule
from precollect.pages import address, page
from precollect.reporting.terminal import visible
from precollect.reporting.text import fix_hint

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS: dict[Kind, str] = {"breaks": "error", "loses": "warning", "policy": "note"}
CONSEQUENCES: dict[Kind, str] = {
    "breaks": "pytest stops, fails or collects nothing.",
    "loses": "pytest is content, but tests or settings are lost without an error.",
    "policy": "pytest is content, a house rule is not.",
}


def report(findings: Sequence[Finding], rules: Mapping[str, Rule]) -> str:
    """One SARIF log in plain ASCII with one run; it describes all `rules`, found or not."""
    index = {name: number for number, name in enumerate(rules)}
    found = {finding.rule for finding in findings}
    described = [_rule(rule, rule.name in found) for rule in rules.values()]
    run = {
        "tool": {"driver": {"name": "precollect", "version": __version__, "rules": described}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, index) for finding in findings],
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


def _result(finding: Finding, index: Mapping[str, int]) -> dict[str, Any]:
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
    return result


def _location(place: Place) -> dict[str, Any]:
    # Bytes, not text: a name that is no UTF-8 has a percent-encoded URI like any other.
    uri = quote(os.fsencode(place.path))
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": place.line, "startColumn": place.column},
        }
    }


def _text(text: str) -> str:
    """A text that viewers show as it is: neither a link (section 3.11.6), nor able to move what stands around it."""
    return "".join([letter if letter == "\n" else visible(letter, "utf-8") for letter in text]).replace("](", r"\](")

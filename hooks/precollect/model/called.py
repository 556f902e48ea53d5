"""Starts that stand in files as calls of pytest: which of them can be judged, and which findings speak of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from precollect.findings import Related
from precollect.reading.words import UNTOLD

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from precollect.findings import Finding, Place
    from precollect.model.project import Project, Start

# Options whose value decides neither about plugins, configuration and tests, nor whether pytest stops.
MAY_BE_UNTOLD = frozenset(
    {
        *("alluredir", "basetemp", "base_url", "benchmark_json", "browser", "color", "cov_config", "cov_context"),
        *("cov_fail_under", "cov_report", "cov_source", "dist", "durations", "durations_min", "durations_path"),
        *(
            "group",
            "htmlpath",
            "json_report_file",
            "junitprefix",
            "log_file",
            "maxfail",
            "maxprocesses",
            "numprocesses",
        ),
        *("randomly_seed", "report_log", "slowtest", "splits", "tbstyle", "timeout", "verbose", "xmlpath"),
    }
)
CHANGING_MARKS = ("-p", "-o", "--override-ini", "--strict", "--disable-plugin-autoload", "--noconftest")
BY_STRICTNESS = frozenset({"unregistered-mark"})
ABOUT_FILES = frozenset({"missing-path", "nothing-collected"})
# Options after which pytest reads another configuration or other tests than we do, or does something else.
BEYOND_US = frozenset(
    {
        *("-c", "--config-file", "--rootdir", "--confcutdir", "--pyargs", "--help", "-h", "--version", "-V"),
        *("--fixtures", "--funcargs", "--fixtures-per-test", "--markers", "--cache-show", "--trace-config"),
    }
)


def is_told(project: Project) -> bool:
    """Whether the words of a call tell all that matters: nothing that only running tells may change the verdict."""
    line = project.line
    if any(UNTOLD in word.text or word.text.startswith("@") for word in line.paths):
        return False
    for given in line.given:
        if given.name in BEYOND_US:
            return False
        if given.option.dest not in MAY_BE_UNTOLD and any(UNTOLD in word.text for word in given.words):
            return False
    return all(UNTOLD not in fault.word.text.partition("=")[0] for fault in line.faults)


def may_change_marks(start: Start) -> bool:
    """Whether a start may register other marks, or be stricter about them, than the plain one: a call by its words."""
    words = (*start.arguments, *start.extra)
    return bool(
        start.called is None
        or start.autoload_off
        or start.plugins
        or any(word.text.startswith(CHANGING_MARKS) for word in words)
    )


def told_by(findings: Iterable[Finding], start: Start, known: Container[tuple[Place, str]]) -> list[Finding]:
    """The findings that are for a start to tell: of a call, only what its own words bring about.

    `known`: (place, rule) of what other starts have told, which a call that is strict about marks does not tell again.
    """
    if start.called is None:
        return list(findings)
    words = (*start.arguments, *start.extra, *start.plugins)
    places = {start.called, start.autoload_off, *(word.place for word in words)}
    strict = next((word for word in words if word.text.startswith("--strict")), None)
    told = []
    for finding in findings:
        if finding.place in places:
            if not (finding.rule in ABOUT_FILES and (start.files_made or start.why_open)):
                told.append(finding)
        elif strict and finding.rule in BY_STRICTNESS and (finding.place, finding.rule) not in known:
            here = Related(strict.place, f"{strict.text} stands here")
            told.append(finding._replace(related=(*finding.related, here)))
    return told

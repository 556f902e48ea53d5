"""Starts that stand in files as calls of pytest: which of them can be judged, and which findings speak of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from precollect.reading.words import UNTOLD

if TYPE_CHECKING:
    from precollect.findings import Finding
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


def concerns_start(finding: Finding, start: Start) -> bool:
    """Whether a finding is for a start to tell: of a call, only what its own words bring about."""
    if start.called is None:
        return True
    if finding.rule in ABOUT_FILES and (start.files_made or start.why_open):
        return False
    words = (*start.arguments, *start.extra, *start.plugins)
    places = {start.called, start.autoload_off, *(word.place for word in words)}
    return finding.place in places

"""Whether a start of pytest certainly comes to read a key."""

from __future__ import annotations

from precollect.concerns.config_file.readings import moment_of
from precollect.model.project import Project
from precollect.reading.python.facts import Call


def is_read(project: Project, key: str) -> bool:
    """Whether pytest certainly reads a key, in a plain run: its moment comes, and no option stands in for it."""
    if project.line.last(key) is not None or (key == "log_cli" and project.line.last("log_cli_level") is not None):
        return False
    match moment_of(key):
        case "start":
            return True
        case "header":
            leave_out = {"-q", "--quiet", "--verbosity", "--no-header"}
            return not project.plugins.disabler_of("terminal") and leave_out.isdisjoint(
                given.name for given in project.line.given
            )
        case "collection":
            return _collects_a_module(project)
        case "rewriting":
            mode = project.line.last("assertmode")
            return (mode is None or mode.value == "rewrite") and _collects_a_module(project)
        case "run":
            return project.tests.any_runs
        case "junit":
            return project.line.last("xmlpath") is not None
        case "xfail":
            return _runs_an_xfail(project)
    return False


def _collects_a_module(project: Project) -> bool:
    return project.has_tests and any(step.certain for step in project.steps if step.kind == "module")


def _runs_an_xfail(project: Project) -> bool:
    """Whether a test runs with an xfail mark that says nothing of strictness and has no condition."""
    if project.line.last("runxfail") is not None:
        return False
    return any(
        project.tests.certainly_runs(test, but={"xfail"})
        for use in project.tests.uses_of(frozenset({"xfail"}))
        if use.mark.target == "function" and use.mark.when == "import" and _leaves_strictness_open(use.mark.call)
        for test in project.tests.carrying(use)
    )


def _leaves_strictness_open(call: Call | None) -> bool:
    if call is None:
        return True
    asked = call.positional or call.keyword("condition") or call.keyword("strict")
    return call.complete and not asked

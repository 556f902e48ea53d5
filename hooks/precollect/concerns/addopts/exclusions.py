"""Options that pytest or a plugin refuses in company.

Sources: pytest-xdist 3.5.0 and 3.8.0 `plugin.py`, `looponfail.py`; pytest-benchmark 4.0.0 to 5.3.1 `session.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

from precollect.concerns.addopts.rules import EXCLUSIVE
from precollect.findings import Finding, Related
from precollect.model.project import Project
from precollect.reading.command_line import Given


def exclusions(project: Project) -> Iterator[Finding]:
    """The findings about options that exclude each other."""
    workers = _distributing(project)
    pdb = project.line.last("usepdb")
    looping = project.line.last("looponfail")
    if looping is not None and project.plugins.disabler_of("xdist"):
        yield _finding(
            looping,
            None,
            f"'{looping.name}' needs the plugin that is disabled, pytest stops: KeyError: 'looponfailroots'",
        )
    elif looping is not None and pdb is not None:
        yield _finding(pdb, looping, "pytest stops: --pdb is incompatible with --looponfail")
    if pdb is not None and workers is not None and project.line.last("collectonly") is None:
        said = "--pdb is incompatible with distributing tests; try using -n0 or -nauto"
        yield _finding(pdb, workers, f"pytest collects, but stops before the first test: {said}")
    only = project.line.last("benchmark_only")
    switched_off = project.line.last("benchmark_disable")
    if project.line.last("benchmark_enable") is not None:
        switched_off = None
    against = switched_off or (workers or _automatic(project) if project.line.last("benchmark_skip") is None else None)
    if only is not None and against is not None and _starts_benchmarks(project):
        said = "Can't have both --benchmark-only and --benchmark-disable options"
        why = "" if against is switched_off else f", which '{against.spelling}' brings about"
        yield _finding(only, against, f"pytest stops: {said}{why}")


def _distributing(project: Project) -> Given | None:
    """The option by which pytest-xdist certainly distributes tests, whatever machine it is; None where none does."""
    if not project.plugins.loads("xdist"):
        return None
    number = project.line.last("numprocesses")
    if number is not None and number.value is not None:
        return number if number.value.isdigit() and int(number.value) else None
    return None


def _automatic(project: Project) -> Given | None:
    """`-n auto`, without --pdb: there is always at least one processor."""
    number = project.line.last("numprocesses")
    automatic = number is not None and number.value in {"auto", "logical"} and project.plugins.loads("xdist")
    return number if automatic and project.line.last("usepdb") is None else None


def _starts_benchmarks(project: Project) -> bool:
    return project.plugins.loads("benchmark")


def _finding(given: Given, other: Given | None, message: str) -> Finding:
    places = (Related(other.words[0].place, "the other one"),) if other is not None else ()
    return EXCLUSIVE.at(given.words[0].place, f"{message}; {'keep one of the two' if other else 'remove it'}", places)

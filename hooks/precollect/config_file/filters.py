"""Lines of `filterwarnings` that pytest refuses.

Source: `parse_warning_filter`, `_resolve_warning_category`, `apply_warning_filters` (7.4.4, 8.4.2, 9.2.0).
"""

from __future__ import annotations

import builtins
import warnings
from collections.abc import Iterator

from precollect.config_file.concern import CONCERN
from precollect.findings import Finding, Place, Rule
from precollect.model.importable import certainly_missing
from precollect.model.project import Project
from precollect.reading import warning_filters
from precollect.reading.ini import without_comment
from precollect.reading.warning_filters import ACTIONS, Filter
from precollect.similar import nearest

BAD_FILTER = Rule("bad-warning-filter", CONCERN, "breaks", "pytest refuses a line of filterwarnings")

RULES = (BAD_FILTER,)

# Warnings that pytest has had in every release since 7.0, and those that came or went: name → the probe that
# tells a release without it.
ALWAYS = frozenset(
    {
        *("PytestAssertRewriteWarning", "PytestCacheWarning", "PytestCollectionWarning", "PytestConfigWarning"),
        *("PytestDeprecationWarning", "PytestExperimentalApiWarning", "PytestReturnNotNoneWarning"),
        *("PytestUnhandledThreadExceptionWarning", "PytestUnknownMarkWarning", "PytestUnraisableExceptionWarning"),
        "PytestWarning",
    }
)
AT_TIMES = {
    "PytestFDWarning": "lacks-fd-warning",
    "PytestRemovedIn8Warning": "lacks-removed-in-8-warning",
    "PytestRemovedIn9Warning": "lacks-removed-in-9-warning",
    "PytestRemovedIn10Warning": "lacks-removed-in-10-warning",
    "PytestUnhandledCoroutineWarning": "lacks-unhandled-coroutine-warning",
}


def check(project: Project) -> Iterator[Finding]:
    """The findings about lines of `filterwarnings`."""
    value = project.values.get("filterwarnings")
    if value is None or project.plugins.disabler_of("warnings") is not None:
        return
    for line, place in value.lines:
        parsed = warning_filters.parse(line, literal=False)
        if isinstance(parsed, str):
            if "global flags" not in parsed:  # an error since Python 3.11 only
                yield _refused(line, place, parsed, _way_out(line, parsed))
            continue
        fault = _category(project, parsed)
        if fault is not None:
            yield _refused(line, place, *fault)


def _refused(line: str, place: Place, said: str, way_out: str) -> Finding:
    end = f"; {way_out}" if way_out else ""
    return BAD_FILTER.at(place, f"pytest stops while parsing the warning filter '{line}': {said}{end}")


def _way_out(line: str, said: str) -> str:
    if (meant := without_comment(line)) != line and isinstance(warning_filters.parse(meant, literal=False), Filter):
        return "a comment behind a value is part of it, give it a line of its own"
    if said.startswith("invalid action"):
        word = line.partition(":")[0].strip()
        near = nearest(word, ACTIONS, most=1)
        return f"did you mean '{near[0]}'?" if near else f"write {', '.join(ACTIONS[:-1])} or {ACTIONS[-1]}"
    if said.startswith("Invalid regex"):
        return "escape what is meant literally: \\("
    if said.startswith("Too many fields"):
        return "a colon in the message is written as '.'"
    return "write a line number" if said.startswith("invalid lineno") else ""


def _category(project: Project, entry: Filter) -> tuple[str, str] | None:
    """What pytest says against the category of a filter, and the way out; None where it takes it, or may take it."""
    module, _, name = entry.category.rpartition(".")
    if not name:
        return None
    if module in {"", "builtins", "warnings"}:
        return _standard(module or "builtins", name)
    if module == "pytest":
        return _of_pytest(project, name)
    if certainly_missing(project, module) and _imports_must_work(project):
        return f"No module named '{module.partition('.')[0]}'", "declare the distribution that has it"
    return None


def _standard(module: str, name: str) -> tuple[str, str] | None:
    found = getattr(builtins if module == "builtins" else warnings, name, None)
    if found is None:
        if name in ALWAYS or name in AT_TIMES:
            hint = f"did you mean 'pytest.{name}'?"
        else:
            near = nearest(name, [known for known in dir(builtins) if known.endswith("Warning")], most=1)
            hint = f"did you mean '{near[0]}'?" if near else "name its module, too"
        return f"module '{module}' has no attribute '{name}'", hint
    if isinstance(found, type) and issubclass(found, Warning):
        return None
    return f"{found} is not a Warning subclass", "name a class of warnings"


def _of_pytest(project: Project, name: str) -> tuple[str, str] | None:
    said = f"module 'pytest' has no attribute '{name}'"
    if name in AT_TIMES:
        gone = project.behaves(AT_TIMES[name])
        return (said, f"pytest {project.pytest.version} does not have it, remove the line") if gone else None
    near = nearest(name, ALWAYS, most=1)
    return (said, f"did you mean 'pytest.{near[0]}'?") if near and name not in ALWAYS else None


def _imports_must_work(project: Project) -> bool:
    """Whether a module that cannot be imported is more than a warning, which is an error where a filter says so."""
    if project.behaves("unknown-filter-module-fails"):
        return True
    return project.behaves("native-table") and project.is_error("PytestConfigWarning", "Failed to import filter module")

"""Categories of warning filters, in `filterwarnings` and behind `-W`: which of them pytest refuses.

Source: `_resolve_warning_category`, `apply_warning_filters` (7.4.4, 8.4.2, 9.2.0).
"""

from __future__ import annotations

import builtins
import warnings

from precollect.model.importable import certainly_missing
from precollect.model.project import Project
from precollect.reading.warning_filters import Filter
from precollect.similar import nearest

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


def refused(project: Project, entry: Filter) -> tuple[str, str] | None:
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
    if name in ALWAYS or not (near or (name.endswith("Warning") and not name.startswith("Pytest"))):
        return None
    return said, f"did you mean 'pytest.{near[0]}'?" if near else "correct or remove it"


def _imports_must_work(project: Project) -> bool:
    """Whether a module that cannot be imported is more than a warning, which is an error where a filter says so."""
    if project.behaves("unknown-filter-module-fails"):
        return True
    return project.behaves("native-table") and project.is_error("PytestConfigWarning", "Failed to import filter module")

"""Lines of `filterwarnings` that pytest refuses.

Source: `parse_warning_filter`, `_resolve_warning_category`, `apply_warning_filters` (7.4.4, 8.4.2, 9.2.0).
"""

from __future__ import annotations

from collections.abc import Iterator

from precollect.concerns.config_file.concern import CONCERN
from precollect.findings import Finding, Place, Rule
from precollect.model import warning_categories
from precollect.model.project import Project
from precollect.reading import warning_filters
from precollect.reading.ini import without_comment
from precollect.reading.warning_filters import ACTIONS, Filter
from precollect.similar import nearest

BAD_FILTER = Rule("bad-warning-filter", CONCERN, "breaks", "pytest refuses a line of filterwarnings")

RULES = (BAD_FILTER,)


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
        fault = warning_categories.refused(project, parsed)
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

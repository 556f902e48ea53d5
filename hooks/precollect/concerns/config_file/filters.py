"""Lines of `filterwarnings` that pytest refuses.

Source: `parse_warning_filter`, `_resolve_warning_category`, `apply_warning_filters` (7.4.4, 8.4.2, 9.2.0).
"""

from __future__ import annotations

from collections.abc import Iterator

from precollect.concerns.config_file.concern import CONCERN
from precollect.concerns.wording import filter_way_out
from precollect.findings import Finding, Place, Rule
from precollect.model import warning_categories
from precollect.model.project import Project
from precollect.reading import warning_filters

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
                yield _refused(line, place, parsed, filter_way_out(line, parsed))
            continue
        fault = warning_categories.refused(project, parsed)
        if fault is not None:
            yield _refused(line, place, *fault)


def _refused(line: str, place: Place, said: str, way_out: str) -> Finding:
    return BAD_FILTER.at(place, f"pytest stops while parsing the warning filter '{line}': {said}; {way_out}")

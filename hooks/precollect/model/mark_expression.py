"""The expression of `-m`, and the marks that it names in vain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from precollect.findings import Place
from precollect.model.plugins import Standing
from precollect.reading import expression

if TYPE_CHECKING:
    from precollect.model.project import Project


def unknown_names(project: Project) -> dict[str, tuple[Standing, Place]]:
    """The marks in the expression that nobody registers, where pytest stops at them: name → who would, and its place.

    Source: `_pytest/mark/__init__.py` `_validate_marker_names` (since pytest 9.2), called under strict markers only.
    """
    given = project.line.last("markexpr")
    if given is None or not given.value:
        return {}
    if not (project.behaves("markexpr-unknown-fails") and project.strict_markers.on):
        return {}
    parsed = expression.parse(given.value)
    if isinstance(parsed, str):
        return {}
    place = given.words[-1].place
    found = {name: project.mark_standing(name) for name in sorted(parsed.names)}
    return {name: (standing, place) for name, standing in found.items() if standing.state not in {"given", "unknown"}}

"""The expression of `-m`, and the marks that it names in vain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from precollect import catalog
from precollect.findings import Place
from precollect.model.plugins import Standing
from precollect.reading import expression

if TYPE_CHECKING:
    from precollect.model.project import Project


# How conftest files and plugins put marks on tests that do not show them.
MARKING = (b"add_marker", b"own_markers")


def deselected(project: Project) -> frozenset[str] | None:
    """The marks whose tests `-m` leaves out; None where it may leave out any test.

    "not slow and not (gpu or net)" leaves out what has one of three marks, unless marks come while pytest
    collects: from a file of the project's own, or from an installed plugin that registers one of them.
    """
    given = project.line.last("markexpr")
    if given is None or not given.value:
        return frozenset()
    parsed = expression.parse(given.value)
    if isinstance(parsed, str) or not parsed.spares_others:
        return None
    owners = {owner for name in parsed.names for owner in catalog.owners("mark", name)}
    if any(project.environment.presence(owner) != "no" for owner in owners):
        return None
    helpers = project.suite.helpers
    if any(module.unknown for module in helpers.values()):
        return None
    if any(project.modules.mentions(path, word) for path in helpers for word in MARKING):
        return None
    return frozenset(parsed.names)


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

"""Where another test dependency would be declared, and at which version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from precollect import catalog
from precollect.findings import AddRequirement, Fix
from precollect.reading import toml
from precollect.reading.environment import Declared
from precollect.reading.environment.requirements_txt import COMPILED, HASHED
from precollect.reading.text import Route, UnparsableError

if TYPE_CHECKING:
    from precollect.model.project import Project


def addition(project: Project, distribution: str, lowest: str) -> Fix | None:
    """The fix that declares a distribution beside the other test dependencies, at this version or a newer one.

    None where they stand in no array of a pyproject.toml and in no requirements file that people write.
    """
    beside = _neighbours(project)
    if not beside:
        return None
    first = beside[0]
    route = _route(project, first)
    if route is None:
        return None
    known = catalog.load(distribution)
    bare = not any(each.specifier for each in beside)
    bound = "" if known is None or not lowest or (bare and lowest == known.releases[0]) else f">={lowest}"
    if bound and _has_blanks(project, first):
        bound = f" >= {lowest}"
    edit = AddRequirement(first.place.path, route, distribution, f"{distribution}{bound}")
    return Fix(f"declare {distribution}{bound} in {first.source}", False, (edit,))


def _neighbours(project: Project) -> list[Declared]:
    """The requirements of the set that names most of pytest and its plugins and can be edited; [] for none."""
    sets: dict[tuple[str, str], list[Declared]] = {}
    for name in sorted(project.environment.names):
        if catalog.load(name) is not None:
            for declared in project.environment.declared(name):
                if _editable(project, declared.place.path):
                    sets.setdefault((declared.place.path, declared.source), []).append(declared)
    return max(sets.values(), key=len, default=[])


def _editable(project: Project, path: str) -> bool:
    if path.rpartition("/")[2] == "pyproject.toml":
        return True
    if not path.endswith((".txt", ".in", ".pip")):
        return False
    content = project.tree.read_or_nothing(path)
    return COMPILED.encode("utf-8", "surrogatepass") not in content[:1000] and HASHED.encode() not in content


def _route(project: Project, declared: Declared) -> Route | None:
    """The keys that lead to the array that holds a requirement; () for a file in pip's format; None for no array."""
    path = declared.place.path
    if not path.endswith(".toml"):
        return ()
    try:
        source = toml.parse(path, project.tree.read_or_nothing(path))
    except UnparsableError:
        return None
    for route, node in source.nodes.items():
        if isinstance(route[-1], int) and source.text.place(node.start) <= declared.place < source.text.place(node.end):
            return route[:-1]
    return None


def _has_blanks(project: Project, declared: Declared) -> bool:
    """Whether blanks stand around the operator of a requirement."""
    lines = project.tree.read_or_nothing(declared.place.path).decode("utf-8", "replace").splitlines()
    line = lines[declared.place.line - 1] if declared.place.line <= len(lines) else ""
    return bool(declared.specifier) and f" {declared.specifier[:2]} " in line

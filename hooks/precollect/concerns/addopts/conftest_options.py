"""Options that conftest files and local plugins add, and that pytest refuses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from precollect.concerns.addopts.rules import CONFLICT, RESERVED
from precollect.findings import Finding, Place, Related
from precollect.model.project import Project
from precollect.reading.python.facts import Module, Option


def conftest_options(project: Project) -> Iterator[Finding]:
    """The findings about options that exist already or have a reserved name."""
    taken = {name: option.owner for option in project.plugins.options for name in option.names}
    destinations = {option.dest: option.names[-1] for option in project.plugins.options}
    own: dict[str, Place] = {}
    for path, module, late in _adding(project):
        if _is_a_plugin_itself(project, path):
            continue
        for option in module.options:
            if not option.certain:
                continue
            place = Place(path, option.line, option.column)
            twice = next((name for name in option.names if name in taken or name in own), None)
            reserved = next((name for name in option.names if name[:1] == "-" and name[1:2].islower()), None)
            # Before pytest 9 the parser that would refuse the name is made before a late conftest comes.
            other = _shared_destination(project, option, destinations)
            if twice is not None and (not late or project.behaves("late-option-conflict-fails")):
                said = f"option dest '{option.destination}' already used" if other else ""
                yield _conflict(project, place, twice, taken.get(twice, ""), own.get(twice), said)
            elif twice is None and other:
                yield CONFLICT.at(
                    place,
                    f"option '{option.names[-1]}' has the destination of '{other}', pytest stops: option dest "
                    f"'{option.destination}' already used; rename it, or give it a dest of its own",
                )
            elif reserved is not None and not project.modules.mentions(path, b"._addoption"):
                yield RESERVED.at(
                    place,
                    f"option '{reserved}' is short and in lower case, which pytest reserves for its own, pytest stops "
                    f"with a ValueError; write '{reserved.upper()}'",
                )
            own.update(dict.fromkeys(option.names, place))


def _adding(project: Project) -> Iterator[tuple[str, Module, bool]]:
    """(path, facts, late) of every file whose options certainly come: loaded at start, and conftest files later on."""
    yield from ((path, module, False) for path, module in project.local_plugins)
    loaded = {path for path, _ in project.local_plugins}
    for step in project.steps:
        late = step.kind == "conftest" and step.certain and step.path not in loaded
        if late and project.modules.mentions(step.path, b"pytest_addoption"):
            yield step.path, project.modules.read(step.path), True


def _is_a_plugin_itself(project: Project, path: str) -> bool:
    """Whether a file is what its distribution is installed for: its options are those that the catalog knows."""
    modules = {plugin.module for plugin in project.local.own}
    modules |= {
        point.module
        for release in (project.pytest, *project.plugins.present.values())
        for point in release.entry_points
    }
    module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return any(f".{module}".endswith(f".{each}") for each in modules)


def _shared_destination(project: Project, option: Option, destinations: Mapping[str, str]) -> str:
    """The option whose destination this one takes without saying so; "" where pytest does not mind."""
    said = any(key == "dest" for key, _ in option.keywords)
    if said or not project.behaves("option-dest-collision-fails"):
        return ""
    return destinations.get(option.destination, "")


def _conflict(project: Project, place: Place, name: str, owner: str, other: Place | None, said: str) -> Finding:
    if other is not None:
        return CONFLICT.at(
            place,
            f"option '{name}' is added a second time, pytest stops: option names {{'{name}'}} already added; "
            f"remove one of the two",
            (Related(other, "added here as well"),),
        )
    standing = project.plugins.standing("option", name)
    whose = "pytest itself" if standing.distribution == "pytest" else standing.distribution or owner
    return CONFLICT.at(
        place,
        f"option '{name}' is one of {whose} already, "
        f"pytest stops: {said or f'conflicting option string: {name}'}; rename it",
    )

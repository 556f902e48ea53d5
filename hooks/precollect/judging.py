"""From a tree to findings: every start, every world, every concern that was asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from precollect import catalog, suppressions
from precollect.concerns.rulebook import RuleBook, concern
from precollect.findings import Finding, Kind, Place
from precollect.model.called import is_told, told_by
from precollect.model.installed import Installed, releases
from precollect.model.modules import Modules
from precollect.model.project import Project, Start
from precollect.model.starts import starts
from precollect.model.worlds import worlds
from precollect.reading import environment
from precollect.reading.environment import Environment
from precollect.reading.tree import Tree
from precollect.settings import Settings, ignored, names_itself, selected, severity_of

GRAVITY: Mapping[Kind, int] = {"policy": 0, "loses": 1, "breaks": 2}


class Judgement(NamedTuple):
    """`doubts`: what files cannot tell, one sentence each, in the order in which it was met; `projects`: each start
    in the last of its worlds."""

    findings: list[Finding]
    doubts: list[str]
    projects: list[Project]


class Scope(NamedTuple):
    """What is asked of a tree. `folders`: where pytest is started, "" is the root; `concerns`: those whose rules are
    asked; `policies`: those of them whose house rules count."""

    folders: Sequence[str]
    settings: Settings
    concerns: Collection[str]
    policies: Collection[str]
    rules: RuleBook


def judge(tree: Tree, scope: Scope, modules: Modules | None = None) -> Judgement:
    """What is found in a tree. `modules`: its Python files, where the caller remembers some.

    Raises SettingsError for a file of the team's catalog that cannot be followed.
    """
    folders, settings, concerns, policies, rules = scope
    catalog.extend(described(tree, settings))
    found: dict[Finding, None] = {}
    doubts: dict[str, None] = {}
    looked_at: dict[str, None] = {}
    modules = modules or Modules(tree)
    declared: dict[str, Environment] = {}
    environments: dict[tuple[str, str], Installed] = {}
    projects = []
    for start in starts_at(tree, folders, settings):
        if start.folder not in declared:
            declared[start.folder] = declared_at(tree, start.folder)
        if (start.folder, start.why_open) not in environments:
            installed = Installed(declared[start.folder], settings, start.why_open)
            environments[start.folder, start.why_open] = installed
        installed = environments[start.folder, start.why_open]
        per_world: list[list[Finding]] = []
        told = {(finding.place, finding.rule) for finding in found} if start.called else ()
        for versions in worlds(installed, installed.present):
            project = Project(tree, start, settings, installed, versions, modules)
            if start.called and not is_told(project):
                per_world = []
                break
            here = [finding for name in concerns for finding in concern(name).check(project)]
            per_world.append(told_by(here, start, told))
            if project.config is not None:
                looked_at[project.config.path] = None
            unknown = (project.why_open, project.unresolved_plugin, project.markers.why_open)
            for reason in (*project.why_unread, project.pytest_too_new, *unknown):
                if reason:
                    doubts[reason] = None
            if start.called and not per_world[-1]:
                break  # whatever the other worlds have, this one does not
        if per_world:
            projects.append(project)
        found.update(dict.fromkeys(_in_all(per_world)))
    judged = [rule.name for name in concerns for rule in concern(name).RULES]
    kept = suppressions.apply(found, tree, rules=rules, judged=judged, files=looked_at)
    wanted = [settled for finding in kept if (settled := _settled(finding, settings, policies))]
    return Judgement(_one_for_each_fix(wanted), list(doubts), projects)


def declared_at(tree: Tree, folder: str) -> Environment:
    """What a fresh installation brings for tests that are started in a folder."""
    return environment.read(tree, folder, releases, catalog.brings)


def described(tree: Tree, settings: Settings) -> list[catalog.Distribution]:
    """The distributions that the team describes itself."""
    if not settings.catalog:
        return []
    from precollect.catalog import team_file

    return team_file.read(tree, settings.catalog)


def _settled(finding: Finding, settings: Settings, policies: Collection[str]) -> Finding | None:
    """The finding with the severity that the settings give it; None where they do not want it reported."""
    rule, concern = finding.rule, finding.concern
    if finding.kind == "policy" and not (
        concern in policies or rule in _ABOUT_COMMENTS or names_itself(settings, rule)
    ):
        return None
    if not selected(settings, rule, concern) or ignored(settings, finding.place.path, rule, concern):
        return None
    severity = severity_of(settings, finding)
    return None if severity == "off" else finding._replace(severity=severity)


def _one_for_each_fix(findings: list[Finding]) -> list[Finding]:
    """The findings, those of one place that one fix mends made one: the gravest, the first of several such.

    They have one cause. The places that the others speak of are kept.
    """
    by_fix: dict[object, list[Finding]] = {}
    for number, finding in enumerate(findings):
        by_fix.setdefault((finding.place, finding.fix) if finding.fix else number, []).append(finding)
    made = []
    for found in by_fix.values():
        gravest = max(found, key=lambda finding: (finding.blocks, GRAVITY[finding.kind]))
        related = (*gravest.related, *(place for finding in found for place in finding.related))
        made.append(gravest._replace(related=tuple(dict.fromkeys(related))))
    return made


_ABOUT_COMMENTS = frozenset(rule.name for rule in suppressions.RULES)


def starts_at(tree: Tree, folders: Iterable[str], settings: Settings) -> list[Start]:
    """The starts that are judged for these folders of a tree, each once."""
    known = catalog.pytest()
    behaviours = known.at(settings.pytest or known.newest).behaviours
    made = [start for folder in folders for start in starts(tree, folder, settings.starts, behaviours)]
    return list(dict.fromkeys(made))


def _in_all(per_world: list[list[Finding]]) -> list[Finding]:
    """The findings that every world has, as the last world words them, and as grave as in the mildest."""
    mildest: dict[tuple[Place, str], Kind] = {}
    for number, findings in enumerate(per_world):
        here = {(finding.place, finding.rule): finding.kind for finding in findings}
        if number == 0:
            mildest = dict(here)
        mildest = {key: min(kind, here[key], key=GRAVITY.__getitem__) for key, kind in mildest.items() if key in here}
    return [
        finding._replace(kind=mildest[finding.place, finding.rule])
        for finding in (per_world[-1] if per_world else [])
        if (finding.place, finding.rule) in mildest
    ]

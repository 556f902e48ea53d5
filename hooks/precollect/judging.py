"""From a tree to findings: every start, every world, every concern that was asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from precollect import catalog, suppressions
from precollect.findings import Finding, Kind, Place
from precollect.model.installed import Installed, releases
from precollect.model.modules import Modules
from precollect.model.project import Project, Start
from precollect.model.starts import starts
from precollect.model.worlds import worlds
from precollect.reading import environment
from precollect.reading.tree import Tree
from precollect.rulebook import RuleBook, concern
from precollect.settings import Settings, ignored

GRAVITY: Mapping[Kind, int] = {"policy": 0, "loses": 1, "breaks": 2}


class Judgement(NamedTuple):
    """`doubts`: what files cannot tell, one sentence each, in the order in which it was met."""

    findings: list[Finding]
    doubts: list[str]


def judge(
    tree: Tree,
    folders: Iterable[str],
    settings: Settings,
    concerns: Collection[str],
    policies: Collection[str],
    rules: RuleBook,
) -> Judgement:
    """What is found for pytest started in these folders of a tree ("" is the root).

    `concerns`: those whose rules are asked; `policies`: those of them whose house rules count.
    """
    found: dict[Finding, None] = {}
    doubts: dict[str, None] = {}
    looked_at: dict[str, None] = {}
    modules = Modules(tree)
    for start in _starts(tree, folders, settings):
        declared = environment.read(tree, start.folder, releases, catalog.brings)
        installed = Installed(declared, settings)
        per_world = []
        for versions in worlds(installed, installed.present):
            project = Project(tree, start, settings, installed, versions, modules)
            per_world.append([finding for name in concerns for finding in concern(name).check(project)])
            if project.config is not None:
                looked_at[project.config.path] = None
            for reason in (project.why_open, project.unresolved_plugin, project.markers.why_open):
                if reason:
                    doubts[reason] = None
        found.update(dict.fromkeys(_in_all(per_world)))
    judged = [name for name, rule in rules.items() if rule.concern in concerns] if looked_at else []
    kept = suppressions.apply(found, tree, rules=rules, judged=judged, files=looked_at)
    wanted = [
        finding
        for finding in kept
        if (finding.kind != "policy" or finding.concern in policies or finding.rule in _ABOUT_COMMENTS)
        and not ignored(settings, finding.place.path, finding.rule)
    ]
    return Judgement(wanted, list(doubts))


_ABOUT_COMMENTS = frozenset(rule.name for rule in suppressions.RULES)


def _starts(tree: Tree, folders: Iterable[str], settings: Settings) -> list[Start]:
    known = catalog.load("pytest")
    assert known is not None, "the catalog always holds pytest"
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

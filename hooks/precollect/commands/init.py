"""`precollect init`: the hook in `.pre-commit-config.yaml`, and what to settle in this repository."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from precollect import __version__
from precollect.arguments import Parser
from precollect.checking import CLEAN, FOUND, opened, settled
from precollect.concerns.rulebook import MODULES, RuleBook
from precollect.errors import CannotWorkError
from precollect.reading.git import root_above
from precollect.reading.pre_commit_config import NAME
from precollect.reporting.output import write
from precollect.reporting.text import nothing_judged, summary
from precollect.settings import OWN_FILE, SHARED_FILE

if TYPE_CHECKING:
    from precollect.findings import Finding
    from precollect.model.project import Project
    from precollect.reading.tree import Tree
    from precollect.settings import Settings

REPOSITORY = "https://github.com/precollect/precollect"
REVISION = f"v{__version__}"
HOOK = "precollect"
DESCRIPTION = (
    f"Adds the hook to {NAME} (which prek reads, too), and suggests settings after a look at the repository. "
    "Nothing else is written."
)
DISABLED = re.compile(r"no:([\w.-]+)")


class Added(NamedTuple):
    """What became of the file. `by_hand`: the lines to put in where we did not; `status`: of the command."""

    said: str
    by_hand: tuple[str, ...] = ()
    status: int = CLEAN


def run(words: Sequence[str]) -> int:
    """Returns 0 where the hook is there now, 1 where somebody must add it. Raises CannotWorkError outside git."""
    Parser("precollect init", DESCRIPTION).read(words)
    root = root_above(".")
    if root is None:
        raise CannotWorkError("there is no git repository here; 'git init' makes one")
    added = add(root)
    look = examine(root)
    lines = [added.said, *(f"    {line}" for line in added.by_hand)]
    if look.settings:
        lines += [
            "",
            f"settings that suit this repository, for {look.home}",
            *(f"    {line}" for line in look.settings),
        ]
    lines += ["", look.nothing or f"found today: {summary(look.findings) if look.findings else 'nothing'}"]
    lines += ["", "next", *(f"    {line}" for line in _next(root, added, look.findings))]
    write("".join(f"{line}\n" for line in lines))
    return added.status


# The hook


def add(root: str) -> Added:
    """Put the hook into the file of a repository, if it is not there."""
    from precollect.editing import pre_commit_config as editing
    from precollect.editing.changes import RefusedError
    from precollect.editing.writer import write_file

    path = os.path.join(root, NAME)
    item = tuple(editing.item(REPOSITORY, REVISION, HOOK))
    try:
        if not os.path.lexists(path):
            if os.path.exists(os.path.join(root, "prek.toml")):
                toml = ("[[repos]]", f'repo = "{REPOSITORY}"', f'rev = "{REVISION}"', f'hooks = [{{ id = "{HOOK}" }}]')
                return Added("prek.toml is yours to extend, by", toml, FOUND)
            write_file(root, NAME, None, editing.whole(REPOSITORY, REVISION, HOOK))
            return Added(f"wrote {NAME} with the hook {HOOK}")
        with open(path, "rb") as file:
            old = file.read()
        if has_hook(old):
            return Added(f"{NAME} has a hook of precollect already: left as it is")
        write_file(root, NAME, old, editing.added(old, REPOSITORY, REVISION, HOOK))
    except RefusedError as error:
        return Added(f"{NAME} is left as it is: {error}; add to its 'repos'", item, FOUND)
    except OSError as error:
        raise CannotWorkError(f"{NAME}: {(error.strerror or 'unreadable').lower()}") from None
    return Added(f"added the hook {HOOK} to {NAME}")


def has_hook(content: bytes) -> bool:
    """Whether a line that is no comment names our repository or one of our hooks."""
    names = "|".join(["precollect", *(f"pytest-{concern}" for concern in MODULES)])
    ours = rf"^[^#\n]*(?:/precollect(?:\.git)?['\"]?\s*(?:#|$)|\bid:\s*['\"]?(?:{names})['\"]?\s*(?:[#,}}]|$))"
    return re.search(ours, content.decode("utf-8", "replace"), re.MULTILINE) is not None


# Settings


class Examined(NamedTuple):
    """What a look at the repository shows.

    `nothing`: that there is nothing to judge, in words, or "". `home`: the file for settings; `settings`: lines of TOML
    for it; `findings`: those that a run reports today.
    """

    nothing: str
    home: str
    settings: list[str]
    findings: list[Finding]


def examine(root: str) -> Examined:
    """Judge the repository by all rules. Raises CannotWorkError for settings that cannot be followed."""
    from precollect.baseline import compare, known_findings
    from precollect.judging import Scope, judge

    tree, folders = opened([root], staged=False)
    rules = RuleBook()
    settings = settled((), tree, rules)
    judgement = judge(tree, Scope(folders, settings, tuple(MODULES), tuple(MODULES), rules))
    wanted = [found for found in judgement.findings if found.kind != "policy" or found.concern in settings.policies]
    scope = Scope(folders, settings, tuple(MODULES), settings.policies, rules)
    new = compare(known_findings(tree, settings.baseline), wanted, scope).new
    nothing = nothing_judged(judgement.projects)
    suggested = [] if nothing else list(_settings(tree, settings, judgement.findings, judgement.projects))
    return Examined(nothing, _home(tree), suggested, new)


def _home(tree: Tree) -> str:
    return SHARED_FILE if SHARED_FILE in tree and OWN_FILE not in tree else OWN_FILE


def _settings(
    tree: Tree, settings: Settings, findings: Sequence[Finding], projects: Sequence[Project]
) -> Iterator[str]:
    """Lines of TOML, with the reason behind each; none for what is settled already."""
    lines = []
    disabled = _disabled(findings)
    if disabled:
        names = sorted({*settings.allow_disabled, *disabled})
        lines.append(f"allow-disabled = {_list(names)}  # as {'they are' if len(disabled) > 1 else 'it is'} today")
    violated = {found.concern for found in findings if found.kind == "policy" and found.rule != "plugin-disabled"}
    held = [concern for concern in _with_house_rules() if concern not in violated]
    if held and not settings.policies:
        value = _list(held) if violated else "true"
        lines.append(f"house-rules = {value}  # kept today")
    starts = _starts(tree, settings, projects)
    if starts:
        lines.append(f"starts = {_list(starts)}  # they have a configuration and tests of their own")
    if lines and _home(tree) == SHARED_FILE:
        yield "[tool.precollect]"
    yield from lines


def _disabled(findings: Iterable[Finding]) -> list[str]:
    """The entry points that shared configuration disables, against the house rule."""
    named = (DISABLED.search(found.message) for found in findings if found.rule == "plugin-disabled")
    return list(dict.fromkeys(match[1] for match in named if match))


def _with_house_rules() -> list[str]:
    from precollect.concerns.rulebook import concern

    return [name for name in MODULES if any(rule.kind == "policy" for rule in concern(name).RULES)]


def _starts(tree: Tree, settings: Settings, projects: Sequence[Project]) -> list[str]:
    """Packages of a monorepo that nobody judges, since the root has a configuration, too."""
    from precollect.model.starts import packages

    judged = {project.start.folder for project in projects}
    found = [folder for project in projects[:1] for folder in packages(tree, "", project.pytest.behaviours)]
    return sorted({*settings.starts, *found}) if not judged.issuperset(found) else []


def _list(names: Iterable[str]) -> str:
    from json import dumps

    return f"[{', '.join(dumps(name, ensure_ascii=False) for name in names)}]"


# What to do


def _next(root: str, added: Added, findings: Sequence[Finding]) -> Iterator[str]:
    if not added.status:
        yield f"git add {NAME}"
    if not os.path.exists(os.path.join(root, ".git", "hooks", "pre-commit")):
        yield "pre-commit install           # or: prek install"
    if findings:
        yield "precollect                   # the findings"
    if any(found.fix and found.fix.safe for found in findings):
        yield "precollect --fix             # mends what can have been meant in one way only"
    if findings:
        yield "precollect --write-baseline  # lives with the rest for now; new findings refuse a commit"
    yield "precollect show              # what pytest sees here"

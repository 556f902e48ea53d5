"""One check of a commit: remembered or judged, compared with the baseline, mended, reported."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

from precollect.concerns.rulebook import MODULES, RuleBook
from precollect.errors import CannotWorkError
from precollect.memory.files import program
from precollect.memory.last_clean import LastClean
from precollect.reading.git import root_above
from precollect.reading.tree import Tree, UnreadableError, open_tree
from precollect.reporting import report
from precollect.reporting.output import on_terminal, say, write
from precollect.reporting.terminal import look_of

if TYPE_CHECKING:
    from precollect.baseline import Baseline, Entry
    from precollect.findings import Finding
    from precollect.judging import Judgement, Scope
    from precollect.settings import Settings

CLEAN, FOUND = 0, 1


class NoFolderError(CannotWorkError):
    """A folder that was asked about does not exist."""

    def __init__(self, folder: str) -> None:
        super().__init__(f"there is no folder {folder!r}")
        self.folder = folder


class Arguments(NamedTuple):
    """What the command line asks for."""

    folders: tuple[str, ...] = (".",)
    format: str = "text"
    fix: bool = False
    unsafe_fixes: bool = False
    staged: bool = False
    write_baseline: bool = False
    no_baseline: bool = False
    verbose: bool = False
    settings: tuple[tuple[str, str, str], ...] = ()
    """(option, the setting that it stands in for, text) of each."""


def check(concern: str | None, arguments: Arguments) -> int:
    """Check one concern with its house rules, or (None) every concern with those that the settings ask for.

    Returns CLEAN or FOUND; what is found, mended and doubted is written to the outputs.
    """
    tree, folders = opened(arguments.folders, staged=arguments.staged)
    rules = RuleBook()
    version = program()
    memory = None
    if not (arguments.verbose or arguments.write_baseline):
        asked = (concern, folders, arguments.settings, arguments.staged, arguments.no_baseline)
        memory = LastClean(tree, map(repr, asked), version)
        if memory.holds():
            _report([], arguments, tree, rules)
            if arguments.format == "text" and on_terminal():
                say("nothing found")
            return CLEAN
    # What judging needs is imported now: most runs end above.
    from precollect.judging import judge
    from precollect.memory.sketches import Sketches
    from precollect.model.modules import Modules
    from precollect.reporting.text import nothing_judged

    scope = _scope(concern, folders, arguments, tree, rules)
    sketches = memory.sketches if memory is not None else Sketches(tree, version)
    modules = Modules(tree, sketches)
    judgement = judge(tree, scope, modules)
    sketches.keep()
    if arguments.write_baseline:
        return _write_baseline(tree, scope, judgement)
    baseline = None if arguments.no_baseline else _baseline(tree, scope.settings)
    new, solved = _compared(baseline, judgement, scope)
    rewritten = _fix(tree, new, arguments) if arguments.fix else []
    if rewritten:
        tree, _ = opened(arguments.folders, staged=arguments.staged)
        judgement = judge(tree, scope)
        new, solved = _compared(baseline, judgement, scope)
    elif memory is not None and not (new or solved or nothing_judged(judgement.projects)):
        memory.remember(modules.looked_at)
    if baseline is not None and solved:
        rewritten += _settle(tree, baseline, solved, arguments)
    _report(new, arguments, tree, rules)
    _speak_of_baseline(tree, baseline, len(judgement.findings) - len(new), new, arguments)
    _summarise(judgement._replace(findings=new), arguments)
    return FOUND if rewritten or any(finding.blocks for finding in new) else CLEAN


def opened(asked: Sequence[str], *, staged: bool) -> tuple[Tree, list[str]]:
    """The tree that holds the folders that were asked about, and these relative to its root.

    Raises NoFolderError for a folder that does not exist, CannotWorkError for one of another repository.
    """
    tree: Tree | None = None
    repository: str | None = None
    folders = []
    for folder in asked:
        path = _real(folder)
        if tree is None:
            tree = open_tree(path, staged=staged)
            repository = root_above(path)
        elif root_above(path) != repository or not f"{path}{os.sep}".startswith(tree.root.rstrip(os.sep) + os.sep):
            raise CannotWorkError(f"{folder!r} belongs to another repository than {asked[0]!r}")
        relative = os.path.relpath(path, tree.root).replace(os.sep, "/")
        folders.append("" if relative == "." else relative)
    assert tree is not None, "there is at least one folder"
    return tree, folders


def _real(folder: str) -> str:
    """The absolute path of a folder, without links. Raises NoFolderError where there is none."""
    try:
        if os.path.isdir(folder):
            return os.path.realpath(folder)
    except OSError:  # the current folder is gone
        pass
    raise NoFolderError(folder)


def _scope(concern: str | None, folders: Sequence[str], arguments: Arguments, tree: Tree, rules: RuleBook) -> Scope:
    """What is asked of the commit, by the settings and the arguments."""
    from precollect.judging import Scope

    settings = settled(arguments.settings, tree, rules)
    concerns = tuple(MODULES) if concern is None else (concern,)
    if settings.select:  # the others need not be asked
        asked_for = {rules[name].concern if name in rules else name for name in settings.select}
        concerns = tuple(name for name in concerns if name in asked_for)
    policies = settings.policies if concern is None else frozenset(concerns)
    return Scope(folders, settings, concerns, policies, rules)


def settled(options: Iterable[tuple[str, str, str]], tree: Tree, rules: RuleBook) -> Settings:
    """The settings of the repository, and what the options of the command line say instead."""
    from precollect.settings import Known, from_option, load

    known = Known(rules, MODULES, tree)
    settings = load(known)
    for option, key, text in options:
        settings = from_option(settings, option, key, text, known)
    return settings


# The baseline


def _baseline(tree: Tree, settings: Settings) -> Baseline | None:
    """The findings that the team has seen before; None where the commit has no baseline."""
    from precollect.settings import BASELINE_FILE

    if not settings.baseline and BASELINE_FILE not in tree:
        return None
    from precollect.baseline import known_findings

    return known_findings(tree, settings.baseline)


def _compared(baseline: Baseline | None, judgement: Judgement, scope: Scope) -> tuple[list[Finding], list[Entry]]:
    """The findings that are new, and what stands in the baseline but is no longer found."""
    if baseline is None:
        return judgement.findings, []
    from precollect.baseline import compare

    return compare(baseline, judgement.findings, scope)


def _write_baseline(tree: Tree, scope: Scope, judgement: Judgement) -> int:
    from precollect.editing import baseline_file
    from precollect.settings import BASELINE_FILE

    say(baseline_file.write(tree, scope.settings.baseline or BASELINE_FILE, judgement.findings, scope))
    return CLEAN


def _settle(tree: Tree, baseline: Baseline, solved: Sequence[Entry], arguments: Arguments) -> list[str]:
    """Say what is no longer found, or with --fix take it out of the baseline; returns the files rewritten."""
    from precollect.baseline import said_of

    if not arguments.fix:
        say(said_of(baseline, solved))
        return []
    from precollect.editing import baseline_file

    say(baseline_file.prune(tree.root, baseline, solved))
    return [baseline.path]


def _speak_of_baseline(
    tree: Tree, baseline: Baseline | None, number: int, new: Sequence[Finding], arguments: Arguments
) -> None:
    """Say how many findings stand in the baseline, or why a file of its name does not count."""
    if baseline is not None and baseline.entries:
        if arguments.verbose or (arguments.format == "text" and on_terminal()):
            stand, them = ("1 finding stands", "it") if number == 1 else (f"{number} findings stand", "them")
            say(f"{stand} in {baseline.path}; --no-baseline reports {them}")
    elif new and baseline is None and not arguments.no_baseline:
        from precollect.baseline import why_not_counted

        if reason := why_not_counted(tree):
            say(reason)


# Fixes


def _fix(tree: Tree, findings: Sequence[Finding], arguments: Arguments) -> list[str]:
    """Apply the fixes that were asked for; returns the files rewritten, and says what could not be."""
    from precollect.editing.writer import apply

    fixes = [finding.fix for finding in findings if finding.fix and (finding.fix.safe or arguments.unsafe_fixes)]
    fixes = list(dict.fromkeys(fixes))
    seen = {}
    for path in {edit.path for fix in fixes for edit in fix.edits}:
        with suppress(UnreadableError):  # it is gone since we judged it: the writer will say so
            seen[path] = tree.read(path)
    with _tidy_end():
        result = apply(tree.root, fixes, seen)
    for path in result.rewritten:
        say(f"fixed {path}")
    for fix, reason in result.refused:
        say(f"not fixed: {fix.title}: {reason}")
    return list(result.rewritten)


@contextmanager
def _tidy_end() -> Iterator[None]:
    """Let a polite request to end (SIGTERM) end the body as an exception does, which leaves no temporary file."""
    import signal

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, end)
    except ValueError:  # not the main thread: whoever has that one decides
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


# Reports


def _report(findings: Collection[Finding], arguments: Arguments, tree: Tree, rules: RuleBook) -> None:
    if findings or arguments.format != "text":
        look = look_of(sys.stdout, os.environ)
        write(report(findings, arguments.format, tree=tree, rules=rules, look=look))


def _summarise(judgement: Judgement, arguments: Arguments) -> None:
    """What was judged and what files cannot tell, where that was asked for, and one line that counts findings."""
    from precollect.reporting.text import allowance, judged, nothing_judged, summary

    if arguments.verbose:
        for start in judged(judgement.projects):
            say(f"judged: {start}")
        for doubt in judgement.doubts:
            say(f"unknown: {doubt}")
    if arguments.format == "text" and (judgement.findings or arguments.verbose or on_terminal()):
        say((not judgement.findings and nothing_judged(judgement.projects)) or summary(judgement.findings))
        if hint := allowance(judgement.findings):
            say(hint)

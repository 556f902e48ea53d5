"""The command line: arguments in, exit status out. Every hook is this runner with one concern."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from precollect import __version__
from precollect.errors import CannotWorkError
from precollect.memory.files import program
from precollect.memory.last_clean import LastClean
from precollect.reading.git import root_above
from precollect.reading.tree import Tree, UnreadableError, open_tree
from precollect.reporting import FORMATS, report
from precollect.reporting.terminal import look_of, visible
from precollect.rulebook import MODULES, RuleBook

if TYPE_CHECKING:
    from precollect.findings import Finding
    from precollect.judging import Judgement
    from precollect.settings import Settings

CLEAN, FOUND, CANNOT_WORK = 0, 1, 2

# First words that name a command (a folder of that name is `./catalog`): word → the module whose `run` takes the rest.
COMMANDS = {
    "catalog": "precollect.catalog.command",
    "explain": "precollect.explain",
    "init": "precollect.init",
    "show": "precollect.showing.command",
}

# Options that stand in for a setting: option → key of the settings.
SETTINGS = {
    "--allow-disabled": "allow-disabled",
    "--baseline": "baseline",
    "--house-rules": "house-rules",
    "--ignore": "ignore",
    "--max-reruns": "max-reruns",
    "--min-reruns-delay": "min-reruns-delay",
    "--mode": "asyncio-mode",
    "--pytest": "pytest",
    "--select": "select",
}


FLAGS = {
    "--fix": "apply safe fixes",
    "--unsafe-fixes": "apply fixes that guess, too",
    "--staged": "read the git index instead of the work tree",
    "--write-baseline": "note today's findings in the baseline, so that only new ones block",
    "--no-baseline": "report what stands in the baseline, too",
    "--verbose": "say what files cannot tell, and so is not judged",
}


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
    settings: tuple[tuple[str, str], ...] = ()


def main(argv: Sequence[str] | None = None) -> int:
    """Run every concern, or a command of `COMMANDS`; returns the exit status."""
    return run(None, argv)


def run(concern: str | None, argv: Sequence[str] | None = None) -> int:
    """Run one concern with its house rules, or (None) every concern with those that the settings ask for.

    Returns 0 where nothing is found, 1 for findings or rewritten files, 2 where we cannot work.
    """
    words = sys.argv[1:] if argv is None else argv
    try:
        if concern is None and words and words[0] in COMMANDS:
            from importlib import import_module

            status: int = import_module(COMMANDS[words[0]]).run(words[1:])
            return status
        return _run(concern, _parse(concern, words))
    except CannotWorkError as error:
        _say(f"precollect: {error}")
        return CANNOT_WORK
    except KeyboardInterrupt:
        _say("precollect: interrupted")
        return CANNOT_WORK
    except BrokenPipeError:  # whoever reads our output has seen enough
        _close_output()
        return FOUND


def _run(concern: str | None, arguments: Arguments) -> int:
    tree, folders = opened(arguments.folders, staged=arguments.staged)
    rules = RuleBook()
    asked = [concern or "", repr(folders), repr(arguments.settings), str(arguments.staged), str(arguments.no_baseline)]
    version = program()
    memory = None if arguments.verbose or arguments.write_baseline else LastClean(tree, asked, version)
    if memory is not None and memory.holds():
        _write([], arguments, tree, rules)
        if arguments.format == "text" and _on_terminal():
            _say("nothing found")
        return CLEAN
    # What judging needs is imported now: most runs end above.
    from precollect.judging import judge
    from precollect.memory.sketches import Sketches
    from precollect.model.modules import Modules
    from precollect.reporting.text import nothing_judged
    from precollect.settings import BASELINE_FILE

    settings = settled(arguments.settings, tree, rules)
    concerns = tuple(MODULES) if concern is None else (concern,)
    if settings.select:  # the others need not be asked
        asked_for = {rules[name].concern if name in rules else name for name in settings.select}
        concerns = tuple(name for name in concerns if name in asked_for)
    policies = settings.policies if concern is None else frozenset(concerns)
    sketches = Sketches(tree, version)
    modules = Modules(tree, sketches)
    judgement = judge(tree, folders, settings, concerns, policies, rules, modules)
    sketches.keep()
    judged = not nothing_judged(judgement.projects)
    if not (judgement.findings or arguments.write_baseline or settings.baseline or BASELINE_FILE in tree):
        if memory is not None and judged:
            memory.remember(modules.sketches)
        _write([], arguments, tree, rules)
        _summarise(judgement, arguments)
        return CLEAN
    from precollect.baseline import Baseline, Scope, compare, known_findings, said_of, why_not_counted

    scope = Scope(folders, settings, concerns, policies, rules)
    if arguments.write_baseline:
        from precollect.editing import baseline_file

        _say(baseline_file.write(tree, settings.baseline or BASELINE_FILE, judgement.findings, scope))
        return CLEAN
    known = Baseline("") if arguments.no_baseline else known_findings(tree, settings.baseline)
    found = compare(known, judgement.findings, scope)
    rewritten = _fix(tree, found.new, arguments) if arguments.fix else []
    if rewritten:
        tree, folders = opened(arguments.folders, staged=arguments.staged)
        judgement = judge(tree, folders, settings, concerns, policies, rules)
        found = compare(known, judgement.findings, scope)
    elif memory is not None and judged and not found.new and not found.solved:
        memory.remember(modules.sketches)
    if found.solved and arguments.fix:
        from precollect.editing import baseline_file

        rewritten.append(known.path)
        _say(baseline_file.prune(tree.root, known, found.solved))
    elif found.solved:
        _say(said_of(known, found.solved))
    _write(found.new, arguments, tree, rules)
    if known.entries and (arguments.verbose or (arguments.format == "text" and _on_terminal())):
        number = len(judgement.findings) - len(found.new)
        stand, them = ("1 finding stands", "it") if number == 1 else (f"{number} findings stand", "them")
        _say(f"{stand} in {known.path}; --no-baseline reports {them}")
    elif found.new and (reason := why_not_counted(tree, known)):
        _say(reason)
    _summarise(judgement._replace(findings=found.new), arguments)
    return FOUND if rewritten or any(finding.blocks for finding in found.new) else CLEAN


def settled(options: Iterable[tuple[str, str]], tree: Tree, rules: RuleBook) -> Settings:
    """The settings of the repository, and what the options of the command line say instead."""
    from precollect.settings import Known, from_option, load

    known = Known(rules, MODULES, tree)
    settings = load(known)
    for option, text in options:
        settings = from_option(settings, option, SETTINGS[option], text, known)
    return settings


def opened(asked: Sequence[str], *, staged: bool) -> tuple[Tree, list[str]]:
    """The tree that holds the folders that were asked about, and these relative to its root.

    Raises CannotWorkError for a folder that does not exist or belongs to another repository than the first.
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
    """The absolute path of a folder, without links. Raises CannotWorkError where there is none."""
    try:
        if os.path.isdir(folder):
            return os.path.realpath(folder)
    except OSError:  # the current folder is gone
        pass
    from precollect.similar import nearest

    near = nearest(folder, COMMANDS)
    hint = f"; did you mean the command {' or '.join(map(repr, near))}?" if near else ""
    raise CannotWorkError(f"there is no folder {folder!r}{hint}")


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
        _say(f"fixed {path}")
    for fix, reason in result.refused:
        _say(f"not fixed: {fix.title}: {reason}")
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


def _write(findings: Collection[Finding], arguments: Arguments, tree: Tree, rules: RuleBook) -> None:
    if sys.stdout is None or (not findings and arguments.format == "text"):
        return
    look = look_of(sys.stdout, os.environ)
    write(report(findings, arguments.format, tree=tree, rules=rules, look=look))


def write(text: str) -> None:
    """Write to standard output, whatever it can show. Raises CannotWorkError where it takes nothing more."""
    if sys.stdout is None:
        return
    try:
        try:
            sys.stdout.write(text)
        except UnicodeEncodeError:
            sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        _close_output()
        raise CannotWorkError(f"the report cannot be written: {error.strerror}") from None


def _close_output() -> None:
    """Let nothing more be written: Python would try once more while it shuts down, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _summarise(judgement: Judgement, arguments: Arguments) -> None:
    """What was judged and what files cannot tell, where that was asked for, and one line that counts findings."""
    from precollect.reporting.text import allowance, judged, nothing_judged, summary

    if arguments.verbose:
        for start in judged(judgement.projects):
            _say(f"judged: {start}")
        for doubt in judgement.doubts:
            _say(f"unknown: {doubt}")
    if arguments.format == "text" and (judgement.findings or arguments.verbose or _on_terminal()):
        _say((not judgement.findings and nothing_judged(judgement.projects)) or summary(judgement.findings))
        if hint := allowance(judgement.findings):
            _say(hint)


def _on_terminal() -> bool:
    """Whether somebody watches, who would take silence for a failure."""
    return sys.stderr is not None and sys.stderr.isatty()


def _say(text: str) -> None:
    """Write a line to standard error, where somebody reads it."""
    if sys.stderr is not None:
        with suppress(OSError):
            print(visible(text, sys.stderr.encoding or "utf-8"), file=sys.stderr)


def _parse(concern: str | None, argv: Sequence[str]) -> Arguments:
    """The arguments. `argparse` costs more than the rest of the start: it is imported where there are some."""
    if not argv:
        return Arguments()
    from precollect.arguments import Parser

    parser = Parser(
        "precollect" if concern is None else f"pytest-{concern}",
        "Works out, from the files of a commit alone, what pytest would do when it starts and collects.",
        "Exit status: 0 nothing found, 1 findings or rewritten files, 2 precollect could not work. "
        "What a rule is about: precollect explain RULE. What pytest would see: precollect show. "
        "What is known of plugins: precollect catalog --help.",
    )
    add: Any = parser.add_argument
    add("folders", nargs="*", default=["."], metavar="FOLDER", help="where pytest would be started (default: here)")
    add("--format", choices=FORMATS, default="text", help="how to report (default: text)")
    for flag, meaning in FLAGS.items():
        add(flag, action="store_true", help=meaning)
    add("--version", action="version", version=f"precollect {__version__}")
    for option, key in SETTINGS.items():
        add(option, metavar="VALUE", help=f"as the setting {key!r}, names separated by commas")
    given = vars(parser.read(argv))
    chosen = [(option, given[option[2:].replace("-", "_")]) for option in SETTINGS]
    return Arguments(
        tuple(given["folders"]),
        given["format"],
        given["fix"] or given["unsafe_fixes"],
        given["unsafe_fixes"],
        given["staged"],
        given["write_baseline"],
        given["no_baseline"],
        given["verbose"],
        tuple((option, text) for option, text in chosen if text is not None),
    )

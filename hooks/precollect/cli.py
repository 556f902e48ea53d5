"""The command line: arguments in, exit status out. Every hook is this runner with one concern."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from precollect import __version__
from precollect.checking import FOUND, Arguments, NoFolderError, check
from precollect.errors import CannotWorkError
from precollect.reporting import FORMATS
from precollect.reporting.output import close_output, say

CANNOT_WORK = 2

# First words that name a command (a folder of that name is `./catalog`): word → the module whose `run` takes the rest.
COMMANDS = {
    "catalog": "precollect.catalog.command",
    "explain": "precollect.commands.explain",
    "init": "precollect.commands.init",
    "show": "precollect.commands.show.command",
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
        return check(concern, _parse(concern, words))
    except CannotWorkError as error:
        say(f"precollect: {error}{_hint(error)}")
        return CANNOT_WORK
    except KeyboardInterrupt:
        say("precollect: interrupted")
        return CANNOT_WORK
    except BrokenPipeError:  # whoever reads our output has seen enough
        close_output()
        return FOUND


def _hint(error: CannotWorkError) -> str:
    """What may have been meant by a word that is no folder; "" for anything else."""
    if not isinstance(error, NoFolderError):
        return ""
    from precollect.similar import nearest

    near = nearest(error.folder, COMMANDS)
    return f"; did you mean the command {' or '.join(map(repr, near))}?" if near else ""


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
        tuple((option, SETTINGS[option], text) for option, text in chosen if text is not None),
    )

"""`precollect show`: pytest's effective view of a folder, as text or JSON."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from precollect import catalog, checking, cli, judging
from precollect.arguments import Parser
from precollect.concerns.rulebook import RuleBook
from precollect.reporting.output import write
from precollect.reporting.terminal import look_of

if TYPE_CHECKING:
    from precollect.commands.show.view import View

DESCRIPTION = (
    "Shows what pytest, started in FOLDER, would take for its configuration, options, plugins, markers and tests, "
    "as far as the files of the commit tell."
)


def run(words: Sequence[str]) -> int:
    """Print the view of one folder; returns 0. Raises CannotWorkError."""
    parser = Parser("precollect show", DESCRIPTION)
    add: Any = parser.add_argument
    add("folder", nargs="?", default=".", metavar="FOLDER", help="where pytest would be started (default: here)")
    add("--format", choices=("text", "json"), default="text", help="how to show it (default: text)")
    add("--staged", action="store_true", help=cli.FLAGS["--staged"])
    add("--pytest", metavar="VERSION", help="the version of pytest to judge by, instead of the declared one")
    asked = parser.read(words)
    seen = look(
        asked.folder, staged=asked.staged, options=[("--pytest", "pytest", asked.pytest)] if asked.pytest else []
    )
    if asked.format == "json":
        from precollect.commands.show.json import json

        said = json(seen)
    else:
        from precollect.commands.show.text import text

        said = text(seen, look_of(sys.stdout, os.environ))
    write(said)
    return checking.CLEAN


def look(folder: str, *, staged: bool, options: Sequence[tuple[str, str, str]]) -> View:
    """What pytest would see in a folder; of several worlds, the one with the newest versions."""
    from precollect.commands.show.view import view
    from precollect.model.installed import Installed
    from precollect.model.modules import Modules
    from precollect.model.project import Project, Start
    from precollect.model.worlds import worlds

    tree, (relative,) = checking.opened([folder], staged=staged)
    settings = checking.settled(options, tree, RuleBook())
    catalog.extend(judging.described(tree, settings))
    installed = Installed(judging.declared_at(tree, relative), settings)
    versions = worlds(installed, installed.present)[-1]
    project = Project(tree, Start(relative), settings, installed, versions, Modules(tree))
    return view(project, judging.starts_at(tree, [relative], settings))

"""`precollect catalog list | show | add`: what is known of plugins, and how a team adds its own."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from precollect import catalog
from precollect.errors import CannotWorkError
from precollect.reporting.output import say, write
from precollect.reporting.terminal import look_of, visible

CATALOG_FILE = "precollect-catalog.json"


def run(argv: Sequence[str]) -> int:
    """Returns 0 for done, 1 where a plugin could not be measured. Raises CannotWorkError."""
    options = parser().parse_args(argv)
    if options.command == "add":
        from precollect.catalog import add

        return add.run(options.names, options.output, options.python)
    extend()
    said = "\n".join(catalog.names()) + "\n" if options.command == "list" else shown(options)
    encoding = look_of(sys.stdout, os.environ).encoding
    write("".join(visible(line, encoding) + "\n" for line in said[:-1].split("\n")))
    return 0


def parser() -> ArgumentParser:
    made = ArgumentParser(prog="precollect catalog", description=__doc__, allow_abbrev=False)
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("list", help="the distributions that are known")
    show = commands.add_parser("show", help="what is known of one", allow_abbrev=False)
    show.add_argument("name", metavar="DISTRIBUTION")
    show.add_argument("--release", default="", metavar="VERSION", help="only what holds in this one (default: all)")
    show.add_argument("--format", choices=("text", "json"), default="text")
    add = commands.add_parser("add", help="measure in-house plugins for the file that is committed", allow_abbrev=False)
    add.add_argument("names", nargs="*", metavar="DISTRIBUTION", help="default: all plugins that are not known yet")
    add.add_argument("--output", default=CATALOG_FILE, metavar="FILE", help="default: %(default)s")
    add.add_argument("--python", default="", metavar="PATH", help="the interpreter of the tests (default: the active)")
    return made


def extend() -> None:
    """Know what the settings of the git repository around the current folder describe."""
    from precollect.concerns.rulebook import MODULES, RuleBook
    from precollect.reading.git import root_above
    from precollect.reading.tree import open_tree
    from precollect.settings import Known, load

    folder = os.path.realpath(".")
    if root_above(folder) is None:
        return
    tree = open_tree(folder)
    paths = load(Known(RuleBook(), MODULES, tree)).catalog
    if paths:
        from precollect.catalog import team_file

        catalog.extend(team_file.read(tree, paths))


def shown(options: Namespace) -> str:
    from precollect.catalog import show
    from precollect.reading.environment.requirement import normalised
    from precollect.similar import way_out

    name = normalised(options.name)
    known = catalog.load(name)
    if known is None:
        hint = way_out(name, catalog.names(), "'precollect catalog list' names all")
        raise CannotWorkError(f"the catalog does not hold {options.name!r}; {hint}")
    release = ""
    if options.release:
        try:
            release = known.at(options.release).version
        except ValueError:
            raise CannotWorkError(f"--release: {options.release!r} is no version") from None
        if not known.covers(options.release):
            say(f"{name} {options.release} is not held; {release} is taken for it")
    return (show.as_json if options.format == "json" else show.as_text)(known, release)

"""What a release registers, one type for each kind of fact.

No `from __future__ import annotations` here: NamedTuple compiles every annotation that is a text,
which would triple the time to import this module.
"""

from typing import NamedTuple


class Option(NamedTuple):
    """A command-line option, in argparse's words.

    `action` is store, store_true, append, count ..., or the class name of a plugin's own action.
    `type` is the name of the callable that reads the value, None for plain text. `condition`, here
    and below, is "" for what every run registers, else the condition as the plugin's source has it.
    """

    names: tuple[str, ...]
    dest: str
    action: str
    nargs: int | str | None
    type: str | None
    choices: tuple[str, ...] | None
    owner: str
    condition: str = ""


class IniKey(NamedTuple):
    """A key of the configuration file.

    `type` is string, bool, args, linelist, paths, pathlist, int or float; since pytest 9.2 also a
    choice of them ("int | string") and of fixed words in quotes ("'short' | 'sha256'"). `default`
    is None for an empty text, too, and where only a running pytest can tell it.
    """

    name: str
    type: str
    default: object
    owner: str
    alias_of: str | None
    condition: str = ""


class Mark(NamedTuple):
    """A registered marker; `line` is its whole text in `markers`."""

    name: str
    line: str
    owner: str
    condition: str = ""


class EntryPoint(NamedTuple):
    """What `-p no:NAME` matches.

    `loaded` is "default", or "always" (cannot be disabled), or "asked" (only by `-p` and the like).
    """

    name: str
    module: str
    loaded: str = "default"


class Hook(NamedTuple):
    """A pytest hook that may be implemented, and the arguments that an implementation may name."""

    name: str
    arguments: tuple[str, ...]
    owner: str

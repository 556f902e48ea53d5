"""Files that start pytest: the environment variables they set for it, where that is literal text.

YAML pipelines other than those whose calls are read (`launches`). A variable counts only where
the same file also calls pytest without choosing plugins or configuration of its own on the
command line, since such a call is a start of another kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from precollect.findings import Place
from precollect.reading.tree import Tree

ADDOPTS = "PYTEST_ADDOPTS"
AUTOLOAD_OFF = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"
PLUGINS = "PYTEST_PLUGINS"

VARIABLES = (ADDOPTS, AUTOLOAD_OFF, PLUGINS)
# Compiled where a file sets one of the variables: hardly any does.
SETTING = rf"(?m)^[ \t-]*(?P<name>{'|'.join(VARIABLES)})[ \t]*(?::[ \t]|=)[ \t]*(?P<value>.*)$"
CALL = r"(?m)(?:^|[\s;&|]|run:|-m\s)pytest(?=\s|$)(?P<arguments>[^\n;&|]*)"
BLOCKS = frozenset("|>&*!")  # YAML: a text of several lines, an alias, a tag
OWN_CHOICES = r"(?:^|\s)(?:-p|-c|-o|--config-file|--override-ini|--rootdir|--noconftest)"


class Variable(NamedTuple):
    """One variable that a file sets for pytest. `place` is that of its value."""

    name: str
    value: str
    place: Place


def variables(tree: Tree) -> Iterator[Variable]:
    """The variables that decide about options and plugins, in files that call pytest."""
    for path in tree.others:
        if _may_launch(path):
            data = tree.read_or_nothing(path)
            if any(name.encode() in data for name in VARIABLES):
                yield from _variables(path, data.decode("utf-8", "replace"))


def _may_launch(path: str) -> bool:
    name = path.rpartition("/")[2]
    in_place = path.startswith(".circleci/") or ("/" not in path and name != ".gitlab-ci.yml")
    return in_place and name.endswith((".yml", ".yaml"))


def _variables(path: str, text: str) -> Iterator[Variable]:
    calls = [call["arguments"] for call in re.finditer(CALL, text)]
    if not calls or any(re.search(OWN_CHOICES, arguments) for arguments in calls):
        return
    for match in re.finditer(SETTING, text):
        value = _literal(match["value"].rstrip())
        if value:
            start = match.start("value")
            line = text.count("\n", 0, start) + 1
            yield Variable(match["name"], value, Place(path, line, start - text.rfind("\n", 0, start)))


def _literal(value: str) -> str:
    """The text that a value stands for; "" where it holds something to be filled in, or stands on the lines below."""
    if value[:1] in BLOCKS:
        return ""
    quoted = value[:1] in {"'", '"'}
    value = value[1:].partition(value[0])[0] if quoted else value.partition(" #")[0].strip()
    return "" if "$" in value or "{" in value else value

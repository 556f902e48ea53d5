"""Which of pytest's own warnings are errors: `filterwarnings` lines and `-W` words, applied as pytest applies them.

Lines are applied in order, then the words of the command line; the last that matches wins.
Messages are regular expressions in the configuration file and literal text in `-W`.
Source: `_pytest/config/__init__.py` `parse_warning_filter`, `apply_warning_filters` (9.2.0).
"""

from __future__ import annotations

import re
from math import comb, inf
from typing import Literal, NamedTuple

from precollect.reading.python.syntax import quietly

ACTIONS = ("default", "always", "ignore", "module", "once", "error")

# A pattern from a configuration file may be such that matching it never ends (a+)+: it is tried only where it must end.
MOST_STEPS = 10_000_000  # a second, at worst
LONGEST_PATTERN = 1000  # characters
NO_QUANTIFIERS = re.compile(r"\\.|\[\^?\]?[^\]]*\]|\(\?", re.DOTALL)  # escapes, sets of characters, what follows "("
REPEATED_GROUP = re.compile(r"\)[*+{]")
QUANTIFIER = re.compile(r"[*+?{]")

# The classes above pytest's own warnings; those about things to be removed are DeprecationWarnings too.
ABOVE_ALL = frozenset({"", "PytestWarning", "UserWarning", "Warning"})
ABOVE_DEPRECATIONS = frozenset({"PytestDeprecationWarning", "DeprecationWarning"})


class Filter(NamedTuple):
    """One parsed filter. `category`: dotted as written, "" for every warning; `literal`: the message is no pattern."""

    action: str
    message: str
    category: str
    module: str
    line: int
    literal: bool


def parse(text: str, *, literal: bool) -> Filter | str:
    """The filter that a line or a `-W` word means, or what pytest says against it."""
    parts = text.split(":")
    if len(parts) > 5:
        return f"Too many fields ({len(parts)}), expected at most 5 separated by colons"
    word, message, category, module, number = (part.strip() for part in parts + [""] * (5 - len(parts)))
    action = _action(word)
    if action is None:
        return f"invalid action: {word!r}"
    line = 0
    if number:
        try:
            line = int(number)
        except ValueError:
            line = -1
        if line < 0:
            return f"invalid lineno {number!r}"
    if not literal:
        for pattern in (message, module):
            try:
                with quietly():
                    re.compile(pattern)
            except (re.error, OverflowError, RecursionError) as error:
                return f"Invalid regex {pattern!r}: {error}"
    return Filter(action, message, category, module, line, literal)


def _action(word: str) -> str | None:
    """The action that a word begins; "all" is "always", nothing is "default" (CPython `warnings._getaction`)."""
    if not word:
        return "default"
    if word == "all":
        return "always"
    return next((action for action in ACTIONS if action.startswith(word)), None)


def outcome(filters: list[Filter], category: str, message: str) -> Literal["error", "ignored", "shown", "unknown"]:
    """What becomes of a warning of pytest's class `category` with this message.

    "unknown" where only running tells: the deciding filter asks for the module or the line that warns,
    or its pattern may take forever.
    """
    for entry in reversed(filters):
        says = _says(entry, message) if _covers(entry.category, category) else False
        if says is False:
            continue
        if says is None or entry.module or entry.line:
            return "unknown"
        return "error" if entry.action == "error" else "ignored" if entry.action == "ignore" else "shown"
    return "shown"


def _covers(written: str, category: str) -> bool:
    module, _, name = written.rpartition(".")
    if module not in {"", "pytest", "_pytest.warning_types", "builtins"}:
        return False
    deprecates = category.startswith(("PytestRemovedIn", "PytestDeprecation"))
    return name == category or name in ABOVE_ALL or (deprecates and name in ABOVE_DEPRECATIONS)


def _says(entry: Filter, message: str) -> bool | None:
    """Whether the filter's text fits the message; None where finding out may take longer than anybody waits."""
    if not entry.message:
        return True
    if entry.literal:
        return message.lower().startswith(entry.message.lower())
    if _most_steps(entry.message, message) > MOST_STEPS:
        return None
    with quietly():
        return re.match(entry.message, message, re.IGNORECASE) is not None


def _most_steps(pattern: str, text: str) -> float:
    """A number that matching a pattern surely takes fewer steps than; infinity where only trying would tell.

    Each quantifier may stop at any character of the text behind the stop of the one before it, and a
    choice within a group makes no more ways than that. One that repeats a group multiplies without bounds.
    """
    if len(pattern) > LONGEST_PATTERN:
        return inf
    bare = NO_QUANTIFIERS.sub("x", pattern)
    if REPEATED_GROUP.search(bare):
        return inf
    choices = len(QUANTIFIER.findall(bare)) + (bare.count("|") if ")" in bare else 0)
    return comb(len(text) + choices, choices)

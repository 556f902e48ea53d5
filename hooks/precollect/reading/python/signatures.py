"""The texts of argument lists and the like, looked at once for all modules: the same ones occur again and again."""

from __future__ import annotations

import re
from functools import lru_cache

# What stands before it (seven bytes), its name, its arguments, and its end, if no brackets are among the arguments.
DEFINITION = re.compile(rb"def (?<=(.{7})def )(\w+)\(([^()]*)(\)[^:\n()]*:)?", re.DOTALL)
SIGN = re.compile(rb"[()\[\]{}:\n]")
LONGEST_SIGNATURE = 5000  # bytes
WORD = re.compile(rb"\w+")
QUOTED = re.compile(rb"[\"'](\w+)[\"']")
# A name that is no annotation: it begins an argument.
ARGUMENT = re.compile(rb"(?:^|,)\s*(\w+)\s*(?=[,:=]|$)")
DEFAULTED = re.compile(rb"(?<!\w)(\w+)[ \t]*(?::[^,=]{0,500})?=")


@lru_cache(maxsize=4096)
def words(text: bytes) -> frozenset[bytes]:
    """All words of a text."""
    return frozenset(WORD.findall(text))


@lru_cache(maxsize=4096)
def quoted(text: bytes) -> frozenset[bytes]:
    """The words of a text that stand in quotes."""
    return frozenset(QUOTED.findall(text))


@lru_cache(maxsize=4096)
def arguments(inside: bytes) -> frozenset[bytes]:
    """The names of the arguments in a signature, and perhaps some more."""
    return frozenset(ARGUMENT.findall(inside))


@lru_cache(maxsize=4096)
def required(inside: bytes) -> frozenset[bytes]:
    """The words of a signature without the arguments that have a default, and perhaps without some more."""
    return words(inside).difference(DEFAULTED.findall(inside)) if b"=" in inside else words(inside)


def signature(data: bytes, start: int) -> tuple[bytes, bool]:
    """What stands between the brackets that open at an offset, and whether a colon ends the line behind them."""
    depth = 0
    for match in SIGN.finditer(data, start, start + LONGEST_SIGNATURE):
        sign = match[0]
        if sign in b"([{":
            depth += 1
        elif sign in b")]}":
            depth -= 1
        elif depth <= 0:
            return data[start + 1 : match.start()].rpartition(b")")[0], sign == b":"
    return data[start + 1 : start + LONGEST_SIGNATURE], False

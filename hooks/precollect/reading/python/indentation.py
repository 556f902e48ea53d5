"""The functions and classes of a module, and which stands in which, as far as indentation tells without a parser."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import NamedTuple

HEAD = re.compile(rb"\n([ \t]*)(?:async[ \t]+def|def|(class))[ \t]+(\w+)")
BLANKS = re.compile(rb"[ \t]*")
WORD = re.compile(rb"\w+")
MOST_STEPS = 20_000  # of one question to one file; beyond, the answer is that it may be so
MOST_ROUNDS = 50
CONSTRUCTORS = frozenset({b"__init__", b"__new__"})


class Head(NamedTuple):
    """The first words of a function or class."""

    start: int
    """The offset of the line end before it."""
    end: int
    depth: int
    is_class: bool
    name: bytes


def heads(data: bytes) -> list[Head]:
    """All functions and classes whose statement has a line end before it."""
    return [
        Head(match.start(), match.end(), len(match[1]), match[2] is not None, match[3]) for match in HEAD.finditer(data)
    ]


def repeats(found: list[Head]) -> bool:
    """Whether a scope holds one name of a test twice."""
    scopes: list[tuple[int, set[bytes]]] = [(-1, set())]
    for head in found:
        while scopes[-1][0] >= head.depth:
            scopes.pop()
        if head.name in scopes[-1][1] and head.name[:1] in b"tT":
            return True
        scopes[-1][1].add(head.name)
        scopes.append((head.depth, set()))
    return False


def constructors(data: bytes, found: list[Head]) -> bool:
    """Whether a class that may be one of tests has a constructor, its own or that of a base in the module."""
    if not any(head.is_class and (b"Test" in head.name or b"Spec" in head.name) for head in found):
        return False
    scopes: list[tuple[int, bytes]] = [(-1, b"")]
    bases: dict[bytes, list[bytes]] = {}
    made = set()
    for head in found:
        while scopes[-1][0] >= head.depth:
            scopes.pop()
        if head.is_class:
            end = data.find(b":", head.end, head.end + 500)
            bases[head.name] = WORD.findall(data, head.end, end) if end > 0 else []
            if data.rfind(b"dataclass", max(0, head.start - 200), head.end) >= 0:
                made.add(head.name)
            scopes.append((head.depth, head.name))
        else:
            if head.name in CONSTRUCTORS:
                made.add(scopes[-1][1])
            scopes.append((head.depth, b""))
    for _ in range(min(len(bases), MOST_ROUNDS)):
        inheriting = {name for name, words in bases.items() if name not in made and not made.isdisjoint(words)}
        if not inheriting:
            break
        made |= inheriting
    return any(b"Test" in name or b"Spec" in name for name in made)


def depth_at(data: bytes, start: int) -> int:
    """The blanks at an offset."""
    blanks = BLANKS.match(data, start)
    return blanks.end() - start if blanks else 0


def yields(data: bytes, found: list[Head]) -> bool:
    """Whether a yield stands in a function that may be a test."""
    starts = [head.start for head in found]
    steps = 0
    line = seen = 0
    position = data.find(b"yield")
    while position >= 0:
        line = max(line, data.rfind(b"\n", seen, position) + 1)
        seen = position
        depth = depth_at(data, line)
        for number in range(bisect_left(starts, position) - 1, -1, -1):
            steps += 1
            if steps > MOST_STEPS:
                return True
            if found[number].depth < depth:
                if found[number].name.startswith(b"test"):
                    return True
                break
        position = data.find(b"yield", position + 5)
    return False

"""Which known name somebody may have meant: the candidates of "did you mean"."""

from __future__ import annotations

from collections.abc import Iterable

LONGEST = 80  # characters; nobody types a longer name, and the work grows with the square


def nearest(word: str, known: Iterable[str], most: int = 2) -> list[str]:
    """The known names that `word` may be a slip of, nearest first, at most `most`; [] where none is near.

    A slip is a character too many, missing, exchanged or swapped with its neighbour: one in a name of
    up to four characters, two in one of up to nine, three in a longer one. Case and the
    difference between "-", "_" and "." count for nothing.
    """
    if len(word) > LONGEST:
        return []
    folded = _fold(word)
    slips = 1 if len(word) <= 4 else 2 if len(word) <= 9 else 3
    near = []
    for name in set(known):
        if name != word and abs(len(name) - len(word)) <= slips:
            distance = _distance(folded, _fold(name))
            # Two names of which every other character differs have only their length in common.
            if distance <= slips and 2 * distance < len(word):
                near.append((distance, name[:1] != word[:1], name))
    return [name for _, _, name in sorted(near)[:most]]


def way_out(word: str, known: Iterable[str], otherwise: str) -> str:
    """The end of a message: which known name may have been meant, or what to do where none is near."""
    near = nearest(word, known)
    return did_you_mean(near) if near else otherwise


def did_you_mean(near: Iterable[str]) -> str:
    """The question whether one of these names was meant."""
    return f"did you mean {' or '.join(map(repr, near))}?"


def _fold(name: str) -> str:
    return name.casefold().replace("-", "_").replace(".", "_")


def _distance(one: str, other: str) -> int:
    """Slips between two words: the optimal string alignment distance."""
    if one == other:
        return 0
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, char in enumerate(one, 1):
        before, above, row = row, before, [i]
        for j, target in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (char != target))
            if i > 1 and j > 1 and char == other[j - 2] and target == one[i - 2]:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
    return row[-1]

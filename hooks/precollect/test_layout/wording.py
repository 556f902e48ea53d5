"""Words that the messages of this concern share."""

from __future__ import annotations

from collections.abc import Iterable

from precollect.similar import nearest


def way_out(word: str, known: Iterable[str], otherwise: str) -> str:
    """The end of a message: which known name may have been meant, or what to do where none is near."""
    near = nearest(word, known)
    return f"did you mean {' or '.join(f'{name!r}' for name in near)}?" if near else otherwise


def count(number: int, what: str) -> str:
    """A number of things in words: "1 class", "2 classes"."""
    plural = f"{what}es" if what.endswith("s") else f"{what}s"
    return f"{number} {what if number == 1 else plural}"

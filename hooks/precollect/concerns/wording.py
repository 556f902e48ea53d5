"""Names and places as the messages of several concerns give them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from precollect.findings import Related
from precollect.model.tests import Use
from precollect.similar import nearest


def related(uses: Sequence[Use]) -> tuple[Related, ...]:
    """The places of uses of a mark."""
    return tuple(Related(use.place, "used here") for use in uses)


def requirement_name(requirement: str) -> str:
    """The distribution of a requirement, letter by letter as it is written."""
    return (
        requirement.partition(";")[0].replace("(", " ").translate(dict.fromkeys(map(ord, "<>=!~["), " ")).split(" ")[0]
    )


def way_out(word: str, known: Iterable[str], otherwise: str) -> str:
    """The end of a message: which known name may have been meant, or what to do where none is near."""
    near = nearest(word, known)
    return f"did you mean {' or '.join(f'{name!r}' for name in near)}?" if near else otherwise


def count(number: int, what: str) -> str:
    """A number of things in words: "1 class", "2 classes"."""
    plural = f"{what}es" if what.endswith("s") else f"{what}s"
    return f"{number} {what if number == 1 else plural}"

"""A module as its bytes show it: all that can be said of thousands of files without parsing them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from precollect.reading.python.from_imports import from_imports
from precollect.reading.python.glance import glance
from precollect.reading.python.plain_marks import plain_marks
from precollect.reading.python.scan import scan

FLAGS = 23  # the first fields of a sketch


class Sketch(NamedTuple):
    """`Scan`, `Glance` and `PlainMarks` say what each of these means: a flag that is False is certain."""

    open_marks: bool
    asynchronous: bool
    fixtures: bool
    marks_near_fixtures: bool
    pytestmark: bool
    pytestmark_odd: bool
    skips: bool
    unittest: bool
    plugins: bool

    broken: bool
    repeats: bool
    constructors: bool
    yields: bool
    setups: bool
    scopes: bool
    raises: bool
    parametrize: bool
    cycles: bool

    odd_flaky: bool
    odd_asyncio: bool
    async_fixture: bool
    unmarked_async_test: bool
    chained: bool

    marks: Sequence[str]
    requested: Sequence[str]
    fixtures_request: Sequence[str]
    most_reruns: float
    magnitude: int
    """The bits of the file's size in bytes: the size is less than two to the power of it."""
    from_imports: Sequence[Sequence[str]]
    """[module, names with a space between] of each."""


def sketch(data: bytes) -> Sketch:
    """What the bytes of a module show. Never raises, whatever they are."""
    *seen, marks = scan(data)
    *glanced, requested, wanted = glance(data)
    *marked, most_reruns = plain_marks(data)
    return Sketch._make(
        (
            *seen,
            *glanced,
            *marked,
            sorted(marks),
            sorted(requested),
            sorted(wanted),
            most_reruns,
            len(data).bit_length(),
            from_imports(data),
        )
    )

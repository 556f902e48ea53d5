"""Tables of aligned columns that fit a terminal of 80 cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import wrap

from precollect.reporting.terminal import Look, Style, visible, width

PAGE = 80
WIDEST = 26  # cells of a column that is not the last; what is longer has lines of its own
FEWEST = 22  # cells of the last column, however wide the others are
OWN_LINE = 6  # blanks before what does not fit there

Row = tuple[str, ...]


def section(title: str, rows: Iterable[Row], look: Look, styles: Mapping[str, Style] | None = None) -> str:
    """A heading and a table; columns that nothing fills are left out. "" without rows, else it ends in a newline.

    `styles`: words that have a colour wherever a cell is just that.
    """
    made = [tuple(visible(cell, look.encoding) for cell in row) for row in rows]
    if not made:
        return ""
    columns = max(map(len, made))
    made = [(*row, *[""] * (columns - len(row))) for row in made]
    filled = [number for number in range(columns) if any(row[number] for row in made)]
    made = [tuple(row[number] for number in filled) for row in made]
    widths = [min(WIDEST, max(width(row[number]) for row in made)) for number in range(len(filled) - 1)]
    lines = [look.paint(title, "bold")]
    for row in made:
        lines += _lines(row, widths, look, styles or {})
    return "\n".join(lines) + "\n"


def _lines(row: Row, widths: Sequence[int], look: Look, styles: Mapping[str, Style]) -> Iterator[str]:
    """The lines of one row: a cell that is too long for its column has lines of its own, the last column wraps."""
    *cells, last = row
    line, margin = "  ", 2
    for cell, space in zip(cells, widths, strict=True):
        start, margin = margin, margin + space + 2
        if width(cell) > space:
            first, *others = _wrapped(cell, PAGE - start)
            yield line + first
            yield from (" " * start + other for other in others)
            line = " " * margin
        else:
            line += _painted(cell, look, styles) + " " * (space + 2 - width(cell))
    longest = max(map(width, last.split()), default=0)
    if cells and longest > max(PAGE - margin, FEWEST):
        yield line.rstrip()
        line, margin = " " * OWN_LINE, OWN_LINE
    first, *others = _wrapped(last, max(PAGE - margin, FEWEST))
    if end := (line + _painted(first, look, styles)).rstrip():  # nothing where the cell before had lines of its own
        yield end
    yield from (" " * margin + other for other in others)


def _wrapped(cell: str, space: int) -> list[str]:
    return wrap(cell, space, break_on_hyphens=False, break_long_words=False) or [""]


def _painted(cell: str, look: Look, styles: Mapping[str, Style]) -> str:
    return look.paint(cell, styles[cell]) if cell in styles else cell

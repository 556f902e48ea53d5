"""What the catalog knows of one distribution, as a table for a terminal of 80 columns or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from textwrap import wrap
from typing import Any

from precollect import catalog
from precollect.catalog import Distribution
from precollect.catalog.history import KINDS

WIDTH = 80
WIDEST_NAME = 26
WIDEST_RANGE = 18
TITLES = {
    "spelled": "name in the metadata",
    "requires_pytest": "pytest that it requires",
    "requires_python": "Python that it requires",
    "requires": "requires",
    "entry_points": "entry points (-p NAME, -p no:NAME)",
    "modules": "modules",
    "registers": "names taken while pytest runs",
    "marks": "marks",
    "keys": "configuration keys",
    "options": "options",
    "fixtures": "fixtures",
    "hooks": "hooks that it adds",
    "implements": "hooks of pytest that it implements",
    "behaviours": "behaviours",
}

Row = tuple[str, str, str]
"""The releases in which a fact holds, its name, the rest of it."""


def as_text(known: Distribution, release: str = "") -> str:
    """What is known of all releases, with those in which each fact holds, or of one of them. Ends in a newline."""
    if release:
        head = f"{known.name} {release}"
    else:
        many = f"{len(known.releases)} releases, {known.releases[0]} to {known.newest}"
        head = f"{known.name}: {many if len(known.releases) > 1 else known.newest}"
    parts = [head + "\n"]
    for kind in KINDS:
        rows = facts(known, kind, release)
        if rows:
            parts.append(section(TITLES[kind], [in_words(kind, row) for row in rows]))
    for title, names in (("brings along", brought(known)), ("comes along with", bringing(known.name))):
        if names:
            lines = wrap(", ".join(names), WIDTH - 2, break_on_hyphens=False)
            parts.append("\n".join([title, *(f"  {line}" for line in lines)]) + "\n")
    return "\n".join(parts)


def as_json(known: Distribution, release: str = "") -> str:
    """The same as one JSON object: kinds and facts as FORMAT.md describes them. Ends in a newline."""
    answer: dict[str, Any] = {"version": 1, "distribution": known.name}
    answer |= {"release": release} if release else {"releases": list(known.releases)}
    answer |= {kind: facts(known, kind, release) for kind in KINDS}
    answer |= {"brings": brought(known), "comes_with": bringing(known.name)}
    return json.dumps(answer, indent=1, ensure_ascii=False) + "\n"


def facts(known: Distribution, kind: str, release: str) -> list[dict[str, Any]]:
    """The rows of a kind: those of one release without "in", or (release "") those of all."""
    if not release:
        return known.rows(kind)
    rows = known.at(release).facts(kind)
    return [{key: value for key, value in row.items() if key != "in"} for row in rows]


def brought(known: Distribution) -> list[str]:
    return list(catalog.brings(known.name) or ())


def bringing(name: str) -> list[str]:
    """The distributions whose newest release is known to bring this one along, sorted."""
    return [other for other in catalog.bringers() if name in (catalog.brings(other) or ())]


def in_words(kind: str, row: dict[str, Any]) -> Row:
    name = row.get("specifier") or row.get("name") or ", ".join(row["names"])
    return ranges(row.get("in", "")), name, "; ".join(filter(None, details(kind, row)))


def details(kind: str, row: dict[str, Any]) -> Iterable[str]:
    """What there is to say of a fact beside its name and releases."""
    if kind == "entry_points":
        yield row["module"]
        yield {"always": "cannot be disabled", "asked": "only where it is asked for"}.get(row.get("loaded", ""), "")
    elif kind == "marks":
        yield row["line"].removeprefix(row["name"]).removeprefix(":").strip()
    elif kind == "keys":
        yield row.get("type", "string")
        yield f"default {json.dumps(row['default'], ensure_ascii=False)}" if "default" in row else ""
        yield f"another name of {row['alias_of']}" if "alias_of" in row else ""
    elif kind == "options":
        yield row.get("action", "store")
        yield f"nargs {row['nargs']}" if "nargs" in row else ""
        yield f"type {row['type']}" if "type" in row else ""
        yield f"one of {', '.join(row['choices'])}" if row.get("choices") else ""
    elif kind == "hooks":
        yield f"({', '.join(row['arguments'])})"
    elif row.get("unclear"):
        yield "neither yes nor no"
    if "condition" in row:
        yield f"only if {row['condition']}" if row["condition"] != "not registered when measured" else row["condition"]


def ranges(text: str) -> str:
    """A range of FORMAT.md in words: "2.0..2.4 3.1.." is "2.0 to 2.4, from 3.1"."""
    words = []
    for part in text.split():
        first, dots, last = part.partition("..")
        words.append(f"{first} to {last}" if first and last else f"from {first}" if dots and first else last or first)
        if last and not first:
            words[-1] = f"to {last}"
    return ", ".join(words)


def section(title: str, rows: Sequence[Row]) -> str:
    """A heading and a table; columns that nothing fills are left out. Ends in a newline."""
    first = min(WIDEST_RANGE, max(len(row[0]) for row in rows))
    names = min(WIDEST_NAME, max(len(row[1]) for row in rows)) if any(row[2] for row in rows) else 0
    lines = [title]
    for held, name, rest in rows:
        left = cells(held, first) if first else []
        if names:
            middle = cells(name, names)
            if len(name) > names:  # a long name has a line of its own
                middle, right = [name], ["", *cells(rest, WIDTH - 2 - (first + 2 if first else 0) - names - 2)]
                right = right if rest else []
            else:
                right = cells(rest, WIDTH - 2 - (first + 2 if first else 0) - names - 2)
        else:
            middle, right = cells(name, WIDTH - 2 - (first + 2 if first else 0)), []
        for number in range(max(len(left), len(middle), len(right))):
            columns = [(left, first)] if first else []
            columns += [(middle, names), (right, 0)]
            line = "  ".join(pick(column, number).ljust(width) for column, width in columns)
            lines.append(f"  {line}".rstrip())
    return "\n".join(lines) + "\n"


def cells(text: str, width: int) -> list[str]:
    return wrap(text, width, break_on_hyphens=False) or [""]


def pick(column: Sequence[str], number: int) -> str:
    return column[number] if number < len(column) else ""

"""What the catalog knows of one distribution, as a table for a terminal of 80 columns or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from textwrap import wrap
from typing import Any

from precollect import catalog
from precollect.catalog import Distribution
from precollect.catalog.history import KINDS
from precollect.reporting.table import PAGE, Row, section
from precollect.reporting.terminal import Look

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
            parts.append(section(TITLES[kind], (in_words(kind, row) for row in rows), Look()))
    for title, names in (("brings along", brought(known)), ("comes along with", bringing(known.name))):
        if names:
            lines = wrap(", ".join(names), PAGE - 2, break_on_hyphens=False)
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
    """The releases in which a fact holds, its name, the rest of it."""
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

"""Facts of single releases into facts with ranges of releases, the text of a data file, and back.

A measurement is a set of rows: (kind, JSON text of one fact). Two releases are equal when their
rows are. FORMAT.md describes the file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any, NamedTuple

KINDS = (
    "spelled",
    "requires_pytest",
    "requires_python",
    "requires",
    "entry_points",
    "modules",
    "registers",
    "marks",
    "keys",
    "options",
    "fixtures",
    "hooks",
    "implements",
    "behaviours",
)
Rows = frozenset[tuple[str, str]]
MOST_SPANS = 40  # a distribution with more minor series than this has neighbouring ones taken together


class Measurement(NamedTuple):
    """What was measured of one release, and with what: "Python 3.11, pytest 9.2.0"."""

    rows: Rows
    tools: str


class Failure(NamedTuple):
    """Why a release could not be measured, in a few words: "does not install". `detail` is what the tools said last."""

    reason: str
    detail: str = ""


Measure = Callable[[str], "Measurement | Failure"]


class History(NamedTuple):
    """All that is known of a distribution: releases in ascending order, and what was measured of some of them.

    `distribution` is the normalised name.
    """

    distribution: str
    releases: tuple[str, ...]
    measured: dict[str, Measurement]
    failed: dict[str, Failure]

    def rows_of(self, release: str) -> Rows:
        """The rows of this release: measured, or those of the nearest measured release below, else above."""
        index = self.releases.index(release)
        below = (name for name in reversed(self.releases[: index + 1]) if name in self.measured)
        above = (name for name in self.releases[index:] if name in self.measured)
        nearest = next(below, None) or next(above, None)
        return frozenset() if nearest is None else self.measured[nearest].rows


def explore(distribution: str, releases: Sequence[str], measure: Measure, *, every: bool = False) -> History:
    """Measure as few releases as tell where something changed.

    Within a span (a minor series, "3.5.*") equal facts at both ends are taken to hold in between; where the
    ends differ, the span is halved until the two releases are found between which each change lies. `every`
    measures every release.
    """
    history = History(distribution, tuple(releases), {}, {})

    def rows(release: str) -> Rows | None:
        if release not in history.measured and release not in history.failed:
            answer = measure(release)
            if isinstance(answer, Failure):
                history.failed[release] = answer
            else:
                history.measured[release] = answer
        found = history.measured.get(release)
        return None if found is None else found.rows

    def halve(span: Sequence[str]) -> None:
        while span and rows(span[0]) is None:
            span = span[1:]
        while span and rows(span[-1]) is None:
            span = span[:-1]
        if len(span) > 2 and (every or rows(span[0]) != rows(span[-1])):
            middle = len(span) // 2
            halve(span[: middle + 1])
            halve(span[middle:])

    for span in spans(releases, every=every):
        halve(span)
    return history


def without(history: History, kind: str) -> History:
    """The same history, its measurements without the rows of one kind."""
    measured = {
        release: found._replace(rows=frozenset(row for row in found.rows if row[0] != kind))
        for release, found in history.measured.items()
    }
    return history._replace(measured=measured)


def spans(releases: Sequence[str], *, every: bool = False) -> list[list[str]]:
    """The releases in groups whose ends are measured: by minor series, or all in one with `every`."""
    if every:
        return [list(releases)]
    series: dict[str, list[str]] = {}
    for release in releases:
        series.setdefault(".".join(release.split(".")[:2]), []).append(release)
    groups = list(series.values())
    size = -(-len(groups) // MOST_SPANS) or 1
    return [list(chain(*groups[start : start + size])) for start in range(0, len(groups), size)]


def to_rows(facts: dict[str, Any]) -> Rows:
    """The rows of one release as `introspect.py` wrote its facts."""
    found: list[tuple[str, dict[str, Any]]] = []
    for kind in KINDS:
        value = facts.get(kind, ())
        if isinstance(value, str):
            value = [{"specifier": value}] if value else []
        found.extend((kind, {"name": fact} if isinstance(fact, str) else shortened(fact)) for fact in value)
    return frozenset((kind, json.dumps(fact, ensure_ascii=False)) for kind, fact in found)


def shortened(fact: dict[str, Any]) -> dict[str, Any]:
    """A fact without what is so by default, names first."""
    usual = {"action": "store", "default": "", "condition": "", "loaded": "default"}
    if "type" in fact and "dest" not in fact:
        usual["type"] = "string"
    first = {key: fact[key] for key in ("name", "names") if key in fact}
    return first | {key: value for key, value in fact.items() if value is not None and usual.get(key) != value}


def to_text(history: History, **more: str) -> str:
    """The data file: one fact on one line, sorted, each with the releases in which it holds. Ends in a newline."""
    order = {release: index for index, release in enumerate(history.releases)}
    tools = grouped({release: found.tools for release, found in history.measured.items()}, order)
    head = {"distribution": history.distribution, "releases": " ".join(history.releases), **more}
    parts = [f" {dumped(key)}: {dumped(value)}" for key, value in head.items()]
    parts.append(block("measured", tools))
    if history.failed:
        failed = {release: failure.reason for release, failure in history.failed.items()}
        parts.append(block("failed", grouped(failed, order)))
    holding = ranges_by_row(history)
    for kind in KINDS:
        lines = [
            (sort_key(row), dumped(json.loads(row) | ({"in": ranges} if ranges else {})))
            for (of_kind, row), ranges in holding.items()
            if of_kind == kind
        ]
        if lines:
            ordered = sorted(lines, key=lambda line: (line[0], line[1]))
            parts.append(f' "{kind}": [\n' + ",\n".join(f"  {line}" for _, line in ordered) + "\n ]")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def from_text(text: str) -> History:
    """The history in a data file, with the rows of every release that was measured for it."""
    data = json.loads(text)
    releases = tuple(data["releases"].split())
    order = {release: index for index, release in enumerate(releases)}
    holds: dict[str, set[tuple[str, str]]] = {release: set() for release in releases}
    for kind in KINDS:
        for row in data.get(kind, ()):
            where = row.pop("in", "..")
            for release in within(where, releases, order):
                holds[release].add((kind, dumped(row)))
    measured = {
        release: Measurement(frozenset(holds[release]), tools)
        for tools, names in data["measured"].items()
        for release in names.split()
    }
    failed = {name: Failure(why) for why, names in data.get("failed", {}).items() for name in names.split()}
    return History(data["distribution"], releases, measured, failed)


def ranges_by_row(history: History) -> dict[tuple[str, str], str]:
    """Row -> the releases in which it holds, "" for all of them, else "1.0..1.4 2.1.." and the like."""
    flags: dict[tuple[str, str], list[bool]] = {}
    for index, release in enumerate(history.releases):
        for row in history.rows_of(release):
            flags.setdefault(row, [False] * len(history.releases))[index] = True
    return {row: range_text(held, history.releases) for row, held in flags.items()}


def range_text(held: Sequence[bool], releases: Sequence[str]) -> str:
    """The runs of True in words: "..1.4" from the oldest on, "2.1.." to the newest and on, "1.9" that one alone."""
    texts, start = [], None
    for index, holds in enumerate([*held, False]):
        if holds and start is None:
            start = index
        elif not holds and start is not None:
            first = releases[start] if start else ""
            last = releases[index - 1] if index < len(releases) else ""
            texts.append(first if first and first == last else f"{first}..{last}")
            start = None
    return "" if texts == [".."] else " ".join(texts)


def within(text: str, releases: Sequence[str], order: dict[str, int]) -> Iterable[str]:
    """The releases that a range names."""
    for part in text.split():
        first, dots, last = part.partition("..")
        low = order[first] if first else 0
        high = (order[last] if last else len(releases) - 1) if dots else low
        yield from releases[low : high + 1]


def grouped(values: dict[str, str], order: dict[str, int]) -> dict[str, str]:
    """Value -> the releases that have it, ascending, in one text."""
    groups: dict[str, list[str]] = {}
    for release in sorted(values, key=order.__getitem__):
        groups.setdefault(values[release], []).append(release)
    return {value: " ".join(names) for value, names in sorted(groups.items())}


def block(key: str, values: dict[str, str]) -> str:
    lines = ",\n".join(f"  {dumped(name)}: {dumped(value)}" for name, value in values.items())
    return f" {dumped(key)}: {{\n{lines}\n }}"


def sort_key(row: str) -> str:
    fact = json.loads(row)
    name = fact.get("name") or " ".join(fact.get("names", ()))
    return name.lstrip("-").lower() + " " + name


def dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)

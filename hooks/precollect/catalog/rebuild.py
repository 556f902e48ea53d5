"""Rebuild the catalog: `python -m precollect.catalog.rebuild [NAME ...]`.

Measures the releases that neither the data files nor the cache know yet, and writes the data files,
`index.json` and `brings.json`. Needs `uv` and `pip`. A rebuild without new releases changes nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from precollect.catalog import BRINGS, DATA, INDEX, INDEXED, Distribution, environments, probes
from precollect.catalog.environments import ToolError
from precollect.catalog.history import (
    Failure,
    History,
    Measure,
    Measurement,
    dumped,
    explore,
    from_text,
    to_text,
    without,
)
from precollect.catalog.versions import version_key
from precollect.reading.environment.requirement import normalised

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sources.toml")
TRIES = 6  # where only the newest release is wanted, how many are tried until one can be measured
# What probes of a distribution need beside it.
PROBED_BESIDE = {"anyio": ["pytest-asyncio"]}


class Sources(NamedTuple):
    """What `sources.toml` says, under the same names."""

    since: str
    history: list[str]
    newest: list[str]
    rare: list[str]
    bringers: list[str]
    start: dict[str, str]
    beside: dict[str, list[str]]


def read_sources() -> Sources:
    with open(SOURCES, "rb") as file:
        data = tomllib.load(file)
    return Sources(**{field: data[field] for field in Sources._fields})


class Cache:
    """Answers of earlier runs, one JSON file each, in a folder outside every repository."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def get(self, *route: str) -> Any:
        """What was put there, None for nothing."""
        try:
            with open(self._path(route), encoding="utf-8") as file:
                return json.load(file)
        except (FileNotFoundError, ValueError):
            return None

    def put(self, value: object, *route: str) -> None:
        path = self._path(route)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path + ".new", "w", encoding="utf-8") as file:
            json.dump(value, file)
        os.replace(path + ".new", path)

    def _path(self, route: Sequence[str]) -> str:
        return os.path.join(self.folder, *route) + ".json"


def default_cache() -> str:
    base = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "precollect-catalog")


class Rebuild:
    """One run of the command: the sources, the cache, and what went wrong so far."""

    def __init__(self, sources: Sources, cache: Cache, *, retry: bool = False, again: bool = False) -> None:
        self.sources = sources
        self.cache = cache
        self.retry = retry
        self.again = again
        self.troubles: list[str] = []

    def distribution(self, name: str) -> None:
        """Bring the data file of one distribution up to date."""
        started, path = time.monotonic(), os.path.join(DATA, f"{name}.json")
        known = self.known(name, path)
        measure = self.measuring(name, known)
        history = explore(name, self.releases(name, known, measure), measure, every=name == "pytest")
        for release, failure in history.failed.items():
            self.troubles.append(f"{name} {release}: {failure.reason} {failure.detail[-600:]}".rstrip())
        if not any(kind == "entry_points" for found in history.measured.values() for kind, _ in found.rows):
            why = "has no pytest11 entry point" if history.measured else "no release could be measured"
            self.troubles.append(f"{name}: {why}, so the catalog lacks it")
            return
        more = {"introspection": str(environments.INTROSPECTION)}
        if name in self.sources.rare:
            more["rare"] = "yes"
        if mark := probes.fingerprint(name):
            more["probes"] = mark
        write(path, to_text(history, **more))
        took = time.monotonic() - started
        print(f"{name}: {len(history.measured)} of {len(history.releases)} releases measured, {took:.0f} s", flush=True)

    def known(self, name: str, path: str) -> History:
        """What the data file holds; of an older introspection only what could not be measured."""
        try:
            with open(path, encoding="utf-8") as file:
                text = file.read()
        except FileNotFoundError:
            return History(name, (), {}, {})
        head, history = json.loads(text), from_text(text)
        if self.retry or self.again:
            history = history._replace(failed={})
        if self.again or head.get("introspection") != str(environments.INTROSPECTION):
            return history._replace(measured={})
        if head.get("probes", "") != probes.fingerprint(name):
            return without(history, "behaviours")
        return history

    def releases(self, name: str, known: History, measure: Measure) -> list[str]:
        """The releases to cover, ascending. Raises ToolError."""
        found = environments.known_releases(name)
        if name in (*self.sources.newest, *self.sources.rare):
            newest = next(
                (release for release in found[: -TRIES - 1 : -1] if isinstance(measure(release), Measurement)),
                found[-1],
            )
            return sorted({*known.releases, newest}, key=version_key)
        first = self.sources.start.get(name) or environments.newest_before(name, self.sources.since)
        return [release for release in found if first is None or version_key(release) >= version_key(first)]

    def measuring(self, name: str, known: History) -> Measure:
        """Ask the data file, then the cache, then the real release."""

        def measure(version: str) -> Measurement | Failure:
            if version in known.failed:
                return known.failed[version]
            found = known.measured.get(version) or self.cached(name, version) or self.fresh(name, version)
            if isinstance(found, Measurement):
                found = found._replace(rows=found.rows | self.behaviours(name, version, found))
            return found

        return measure

    def fresh(self, name: str, version: str) -> Measurement | Failure:
        beside = self.sources.beside.get(name, ())
        found = (
            environments.measure_pytest(version) if name == "pytest" else environments.measure(name, version, beside)
        )
        if isinstance(found, Measurement):
            self.cache.put(
                [sorted(found.rows), found.tools], "releases", str(environments.INTROSPECTION), name, version
            )
        return found

    def cached(self, name: str, version: str) -> Measurement | None:
        found = self.cache.get("releases", str(environments.INTROSPECTION), name, version)
        return (
            None
            if found is None or self.again
            else Measurement(frozenset((kind, row) for kind, row in found[0]), found[1])
        )

    def behaviours(self, distribution: str, version: str, found: Measurement) -> frozenset[tuple[str, str]]:
        """Rows of the probes that say yes, and of those that say neither yes nor no."""
        if any(kind == "behaviours" for kind, _ in found.rows):
            return frozenset()
        answers: dict[str, bool | None] = {}
        asked: dict[str, probes.Probe] = {}
        route = ("probes", version) if distribution == "pytest" else ("probes", distribution, version)
        for name, probe in probes.about(distribution).items():
            known = self.cache.get(*route, f"{name}-{probe.fingerprint}")
            if known is None:
                asked[name] = probe
            else:
                answers[name] = known
        for python, wanted in self.surroundings(distribution, version, found):
            try:
                given = probes.ask_all(asked, python, wanted)
            except ToolError as error:
                self.troubles.append(f"probes on {distribution} {version}: {str(error).splitlines()[-1]}")
                continue
            for name, (answer, output) in given.items():
                answers[name] = answer
                if answer is None:
                    self.troubles.append(f"probe {name} on {', '.join(wanted)}: neither yes nor no: {output}")
                else:
                    self.cache.put(answer, *route, f"{name}-{asked[name].fingerprint}")
            asked = {name: probe for name, probe in asked.items() if answers.get(name) is None}
        rows = [
            {"name": name} if answer else {"name": name, "unclear": True}
            for name, answer in answers.items()
            if answer is not False
        ]
        return frozenset(("behaviours", dumped(row)) for row in rows)

    def surroundings(self, distribution: str, version: str, found: Measurement) -> list[tuple[str, list[str]]]:
        """The Python and the requirements with which a release was measured, then the same with older pytests.

        A plugin that starts with a newer pytest than its own may still fail there at what a probe asks.
        """
        python, *others = found.tools.split(", ")
        python = python.removeprefix("Python ")
        if distribution == "pytest":
            return [(python, [f"pytest=={version}"])]
        helpers = [other for other in others if not other.startswith("pytest ")]
        first = next(other for other in others if other.startswith("pytest ")).replace(" ", "==")
        pytests = [first, *(f"pytest{pin}" for pin in environments.PYTESTS if pin and f"pytest{pin}" != first)]
        more = [*helpers, *self.beside(distribution)]
        return [(python, [f"{distribution}=={version}", pytest, *more]) for pytest in pytests]

    def beside(self, distribution: str) -> list[str]:
        """Distributions that one needs without requiring them, those for its probes included."""
        return [*self.sources.beside.get(distribution, ()), *PROBED_BESIDE.get(distribution, ())]

    def brings(self) -> None:
        """Write `brings.json`: which plugins the newest release of each distribution brings along, "" for none.

        "typeguard?" is one that comes along on some platforms or Pythons only.
        """
        held = {name[: -len(".json")] for name in os.listdir(DATA)} - {"pytest"}
        old = read_object(BRINGS)
        found = {}
        for name in sorted({*held, *self.sources.bringers}):
            try:
                always, sometimes = environments.brought_along(name)
                along = {normalised(other) for other in always} & held - {name}
                along |= {f"{other}?" for other in {*map(normalised, sometimes)} & held - {name}}
            except ToolError as error:
                self.troubles.append(f"{name}: what it brings along is unknown: {str(error).splitlines()[-1]}")
                if name not in old:
                    continue
                along = set(old[name].split())
            found[name] = " ".join(sorted(along))
        write(BRINGS, lines(found))


def write_index() -> None:
    """Write `index.json`: kind of fact -> its name -> the distributions that have it in any release."""
    found: dict[str, dict[str, set[str]]] = {kind: {} for kind in sorted(INDEXED.values())}
    for file_name in sorted(os.listdir(DATA)):
        name = file_name[: -len(".json")]
        if name == "pytest":
            continue
        for kind, word in Distribution(read_object(os.path.join(DATA, file_name))).named_facts():
            found[kind].setdefault(word, set()).add(name)
    parts = [f" {dumped(kind)}: {{\n{joined(owners)}\n }}" for kind, owners in found.items()]
    write(INDEX, "{\n" + ",\n".join(parts) + "\n}\n")


def joined(owners: dict[str, set[str]]) -> str:
    return ",\n".join(f"  {dumped(name)}: {dumped(' '.join(sorted(owners[name])))}" for name in sorted(owners))


def lines(values: dict[str, str]) -> str:
    return "{\n" + ",\n".join(f" {dumped(name)}: {dumped(value)}" for name, value in values.items()) + "\n}\n"


def read_object(path: str) -> dict[str, Any]:
    """The object in a JSON file, empty where there is no file."""
    try:
        with open(path, encoding="utf-8") as file:
            return dict(json.load(file))
    except FileNotFoundError:
        return {}


def write(path: str, text: str) -> None:
    """Replace a file whole, or leave it as it is."""
    with open(path + ".new", "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    os.replace(path + ".new", path)


def main(argv: Sequence[str] | None = None) -> int:
    """0: all is measured. 1: something could not be measured; the rest is written. 2: nothing could be done."""
    parser = argparse.ArgumentParser(prog="python -m precollect.catalog.rebuild", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="distributions of sources.toml (default: all)")
    parser.add_argument(
        "--cache", default=default_cache(), help="folder of what was measured before (default: %(default)s)"
    )
    parser.add_argument("--retry", action="store_true", help="try again what could not be measured")
    parser.add_argument("--again", action="store_true", help="measure again what is known")
    parser.add_argument("--no-brings", action="store_true", help="leave brings.json as it is")
    options = parser.parse_args(argv)
    sources = read_sources()
    unknown = sorted(set(options.names) - {*sources.history, *sources.newest, *sources.rare})
    if unknown:
        print(f"not in sources.toml: {', '.join(unknown)}", file=sys.stderr)
        return 2
    rebuild = Rebuild(sources, Cache(options.cache), retry=options.retry, again=options.again)
    for name in options.names or [*sources.history, *sources.newest, *sources.rare]:
        try:
            rebuild.distribution(name)
        except (ToolError, OSError, ValueError) as error:
            rebuild.troubles.append(f"{name}: {type(error).__name__}: {(str(error).splitlines() or [''])[-1]}")
    write_index()
    if not options.no_brings:
        rebuild.brings()
    for trouble in rebuild.troubles:
        print(trouble, file=sys.stderr)
    return 1 if rebuild.troubles else 0


if __name__ == "__main__":
    raise SystemExit(main())

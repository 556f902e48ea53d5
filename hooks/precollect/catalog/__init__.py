"""What pytest and its plugins register, release by release: facts measured from the real releases.

`load("pytest-xdist").at("3.5.0").marks` needs one small file of `data/` and no import beyond the
standard library. FORMAT.md beside this file describes the data, `rebuild.py` makes it.

A run may know more distributions, from a file of the repository that it judges: `extend`.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Iterable
from functools import cache, cached_property
from typing import Any, Literal

from precollect.catalog.facts import EntryPoint, Hook, IniKey, Mark, Option
from precollect.catalog.versions import version_key

__all__ = [
    "Distribution",
    "EntryPoint",
    "Hook",
    "IniKey",
    "Mark",
    "Option",
    "Release",
    "added",
    "bringers",
    "brings",
    "extend",
    "held",
    "load",
    "names",
    "owners",
    "settled",
]

DATA = os.path.join(os.path.dirname(__file__), "data")
INDEX = os.path.join(os.path.dirname(__file__), "index.json")
NOT_LOOKED_FOR_HOOKS = ("", "1", "2")  # introspections that did not note which hooks a plugin implements
LONGEST_NAME = 100  # characters; file systems refuse much longer ones
BRINGS = os.path.join(os.path.dirname(__file__), "brings.json")

FactKind = Literal["mark", "option", "key", "fixture", "hook", "entry_point", "module"]
INDEXED: dict[str, FactKind] = {
    "marks": "mark",
    "options": "option",
    "keys": "key",
    "fixtures": "fixture",
    "implements": "hook",
    "entry_points": "entry_point",
    "modules": "module",
}
"""Kind of rows in a data file -> kind of fact in the index."""


class Release:
    """The facts of one release. An owner is the name of an entry point, or of a built-in plugin of pytest."""

    def __init__(self, version: str, data: dict[str, Any], index: int, order: dict[str, int]) -> None:
        self.version = version
        self._data = data
        self._index = index
        self._order = order

    def facts(self, kind: str) -> list[dict[str, Any]]:
        """The rows of a kind (FORMAT.md) that hold in this release."""
        return [row for row in self._data.get(kind, ()) if "in" not in row or self._holds(row["in"])]

    def _holds(self, ranges: str) -> bool:
        for text in ranges.split():
            first, dots, last = text.partition("..")
            low = self._order[first] if first else 0
            high = (self._order[last] if last else len(self._order)) if dots else low
            if low <= self._index <= high:
                return True
        return False

    @property
    def distribution(self) -> str:
        """The name as the metadata of this release spells it, which is what `required_plugins` compares."""
        return str(self.facts("spelled")[0]["name"])

    @cached_property
    def entry_points(self) -> tuple[EntryPoint, ...]:
        """The plugins inside: entry points of `pytest11`; for pytest, its built-in plugins."""
        rows = self.facts("entry_points")
        return tuple(EntryPoint(row["name"], row["module"], row.get("loaded", "default")) for row in rows)

    @cached_property
    def modules(self) -> tuple[str, ...]:
        """Top-level import names."""
        return tuple(row["name"] for row in self.facts("modules"))

    @cached_property
    def registers(self) -> dict[str, str]:
        """Names of plugins that come into being while pytest runs -> owner; `-p no:NAME` matches them as well."""
        return {row["name"]: row["owner"] for row in self.facts("registers")}

    @cached_property
    def marks(self) -> dict[str, Mark]:
        rows = self.facts("marks")
        return {row["name"]: Mark(row["name"], row["line"], row["owner"], row.get("condition", "")) for row in rows}

    @cached_property
    def keys(self) -> dict[str, IniKey]:
        return {row["name"]: ini_key(row) for row in self.facts("keys")}

    @cached_property
    def options(self) -> tuple[Option, ...]:
        return tuple(option(row) for row in self.facts("options"))

    @cached_property
    def fixtures(self) -> dict[str, str]:
        """Name -> owner."""
        return {row["name"]: row["owner"] for row in self.facts("fixtures")}

    @cached_property
    def late_fixtures(self) -> frozenset[str]:
        """Fixtures that come along with another plugin; where that one is loaded first, they outlive their owner."""
        rows = (row for row in self.facts("fixtures") if row.get("condition", "") not in {"", f"-p {row['owner']}"})
        return frozenset(row["name"] for row in rows)

    @cached_property
    def fixtures_asked_for(self) -> dict[str, str]:
        """Name -> the plugin that has to be asked for, by `-p` or the like, before there is such a fixture."""
        rows = ((row["name"], row.get("condition", "")) for row in self.facts("fixtures"))
        return {name: condition[3:] for name, condition in rows if condition.startswith("-p ")}

    @cached_property
    def hooks(self) -> dict[str, Hook]:
        """Hooks that this distribution adds; for pytest, all hooks."""
        rows = self.facts("hooks")
        return {row["name"]: Hook(row["name"], tuple(row["arguments"]), row["owner"]) for row in rows}

    @cached_property
    def implements(self) -> dict[str, tuple[str, ...]] | None:
        """pytest's own hook -> the owners that implement it, some perhaps only under an option.

        None where nobody looked: for pytest itself, and in a team's file of an earlier precollect.
        """
        if self._data.get("introspection", "") in NOT_LOOKED_FOR_HOOKS or self._data["distribution"] == "pytest":
            return None
        found: dict[str, tuple[str, ...]] = {}
        for row in self.facts("implements"):
            found[row["name"]] = (*found.get(row["name"], ()), row["owner"])
        return found

    def owner_of(self, kind: FactKind, name: str) -> str | None:
        """The owner of a mark, option, key or fixture; None where this release has none of that name."""
        match kind:
            case "mark":
                return self.marks[name].owner if name in self.marks else None
            case "key":
                return self.keys[name].owner if name in self.keys else None
            case "fixture":
                return self.fixtures.get(name)
        return next((option.owner for option in self.options if name in option.names), None)

    @cached_property
    def behaviours(self) -> frozenset[str]:
        """Probes (`probes/NAME.toml`) that this pytest answers with yes."""
        return frozenset(row["name"] for row in self.facts("behaviours") if "unclear" not in row)

    @cached_property
    def requires(self) -> frozenset[str]:
        """Normalised names of the distributions that this release requires, without extras and markers."""
        return frozenset(row["name"] for row in self.facts("requires"))

    @property
    def requires_pytest(self) -> str:
        """The specifier for pytest, "" for none."""
        return "".join(row["specifier"] for row in self.facts("requires_pytest"))

    @property
    def requires_python(self) -> str:
        """The specifier for Python, "" for none."""
        return "".join(row["specifier"] for row in self.facts("requires_python"))


def option(row: dict[str, Any]) -> Option:
    names, choices = tuple(row["names"]), row.get("choices")
    return Option(
        names,
        row["dest"],
        row.get("action", "store"),
        row.get("nargs"),
        row.get("type"),
        None if choices is None else tuple(choices),
        row["owner"],
        row.get("condition", ""),
    )


def ini_key(row: dict[str, Any]) -> IniKey:
    kind, condition = row.get("type", "string"), row.get("condition", "")
    return IniKey(row["name"], kind, row.get("default"), row["owner"], row.get("alias_of"), condition)


class Distribution:
    """One distribution by its normalised name, and all its releases that the catalog covers, ascending."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.name: str = data["distribution"]
        self.releases: tuple[str, ...] = tuple(data["releases"].split())
        self._order = {release: index for index, release in enumerate(self.releases)}
        self._data = data
        self._found: dict[int, Release] = {}

    @property
    def newest(self) -> str:
        return self.releases[-1]

    @property
    def spelling(self) -> str:
        """The name as the metadata of the newest release spells it."""
        return self.at(self.newest).distribution

    def releases_with(self, kind: FactKind, name: str) -> list[str]:
        """The releases that have a mark, option, key or fixture, ascending."""
        return [release for release in self.releases if self.at(release).owner_of(kind, name) is not None]

    @property
    def brings(self) -> tuple[str, ...]:
        """What the data itself says of plugins that come along, normalised; () for the catalog's own data."""
        return tuple(str(self._data.get("brings", "")).split())

    @property
    def is_rare(self) -> bool:
        """Whether few have it, so that a mark or option of its name is hardly meant to be its own."""
        return "rare" in self._data

    def covers(self, version: str) -> bool:
        """Whether the catalog holds this very release, or for one in development that to which it leads."""
        try:
            return version_key(self.at(version).version) == version_key(settled(version))
        except ValueError:
            return False

    def tells_of(self, version: str) -> bool:
        """Whether the facts of a version can be told: it is not newer than all that is held, save by a patch.

        A later patch release ("7.1.3" after "7.1.0") had a new mark, option or key in 11 of 3,876 pairs of the measured
        releases, another later release in 1,711 of 13,439. True for a text that is no version.
        """
        try:
            wanted = settled(version)
            newer = version_key(wanted) > version_key(self.newest)
        except ValueError:
            return True
        return not newer or wanted.split(".")[:2] == self.newest.split(".")[:2]

    def rows(self, kind: str) -> list[dict[str, Any]]:
        """The rows of a kind (FORMAT.md) that hold in any release, with "in" where not in all."""
        return list(self._data.get(kind, ()))

    def named_facts(self) -> Iterable[tuple[FactKind, str]]:
        """Kind and name of every fact that any release has and that the index knows."""
        for rows, kind in INDEXED.items():
            for row in self.rows(rows):
                for name in row.get("names") or (row["name"],):
                    yield kind, name

    def at(self, version: str) -> Release:
        """The facts of this release, or of the nearest one below it; of the oldest where none is below.

        A version in development is taken for the release to which it leads, where that one is held.
        Raises ValueError for a text that is no version.
        """
        index = self._order.get(version)
        if index is None:
            index = self._order.get(settled(version))
        if index is None:
            index = max(0, bisect_right(self.releases, version_key(version), key=version_key) - 1)
        if index not in self._found:
            self._found[index] = Release(self.releases[index], self._data, index, self._order)
        return self._found[index]


def settled(version: str) -> str:
    """The release that a version leads to: "1.5.dev3+g12" is on its way to "1.5". Raises ValueError for no version."""
    if ".dev" not in version and "+" not in version:
        return version
    from packaging.version import InvalidVersion, Version  # 20 ms

    try:
        found = Version(version)
    except InvalidVersion as error:
        raise ValueError(str(error)) from error
    return found.base_version if found.is_devrelease else found.public


_added: dict[str, Distribution] = {}
_added_owners: dict[tuple[FactKind, str], tuple[str, ...]] = {}


def extend(distributions: Iterable[Distribution]) -> None:
    """Know these distributions from now on, instead of what an earlier call said, and before the catalog's own data.

    For the run that begins: `judging.judge` calls it with what the repository's settings name.
    """
    _added.clear()
    _added.update({each.name: each for each in distributions})
    _added_owners.clear()
    for name in sorted(_added):
        for fact in dict.fromkeys(_added[name].named_facts()):
            _added_owners[fact] = (*_added_owners.get(fact, ()), name)


def added() -> tuple[Distribution, ...]:
    """The distributions that the last call of `extend` named."""
    return tuple(_added.values())


def load(name: str) -> Distribution | None:
    """The distribution of this normalised name (PEP 503); None where the catalog does not hold it."""
    return _added.get(name) or held(name)


def pytest() -> Distribution:
    """pytest itself, which the catalog always holds."""
    found = load("pytest")
    assert found is not None
    return found


@cache
def held(name: str) -> Distribution | None:
    """As `load`, of the catalog's own data alone."""
    if len(name) > LONGEST_NAME or not all(character.isalnum() or character == "-" for character in name):
        return None
    try:
        return Distribution(read(os.path.join(DATA, f"{name}.json")))
    except FileNotFoundError:
        return None


def names() -> tuple[str, ...]:
    """The normalised name of every distribution in the catalog, sorted; pytest is one of them."""
    return tuple(sorted({*_held_names(), *_added})) if _added else _held_names()


@cache
def _held_names() -> tuple[str, ...]:
    return tuple(sorted(name[: -len(".json")] for name in os.listdir(DATA) if name.endswith(".json")))


def owners(kind: FactKind, name: str) -> tuple[str, ...]:
    """Normalised names of the distributions of which any release has this fact; pytest's own facts do not count."""
    found = tuple(str(_index().get(kind, {}).get(name, "")).split())
    more = _added_owners.get((kind, name), ())
    return (*(owner for owner in found if owner not in _added), *more) if _added else found


def brings(name: str) -> tuple[str, ...] | None:
    """Normalised names of the plugins that the newest release of a distribution installs along with itself.

    `name` may have one extra: "pandas[test]". None where that was not measured. What comes along on some platforms or
    Pythons only has a question mark: "typeguard?". What an older release of a plugin required is in `Release.requires`.
    """
    if name in _added:
        return _added[name].brings
    found = _brings().get(name)
    return None if found is None else tuple(str(found).split())


def bringers() -> tuple[str, ...]:
    """The names for which `brings` has an answer, with extras where it has one of them, sorted."""
    return tuple(sorted({*_brings(), *_added}))


@cache
def _index() -> dict[str, Any]:
    return read(INDEX)


@cache
def _brings() -> dict[str, Any]:
    return read(BRINGS)


def read(path: str) -> dict[str, Any]:
    """The object in a JSON file of the catalog."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    try:
        # The scanner inside `json`, without the 2 ms that importing `json` takes for patterns that it would not use.
        from _json import make_scanner
    except ImportError:  # not CPython
        import json

        return json.loads(text)  # type: ignore[no-any-return]
    scan: Any = make_scanner
    return scan(_Plain)(text, 0)[0]  # type: ignore[no-any-return]


class _Plain:
    """What the scanner asks about: nothing special."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float

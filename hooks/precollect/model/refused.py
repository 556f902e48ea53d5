"""Options and keys that certainly nobody defines, or only a plugin that is kept out, and who is to tell of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, NamedTuple

from precollect import catalog
from precollect.model.plugins import Standing
from precollect.model.strictness import FLAG_KEYS
from precollect.model.values import Value
from precollect.reading.words import Word
from precollect.similar import nearest

if TYPE_CHECKING:
    from precollect.findings import Concern, Kind
    from precollect.model.project import Project

NOT_THERE = frozenset({"nobody", "absent", "outdated"})
# The concerns that tell of all that belongs to a plugin, and of what only looks so: the beginning of its names.
PLUGINS: dict[str, Concern] = {
    "pytest-asyncio": "asyncio-mode",
    "anyio": "asyncio-mode",
    "pytest-rerunfailures": "reruns-policy",
}
BEGINNINGS: dict[str, Concern] = {"asyncio_": "asyncio-mode", "anyio_": "asyncio-mode"}


class RefusedOption(NamedTuple):
    """An option that nobody defines.

    `name`: "--cov" of "--cov=src"; `said`: what pytest says; `standing`: of who would define it (nobody,
    absent, outdated, blocked); `concern`: which one tells of it.
    """

    word: Word
    name: str
    said: str
    standing: Standing
    concern: Concern


class RefusedKey(NamedTuple):
    """A key of the configuration that nobody defines.

    `said`: what pytest does, and says; `kind`: how grave that is; `standing` and `concern` as above.
    """

    value: Value
    said: str
    kind: Kind
    standing: Standing
    concern: Concern


def options(project: Project) -> Iterator[RefusedOption]:
    """Every word of the command line that is certainly meant as an option and is none.

    A word with a blank in it that begins like an option ("--cov=a b", "-n 2" as one item of a list) is a path
    for pytest unless the option is known.
    """
    if project.local.options_open:
        return
    unknown = [
        (fault.word, f"unrecognized arguments: {fault.word.text}")
        for fault in project.line.faults
        if fault.trouble == "unknown"
    ]
    unknown += [
        (path, f"file or directory not found: {path.text}")
        for path in project.line.paths
        if path.text.startswith("-") and " " in path.text
    ]
    for word, said in unknown:
        name = name_of(word.text)
        standing = project.plugins.standing("option", name)
        if standing.state in NOT_THERE or standing.state == "blocked":
            misspelled = nearest(name, FLAG_KEYS, most=1)
            concern = _concern("option", name) or ("strict-markers" if misspelled else "addopts")
            yield RefusedOption(word, name, said, standing, concern)


def keys(project: Project) -> Iterator[RefusedKey]:
    """Every key that is set, in the file or by `-o`, and that certainly nobody knows."""
    for value in project.values:
        key = value.key
        if key in project.plugins.keys or project.local.may_add_key(key):
            continue
        standing = project.plugins.standing("key", key)
        if standing.state in NOT_THERE or standing.state == "blocked":
            kind: Kind = "breaks" if project.stops_at_unknown_key(key) else "loses"
            yield RefusedKey(value, _said(project, key), kind, standing, _concern("key", key) or "config-file")


def _concern(kind: Literal["option", "key"], name: str) -> Concern | None:
    """The concern that tells of the options and keys of one plugin; None where it is none of these plugins'."""
    plain = name.lstrip("-").replace("-", "_")
    found = [concern for beginning, concern in BEGINNINGS.items() if plain.startswith(beginning)]
    found += [PLUGINS[owner] for owner in catalog.owners(kind, name) if owner in PLUGINS]
    return found[0] if found else None


def _said(project: Project, key: str) -> str:
    """What pytest does at a key that nobody knows."""
    said = f"Unknown config option: {key}"
    strictness = project.strict_config
    if strictness.on and strictness.bad is not None:
        return f"pytest stops there: '{strictness.bad.key} = {strictness.bad.raw}' is no boolean"
    if project.stops_at_unknown_key(key):
        return f"pytest stops: {said}"
    silent = project.plugins.disabler_of("warnings") is not None
    return "pytest ignores the line" if silent else f"pytest only warns: {said}"


def name_of(text: str) -> str:
    """The option that a word names: "--cov" of "--cov=src", "-n" of "-n4", "--maxfail" of "--maxfail 3"."""
    name = text.partition(" ")[0].partition("=")[0]
    return name if name.startswith("--") else name[:2]

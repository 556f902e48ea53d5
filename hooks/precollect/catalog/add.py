"""Measure the in-house plugins of an environment, and write the file that describes them.

The interpreter of the environment runs `introspect.py`; nothing is installed and nothing fetched.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from precollect import catalog
from precollect.catalog import environments, team_file
from precollect.catalog.environments import ToolError
from precollect.catalog.history import History, Measurement, dumped, from_text, to_rows, to_text
from precollect.catalog.versions import version_key
from precollect.errors import CannotWorkError
from precollect.reading.environment.requirement import normalised
from precollect.reporting.output import say


def run(names: Sequence[str], output: str, python: str) -> int:
    """Bring the file up to date; returns 0, or 1 where a plugin could not be described. Raises CannotWorkError.

    `names`: the distributions to describe; none: every plugin that the catalog lacks or the file holds.
    `python`: the interpreter to ask; "": that of the active environment.
    """
    old = read(output)
    described = {each["distribution"]: each for each in parsed(output, old)}
    wanted = [normalised(name) for name in names]
    if "pytest" in wanted:
        raise CannotWorkError("pytest itself is in precollect's catalog, and only there")
    answer = ask(python or active_python(), [*wanted, "pytest"] if wanted else [])
    tools = f"Python {answer['python']}, pytest {answer['pytest']}"
    found = {normalised(facts["spelled"][0]): facts for facts in answer["distributions"]}
    troubles = [f"{name} is not installed there" for name in wanted if name not in found]
    for name in sorted(found):
        if name == "pytest" or (not wanted and catalog.held(name) is not None and name not in described):
            continue
        try:
            described[name] = merged(name, described.get(name), found[name], tools)
        except ValueError as error:
            troubles.append(f"{name} is left out: {error}")
    text = team_file.written(text_of(described[name]) for name in sorted(described))
    report(output, [name for name in sorted(described) if name in found], troubles)
    if described and text.encode() != old:
        write(output, text)
    return 1 if troubles else 0


def read(path: str) -> bytes:
    """The file as it is; b"" where there is none."""
    try:
        with open(path, "rb") as file:
            return file.read(team_file.LARGEST + 1)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise CannotWorkError(f"{path}: {(error.strerror or 'cannot be read').lower()}") from None


def parsed(path: str, data: bytes) -> list[dict[str, Any]]:
    return team_file.parsed(path, data) if data.strip() else []


def active_python() -> str:
    """The interpreter of the activated environment; without one, that which runs us."""
    home = os.environ.get("VIRTUAL_ENV", "")
    path = os.path.join(home, "Scripts", "python.exe") if os.name == "nt" else os.path.join(home, "bin", "python")
    return path if home and os.path.exists(path) else sys.executable


def ask(python: str, names: Sequence[str]) -> dict[str, Any]:
    try:
        return environments.introspect(python, names)
    except OSError as error:
        raise CannotWorkError(f"{python}: {(error.strerror or 'cannot be run').lower()}") from None
    except ToolError as error:
        said = [line for line in str(error).splitlines() if line.strip() and line != environments.NOT_STARTED]
        why = said[-1].strip() if said else "it says nothing"
        hint = "; name the interpreter of your tests with --python" if "No module named '_pytest'" in why else ""
        raise CannotWorkError(f"pytest does not start with {python}: {why}{hint}") from None


def merged(name: str, old: dict[str, Any] | None, facts: dict[str, Any], tools: str) -> dict[str, Any]:
    """The description with one more release, or with that release as it is now.

    A version in development counts as the release to which it leads, so that not every commit adds one.
    Raises ValueError for a version that cannot be compared.
    """
    version, rows = catalog.settled(facts["version"]), to_rows(facts)
    history = from_text(dumped(old)) if old else History(name, (), {}, {})
    known = history.measured.get(version)
    if known is None or known.rows != rows:
        history.measured[version] = Measurement(rows, tools)
    releases = tuple(sorted({*history.releases, version}, key=version_key))
    more = {key: old[key] for key in ("brings",) if old and key in old}
    if version == releases[-1]:
        more = {"brings": " ".join(facts["brings"])} if facts["brings"] else {}
    # What other releases register stays as an older introspection saw it.
    seen = (
        old.get("introspection", "") if old and set(history.measured) - {version} else str(environments.INTROSPECTION)
    )
    text = to_text(history._replace(releases=releases), introspection=seen, **more)
    made: dict[str, Any] = json.loads(text)
    team_file.check(made)
    return made


def text_of(data: dict[str, Any]) -> str:
    """A description as `to_text` writes it."""
    head = {key: data[key] for key in ("introspection", "brings") if key in data}
    return to_text(from_text(dumped(data)), **head)


def write(path: str, text: str) -> None:
    from precollect.catalog.rebuild import write as replace

    try:
        replace(path, text)
    except OSError as error:
        raise CannotWorkError(f"{path}: {(error.strerror or 'cannot be written').lower()}") from None


def report(path: str, names: Sequence[str], troubles: Sequence[str]) -> None:
    """Say on standard error what is in the file now, and what is not."""
    said = [f"{path}: {name}" for name in names]
    if not said and not troubles:
        said = ["every installed plugin is in precollect's catalog already"]
    for line in (*said, *troubles):
        say(line)

"""pyproject.toml: the calls of pytest in the scripts of hatch, PDM, Rye, poe and taskipy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from precollect.reading import toml
from precollect.reading.launchers import VARIABLES
from precollect.reading.launches.calls import Call, Surroundings, calls
from precollect.reading.launches.piece import default, piece
from precollect.reading.text import Route, Text, UnparsableError
from precollect.reading.toml import Toml

ARGUMENTS: Final = re.compile(r"\{args(?::((?:[^{}]|\{[^{}]*\})*))?\}")
SUBSTITUTION: Final = re.compile(r"\{[^\s{}]*\}")
TABLES: Final[tuple[Route, ...]] = (
    ("tool", "pdm", "scripts"),
    ("tool", "poe", "tasks"),
    ("tool", "rye", "scripts"),
    ("tool", "taskipy", "tasks"),
)


def read(source: Text) -> Iterator[Call]:
    """The calls in one pyproject.toml. A variable for pytest that is set there leaves all unknown."""
    if any(name in source.content for name in VARIABLES):
        return
    try:
        document = toml.parse(source.path, source.content.encode())
    except UnparsableError:
        return
    folder = source.path.rpartition("/")[0]
    for route, text in _scripts(document):
        start = document.character(route, 0)
        if source.content.startswith(text, start) and not text.startswith("-"):
            plain = ARGUMENTS.sub(default, text)
            yield from calls(piece(document.text, start, plain), Surroundings(folder, {}), SUBSTITUTION)


def _scripts(document: Toml) -> Iterator[tuple[Route, str]]:
    """Every script that is one text, and the way to it."""
    hatch = _at(document, ("tool", "hatch", "envs"))
    tables = [*TABLES, *(("tool", "hatch", "envs", name, "scripts") for name in hatch)]
    for table in tables:
        for name, value in _at(document, table).items():
            yield from _texts((*table, name), value)


def _texts(route: Route, value: Any) -> Iterator[tuple[Route, str]]:
    if isinstance(value, str):
        yield route, value
    elif isinstance(value, list):
        for number, item in enumerate(value):
            if isinstance(item, str):
                yield (*route, number), item
    elif isinstance(value, dict) and value.keys().isdisjoint({"env", "envfile", "env_file", "cwd", "working_dir"}):
        for key in ("cmd", "shell"):
            if isinstance(value.get(key), str):
                yield (*route, key), value[key]


def _at(document: Toml, route: Route) -> dict[str, Any]:
    value = document.value(route)
    return value if isinstance(value, dict) else {}

"""A file of a repository that describes its in-house plugins: a JSON list of what the data files hold one by one.

`precollect catalog add` writes it, the settings name it (`catalog`), and FORMAT.md describes it. Whoever
edits it by hand may get it wrong, so everything that the loader relies on is checked here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from precollect.catalog import Distribution
from precollect.catalog.history import KINDS
from precollect.catalog.versions import version_key
from precollect.reading.tree import Tree, UnreadableError
from precollect.settings import SettingsError

LARGEST = 2 * 1024 * 1024  # bytes; a plugin takes a few thousand
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def read(tree: Tree, paths: Iterable[str]) -> list[Distribution]:
    """The distributions that files of the tree describe; of two descriptions of one, the last.

    Raises SettingsError, in one line that begins with the path, for a file that cannot be read or followed.
    """
    found = {}
    for path in paths:
        try:
            text = tree.read(path)
        except UnreadableError as error:
            raise SettingsError(f"{path}:1:1: cannot be read: {error}") from None
        for each in parsed(path, text):
            found[each["distribution"]] = Distribution(each)
    return list(found.values())


def parsed(path: str, data: bytes) -> list[dict[str, Any]]:
    """What a file holds, checked; the path is for the message. Raises SettingsError."""
    if len(data) > LARGEST:
        raise SettingsError(f"{path}:1:1: is larger than {LARGEST >> 20} MiB")
    try:
        content = json.loads(data.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise SettingsError(f"{path}:{error.lineno}:{error.colno}: is no JSON: {error.msg}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path}:1:1: is not UTF-8") from None
    except (ValueError, RecursionError):
        raise SettingsError(f"{path}:1:1: holds a number that is too long, or lists that are too deep") from None
    if not isinstance(content, list):
        raise SettingsError(f"{path}:1:1: expected a list of distributions, as 'precollect catalog add' writes it")
    for number, each in enumerate(content, 1):
        name = each.get("distribution") if isinstance(each, dict) else None
        try:
            check(each)
        except ValueError as error:
            who = repr(name[:80]) if isinstance(name, str) else f"distribution {number}"
            raise SettingsError(f"{path}:1:1: {who}: {error}") from None
    return content


def check(data: object) -> None:
    """Raise ValueError, saying why, where the loader could not follow the description of a distribution."""
    if not isinstance(data, dict):
        raise ValueError("expected an object")
    name, releases = data.get("distribution"), data.get("releases")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise ValueError("'distribution' has to be a normalised name such as 'pytest-inhouse'")
    if name == "pytest":
        raise ValueError("pytest itself is not described here")
    if not isinstance(releases, str) or not releases.split():
        raise ValueError("'releases' has to be a text of versions")
    order = releases.split()
    keys = [version_key(release) for release in order]
    if keys != sorted(set(keys)):
        raise ValueError("'releases' has to be in ascending order")
    if not isinstance(data.get("brings", ""), str):
        raise ValueError("'brings' has to be a text of names")
    if not isinstance(data.get("introspection", ""), str):
        raise ValueError("'introspection' has to be a text")
    check_measured(data.get("measured"), order)
    for kind in KINDS:
        rows = data.get(kind, [])
        if not isinstance(rows, list):
            raise ValueError(f"'{kind}' has to be a list")
        for number, row in enumerate(rows, 1):
            if not isinstance(row, dict) or not fits(kind, row) or not ranges_fit(row.get("in", ".."), order):
                raise ValueError(f"'{kind}', number {number}, is no fact such as the catalog holds")
    described = Distribution(data)
    if not all(described.at(release).facts("spelled") for release in order):
        raise ValueError("'spelled' has to say how every release spells its name")


def check_measured(measured: object, order: list[str]) -> None:
    texts = list(measured.items()) if isinstance(measured, dict) else []
    if not texts or not all(isinstance(text, str) and set(text.split()) <= set(order) for _, text in texts):
        raise ValueError("'measured' has to say with what the releases were measured")


def ranges_fit(text: object, order: list[str]) -> bool:
    if not isinstance(text, str):
        return False
    ends = [end for part in text.split() for end in part.split("..")]
    return all(part.count("..") <= 1 for part in text.split()) and all(not end or end in order for end in ends)


def is_text(value: object) -> bool:
    return isinstance(value, str)


def are_texts(value: object) -> bool:
    return isinstance(value, list) and all(map(is_text, value))


def is_default(value: object) -> bool:
    return value is None or isinstance(value, (str, bool, int, float)) or are_texts(value)


NEEDED: dict[str, dict[str, Callable[[object], bool]]] = {
    "requires_pytest": {"specifier": is_text},
    "requires_python": {"specifier": is_text},
    "entry_points": {"name": is_text, "module": is_text},
    "registers": {"name": is_text, "owner": is_text},
    "marks": {"name": is_text, "line": is_text, "owner": is_text},
    "keys": {"name": is_text, "owner": is_text},
    "options": {"names": lambda value: bool(value) and are_texts(value), "dest": is_text, "owner": is_text},
    "fixtures": {"name": is_text, "owner": is_text},
    "hooks": {"name": is_text, "arguments": are_texts, "owner": is_text},
    "implements": {"name": is_text, "owner": is_text},
}
"""Kind -> what each of its rows has; all others have a name."""
ALLOWED: dict[str, Callable[[object], bool]] = {
    "default": is_default,
    "choices": are_texts,
    "nargs": lambda value: isinstance(value, (int, str)),
    "unclear": lambda value: value is True,
}
"""What a row may have that is no text."""


def fits(kind: str, row: dict[str, Any]) -> bool:
    needed = NEEDED.get(kind, {"name": is_text})
    return all(key in row for key in needed) and all(
        needed.get(key, ALLOWED.get(key, is_text))(value) for key, value in row.items()
    )


def written(texts: Iterable[str]) -> str:
    """The file that holds these data files, one after the other."""
    return "[\n" + ",\n".join(text.rstrip("\n") for text in texts) + "\n]\n"

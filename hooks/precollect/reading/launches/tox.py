"""tox.ini: the calls of pytest in the commands of its environments, started without arguments for pytest.

Source: tox 4's documentation, "Configuration".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import dirname
from typing import Final

from precollect.reading import ini
from precollect.reading.ini import Ini
from precollect.reading.launchers import VARIABLES
from precollect.reading.launches.calls import Call, Surroundings, calls
from precollect.reading.launches.piece import Piece, default, joined, piece
from precollect.reading.text import Text, UnparsableError

SUBSTITUTION: Final = re.compile(r"\{[^\s{}]*\}")
POSITIONAL: Final = re.compile(r"\{posargs(?::((?:[^{}]|\{[^{}]*\})*))?\}|\[\]")
FACTORS: Final = re.compile(r"[\w.,!{}-]+:\s+")
SETTING: Final = re.compile(r"(?P<name>\w+)\s*=\s*(?P<value>.*)")
FOLDERS: Final = ("change_dir", "changedir")


def read(source: Text) -> Iterator[Call]:
    """The calls in one tox.ini."""
    try:
        document = ini.parse(source.path, source.content.encode())
    except UnparsableError:
        return
    for section in document.sections:
        if section == "testenv" or section.startswith("testenv:"):
            yield from _environment(document, section)


def _environment(document: Ini, section: str) -> Iterator[Call]:
    commands = _holder(document, section, "commands")
    if not commands or _text(document, section, "ignore_outcome").lower() == "true":
        return
    around = Surroundings(dirname(document.text.path), _variables(document, section))
    folder = next((found for key in FOLDERS if (found := _text(document, section, key))), "")
    around.changed(folder.removeprefix("{toxinidir}/").removeprefix("{tox_root}/") or ".")
    if "\n" in folder or FACTORS.match(folder) or "{" in folder.removeprefix("{toxinidir}").removeprefix("{tox_root}"):
        around.folder = None
    around.files_made = any(_text(document, section, key) for key in ("commands_pre", "allowlist_externals"))
    for command in _commands(document, commands):
        factors = FACTORS.match(command.text)
        start = factors.end() if factors else 0
        if not command.text.startswith("-", start):
            yield from calls(command.behind(start), around, SUBSTITUTION)


def _commands(document: Ini, section: str) -> Iterator[Piece]:
    """The commands, those over several lines as one text, defaults in the place of arguments for pytest."""
    lines: list[Piece] = []
    for each in document.pieces((section, "commands")):
        text = re.sub(r"(^|\s)#.*", "", each.text)
        text = POSITIONAL.sub(default, text)
        lines.append(piece(document.text, each.offset, text))
        if not text.endswith("\\"):
            yield joined(lines)
            lines = []


def _holder(document: Ini, section: str, key: str) -> str:
    """The section that gives a section's key its value; "" for none."""
    return next((each for each in (section, "testenv") if key in document.sections.get(each, {})), "")


def _text(document: Ini, section: str, key: str) -> str:
    holder = _holder(document, section, key)
    return document.sections[holder][key] if holder else ""


def _variables(document: Ini, section: str) -> dict[str, Piece | None]:
    """The variables for pytest; None for those whose value is not known."""
    found: dict[str, Piece | None] = {}
    for key in ("set_env", "setenv"):
        holder = _holder(document, section, key)
        for each in document.pieces((holder, key)) if holder else ():
            match = SETTING.fullmatch(each.text)
            if match is None and (each.text.startswith(("{", "file|")) or any(name in each.text for name in VARIABLES)):
                return dict.fromkeys(VARIABLES)
            if match is not None and match["name"] in VARIABLES:
                found[match["name"]] = piece(document.text, each.offset + match.start("value"), match["value"])
    return found

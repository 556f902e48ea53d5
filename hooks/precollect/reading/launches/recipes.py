"""Makefile and justfile: the calls of pytest in the recipes, each line of which is a script of its own.

Sources: GNU make's manual, "Writing Recipes in Rules"; just's manual, "Recipe Lines".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import dirname
from typing import Final

from precollect.reading.launchers import VARIABLES
from precollect.reading.launches.calls import Call, Surroundings, calls
from precollect.reading.launches.invocation import installs
from precollect.reading.launches.piece import Piece, joined, piece
from precollect.reading.launches.shell import commands
from precollect.reading.text import Text

JUST: Final = re.compile(r"\{\{.*?\}\}")
MAKE: Final = re.compile(r"\$\$(?:\{[^}]*\}|\([^)]*\)|\w+|.)?")  # a dollar of the shell's
# What makes recipes something else than lines for the usual shell.
UNUSUAL: Final = re.compile(
    r"^(?:\.ONESHELL|\.IGNORE|\.SHELLFLAGS|\.RECIPEPREFIX|SHELL\s*[:?+]?=|define\s|set\s+(?:shell|working-directory|dotenv))",
    re.MULTILINE,
)
INSTALLING: Final = re.compile(r"\b(?:pip|install|sync|add|conda)\b")
CONDITIONAL: Final = re.compile(r"\s*(?:ifeq|ifneq|ifdef|ifndef)\b")


def read(source: Text) -> Iterator[Call]:
    """The calls in one file. A variable for pytest that is set anywhere but in front of a call leaves all unknown."""
    just = source.path.rpartition("/")[2].lower().endswith("justfile")
    if UNUSUAL.search(source.content) or re.search(
        rf"^(?:export\s+)?(?:{'|'.join(VARIABLES)})\b", source.content, re.M
    ):
        return
    recipes = list(_recipes(source, just=just))
    elsewhere = _installed_by(recipes, JUST if just else MAKE)
    for recipe in recipes:
        why_open = elsewhere
        if recipe and recipe[0].text.startswith("#!"):
            continue
        for line in recipe:
            around = Surroundings(dirname(source.path), {}, why_open)
            around.files_made = line is not recipe[0]
            prefix = re.match(r"[@+\s-]*", line.text)
            assert prefix is not None
            if "-" not in prefix[0]:
                yield from calls(line.behind(prefix.end()), around, JUST if just else MAKE)
            why_open = around.why_open


def _installed_by(recipes: list[list[Piece]], template: re.Pattern[str]) -> str:
    """Why one of the recipes, which may be run before any other, installs what no file declares; "" where none does."""
    for recipe in recipes:
        for line in recipe:
            if INSTALLING.search(line.text):
                prefix = len(line.text) - len(line.text.lstrip("@+- \t"))
                for command in commands(line.behind(prefix), template):
                    if INSTALLING.search(" ".join(word.text for word in command.words)) and installs(command.words):
                        return installs(command.words)
    return ""


def _recipes(source: Text, *, just: bool) -> Iterator[list[Piece]]:
    """The lines of each recipe, those that go on joined; none of recipes below a condition of make."""
    recipe: list[Piece] = []
    parts: list[Piece] = []
    depth = offset = 0
    for text in source.content.split("\n"):
        depth += bool(CONDITIONAL.match(text)) - (text.strip() == "endif")
        if parts or (text.startswith((" ", "\t") if just else "\t") and text.strip()):
            indent = len(text) - len(text.lstrip())
            parts.append(piece(source, offset + indent, text[indent:]))
            if not text.endswith("\\"):
                recipe += [joined(parts)] if not depth else []
                parts = []
        elif text.strip() and not text.startswith("#"):
            yield recipe
            recipe = []
        offset += len(text) + 1
    yield recipe

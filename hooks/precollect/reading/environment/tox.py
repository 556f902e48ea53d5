"""tox: the dependencies of its environments, from tox.ini, setup.cfg, tox.toml and pyproject.toml.

Source: tox 4's documentation, "Configuration".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from posixpath import dirname
from typing import Any

from precollect.findings import Place
from precollect.reading import ini
from precollect.reading.environment import tables
from precollect.reading.environment.conditions import UNTOLD
from precollect.reading.environment.requirement import NAME, normalised
from precollect.reading.environment.requirements_txt import without_comment
from precollect.reading.environment.sets import (
    Key,
    Requirements,
    UnreadableSourceError,
    content,
    inside,
    unreadable,
)
from precollect.reading.environment.tables import Table
from precollect.reading.text import Text, UnparsableError
from precollect.reading.tree import Tree

ROOTS = ("{toxinidir}", "{tox_root}")
FOLDER_KEYS = ("change_dir", "changedir")
FACTORS = NAME | frozenset("{}!, ")
MOST_REFERENCES = 100  # {[section]key} and the like within one environment; more is a circle, or a monster


def read(tree: Tree, path: str) -> list[Requirements]:
    """A set for each environment of tox.ini, or of a setup.cfg with `[tox:tox]`. Raises UnreadableSourceError."""
    return read_ini(parse(tree, path), path)


def parse(tree: Tree, path: str) -> ini.Ini:
    """The sections of an INI file. Raises UnreadableSourceError."""
    try:
        return ini.parse(path, content(tree, path))
    except UnparsableError as error:
        raise UnreadableSourceError(f"line {error.problem.place.line}: {error.problem.message}") from None


def read_text(text: str, path: str) -> list[Requirements]:
    """The same for `legacy_tox_ini`, an INI file within pyproject.toml, whose places are counted from its own top."""
    try:
        return read_ini(ini.Ini(Text(path, text)), path)
    except UnparsableError as error:
        return [unreadable(path, f"legacy_tox_ini: {error.problem.message}")]


def read_ini(document: ini.Ini, path: str) -> list[Requirements]:
    """A set for each section of an environment."""
    return [
        _IniEnvironment(document, section).requirements(path)
        for section in document.sections
        if section == "testenv" or section.startswith("testenv:")
    ]


class _IniEnvironment:
    """A section, and the one that it inherits from."""

    def __init__(self, document: ini.Ini, section: str) -> None:
        self.document = document
        self.section = section
        self.references = 0

    def requirements(self, path: str) -> Requirements:
        """What the environment installs."""
        made = Requirements(Key("tox", path, self.section), path, f"[{self.section}] deps")
        for text, where in self._lines("deps"):
            _add(made, text, where)
        folder = dirname(path)
        for word in self._words("extras"):
            made.include_project(folder, (normalised(word),))
        for word in self._words("dependency_groups"):
            made.include_group(folder, word)
        if not any(text.lower() in ("true", "1", "yes") for text, _ in self._lines("skip_install")):
            made.include_project(folder)
        made.runs_pytest = any("pytest" in text or "py.test" in text for text, _ in self._lines("commands"))
        made.starts_in = next((_folder(text, path) for key in FOLDER_KEYS for text, _ in self._lines(key)), None)
        return made

    def _words(self, key: str) -> Iterator[str]:
        for text, _ in self._lines(key):
            yield from _without_factors(text)[1].replace(",", " ").split()

    def _lines(self, key: str) -> Iterator[tuple[str, Callable[[], Place]]]:
        if section := self._holder(self.section, key):
            yield from self._lines_of(section, key)

    def _holder(self, section: str, key: str) -> str:
        """The section that gives a section's key its value: itself, or the one it inherits from; "" for neither."""
        if key in self.document.sections.get(section, {}):
            return section
        inherits = section.startswith("testenv:") and key in self.document.sections.get("testenv", {})
        return "testenv" if inherits else ""

    def _lines_of(self, section: str, key: str) -> Iterator[tuple[str, Callable[[], Place]]]:
        """The lines of a value; a line `{[section]key}` stands for the lines there."""
        for piece in self.document.pieces((section, key)):
            text = without_comment(piece.text)
            other, _, rest = text.removeprefix("{[").partition("]")
            name = rest.removesuffix("}")
            holder = self._holder(other, name) if text.startswith("{[") and text.endswith("}") else ""
            if holder and self.references < MOST_REFERENCES:
                self.references += 1
                yield from self._lines_of(holder, name)
            elif text:
                yield text, partial(self.document.text.place, piece.offset)


def _without_factors(text: str) -> tuple[str, str]:
    """The condition in front of a line ("py310,py311: pytest<9"), "" where there is none, and the rest."""
    factors, colon, rest = text.partition(":")
    if colon and rest[:1].isspace() and FACTORS.issuperset(factors):
        return f"{UNTOLD}factors {factors.strip()}", rest.strip()
    return "", text


def _folder(text: str, path: str) -> str | None:
    """The folder of the repository that a key of tox names; None for one that is computed or elsewhere."""
    for root in ROOTS:
        text = text.replace(root, ".")
    return None if "{" in text else inside(dirname(path), text)


def _add(into: Requirements, text: str, where: Callable[[], Place], marker: str = "") -> None:
    factors, text = _without_factors(text)
    for root in ROOTS:
        text = text.replace(root, ".")
    text = text.replace("{/}", "/")
    whole = text
    while "{env:" in text:  # the default stands for the variable, which a fresh machine does not have
        before, _, rest = text.partition("{env:")
        inside, bracket, after = rest.partition("}")
        if not bracket:
            break
        text = before + inside.partition(":")[2] + after
    if not text.strip() and whole.strip():
        into.opens(f"{whole} depends on a variable", where)
    else:
        into.add(text, where, marker or factors)


def read_toml(tree: Tree, path: str) -> list[Requirements]:
    """A set for each environment of tox.toml. Raises UnreadableSourceError."""
    document = tables.read(tree, path)
    return [*read_table(document, path), *(unreadable(path, odd) for odd in document.odd)]


def read_table(table: Table, path: str) -> list[Requirements]:
    """A set for each environment of tox's own TOML, which stands in tox.toml or below `[tool.tox]`."""
    found = []
    base = table.table("env_run_base")
    if base:
        found.append(_TomlEnvironment(table, base, {}, "env_run_base").requirements(path, "env_run_base"))
    for name in table.table("env"):
        environment = _TomlEnvironment(table, table.table("env", name), base.values, f"env.{name}")
        found.append(environment.requirements(path, name))
    return found


class _TomlEnvironment:
    """A table of an environment, and the values that it inherits."""

    def __init__(self, root: Table, table: Table, inherited: dict[str, Any], what: str) -> None:
        self.root = root
        self.table = table
        self.inherited = inherited
        self.what = what
        self.references = 0

    def requirements(self, path: str, name: str) -> Requirements:
        """What the environment installs."""
        made = Requirements(Key("tox", path, name), path, f"{self.what} deps")
        folder = dirname(path)
        for text, conditional in self._strings("deps", made):
            _add(made, text, self.table.where_key("deps"), f"{UNTOLD}tox says so" if conditional else "")
        for text, _ in self._strings("extras", made):
            made.include_project(folder, (normalised(text),))
        for text, _ in self._strings("dependency_groups", made):
            made.include_group(folder, text)
        if self._value("skip_install") is not True:
            made.include_project(folder)
        commands = str(self._value("commands"))
        made.runs_pytest = "pytest" in commands or "py.test" in commands
        folders = [value for key in FOLDER_KEYS if isinstance(value := self._value(key), str)]
        made.starts_in = _folder(folders[0], path) if folders else None
        return made

    def _value(self, key: str) -> Any:
        return self.table.values.get(key, self.inherited.get(key))

    def _strings(self, key: str, made: Requirements) -> Iterator[tuple[str, bool]]:
        value = self._value(key)
        if value is not None:
            yield from self._resolved(value, made, False)

    def _resolved(self, value: Any, made: Requirements, conditional: bool) -> Iterator[tuple[str, bool]]:
        """The texts that a value stands for, and whether each depends on something."""
        if isinstance(value, str):
            for line in value.splitlines():
                if text := without_comment(line):
                    yield text, conditional
        elif isinstance(value, list):
            for item in value:
                yield from self._resolved(item, made, conditional)
        elif isinstance(value, dict) and self.references < MOST_REFERENCES:
            self.references += 1
            yield from self._replaced(value, made, conditional)
        else:
            made.opens("a value that is no text")

    def _replaced(self, value: dict[str, Any], made: Requirements, conditional: bool) -> Iterator[tuple[str, bool]]:
        """What a replacement stands for: `ref` another value, `if` one of two."""
        kind = value.get("replace")
        if kind == "if":
            for branch in ("then", "else"):
                yield from self._resolved(value.get(branch, []), made, True)
            return
        route = value.get("of")
        if kind == "ref" and isinstance(value.get("env"), str) and isinstance(value.get("key"), str):
            route = ["env", value["env"], value["key"]]
        target: Any = self.root.values if kind == "ref" and isinstance(route, list) else None
        for step in route if isinstance(route, list) else []:
            target = target.get(step) if isinstance(target, dict) and isinstance(step, str) else None
        if target is None:
            made.opens(f"a replacement of kind {kind}")
        else:
            yield from self._resolved(target, made, conditional)

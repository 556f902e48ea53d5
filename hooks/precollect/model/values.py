"""The values that pytest reads for its configuration keys: those of the file, and the `-o` that overrule them.

Source: `_pytest/config/__init__.py` `_getini`, `parse_override_ini` (9.2.0).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from precollect.catalog import IniKey
from precollect.findings import Place
from precollect.reading.config_file import ConfigFile, Entry

TRUE = frozenset({"y", "yes", "t", "true", "on", "1"})
FALSE = frozenset({"n", "no", "f", "false", "off", "0"})


class Value(NamedTuple):
    """What one key holds. `raw`: text or list in ini mode, any TOML value in toml mode; `entry`: None for an `-o`."""

    key: str
    raw: object
    mode: Literal["ini", "toml"]
    place: Place
    entry: Entry | None

    @property
    def text(self) -> str | None:
        """The value where it is one text; None for a list and for another type in toml mode."""
        return self.raw if isinstance(self.raw, str) else None

    @property
    def boolean(self) -> bool | None:
        """True or False as pytest reads it; None where it refuses the value."""
        if self.mode == "toml":
            return self.raw if isinstance(self.raw, bool) else None
        word = self.raw.strip().lower() if isinstance(self.raw, str) else ""
        return True if word in TRUE else False if word in FALSE else None

    @property
    def lines(self) -> list[tuple[str, Place]]:
        """The value as a list of lines, each with its place; [] where it is no such value."""
        if self.entry is not None:
            return list(self.entry.lines)
        return [(self.text.strip(), self.place)] if self.text else []


class Values:
    """Key → value. An alias (`xfail_strict`) is found under its own and under the proper name."""

    def __init__(
        self,
        file: ConfigFile | None,
        overrides: Sequence[tuple[str, str, Place]],
        keys: Mapping[str, IniKey],
        *,
        checks_overrides: bool = True,
    ) -> None:
        """`checks_overrides`: whether this pytest looks whether somebody knows the key of an `-o` (since 9)."""
        self._checks_overrides = checks_overrides
        self._found: dict[str, Value] = {}
        if file is not None:
            for entry in file.entries.values():
                self._found[entry.key] = Value(entry.key, entry.value, file.mode, entry.place, entry)
        for key, text, place in overrides:
            self._found[key] = Value(key, text, "ini", place, None)
        self._aliases: dict[str, list[str]] = {}
        for known in keys.values():
            if known.alias_of:
                self._aliases.setdefault(known.alias_of, []).append(known.name)

    def get(self, key: str) -> Value | None:
        """The value of a key; None where nothing sets it."""
        return next(
            (self._found[name] for name in (key, *self._aliases.get(key, ())) if name in self._found),
            None,
        )

    def __iter__(self) -> Iterator[Value]:
        """The values whose keys pytest checks."""
        return (value for value in self._found.values() if value.entry is not None or self._checks_overrides)

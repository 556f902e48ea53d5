"""How strict pytest is about marks and keys: flags, keys and `-o`, the later and the nearer winning.

Before pytest 9 only flags count, and `--strict` is another name of `--strict-markers`; since then
a flag is `-o KEY=true`, and `strict` stands in for every `strict_...` key that is not set.
Source: `_pytest/main.py` (options), `Config._warn_or_fail_if_strict`, `MarkGenerator.__getattr__`; 7.4.4, 8.4.2, 9.2.0.
"""

from __future__ import annotations

from typing import NamedTuple

from precollect.catalog import Release
from precollect.findings import Place
from precollect.model.values import Value, Values
from precollect.reading.command_line import CommandLine

FLAG_KEYS = {"--strict-markers": "strict_markers", "--strict-config": "strict_config", "--strict": "strict"}


class Strictness(NamedTuple):
    """`on`: whether pytest fails; `place`: what switches it on, None for nothing; `bad`: a value that is no boolean.

    A bad value makes pytest fail, too: when it first needs to know.
    """

    on: bool
    place: Place | None = None
    bad: Value | None = None


def overrides(line: CommandLine, pytest: Release) -> list[tuple[str, str, Place]]:
    """(key, text, place) of every `-o` and strict flag that this pytest applies, in order: it may pass over addopts."""
    found = []
    for given in line.given:
        word = given.words[-1]
        applied = word.typed or "override-ini-in-addopts" in pytest.behaviours
        if given.option.dest == "override_ini" and applied:
            if "=" not in (given.value or ""):
                continue  # pytest stops at it
            key, _, text = (given.value or "").partition("=")
            found.append((key.strip(), text, word.place))
        elif given.name in FLAG_KEYS and flags_are_keys(pytest):
            if not (word.typed or "strict-flags-in-addopts" in pytest.behaviours):
                continue
            found.append((FLAG_KEYS[given.name], "true", word.place))
    return found


def flags_are_keys(pytest: Release) -> bool:
    """Whether strictness is a matter of keys (since pytest 9) rather than of flags."""
    return "strict_markers" in pytest.keys


def about_markers(line: CommandLine, values: Values, pytest: Release) -> Strictness:
    """Whether a mark that nobody registers stops collection."""
    if flags_are_keys(pytest):
        return _from_keys(values, "strict_markers")
    return _from_flags(line, "--strict-markers", "--strict")


def about_config(line: CommandLine, values: Values, pytest: Release) -> Strictness:
    """Whether a key that nobody knows stops pytest."""
    if flags_are_keys(pytest):
        return _from_keys(values, "strict_config")
    return _from_flags(line, "--strict-config")


def _from_keys(values: Values, key: str) -> Strictness:
    value = values.get(key) or values.get("strict")
    if value is None:
        return Strictness(False)
    if value.boolean is None:
        return Strictness(True, value.place, value)
    return Strictness(value.boolean, value.place)


def _from_flags(line: CommandLine, *names: str) -> Strictness:
    given = next((given for given in line.given if given.name in names), None)
    return Strictness(given is not None, given.words[0].place if given else None)

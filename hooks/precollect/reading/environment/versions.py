"""Which release a fresh installation takes.

Plain numbers ("8.4.2", ">=7,<9") are compared here; `packaging` reads everything else. Its import takes
longer than the rest of a run, and hardly any project needs it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from precollect.catalog.versions import version_key

OPERATORS = ("===", ">=", "<=", "==", "!=", "~=", ">", "<")

Numbers = tuple[int, ...]
Clause = tuple[str, Numbers, bool]
"""Operator, version, and whether ".*" follows."""


def pinned(specifiers: Iterable[str]) -> str:
    """The version that one of the specifiers asks for alone; "" where none does."""
    for specifier in specifiers:
        if specifier.startswith("==") and "," not in specifier and not specifier.endswith("*"):
            return specifier.lstrip("=")
    return ""


def newest(specifiers: Iterable[str], releases: Sequence[str]) -> str:
    """The newest of the releases (ascending) that all specifiers allow.

    A pre-release is only taken where nothing else is left. "" where there is none, or where a
    specifier cannot be read.
    """
    together = ",".join(specifier for specifier in specifiers if specifier)
    clauses = _clauses(together)
    if clauses is not None:
        for release in reversed(releases):
            if (version := numbers(release)) is not None and all(_allows(clause, version) for clause in clauses):
                return release
        if all(numbers(release) is not None for release in releases):
            return ""
    return _newest_by_packaging(together, releases)


def lowest(specifier: str) -> list[str]:
    """The versions below which no release is that a specifier allows; [] where it names none, or cannot be read."""
    clauses = _clauses(specifier) or ()
    return [".".join(map(str, version)) for operator, version, _ in clauses if operator in (">=", ">", "==", "~=")]


def spelled(version: str, releases: Sequence[str]) -> str:
    """The version as the catalog spells it: "8.0" is its "8.0.0"; as it is where the catalog does not hold it."""
    if version in releases or not is_version(version):
        return version
    wanted = version_key(version)
    return next((release for release in releases if version_key(release) == wanted), version)


def between(answers: set[str], releases: Sequence[str]) -> tuple[str, ...]:
    """All releases from the lowest of the answers to the highest, and the answers themselves, ascending.

    Raises ValueError for an answer that is no version.
    """
    if len(answers) < 2:
        return tuple(answers)
    ordered = sorted({*releases, *answers}, key=lambda version: (version_key(version), version))
    places = [ordered.index(answer) for answer in answers]
    return tuple(ordered[min(places) : max(places) + 1])


def numbers(version: str) -> Numbers | None:
    """The numbers of a plain final version; None for every other one."""
    parts = version.split(".")
    if not all(part.isdecimal() and part.isascii() and len(part) < 10 for part in parts):
        return None
    return tuple(map(int, parts))


def is_version(text: str) -> bool:
    """Whether a text is a version that can be compared with others; "" is none."""
    try:
        version_key(text)
    except ValueError:  # invalid, or with thousands of digits
        return False
    return True


def _clauses(specifiers: str) -> list[Clause] | None:
    """The clauses of plain specifiers; None where one of them is not plain."""
    found: list[Clause] = []
    for text in specifiers.split(","):
        if not text:
            continue
        operator = next((operator for operator in OPERATORS if text.startswith(operator)), "")
        rest = text[len(operator) :].strip()
        version = numbers(rest.removesuffix(".*"))
        if version is None or operator in ("", "===") or (operator == "~=" and len(version) < 2):
            return None
        if rest.endswith(".*") and operator not in ("==", "!="):
            return None
        found.append((operator, version, rest.endswith(".*")))
    return found


def _allows(clause: Clause, version: Numbers) -> bool:
    operator, other, prefix = clause
    own, wanted = _padded(version, other), _padded(other, version)
    if prefix:
        return (own[: len(other)] == other) == (operator == "==")
    if operator == "~=":
        return own >= wanted and own[: len(other) - 1] == other[:-1]
    return {
        ">=": own >= wanted,
        "<=": own <= wanted,
        ">": own > wanted,
        "<": own < wanted,
        "==": own == wanted,
        "!=": own != wanted,
    }[operator]


def _padded(version: Numbers, other: Numbers) -> Numbers:
    return version + (0,) * (len(other) - len(version))


def _newest_by_packaging(specifiers: str, releases: Sequence[str]) -> str:
    from packaging.specifiers import SpecifierSet

    try:
        wanted = SpecifierSet(specifiers)
        # Before packaging 26, the second question was not asked by itself.
        allowed = list(wanted.filter(releases)) or list(wanted.filter(releases, prereleases=True))
    except ValueError:  # invalid, or with thousands of digits
        return ""
    return allowed[-1] if allowed else ""

"""Environment markers: does a fresh installation meet them?"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

Holds = Literal["always", "sometimes", "never"]

UNTOLD = "where "
"""How a condition begins that is no environment marker: the factors of tox, a conda selector."""
OLDEST, NEWEST = 7, 15  # minor versions of Python 3 that a project may still name
OLDEST_SUPPORTED = 10  # and that nobody need name
MOST_CHARACTERS = 2000  # of a marker; a longer one is not read


@lru_cache(maxsize=1024)
def holds(marker: str, requires_python: str) -> Holds:
    """Whether a marker is true on every plausible interpreter, on some, or on none.

    `requires_python`: the project's specifier of Python versions, "" where it has none: then those
    that are still supported. What cannot be read may hold.
    """
    if not marker:
        return "always"
    if marker.startswith(UNTOLD) or len(marker) > MOST_CHARACTERS:
        return "sometimes"
    minors = plausible_minors(requires_python)
    answers = _by_python_version(marker, minors)
    if answers is None:
        answers = _by_packaging(marker, minors)
    if all(answers):
        return "always" if answers else "sometimes"
    return "sometimes" if any(answers) else "never"


@lru_cache(maxsize=16)
def plausible_minors(requires_python: str) -> tuple[int, ...]:
    """Minor versions of Python 3 on which tests may run."""
    clauses = [clause for text in requires_python.split(",") if (clause := _clause(text.strip()))]
    oldest = OLDEST if clauses else OLDEST_SUPPORTED
    minors = [minor for minor in range(oldest, NEWEST + 1) if all(_compare(minor, *clause) for clause in clauses)]
    return tuple(minors or range(OLDEST_SUPPORTED, NEWEST + 1))


def _by_python_version(marker: str, minors: tuple[int, ...]) -> list[bool] | None:
    """Each minor's answer to a marker that only compares python_version, joined by "and"; None for any other.

    This is what exported requirements files are full of; the import of packaging would cost more than the run.
    """
    clauses = []
    for part in marker.replace("(", " ").replace(")", " ").split(" and "):
        words = part.replace("python_full_version", "python_version").strip()
        if not words.startswith("python_version"):
            return None
        words = words.removeprefix("python_version").strip()
        operator = words[: len(words) - len(words.lstrip("<>=!~"))]
        value = words[len(operator) :].strip()
        if len(value) < 3 or value[0] not in "'\"" or value[-1] != value[0]:
            return None
        clause = _clause(operator + value[1:-1])
        if clause is None:
            return None
        clauses.append(clause)
    return [all(_compare(minor, *clause) for clause in clauses) for minor in minors]


def _clause(text: str) -> tuple[str, int] | None:
    """Operator and minor version of a clause about Python 3; None where it says something else.

    Parts behind the minor version are left out: nobody decides about a plugin by Python's patch releases.
    """
    number = text.lstrip("<>=!~")
    operator = text[: len(text) - len(number)]
    parts = number.strip().removesuffix(".*").split(".")
    if not all(part.isdecimal() and part.isascii() and len(part) < 6 for part in parts):
        return None
    numbers = [int(part) for part in parts] + [0]
    if operator not in (">=", ">", "<", "<=", "==", "!=", "~="):
        return None
    if numbers[0] != 3:
        minor = -1 if numbers[0] < 3 else 1000
        return (operator, minor) if operator not in ("==", "~=", "!=") else ("==" if operator != "!=" else "!=", minor)
    if len(parts) == 1 and operator in ("==", "~="):
        return ">=", 0
    if len(parts) > 2 and any(numbers[2:]):  # 3.9.1: "<=" and ">" speak of a version in the midst of 3.9
        operator = {">": ">=", "<": "<="}.get(operator, operator)
    return operator, numbers[1]


def _compare(minor: int, operator: str, other: int) -> bool:
    if operator in (">=", "~="):
        return minor >= other
    if operator == ">":
        return minor > other
    if operator == "<":
        return minor < other
    if operator == "<=":
        return minor <= other
    return (minor == other) == (operator == "==")


def _by_packaging(marker: str, minors: tuple[int, ...]) -> list[bool]:
    """The answers of every plausible interpreter; [] where the marker cannot be read."""
    from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName

    try:
        condition = Marker(marker)
        return [condition.evaluate(environment) for environment in _interpreters(minors)]
    except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName, ValueError, RecursionError):
        return []


def _interpreters(minors: tuple[int, ...]) -> list[dict[str, str]]:
    platforms = (("linux", "Linux", "posix"), ("darwin", "Darwin", "posix"), ("win32", "Windows", "nt"))
    implementations = (("cpython", "CPython"), ("pypy", "PyPy"))
    return [
        {
            "python_version": f"3.{minor}",
            "python_full_version": f"3.{minor}.5",
            "implementation_version": f"3.{minor}.5",
            "sys_platform": platform,
            "platform_system": system,
            "os_name": os_name,
            "implementation_name": implementation,
            "platform_python_implementation": title,
            "platform_machine": "x86_64" if platform != "darwin" else "arm64",
            "extra": "",
        }
        for minor in minors
        for platform, system, os_name in platforms
        for implementation, title in implementations
    ]

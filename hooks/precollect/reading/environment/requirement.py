"""One requirement as somebody wrote it, taken apart without judging it.

Written by hand instead of with `packaging.requirements`, whose import costs more time than a whole run may take.
Source: PEP 508 and the dependency specifiers page of the packaging specifications.
"""

from __future__ import annotations

from typing import NamedTuple

LETTERS_AND_DIGITS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
NAME = LETTERS_AND_DIGITS | frozenset("-_.")
BEHIND_A_NAME = frozenset("<>=!~(;@")
REPOSITORIES = ("github.com/", "gitlab.com/", "bitbucket.org/", "codeberg.org/")
ARCHIVES = (".whl", ".tar.gz", ".zip", ".tar.bz2", ".tgz")


class Written(NamedTuple):
    """`name` is normalised, `specifier` and `marker` are "" where there is none, `url` is what follows an "@"."""

    name: str
    extras: tuple[str, ...] = ()
    specifier: str = ""
    marker: str = ""
    url: str = ""


def normalised(name: str) -> str:
    """The name as PEP 503 compares it: "Pytest_Cov" is "pytest-cov"."""
    name = name.lower().replace("_", "-").replace(".", "-")
    while "--" in name:
        name = name.replace("--", "-")
    return name


def parse(text: str) -> Written | None:
    """The parts of a requirement; None where the text is none."""
    text = text.strip()
    end = 0
    while end < len(text) and text[end] in NAME:
        end += 1
    name, rest = text[:end], text[end:].lstrip()
    if not name or name[0] not in LETTERS_AND_DIGITS or name[-1] not in LETTERS_AND_DIGITS:
        return None
    extras: tuple[str, ...] = ()
    if rest.startswith("["):
        inside, bracket, rest = rest[1:].partition("]")
        if not bracket:
            return None
        extras = tuple(normalised(extra.strip()) for extra in inside.split(",") if extra.strip())
        rest = rest.lstrip()
    if rest and rest[0] not in BEHIND_A_NAME:
        return None
    if rest.startswith("@"):
        url, _, marker = rest[1:].strip().partition(" ;")
        return Written(normalised(name), extras, "", marker.strip(), url.strip())
    specifier, _, marker = rest.partition(";")
    specifier = specifier.strip()
    if specifier.startswith("(") and specifier.endswith(")"):
        specifier = specifier[1:-1]
    return Written(normalised(name), extras, "".join(specifier.split()).strip(","), marker.strip())


def name_in_url(url: str) -> str:
    """The distribution that a URL or an archive's path names; "" where it does not tell.

    By `#egg=`, a wheel's name, or the name of a repository, which nearly always is that of its distribution.
    """
    address, _, fragment = url.partition("#")
    for part in fragment.split("&"):
        if part.startswith("egg=") and (written := parse(part[4:])):
            return written.name
    if name := _repository(address):
        return normalised(name)
    archive = address.partition("?")[0].rpartition("/")[2]
    if not archive.endswith(ARCHIVES):
        return ""
    parts = archive.split("-")
    if archive.endswith(".whl"):
        return normalised(parts[0])
    # pytest-cov-7.0.0.tar.gz: the name ends before the first part that begins with a digit.
    for number, part in enumerate(parts):
        if number and part[:1].isdigit():
            return normalised("-".join(parts[:number]))
    return ""


def _repository(address: str) -> str:
    """The repository that a URL of git or of a forge's archives leads to; "" for any other URL."""
    for forge in REPOSITORIES:
        _, found, path = address.partition(forge)
        parts = path.split("/")
        if found and len(parts) > 1 and (len(parts) == 2 or parts[2] in ("archive", "tarball", "zipball", "-")):
            name = parts[1].partition("@")[0].removesuffix(".git")
            return name if name and NAME.issuperset(name) else ""
    return ""


def looks_like_a_plugin(name: str) -> bool:
    """Whether a normalised name is that of a pytest plugin, as far as a name tells: pytest-x, x-pytest, x-pytest-y."""
    if name in NO_PLUGINS or name.startswith("types-") or name.endswith("-stubs"):
        return False
    return name.startswith("pytest-") or name.endswith("-pytest") or "-pytest-" in name


NO_PLUGINS = frozenset(
    {
        "flake8-pytest",
        "flake8-pytest-style",
        "pygments-pytest",
        "pylint-pytest",
        "pytest-anyio",
        "pytest-runner",
        "pytest-watch",
        "pytest-watcher",
        "sphinx-pytest",
    }
)
"""Distributions with such a name that carry no `pytest11` entry point."""

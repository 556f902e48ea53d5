"""Worlds: the choices of versions that the declared environments leave open.

Where two environments of a repository pin different versions, a verdict has to hold for all of
them. Each world is one choice; a finding counts only if every world has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product

from precollect.model.installed import Installed

MOST_WORLDS = 12


def worlds(installed: Installed, names: Iterable[str]) -> list[Mapping[str, str]]:
    """Choices of a version for each distribution whose version is open; [{}] where none is.

    All combinations of the lowest and the highest version, and pytest's versions between them, as
    long as they are few; otherwise pytest's versions with all others lowest, and with all highest.
    """
    pytest = installed.versions("pytest")
    open_names = {
        name: versions for name in names if name != "pytest" and len(versions := installed.versions(name)) > 1
    }
    if len(pytest) < 2 and not open_names:
        return [{}]
    chosen = _spread(pytest) or [""]
    ends = [[(name, versions[0]), (name, versions[-1])] for name, versions in sorted(open_names.items())]
    others = [dict(choice) for choice in product(*ends)] if len(chosen) << len(ends) <= MOST_WORLDS else []
    others = others or [{name: versions[end] for name, versions in open_names.items()} for end in (0, -1)]
    return [{**other, "pytest": version} if version else other for version in chosen for other in others]


def _spread(versions: tuple[str, ...]) -> list[str]:
    """The first and last of each minor series, at most MOST_WORLDS of them."""
    series: dict[str, list[str]] = {}
    for version in versions:
        series.setdefault(".".join(version.split(".")[:2]), []).append(version)
    ends = [version for group in series.values() for version in dict.fromkeys((group[0], group[-1]))]
    if len(ends) <= MOST_WORLDS:
        return ends
    step = len(ends) / (MOST_WORLDS - 1)
    return list(dict.fromkeys([*(ends[int(number * step)] for number in range(MOST_WORLDS - 1)), ends[-1]]))

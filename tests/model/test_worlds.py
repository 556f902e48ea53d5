"""Worlds: the choices of versions that the declared environments leave open."""

from __future__ import annotations

from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from precollect.model.installed import Installed
from precollect.model.worlds import MOST_WORLDS, worlds


class Pins:
    """Stands for what is installed: name → the versions that may be."""

    def __init__(self, versions: dict[str, tuple[str, ...]]) -> None:
        self._versions = versions

    def versions(self, name: str) -> tuple[str, ...]:
        return self._versions.get(name, ())


def worlds_of(versions: dict[str, tuple[str, ...]]) -> list[dict[str, str]]:
    return [dict(world) for world in worlds(cast("Installed", Pins(versions)), versions)]


WORLDS = {
    "nothing is known": ({}, [{}]),
    "one version of each": ({"pytest": ("8.4.2",), "pytest-cov": ("7.0.0",)}, [{}]),
    "versions that nobody knows": ({"pytest": (), "pytest-cov": ()}, [{}]),
    "two of pytest": (
        {"pytest": ("8.4.2", "9.2.0")},
        [{"pytest": "8.4.2"}, {"pytest": "9.2.0"}],
    ),
    "of each minor series the first and the last": (
        {"pytest": ("8.3.0", "8.3.1", "8.3.5", "8.4.0", "8.4.1")},
        [{"pytest": version} for version in ("8.3.0", "8.3.5", "8.4.0", "8.4.1")],
    ),
    "of a plugin the lowest and the highest": (
        {"pytest": ("9.2.0",), "pytest-asyncio": ("0.21.0", "0.23.0", "1.2.0")},
        [
            {"pytest-asyncio": "0.21.0", "pytest": "9.2.0"},
            {"pytest-asyncio": "1.2.0", "pytest": "9.2.0"},
        ],
    ),
    "a plugin beside a pytest that nobody knows": (
        {"pytest-asyncio": ("0.21.0", "1.2.0")},
        [{"pytest-asyncio": "0.21.0"}, {"pytest-asyncio": "1.2.0"}],
    ),
    "all combinations of a few": (
        {"pytest": ("8.4.2", "9.2.0"), "b": ("1", "2")},
        [
            {"b": "1", "pytest": "8.4.2"},
            {"b": "2", "pytest": "8.4.2"},
            {"b": "1", "pytest": "9.2.0"},
            {"b": "2", "pytest": "9.2.0"},
        ],
    ),
    "of many plugins all lowest, or all highest": (
        {"pytest": ("8.4.2", "9.2.0"), **dict.fromkeys("abcd", ("1", "2"))},
        [
            {**dict.fromkeys("abcd", plugins), "pytest": version}
            for version in ("8.4.2", "9.2.0")
            for plugins in ("1", "2")
        ],
    ),
}


@pytest.mark.parametrize(("versions", "expected"), WORLDS.values(), ids=WORLDS)
def test_worlds(versions: dict[str, tuple[str, ...]], expected: list[dict[str, str]]) -> None:
    assert worlds_of(versions) == expected


def test_of_a_hundred_releases_of_pytest_the_ends_are_kept_and_few_between() -> None:
    releases = tuple(f"{major}.{minor}.0" for major in range(1, 11) for minor in range(10))

    chosen = [world["pytest"] for world in worlds_of({"pytest": releases})]

    assert len(chosen) == len(set(chosen)) <= MOST_WORLDS
    assert (chosen[0], chosen[-1]) == (releases[0], releases[-1])


@given(
    st.dictionaries(
        st.sampled_from(["pytest", *"abcdefghijklmnopqrstuvwxyz"]),
        st.lists(st.integers(0, 99).map(lambda number: f"{number // 10}.{number % 10}.0"), unique=True).map(tuple),
    )
)
def test_worlds_are_few_differ_and_hold_only_versions_that_may_be_installed(
    versions: dict[str, tuple[str, ...]],
) -> None:
    found = worlds_of(versions)

    assert 1 <= len(found) <= 2 * MOST_WORLDS
    assert len({tuple(sorted(world.items())) for world in found}) == len(found)
    assert all(version in versions[name] for world in found for name, version in world.items())

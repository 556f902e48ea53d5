"""The catalog agrees with the real releases.

Asked for with PRECOLLECT_CATALOG_REALITY=1 (or the number of releases to try), since it installs from the package
index: some releases, chosen at random, are measured again and compared. Each is a release that the data covers,
also one that was only taken to be equal to its neighbours.
"""

from __future__ import annotations

import os
import random

import pytest

from precollect.catalog import DATA, environments, names, rebuild
from precollect.catalog.environments import ToolError
from precollect.catalog.history import History, Measurement, from_text, without

ASKED = os.environ.get("PRECOLLECT_CATALOG_REALITY", "")
pytestmark = pytest.mark.skipif(not ASKED, reason="PRECOLLECT_CATALOG_REALITY is not set: needs the package index")


def history(name: str) -> History:
    with open(os.path.join(DATA, f"{name}.json"), encoding="utf-8") as file:
        return from_text(file.read())


def some_releases() -> list[tuple[str, str]]:
    count = int(ASKED or 0)
    plugins = [name for name in names() if name != "pytest"]
    chosen = random.sample(plugins, min(len(plugins), 5 if count == 1 else count))
    return [(name, random.choice([*history(name).releases])) for name in chosen]


def test_releases_chosen_at_random_register_what_the_catalog_says() -> None:
    beside = rebuild.read_sources().beside
    wrong = {}
    for name, release in some_releases():
        known = history(name)
        if release in known.failed:
            continue
        found = environments.measure(name, release, beside.get(name, ()))
        expected = without(known, "behaviours").rows_of(release)  # probes are asked apart from this
        if not isinstance(found, Measurement):
            wrong[f"{name} {release}"] = [str(found)]
        elif found.rows != expected:
            wrong[f"{name} {release}"] = sorted(map(str, found.rows ^ expected))
    assert wrong == {}


def test_newest_releases_that_the_catalog_does_not_know_yet_are_reported() -> None:
    news = []
    for name in names():
        try:
            newest = environments.known_releases(name)[-1]
        except ToolError as error:
            news.append(f"{name}: {error}")
            continue
        if newest not in history(name).releases:
            news.append(f"{name} {newest}")
    if news:
        pytest.skip("not known yet: " + ", ".join(news))
    assert news == []

"""Plugins and a pytest of a release that the catalog cannot tell of: what is not known is not said."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

import judged
from precollect.concerns.rulebook import MODULES, RuleBook
from precollect.judging import Scope, judge
from precollect.reading.tree import open_tree
from precollect.settings import Settings
from running import lay_out

STRICT = {
    "pytest.ini": "[pytest]\naddopts = --strict-markers {options}\n",
    "test_one.py": "import pytest\n\n\n@pytest.mark.{mark}\ndef test_one():\n    pass\n",
}


def files(requirements: str, mark: str = "smoke", options: str = "") -> dict[str, str]:
    """A suite under strict markers that uses one mark."""
    text = {name: content.format(mark=mark, options=options) for name, content in STRICT.items()}
    return {**text, "requirements.txt": requirements.replace(" ", "\n") + "\n"}


def doubts(laid_out: dict[str, str]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        lay_out(Path(folder), laid_out)
        return judge(open_tree(folder), Scope([""], Settings(), tuple(MODULES), (), RuleBook())).doubts


SILENT = {
    "a mark that a newer plugin may register": files("pytest pytest-timeout==99.0"),
    "a plugin asked for from a newer release on": files("pytest pytest-timeout>=99"),
    "a newer minor release": files("pytest pytest-cov==7.99.0"),
    "an option that a newer plugin may have": files("pytest pytest-timeout==99.0", "skip", "--timeout-colour=red"),
    "a value that a newer plugin may take": files("pytest pytest-timeout==99.0", "skip", "--timeout-method=fork"),
    "a mark of the newest release that is known": files("pytest pytest-timeout==99.0", "timeout"),
    "an option of the newest release that is known": files("pytest pytest-timeout==99.0", "skip", "--timeout=3"),
}
FOUND = {
    "a later patch of the newest release is like it": files("pytest pytest-timeout==2.4.99"),
    "a newer plugin that is not installed": files("pytest"),
    "an older release": files("pytest pytest-timeout==2.2.0"),
    "a newer pytest is judged by the newest": files("pytest==99.0 pytest-timeout"),
    "a newer pytest asked for": files("pytest>=99 pytest-timeout"),
}


@pytest.mark.parametrize("name", SILENT)
def test_nothing_is_said_of_what_a_newer_release_may_have(name: str) -> None:
    assert judged.judged(SILENT[name]) == []


@pytest.mark.parametrize("name", FOUND)
def test_what_every_release_lacks_is_found(name: str) -> None:
    assert [finding.rule for finding in judged.judged(FOUND[name])] == ["unregistered-mark"]


def test_a_newer_plugin_is_told_as_a_doubt() -> None:
    newest = "2.4.0, the newest release in the catalog"
    assert doubts(files("pytest pytest-timeout==99.0")) == [
        f"requirements.txt:2:1: pytest-timeout: 99.0 is newer than {newest}"
    ]
    assert doubts(files("pytest pytest-timeout>=99")) == [
        f"requirements.txt:2:1: pytest-timeout: what is asked for is newer than {newest}"
    ]


def test_a_newer_pytest_is_told_as_a_doubt() -> None:
    told = doubts(files("pytest==99.0 pytest-timeout"))
    assert len(told) == 1
    assert told[0].startswith("requirements.txt:1:1: pytest: 99.0 is newer than ")
    assert doubts(files("pytest pytest-timeout")) == []


def test_the_repository_that_makes_the_plugin_is_read_itself() -> None:
    own = files("pytest") | {
        "pyproject.toml": '[project]\nname = "pytest-timeout"\nversion = "99.0"\ndependencies = ["pytest"]\n'
        '[project.entry-points.pytest11]\ntimeout = "pytest_timeout"\n',
        "pytest_timeout.py": "def pytest_configure(config):\n    pass\n",
    }
    assert [finding.rule for finding in judged.judged(own)] == ["unregistered-mark"]

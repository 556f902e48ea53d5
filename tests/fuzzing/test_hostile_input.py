"""A fixed sample of what `fuzz.py` runs by the thousand, and the inputs that once broke a promise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

import contract
from contract import LARGEST, broken_by
from entries import ENTRIES, warm_up
from mutations import mutated
from seeds import seeds_of

MOST_SEEDS = 10


@pytest.fixture(scope="module", autouse=True)
def everything_imported() -> None:
    warm_up()


@pytest.mark.parametrize("name", ENTRIES)
def test_every_promise_holds_for_odd_input(name: str) -> None:
    entry = ENTRIES[name]
    seeds = seeds_of(entry, most=MOST_SEEDS)

    @settings(
        max_examples=25,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=mutated(seeds))
    def check(data: bytes) -> None:
        assert broken_by(entry.read, data, entry.refusals) is None, data

    for data in seeds:
        assert broken_by(entry.read, data, entry.refusals) is None, data
    check()


def flood(unit: str, before: str = "", behind: str = "") -> bytes:
    """As many units as an input may hold."""
    head, unit_, tail = before.encode(), unit.encode(), behind.encode()
    return head + unit_ * ((LARGEST - len(head) - len(tail)) // len(unit_)) + tail


SLOW_ONCE: dict[str, tuple[str, bytes]] = {
    "a TOML key of fifty thousand parts": ("pyproject.toml", flood("a.", "[tool.pytest]\n", "b = 1\n")),
    "a TOML header of fifty thousand parts": ("pytest.toml", flood("a.", "[", "b]\n")),
    "TOML keys of a thousand quoted parts": ("Pipfile", flood("'a b' . " * 1000 + "c = 1\n")),
    "a log format of zeros": ("the whole command", flood("0", "\n--- pytest.ini\n[pytest]\nlog_format = %(a)", "\n")),
    "a lock file of names with escapes": (
        "Pipfile.lock",
        b'{"default": {' + b", ".join(b'"\\u0061%d": {}' % number for number in range(5000)) + b"}}",
    ),
    "marks that wait for a number": ("Python", flood("mark.flaky(reruns=" + " " * 500)),
    "blanks behind an argument of a mark": ("Python", flood(" ", "async\nmark.asyncio(scope='function'")),
    "fixtures in one endless comment": ("Python", flood("fixture#", "async\n")),
    "fixtures above fixtures": ("Python", flood("@fixture\n", "async\n")),
    "fixtures in comments": ("Python", flood("#@fixture\n", "fixture\n")),
    "an argument with an endless name": ("Python", flood("a", "parametrize('a', )\ndef f(", " =)\n")),
    "annotations without end": ("Python", flood("a:", "parametrize('a', )\ndef f(", " =)\n")),
    "signatures within signatures": ("Python", flood("def test_a(parametrize('a',")),
    "imports from imports": ("Python", flood("from .")),
}


SURROGATES = """
--- pytest.ini
[pytest]
addopts = --strict-markers -p no:asyncio
usefixtures = a
--- requirements.txt
pytest==9.2.0
pytest-asyncio==1.2.0
--- tests/t\udcffst.py
import a
--- tests/test_\udcff.py
import pytest
--- tests/p\udcff/__init__.py
--- tests/p\udcff/test_two.py
from .. import test_one
--- tests/conftest.py
import pytest
pytest_plugins = ["\\ud800", "tests.\\udcff"]
collect_ignore = ["\\ud800"]
@pytest.fixture(name="\\ud800")
def f(): pass
def pytest_configure(config):
    config.addinivalue_line("markers", "\\ud800: a")
def pytest_addoption(parser):
    parser.addoption("--\\ud800")
    parser.addini("\\ud800", "a")
--- tests/test_one.py
import pytest
pytestmark = [getattr(pytest.mark, "\\ud800"), pytest.mark.usefixtures("\\ud800", "\\udcff")]
@pytest.mark.parametrize("\\ud800", [1], ids=["\\ud800"], indirect=["\\udcff"])
@pytest.mark.parametrize(("a", "\\udcff"), [1])
@pytest.mark.flaky(reruns="\\ud800", only_rerun="\\ud800")
@pytest.mark.asyncio(loop_scope="\\ud800")
@pytest.mark.skipif("\\ud800", reason="\\ud800")
async def test_a(request, missing):
    request.getfixturevalue("\\ud800")
@pytest.fixture(scope="\\ud800", name="\\udcff")
def g(missing): pass
"""
FAILED_ONCE: dict[str, tuple[str, bytes]] = {
    "names that are no Unicode": ("the whole command", SURROGATES.encode("utf-8", "surrogateescape")),
    "a form feed where YAML has a value": ("calls in workflows", b"jobs: \x0c\n"),
    "a form feed where YAML has an item": ("calls in .gitlab-ci.yml", b"test:\n  script:\n    - \x0b\n"),
    "a requirements file of so many lines": ("edits of requirements", flood("a\n", "pytest\n")),
    "a list of so many requirements": (
        "edits of requirements",
        flood("'a',\n", "[project]\ndependencies = [\n'pytest',\n", "]\n"),
    ),
}


@pytest.mark.parametrize(("name", "data"), [*SLOW_ONCE.values(), *FAILED_ONCE.values()], ids=[*SLOW_ONCE, *FAILED_ONCE])
def test_what_once_broke_a_promise_keeps_it(name: str, data: bytes) -> None:
    assert broken_by(ENTRIES[name].read, data, ENTRIES[name].refusals) is None


def endless(data: bytes) -> None:
    while True:
        pass


def writing(data: bytes) -> None:
    open("never.txt", "w").close()


def failing(data: bytes) -> None:
    raise KeyError(data)


@pytest.mark.parametrize(("read", "breach"), [(endless, "hang"), (writing, "touch"), (failing, "exception")])
def test_a_broken_promise_is_seen(
    read: Callable[[bytes], None], breach: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contract, "PATIENCE", 0.1)
    monkeypatch.chdir(tmp_path)

    broken = broken_by(read, b"", (ValueError,))

    assert broken is not None
    assert broken.breach == breach

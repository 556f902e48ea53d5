"""`precollect catalog show` and `list`: what is printed, for whom, and what a slip leads to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from precollect import catalog
from precollect.catalog import Distribution, names, show
from precollect.cli import main

ACME = {
    "distribution": "pytest-acme",
    "releases": "1.0 1.1 2.0",
    "measured": {"Python 3.11, pytest 9.2.0": "1.0 1.1 2.0"},
    "brings": "pytest-xdist",
    "spelled": [{"name": "pytest-acme"}],
    "requires_pytest": [{"specifier": ">=7", "in": "1.1.."}],
    "entry_points": [{"name": "acme", "module": "acme.plugin"}],
    "marks": [
        {"name": "slow", "line": "slow(seconds): " + "takes long, " * 8, "owner": "acme", "in": "..1.1"},
        {"name": "wild", "line": "wild", "owner": "acme", "condition": "config.option.wild"},
    ],
    "keys": [{"name": "acme_dirs", "type": "linelist", "owner": "acme", "default": ["a"], "in": "1.0 2.0"}],
    "options": [
        {"names": ["-A", "--acme"], "dest": "acme", "nargs": "?", "type": "int", "choices": ["1", "2"], "owner": "acme"}
    ],
    "implements": [
        {"name": "pytest_collect_file", "owner": "acme", "condition": "not registered when measured", "in": "2.0.."},
        {"name": "pytest_load_initial_conftests", "owner": "acme"},
        {"name": "pytest_runtest_call", "owner": "acme"},
    ],
}


@pytest.fixture
def acme() -> Iterator[Distribution]:
    """A distribution beside those of the catalog."""
    made = Distribution(ACME)
    catalog.extend([made])
    yield made
    catalog.extend([])


def test_every_fact_stands_beside_the_releases_in_which_it_holds(acme: Distribution) -> None:
    assert show.as_text(acme) == (
        """\
pytest-acme: 3 releases, 1.0 to 2.0

name in the metadata
  pytest-acme

pytest that it requires
  from 1.1  >=7

entry points (-p NAME, -p no:NAME)
  acme  acme.plugin

marks
  to 1.1  slow  (seconds): takes long, takes long, takes long, takes long, takes
                long, takes long, takes long, takes long,
          wild  only if config.option.wild

configuration keys
  1.0, 2.0  acme_dirs  linelist; default ["a"]

options
  -A, --acme  store; nargs ?; type int; one of 1, 2

hooks of pytest that it implements
  from 2.0  pytest_collect_file         not registered when measured
            pytest_load_initial_conftests
            pytest_runtest_call

brings along
  pytest-xdist
"""
    )


def test_one_release_has_only_its_own_facts(acme: Distribution) -> None:
    text = show.as_text(acme, "2.0")
    assert text.startswith("pytest-acme 2.0\n")
    assert "slow" not in text
    assert "pytest that it requires\n  >=7\n" in text


def test_the_plugins_that_are_brought_along_say_by_whom(acme: Distribution) -> None:
    xdist = catalog.load("pytest-xdist")
    assert xdist is not None
    assert "pytest-acme" in show.as_text(xdist).partition("comes along with\n")[2]


@pytest.mark.parametrize("name", names())
def test_no_line_is_longer_than_a_terminal_unless_one_word_is(name: str) -> None:
    known = catalog.load(name)
    assert known is not None
    long = [line for line in show.as_text(known).splitlines() if len(line) > 80]
    assert [line for line in long if len(line.split()[-1]) < 54] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [("", ""), ("1.0", "1.0"), ("1.0..", "from 1.0"), ("..1.0", "to 1.0"), ("1.0..1.4 2.1..", "1.0 to 1.4, from 2.1")],
)
def test_ranges_are_put_into_words(text: str, said: str) -> None:
    assert show.ranges(text) == said


def test_the_command_prints_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalog", "show", "PyTest_xdist", "--release", "3.5.0"]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("pytest-xdist 3.5.0\n")
    assert "xdist_group" in printed.out
    assert printed.err == ""


def test_a_release_that_is_not_held_is_answered_by_the_nearest_and_said_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalog", "show", "pytest-xdist", "--release", "3.5.9"]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("pytest-xdist 3.5.0\n")
    assert printed.err == "pytest-xdist 3.5.9 is not held; 3.5.0 is taken for it\n"


def test_json_is_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalog", "show", "pytest-xdist", "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["version"], answer["distribution"]) == (1, "pytest-xdist")
    assert {"name": "xdist", "module": "xdist.plugin"} in answer["entry_points"]
    assert next(mark["in"] for mark in answer["marks"] if mark["name"] == "xdist_group") == "2.5.0.."


def test_list_names_every_distribution(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalog", "list"]) == 0
    assert capsys.readouterr().out.splitlines() == list(names())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(
            ["pytest-xdst"], "the catalog does not hold 'pytest-xdst'; did you mean 'pytest-xdist'", id="slip"
        ),
        pytest.param(["numpy"], "the catalog does not hold 'numpy'; 'precollect catalog list' names all", id="unknown"),
        pytest.param(["../index"], "the catalog does not hold '../index'; ", id="a path is no name"),
        pytest.param(["pytest-xdist", "--release", "new"], "--release: 'new' is no version", id="no version"),
    ],
)
def test_what_cannot_be_shown_is_said_in_one_line(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["catalog", "show", *words]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"precollect: {said}")
    assert printed.err.count("\n") == 1


def test_a_folder_called_catalog_is_still_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "catalog").mkdir()
    (tmp_path / "catalog" / "pytest.ini").write_text("[pytest\n")
    monkeypatch.chdir(tmp_path)
    assert main(["./catalog"]) == 1
    assert capsys.readouterr().out.startswith("pytest.ini:1:1: configuration-unreadable: ")


def test_a_normal_run_imports_none_of_it(tmp_path: Path) -> None:
    code = (
        "import sys; from precollect.cli import main; main([]);"
        "print([name for name in sys.modules if name.startswith('precollect.catalog.')])"
    )
    source = os.path.dirname(os.path.dirname(os.path.dirname(catalog.__file__)))
    environ = {**os.environ, "PYTHONPATH": source, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environ, capture_output=True, text=True)
    assert done.stdout == "['precollect.catalog.facts', 'precollect.catalog.versions']\n"

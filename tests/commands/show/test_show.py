"""`precollect show`: what it prints, on which streams, and what keeps it from working."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ourselves
from precollect.commands.show.command import look
from precollect.commands.show.text import text
from precollect.findings import Place
from precollect.reporting.terminal import Look
from running import git, lay_out, repository, run

WORKFLOW = """\
env:
  PYTEST_ADDOPTS: -x

jobs:
  test:
    steps:
      - uses: actions/checkout@v5
      - run: pip install -r requirements-test.txt
      - run: pytest tests -q
"""

PROJECT = {
    "pytest.ini": """\
[pytest]
testpaths = tests
addopts =
    --strict-markers
    -n auto
    -p no:rerunfailures -p no:cacheprovider
    -p no:nothing
    --retries=2
markers =
    slow: takes long
    unused
asyncio_mode = auto
""",
    "pyproject.toml": '[tool.pytest.ini_options]\naddopts = "-q"\n',
    "setup.cfg": "[metadata]\nname = example\n",
    "requirements-test.txt": "pytest==9.2.0\npytest-asyncio==1.2.0\npytest-rerunfailures==16.1\npytest-xdist==3.8.0\n",
    "tests/conftest.py": 'def pytest_configure(config):\n    config.addinivalue_line("markers", "own: of ours")\n',
    "tests/test_one.py": """\
import pytest


@pytest.mark.slow
@pytest.mark.own
async def test_one():
    assert True


@pytest.mark.slow  # not @pytest.mark.unused
@pytest.mark.flaky(reruns=2)
def test_two():
    assert True


@pytest.mark.slwo
def test_three():
    assert True
""",
    "tests/unit/test_two.py": "def test_one():\n    assert True\n",
    ".github/workflows/test.yml": WORKFLOW,
}

SHOWN = """\
pytest
  version     9.2.0; requirements-test.txt:1
  started in  .
  rootdir     .
  testpaths   tests (pytest.ini:2)
  collected   tests
  strict      markers (pytest.ini:4)

configuration
  pytest.ini      wins    [pytest]
  pyproject.toml  hidden  [tool.pytest.ini_options]: pytest.ini is found first
  setup.cfg       empty   it has no [tool:pytest]

addopts
  --strict-markers     pytest        pytest.ini:4
  -n auto              pytest-xdist  pytest.ini:5
  -p no:rerunfailures  pytest        pytest.ini:6
  -p no:cacheprovider  pytest        pytest.ini:6
  -p no:nothing        pytest        pytest.ini:7
  --retries=2                        pytest.ini:8; unrecognized arguments:
                                     --retries=2

plugins
  nothing                    absent    by -p no:nothing at pytest.ini:7, a name
                                       that no known plugin has
  cacheprovider of pytest    disabled  by -p no:cacheprovider at pytest.ini:6
  pytest-asyncio 1.2.0       loaded    requirements-test.txt:2
  pytest-rerunfailures 16.1  disabled  by -p no:rerunfailures at pytest.ini:6;
                                       requirements-test.txt:3
  pytest-xdist 3.8.0         loaded    requirements-test.txt:4

loaded from this repository at start
  tests/conftest.py

markers, and how often each is used
  flaky         1  nobody: pytest-rerunfailures is disabled by -p
                   no:rerunfailures at pytest.ini:6
  own           1  tests/conftest.py:2
  slow          2  pytest.ini:10
  slwo          1  nobody
  unused        0  pytest.ini:11
  not used         asyncio, filterwarnings, parametrize, pytester_example_path,
                   skip, skipif, tryfirst, trylast, usefixtures, xdist_group,
                   xfail

async tests
  tests           1
  mode            auto  pytest.ini:12
  pytest-asyncio  runs  every async test

test modules: 2
      1  tests
      1  tests/unit

judged as well
  .  PYTEST_ADDOPTS='-x' pytest tests -q at .github/workflows/test.yml:9
"""


def shown_as_data(*words: str) -> Any:
    done = run("show", "--format", "json", *words)
    assert (done.status, done.err) == (0, "")
    return json.loads(done.out)


def test_a_whole_view(here: Callable[..., Path]) -> None:
    here(PROJECT)

    assert run("show") == (0, SHOWN, "")


def test_the_keys_of_the_data_are_those_that_the_documentation_names(here: Callable[..., Path]) -> None:
    here(PROJECT)
    data = shown_as_data()
    page = ourselves.text("docs/show.md")

    assert [key for key in data if f"| `{key}` |" not in page] == []
    assert data["version"] == 1
    assert data["addopts"][1] == {
        "tokens": ["-n", "auto"],
        "place": {"path": "pytest.ini", "line": 5, "column": 5},
        "defined_by": "pytest-xdist",
        "trouble": "",
    }
    assert [plugin["state"] for plugin in data["plugins"] if plugin["distribution"] == "pytest-xdist"] == ["loaded"]
    assert {marker["name"]: marker["uses"] for marker in data["markers"] if marker["registered_by"] == "project"} == {
        "own": 1,
        "slow": 2,
        "unused": 0,
    }


def test_the_documentation_shows_what_is_printed(here: Callable[..., Path]) -> None:
    page = ourselves.text("docs/show.md")

    assert f"```console\n$ precollect show\n{SHOWN}```\n" in page


def test_a_folder_without_anything_says_so(here: Callable[..., Path]) -> None:
    here({"README": ""})

    said = run("show").out

    assert "configuration\n  none: pytest takes its defaults\n" in said
    assert "plugins\n  none is known to be installed\n" in said
    assert "test modules\n  none: pytest collects nothing here\n" in said
    assert "what files cannot tell\n  no file declares pytest\n" in said


FILES = {
    "the nearer file wins": (
        {"a/tox.ini": "[pytest]\n", "pytest.ini": "[pytest]\n"},
        "a",
        [("a/tox.ini", "wins", ""), ("pytest.ini", "hidden", "a/tox.ini is nearer")],
    ),
    "a file that stops pytest": (
        {"pytest.ini": "[pytest\n", "tox.ini": "[pytest]\n"},
        ".",
        [("pytest.ini", "broken", "unexpected value continuation"), ("tox.ini", "hidden", "pytest.ini is found first")],
    ),
    "a broken file behind the winner": (
        {"pytest.ini": "[pytest]\n", "setup.cfg": "[pytest]\n", "requirements.txt": "pytest==8.4.2\n"},
        ".",
        [
            ("pytest.ini", "wins", ""),
            (
                "setup.cfg",
                "broken",
                "[pytest] section in setup.cfg files is no longer supported, change to [tool:pytest] instead., "
                "but pytest.ini is found first",
            ),
        ],
    ),
}


@pytest.mark.parametrize(("files", "folder", "verdicts"), FILES.values(), ids=FILES)
def test_each_file_says_why_it_wins_or_loses(
    here: Callable[..., Path], files: dict[str, str], folder: str, verdicts: list[tuple[str, str, str]]
) -> None:
    here(files)

    found = shown_as_data(folder)["configuration"]

    assert [(file["path"], file["verdict"], file["why"]) for file in found] == verdicts


PLUGINS = {
    "by the lock file": (
        {
            "pyproject.toml": '[project]\nname = "a"\nversion = "1"\n[dependency-groups]\ntest = ["pytest-xdist"]\n',
            "uv.lock": 'version = 1\n[[package]]\nname = "pytest"\nversion = "9.0.0"\n\n'
            '[[package]]\nname = "pytest-xdist"\nversion = "3.6.1"\ndependencies = [{ name = "pytest" }]\n',
        },
        ("pytest-xdist", "3.6.1", "loaded", ["declared", "locked"]),
    ),
    "brought along by another": (
        {"requirements.txt": "pytest==9.0.0\npytest-metadata==3.1.1\npytest-html==4.1.1\n"},
        ("pytest-metadata", "3.1.1", "loaded", ["declared", "brought"]),
    ),
    "autoloading is off": (
        {
            "requirements.txt": "pytest==9.0.0\npytest-xdist==3.6.1\n",
            "pytest.ini": "[pytest]\naddopts = --disable-plugin-autoload\n",
        },
        ("pytest-xdist", "3.6.1", "idle", ["declared"]),
    ),
    "one of two entry points is disabled": (
        {
            "requirements.txt": "pytest==9.0.0\npytest-xdist==3.6.1\n",
            "pytest.ini": "[pytest]\naddopts = -p no:xdist.looponfail\n",
        },
        ("pytest-xdist", "3.6.1", "partly", ["declared"]),
    ),
    "a plugin that the catalog does not hold": (
        {"requirements.txt": "pytest==9.0.0\npytest-of-ours\n"},
        ("pytest-of-ours", "", "unknown", ["declared"]),
    ),
    "the settings say so": (
        {"requirements.txt": "pytest==9.0.0\n", "precollect.toml": 'plugins = ["pytest-cov==5.0.0"]\n'},
        ("pytest-cov", "5.0.0", "loaded", ["settings"]),
    ),
}


@pytest.mark.parametrize(("files", "expected"), PLUGINS.values(), ids=PLUGINS)
def test_each_plugin_says_its_state_and_how_that_is_known(
    here: Callable[..., Path], files: dict[str, str], expected: tuple[str, str, str, list[str]]
) -> None:
    here(files)

    (found,) = (plugin for plugin in shown_as_data()["plugins"] if plugin["distribution"] == expected[0])

    assert found["version"] == expected[1]
    assert found["state"] == expected[2]
    assert [evidence["how"] for evidence in found["evidence"]] == expected[3]


def test_what_is_staged_is_asked_for(here: Callable[..., Path]) -> None:
    folder = here(PROJECT)
    lay_out(folder, {"pytest.ini": "[pytest]\n"})

    assert shown_as_data()["addopts"] == []
    assert len(shown_as_data("--staged")["addopts"]) == 6

    git(folder, "add", "--all")

    assert shown_as_data("--staged")["addopts"] == []


def test_words_are_quoted_as_a_shell_needs_it(here: Callable[..., Path]) -> None:
    here({"pytest.ini": "[pytest]\naddopts = -q -m 'not slow' -k ''\n"})

    out = run("show").out

    assert "  -q             pytest  pytest.ini:2\n  -m 'not slow'  pytest  pytest.ini:2\n" in out
    assert "  -k ''          pytest  pytest.ini:2\n" in out


def test_another_pytest_is_asked_about(here: Callable[..., Path]) -> None:
    here({"pyproject.toml": "[tool.pytest]\naddopts = []\n", "requirements.txt": "pytest==9.2.0\n"})

    assert [file["verdict"] for file in shown_as_data()["configuration"]] == ["wins"]
    assert [file["verdict"] for file in shown_as_data("--pytest", "8.4.2")["configuration"]] == ["empty"]


def test_a_bare_view_is_found_again_in_the_files(tmp_path: Path) -> None:
    repository(tmp_path / "project", PROJECT)

    seen = look(str(tmp_path / "project"), staged=False, options=[])

    assert seen.testpaths_place == Place("pytest.ini", 2, 1)
    assert seen.asynchronous.not_run == ()
    assert seen.unknown == ()


def test_states_have_colours_and_the_columns_keep_their_places(tmp_path: Path) -> None:
    repository(tmp_path / "project", PROJECT)
    seen = look(str(tmp_path / "project"), staged=False, options=[])

    coloured = text(seen, Look(True))

    assert "\x1b[1mconfiguration\x1b[0m\n  pytest.ini      \x1b[1;32mwins\x1b[0m    [pytest]\n" in coloured
    for code in ("1", "1;31", "1;32", "1;33", "1;36", "0"):
        coloured = coloured.replace(f"\x1b[{code}m", "")
    assert coloured == SHOWN


def test_many_folders_are_taken_together(here: Callable[..., Path]) -> None:
    names = [f"tests/{area}/{part}/test_{area}_{part}.py" for area in "abcdef" for part in "uvwxyz"]
    here(dict.fromkeys(names, ""))

    assert run("show").out.endswith(
        "test modules: 36\n" + "".join(f"      6  tests/{area}\n" for area in "abcdef") + "\n"
        "what files cannot tell\n  no file declares pytest\n"
    )


def test_many_folders_that_lie_side_by_side_are_counted(here: Callable[..., Path]) -> None:
    here({f"tests/t{number:02}/test_{number}.py": "" for number in range(20)} | {"tests/t19/test_more.py": ""})

    lines = run("show").out.partition("test modules: 21\n")[2].splitlines()

    assert len(lines[: lines.index("")]) == 16
    assert "      2  tests/t19" in lines
    assert "      5  in 5 other folders" in lines


def test_a_name_that_a_terminal_would_obey_is_shown_and_not_obeyed(here: Callable[..., Path]) -> None:
    here({"pytest.ini": '[pytest]\naddopts = "-k \x1b[31m"\n'})

    assert "\x1b" not in run("show").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["nowhere"], "there is no folder 'nowhere'", id="a missing folder"),
        pytest.param(["--stagd"], "there is no option '--stagd'; did you mean '--staged'?", id="a slip in an option"),
        pytest.param(
            ["--pytest", "new"], "--pytest: expected a version such as '8.4.2', got 'new'", id="a version that is none"
        ),
        pytest.param([".", "."], "there is no option '.'; see --help", id="two folders"),
    ],
)
def test_what_cannot_be_shown_is_status_2_and_one_line(words: list[str], said: str) -> None:
    assert run("show", *words) == (2, "", f"precollect: {said}\n")


def test_a_reader_that_has_seen_enough(tmp_path: Path) -> None:
    lay_out(tmp_path, PROJECT)
    done = subprocess.run(
        ["sh", "-c", f"{{ {sys.executable} -m precollect show --format json; }} | true"],
        cwd=tmp_path,
        env={**os.environ, "XDG_CACHE_HOME": "none"},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.stderr == ""

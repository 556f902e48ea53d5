"""The starts of pytest that a repository asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from precollect.model.starts import MOST_VARIABLES, starts
from precollect.reading.tree import open_tree
from running import in_time, lay_out

INI, TEST = "[pytest]\n", "def test_a(): pass\n"
WORKFLOW, TOX = ".circleci/config.yml", "tox.ini"

FOLDERS = {
    "a repository without anything": ({}, "", (), [""]),
    "a configuration at the root": ({"pytest.ini": INI, "a/pytest.ini": INI, "a/tests/test_a.py": TEST}, "", (), [""]),
    "packages below a root without one": (
        {
            f"{name}/{file}": text
            for name in "ab"
            for file, text in {"pytest.ini": INI, "tests/test_a.py": TEST}.items()
        },
        "",
        (),
        ["", "a", "b"],
    ),
    "a package with its tests beside its configuration": (
        {"a/pyproject.toml": "[tool.pytest.ini_options]\n", "a/test_a.py": TEST},
        "",
        (),
        ["", "a"],
    ),
    "a configuration without tests": ({"a/pytest.ini": INI, "a/b.py": ""}, "", (), [""]),
    "a project without configuration for pytest": (
        {"a/pyproject.toml": "[project]\n", "a/test_a.py": TEST},
        "",
        (),
        [""],
    ),
    "somebody's test data": ({"tests/data/a/pytest.ini": INI, "tests/data/a/test_a.py": TEST}, "", (), [""]),
    "a configuration that pytest cannot read at the root": (
        {"pytest.ini": "[pytest", "a/pytest.ini": INI, "a/test_a.py": TEST},
        "",
        (),
        [""],
    ),
    "a folder below a configuration": ({"pytest.ini": INI, "a/b/test_a.py": TEST}, "a", (), ["a"]),
    "packages below the folder asked about alone": (
        {f"{name}/{file}": text for name in ("a/b", "c") for file, text in {"tox.ini": INI, "test_a.py": TEST}.items()},
        "a",
        (),
        ["a", "a/b"],
    ),
    "those that the settings list": ({"pytest.ini": INI, "a/test_a.py": TEST}, "", ("a", ""), ["", "a"]),
}


@pytest.mark.parametrize(("files", "folder", "listed", "expected"), FOLDERS.values(), ids=FOLDERS)
def test_folders(
    tmp_path: Path, files: dict[str, str], folder: str, listed: tuple[str, ...], expected: list[str]
) -> None:
    lay_out(tmp_path, files)

    found = starts(open_tree(str(tmp_path)), folder, listed, frozenset())

    assert [start.folder for start in found] == expected


def launched(folder: Path, files: dict[str, str]) -> list[str]:
    """The starts beside the plain one: further words with "+", plugins to load, "alone" without autoloading."""
    lay_out(folder, files)
    _, *found = starts(open_tree(str(folder)), "", (), frozenset())
    return [
        " ".join(
            [
                *(f"+{word.text}" for word in start.extra),
                *(f"plugin:{word.text}" for word in start.plugins),
                *(["alone"] if start.autoload_off else []),
            ]
        )
        for start in found
    ]


VARIABLES = {
    "words of the shell": ({WORKFLOW: "PYTEST_ADDOPTS: -m 'a b' -q\nrun: pytest\n"}, ["+-m +a b +-q"]),
    "a start for each variable": (
        {WORKFLOW: "PYTEST_ADDOPTS: -q\nPYTEST_ADDOPTS: -v\nPYTEST_PLUGINS: a, b\nrun: pytest\n"},
        ["+-q", "+-v", "plugin:a plugin:b"],
    ),
    "autoloading off, and plugins instead": (
        {WORKFLOW: "PYTEST_DISABLE_PLUGIN_AUTOLOAD: 1\nPYTEST_PLUGINS: a\nrun: pytest\n"},
        ["plugin:a alone"],
    ),
    "autoloading off": ({WORKFLOW: "PYTEST_DISABLE_PLUGIN_AUTOLOAD: 1\nrun: pytest\n"}, ["alone"]),
    "autoloading off and options for another job, maybe": (
        {WORKFLOW: "PYTEST_DISABLE_PLUGIN_AUTOLOAD: 1\nother: 1\nPYTEST_ADDOPTS: -q\nrun: pytest\n"},
        [],
    ),
    "words that no shell cuts": ({WORKFLOW: "PYTEST_ADDOPTS: -m 'a\nrun: pytest\n"}, []),
    "a file for each": (
        {
            WORKFLOW: "PYTEST_ADDOPTS: -q\nrun: pytest\n",
            TOX: "[testenv]\nset_env = PYTEST_ADDOPTS = -v\ncommands = pytest\n",
        },
        ["+-q", "+-v"],
    ),
}


@pytest.mark.parametrize(("files", "expected"), VARIABLES.values(), ids=VARIABLES)
def test_variables(tmp_path: Path, files: dict[str, str], expected: list[str]) -> None:
    assert launched(tmp_path, files) == expected


def test_thousands_of_variables_are_not_thousands_of_starts(tmp_path: Path) -> None:
    lines = "".join(f"PYTEST_ADDOPTS: -p no:x{number}\n" for number in range(5000))

    with in_time():
        assert len(launched(tmp_path, {WORKFLOW: f"{lines}run: pytest\n"})) == MOST_VARIABLES

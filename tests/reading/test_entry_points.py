"""The plugins that a repository is itself, read from its own packaging files."""

from __future__ import annotations

from pathlib import Path

import pytest

from precollect.reading.entry_points import OwnPlugin, own_plugins
from precollect.reading.tree import open_tree
from running import in_time, lay_out

PYPROJECT, SETUP_CFG, SETUP_PY = "pyproject.toml", "setup.cfg", "setup.py"

FOUND = {
    "of the standard table": (
        PYPROJECT,
        '[project.entry-points.pytest11]\nbloom = "bloom.plugin"\n',
        [("bloom", "bloom.plugin")],
    ),
    "of poetry's table": (
        PYPROJECT,
        '[tool.poetry.plugins.pytest11]\nbloom = "bloom.plugin"\n',
        [("bloom", "bloom.plugin")],
    ),
    "of a dotted key": (PYPROJECT, 'project.entry-points.pytest11.bloom = "bloom"\n', [("bloom", "bloom")]),
    "an object within the module": (
        PYPROJECT,
        '[project.entry-points.pytest11]\nbloom = "bloom.plugin:Plugin"\n',
        [("bloom", "bloom.plugin")],
    ),
    "several of setup.cfg": (
        SETUP_CFG,
        "[options.entry_points]\npytest11 =\n    a = a.plugin\n    b=b:c\n",
        [("a", "a.plugin"), ("b", "b")],
    ),
    "of setup.py, in a list": (
        SETUP_PY,
        "setup(entry_points={'pytest11': ['a = a.plugin', \"b=b\"], 'console_scripts': ['c = d']})\n",
        [("a", "a.plugin"), ("b", "b")],
    ),
    "of setup.py, in a text": (
        SETUP_PY,
        'setup(entry_points="""\n[pytest11]\na = a.plugin\n""")\n',
        [("", "")],  # the bracket behind the name ends what is read
    ),
    "of setup.py, computed": (SETUP_PY, "setup(entry_points={'pytest11': plugins()})\n", [("", "")]),
}

NOT_FOUND = {
    "another group": (PYPROJECT, '[project.entry-points.console_scripts]\nx = "pytest11"\n'),
    "the group's name in a comment": (PYPROJECT, "# pytest11\n"),
    "a group that is no table": (PYPROJECT, "[project.entry-points]\npytest11 = 3\n"),
    "a project that is no table": (PYPROJECT, "project = 'pytest11'\n"),
    "a module that is no text": (PYPROJECT, "[project.entry-points.pytest11]\na = 3\n"),
    "a file that is no TOML": (PYPROJECT, "[project.entry-points.pytest11\n"),
    "a file that is no INI": (SETUP_CFG, "pytest11\n"),
    "a line that is no entry": (SETUP_CFG, "[options.entry_points]\npytest11 =\n    a\n    = b\n"),
    "another section": (SETUP_CFG, "[metadata]\npytest11 =\n    a = b\n"),
    "another word": (SETUP_PY, "setup(entry_points={'pytest': ['a = b']})\n"),
}


@pytest.mark.parametrize(("name", "content", "expected"), FOUND.values(), ids=FOUND)
def test_plugins(tmp_path: Path, name: str, content: str, expected: list[tuple[str, str]]) -> None:
    lay_out(tmp_path, {name: content})

    assert own_plugins(open_tree(str(tmp_path)), "") == [OwnPlugin(*entry, name) for entry in expected]


@pytest.mark.parametrize(("name", "content"), NOT_FOUND.values(), ids=NOT_FOUND)
def test_no_plugins(tmp_path: Path, name: str, content: str) -> None:
    lay_out(tmp_path, {name: content})

    assert own_plugins(open_tree(str(tmp_path)), "") == []


def test_those_of_the_folders_above_count_too_and_those_beside_do_not(tmp_path: Path) -> None:
    table = '[project.entry-points.pytest11]\n{0} = "{0}"\n'
    lay_out(tmp_path, {f"{folder}{PYPROJECT}": table.format(name) for folder, name in FOLDERS.items()})

    found = own_plugins(open_tree(str(tmp_path)), "packages/here")

    assert [(plugin.name, plugin.path) for plugin in found] == [
        ("here", f"packages/here/{PYPROJECT}"),
        ("root", PYPROJECT),
    ]


FOLDERS = {"": "root", "packages/here/": "here", "packages/beside/": "beside"}


@pytest.mark.parametrize(
    "content", ["pytest11" + "a" * 1_000_000, "pytest11 " + "\n" * 1_000_000, "pytest11" + "a " * 500_000]
)
def test_a_hostile_setup_file_is_read_in_no_time(tmp_path: Path, content: str) -> None:
    lay_out(tmp_path, {SETUP_PY: content})

    with in_time():
        assert own_plugins(open_tree(str(tmp_path)), "") == [OwnPlugin("", "", SETUP_PY)]


def test_a_file_that_cannot_be_read_declares_nothing(tmp_path: Path) -> None:
    (tmp_path / PYPROJECT).symlink_to("nowhere.toml")

    assert own_plugins(open_tree(str(tmp_path)), "") == []

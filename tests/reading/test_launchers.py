"""Variables for pytest in the files that start it."""

from __future__ import annotations

from pathlib import Path

import pytest

from precollect.reading.launchers import variables
from precollect.reading.tree import open_tree
from running import in_time, lay_out

WORKFLOW, OTHER = ".circleci/config.yml", "azure-pipelines.yml"
CALLED = "steps:\n  - run: pytest\n"

FOUND = {
    "in a workflow": (
        WORKFLOW,
        f"env:\n  PYTEST_ADDOPTS: -p no:asyncio\n{CALLED}",
        "PYTEST_ADDOPTS=-p no:asyncio 2:19",
    ),
    "in quotes": (WORKFLOW, f"env:\n  PYTEST_ADDOPTS: \"-m 'a b'\"\n{CALLED}", "PYTEST_ADDOPTS=-m 'a b' 2:19"),
    "before a comment": (WORKFLOW, f"env:\n  PYTEST_PLUGINS: a,b  # why\n{CALLED}", "PYTEST_PLUGINS=a,b 2:19"),
    "of a list": (WORKFLOW, f"- PYTEST_ADDOPTS: -q\n{CALLED}", "PYTEST_ADDOPTS=-q 1:19"),
    "with Windows' newlines": (
        WORKFLOW,
        f"env:\n  PYTEST_ADDOPTS: -q\n{CALLED}".replace("\n", "\r\n"),
        "PYTEST_ADDOPTS=-q 2:19",
    ),
    "in another pipeline": (
        OTHER,
        "test:\n  variables:\n    PYTEST_ADDOPTS: -q\n  script: pytest\n",
        "PYTEST_ADDOPTS=-q 3:21",
    ),
    "called as a module": (
        WORKFLOW,
        "env:\n  PYTEST_ADDOPTS: -q\nrun: python -m pytest tests\n",
        "PYTEST_ADDOPTS=-q 2:19",
    ),
}

NOT_FOUND = {
    "nobody calls pytest": (WORKFLOW, "env:\n  PYTEST_ADDOPTS: -q\n"),
    "another program is called": (WORKFLOW, "env:\n  PYTEST_ADDOPTS: -q\nrun: pytest-watch\n"),
    "the call chooses plugins itself": (WORKFLOW, "env:\n  PYTEST_ADDOPTS: -q\nrun: pytest -p no:x\n"),
    "the call chooses its configuration": (WORKFLOW, "env:\n  PYTEST_ADDOPTS: -q\nrun: pytest -c other.ini\n"),
    "a value that is filled in later": (WORKFLOW, f"env:\n  PYTEST_ADDOPTS: ${{{{ x }}}}\n{CALLED}"),
    "a value of the shell": (WORKFLOW, f"env:\n  PYTEST_ADDOPTS: $ADDOPTS -q\n{CALLED}"),
    "no value": (WORKFLOW, f"env:\n  PYTEST_ADDOPTS:\n  OTHER: x\n{CALLED}"),
    "a folded text on the lines below": (WORKFLOW, f"env:\n  PYTEST_ADDOPTS: >-\n    -q\n{CALLED}"),
    "a text of several lines": (WORKFLOW, f"env:\n  PYTEST_ADDOPTS: |\n    -q\n{CALLED}"),
    "an alias": (WORKFLOW, f"env:\n  PYTEST_ADDOPTS: *options\n{CALLED}"),
    "a comment": (WORKFLOW, f"env:\n  # PYTEST_ADDOPTS: -q\n{CALLED}"),
    "a longer name": (WORKFLOW, f"env:\n  MY_PYTEST_ADDOPTS: -q\n{CALLED}"),
    "a file that starts nothing": ("docs/a.yml", f"env:\n  PYTEST_ADDOPTS: -q\n{CALLED}"),
    "a tox.ini": ("tox.ini", "[testenv]\nset_env =\n    PYTEST_ADDOPTS = -q\ncommands = pytest\n"),
}


@pytest.mark.parametrize(("name", "content", "expected"), FOUND.values(), ids=FOUND)
def test_variables(tmp_path: Path, name: str, content: str, expected: str) -> None:
    lay_out(tmp_path, {name: content})

    (found,) = variables(open_tree(str(tmp_path)))

    assert f"{found.name}={found.value} {found.place.line}:{found.place.column}" == expected
    assert found.place.path == name


@pytest.mark.parametrize(("name", "content"), NOT_FOUND.values(), ids=NOT_FOUND)
def test_no_variables(tmp_path: Path, name: str, content: str) -> None:
    lay_out(tmp_path, {name: content})

    assert list(variables(open_tree(str(tmp_path)))) == []


@pytest.mark.parametrize(
    "content",
    ["\n" * 500_000 + "PYTEST_ADDOPTS\npytest\n", "PYTEST_ADDOPTS = a" + " " * 500_000 + "b${x}\npytest\n"],
    ids=["newlines", "blanks"],
)
def test_a_hostile_file_is_read_in_no_time(tmp_path: Path, content: str) -> None:
    lay_out(tmp_path, {OTHER: content})

    with in_time():
        assert list(variables(open_tree(str(tmp_path)))) == []


def test_bytes_that_are_no_text_are_no_variables(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        {WORKFLOW: "PYTEST_ADDOPTS: -q\nrun: pytest\n".encode("utf-16"), OTHER: b"\xff\0PYTEST_ADDOPTS=\xff\n"},
    )

    assert list(variables(open_tree(str(tmp_path)))) == []


def test_a_file_that_cannot_be_read_sets_nothing(tmp_path: Path) -> None:
    (tmp_path / OTHER).symlink_to(OTHER)

    assert list(variables(open_tree(str(tmp_path)))) == []

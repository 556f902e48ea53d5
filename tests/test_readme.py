"""What the README shows is what precollect does."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ourselves import blocks, text
from running import run, stage

README = text("README.md")
REQUIREMENTS = text("examples/disabled-plugins/requirements-test.txt")
BROKEN, ALLOWED = blocks(README, "ini")[:2]

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@pytest.fixture
def broken(here: Callable[..., Path]) -> Path:
    """The README's first example."""
    (test,) = blocks(README, "python")
    return here({"pytest.ini": BROKEN, "test_circuit.py": test, "requirements-test.txt": REQUIREMENTS})


@pytest.mark.usefixtures("broken")
def test_the_first_example_is_reported_as_shown() -> None:
    found = run()

    (shown,) = blocks(README, "console")
    assert shown == f"$ precollect\n{found.out}{found.err}"
    assert found.status == 1


def test_the_first_example_is_mended_by_taking_out_three_lines(broken: Path) -> None:
    assert run("--fix").status == 1

    kept = BROKEN.splitlines(keepends=True)[:3]
    assert (broken / "pytest.ini").read_text(encoding="utf-8") == "".join(kept)
    assert run() == (0, "", "")


def test_the_settings_shown_are_understood(here: Callable[..., Path]) -> None:
    (settings,) = blocks(README, "toml")
    here({"pyproject.toml": settings, "packages/client/README": "", "precollect-catalog.json": "[]\n"})

    found = run()

    assert found.status == 0, found
    assert set(tomllib.loads(settings)["tool"]["precollect"]["per-file-ignores"]) == {"tests/legacy/**"}


def test_the_comment_shown_allows_its_finding(here: Callable[..., Path]) -> None:
    requirements = REQUIREMENTS + "pytest-randomly==4.0.1\n"
    test = "def test_one():\n    assert True\n"
    folder = here({"pytest.ini": ALLOWED, "requirements-test.txt": requirements, "test_one.py": test})

    found = run("--house-rules", "plugin-disablers")

    assert found.status == 0, found

    comment = next(line for line in ALLOWED.splitlines() if "precollect:" in line)
    stage(folder, {"pytest.ini": ALLOWED.replace(comment + "\n", "")})
    assert run("--house-rules", "plugin-disablers").status == 1


def test_the_hooks_shown_are_those_of_the_manifest() -> None:
    (shown,) = blocks(README, "yaml")

    assert set(re.findall(r"^ *- id: (.+)$", shown, flags=re.MULTILINE)) <= set(
        re.findall(r"^- id: (.+)$", text(".pre-commit-hooks.yaml"), flags=re.MULTILINE)
    )

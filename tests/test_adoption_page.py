"""docs/adoption.md shows what happens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ourselves import blocks, text
from running import git, lay_out, run, stage

PAGE = text("docs/adoption.md")
MARKED = "import pytest\n\n\n@pytest.mark.slow\ndef test_one():\n    assert True\n"
FILES = {
    "pytest.ini": "[pytest]\naddopts = --strict-markers\n",
    "test_one.py": MARKED,
    "requirements.txt": "pytest==9.2.0\n",
}


def block(language: str) -> str:
    """The only fenced block of the page in a language."""
    (found,) = blocks(PAGE, language)
    return found


@pytest.fixture
def project(here: Callable[..., Path]) -> Path:
    return here(FILES)


def test_the_finding_and_its_baseline_are_those_that_are_shown(project: Path) -> None:
    found = run()
    assert block("console") == f"$ precollect\n{found.out}{found.err}"

    assert run("--write-baseline").status == 0
    assert (project / "precollect-baseline.json").read_text(encoding="utf-8") == block("json")
    git(project, "add", "--all")
    assert run() == (0, "", "")


def test_the_severities_shown_are_understood(project: Path) -> None:
    stage(project, {"pyproject.toml": block("toml")})
    assert run().status == 1

    softer = block("toml").replace('unregistered-mark = "error"', 'strict-markers = "warning"')
    lay_out(project, {"pyproject.toml": softer})
    assert run().status == 0
    assert "[breaks, warning]" in run().out


def test_the_comment_shown_allows_its_finding(project: Path) -> None:
    lines = [line.removeprefix("  ") for line in block("ini").splitlines()]
    files = {"requirements.txt": "pytest==9.2.0\npytest-randomly==4.0.1\n", "test_one.py": "def test_one(): pass\n"}
    lay_out(project, {**files, "pytest.ini": "\n".join([*lines, ""])})
    assert run("--select", "plugin-disabled") == (0, "", "")

    lay_out(project, {"pytest.ini": "\n".join([line for line in lines if "precollect:" not in line] + [""])})
    assert run("--select", "plugin-disabled").status == 1

"""docs/ecosystem.md: every example is run, or read by the parser of the tool that it is for."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

import ourselves
from ourselves import OURSELVES, blocks
from precollect.reading.launches import github
from precollect.reading.text import Text
from running import NO_MEMORY, environment, git, repository, run

PAGE = ourselves.text("docs/ecosystem.md")
BROKEN = {"pytest.ini": "[pytest]\naddopts = --tb=wrong\n", "test_a.py": "def test_a():\n    pass\n"}


def examples(heading: str, language: str) -> list[str]:
    """The texts of the fenced blocks in a language below a heading."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return blocks(section, language)


@pytest.mark.parametrize("heading", ["pre-commit and prek", "pre-commit.ci"])
@pytest.mark.parametrize("runner", ["pre-commit", "prek"])
def test_the_configuration_is_valid(heading: str, runner: str, tmp_path: Path) -> None:
    (text,) = examples(heading, "yaml")
    path = tmp_path / ".pre-commit-config.yaml"
    path.write_text(text, encoding="utf-8")

    command = [str(Path(sys.executable).with_name(runner)), "validate-config", str(path)]
    done = subprocess.run(command, capture_output=True, env={**os.environ, "HOME": str(tmp_path)}, check=False)

    assert done.returncode == 0, done.stderr
    hooks = {hook["id"] for hook in yaml.safe_load(ourselves.text(".pre-commit-hooks.yaml"))}
    assert {hook["id"] for repo in yaml.safe_load(text)["repos"] for hook in repo["hooks"]} <= hooks


def test_the_workflow_runs_our_command() -> None:
    (text,) = examples("GitHub Actions", "yaml")
    workflow = yaml.safe_load(text)
    (job,) = workflow["jobs"].values()
    commands = [step["run"].split() for step in job["steps"] if "run" in step]

    assert [words[:3] for words in commands] == [["pipx", "run", "precollect"]]
    assert list(github.read(Text(".github/workflows/precollect.yml", text))) == []
    assert run(*commands[0][3:], str(OURSELVES / "examples")).status in {0, 1}


def test_lefthook_runs_our_command(here: Callable[..., Path]) -> None:
    (text,) = examples("lefthook", "yaml")
    words = yaml.safe_load(text)["pre-commit"]["commands"]["precollect"]["run"].split()
    here(BROKEN)

    assert words[0] == "precollect"
    assert run(*words[1:]).status == 1


@pytest.mark.skipif(os.name == "nt", reason="a shell script")
def test_a_hook_written_by_hand_refuses_the_commit(tmp_path: Path) -> None:
    (script,) = examples("husky, or a hook written by hand", "sh")
    folder = repository(tmp_path / "project", BROKEN)
    git(folder, "config", "user.name", "a")
    git(folder, "config", "user.email", "a@example.org")
    hook = folder / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(script, encoding="utf-8")
    hook.chmod(0o755)
    command = tmp_path / "bin" / "precollect"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m precollect "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    variables = {
        **environment(),
        "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(OURSELVES / "hooks"),
        "XDG_CACHE_HOME": NO_MEMORY,
    }

    done = subprocess.run(
        ["git", "commit", "-m", "a"], cwd=folder, env=variables, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert "bad-option-value" in done.stdout + done.stderr


def test_the_problem_matcher_reads_what_is_printed(here: Callable[..., Path]) -> None:
    (text,) = examples("An editor's problem list", "json")
    (task,) = json.loads(text)["tasks"]
    pattern = task["problemMatcher"]["pattern"]
    here(BROKEN)

    matches = [match for line in run().out.splitlines() if (match := re.search(pattern["regexp"], line))]

    parts = ("file", "line", "column", "code")
    assert [tuple(match[pattern[part]] for part in parts) for match in matches] == [
        ("pytest.ini", "2", "11", "bad-option-value")
    ]
    assert matches[0][pattern["message"]].startswith("pytest stops: argument --tb")


def test_the_package_is_typed_and_runs_as_a_module(tmp_path: Path) -> None:
    folder = repository(tmp_path / "project", BROKEN)
    variables = {**environment(), "PYTHONPATH": str(OURSELVES / "hooks"), "XDG_CACHE_HOME": NO_MEMORY}

    done = subprocess.run([sys.executable, "-m", "precollect"], cwd=folder, env=variables, capture_output=True)

    assert done.returncode == 1
    assert (OURSELVES / "hooks" / "precollect" / "py.typed").is_file()

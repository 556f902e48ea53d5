"""Our manifest is one that pre-commit and prek accept, and the hooks in it install and run from a repository."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from end_to_end.repositories import FOUR, Repository, new_repository
from ourselves import OURSELVES, publish, text

MANIFEST = ".pre-commit-hooks.yaml"


@pytest.fixture
def published(repository: Repository, tmp_path: Path) -> Repository:
    """A repository that holds this project as a user would get it."""
    published = new_repository(tmp_path / "published", repository.runner)
    publish(published.path)
    published.git("add", "--all")
    published.git("commit", "--quiet", "-m", "precollect")
    published.git("tag", "v0.1.0")
    return published


@pytest.fixture
def registry(repository: Repository) -> None:
    """Lets pip use this machine's registry, wherever its owner has it configured."""
    if "PIP_CONFIG_FILE" not in os.environ:
        for path in (Path.home() / ".config" / "pip" / "pip.conf", Path.home() / ".pip" / "pip.conf"):
            if path.exists():
                repository.env["PIP_CONFIG_FILE"] = str(path)


def test_the_manifest_is_valid(repository: Repository) -> None:
    done = repository.run(repository.runner, "validate-manifest", str(OURSELVES / MANIFEST))

    assert done.returncode == 0, done.stdout


def test_our_own_configuration_is_valid(repository: Repository) -> None:
    done = repository.run(repository.runner, "validate-config", str(OURSELVES / ".pre-commit-config.yaml"))

    assert done.returncode == 0, done.stdout


def test_every_hook_is_a_console_script_a_row_of_the_readme_and_used_by_ourselves() -> None:
    ids = re.findall(r"^- id: (.+)$", text(MANIFEST), flags=re.MULTILINE)
    scripts = re.findall(r"^(\S+) = \"precollect\.\w+:\w+\"$", text("pyproject.toml"), re.MULTILINE)
    rows = re.findall(r"^\| \[?`([\w-]+)`[^|]* \|", text("README.md"), re.MULTILINE)

    used = text(".pre-commit-config.yaml")

    assert sorted(ids) == sorted(scripts) == sorted(rows)
    assert set(ids) <= set(re.findall(r"^  - id: (.+)$", used, flags=re.MULTILINE))
    assert set(FOUR) < set(ids)


@pytest.mark.registry
@pytest.mark.usefixtures("registry")
def test_hooks_installed_from_a_repository_refuse_the_commit(repository: Repository, published: Repository) -> None:
    hooks = "".join(f"  - id: {name}\n" for name in FOUR)
    repository.write(".pre-commit-config.yaml", f"repos:\n- repo: {published.path}\n  rev: v0.1.0\n  hooks:\n{hooks}")
    assert repository.run(repository.runner, "install").returncode == 0
    repository.add_example()

    refused = repository.run("git", "commit", "-m", "compatibility")

    assert refused.returncode != 0
    assert "pytest.ini:12:8: disabled-plugin-mark: " in refused.stdout


@pytest.mark.registry
@pytest.mark.usefixtures("registry")
def test_hooks_can_be_tried_without_a_configuration(repository: Repository, published: Repository) -> None:
    repository.add_example()

    tried = repository.run(repository.runner, "try-repo", str(published.path), "precollect", "--all-files")

    assert tried.returncode == 1
    assert "pytest.ini:12:8: disabled-plugin-mark: " in tried.stdout

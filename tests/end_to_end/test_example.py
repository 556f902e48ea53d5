"""The example: the real pytest before and after the repair, and the command that shows it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from end_to_end.repositories import DISABLERS, EXAMPLE, Repository, new_repository
from ourselves import OURSELVES

PYTEST = Path("venv", "bin", "pytest")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an environment that holds what the example declares."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "venv"), "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "-r", str(EXAMPLE / "requirements-test.txt")], check=True)
    return folder


@pytest.mark.registry
def test_pytest_collects_nothing_before_and_passes_everything_after(installed: Path, tmp_path: Path) -> None:
    repository: Repository = new_repository(tmp_path, "pre-commit")
    repository.add_example()
    repository.env.pop("PYTEST_ADDOPTS", None)
    real_pytest = str(installed / PYTEST)

    before = repository.run(real_pytest)

    assert before.returncode == 2
    assert "4 errors during collection" in before.stdout
    assert "'asyncio' not found in `markers` configuration option" in before.stdout

    repository.run("precollect", "--fix")

    diff = repository.git("diff", "--unified=0", "--no-color")
    changed = [line for line in diff.splitlines() if line.startswith(("-", "+")) and line[:3] not in ("---", "+++")]
    assert changed == [f"-{line}" for line in DISABLERS.splitlines()]

    after = repository.run(real_pytest, "-p", "no:cacheprovider", "-W", "error")

    assert after.returncode == 0, after.stdout
    assert "= 92 passed" in after.stdout


@pytest.mark.registry
def test_the_command_of_the_readme_shows_it(tmp_path: Path) -> None:
    done = subprocess.run(
        ["bash", OURSELVES / "examples" / "try-it"],
        env={**os.environ, "PYTHON": sys.executable, "TMPDIR": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )

    assert done.returncode == 0, done.stdout
    assert "pytest.ini:12:8: disabled-plugin-mark: " in done.stdout
    assert "-    -p no:rerunfailures\n" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("92 passed in ")
    assert list(tmp_path.iterdir()) == []

"""What the README shows is what precollect does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from precollect.cli import main

OURSELVES = Path(__file__).parents[1]
README = (OURSELVES / "README.md").read_text(encoding="utf-8")
REQUIREMENTS = (OURSELVES / "examples" / "disabled-plugins" / "requirements-test.txt").read_text(encoding="utf-8")

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def blocks(language: str) -> list[str]:
    """The texts of the README's fenced blocks in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository, which is also the current folder."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    subprocess.run(["git", "init", "--quiet"], check=True)
    return folder


def stage(project: Path, **files: str) -> None:
    for name, text in files.items():
        (project / name).write_text(text, encoding="utf-8")
    subprocess.run(["git", "add", "--all"], cwd=project, check=True)


def broken(project: Path) -> None:
    """The README's first example."""
    stage(
        project,
        **{
            "pytest.ini": blocks("ini")[0],
            "test_circuit.py": blocks("python")[0],
            "requirements-test.txt": REQUIREMENTS,
        },
    )


def test_the_first_example_is_reported_as_shown(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken(project)

    status = main([])

    printed = capsys.readouterr()
    (shown,) = blocks("console")
    assert shown == "$ precollect\n" + printed.out + printed.err
    assert status == 1


def test_the_first_example_is_mended_by_taking_out_three_lines(project: Path) -> None:
    broken(project)

    assert main(["--fix"]) == 1

    kept = blocks("ini")[0].splitlines(keepends=True)[:3]
    assert (project / "pytest.ini").read_text(encoding="utf-8") == "".join(kept)
    assert main([]) == 0


def test_the_settings_shown_are_understood(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (settings,) = blocks("toml")
    (project / "packages" / "client").mkdir(parents=True)
    stage(project, **{"pyproject.toml": settings, "packages/client/README": "", "precollect-catalog.json": "[]\n"})

    assert main([]) == 0, capsys.readouterr()
    assert set(tomllib.loads(settings)["tool"]["precollect"]["per-file-ignores"]) == {"tests/legacy/**"}


def test_the_comment_shown_allows_its_finding(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    allowed = blocks("ini")[1]
    stage(
        project,
        **{
            "pytest.ini": allowed,
            "requirements-test.txt": REQUIREMENTS + "pytest-randomly==4.0.1\n",
            "test_one.py": "def test_one():\n    assert True\n",
        },
    )

    assert main(["--house-rules", "plugin-disablers"]) == 0, capsys.readouterr()

    comment = next(line for line in allowed.splitlines() if "precollect:" in line)
    stage(project, **{"pytest.ini": allowed.replace(comment + "\n", "")})
    assert main(["--house-rules", "plugin-disablers"]) == 1


def test_the_hooks_shown_are_those_of_the_manifest() -> None:
    manifest = (OURSELVES / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    (shown,) = blocks("yaml")

    assert set(re.findall(r"^ *- id: (.+)$", shown, flags=re.MULTILINE)) <= set(
        re.findall(r"^- id: (.+)$", manifest, flags=re.MULTILINE)
    )

"""Real repositories, with the real pre-commit and the real prek, apart from the user's own settings and caches."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from ourselves import OURSELVES
from running import environment

EXAMPLE = OURSELVES / "examples" / "disabled-plugins"
SCRIPTS = Path(sys.executable).parent
FOUR = ("pytest-plugin-disablers", "pytest-strict-markers", "pytest-reruns-policy", "pytest-asyncio-mode")

# What the seed's pytest.ini loses when it is mended, and nothing else.
DISABLERS = """\
    # Disable plugins for CI/sandbox compatibility:
    # the sandbox forbids the sockets that they open
    -p no:asyncio
    -p no:rerunfailures
"""


class Repository:
    """A git repository in a scratch folder; commands run as a user without settings of their own would run them."""

    def __init__(self, path: Path, home: Path, runner: str) -> None:
        self.path = path
        self.runner = runner
        kept = {name: value for name, value in environment().items() if not name.startswith(("PRE_COMMIT", "PREK"))}
        self.env = {
            **kept,
            "PATH": os.pathsep.join([str(SCRIPTS), os.environ["PATH"]]),
            "HOME": str(home),
            "XDG_CACHE_HOME": str(home / "cache"),
            "XDG_CONFIG_HOME": str(home / "config"),
            "PRE_COMMIT_HOME": str(home / "pre-commit"),
            "PREK_HOME": str(home / "prek"),
            "GIT_AUTHOR_NAME": "Ada",
            "GIT_AUTHOR_EMAIL": "ada@example.org",
            "GIT_COMMITTER_NAME": "Ada",
            "GIT_COMMITTER_EMAIL": "ada@example.org",
            "NO_COLOR": "1",
        }

    def run(self, *words: str, folder: str = ".") -> subprocess.CompletedProcess[str]:
        """The finished command, with both its outputs in `stdout`."""
        return subprocess.run(
            words,
            cwd=self.path / folder,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )

    def git(self, *words: str) -> str:
        """What git says; AssertionError where it fails."""
        done = self.run("git", *words)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def write(self, name: str, text: str) -> None:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def read(self, name: str) -> str:
        return (self.path / name).read_text(encoding="utf-8")

    def use_hooks(self, *ids: str, args: str = "[]") -> None:
        """Commit a configuration that runs these hooks from the environment of this test run, and install them."""
        lines = ["repos:", "- repo: local", "  hooks:"]
        for name in ids:
            lines += [f"  - id: {name}", f"    name: {name}", f"    entry: {SCRIPTS / name}", f"    args: {args}"]
            lines += ["    language: system", "    always_run: true", "    pass_filenames: false"]
        self.write(".pre-commit-config.yaml", "\n".join([*lines, ""]))
        self.git("add", ".pre-commit-config.yaml")
        self.git("commit", "--quiet", "--no-verify", "-m", "hooks")
        installed = self.run(self.runner, "install")
        assert installed.returncode == 0, installed.stdout

    def add_example(self) -> None:
        """Lay out and stage the example, whose disablers hide every test."""
        shutil.copytree(EXAMPLE, self.path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        self.git("add", "--all")

    def head(self) -> str:
        return self.git("log", "-1", "--format=%s").strip()


def new_repository(folder: Path, runner: str) -> Repository:
    """An empty repository below a folder; `runner` is the program that runs its hooks."""
    project = folder / "project"
    project.mkdir(parents=True)
    repository = Repository(project, folder / "home", runner)
    repository.git("init", "--quiet", "--initial-branch=main")
    return repository

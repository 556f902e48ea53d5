"""The real pytest, imported once by a process that forks for every project that it is asked about.

That takes a third of the time of a process for each.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import NamedTuple

SECONDS = 90
# What pytest needs, on one system and Python or another.
PYTEST = ("pytest", "pluggy", "iniconfig", "packaging", "pygments")
ELSEWHERE = ("exceptiongroup", "tomli", "typing_extensions", "colorama")


class Said(NamedTuple):
    """What pytest did: exit status, number of tests collected (-1: it did not come to that), both outputs in one."""

    status: int
    tests: int
    output: str


class Server:
    """A process that has imported the pytest of some folders; `close` ends it."""

    def __init__(self, python: Path | str, folders: Iterable[Path]) -> None:
        self._process = subprocess.Popen(
            [python, "-S", "-u", Path(__file__).with_name("fork_server.py")],
            env={"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(map(str, folders)), "LANG": "C.UTF-8"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(
        self,
        project: Path,
        folders: Iterable[Path],
        *,
        words: Iterable[str] = (),
        seconds: float = SECONDS,
        bytecode: bool = False,
    ) -> Said:
        """What `pytest WORDS` does in a project that may import what is in these folders, and nothing else.

        `bytecode`: it is written, also that of plugins with pytest's own assertions, and makes later starts faster.
        """
        asked = {
            "folder": str(project),
            "words": list(words),
            "path": [str(folder) for folder in folders],
            "home": str(project.parent),
            "seconds": seconds,
            "bytecode": bytecode,
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(asked), file=self._process.stdin, flush=True)
        return Said(**json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        self._process.communicate(timeout=10)


def own_pytest(folder: Path) -> Path:
    """An empty folder, in which the pytest of this environment is put, out of sight of the plugins beside it."""
    for name in (*PYTEST, *ELSEWHERE):
        try:
            found = distribution(name)
        except PackageNotFoundError:
            assert name in ELSEWHERE
            continue
        for top in {file.parts[0] for file in found.files or () if file.parts[0] != ".."}:
            if not (folder / top).exists():
                (folder / top).symlink_to(str(found.locate_file(top)))
    return folder

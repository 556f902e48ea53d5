"""The real pytest as a judge: a fork server for each pytest, which starts pytest anew for every project."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from case_files import LOSS, STACKS, Truth
from record import bare_python, installed, reason, warning

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HERE = Path(__file__).parent
ALL_STACKS: dict[str, dict[str, list[str]]] = {
    **STACKS,
    **tomllib.loads((HERE / "stacks.toml").read_text(encoding="utf-8")),
}
SECONDS = 30


class Answer(NamedTuple):
    """What pytest did: its exit status, the number of tests collected (-1: it did not come to that), and why."""

    status: int
    tests: int
    says: str
    output: str

    @property
    def truth(self) -> Truth:
        """As for recorded cases (`case_files.truth`)."""
        if self.status:
            return "broken"
        return "lossy" if LOSS.search(self.output) else "sound"


def declared(stack: str, plugins: tuple[str, ...]) -> list[str]:
    """The pins that a project with these plugins declares."""
    return [f"pytest=={stack}", *(ALL_STACKS[stack][name][0] for name in plugins)]


class Oracle:
    """Servers by pytest's version, started when first asked; use as a context manager."""

    def __init__(self, stacks: dict[str, dict[str, list[str]]] = ALL_STACKS, library: Path | None = None) -> None:
        """`stacks`: version → distribution → its pins, itself first; `library`: one folder that holds them all,
        imported by this interpreter; None where each is in a folder of its own."""
        self._stacks = stacks
        self._library = library
        self._servers: dict[str, subprocess.Popen[str]] = {}
        self._primed: set[tuple[str, tuple[str, ...]]] = set()

    def __enter__(self) -> Oracle:
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers.values():
            assert server.stdin is not None
            assert server.stdout is not None
            server.stdin.close()
            server.wait(10)
            server.stdout.close()

    def ask(self, stack: str, plugins: tuple[str, ...], folder: Path, *, importable: bool = False) -> Answer:
        """What pytest does when started in a folder, with these plugins installed and no others.

        `importable`: the folder and its src are on the path from the start.
        """
        for plugin in plugins if self._library is None else ():
            self._prime(stack, (plugin,))
        own = [str(folder), str(folder / "src")] if importable else []
        told = self._told(stack, plugins, folder, own)
        output = told["output"].replace(str(folder), ".").replace(str(installed("")).rstrip("/"), "STACKS")
        return Answer(told["status"], told["tests"], reason(output) if told["status"] else warning(output), output)

    def _prime(self, stack: str, plugins: tuple[str, ...]) -> None:
        """Let pytest write the byte code of plugins, with its own assertions, which later starts read."""
        if (stack, plugins) not in self._primed:
            self._primed.add((stack, plugins))
            with tempfile.TemporaryDirectory() as folder:
                self._told(stack, plugins, Path(folder), prime=True)

    def _told(
        self, stack: str, plugins: tuple[str, ...], folder: Path, own: Sequence[str] = (), *, prime: bool = False
    ) -> dict[str, Any]:
        asked = {
            "folder": str(folder),
            "path": [*self._folders(stack, ("pytest", *plugins)), *own],
            "home": str(folder.parent),
            "seconds": SECONDS,
            "prime": prime,
        }
        server = self._server(stack)
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(json.dumps(asked) + "\n")
        server.stdin.flush()
        told: dict[str, Any] = json.loads(server.stdout.readline())
        return told

    def _folders(self, stack: str, names: Sequence[str]) -> list[str]:
        if self._library is not None:
            return [str(self._library)]
        pins = dict.fromkeys(pin for name in names for pin in self._stacks[stack][name])
        return [str(installed(pin)) for pin in pins]

    def _server(self, stack: str) -> subprocess.Popen[str]:
        if stack not in self._servers:
            python = bare_python() if self._library is None else Path(sys.executable)
            path = os.pathsep.join(self._folders(stack, ("pytest",)))
            self._servers[stack] = subprocess.Popen(
                [python, "-S", "-u", HERE / "fork_server.py"],
                env={"PATH": os.defpath, "PYTHONPATH": path, "LANG": "C.UTF-8"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        return self._servers[stack]

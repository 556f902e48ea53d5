"""The real pytest as a judge: a fork server for each pytest, which starts pytest anew for every project."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from case_files import LOSS, STACKS, Truth
from real_pytest import Server
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
        self._servers: dict[str, Server] = {}
        self._primed: set[tuple[str, str]] = set()

    def __enter__(self) -> Oracle:
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers.values():
            server.close()

    def ask(
        self,
        stack: str,
        plugins: tuple[str, ...],
        folder: Path,
        *,
        importable: bool = False,
        start: str = "",
        words: Sequence[str] = (),
    ) -> Answer:
        """What pytest does when started with these words in a folder, with these plugins installed and no others.

        `importable`: the folder and its src are on the path from the start; `start`: below the folder, where pytest
        is started.
        """
        for plugin in plugins if self._library is None else ():
            self._prime(stack, plugin)
        own = [folder, folder / "src"] if importable else []
        said = self._server(stack).ask(
            folder / start, [*self._folders(stack, ("pytest", *plugins)), *own], words=words, seconds=SECONDS
        )
        output = said.output.replace(str(folder), ".").replace(str(installed("")).rstrip("/"), "STACKS")
        return Answer(said.status, said.tests, reason(output) if said.status else warning(output), output)

    def _prime(self, stack: str, plugin: str) -> None:
        """Let pytest write the byte code of a plugin."""
        if (stack, plugin) not in self._primed:
            self._primed.add((stack, plugin))
            with tempfile.TemporaryDirectory() as folder:
                path = self._folders(stack, ("pytest", plugin))
                self._server(stack).ask(Path(folder), path, seconds=SECONDS, bytecode=True)

    def _folders(self, stack: str, names: Sequence[str]) -> list[Path]:
        if self._library is not None:
            return [self._library]
        return [installed(pin) for pin in dict.fromkeys(pin for name in names for pin in self._stacks[stack][name])]

    def _server(self, stack: str) -> Server:
        if stack not in self._servers:
            python = bare_python() if self._library is None else sys.executable
            self._servers[stack] = Server(python, self._folders(stack, ("pytest",)))
        return self._servers[stack]

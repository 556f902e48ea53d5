"""precollect as a command on a folder, within this process: arguments in, status and both outputs out."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from unittest import mock

from precollect import cli
from precollect.reading.tree import Tree, open_tree

NO_MEMORY = "none"
"""As XDG_CACHE_HOME: no absolute path, so no verdict is remembered."""
NOBODY = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
"""Variables that keep git from reading anybody's settings."""
PATIENCE = 20  # seconds on a busy machine; every answer here takes a fraction of one


class Outcome(NamedTuple):
    """What a command leaves: exit status, standard output, standard error."""

    status: int
    out: str
    err: str


def run(*arguments: str, concern: str | None = None, encoding: str = "utf-8", memory: str = NO_MEMORY) -> Outcome:
    """The outcome of a command. Fails where there is no answer in time."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding, newline="") for _ in range(2))
    with (
        mock.patch.object(sys, "stdout", out),
        mock.patch.object(sys, "stderr", err),
        mock.patch.dict(os.environ, {"XDG_CACHE_HOME": memory}),
        in_time(),
    ):
        try:
            status = cli.run(concern, arguments)
        except SystemExit as stop:  # what argparse does after --help and --version
            status = int(stop.code or 0)
    texts = []
    for stream in (out, err):
        stream.flush()
        assert isinstance(stream.buffer, io.BytesIO)
        texts.append(stream.buffer.getvalue().decode(encoding, "replace"))
    return Outcome(status, *texts)


@contextmanager
def in_time() -> Iterator[None]:
    """Raises TimeoutError where the body takes longer than anybody would wait (where the system has alarms)."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def complain(*_: object) -> None:
        raise TimeoutError(f"no answer within {PATIENCE} seconds")

    before = signal.signal(signal.SIGALRM, complain)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def lay_out(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files as they are given, in UTF-8."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def tree_of(folder: Path, files: Mapping[str, str | bytes]) -> Tree:
    """The tree of a folder outside git, with these files laid out in it."""
    lay_out(folder, files)
    return open_tree(str(folder))


def environment() -> dict[str, str]:
    """The variables of this process, but nobody's settings for git."""
    return {**{name: value for name, value in os.environ.items() if not name.startswith("GIT_")}, **NOBODY}


def git(folder: Path, *words: str) -> str:
    """What git says, without anybody's settings; CalledProcessError where it fails."""
    return subprocess.check_output(["git", *words], cwd=folder, env=environment(), stderr=subprocess.PIPE, text=True)


def repository(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """A new repository in a folder, with all files staged."""
    for name in ("objects", "refs"):  # what git takes for a repository, made in a fifth of the time of `git init`
        (folder / ".git" / name).mkdir(parents=True)
    (folder / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    if files:
        stage(folder, files)
    return folder


def stage(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files, and stage these and all other changes."""
    lay_out(folder, files)
    git(folder, "add", "--all")


def snapshot(folder: Path) -> dict[str, bytes | str]:
    """Every name below a folder: the content of a file, the target of a link, the kind of everything else."""
    found: dict[str, bytes | str] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = str(path.readlink())
        elif path.is_file():
            found[name] = path.read_bytes() if path.stat().st_size < 1 << 24 else f"{path.stat().st_size} bytes"
        else:
            found[name] = "folder" if path.is_dir() else "special"
    return found

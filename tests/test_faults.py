"""Whatever fails, and whenever: no half-written file, nothing left lying about, one clear line, and a status."""

from __future__ import annotations

import builtins
import errno
import io
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from precollect.memory import files as memory_files
from precollect.reading import processors
from precollect.reading.tree import Tree
from running import lay_out, repository, run, snapshot

MENDABLE = {
    "pytest.ini": "[pytest]\naddopts = --strict-markers -p no:asyncio\n",
    "requirements.txt": "pytest==9.2.0\npytest-asyncio==1.2.0\n",
    "test_one.py": "import pytest\n\n\n@pytest.mark.asyncio\nasync def test_one():\n    assert True\n",
    "conftest.py": "def pytest_configure(config):\n    config.addinivalue_line('markers', 'fast')\n",
    "pyproject.toml": "[project]\nname = 'a'\n",
}
MENDED = {**MENDABLE, "pytest.ini": "[pytest]\naddopts = --strict-markers\n"}
SOUND = {**MENDED, "test_one.py": "import pytest\n\n\n@pytest.mark.fast\ndef test_one():\n    pass\n"}
FULL, DENIED, BROKEN = (OSError(number, os.strerror(number)) for number in (errno.ENOSPC, errno.EACCES, errno.EIO))


def contents(folder: Path) -> dict[str, bytes | str]:
    return {name: content for name, content in snapshot(folder).items() if not name.startswith(".git")}


def as_bytes(files: dict[str, str]) -> dict[str, bytes]:
    return {name: text.encode() for name, text in files.items()}


# Writing

STEPS = {
    "a look at the file": (os, "stat"),
    "a temporary file beside it": (tempfile, "mkstemp"),
    "opening the temporary file": (builtins, "open"),
    "writing to it": (io.BufferedWriter, "write"),
    "flushing it": (io.BufferedWriter, "flush"),
    "bringing it to the disk": (os, "fsync"),
    "its mode": (os, "chmod"),
    "putting it in place": (os, "replace"),
}


@contextmanager
def failing(owner: Any, name: str, error: BaseException, folder: Path) -> Iterator[list[str]]:
    """Let a function fail for files of this folder; the list says how often it did."""
    failed: list[str] = []
    if owner is io.BufferedWriter:  # a built-in type: its files are wrapped instead
        with mock.patch.object(builtins, "open", _opening(name, error, failed)):
            yield failed
        return
    real = getattr(owner, name)

    def fail(*arguments: Any, **named: Any) -> Any:
        writes = name != "open" or "wb" in arguments
        about = str(folder) in f"{arguments} {named}" or isinstance(arguments[0] if arguments else None, int)
        if writes and about and _called_by_the_writer():
            failed.append(name)
            raise error
        return real(*arguments, **named)

    with mock.patch.object(owner, name, fail):
        yield failed


def _called_by_the_writer() -> bool:
    frame = sys._getframe(2)
    return frame.f_code.co_filename.endswith("writer.py") and frame.f_code.co_name == "_replace"


def _opening(name: str, error: BaseException, failed: list[str]) -> Callable[..., Any]:
    real = open

    class Failing(io.BufferedWriter):
        def write(self, data: Any) -> int:
            if name == "write":
                super().write(data[: len(data) // 2])  # half of it is there already
                failed.append(name)
                raise error
            return super().write(data)

        def flush(self) -> None:
            if name == "flush" and not failed:
                failed.append(name)
                raise error
            super().flush()

    def opened(file: Any, mode: str = "r", *arguments: Any, **named: Any) -> Any:
        if mode == "wb" and isinstance(file, int):
            return Failing(io.FileIO(file, "wb"))
        return real(file, mode, *arguments, **named)

    return opened


@pytest.mark.parametrize("error", [FULL, DENIED, BROKEN], ids=["full", "denied", "broken"])
@pytest.mark.parametrize("step", STEPS)
def test_a_fix_that_fails_at_any_step_leaves_everything_as_it_was(step: str, error: OSError, tmp_path: Path) -> None:
    folder = repository(tmp_path / "project", MENDABLE)
    owner, name = STEPS[step]

    with failing(owner, name, error, folder) as failed:
        found = run("--fix", str(folder))

    assert failed, "the fault was met"
    assert found.status == 1
    assert contents(folder) == as_bytes(MENDABLE)
    assert f": pytest.ini: {str(error.strerror).lower()}\n" in found.err
    assert "not fixed: " in found.err


@pytest.mark.parametrize("step", STEPS)
def test_an_interrupted_fix_leaves_the_old_file_and_nothing_else(step: str, tmp_path: Path) -> None:
    folder = repository(tmp_path / "project", MENDABLE)
    owner, name = STEPS[step]

    with failing(owner, name, KeyboardInterrupt(), folder) as failed:
        found = run("--fix", str(folder))

    assert failed
    assert (found.status, found.err) == (2, "precollect: interrupted\n")
    assert contents(folder) == as_bytes(MENDABLE)


SLOW_WRITER = """\
import os, sys, time
from precollect import cli
real = os.replace

def slow(*arguments):
    print("now", flush=True)
    time.sleep(60)
    real(*arguments)

os.replace = slow
sys.exit(cli.main(["--fix", sys.argv[1]]))
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows ends processes otherwise")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_in_the_middle_of_a_fix(number: signal.Signals, tmp_path: Path) -> None:
    folder = repository(tmp_path / "project", MENDABLE)
    env = {**os.environ, "XDG_CACHE_HOME": "none"}
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW_WRITER, folder], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "now\n"
    process.send_signal(number)
    _, err = process.communicate(timeout=30)

    after = contents(folder)
    assert after["pytest.ini"] == MENDABLE["pytest.ini"].encode()
    if number == signal.SIGKILL:
        # Nobody can tidy up behind that; what is left has a name that tells whose it was, and harms nobody.
        (left,) = after.keys() - MENDABLE.keys()
        assert left.startswith(".pytest.ini.")
        assert run("--fix", str(folder)).status == 1
        assert contents(folder)["pytest.ini"] == MENDED["pytest.ini"].encode()
    else:
        assert (process.returncode, err) == (2, "precollect: interrupted\n")
        assert after == as_bytes(MENDABLE)


def test_two_runs_with_fixes_at_once(tmp_path: Path) -> None:
    folder = repository(tmp_path / "project", MENDABLE)
    env = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    code = "import sys; from precollect.cli import main; sys.exit(main(['--fix', sys.argv[1]]))"
    words = [sys.executable, "-c", code, str(folder)]
    runs = [subprocess.Popen(words, env=env, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    said = [process.communicate(timeout=60)[1] for process in runs]

    assert contents(folder) == as_bytes(MENDED)
    assert {process.returncode for process in runs} <= {0, 1}  # 0: a run that began when all was mended
    assert any("fixed pytest.ini" in text for text in said)
    assert not any("Traceback" in text for text in said)


# Reading


def test_a_file_may_vanish_before_any_read(tmp_path: Path) -> None:
    folder = repository(tmp_path / "project", MENDABLE)
    real = Tree._read_disk
    for number in range(40):
        lay_out(folder, MENDABLE)
        count = iter(range(1000))

        def read(tree: Tree, path: str, count: Iterator[int] = count, number: int = number) -> bytes:
            if next(count) == number:
                (folder / path).unlink()
            return real(tree, path)

        with mock.patch.object(Tree, "_read_disk", read):
            found = run("--fix", "--unsafe-fixes", str(folder))

        assert found.status in (0, 1)
        assert contents(folder).keys() <= MENDABLE.keys()
        if next(count) <= number:  # that was every read
            break
    assert number > 3


@pytest.mark.parametrize("error", [DENIED, BROKEN, OSError(errno.ENOENT, "gone"), OSError("no number")])
def test_a_file_that_cannot_be_read_is_a_doubt_and_no_error(error: OSError, tmp_path: Path) -> None:
    folder = repository(tmp_path / "project", MENDABLE)
    real = os.open
    for name in MENDABLE:

        def fail(path: Any, *arguments: Any, name: str = name) -> int:
            if os.fspath(path).endswith(name):
                raise error
            return real(path, *arguments)

        with mock.patch.object(os, "open", fail):
            found = run("--verbose", str(folder))

        assert found.status in (0, 1)
        assert re.findall(r"^unknown: (\S+): ", found.err, re.MULTILINE) == [name] * (name != "test_one.py")
        assert "Traceback" not in found.err


def test_a_file_that_changes_after_it_was_judged_is_not_rewritten(tmp_path: Path) -> None:
    folder = repository(tmp_path / "project", MENDABLE)
    real = os.chmod

    def meanwhile(*arguments: Any) -> None:
        (folder / "pytest.ini").write_text("[pytest]\naddopts = -q\n", encoding="utf-8")
        real(*arguments)

    with mock.patch.object(os, "chmod", meanwhile):
        found = run("--fix", str(folder))

    assert "not fixed: " in found.err
    assert "pytest.ini changed meanwhile" in found.err
    assert contents(folder) == as_bytes({**MENDABLE, "pytest.ini": "[pytest]\naddopts = -q\n"})


def test_folders_that_cannot_be_listed_are_empty(tmp_path: Path) -> None:
    lay_out(tmp_path, MENDABLE | {"deep/er/test_two.py": MENDABLE["test_one.py"]})

    with mock.patch.object(os, "scandir", side_effect=DENIED):
        found = run(str(tmp_path))

    assert (found.status, found.out) == (0, "")


# The memory

MEMORY_STEPS = {
    "its folder": (os, "makedirs"),
    "its file": (builtins, "open"),
    "putting it in place": (os, "replace"),
    "taking it away": (os, "remove"),
}


@pytest.mark.parametrize("error", [FULL, DENIED, BROKEN], ids=["full", "denied", "broken"])
@pytest.mark.parametrize("step", MEMORY_STEPS)
def test_a_memory_that_cannot_be_written_changes_nothing(step: str, error: OSError, tmp_path: Path) -> None:
    folder = repository(tmp_path / "project", SOUND)
    owner, name = MEMORY_STEPS[step]
    real = getattr(owner, name)

    def fail(path: Any, *arguments: Any, **named: Any) -> Any:
        if not isinstance(path, int) and "precollect" in os.fspath(path) and str(tmp_path) in os.fspath(path):
            raise error
        return real(path, *arguments, **named)

    with mock.patch.object(owner, name, fail):
        assert run(str(folder), memory=str(tmp_path / "cache")) == (0, "", "")

    left = [path for path in snapshot(tmp_path / "cache") if path != "precollect"] if name != "remove" else []
    assert left == []
    assert run(str(folder), memory=str(tmp_path / "cache")) == (0, "", "")


@pytest.mark.parametrize("content", [b"", b"\0" * 5000, b"\xff" * 100, b"{" * 100_000, b"a" * 64, "٣".encode() * 64])
def test_a_memory_that_holds_anything_else_is_not_used(content: bytes, tmp_path: Path) -> None:
    folder = repository(tmp_path / "project", MENDABLE)
    cache = tmp_path / "cache"
    for kind in ("clean", "sketches"):
        with mock.patch.dict(os.environ, {"XDG_CACHE_HOME": str(cache)}):
            lay_out(tmp_path, {os.path.relpath(memory_files.memory_file(kind, str(folder)), tmp_path): content})

    assert run(str(folder), memory=str(cache)).status == 1


def test_a_program_that_cannot_look_at_its_own_files_remembers_nothing(tmp_path: Path) -> None:
    with mock.patch.object(memory_files, "_own_files", side_effect=NotADirectoryError):
        assert memory_files.program() != memory_files.program()


# Processes


def doubled(items: Any) -> list[Any]:
    return [item * 2 for item in items]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is spread there")
def test_work_is_done_where_no_process_can_be_started_or_waited_for() -> None:
    items = [str(number) for number in range(50)]

    with mock.patch.object(os, "fork", side_effect=BlockingIOError):
        assert processors.spread(doubled, items) == doubled(items)
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        assert processors.spread(doubled, items) == doubled(items)
    finally:
        signal.signal(signal.SIGCHLD, before)


def test_a_run_that_is_interrupted_says_so() -> None:
    with mock.patch("precollect.checking.opened", side_effect=KeyboardInterrupt):
        assert run() == (2, "", "precollect: interrupted\n")

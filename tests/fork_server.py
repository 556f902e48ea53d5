"""Runs inside a bare interpreter with pytest on its path: for each project asked for, a fork that starts pytest there.

A line of JSON in: {"folder", "words", "path" (folders of the distributions that the project may import), "home",
"seconds", "bytecode" (whether to write it)}.
A line of JSON out: {"status", "tests" (null where collection did not end), "output"}. pytest and the parts of the
standard library that plugins use are imported once; plugins never are, as pytest wants to be the first to import them.
"""

import asyncio
import concurrent.futures
import contextlib
import gc
import importlib.metadata
import json
import multiprocessing.pool
import os
import pdb
import signal
import sys
import tempfile
import time
import unittest.mock
from typing import Any, NoReturn

# How pytest starts is the same in every fork, up to its arguments.
import _pytest.config
import _pytest.main

PRELOADED = (asyncio, concurrent.futures, multiprocessing.pool, pdb, unittest.mock)
NO_ANSWER = 124
(COMMAND,) = importlib.metadata.entry_points(group="console_scripts", name="pytest")
START = COMMAND.load()


def main() -> None:
    """Answer until there are no more questions."""
    _pytest.config.get_config()  # imports what every start of pytest imports
    for module in PRELOADED:  # or pytest warns, where `-p` names one of them, that it did not import it
        module.__doc__ = f"{module.__doc__}\nPYTEST_DONT_REWRITE"
    gc.freeze()  # nothing that is here already has to be looked at again when pytest collects garbage
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        answers.write(json.dumps(answer(json.loads(line))) + "\n")
        answers.flush()


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """What pytest did in one folder."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as count:
        child = os.fork()
        if child == 0:
            run(asked, output.fileno(), count.fileno())
        status = wait(child, asked["seconds"])
        output.seek(0)
        count.seek(0)
        return {
            "status": status,
            "tests": int(count.read() or -1),
            "output": output.read(200_000).decode("utf-8", "replace"),
        }


def wait(child: int, seconds: float) -> int:
    """The child's exit status; it and all that it started is gone afterwards."""
    end = time.monotonic() + seconds
    pause = 0.002
    while time.monotonic() < end:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            stop(child)
            return os.waitstatus_to_exitcode(status)
        time.sleep(pause)
        pause = min(pause * 1.5, 0.02)
    stop(child)
    os.waitpid(child, 0)
    return NO_ANSWER


def stop(child: int) -> None:
    """End the whole group of a child, which is its own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)


def run(asked: dict[str, Any], output: int, count: int) -> NoReturn:
    """Be pytest, in a folder; does not return."""
    status = 1
    try:
        os.setpgid(0, 0)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.chdir(asked["folder"])
        os.environ.clear()
        os.environ.update(
            PATH=os.defpath,
            HOME=asked["home"],
            LANG="C.UTF-8",
            COLUMNS="200",
            PYTHONDONTWRITEBYTECODE="1",
            PYTHONPATH=os.pathsep.join(asked["path"]),
        )
        sys.dont_write_bytecode = not asked["bytecode"]
        own = [folder for folder in sys.path if folder.startswith(sys.base_prefix) and "site-packages" not in folder]
        sys.path[:] = [*asked["path"], *own]
        sys.argv[:] = ["pytest", *asked["words"]]
        counted(count)
        status = START()
    except SystemExit as leaving:
        status = leaving.code if isinstance(leaving.code, int) else 1
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(status)


def counted(count: int) -> None:
    """Let the session write how many tests it has collected."""
    perform = _pytest.main.Session.perform_collect

    def perform_and_count(self: _pytest.main.Session, *args: Any, **kwargs: Any) -> Any:
        try:
            return perform(self, *args, **kwargs)
        finally:
            os.write(count, str(len(getattr(self, "items", ()))).encode())

    setattr(_pytest.main.Session, "perform_collect", perform_and_count)  # noqa: B010 - mypy minds an assignment


if __name__ == "__main__":
    main()

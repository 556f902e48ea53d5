"""Work on many files, spread over the machine's processors."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from typing import Any

MOST_PROCESSES = 8


def spread(work: Callable[[Sequence[str]], list[Any]], items: Sequence[str]) -> list[Any]:
    """What `work` makes of the items, in their order, each part of them in a process of its own.

    `work` gives a list that JSON can hold, one entry for each item. What a process fails to do, and
    everything on a system that cannot fork, is done in this one.
    """
    count = min(os.cpu_count() or 1, MOST_PROCESSES) if hasattr(os, "fork") else 1
    size = max(1, -(-len(items) // count))
    first, *others = [items[start : start + size] for start in range(0, len(items), size)] or [items]
    started = [_started(work, part) for part in others]
    made = list(work(first))
    for part, running in zip(others, started, strict=True):
        said = _said(*running) if running else b""
        made += json.loads(said) if said else work(part)
    return made


def _said(process: int, pipe: int) -> bytes:
    """What a process said; b"" where it failed."""
    with open(pipe, "rb") as file:
        said = file.read()
    try:
        failed = os.waitpid(process, 0)[1] != 0
    except ChildProcessError:  # whoever started us ignores the ends of processes, and so do we: nobody knows
        failed = True
    return b"" if failed else said


def _started(work: Callable[[Sequence[str]], list[Any]], part: Sequence[str]) -> tuple[int, int] | None:
    """The number of a process that does the work, and the end of the pipe at which it speaks; None for no process."""
    ours, theirs = os.pipe()
    try:
        process = os.fork()
    except OSError:  # the system has no room for one more
        os.close(ours)
        os.close(theirs)
        return None
    if process:
        os.close(theirs)
        return process, ours
    status = 1
    try:
        os.close(ours)
        with open(theirs, "wb") as file:
            file.write(json.dumps(work(part)).encode())
        status = 0
    finally:
        os._exit(status)  # nothing of what this process was is to be tidied up twice

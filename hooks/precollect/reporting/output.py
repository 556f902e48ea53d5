"""Standard output and standard error, whatever they are: a terminal, a pipe that closes, a full disk, nothing."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from precollect.errors import CannotWorkError
from precollect.reporting.terminal import visible


def write(text: str) -> None:
    """Write to standard output, whatever it can show. Raises CannotWorkError where it takes nothing more."""
    if sys.stdout is None:
        return
    try:
        try:
            sys.stdout.write(text)
        except UnicodeEncodeError:
            sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        close_output()
        raise CannotWorkError(f"the report cannot be written: {error.strerror}") from None


def close_output() -> None:
    """Let nothing more be written to standard output: Python would try once more while it shuts down, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def on_terminal() -> bool:
    """Whether somebody watches, who would take silence for a failure."""
    return sys.stderr is not None and sys.stderr.isatty()


def say(text: str) -> None:
    """Write a line to standard error, where somebody reads it."""
    if sys.stderr is not None:
        with suppress(OSError):
            print(visible(text, sys.stderr.encoding or "utf-8"), file=sys.stderr)

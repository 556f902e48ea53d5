"""What every reader promises for any input, and the means to see that it holds.

No exception beyond the documented ones, an answer in bounded time, no more memory than a bound, and nothing of the
machine touched: no file written, no process started, no connection made.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Literal, NamedTuple

LARGEST = 100_000  # bytes of an input
PATIENCE = 2.0  # seconds of the processor for one input: other work on the machine does not count
MEMORY = 2 << 30  # bytes of address space

Breach = Literal["exception", "hang", "touch"]

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
TOUCHES = frozenset(
    {
        "os.chmod",
        "os.chown",
        "os.exec",
        "os.fork",
        "os.kill",
        "os.link",
        "os.mkdir",
        "os.posix_spawn",
        "os.putenv",
        "os.remove",
        "os.rename",
        "os.rmdir",
        "os.symlink",
        "os.system",
        "os.truncate",
        "os.utime",
        "shutil.rmtree",
        "socket.connect",
        "socket.getaddrinfo",
        "subprocess.Popen",
        "tempfile.mkstemp",
    }
)
"""Audit events that no reader may cause (https://docs.python.org/3/library/audit_events.html)."""


class HangError(BaseException):
    """Out of time. No Exception, so that no reader takes it for one of its own."""


class TouchError(BaseException):
    """A reader did something to the machine; the text says what."""


class Broken(NamedTuple):
    """A promise that an input broke. `where`: the innermost line of ours that was at work: "reading/ini.py:41"."""

    breach: Breach
    where: str
    what: str


def broken_by(read: Callable[[bytes], object], data: bytes, refusals: tuple[type[Exception], ...]) -> Broken | None:
    """The promise that a reader breaks for this input, None where it keeps them all.

    `refusals`: the exceptions that it documents.
    """
    try:
        with watched(), bounded():
            read(data)
    except refusals:
        return None
    except HangError as error:
        return Broken("hang", _where(error), f"no answer within {PATIENCE} seconds")
    except TouchError as error:
        return Broken("touch", _where(error), str(error))
    except Exception as error:
        return Broken("exception", _where(error), f"{type(error).__name__}: {error}"[:300])
    return None


def _where(error: BaseException) -> str:
    """The innermost line of the package in a traceback."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if "precollect" in frame.filename]
    if not ours:
        return "outside the package"
    return f"{ours[-1].filename.rpartition('precollect' + os.sep)[2].replace(os.sep, '/')}:{ours[-1].lineno}"


@contextmanager
def bounded() -> Iterator[None]:
    """Raises HangError where the body takes more time of the processor than PATIENCE (where the system has timers)."""
    if not hasattr(signal, "ITIMER_VIRTUAL"):
        yield
        return

    def complain(signum: int, frame: FrameType | None) -> None:
        raise HangError

    before = signal.signal(signal.SIGVTALRM, complain)
    signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


_watching = False
_hooked = False


@contextmanager
def watched() -> Iterator[None]:
    """Raises TouchError where the body does something to the machine; Python's own caches of bytecode are its own."""
    global _watching, _hooked
    if not _hooked:
        _hooked = True
        sys.addaudithook(_audit)  # for good: a hook cannot be taken away
    bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    _watching = True
    try:
        yield
    finally:
        _watching = False
        sys.dont_write_bytecode = bytecode


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if not _watching:
        return
    if event in TOUCHES:
        raise TouchError(f"{event} {arguments!r}"[:300])
    if event == "open":
        path, _, flags = arguments
        if isinstance(flags, int) and flags & WRITING:
            raise TouchError(f"open for writing: {path!r}")


def bound_memory() -> None:
    """Let this process have no more than MEMORY from now on, where the system knows such limits."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))

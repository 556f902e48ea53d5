"""What git knows: the repository's root, its tracked files, the content of a blob."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from precollect.errors import CannotWorkError

if TYPE_CHECKING:
    import subprocess

EMPTY_BLOBS = frozenset(
    {
        "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
        "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
    }
)
ELSEWHERE = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_PREFIX"})  # git sets them for its hooks
CHANGED = re.compile(rb"\0[Ca-z] [^\0\t]*\t([^\0]*)")
INTENT_TO_ADD = 1 << 29  # git's CE_INTENT_TO_ADD, as `git ls-files --debug` prints it


class TreeError(CannotWorkError):
    """The repository cannot be listed at all; the text says why, in one line."""


class UnreadableError(Exception):
    """One file of the tree has no content for us; the text says why: "larger than 16 MiB"."""


class TrackedFile(NamedTuple):
    """`blob`: git's id of the content in the index, "" outside git. `in_index`: the content is read from there,
    as a sparse checkout keeps the file off the disk. `changed`: the file on disk differs from the blob, or nobody
    knows whether it does."""

    mode: int
    blob: str
    in_index: bool
    changed: bool


def root_above(folder: str) -> str | None:
    """The real path of the repository's root at or above a folder; None outside git."""
    folder = os.path.realpath(folder)
    while not os.path.exists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent
    return folder


class Listing(NamedTuple):
    """git's own words on all tracked files: they differ wherever a file, its content in the index or its state does.

    `staged`: the content is that of the index, whatever the work tree holds.
    """

    words: bytes
    staged: bool


def listing(root: str, *, staged: bool) -> Listing:
    """What git says of all tracked files.

    Raises TreeError where git fails, FileNotFoundError where there is no git.
    """
    words = ["ls-files", "-z", "-v", "-c", "-s", *(() if staged else ("-d", "-m"))]
    listed = _git(root, *words)
    if staged and any(blob.encode() in listed for blob in EMPTY_BLOBS):
        listed += b"".join(b"R 0 0 0\t%b\0" % os.fsencode(path) for path in _intended(root))
    return Listing(listed, staged)


def tracked_files(listing: Listing) -> dict[str, str]:
    """Path → git's words on the file, for all files of a listing that the work tree (or the index, if asked) holds.

    The words are "TAG MODE BLOB STAGE", for `tracked_file` to read. A file deleted from the work tree is left out
    unless the index is asked.
    """
    files: dict[str, str] = {}
    for line in os.fsdecode(listing.words).split("\0"):
        words, _, path = line.partition("\t")
        if words.startswith("R"):  # deleted from the work tree, or no part of the commit
            files.pop(path, None)
        elif words.startswith("C"):  # changed in the work tree; comes behind the line of the index, unless deleted
            if path in files:
                files[path] = files[path].lower()
        elif words:
            files[path] = words
    return files


def tracked_file(words: str) -> TrackedFile:
    """What such words say."""
    tag, mode, blob, _stage = words.split(" ")
    # In lower case: it is changed, or git was told to assume that it never changes, and no longer looks.
    return TrackedFile(int(mode, 8), blob, tag in "Ss", tag.islower())


def words_on(mode: int) -> str:
    """Such words on a file that no git tracks."""
    return f"H {mode:o}  0"


def changed_files(listing: Listing) -> list[str]:
    """The files of a listing whose content in the index tells nothing of their content on disk."""
    return [os.fsdecode(name) for name in CHANGED.findall(b"\0" + listing.words)]


def _intended(root: str) -> list[str]:
    """The files that are only intended to be added (`git add -N`): no part of the next commit."""
    intended = []
    path = b""
    for piece in _git(root, "ls-files", "-z", "--debug").split(b"\0"):
        # Behind each name five lines of facts, and behind them, without a sign between, the next name.
        *facts, following = piece.split(b"\n", 5)
        if facts and int(facts[-1].rpartition(b"flags: ")[2], 16) & INTENT_TO_ADD:
            intended.append(os.fsdecode(path))
        path = following
    return intended


class Blobs:
    """The contents of blobs, asked of one git process that is started for the first of them."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, blob: str, largest: int) -> bytes:
        """The content of a blob. Raises UnreadableError where it is missing or larger than `largest` bytes."""
        if self._process is None:
            import subprocess

            words = ["git", "-C", self._root, "cat-file", "--batch"]
            pipe = subprocess.PIPE
            try:
                self._process = subprocess.Popen(
                    words, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=_environment()
                )
            except OSError:
                raise UnreadableError("git cannot be asked for it") from None
        process = self._process
        assert process.stdin is not None, "it is a pipe"
        assert process.stdout is not None, "it is a pipe"
        try:
            process.stdin.write(blob.encode() + b"\n")
            process.stdin.flush()
            head = process.stdout.readline().split()
            if len(head) != 3:
                raise UnreadableError("git has no content for it")
            size = int(head[2])
            if size > largest:
                self._close()
                raise UnreadableError(f"larger than {largest >> 20} MiB")
            return process.stdout.read(size + 1)[:size]
        except (OSError, ValueError):
            self._close()
            raise UnreadableError("git has no content for it") from None

    def _close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def __del__(self) -> None:
        self._close()


def _git(root: str, *words: str) -> bytes:
    written = _quickly(["git", "-C", root, *words]) if hasattr(os, "posix_spawnp") else None
    if written is not None:
        return written
    import subprocess

    done = subprocess.run(
        ["git", "-C", root, *words], stdin=subprocess.DEVNULL, capture_output=True, check=False, env=_environment()
    )
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no message"]
        raise TreeError(f"git {words[0]} failed in {root}: {said[0]}")
    return done.stdout


def _quickly(command: list[str]) -> bytes | None:
    """What a command writes; None where it fails. Importing `subprocess` takes half as long as all else of a warm run.

    Raises FileNotFoundError where there is no such command.
    """
    ours, theirs = os.pipe()
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_DUP2, theirs, 1),
        (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
    ]
    with open(ours, "rb") as pipe:
        try:
            process = os.posix_spawnp(command[0], command, _environment() or os.environ, file_actions=actions)
        finally:
            os.close(theirs)
        said = pipe.read()
    return None if os.waitpid(process, 0)[1] else said


def _environment() -> dict[str, str] | None:
    """Our environment without what would lead git to another repository than the one that was asked for."""
    if ELSEWHERE.isdisjoint(os.environ):
        return None
    return {name: value for name, value in os.environ.items() if name not in ELSEWHERE}

"""Commits that were found clean before: the same content judged by the same program needs no second look.

What is remembered is a fingerprint of everything that a verdict depends on: git's ids of all
tracked files, the content of those that differ from them, the arguments, and this program itself.
The memory is a small file in the user's cache folder, safe to delete; where it cannot be read or
written, or holds anything else, it is simply not used.
"""

from __future__ import annotations

import os
import sys
from _blake2 import blake2b  # hashlib would load OpenSSL for it, which takes half as long as all else here
from collections.abc import Iterable

from precollect import __version__
from precollect.reading.tree import Tree, UnreadableError

MOST_FINGERPRINTS = 50
DIGITS = 64


class KnownClean:
    """The memory for one repository and one way of asking."""

    def __init__(self, tree: Tree, asked: Iterable[str]) -> None:
        """`asked`: what the verdict depends on beside the files: the concern, the folders, the settings given."""
        self._file = _file(tree.root)
        self._fingerprint = _fingerprint(tree, asked) if self._file else None

    def holds(self) -> bool:
        """Whether this content was found clean before, asked in this way."""
        return self._fingerprint is not None and self._fingerprint in _read(self._file)

    def remember(self) -> None:
        """Note that nothing was found."""
        if self._fingerprint is None or not self._file:
            return
        kept = [line for line in _read(self._file) if len(line) == DIGITS and line != self._fingerprint]
        text = "\n".join([*kept[1 - MOST_FINGERPRINTS :], self._fingerprint])
        fresh = f"{self._file}.{os.getpid()}"
        try:
            os.makedirs(os.path.dirname(self._file), exist_ok=True)
            with open(fresh, "w", encoding="ascii") as file:
                file.write(text)
            os.replace(fresh, self._file)
        except OSError:
            _remove(fresh)


def _remove(path: str) -> None:
    try:
        os.remove(path)
    except OSError:
        return


def _read(path: str) -> list[str]:
    try:
        with open(path, encoding="ascii") as file:
            return file.read(MOST_FINGERPRINTS * (DIGITS + 2)).split("\n")
    except (OSError, ValueError):
        return []


def _file(root: str) -> str:
    """The file of a repository's memory; "" where the user has no cache folder."""
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or os.path.expanduser("~/.cache")
    if not os.path.isabs(base):
        return ""
    return os.path.join(base, "precollect", f"clean-{blake2b(os.fsencode(root), digest_size=8).hexdigest()}")


def _fingerprint(tree: Tree, asked: Iterable[str]) -> str | None:
    """A text that differs wherever the verdict may; None outside git, where nothing vouches for content."""
    if tree.listing is None:
        return None
    digest = blake2b(tree.listing, digest_size=DIGITS // 2)
    for path, file in tree.files.items():
        if file.changed:
            try:
                content = tree.read_once(path)
            except UnreadableError as error:
                content = str(error).encode()
            digest.update(b"\0%d\0" % len(content) + os.fsencode(path) + b"\0" + content)
    for word in (*asked, __version__, sys.version, *_program()):
        digest.update(b"\0" + word.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _program() -> Iterable[str]:
    """Name, size and age of our own files, since a working copy changes without changing its version.

    And the age of the folder that we are installed in, which tells of other releases of what we depend on.
    """
    folders = [os.path.dirname(os.path.abspath(__file__))]
    yield str(os.stat(os.path.dirname(folders[0])).st_mtime_ns)
    while folders:
        for entry in sorted(os.scandir(folders.pop()), key=lambda entry: entry.name):
            if entry.is_dir():
                if entry.name != "__pycache__":
                    folders.append(entry.path)
            else:
                status = entry.stat()
                yield f"{entry.name} {status.st_size} {status.st_mtime_ns}"

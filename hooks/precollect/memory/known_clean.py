"""Commits that were found clean before: the same content judged by the same program needs no second look.

What is remembered is a fingerprint of everything that a verdict depends on: git's ids of all
tracked files, the content of those that differ from them, the arguments, and this program itself.
"""

from __future__ import annotations

import os
from _blake2 import blake2b
from collections.abc import Iterable

from precollect.memory import files
from precollect.reading.git import changed_files
from precollect.reading.tree import Tree, UnreadableError

MOST_FINGERPRINTS = 50
DIGITS = 64


class KnownClean:
    """The memory for one repository and one way of asking."""

    def __init__(self, tree: Tree, asked: Iterable[str], program: str) -> None:
        """`asked`: what the verdict depends on beside the files: the concern, the folders, the settings given."""
        self._file = files.memory_file("clean", tree.root)
        self._fingerprint = _fingerprint(tree, (*asked, program)) if self._file else None

    def holds(self) -> bool:
        """Whether this content was found clean before, asked in this way."""
        return self._fingerprint is not None and self._fingerprint in self._remembered()

    def remember(self) -> None:
        """Note that nothing was found."""
        if self._fingerprint is not None:
            kept = [line for line in self._remembered() if len(line) == DIGITS and line != self._fingerprint]
            text = "\n".join([*kept[1 - MOST_FINGERPRINTS :], self._fingerprint])
            files.replace(self._file, text.encode("ascii", "replace"))

    def _remembered(self) -> list[str]:
        content = files.read(self._file, MOST_FINGERPRINTS * (DIGITS + 2))
        return content.decode("ascii", "replace").split("\n")


def _fingerprint(tree: Tree, asked: Iterable[str]) -> str | None:
    """A text that differs wherever the verdict may; None outside git, where nothing vouches for content."""
    if tree.listing is None:
        return None
    digest = blake2b(tree.listing.words, digest_size=DIGITS // 2)
    for path in changed_files(tree.listing):
        try:
            content = tree.read_once(path)
        except UnreadableError as error:
            content = str(error).encode()
        digest.update(b"\0%d\0" % len(content) + os.fsencode(path) + b"\0" + content)
    for word in asked:
        digest.update(b"\0" + word.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()

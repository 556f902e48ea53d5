"""The last commit that was found clean: one that differs in nothing that the verdict rested on is clean too.

What a verdict rests on: the names and kinds of all tracked files; the content of those that were
read; of those that were only looked at, what their bytes showed; the arguments, and this program.
So a commit that changes a test without new marks, fixtures or imports needs no second judgement,
nor does one that changes a file which nobody asked about.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from precollect.memory import files
from precollect.reading.git import changed_files
from precollect.reading.tree import Tree, UnreadableError

if TYPE_CHECKING:
    from precollect.reading.python.sketch import Sketch

LARGEST = 64 * 1024 * 1024  # bytes
# What a file's line in the memory begins with.
CONTENT, SHOWN = b"=", b"~"


class LastClean:
    """The memory for one repository and one way of asking."""

    def __init__(self, tree: Tree, asked: Iterable[str], program: str) -> None:
        """`asked`: what the verdict depends on beside the files: the concern, the folders, the settings given."""
        self._tree = tree
        self._program = program
        self._grounds = b""
        way = files.digest("\0".join(asked).encode("utf-8", "surrogateescape"), 8)
        self._file = files.memory_file("clean", tree.root, way) if tree.listing is not None else ""

    def holds(self) -> bool:
        """Whether nothing differs from the last clean commit in what its verdict rested on."""
        listed = self._listed()
        if listed is None or self._tree.listing is None:
            return False
        now = self._tree.listing.words
        changed = changed_files(self._tree.listing)
        if listed == now and not changed:
            return True
        lines = set(listed.split(b"\0")) ^ set(now.split(b"\0"))
        before, after = (_entries(side.split(b"\0"), lines) for side in (listed, now))
        if before is None or before != after:
            return False
        grounds = {path: ground for ground, _, path in (line.partition(b" ") for line in self._grounds.split(b"\0"))}
        paths = {os.fsencode(path) for path in changed}.union(before, _changed(lines))
        if not all(self._is_as_before(os.fsdecode(path), grounds[path]) for path in paths if path in grounds):
            return False
        self._write(self._grounds)  # so that the next commit is compared with this one
        return True

    def remember(self, sketches: Mapping[str, Sketch]) -> None:
        """Note that the commit was found clean. `sketches`: the files that were looked at, and what they showed."""
        used = self._tree.used
        grounds = {path: SHOWN + _shown(sketch) for path, sketch in sketches.items() if path not in used}
        grounds.update({path: CONTENT + self._content(path) for path in used})
        self._write(b"\0".join([b"%b %b" % (ground, os.fsencode(path)) for path, ground in grounds.items()]))

    def _listed(self) -> bytes | None:
        """git's words on the last clean commit; None where none is remembered."""
        head, _, body = files.read(self._file, LARGEST).partition(b"\n") if self._file else (b"", b"", b"")
        words = head.split(b" ")
        if len(words) != 2 or words[0] != self._head(body) or not words[1].isdigit():
            return None
        self._grounds = body[int(words[1]) :]
        return body[: int(words[1])]

    def _write(self, grounds: bytes) -> None:
        if self._file and self._tree.listing is not None:
            body = self._tree.listing.words + grounds
            length = len(self._tree.listing.words)
            files.replace(self._file, b"%b %d\n%b" % (self._head(body), length, body))

    def _head(self, body: bytes) -> bytes:
        return f"{self._program}{files.digest(body)}".encode()

    def _is_as_before(self, path: str, ground: bytes) -> bool:
        if ground.startswith(CONTENT):
            return ground == CONTENT + self._content(path)
        from precollect.reading.python.sketch import sketch

        try:
            return ground == SHOWN + _shown(sketch(self._tree.peek(path)))
        except UnreadableError:
            return False

    def _content(self, path: str) -> bytes:
        """A fingerprint of a file's content, or of why it has none."""
        try:
            return _digest(self._tree.peek(path))
        except UnreadableError as error:
            return _digest(f"{error}\0unreadable".encode())


def _entries(side: Iterable[bytes], lines: set[bytes]) -> dict[bytes, list[bytes]] | None:
    """Path → what is known of it but its content, for lines that one side has alone; None where files are missing."""
    found: dict[bytes, list[bytes]] = {}
    for line in side:
        if line in lines:
            head, _, path = line.partition(b"\t")
            tag, mode, _, stage = head.split(b" ")
            if tag == b"R":
                return None
            if tag != b"C":
                found[path] = [tag, mode, stage]
    return found


def _changed(lines: Iterable[bytes]) -> set[bytes]:
    """The paths that only one side calls changed."""
    return {line.partition(b"\t")[2] for line in lines if line.startswith(b"C ")}


def _shown(sketch: Sketch) -> bytes:
    from precollect.memory.sketches import packed

    return _digest(repr(packed(sketch)).encode("utf-8", "surrogatepass"))


def _digest(content: bytes) -> bytes:
    return files.digest(content, 16).encode()

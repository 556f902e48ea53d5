"""Sketches of modules: the bytes of a file that git vouches for are looked at once, not in every run.

The file holds a line with the fingerprints of the program and of what follows, and a JSON object: git's id of a
content → its sketch, the flags as one number.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from precollect.memory import files
from precollect.reading.python.sketch import FLAGS, Sketch
from precollect.reading.tree import Tree

WORTH_IT = 100  # new sketches; reading and writing all takes about as long as making so many
LARGEST = 64 * 1024 * 1024  # bytes, about 200,000 modules


class Sketches:
    """The sketches of one repository's modules."""

    def __init__(self, tree: Tree, program: str) -> None:
        self._tree = tree
        self._program = program
        self._file = files.memory_file("sketches", tree.root) if tree.listing is not None else ""
        self._seen: dict[str, list[Any]] = {}
        self._new = 0

    @cached_property
    def _kept(self) -> dict[str, list[Any]]:
        head, _, body = files.read(self._file, LARGEST).partition(b"\n") if self._file else (b"", b"", b"")
        if head != self._head(body):
            return {}
        import json

        kept: dict[str, list[Any]] = json.loads(body)
        return kept

    def _head(self, body: bytes) -> bytes:
        return f"{self._program} {files.digest(body)}".encode()

    def get(self, path: str) -> Sketch | None:
        """The sketch of a file with this content from an earlier run; None where there is none."""
        content = self._tree.content_id(path)
        row = self._kept.get(content)
        if row is None:
            return None
        self._seen[content] = row
        return unpacked(row)

    def add(self, path: str, row: list[Any]) -> None:
        """Note the packed sketch of a file, unless nothing vouches for its content."""
        content = self._tree.content_id(path)
        if content:
            self._seen[content] = row
            self._new += 1

    def keep(self) -> None:
        """Write down the sketches that were asked for in this run, if many of them are new."""
        if self._file and self._new >= WORTH_IT:
            import json

            body = json.dumps(self._seen, separators=(",", ":")).encode()
            files.replace(self._file, self._head(body) + b"\n" + body)


def packed(sketch: Sketch) -> list[Any]:
    """A sketch as JSON can hold it: the flags as one number, the first one as its lowest bit, then all else."""
    number = 0
    for flag in reversed(sketch[:FLAGS]):
        number = number * 2 + bool(flag)
    return [number, *sketch[FLAGS:]]


_flags: dict[int, tuple[bool, ...]] = {}  # there are few combinations


def unpacked(row: list[Any]) -> Sketch:
    """The sketch that was packed."""
    number = row[0]
    if number not in _flags:
        _flags[number] = tuple(bool(number >> place & 1) for place in range(FLAGS))
    return Sketch._make(_flags[number] + tuple(row[1:]))

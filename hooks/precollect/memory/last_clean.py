"""The last commit that was found clean: one that differs in nothing that the verdict rested on is clean too.

What a verdict rests on: the names and kinds of all tracked files; the content of those that were
read; of those that were only looked at, what their bytes showed; the arguments, and this program.
So a commit that changes a test without new marks, fixtures or imports needs no second judgement,
nor does one that changes a file which nobody asked about.

The file holds a line with a fingerprint of the program and of what follows, and the lengths of the first two of
these: git's words on all tracked files; the grounds, a fingerprint and a path each, for the files that were read and
for those that were looked at but have no sketch in the memory; the paths of those that have one.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from precollect.memory import files
from precollect.reading.git import changed_files
from precollect.reading.tree import Tree, UnreadableError

if TYPE_CHECKING:
    from precollect.memory.sketches import Sketches
    from precollect.reading.python.facts import Sketch

LARGEST = 64 * 1024 * 1024  # bytes
# What a ground begins with: the fingerprint of a content, or of what it showed.
CONTENT, SHOWN = b"=", b"~"


class LastClean:
    """The memory for one repository and one way of asking."""

    def __init__(self, tree: Tree, asked: Iterable[str], program: str) -> None:
        """`asked`: what the verdict depends on beside the files: the concern, the folders, the settings given."""
        self._tree = tree
        self._program = program
        self._grounds: dict[bytes, bytes] = {}
        self._sketched = b""
        way = files.digest("\0".join(asked).encode("utf-8", "surrogateescape"), 8)
        self._file = files.memory_file("clean", tree.root, way) if tree.listing is not None else ""

    @cached_property
    def sketches(self) -> Sketches:
        """The sketches of earlier runs, and those that comparing took."""
        from precollect.memory.sketches import Sketches

        return Sketches(self._tree, self._program)

    def holds(self) -> bool:
        """Whether nothing differs from the last clean commit in what its verdict rested on."""
        listed = self._listed()
        if listed is None or self._tree.listing is None:
            return False
        now = self._tree.listing.words
        changed = changed_files(self._tree.listing)
        if listed == now and not changed:
            return True
        before, after = set(listed.split(b"\0")), set(now.split(b"\0"))
        gone, come = before - after, after - before
        entries = _entries(gone)
        if entries is None or entries != _entries(come):
            return False
        paths = {os.fsencode(path) for path in changed}.union((path for path, *_ in entries), _changed(gone | come))
        contents = _content_ids(listed, paths)
        if not all(self._is_as_before(path, contents.get(path, "")) for path in paths):
            return False
        self.sketches.keep()
        self._write()  # so that the next commit is compared with this one
        return True

    def remember(self, looked_at: Collection[str]) -> None:
        """Note that the commit was found clean. `looked_at`: the files of which only a sketch was asked for."""
        used, fresh = self._tree.used, self.sketches.fresh
        grounds = {path: SHOWN + _shown(fresh[path]) for path in fresh if path in looked_at and path not in used}
        grounds.update({path: CONTENT + self._content(path) for path in used})
        self._grounds = {os.fsencode(path): ground for path, ground in grounds.items()}
        self._sketched = os.fsencode("\0".join(["", *(path for path in looked_at if path not in grounds), ""]))
        self._write()

    def _listed(self) -> bytes | None:
        """git's words on the last clean commit; None where none is remembered."""
        head, _, body = files.read(self._file, LARGEST).partition(b"\n") if self._file else (b"", b"", b"")
        fingerprint, *lengths = head.split(b" ")
        if fingerprint != self._fingerprint(body) or len(lengths) != 2 or not all(map(bytes.isdigit, lengths)):
            return None
        listed, grounds = map(int, lengths)
        lines = body[listed : listed + grounds].split(b"\0")
        self._grounds = {path: ground for ground, _, path in (line.partition(b" ") for line in lines)}
        self._sketched = body[listed + grounds :]
        return body[:listed]

    def _write(self) -> None:
        if self._file and self._tree.listing is not None:
            words = self._tree.listing.words
            grounds = b"\0".join([b"%b %b" % (ground, path) for path, ground in self._grounds.items()])
            body = words + grounds + self._sketched
            files.replace(self._file, b"%b %d %d\n%b" % (self._fingerprint(body), len(words), len(grounds), body))

    def _fingerprint(self, body: bytes) -> bytes:
        return f"{self._program}{files.digest(body)}".encode()

    def _is_as_before(self, name: bytes, content: str) -> bool:
        """Whether a changed file is what it was, as far as the verdict goes; `content`: git's id of what it held."""
        path = os.fsdecode(name)
        ground = self._grounds.get(name, b"")
        if ground.startswith(CONTENT):
            return ground == CONTENT + self._content(path)
        if not ground:
            if b"\0%b\0" % name not in self._sketched:
                return True  # nobody asked about it
            shown = self.sketches.of_content(content)
            if shown is None:
                return False
            ground = SHOWN + _shown(shown)
        self._grounds[name] = ground  # no sketch of its new content may be in the memory
        return ground == SHOWN + self._shown_now(path)

    def _shown_now(self, path: str) -> bytes:
        from precollect.reading.python.sketch import sketch

        try:
            made = sketch(self._tree.peek(path))
        except UnreadableError:
            return b""
        self.sketches.add(path, made)
        return _shown(made)

    def _content(self, path: str) -> bytes:
        """A fingerprint of a file's content, or of why it has none."""
        try:
            return _digest(self._tree.peek(path))
        except UnreadableError as error:
            return _digest(f"{error}\0unreadable".encode())


def _content_ids(listed: bytes, paths: set[bytes]) -> dict[bytes, str]:
    """Path → git's id of the content of these files, as it listed them."""
    found = {}
    for line in listed.split(b"\0"):
        head, _, path = line.partition(b"\t")
        if path in paths and not head.startswith(b"C "):
            found[path] = head.split(b" ")[2].decode()
    return found


def _entries(lines: Iterable[bytes]) -> set[tuple[bytes, ...]] | None:
    """(path, what is known of it but its content) of lines that one side has alone; None where files are missing."""
    found: set[tuple[bytes, ...]] = set()
    for line in lines:
        head, _, path = line.partition(b"\t")
        tag, mode, _, stage = head.split(b" ")
        if tag == b"R":
            return None
        if tag != b"C":
            found.add((path, tag, mode, stage))
    return found


def _changed(lines: Iterable[bytes]) -> set[bytes]:
    """The paths that only one side calls changed."""
    return {line.partition(b"\t")[2] for line in lines if line.startswith(b"C ")}


def _shown(sketch: Sketch) -> bytes:
    return _digest("\t".join(sketch).encode("utf-8", "surrogatepass"))


def _digest(content: bytes) -> bytes:
    return files.digest(content, 16).encode()

"""Sketches of modules: the bytes of a file that git vouches for are looked at once, not in every run.

The file holds a line with the fingerprints of the program and of what follows; a line with git's ids of the contents;
and two lines for each field of their sketches: its different texts, and one character for each content, whose code
tells the number of its text. A tab stands between ids, and between texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from precollect.memory import files
from precollect.reading.git import EMPTY_BLOBS
from precollect.reading.python.facts import Sketch
from precollect.reading.tree import Tree

WORTH_IT = 400  # sketches are written down in the time that making one takes
FIRST = ord(" ")  # the code of the first text; beyond, no character ends a line or a cell
MOST = 200_000  # sketches; there are characters for five times as many
LARGEST = 64 * 1024 * 1024  # bytes, about as many modules


class Column(NamedTuple):
    """One field of many sketches. `numbers`: for each row that of its text."""

    texts: list[str]
    numbers: list[int]


class Sketches:
    """A table of sketches, with a row for each content; new ones stand below those of earlier runs."""

    def __init__(self, tree: Tree, program: str = "") -> None:
        """`program`: its fingerprint; "" remembers nothing, neither from earlier runs nor for later ones."""
        self._program = program
        self._tree = tree
        self._file = files.memory_file("sketches", tree.root) if program and tree.listing is not None else ""
        self.fresh: dict[str, Sketch] = {}
        """Path → sketch, for what the file of the memory lacks."""
        self._made: list[Sketch] = []
        self._texts: dict[int, list[str]] = {}
        self._columns: dict[int, Column] = {}

    @cached_property
    def _kept(self) -> list[str]:
        """The lines of the table from earlier runs; [] where there are none."""
        head, _, body = files.read(self._file, LARGEST).partition(b"\n") if self._file else (b"", b"", b"")
        return body.decode("utf-8", "surrogatepass").split("\n") if head == self._head(body) else []

    @cached_property
    def _kept_rows(self) -> int:
        """The number of rows from earlier runs."""
        return self._kept[0].count("\t") + 1 if self._kept else 0

    @cached_property
    def _rows(self) -> dict[str, int]:
        """git's id of a content → the number of its row."""
        return {content: row for row, content in enumerate(self._kept[0].split("\t"))} if self._kept else {}

    def _head(self, body: bytes) -> bytes:
        return f"{self._program} {files.digest(body)}".encode()

    def rows(self, paths: Sequence[str]) -> dict[str, int]:
        """Path → the number of its row, for those files whose content has one and is vouched for."""
        known = self._rows
        contents = zip(paths, map(self._tree.content_id, paths), strict=True)
        return {path: known[content] for path, content in contents if content in known}

    def of_content(self, content: str) -> Sketch | None:
        """The sketch of a content with this id; None where there is none."""
        row = self._rows.get(content)
        return None if row is None else self.sketch(row)

    def add(self, path: str, sketch: Sketch) -> int:
        """Note the sketch of a file; the number of its row."""
        row = self._kept_rows + len(self._made)
        self._made.append(sketch)
        self.fresh[path] = sketch
        content = self._tree.content_id(path)
        # Nothing is known of a file that could not be read, which looks like an empty one.
        if content and (sketch.magnitude != "0" or content in EMPTY_BLOBS):
            self._rows[content] = row
        return row

    def column(self, field: str) -> Column:
        """One field of all sketches."""
        return self._column(Sketch._fields.index(field))

    def _column(self, field: int) -> Column:
        if field not in self._columns:
            self._columns[field] = self._kept_column(field)
        texts, numbers = self._columns[field]
        made = self._made[len(numbers) - self._kept_rows :]
        if made:
            known = {text: number for number, text in enumerate(texts)}
            numbers += [known.setdefault(sketch[field], len(known)) for sketch in made]
            texts += list(known)[len(texts) :]
        return self._columns[field]

    def _kept_column(self, field: int) -> Column:
        if not self._kept:
            return Column([], [])
        return Column(list(self._kept_texts(field)), [ord(code) - FIRST for code in self._kept[2 + 2 * field]])

    def _kept_texts(self, field: int) -> list[str]:
        if field not in self._texts:
            self._texts[field] = self._kept[1 + 2 * field].split("\t")
        return self._texts[field]

    def sketch(self, row: int) -> Sketch:
        """The sketch in a row."""
        if row >= self._kept_rows:
            return self._made[row - self._kept_rows]
        fields = range(len(Sketch._fields))
        return Sketch._make(self._kept_texts(field)[ord(self._kept[2 + 2 * field][row]) - FIRST] for field in fields)

    def keep(self) -> None:
        """Write down the sketches of what the tree holds, if enough of them are new."""
        new = len(self._rows) - self._kept_rows if self._file and self._made else 0
        if new and new * WORTH_IT >= len(self._rows) and len(self._rows) <= MOST:
            alive = set(map(self._tree.content_id, self._tree))
            rows = {content: row for content, row in self._rows.items() if content in alive}
            lines = ["\t".join(rows)]
            for field in range(len(Sketch._fields)):
                texts, numbers = self._column(field)
                known: dict[str, int] = {}
                codes = [known.setdefault(texts[numbers[row]], len(known)) for row in rows.values()]
                lines += ["\t".join(known), "".join([chr(FIRST + code) for code in codes])]
            body = "\n".join(lines).encode("utf-8", "surrogatepass")
            files.replace(self._file, self._head(body) + b"\n" + body)
            self.fresh = {
                path: sketch for path, sketch in self.fresh.items() if self._tree.content_id(path) not in rows
            }

"""The Python files of a tree: each read at most once, and no more thoroughly than somebody asks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from precollect.model import imports
from precollect.reading.python.facts import Module, Scan
from precollect.reading.python.glance import Glance, glance
from precollect.reading.python.plain_marks import PlainMarks, plain_marks
from precollect.reading.python.scan import scan
from precollect.reading.tree import Tree, UnreadableError

if TYPE_CHECKING:
    from precollect.reading.python.parameters import Parametrize

NOTHING = b""
MOST_BYTES = 16 * 1024 * 1024


class Modules:
    """Facts about Python files: by their bytes (`scan`), and by their syntax tree (`read`)."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._scans: dict[str, Scan] = {}
        self._plain_marks: dict[str, PlainMarks] = {}
        self._modules: dict[str, Module] = {}
        self._kept: dict[str, bytes] = {}
        self._room = MOST_BYTES
        self._glances: dict[str, Glance] = {}
        self._alone: dict[str, Module] = {}
        self._compiles: dict[str, bool] = {}
        self._parametrized: dict[str, tuple[Parametrize, ...]] = {}

    def scan(self, path: str) -> Scan:
        """What the bytes of a file show; of a file without content for us, nothing."""
        if path not in self._scans:
            self._look(path)
        return self._scans[path]

    def glance(self, path: str) -> Glance:
        """What a closer look at a test module may find; of a file without content for us, nothing."""
        if path not in self._glances:
            self._glances[path] = glance(self.data(path))
        return self._glances[path]

    def plain_marks(self, path: str) -> PlainMarks:
        """What the bytes of a file show of its flaky and asyncio marks; of a file without content, nothing."""
        if path not in self._plain_marks:
            self._look(path)
        return self._plain_marks[path]

    def _look(self, path: str) -> None:
        """One reading of a file for what nearly every run asks of it."""
        data = self.data(path)
        self._scans[path] = scan(data)
        self._plain_marks[path] = plain_marks(data)

    def mentions(self, path: str, word: bytes) -> bool:
        """Whether the bytes of a file hold a word."""
        return word in self.data(path)

    def holds(self, path: str, pattern: re.Pattern[bytes]) -> bool:
        """Whether the bytes of a file hold a pattern."""
        return pattern.search(self.data(path)) is not None

    def all(self, path: str, pattern: re.Pattern[bytes]) -> set[bytes]:
        """What the only group of a pattern matches anywhere in the bytes of a file."""
        return set(pattern.findall(self.data(path)))

    def read(self, path: str) -> Module:
        """All facts of a file; `unknown` says why there are none."""
        if path not in self._modules:
            from precollect.reading.python.module import read

            try:
                data = self._kept.get(path) or self._tree.read_once(path)
            except UnreadableError as error:
                self._modules[path] = Module(unknown=str(error))
            else:
                self._modules[path] = read(data, path, self._imported)
        return self._modules[path]

    def read_alone(self, path: str) -> Module:
        """The facts that the file alone tells: faster, as nothing that it imports is read."""
        if path in self._modules:
            return self._modules[path]
        if path not in self._alone:
            from precollect.reading.python.module import read

            self._alone[path] = read(self.data(path), path)
        return self._alone[path]

    def compiles(self, path: str) -> bool:
        """Whether our Python takes the text of a file; where it does not, `read` tells whether another might."""
        if path not in self._compiles:
            from precollect.reading.python.syntax import compiles

            self._compiles[path] = compiles(self.data(path))
        return self._compiles[path]

    def parametrized(self, path: str) -> tuple[Parametrize, ...]:
        """The calls of parametrize in a module, as they are written."""
        if path not in self._parametrized:
            from precollect.reading.python.parameters import read

            self._parametrized[path] = read(self.data(path))
        return self._parametrized[path]

    def _imported(self, module: str, importer: str) -> tuple[str, bytes] | None:
        """Path and content of a module of the repository that a file imports; None for one from elsewhere."""
        if module.startswith("."):
            path = imports.relative_file(self._tree, module, importer)
        else:
            folders = [imports.base_folder(self._tree, importer), "", "src", "lib"]
            path = imports.module_file(self._tree, module, folders)
        if path is None:
            return None
        try:
            return path, self._tree.read_once(path)
        except UnreadableError:
            return None

    def data(self, path: str) -> bytes:
        """The bytes of a file; b"" where it has no content for us.

        Small repositories stay in memory, since several rules look at the same files; of large
        ones only MOST_BYTES.
        """
        data = self._kept.get(path)
        if data is None:
            try:
                data = self._tree.read_once(path)
            except UnreadableError:
                data = NOTHING
            if self._room >= len(data):
                self._room -= len(data)
                self._kept[path] = data
        return data

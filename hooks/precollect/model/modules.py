"""The Python files of a tree: each read at most once, and no more thoroughly than somebody asks."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING

from precollect.memory.sketches import Column, Sketches
from precollect.model import imports
from precollect.reading.python.facts import Flag, Module, Sketch, words
from precollect.reading.tree import Tree, UnreadableError

if TYPE_CHECKING:
    from precollect.reading.python.parameters import Parametrize

NOTHING = b""
MANY = 500  # files from which on it pays to start processes for them


class Modules:
    """Facts about Python files: by their bytes (`sketch`), and by their syntax tree (`read`)."""

    def __init__(self, tree: Tree, memory: Sketches | None = None) -> None:
        """`memory`: the sketches of earlier runs."""
        self._tree = tree
        self._table = memory or Sketches(tree)
        self._rows: dict[str, int] = {}
        self._modules: dict[str, Module] = {}
        self._mentions: dict[tuple[str, bytes], bool] = {}
        self._alone: dict[str, Module] = {}
        self._compiles: dict[str, bool] = {}
        self._parametrized: dict[str, tuple[Parametrize, ...]] = {}

    def sketch(self, path: str) -> Sketch:
        """What the bytes of a file show; of a file without content for us, nothing."""
        return self._table.sketch(self.rows([path])[0])

    def rows(self, paths: Sequence[str]) -> list[int]:
        """The numbers of the sketches of files; those that are missing are made at once."""
        missing = [path for path in paths if path not in self._rows]
        if missing:
            self._look_at(missing)
        return [self._rows[path] for path in paths]

    def column(self, field: str, rows: Sequence[int]) -> Column:
        """One field of the sketches of these numbers."""
        texts, numbers = self._table.column(field)
        return Column(texts, [numbers[row] for row in rows])

    def shows(self, path: str, flag: Flag) -> bool:
        """Whether the sketch of a file raises a flag."""
        return flag in words(self.sketch(path).flags)

    @property
    def looked_at(self) -> Collection[str]:
        """Every file that was asked for its sketch."""
        return self._rows.keys()

    def _look_at(self, paths: Sequence[str]) -> None:
        """See to it that there are sketches of files."""
        known = self._table.rows(paths)
        self._rows.update(known)
        missing = [path for path in paths if path not in known]
        if not missing:
            return
        from precollect.reading.python.sketch import sketch  # costly, and mostly all is remembered

        # A link is followed here, as the tree remembers where it led.
        files = [path for path in missing if not self._tree.is_link(path)] if len(missing) >= MANY else []
        if files:
            from precollect.reading.processors import spread

            for path, cells in zip(files, spread(partial(_sketches, self._tree.apart()), files), strict=True):
                self._rows[path] = self._table.add(path, Sketch._make(cells))
        for path in missing:
            if path not in self._rows:
                self._rows[path] = self._table.add(path, sketch(_content(self._tree, path)))

    def mentions(self, path: str, word: bytes) -> bool:
        """Whether the bytes of a file hold a word."""
        asked = (path, word)
        if asked not in self._mentions:
            self._mentions[asked] = word in self.data(path)
        return self._mentions[asked]

    def holds(self, path: str, pattern: bytes) -> bool:
        """Whether the bytes of a file hold a regular expression, which is compiled when it is first asked for."""
        return re.search(pattern, self.data(path)) is not None

    @cached_property
    def names_given(self) -> frozenset[bytes]:
        """The texts that stand as `name="TEXT"` anywhere in the Python files of the tree."""
        given = re.compile(rb"name\s*=\s*(?=[\"']([^\"'\n]*)[\"'])")
        return frozenset(name for path in self._tree if path.endswith(".py") for name in given.findall(self.data(path)))

    def read(self, path: str) -> Module:
        """All facts of a file; `unknown` says why there are none."""
        if path not in self._modules:
            from precollect.reading.python.module import read

            try:
                data = self._tree.read_once(path)
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
        """The bytes of a file; b"" where it has no content for us."""
        self._tree.used.add(path)
        return _content(self._tree, path)


def _sketches(tree: Tree, paths: Sequence[str]) -> list[Sketch]:
    """The sketches of files; those of a file without content for us show nothing."""
    from precollect.reading.python.sketch import sketch

    return [sketch(_content(tree, path)) for path in paths]


def _content(tree: Tree, path: str) -> bytes:
    try:
        return tree.peek(path)
    except UnreadableError:
        return NOTHING

"""Files that start pytest, and the calls of it that stand there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from precollect.reading.launches.calls import Call
from precollect.reading.text import Text
from precollect.reading.tree import Tree, UnreadableError

LARGEST = 1 << 18  # characters; no file that people write to start tests is larger
"""Of a file."""


def calls(tree: Tree) -> Iterator[Call]:
    """Every call of pytest in the files that start it, as far as those tell."""
    for path in tree:
        kind = _kind(path)
        if not kind:
            continue
        try:
            data = tree.read_once(path)
        except UnreadableError:
            continue
        if (b"pytest" in data or b"py.test" in data) and len(data) <= LARGEST:
            yield from _reader(kind)(_text(path, data))


def _text(path: str, data: bytes) -> Text:
    return Text(path, data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n"))


def _kind(path: str) -> str:
    """What kind of file a path is; "" for one that starts nothing."""
    if path.startswith(".github/workflows/"):
        return "github" if path.endswith((".yml", ".yaml")) and path.count("/") == 2 else ""
    return ""


def _reader(kind: str) -> Callable[[Text], Iterator[Call]]:
    if kind == "github":
        from precollect.reading.launches import github

        return github.read
    raise AssertionError(kind)

"""Writing the baseline, whole or less what is solved."""

from __future__ import annotations

import os
from collections.abc import Sequence

from precollect.baseline import Baseline, Entry, parse, renewed, text, without
from precollect.editing.changes import RefusedError
from precollect.editing.writer import write_file
from precollect.errors import CannotWorkError
from precollect.findings import Finding
from precollect.judging import Scope
from precollect.reading.tree import Tree


def write(tree: Tree, path: str, findings: Sequence[Finding], scope: Scope) -> str:
    """Note the findings; returns one line that says so. Raises CannotWorkError where the file cannot be written.

    What stands in the file already and this run does not ask about stays: the work tree's file, tracked or not.
    """
    old = _on_disk(os.path.join(tree.root, path))
    before = (parse(path, old) if old is not None else None) or Baseline(path)
    entries = renewed(before, findings, scope)
    asked = {folder or "." for folder in scope.folders}
    folders = asked if asked.issuperset(before.folders) else asked.union(before.folders)
    new = text(folders, entries).encode("ascii")
    if new != old:
        _write(tree.root, path, old, new)
    number = "1 finding" if len(findings) == 1 else f"{len(findings)} findings"
    rest = "commit the change" if path in tree else f"it counts once it is tracked: git add {path}"
    return f"{number} noted in {path}; " + ("nothing has changed" if new == old and path in tree else rest)


def prune(root: str, known: Baseline, solved: Sequence[Entry]) -> str:
    """Take solved entries out; returns one line that says so. Raises CannotWorkError as `write` does."""
    entries = without(known, solved)
    _write(root, known.path, known.content, text(known.folders, entries).encode("ascii"))
    number = "1 entry" if len(solved) == 1 else f"{len(solved)} entries"
    return f"fixed {known.path}: {number} no longer found"


def _on_disk(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CannotWorkError(f"{path}: {(error.strerror or 'unreadable').lower()}") from None


def _write(root: str, path: str, old: bytes | None, new: bytes) -> None:
    try:
        write_file(root, path, old, new)
    except RefusedError as error:
        raise CannotWorkError(f"the baseline is not written: {error}") from None

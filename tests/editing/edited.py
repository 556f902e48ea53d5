"""One file after one edit."""

from __future__ import annotations

from pathlib import Path

from precollect.editing.writer import preview
from precollect.findings import Edit, Fix


def edited(folder: Path, before: bytes, edit: Edit) -> bytes:
    """What the file of an edit, which holds `before`, would hold after it; fails where the edit is refused."""
    (folder / edit.path).write_bytes(before)
    planned = preview(str(folder), [Fix("Do it", True, (edit,))])
    assert planned.refused == ()
    old, new = planned.files.get(edit.path, (before, before))
    assert old == before
    return new

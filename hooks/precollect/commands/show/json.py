"""The view for programs: its fields are the keys, places are objects with path, line and column."""

from __future__ import annotations

from json import dumps
from typing import Any

from precollect.commands.show.view import View


def json(view: View) -> str:
    """One JSON document in plain ASCII."""
    return dumps({"version": 1, **_plain(view)}, indent=2) + "\n"


def _plain(value: Any) -> Any:
    """A value without our types: named tuples become objects, all others lists."""
    if isinstance(value, tuple):
        if hasattr(value, "_asdict"):
            return {key: _plain(held) for key, held in value._asdict().items()}
        return [_plain(held) for held in value]
    return value

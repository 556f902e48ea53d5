"""Whether Python takes a text, without making a syntax tree of it."""

from __future__ import annotations

import warnings


def compiles(data: bytes) -> bool:
    """Whether this Python takes the text of a module: three times as fast as `source.parse`, which knows why not."""
    import symtable

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            symtable.symtable(data, "", "exec")  # type: ignore[arg-type]  # bytes are fine, and tell their encoding
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True

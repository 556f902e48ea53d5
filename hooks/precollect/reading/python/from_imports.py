"""The `from` imports at the left margin of a file, by its bytes."""

from __future__ import annotations

import re
from functools import lru_cache

COMMENT = re.compile(rb"#[^\n]*")
NAME = re.compile(rb"(\w+)(?:[ \t]+as[ \t]+\w+)?[ \t]*[,\s)]*")


@lru_cache(maxsize=4096)  # most modules of a project import the same
def from_import(module: bytes, listed: bytes) -> str:
    """The module as written and the names that are imported from it, with a space between.

    `listed`: what stands behind `import`, as far as the bracket or the line goes. What stands at the right of `as` is
    left out. Never raises.
    """
    if b"#" in listed:
        listed = COMMENT.sub(b"", listed)
    return b" ".join([module, b" ".join(NAME.findall(listed))]).decode("ascii", "replace")

"""The `from` imports at the left margin of a file, by its bytes."""

from __future__ import annotations

import re

FROM = re.compile(rb"\nfrom[ \t]+(\.*[\w.]*)[ \t]+import[ \t]*(\((?:[^()#]|#[^\n]*\n)*\)|[^\n(#;]+)")
COMMENT = re.compile(rb"#[^\n]*")
NAME = re.compile(rb"(\w+)(?:[ \t]+as[ \t]+\w+)?[ \t]*[,\s)]*")


def from_imports(data: bytes) -> list[list[str]]:
    """[module as written, the names that are imported from it, with a space between], in the order of the file.

    Texts are not told from code, and what stands at the right of `as` is left out. Never raises.
    """
    found = FROM.findall(b"\n" + data if data.startswith(b"from") else data)
    return [[module.decode("ascii", "replace"), _names(listed)] for module, listed in found]


def _names(listed: bytes) -> str:
    if b"#" in listed:
        listed = COMMENT.sub(b"", listed)
    return b" ".join(NAME.findall(listed)).decode("ascii", "replace")

"""The text of a Python file: the encoding that it declares (PEP 263), UTF-8 otherwise."""

from __future__ import annotations

import re
from codecs import BOM_UTF8

# Compiled where a file may declare one: few do.
COOKIE = rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)"
BLANK = rb"[ \t\f]*(?:#|$)"
FIRST_LINES = 1000  # bytes in which a declaration is looked for


def decode(data: bytes) -> str | None:
    """The text of a file; None where its encoding is unknown or does not fit."""
    encoding = "utf-8"
    if data.startswith(BOM_UTF8):
        data = data[len(BOM_UTF8) :]
    elif b"coding" in data[:FIRST_LINES]:
        encoding = declared_encoding(data)
    try:
        return data.decode(encoding)
    except (LookupError, ValueError):  # "rot13" is a codec, but not one that decodes bytes
        return None


def declared_encoding(data: bytes) -> str:
    """The encoding named in a comment of the first two lines, "utf-8" where none is."""
    first, _, rest = data[:FIRST_LINES].replace(b"\r", b"\n").partition(b"\n")
    match = re.match(COOKIE, first)
    if match is None and re.match(BLANK, first):
        match = re.match(COOKIE, rest.lstrip(b"\n").partition(b"\n")[0])
    return match[1].decode("ascii", "replace").lower() if match else "utf-8"

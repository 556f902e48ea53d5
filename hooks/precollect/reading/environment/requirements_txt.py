"""Requirements files in pip's format, and constraints, which look the same.

Source: pip's documentation, "Requirements File Format".
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from functools import partial

from precollect.reading.environment.sets import Key, Requirements
from precollect.reading.environment.tables import UnreadableSourceError
from precollect.reading.text import Text
from precollect.reading.tree import Tree, UnreadableError

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins as UTF-16 does, so it is asked first
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def read(tree: Tree, path: str) -> list[Requirements]:
    """The set of the file. Raises UnreadableSourceError."""
    try:
        text = Text(path, decoded(tree.read(path)))
    except UnreadableError as error:
        raise UnreadableSourceError(str(error)) from None
    requirements = Requirements(Key("file", path), path)
    for line, offset in lines(text.content):
        requirements.add(line, partial(text.place, offset))
    return [requirements]


def lines(text: str) -> Iterator[tuple[str, int]]:
    """The logical lines without comments and per-requirement options, and the offset of each one's first letter."""
    start = 0
    parts: list[str] = []
    begins = 0
    for line in text.split("\n"):
        if not parts:
            begins = start + len(line) - len(line.lstrip())
        start += len(line) + 1
        if parts and line.lstrip().startswith("#"):  # a comment line ends a continued one
            line = ""
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            parts.append(line[:-1])
            continue
        parts.append(line)
        if cut := _without_options(without_comment("".join(parts))):
            yield cut, begins
        parts = []
    if parts and (cut := _without_options(without_comment("".join(parts)))):
        yield cut, begins


def without_comment(line: str) -> str:
    """The line without the comment at its end: "#" begins one at the line's start or behind a blank."""
    stripped = line.strip()
    if stripped.startswith("#"):
        return ""
    for mark in (" #", "\t#"):
        stripped = stripped.partition(mark)[0]
    return stripped.rstrip()


def _without_options(line: str) -> str:
    """A requirement without the options behind it: hashes, mostly."""
    return line if line.startswith("-") else line.partition(" --")[0].rstrip()


def decoded(data: bytes) -> str:
    """The text of a requirements file, with "\\n" for every kind of newline.

    A byte order mark decides the encoding, then UTF-8 is tried; else every byte is one character.
    """
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            text = data[len(mark) :].decode(encoding, "replace")
            break
    else:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text = data.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text

"""Comments behind a value in an INI file: pytest drops only comments on lines of their own, all others are value.

Source: iniconfig 2.3.1, `_parse.py`.
"""

from __future__ import annotations

from typing import NamedTuple

from precollect.catalog import IniKey
from precollect.findings import Place
from precollect.model.values import Value
from precollect.reading.ini import Ini, comment_behind, without_comment
from precollect.reading.words import BLANKS, UnclosedError, spans

MARKS = "#;"


class Comment(NamedTuple):
    """`text`: the first comment, with its mark; `value`: what the author meant the value to be."""

    text: str
    value: str
    place: Place


def comment_in(source: object, value: Value, key: IniKey) -> Comment | None:
    """The first comment that has become part of a value; None where there is none."""
    text = value.text
    if not isinstance(source, Ini) or value.entry is None or text is None:
        return None
    start = comment_behind(text) if key.type not in {"args", "paths"} else _start_of_word(text)
    if start is None:
        return None
    end = text.find("\n", start)
    comment = text[start:] if end < 0 else text[start:end]
    return Comment(comment, "\n".join(map(without_comment, text.split("\n"))), value.entry.at(start))


def _start_of_word(text: str) -> int | None:
    """The offset of the first word that begins as a comment does, unquoted, behind another on its line."""
    try:
        for word in spans(text):
            before = text[: word.start].rpartition("\n")[2]
            if text[word.start] in MARKS and before.strip(BLANKS):
                return word.start
    except UnclosedError as error:
        start = comment_behind(text)
        return start if start is not None and start < error.offset else None
    return None

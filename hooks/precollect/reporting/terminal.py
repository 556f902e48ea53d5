"""What a stream can show: colours, characters, and how many cells these take."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Literal, NamedTuple, TextIO

Style = Literal["bold", "red", "yellow", "cyan", "green"]
CODES: Mapping[Style, str] = {"bold": "1", "red": "1;31", "yellow": "1;33", "cyan": "1;36", "green": "1;32"}


class Look(NamedTuple):
    """How to write to a stream. `colour`: with escape sequences; `encoding`: the characters that it takes."""

    colour: bool = False
    encoding: str = "utf-8"

    def paint(self, text: str, style: Style) -> str:
        """The text in a colour, or as it is where the stream shows none."""
        return f"\x1b[{CODES[style]}m{text}\x1b[0m" if self.colour else text


def look_of(stream: TextIO | None, environ: Mapping[str, str]) -> Look:
    """How to write to this stream: colours on a terminal only, unless NO_COLOR or FORCE_COLOR says otherwise.

    None is a stream that is closed. Both variables count when set to anything but the empty text, NO_COLOR wins
    (https://no-color.org, https://force-color.org); FORCE_COLOR=0 is understood as the "no" that its author meant.
    """
    if stream is None:
        return Look()
    encoding = stream.encoding or "utf-8"
    if environ.get("NO_COLOR"):
        return Look(False, encoding)
    forced = environ.get("FORCE_COLOR", "")
    if forced:
        return Look(forced != "0", encoding)
    # A Windows console obeys escape sequences only where it is Windows Terminal, or something that sets TERM.
    able = environ.get("TERM") != "dumb" and (os.name != "nt" or "WT_SESSION" in environ or "TERM" in environ)
    return Look(able and stream.isatty(), encoding)


def visible(text: str, encoding: str) -> str:
    """The text with an escape (`\\x1b`) for each character that a terminal would obey or the encoding lacks."""
    if text.isascii() and text.isprintable():
        return text
    return "".join([_shown(character, encoding) for character in text])


def _shown(character: str, encoding: str) -> str:
    if character.isprintable():
        try:
            character.encode(encoding)
            return character
        except UnicodeEncodeError:
            pass
    return ascii(character)[1:-1]


def width(text: str) -> int:
    """The cells that printable text takes in a terminal: CJK and emoji two each, combining characters none."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    cells = 0
    for character in text:
        if category(character) not in ("Mn", "Me"):
            cells += 2 if east_asian_width(character) in "WF" else 1
    return cells

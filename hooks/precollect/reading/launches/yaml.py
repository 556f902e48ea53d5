"""The part of YAML that pipelines are written in, read with the place of every text.

Block mappings and lists, plain and quoted texts, block texts (`|`, `>`), lists in brackets on one
line. Whatever goes beyond (anchors, aliases, tags, escapes, merged keys, flow over several lines) is
UNKNOWN where it stands, and a file whose layout cannot be followed is UNKNOWN as a whole. What is
read is what PyYAML reads; scalars stay texts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final

from precollect.reading.launches.piece import Piece, joined, piece
from precollect.reading.text import Text

KEY: Final = re.compile(
    r"""(?P<key>"[^"\\]*"|'[^']*'|[^\s#&*!|>'"%@`,\[\]{}?:-](?:[^#:"'{}\[\]]|:(?=\S))*?|-[^\s:#'"]+)\s*:(?=\s|$)"""
)
BLOCK: Final = re.compile(r"(?P<style>[|>])(?P<chomp>[+-]?)\s*(?:#.*)?$")
DEEPEST = 40  # levels; no pipeline has more


class Unknown:
    """What is there, but not understood."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()
Node = Piece | Unknown | list["Node"] | dict[str, "Node"]


class _UnusualError(Exception):
    """A layout that this reader does not follow."""


def read(source: Text) -> Node:
    """The document of a file; UNKNOWN where it cannot be followed. An empty value is an empty text."""
    try:
        reader = _Reader(source)
        node = reader.node(0, 0)
        return UNKNOWN if reader.peek() is not None else node
    except _UnusualError:
        return UNKNOWN


def texts(key: str, names: Collection[str], *levels: Mapping[str, Node]) -> dict[str, Piece | None]:
    """The texts of these names in the mapping that a key of each level holds, of the last level that has them.

    None for those that are not known.
    """
    found: dict[str, Piece | None] = {}
    for level in levels:
        held = level.get(key, {})
        if not isinstance(held, dict):
            return dict.fromkeys(names)
        for name in names:
            if name in held:
                value = held[name]
                found[name] = value if isinstance(value, Piece) else None
    return found


class _Reader:
    """One pass over the lines of a document."""

    def __init__(self, source: Text) -> None:
        self.source = source
        self.lines = source.content.split("\n")
        self.offsets = [0]
        for line in self.lines:
            self.offsets.append(self.offsets[-1] + len(line) + 1)
        self.number = 0
        if self.lines and self.lines[0].startswith("\ufeff"):
            self.lines[0] = " " + self.lines[0][1:]
        opening = next((number for number, line in enumerate(self.lines) if line.strip() and line[0] != "#"), 0)
        if self.lines[opening].rstrip() == "---":
            self.lines[opening] = ""

    def peek(self) -> int | None:
        """The indent of the next line that says something; None at the end."""
        while self.number < len(self.lines):
            line = self.lines[self.number]
            content = line.lstrip(" ")
            if content.startswith("\t") and content.strip():
                raise _UnusualError
            if content.strip() and not content.startswith("#"):
                if content.startswith(("---", "...", "%")) and content == line:
                    raise _UnusualError
                return len(line) - len(content)
            self.number += 1
        return None

    def node(self, least: int, depth: int) -> Node:
        """The node whose lines are indented by at least so many blanks; an empty text where there are none."""
        indent = self.peek()
        if indent is None or indent < least:
            return piece(self.source, self.offsets[min(self.number, len(self.lines) - 1)], "")
        if depth > DEEPEST:
            raise _UnusualError
        content = self.lines[self.number][indent:]
        if content == "-" or content.startswith("- "):
            return self._list(indent, depth)
        if KEY.match(content):
            return self._mapping(indent, depth)
        return self._value(indent, indent - 1)

    def _list(self, indent: int, depth: int) -> Node:
        items: list[Node] = []
        while self.peek() == indent:
            line = self.lines[self.number]
            rest = line[indent + 1 :]
            if line[indent] != "-" or not (rest == "" or rest.startswith(" ")):
                break
            content = rest.lstrip(" ")
            if not content or content.startswith("#"):
                self.number += 1
                items.append(self.node(indent + 1, depth + 1))
                continue
            column = len(line) - len(content)
            if content == "-" or content.startswith("- ") or KEY.match(content):
                self.lines[self.number] = " " * column + content
                items.append(self.node(column, depth + 1))
            else:
                items.append(self._value(column, indent))
        return items

    def _mapping(self, indent: int, depth: int) -> Node:
        found: dict[str, Node] = {}
        while self.peek() == indent:
            line = self.lines[self.number]
            match = KEY.match(line, indent)
            if match is None:
                if line.startswith("-", indent):
                    break
                raise _UnusualError
            key = match["key"].strip("\"'") if match["key"][0] in "\"'" else match["key"].rstrip()
            rest = line[match.end() :]
            content = rest.lstrip(" \t")
            if not content or content.startswith("#"):
                self.number += 1
                following = self.peek()
                same = following == indent and re.match(r"-(\s|$)", self.lines[self.number][indent:])
                value = self.node(indent if same else indent + 1, depth + 1)
            else:
                value = self._value(len(line) - len(content), indent, lists=True)
            found[key] = UNKNOWN if key in found else value
        return found

    def _value(self, column: int, parent: int, *, lists: bool = False) -> Node:
        """The value that begins in a column of this line, and goes on in lines indented more than its parent.

        `lists`: where a list may go on at the indent of the parent itself, as that of a key may.
        """
        content = self.lines[self.number][column:].rstrip()
        if not content:  # a form feed, say, which is no blank for YAML
            raise _UnusualError
        block = BLOCK.match(content)
        if block is not None:
            return self._block(parent, folded=block["style"] == ">")
        if content[0] in "&*!%@`|>":
            if content[0] in "%@`":
                raise _UnusualError
            self.number += 1
            return self._skip(parent, lists=lists)
        if content[0] in "[{":
            return self._flow(column)
        if content[0] in "\"'":
            quoted = re.match(r"\"([^\"\\]*)\"\s*(#.*)?$|'([^']*)'\s*(#.*)?$", content)
            self.number += 1
            if quoted is None:
                return self._skip(parent)
            start = self.offsets[self.number - 1] + column + 1
            return piece(self.source, start, next(text for text in (quoted[1], quoted[3]) if text is not None))
        return self._plain(column, parent)

    def _skip(self, parent: int, *, lists: bool = False) -> Unknown:
        """Leave out the lines that belong to something unknown."""
        while (indent := self.peek()) is not None:
            item = lists and indent == parent and re.match(r"-(\s|$)", self.lines[self.number][indent:])
            if indent <= parent and not item:
                break
            self.number += 1
        return UNKNOWN

    def _plain(self, column: int, parent: int) -> Node:
        """A text without quotes; its lines are joined by blanks."""
        pieces = []
        blank = False
        while True:
            line = self.lines[self.number]
            text = re.split(r"\s#", line[column:], maxsplit=1)[0].rstrip()
            pieces.append(piece(self.source, self.offsets[self.number] + column, text))
            self.number += 1
            ended = len(line[column:].rstrip()) > len(text)
            before = self.number
            indent = self.peek()
            blank = blank or self.number > before
            if indent is None or indent <= parent:
                break
            if ended or KEY.match(self.lines[self.number], indent):
                raise _UnusualError
            column = indent
        if len(pieces) == 1:
            return pieces[0]
        return UNKNOWN if blank else joined(pieces, " ")

    def _block(self, parent: int, *, folded: bool) -> Node:
        """A text of several lines, the indent taken off. The newline at its end does not count."""
        self.number += 1
        indent: int | None = None
        pieces: list[Piece] = []
        unusual = False
        while self.number < len(self.lines):
            line = self.lines[self.number]
            here = len(line) - len(line.lstrip(" "))
            if line.strip():
                if here <= parent:
                    break
                indent = here if indent is None else indent
                if here < indent:
                    raise _UnusualError
                unusual |= folded and (here > indent or line[indent] == "\t")
            start = min(indent or 0, len(line))
            pieces.append(piece(self.source, self.offsets[self.number] + start, line[start:]))
            self.number += 1
        while pieces and not pieces[-1].text.strip():
            pieces.pop()
        if folded:
            unusual |= any(not each.text.strip() for each in pieces)
        if unusual:
            return UNKNOWN
        if not pieces:
            return piece(self.source, self.offsets[min(self.number, len(self.lines) - 1)], "")
        return joined(pieces, " " if folded else "\n")

    def _flow(self, column: int) -> Node:
        """A list of texts in brackets on one line; UNKNOWN for any other flow."""
        content = self.lines[self.number][column:].rstrip()
        simple = re.fullmatch(r"\[([^\[\]{}#&*!\\]*)\]\s*(#.*)?", content)
        if simple is not None and not re.search(r":(\s|$)", simple[1]):
            self.number += 1
            items: list[Node] = []
            for item in re.finditer(r"[^,]+", simple[1]):
                text = item[0].strip()
                quote = text[:1] in {'"', "'"}
                start = column + 1 + item.start() + len(item[0]) - len(item[0].lstrip())
                text = text[1:-1] if quote and len(text) > 1 and text[0] == text[-1] else text
                if '"' in text or "'" in text:
                    return UNKNOWN
                if text or quote:
                    items.append(piece(self.source, self.offsets[self.number - 1] + start + quote, text))
            return items
        balance = 0
        while self.number < len(self.lines):
            text = self.lines[self.number][column:]
            if re.search(r"[\"'#]", text):
                text = re.sub(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'|(?:^|\s)#.*$", "", text)
            balance += len(re.findall(r"[\[{]", text)) - len(re.findall(r"[\]}]", text))
            column = 0
            self.number += 1
            if balance <= 0:
                return UNKNOWN
        raise _UnusualError

"""YAML as pipelines write it: what is read is what PyYAML reads, and every character has its place."""

from __future__ import annotations

import pytest
import yaml as pyyaml  # type: ignore[import-untyped]

from precollect.reading.launches.piece import Piece
from precollect.reading.launches.yaml import UNKNOWN, Node, read
from precollect.reading.text import Text
from running import in_time

READ = {
    "nothing": "",
    "only comments": "# a\n\n# b\n",
    "texts": "a: b\nc: 'd e'\nf: \"g: h\"\ni: # nothing\n",
    "a document's beginning": "# licence\n---\na: b\n",
    "lists below their key": "a:\n- b\n- c: d\n  e: f\n-\n  g: h\n",
    "lists within lists": "- - a\n  - b\n- c\n",
    "a list indented more": "a:\n    - b\n    - c\nd: e\n",
    "a block, its newlines kept": "run: |\n  a\n    b\n\n  c # no comment\nnext: x\n",
    "a block that is folded": "run: >-\n  a\n  b\nnext: x\n",
    "a block in a list": "- |\n  a\n  b\n- c\n",
    "an empty block": "a: |\nb: c\n",
    "a block at the end": "a: |+\n  b\n\n",
    "a text over several lines": "run: pytest\n  -q\n  --cov\nb: c\n",
    "texts in brackets": "on: [push, 'pull', \"x\"]\nb: []\n",
    "keys with odd letters": "a-b.c/d: e\n'f g': h\n.i: j\nk:l: m\n-n: o\n",
    "a colon and a hash within a text": "a: b:c#d\n",
    "expressions": "a: ${{ b }}-${{ c }}\nif: a == 'b'\n",
}

PARTLY = {
    "an anchor": ("a: &x\n  b: c\nd: e\n", {"a": UNKNOWN, "d": "e"}),
    "an anchor before a list": ("a: &x\n- b\n- c\nd: e\n", {"a": UNKNOWN, "d": "e"}),
    "an alias": ("- *a\n- b\n", [UNKNOWN, "b"]),
    "a tag": ("a: !ref [b, c]\nd: e\n", {"a": UNKNOWN, "d": "e"}),
    "a mapping in braces": ("a: {b: c}\nd: e\n", {"a": UNKNOWN, "d": "e"}),
    "brackets over several lines": ("a: [\n  b,\n]\nd: e\n", {"a": UNKNOWN, "d": "e"}),
    "escapes": ('a: "b\\n"\nd: e\n', {"a": UNKNOWN, "d": "e"}),
    "quotes over several lines": ('a: "b\n  c"\nd: e\n', {"a": UNKNOWN, "d": "e"}),
    "a key twice": ("a: b\na: c\n", {"a": UNKNOWN}),
    "a folded block with a paragraph": ("a: >\n  b\n\n  c\nd: e\n", {"a": UNKNOWN, "d": "e"}),
    "a block whose indent is given": ("a: |2\n   b\nd: e\n", {"a": UNKNOWN, "d": "e"}),
}

UNFOLLOWED = {
    "tabs": "a:\n\tb: c\n",
    "two documents": "a: b\n---\nc: d\n",
    "a line that is no key": "a: b\nc\n",
    "a directive": "%YAML 1.2\n---\na: b\n",
    "brackets that are never closed": "a: [b\n",
    "deeper than anybody writes": "".join(" " * number + "a:\n" for number in range(100)),
}


def plain(node: Node) -> object:
    """The node as PyYAML would give it; an empty text is what it has for nothing."""
    if isinstance(node, Piece):
        return node.text
    if isinstance(node, dict):
        return {key: plain(value) for key, value in node.items()}
    return [plain(item) for item in node] if isinstance(node, list) else node


def texts(node: Node) -> list[Piece]:
    if isinstance(node, Piece):
        return [node]
    below = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return [found for each in below for found in texts(each)]


def without_newlines(node: object) -> object:
    """PyYAML's answer without the newline at the end of blocks, which no shell minds."""
    if isinstance(node, dict):
        return {key: without_newlines(value) for key, value in node.items()}
    return [without_newlines(item) for item in node] if isinstance(node, list) else str(node or "").rstrip("\n")


@pytest.mark.parametrize("text", READ.values(), ids=READ)
def test_what_is_read_is_what_pyyaml_reads(text: str) -> None:
    assert plain(read(Text("a.yml", text))) == without_newlines(pyyaml.load(text, pyyaml.BaseLoader))


@pytest.mark.parametrize("text", READ.values(), ids=READ)
def test_every_character_has_its_place(text: str) -> None:
    lines = text.split("\n")

    for piece in texts(read(Text("a.yml", text))):
        for offset, letter in enumerate(piece.text):
            place = piece.place(offset)
            assert letter in {"\n", " "} or lines[place.line - 1][place.column - 1] == letter


@pytest.mark.parametrize(("text", "expected"), PARTLY.values(), ids=PARTLY)
def test_what_goes_beyond_is_unknown_where_it_stands(text: str, expected: object) -> None:
    assert plain(read(Text("a.yml", text))) == expected


@pytest.mark.parametrize("text", UNFOLLOWED.values(), ids=UNFOLLOWED)
def test_a_layout_that_cannot_be_followed_is_unknown(text: str) -> None:
    assert read(Text("a.yml", text)) is UNKNOWN


@pytest.mark.parametrize("text", ["a: [" + "b, " * 80_000, "- " * 100_000, "a: |\n" + " " * 200_000, "a:\n" * 60_000])
def test_a_hostile_file_is_read_in_no_time(text: str) -> None:
    with in_time():
        read(Text("a.yml", text))

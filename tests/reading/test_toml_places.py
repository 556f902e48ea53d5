"""Places in TOML files: the character at every reported place is the right one."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precollect.reading.text import UnparsableError
from precollect.reading.toml import Toml, parse

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

BLANK = st.sampled_from(["", " ", "\t", "  "])
GAP = st.sampled_from(["", " ", "\n", " # c ]}\"'\n", "\n\n\t"])
BARE_KEYS = st.sampled_from(["a", "b-c", "1", "d_e", "tool", "pytest"])
TEXTS = st.text(alphabet="ab \t\n'\"\\#=[]{},ö\u2028\U0001f600", max_size=8)
ESCAPED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "b": "\\u0062", "ö": "\\U000000f6"}


@st.composite
def strings(draw: st.DrawFn, *, key: bool = False) -> str:
    """A string of any kind as TOML text."""
    value = draw(TEXTS)
    kind = draw(st.sampled_from(["basic", "literal"] + ["many basic", "many literal"] * (not key)))
    if kind == "basic":
        return (
            '"'
            + "".join(ESCAPED[c] if c in '"\\\n' or (c in ESCAPED and draw(st.booleans())) else c for c in value)
            + '"'
        )
    if kind == "literal":
        return "'" + value.replace("'", "").replace("\n", "") + "'"
    first = draw(st.sampled_from(["", "\n"]))
    if kind == "many literal":
        return f"'''{first}" + value.replace("'", "") + draw(st.sampled_from(["", "'", "''"])) + "'''"
    joined = draw(st.sampled_from(["", "\\\n", "\\  \n\n  \t"]))
    body = "".join(ESCAPED[c] if c in '"\\' or (c in ESCAPED and draw(st.booleans())) else c for c in value)
    return f'"""{first}{body}{joined}x' + draw(st.sampled_from(["", '"', '""'])) + '"""'


@st.composite
def values(draw: st.DrawFn, depth: int = 2) -> str:
    """A value of any kind as TOML text."""
    kind = draw(st.integers(0, 5 if depth else 3))
    if kind <= 2:
        return draw(strings())
    if kind == 3:
        return draw(st.sampled_from(["true", "7", "-1.5e3", "1979-05-27 07:32:00Z", "07:32:00", "inf", "0xff"]))
    if kind == 4:
        items = draw(st.lists(values(depth=depth - 1), max_size=3))
        comma = draw(st.sampled_from(["", ","])) if items else ""
        return "[" + draw(GAP) + ",".join(draw(GAP) + item + draw(GAP) for item in items) + comma + draw(GAP) + "]"
    pairs = [draw(keys()) + "=" + draw(BLANK) + draw(values(depth=depth - 1)) for _ in range(draw(st.integers(0, 3)))]
    return "{" + ",".join(draw(BLANK) + pair + draw(BLANK) for pair in pairs) + "}"


@st.composite
def keys(draw: st.DrawFn) -> str:
    """A key, bare, quoted or dotted, as TOML text."""
    parts = draw(st.lists(st.one_of(BARE_KEYS, BARE_KEYS, strings(key=True)), min_size=1, max_size=3))
    return ".".join(draw(BLANK) + part + draw(BLANK) for part in parts)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """TOML text, mostly valid: names may clash."""
    lines = []
    for _ in range(draw(st.integers(0, 6))):
        kind = draw(st.integers(0, 4))
        if kind == 0:
            lines.append(draw(BLANK) + "[" + draw(keys()) + "]" + draw(st.sampled_from(["", " # c"])))
        elif kind == 1:
            lines.append("[[" + draw(keys()) + "]]")
        else:
            lines.append(
                draw(BLANK) + draw(keys()).strip() + " = " + draw(values()) + draw(st.sampled_from(["", " # '"]))
            )
    return "\n".join(lines)


def check(source: Toml, route: tuple[str | int, ...], value: Any) -> int:
    """Compare all places below a value with what stands there; how many strings were compared."""
    text = source.text.content
    if isinstance(value, dict):
        return sum(check(source, (*route, key), below) for key, below in value.items())
    if isinstance(value, list) and route not in source.nodes:  # an array of tables
        assert all(text.startswith("[[", source.header((*route, number))) for number in range(len(value)))
        return sum(check(source, (*route, number), item) for number, item in enumerate(value))
    node = source.nodes[route]
    if node.key is not None:
        key = text[node.key : node.start].rstrip(" \t=")
        assert tomllib.loads(f"{key} = 1") == {route[-1]: 1}
    assert tomllib.loads(f"x = {text[node.start : node.end]}") == {"x": value} or value != value
    if isinstance(value, list):
        return sum(check(source, (*route, number), item) for number, item in enumerate(value))
    if not isinstance(value, str):
        assert source.character(route, 0) == node.start
        return 0
    for offset, character in enumerate(value):
        at = text[source.character(route, offset) :]
        assert at.startswith(character) or (at[0] == "\\" and at[1] in 'ntuU"\\')
    return 1


@settings(max_examples=400)
@given(documents(), st.booleans())
def test_places_are_exact(text: str, windows: bool) -> None:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        with pytest.raises(UnparsableError):
            parse("x.toml", text.encode())
        return
    source = parse("x.toml", text.replace("\n", "\r\n" if windows else "\n").encode())
    assert source.tables == tomllib.loads(text) or "inf" in text
    check(source, (), source.tables)


def test_the_generated_documents_hold_what_they_should() -> None:
    # Without this the test above might meet only invalid documents.
    text = "a.'b' = [ # c\n 'x', {y = \"\"\"\nz\\\n  w\"\"\"}, ]\n[[t]]\nk = 'v'\n[t.u]\nk = 'w'\n[[t]]\nk = 'last'\n"
    source = parse("x.toml", text.encode())
    assert check(source, (), source.tables) == 5
    assert str(source.text.place(source.character(("a", "b", 1, "y"), 1))) == "x.toml:4:3"
    assert str(source.text.place(source.key(("t", 1, "k")))) == "x.toml:10:1"
    assert str(source.text.place(source.header(("t", 0, "u")))) == "x.toml:7:1"


def test_a_place_that_is_not_known_is_that_of_what_is_around_it() -> None:
    source = parse("x.toml", b"\n[a]\nb = 1\n")
    assert str(source.text.place(source.key(("a", "c")))) == "x.toml:2:1"
    assert str(source.text.place(source.character(("a", "b", 3), 2))) == "x.toml:3:1"
    assert source.header(("z",)) == 0


def test_a_scanner_that_stumbles_keeps_what_it_found() -> None:
    # tomllib would not accept this text, so the scanner is given it as if it had.
    from precollect.reading.text import Text

    source = Toml(Text("x.toml", "a = 1\nb = 'x\nc = 2\n"), {})
    assert source.key(("a",)) == 0
    assert source.header(("c",)) == 0
    assert list(source.nodes) == [("a",)]


def test_a_file_deep_enough_to_stop_the_scanner_still_has_its_other_places() -> None:
    source = parse("x.toml", ("a = 1\nb = " + "[" * 90 + "]" * 90 + "\n").encode())
    assert len(source.nodes) == 91

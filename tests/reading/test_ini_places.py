"""Places in INI files: the character at every reported place is the right one."""

from __future__ import annotations

import re

import iniconfig
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precollect.reading.ini import parse
from precollect.reading.text import UnparsableError

LINES = st.one_of(
    st.sampled_from(["[pytest]", "[b] # c", "[c", "", "  ", "# x", "  ; y", "\t# z", "a =", "b=1", "c : 2 = 3", "=x"]),
    st.text(alphabet="ab =:[]#;\t\x0c\u00a0ö", max_size=12),
    st.text(alphabet="ab =:#'", max_size=12).map("  {}".format),
)


@settings(max_examples=400)
@given(lines=st.lists(LINES, max_size=12), newline=st.sampled_from(["\n", "\r\n", "\r"]), mark=st.booleans())
def test_sections_are_those_of_iniconfig_and_places_are_exact(lines: list[str], newline: str, mark: bool) -> None:
    text = "\n".join(["[first]", *lines])
    data = ("\ufeff" * mark + text.replace("\n", newline)).encode()
    try:
        expected = iniconfig.IniConfig("x.ini", data=text)
    except iniconfig.ParseError as error:
        with pytest.raises(UnparsableError, match=f"^{re.escape(error.msg)}$"):
            parse("x.ini", data)
        return
    source = parse("x.ini", data)
    assert source.sections == expected.sections
    editor_lines = text.split("\n")
    for section, values in source.sections.items():
        place = source.text.place(source.header((section,)))
        assert editor_lines[place.line - 1][place.column - 1] == "["
        for key, value in values.items():
            place = source.text.place(source.key((section, key)))
            assert editor_lines[place.line - 1][place.column - 1 :].startswith(key)
            for offset, character in enumerate(value):
                place = source.text.place(source.character((section, key), offset))
                rest = editor_lines[place.line - 1][place.column - 1 :]
                assert rest.startswith(character) or (character == "\n" and not rest.split("\x0c")[0].strip())

"""What people read, byte for byte."""

from __future__ import annotations

import io
from pathlib import Path
from textwrap import dedent

import pytest

from precollect.findings import Finding, Fix, Kind, Place, Related, Rule
from precollect.reading.git import words_on
from precollect.reading.tree import Tree
from precollect.reporting import report
from precollect.reporting.terminal import Look, look_of, visible, width
from precollect.reporting.text import PAGE, excerpt, summary
from running import tree_of

RULE = Rule("disabled-plugin-mark", "plugin-disablers", "breaks", "a mark of a disabled plugin is in use")
REMOVE = Fix("remove `-p no:asyncio`", True, ())
REGISTER = Fix("register 'slow'", False, ())


def text_of(findings: list[Finding], tree: Tree, look: Look | None = None) -> str:
    return report(findings, "text", tree=tree, rules={}, look=look or Look())


def found(line: int, column: int, path: str = "pytest.ini", kind: Kind = "breaks", message: str = "why") -> Finding:
    return Finding(Place(path, line, column), "some-rule", "addopts", kind, message)


def test_nothing_found_is_no_text(tmp_path: Path) -> None:
    assert text_of([], tree_of(tmp_path, {})) == ""


def test_a_finding_shows_its_line_the_places_it_speaks_of_and_its_fix(tmp_path: Path) -> None:
    tree = tree_of(tmp_path, {"pytest.ini": b"[pytest]\naddopts =\n    -p no:asyncio\n"})
    uses = tuple(Related(Place(f"tests/test_{name}.py", 14, 2), "mark used here") for name in "abcde")
    finding = RULE.at(Place("pytest.ini", 3, 5), "'-p no:asyncio' disables the mark 'asyncio'", uses, REMOVE)
    assert text_of([finding], tree) == dedent(
        """\
        pytest.ini:3:5: disabled-plugin-mark: '-p no:asyncio' disables the mark 'asyncio' [breaks]
          3 |     -p no:asyncio
            |     ^
          tests/test_a.py:14:2: mark used here
          tests/test_b.py:14:2: mark used here
          tests/test_c.py:14:2: mark used here
          and 2 more
          fix: remove `-p no:asyncio` (--fix)
        """
    )


def test_three_related_places_are_all_shown(tmp_path: Path) -> None:
    uses = tuple(Related(Place("t.py", line, 1), "used here") for line in (1, 2, 3))
    text = text_of([RULE.at(Place("gone.ini", 1, 1), "why", uses)], tree_of(tmp_path, {}))
    assert text.splitlines()[1:] == ["  t.py:1:1: used here", "  t.py:2:1: used here", "  t.py:3:1: used here"]


def test_a_fix_that_guesses_names_its_own_option(tmp_path: Path) -> None:
    text = text_of([RULE.at(Place("gone.ini", 1, 1), "why", (), REGISTER)], tree_of(tmp_path, {}))
    assert text.splitlines()[-1] == "  fix: register 'slow' (--unsafe-fixes)"


def test_findings_are_ordered_by_place_then_rule(tmp_path: Path) -> None:
    places = [("b.ini", 1, 1), ("a.ini", 10, 1), ("a.ini", 9, 2), ("a.ini", 9, 1)]
    findings = [found(line, column, path) for path, line, column in places]
    findings.append(findings[-1]._replace(rule="a-rule", fix=REMOVE))
    lines = text_of(findings, tree_of(tmp_path, {})).splitlines()
    assert [line.partition(": why")[0] for line in lines if ": why" in line] == [
        "a.ini:9:1: a-rule",
        "a.ini:9:1: some-rule",
        "a.ini:9:2: some-rule",
        "a.ini:10:1: some-rule",
        "b.ini:1:1: some-rule",
    ]


NO_SOURCE = {
    "the file is not in the commit": ("gone.ini", 1),
    "the file ends before the line": ("short.ini", 9),
    "the line is blank": ("short.ini", 2),
    "a line number that no file has": ("short.ini", 0),
    "the file is a link out of the repository": ("link.ini", 1),
}


@pytest.mark.parametrize(("path", "line"), NO_SOURCE.values(), ids=NO_SOURCE)
def test_without_a_source_line_the_finding_stands_alone(tmp_path: Path, path: str, line: int) -> None:
    (tmp_path / "link.ini").symlink_to("/etc/hostname")
    tree = tree_of(tmp_path, {"short.ini": b"[pytest]\n  \n"})
    tree.files["link.ini"] = words_on(0o120000)
    assert text_of([found(line, 1, path)], tree) == f"{path}:{line}:1: some-rule: why [breaks]\n"


SOURCES = {
    "a tab is four spaces": (b"\t-p no:x", 2, "    -p no:x", 4),
    "a tab within the line is four spaces too": (b"a\tb", 3, "a    b", 5),
    "CRLF is no part of the line": (b"abc\r\n", 3, "abc", 2),
    "a byte order mark is no part of the line": (b"\xef\xbb\xbfabc", 1, "abc", 0),
    "wide characters take two cells": ("日本 x".encode(), 4, "日本 x", 5),
    "an emoji takes two cells": ("🎉 x".encode(), 3, "🎉 x", 3),
    "a combining accent takes none": ("e\u0301 x".encode(), 4, "e\u0301 x", 2),
    "an escape sequence is shown, not obeyed": (b"\x1b[31m x", 7, r"\x1b[31m x", 9),
    "text direction is shown, not obeyed": ("\u202eab x".encode(), 5, r"\u202eab x", 9),
    "a no-break space is shown": ("a\xa0b".encode(), 3, r"a\xa0b", 5),
    "bytes that are no UTF-8 are replaced": (b"caf\xe9 x", 6, "caf\ufffd x", 5),
    "a column behind the end points there": (b"abc", 99, "abc", 3),
}


@pytest.mark.parametrize(("content", "column", "shown", "cells"), SOURCES.values(), ids=SOURCES)
def test_the_caret_stands_below_the_column(tmp_path: Path, content: bytes, column: int, shown: str, cells: int) -> None:
    tree = tree_of(tmp_path, {"pytest.ini": content})
    lines = text_of([found(1, column)], tree).splitlines()
    assert lines[1:] == [f"  1 | {shown}", f"    | {' ' * cells}^"]


LONG = {
    "at the beginning": ("^" + "x" * 500, 1),
    "in the middle": ("x" * 500 + "^" + "x" * 500, 501),
    "at the end": ("x" * 500 + "^", 501),
    "just behind the page": ("x" * PAGE + "^", PAGE + 1),
    "among wide characters": ("日" * 200 + "^" + "本" * 200, 201),
    "among escapes": ("\x1b" * 200 + "^" + "\x1b" * 200, 201),
    "in a line of a megabyte": ("x" * 500_000 + "^" + "x" * 500_000, 500_001),
}


@pytest.mark.parametrize(("line", "column"), LONG.values(), ids=LONG)
def test_a_long_line_is_cut_around_the_caret(line: str, column: int) -> None:
    shown, cells = excerpt(line, column, "utf-8")
    assert width(shown) <= PAGE + 6
    before = shown[: shown.index("^")]
    assert width(before) == cells
    assert ("..." in before) == (column > 1)
    assert shown.endswith("...") == (column < len(line))


def test_what_stands_before_an_early_caret_is_not_cut() -> None:
    assert excerpt("ab^" + "x" * 500, 3, "utf-8") == ("ab^" + "x" * (PAGE - 3) + "...", 2)


def test_a_line_that_fits_is_not_cut() -> None:
    line = "x" * PAGE
    assert excerpt(line, PAGE, "utf-8") == (line, PAGE - 1)


def test_a_name_or_message_cannot_begin_a_line_of_its_own(tmp_path: Path) -> None:
    finding = found(1, 1, "a\nb.py", message="one\r\n\x1b[2Jtwo")
    related = (Related(Place("caf\udce9.py", 1, 1), "three\nfour"),)
    text = text_of([finding._replace(related=related)], tree_of(tmp_path, {}))
    assert text == "a\\nb.py:1:1: some-rule: one\\r\\n\\x1b[2Jtwo [breaks]\n  caf\\udce9.py:1:1: three\\nfour\n"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_the_text_can_be_written_in_the_encoding_of_the_stream(tmp_path: Path, encoding: str) -> None:
    tree = tree_of(tmp_path, {"pytest.ini": "é 日 🎉 !".encode()})
    text = text_of([found(1, 7, message="é 日")], tree, Look(False, encoding))
    line, caret = text.splitlines()[1:]
    assert text.encode(encoding)
    assert width(line.partition("!")[0]) == caret.index("^")


def test_colours_mark_the_kind(tmp_path: Path) -> None:
    tree = tree_of(tmp_path, {})
    texts = {kind: text_of([found(1, 1, kind=kind)], tree, Look(True)) for kind in ("breaks", "loses", "policy")}
    assert texts["breaks"] == (
        "\x1b[1mpytest.ini:1:1\x1b[0m: \x1b[1;31msome-rule\x1b[0m: why \x1b[1;31m[breaks]\x1b[0m\n"
    )
    assert "\x1b[1;33m[loses]" in texts["loses"]
    assert "\x1b[1;36m[policy]" in texts["policy"]


class Terminal(io.StringIO):
    encoding = "latin-1"

    def isatty(self) -> bool:
        return True


COLOURED = {
    "a terminal": (Terminal(), {"TERM": "xterm"}, True),
    "no terminal": (io.StringIO(), {"TERM": "xterm"}, False),
    "a dumb terminal": (Terminal(), {"TERM": "dumb"}, False),
    "NO_COLOR": (Terminal(), {"TERM": "xterm", "NO_COLOR": "1"}, False),
    "an empty NO_COLOR": (Terminal(), {"TERM": "xterm", "NO_COLOR": ""}, True),
    "FORCE_COLOR": (io.StringIO(), {"FORCE_COLOR": "1"}, True),
    "FORCE_COLOR on a dumb terminal": (Terminal(), {"TERM": "dumb", "FORCE_COLOR": "1"}, True),
    "FORCE_COLOR=0": (Terminal(), {"TERM": "xterm", "FORCE_COLOR": "0"}, False),
    "an empty FORCE_COLOR": (io.StringIO(), {"FORCE_COLOR": ""}, False),
    "both": (Terminal(), {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
}


@pytest.mark.parametrize(("stream", "environ", "colour"), COLOURED.values(), ids=COLOURED)
def test_colours_are_for_terminals_and_those_who_ask(
    stream: io.StringIO, environ: dict[str, str], colour: bool
) -> None:
    assert look_of(stream, environ).colour is colour


def test_a_stream_tells_its_encoding() -> None:
    assert look_of(Terminal(), {}).encoding == "latin-1"
    assert look_of(io.StringIO(), {}).encoding == "utf-8"


def test_plain_text_is_shown_as_it_is() -> None:
    assert visible("-p no:asyncio  # 'x' \\n", "ascii") == "-p no:asyncio  # 'x' \\n"
    assert visible("schöne Prüfung", "latin-1") == "schöne Prüfung"


SUMMARIES = {
    "nothing found": [],
    "1 finding (1 policy); precollect explain some-rule tells more": [found(1, 1, kind="policy")],
    "1 finding (1 breaks); --fix mends 1; precollect explain some-rule tells more": [found(1, 1)._replace(fix=REMOVE)],
    "1 finding (1 loses); --unsafe-fixes mends 1; precollect explain some-rule tells more": [
        found(1, 1, kind="loses")._replace(fix=REGISTER)
    ],
    "2 findings (2 breaks); precollect explain some-rule tells more": [found(1, 1), found(2, 1)],
    "4 findings (2 breaks, 1 loses, 1 policy); --fix mends 2, --unsafe-fixes mends 1; "
    "precollect explain RULE tells more": [
        found(1, 1, kind="policy")._replace(fix=REMOVE, rule="other-rule"),
        found(1, 1)._replace(fix=REMOVE),
        found(1, 1)._replace(fix=REGISTER),
        found(1, 1, kind="loses"),
    ],
}


@pytest.mark.parametrize(("line", "findings"), SUMMARIES.items(), ids=SUMMARIES)
def test_the_summary_counts_kinds_and_fixes_and_names_what_explains(line: str, findings: list[Finding]) -> None:
    assert summary(findings) == line

"""The commands of shell scripts."""

from __future__ import annotations

import re

import pytest

from precollect.reading.launches.piece import piece
from precollect.reading.launches.shell import commands
from precollect.reading.text import Text
from running import in_time

TEMPLATE = re.compile(r"\$\{\{.*?\}\}")

# script -> the commands: words joined by "|", in brackets where they may not run, with "?" where they may fail
SCRIPTS = {
    "words and quotes": ('pytest -k \'a b\' "c \\"d" e\\ f', ['pytest|-k|a b|c "d|e f']),
    "lines, and lines that go on": ("a\nb \\\n  c\n\nd", ["a", "b|c", "d"]),
    "comments": ("a # b\n# c\nd#e", ["a", "d#e"]),
    "one after the other": ("a && b; c", ["a", "b", "c"]),
    "only where the other fails": ("a || b && c; d", ["a?", "[b]", "[c]", "d"]),
    "a failure that is foreseen": ("a && b || true", ["a?", "b?", "[true]"]),
    "in the background": ("a & b", ["a?", "b"]),
    "a pipe": ("a | b", ["a", "b"]),
    "negated": ("! a; b", ["[a]", "b"]),
    "a condition": ("if a; then b; else c; fi; d", ["[a]", "[b]", "[c]", "d"]),
    "loops": ("for x in 1 2; do a; done\nwhile a; do b; done\nc", ["[a]", "[a]", "[b]", "c"]),
    "cases": ("case $x in\n  a) b;;\n  *) c;;\nesac\nd", ["[a]", "[b]", "[…]", "[c]", "d"]),
    "functions and groups": ("f() {\n  a\n}\n{ b; }\nc", ["f", "[a]", "[b]", "c"]),
    "a subshell": ("(a; b)\nc", ["[a]", "[b]", "c"]),
    "redirections": ("a >b 2>&1 <c &>d; e 2> f g", ["a", "e|g"]),
    "a text behind a command": ("cat <<'END' > f\npytest\nEND\na", ["cat", "a"]),
    "variables": ('a $x "${y}z" b$1 "$@" $(c d) `e` c$', ["a|…|…z|b…|…|…|…|c$"]),
    "patterns": ("a *.py b? ~/c '*' {d,e} f[0]", ["a|….py|b…|…/c|*|…|f[0]"]),
    "a template": ("a ${{ b || c }} '${{ d }}' x\\${{ e }}y", ["a|…|…|x…y"]),
    "assignments": ("A=1 B='2 3' c", ["A=1|B=2 3|c"]),
    "a quote that is not closed": ("a 'b", []),
    "another that is not closed": ('a "b', []),
    "a substitution that is not closed": ("a $(b", []),
    "a backtick that is not closed": ("a `b", []),
    "nothing": ("\n \t\n", []),
}


@pytest.mark.parametrize(("script", "expected"), SCRIPTS.values(), ids=SCRIPTS)
def test_commands(script: str, expected: list[str]) -> None:
    found = commands(piece(Text("a.sh", script), 0, script), TEMPLATE)

    written = ["|".join(word.text for word in command.words) + "?" * command.may_fail for command in found]
    assert [f"[{text}]" if command.nested else text for text, command in zip(written, found, strict=True)] == expected


def test_a_word_knows_where_it_stands() -> None:
    script = "a && \\\n  'b' c\n"

    found = commands(piece(Text("a.sh", script), 0, script))

    assert [(word.text, script[word.offset]) for command in found for word in command.words] == [
        ("a", "a"),
        ("b", "'"),
        ("c", "c"),
    ]


@pytest.mark.parametrize(
    "script", ["a" * 200_000, "$(" * 50_000, "a;" * 60_000, "a && " * 30_000 + "b", "<<x\n" * 20_000]
)
def test_a_hostile_script_is_cut_in_no_time(script: str) -> None:
    with in_time():
        commands(piece(Text("a.sh", script), 0, script))

"""Expressions of -m and -k: read as the real pytest reads them, refused in its words."""

from __future__ import annotations

import pytest
from _pytest.mark.expression import Expression as RealExpression
from hypothesis import given
from hypothesis import strategies as st

from precollect.reading.expression import Expression, parse

PARTS = [
    "a",
    "slow",
    "not",
    "and",
    "or",
    "(",
    ")",
    "=",
    ",",
    "'x'",
    '"',
    "$",
    "a.b",
    "1",
    "-1",
    "True",
    "if",
    "\\",
    " ",
]


def real(text: str) -> str | None:
    """What the real pytest says against an expression; None where it takes it."""
    try:
        RealExpression.compile(text)
    except SyntaxError as error:
        return f"at column {error.offset}: {error.msg}"
    return None


def nothing(name: str, /, **arguments: object) -> bool:
    """The mark that no test has."""
    return False


def agrees(text: str) -> None:
    ours = parse(text)
    said = real(text)
    if said is None:
        assert isinstance(ours, Expression)
        # pytest takes an empty expression for none at all, and does not evaluate it.
        assert ours.spares_others == (not text.strip(" \t") or RealExpression.compile(text).evaluate(nothing))
    else:
        assert isinstance(ours, str)
        assert ours.partition(":")[2] == said.partition(":")[2]


@pytest.mark.parametrize(
    "text",
    ["", "slow", "not slow", "a and (b or not c)", "device(port=3, name='x')", "a::b[c]-d", "not not a", "a and", "a b",
     "a or not b and c", "not (a or b)", "not a or b", "not (not a and b)",
     "(", "()", "a(", "a(b)", "a(b=)", "a(if=1)", "a(1=1)", "a(b=c)", "a('", "a or or b", "$", "a(b='\\\\')"],
)  # fmt: skip
def test_expressions_are_read_as_pytest_reads_them(text: str) -> None:
    agrees(text)


@given(st.lists(st.sampled_from(PARTS), max_size=8).map(" ".join))
def test_any_mixture_of_parts_is_read_as_pytest_reads_it(text: str) -> None:
    agrees(text)


def test_names_are_those_of_marks_in_order_each_once() -> None:
    assert parse("not slow and (smoke or slow)") == Expression(("slow", "smoke"), False, False)
    assert parse("device(port=3)") == Expression(("device",), True, False)


def test_nesting_beyond_reason_is_refused_without_recursion_error() -> None:
    assert "nested too deeply" in str(parse("(" * 5000 + "a" + ")" * 5000))

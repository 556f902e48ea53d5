"""Calls of parametrize as they are written."""

from __future__ import annotations

import pytest

from precollect.reading.python.parameters import Parametrize, Row, read


def only(arguments: str) -> Parametrize:
    """The one call of parametrize on a function."""
    (found,) = read(f"@pytest.mark.parametrize({arguments})\ndef test_a(): pass\n".encode())
    return found


@pytest.mark.parametrize(
    ("arguments", "names", "in_list"),
    [
        ("'a', []", ("a",), False),
        ("' a , b,', []", ("a", "b"), False),
        ("['a', 'b'], []", ("a", "b"), True),
        ("argnames=('a',), argvalues=[]", ("a",), True),
        ("NAMES, []", None, False),
        ("['a', B], []", None, True),
        ("*ALL", None, False),
    ],
)
def test_names(arguments: str, names: tuple[str, ...] | None, in_list: bool) -> None:
    found = only(arguments)
    assert (found.names, found.in_list) == (names, in_list)


@pytest.mark.parametrize(
    ("arguments", "rows"),
    [
        ("'a', [1, -2.5, 'x', None]", [(1, "1"), (1, "-2.5"), (1, "x"), (1, "None")]),
        ("'a', [(1, 2), X]", [(1, None), (1, None)]),
        ("'a, b', [(1, 2), [3], 'xyz', 7, X]", [(2, "1-2"), (1, "3"), (3, None), (-1, None), (None, None)]),
        ("'a, b', [pytest.param(1, 2), pytest.param(3, id='x'), param(*X)]", [(2, "1-2"), (1, "x"), (None, None)]),
        ("['a'], [1, (2,)]", [(-1, None), (1, "2")]),
        ("'a', [1, 2], ids=['x', None]", [(1, "x"), (1, None)]),
        ("'a', [1, 2], ids=str", [(1, None), (1, None)]),
        ("'a', [1, pytest.param(2, id=X)]", [(1, "1"), (1, None)]),
        ("'a', ['é']", [(1, None)]),
    ],
)
def test_rows_their_lengths_and_their_ids(arguments: str, rows: list[tuple[int | None, str | None]]) -> None:
    assert [(row.length, row.id) for row in only(arguments).rows or ()] == rows


@pytest.mark.parametrize(
    ("marks", "found"),
    [
        ("pytest.mark.slow", ("slow",)),
        ("pytest.mark.skipif(True, reason='x')", ("skipif",)),
        ("[pytest.mark.slow, mark.net()]", ("slow", "net")),
        ("(pytest.mark.slow, 'net')", ("slow", "'net'")),
        ("MARKS", ()),
    ],
)
def test_marks_of_a_row(marks: str, found: tuple[str, ...]) -> None:
    (row,) = only(f"'a', [pytest.param(1, marks={marks})]").rows or ()
    assert row.marks == found


@pytest.mark.parametrize("arguments", ["'a', ROWS", "NAMES, [1]", "'a', [*ROWS]", "'a', (x for x in y)", "'a'"])
def test_rows_that_only_running_tells(arguments: str) -> None:
    assert only(arguments).rows is None


def test_the_rest_of_a_call() -> None:
    found = only("'a', [1], True, ['x'], scope='module'")
    assert (found.positional, found.keywords, found.indirect, found.ids) == (4, ("scope",), True, 1)


def test_the_place_of_a_row_counts_characters() -> None:
    (found,) = read("@mark.parametrize('é', ['ü',\n    (1)])\nclass TestA: pass\n".encode())
    assert found.owner == "TestA"
    assert found.rows == (Row(1, 25, 1, None), Row(2, 6, 1, "1"))


def test_methods_are_named_with_their_class() -> None:
    text = "class TestA:\n    @parametrize('a', [])\n    @parametrize('b', [])\n    def test_x(self): pass\n"
    assert [(found.owner, found.line) for found in read(text.encode())] == [("TestA.test_x", 2), ("TestA.test_x", 3)]

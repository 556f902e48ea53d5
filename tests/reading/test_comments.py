"""Comments are told from texts that look like them, and know the line they speak of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from precollect.reading.comments import comments_with

# File name, content, [(line, column, text, subject)].
FOUND = {
    "ini: on a line of its own": (
        "pytest.ini",
        "[pytest]\n# note: x\naddopts = -q\n",
        [(2, 1, "# note: x", 3)],
    ),
    "ini: with a semicolon": ("tox.ini", "; note: x\n[pytest]\n", [(1, 1, "; note: x", 2)]),
    "ini: within a value of several lines": (
        "setup.cfg",
        "[tool:pytest]\naddopts =\n    -q\n    # note: x\n\n    # more\n    -p no:x\n",
        [(4, 5, "# note: x", 7)],
    ),
    "ini: behind a section header": ("pytest.ini", "[pytest]  # note: x\n", [(1, 11, "# note: x", 1)]),
    "ini: the last line": ("pytest.ini", "[pytest]\n# note: x", [(2, 1, "# note: x", 0)]),
    "ini: CRLF and a byte order mark": (
        "pytest.ini",
        "\ufeff# note: x\r\n\r\n[pytest]\r\n",
        [(1, 1, "# note: x", 3)],
    ),
    "toml: behind a value": ("pytest.toml", "a = 1  # note: x\n", [(1, 8, "# note: x", 1)]),
    "toml: on a line of its own": ("pytest.toml", "# note: x\n# more\na = 1\n", [(1, 1, "# note: x", 3)]),
    "toml: within a list": (
        "pyproject.toml",
        "a = [\n  'b', # note: x\n  # note: y\n  'c',\n]\n",
        [(2, 8, "# note: x", 2), (3, 3, "# note: y", 4)],
    ),
    "toml: behind all kinds of strings": (
        "pyproject.toml",
        'a = \'\'\nb = ""\nc = \'it"s\'\nd = "\\"\'"\ne = \'\'\'\n\'#\' \'\'\'\nf = """\\"""#""""" # note: x\n',
        [(7, 19, "# note: x", 7)],
    ),
    "toml: behind a table header": ("uv.lock", "[a] # note: x\n", [(1, 5, "# note: x", 1)]),
    "python: behind code": ("test_x.py", "a = 1  # note: x\n", [(1, 8, "# note: x", 1)]),
    "python: on a line of its own": (
        "test_x.py",
        "def f():\n    # note: x\n\n    # more\n    pass\n",
        [(2, 5, "# note: x", 5)],
    ),
    "python: behind one line of a statement": ("x.py", "f(\n  1,  # note: x\n)\n", [(2, 7, "# note: x", 2)]),
    "python: behind a string": ("x.py", "'''\n# note: x\n'''  # note: y\n", [(3, 6, "# note: y", 3)]),
    "python: before code that no Python reads": ("x.py", "# note: x\na = (\n", [(1, 1, "# note: x", 2)]),
    "python: before a NUL": ("x.py", "# note: x\na = 1\0\n# note: y\n", [(1, 1, "# note: x", 2)]),
    "python: in another encoding": (
        "x.py",
        b"# coding: latin-1\ns = '\xe9'  # note: \xe9\n",
        [(2, 10, "# note: \xe9", 2)],
    ),
    "yaml: on a line of its own": ("ci.yml", "# note: x\nrun: pytest\n", [(1, 1, "# note: x", 2)]),
}
SILENT = {
    "another word": ("pytest.ini", "# other\n"),
    "ini: behind a value, where it is a part of it": ("pytest.ini", "[pytest]\naddopts = -q  # note: x\n"),
    "ini: behind a line of a value": ("pytest.ini", "[pytest]\naddopts =\n    -q  # note: x\n"),
    "ini: a value": ("pytest.ini", "[pytest]\na = note: x\n"),
    "ini: behind a value that ends with a bracket": ("pytest.ini", "[pytest]\naddopts = -k a[1] # note: x\n"),
    "ini: in brackets that are no header": ("pytest.ini", "[pytest] x # note: x\n"),
    "toml: in a string": ("a.toml", "a = '# note: x'\n"),
    "toml: in a string of several lines": ("a.toml", 'a = """\n# note: x\n"""\n'),
    "toml: in a literal string of several lines": ("a.toml", "a = '''\n# note: x\n'''\n"),
    "toml: behind an escaped quote": ("a.toml", 'a = "\\" # note: x"\n'),
    "toml: in a key": ("a.toml", "'# note: x' = 1\n"),
    "toml: in a broken file": ("a.toml", "a = '''\n# note: x\n"),
    "python: in a string": ("x.py", "a = '# note: x'\n"),
    "python: in a docstring": ("x.py", '"""\n# note: x\n"""\n'),
    "python: behind what no Python reads": ("x.py", "a = '''\n# note: x\n"),
    "python: in an encoding that does not exist": ("x.py", "# coding: nonsense\n# note: x\n"),
    "python: in an encoding that is no text": ("x.py", "# coding: rot13\na = '# note: x'\n"),
    "python: in a file with a line that nobody wrote": ("x.py", "# note: x\n" + "'' " * 50_000),
    "the empty file": ("x.py", ""),
}


@pytest.mark.parametrize(("path", "content", "expected"), FOUND.values(), ids=FOUND)
def test_comments_are_found(path: str, content: str | bytes, expected: list[tuple[int, int, str, int]]) -> None:
    data = content if isinstance(content, bytes) else content.encode()
    assert [
        (comment.place.line, comment.place.column, comment.text, comment.subject)
        for comment in comments_with("note:", path, data)
    ] == expected


@pytest.mark.parametrize(("path", "content"), SILENT.values(), ids=SILENT)
def test_what_is_no_comment_is_not(path: str, content: str) -> None:
    assert comments_with("note:", path, content.encode()) == []


@pytest.mark.parametrize("path", ["x.py", "x.toml", "x.ini"])
@given(data=st.binary())
def test_no_bytes_make_it_fail(path: str, data: bytes) -> None:
    for comment in comments_with("note:", path, b"# note: x\n" + data + b"# note: y\n"):
        assert comment.text[0] in "#;"


@pytest.mark.parametrize("path", ["x.py", "x.toml", "x.ini"])
def test_a_hundred_thousand_comments_take_linear_time(path: str) -> None:
    assert len(comments_with("note:", path, b"# note: x\n" * 100_000)) == 100_000

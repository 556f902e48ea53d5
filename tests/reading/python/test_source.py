"""Files that are no sound Python: what is known of them, and that nothing is raised, printed or awaited for long."""

from __future__ import annotations

import gc
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from precollect.reading.python import source
from precollect.reading.python.module import read
from precollect.reading.python.scan import scan
from precollect.reading.python.source import parse

BROKEN: dict[str, tuple[bytes, int]] = {
    "an unfinished function": (b"def test_it(:\n    pass\n", 1),
    "an open bracket": (b"x = 1\ny = (1,\nz = 2\n", 2),
    "an open text": (b"x = 'abc\n", 1),
    "indentation": (b"def f():\nreturn 1\n", 2),
    "unexpected indentation": (b"x = 1\n    y = 2\n", 2),
    "a print statement of Python 2": (b"x = 1\nprint 'a'\n", 2),
    "a merge conflict": (b"x = 1\n<<<<<<< HEAD\ny = 2\n", 2),
    "a null byte": (b"x = 1\ny = '\0'\n", 2),
    "bytes that are no UTF-8": (b"x = 1\ny = '\xff'\n", 2),
    "an encoding below the first line": (b"x = 1\n# coding: latin-1\ny = '\xff'\n", 3),
    "binary data": (bytes(range(1, 256)), 1),
}

NEWER: dict[str, tuple[tuple[int, int], bytes]] = {
    "except groups": ((3, 11), b"try:\n    pass\nexcept* ValueError:\n    pass\n"),
    "type parameters": ((3, 12), b"def f[T](x: T) -> T: return x\n"),
    "a type alias": ((3, 12), b"type X = int\n"),
    "the same quotes in an f-string": ((3, 12), b"""x = {"a": 1}\ny = f"{x["a"]}"\n"""),
    "an f-string over several lines": ((3, 12), b"x = f'{\n1\n}'\n"),
    "except without parentheses": ((3, 14), b"try:\n    pass\nexcept ValueError, TypeError:\n    pass\n"),
    "a template string": ((3, 14), b"x = t'{1}'\n"),
    "a lazy import": ((3, 15), b"lazy import os\n"),
    "unpacking in a comprehension": ((3, 15), b"x = [*y for y in ()]\n"),
}

SOUND: dict[str, bytes] = {
    "nothing": b"",
    "a byte order mark": b"\xef\xbb\xbfimport pytest\n@pytest.mark.a\ndef test_it(): pass\n",
    "carriage returns": b"import pytest\r\n@pytest.mark.a\r\ndef test_it(): pass\r\n",
    "old carriage returns": b"import pytest\r@pytest.mark.a\rdef test_it(): pass\r",
    "form feeds": b"import pytest\n\x0c\n@pytest.mark.a\ndef test_it(): pass\n",
    "a declared encoding": b"# -*- coding: latin-1 -*-\nimport pytest\nx = '\xe4', pytest.mark.a\n",
    "an encoding in the second line": b"#!python\n# vim: set fileencoding=cp1252 :\nimport pytest\npytest.mark.a\n",
    "an encoding below code, which is none": b"import pytest\n# coding: cp037\nx = '\xc3\xa4', pytest.mark.a\n",
    "an encoding of seven bits": b"# coding: utf-7\nimport pytest\npytest.mark.+AGE-\n",
    "letters that Python folds": "import pytest\npytest.\uff4dark.\uff41\n".encode(),
    "an invalid escape": b"import pytest\nx = '\\d'\npytest.mark.a\n",
    "a comparison that warns": b"import pytest\nx = 1 is 1\npytest.mark.a\n",
    "no last newline": b"import pytest\npytest.mark.a",
}

HEAVY: dict[str, bytes] = {
    "brackets": b"(" * 100_000,
    "closed brackets": b"(" * 150 + b")" * 150,
    "minus signs": b"-" * 100_000 + b"1",
    "a long sum": b"x = " + b"1 + " * 20_000 + b"1",
    "a long chain of attributes": b"x" + b".a" * 20_000,
    "a long chain of calls": b"x" + b"()" * 20_000,
    "nested functions": b"".join(b" " * depth + b"def f():\n" for depth in range(90)) + b" " * 90 + b"pass\n",
    "nested lists": b"[" * 90 + b"]" * 90,
    "a large list": b"x = [" + b"1, " * 200_000 + b"]",
    "a long line": b"x = '" + b"a" * 1_000_000 + b"'",
    "a number": b"x = 9 ** 9 ** 9 ** 9; y = 1 << 10 ** 9; z = 'a' * 10 ** 9; w = [0] * 10 ** 9",
    "a format": b"x = '%999999999d' % 1; y = f'{1:999999999}'; z = '{:{}}'.format(1, 10 ** 9)",
    "doubling": b"x = 'ab'\n" + b"x += x\n" * 60,
    "doubling lists": b"x = [1]\n" + b"x = x + x\n" * 60,
    "doubling a list in itself": b"x = [1]\n" + b"x += x\n" * 60,
    "nested loops": b"for a in range(2000):\n for b in range(2000):\n  for c in range(2000):\n   x = a * b\n",
    "nested comprehensions": b"x = [a for a in range(999) for b in range(999) for c in range(999)]",
    "recursion": b"def f(): return f() + f()\nf()\n",
    "mutual recursion": b"def f(x): return g(x), g(x)\ndef g(x): return f(x), f(x)\nf(1)\n",
    "functions that make functions": b"def f():\n    def g(): return f()\n    return g()\nf()\n",
    "a list that holds itself": b"x = []\nx.append(x)\npytestmark = x\ncollect_ignore = x\nfor y in x: y.append(x)\n",
    "a dictionary that holds itself": b"x = {}\nx[1] = x\nx['a'] = f'{x}'\n",
    "names after names": b"mark" * 200_000,
    "marks and comments": b"mark#" * 100_000,
    "from after from": b"from a " * 50_000,
    "decorators of nothing": b"@fixture\n" * 20_000,
    "pytestmark after pytestmark": b"pytestmark = [mark.a                    (\n" * 5_000,
}


@pytest.mark.parametrize("title", BROKEN)
def test_broken_files_have_a_place(title: str) -> None:
    data, line = BROKEN[title]
    module = read(data, "test_it.py")
    assert module.problem is not None
    # The encoding and NUL are two faults of binary data: Python 3.10 meets the other one first.
    assert module.problem[0] == line or "UTF-8" in title or (title == "binary data" and sys.version_info < (3, 11))
    assert module.problem[1] >= 1
    assert module.problem[2]


@pytest.mark.parametrize("title", NEWER)
def test_newer_syntax_is_unknown_and_no_problem(title: str) -> None:
    version, data = NEWER[title]
    module = read(data, "test_it.py")
    assert module.problem is None
    assert bool(module.unknown) is (sys.version_info < version)


@pytest.mark.parametrize("title", SOUND)
def test_sound_files_are_read_quietly(title: str, capfd: pytest.CaptureFixture[str]) -> None:
    module = read(SOUND[title], "test_it.py")
    seen = scan(SOUND[title])
    assert (module.problem, module.unknown) == (None, "")
    assert [use.name for use in module.marks] == (["a"] if SOUND[title] else [])
    assert seen.open_marks or {use.name for use in module.marks} <= seen.marks
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("title", HEAVY)
def test_heavy_files_are_read_to_their_end(title: str) -> None:
    module = read(HEAVY[title], "conftest.py")

    assert module.marks == ()
    assert (module.problem is not None) is (title == "decorators of nothing")
    assert scan(HEAVY[title]).marks <= {"a"}


@pytest.mark.parametrize("size", [3 << 20])
def test_huge_files_are_unknown(size: int) -> None:
    assert "larger than" in read(b"x\n" * (size // 2), "test_it.py").unknown


@given(st.binary(max_size=200))
def test_any_bytes_are_read(data: bytes) -> None:
    seen, exact = scan(data), read(data, "conftest.py")

    assert seen.open_marks or {use.name for use in exact.marks} <= seen.marks


WORDS = [
    *("import pytest\n", "from pytest import mark as m\n", "pytest.mark.a", "m.b", "getattr(pytest.mark, ", "'x'", ")"),
    *(
        "def f(x):\n ",
        "class T:\n ",
        "@",
        "\n",
        " ",
        "for x in ",
        "if ",
        ":",
        "try:\n ",
        "except Exception:\n ",
        "[",
        "]",
    ),
    *(
        "with ",
        "return ",
        "yield ",
        "lambda: ",
        "pytestmark = ",
        ", ",
        "= ",
        "x",
        "add_marker(",
        "(",
        "async ",
        "#",
        "\\\n",
    ),
    *(
        "pytest_plugins += ",
        "fixture",
        "import ",
        "from ",
        ".",
        "global x\n ",
        "x.append(x)",
        "while 1:\n ",
        "*",
        "{",
        "}",
    ),
]


@given(st.lists(st.sampled_from(WORDS), max_size=25).map("".join))
def test_any_words_are_read_and_no_mark_is_missed(text: str) -> None:
    seen, exact = scan(text.encode()), read(text.encode(), "conftest.py")
    assert seen.open_marks or {use.name for use in exact.marks} <= seen.marks
    assert seen.pytestmark_odd or all(one.kind in ("mark", "list") for one in exact.pytestmarks)


IMPORTING = b"""
import pytest
from helpers import MARKS, Base, supply

total = 0


@supply
class TestCart(Base):
    pytestmark = MARKS

    def test_sum(self, make=lambda: 1):
        global total

        class Local:
            def inner(self):
                return [each for each in MARKS]

        assert Local().inner() or make()


def pytest_configure(config):
    config.addinivalue_line("markers", "slow")
"""
IMPORTED = b"""
import pytest

MARKS = [pytest.mark.slow]


class Base:
    def helper(self):
        return self.helper


def supply(found):
    found.helped = lambda: supply
    return found
"""


def test_what_is_read_leaves_nothing_for_the_collector_of_garbage() -> None:
    """A run switches it off, and reads thousands of modules."""
    files = {"helpers": ("helpers.py", IMPORTED)}
    read(IMPORTING, "test_a.py", lambda module, _: files.get(module))
    gc.collect()
    gc.disable()
    try:
        found = read(IMPORTING, "test_a.py", lambda module, _: files.get(module))
        assert gc.collect() == 0
    finally:
        gc.enable()
    assert found.asked == ("helpers",)


def test_the_trees_that_were_parsed_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MOST_KEPT", 40)
    texts = [b"x = 1  # %d %s" % (number, b"-" * 5) for number in range(3)]  # two of which may be kept
    first, second, third = map(parse, texts)
    assert parse(texts[2]) is third
    assert parse(texts[1]) is second
    assert parse(texts[0]) is not first
    assert parse(b"y = 1  # %s" % (b"-" * 50)).tree.body  # more than is ever kept
    assert source._kept == {}

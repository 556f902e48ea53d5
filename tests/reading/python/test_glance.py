"""What the bytes of a test module show at a glance, and that no bytes make it fail or take long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from precollect.reading.python.asked_options import asked_by_hooks
from precollect.reading.python.attributes import set_and_read
from precollect.reading.python.glance import Glance, glance
from precollect.reading.python.parameters import read
from precollect.reading.python.syntax import compiles

FLAGS = Glance._fields[: Glance._fields.index("requested")]

RAISED = {
    "def test_a()\n    pass\n": "broken",
    "def test_a(b=(1,))\n    pass\n": "broken",
    "x = [1, (2]\n": "broken",
    "<<<<<<< HEAD\n": "broken",
    "def test_a():\n    pass\n\n\ndef test_a():\n    pass\n": "repeats",
    "class TestA:\n    pass\nclass TestA:\n    pass\n": "repeats",
    "class TestA:\n    def test_a(self): pass\n    def test_a(self): pass\n": "repeats",
    "class TestA:\n    def __init__(self): pass\n": "constructors",
    "@dataclass\nclass TestA:\n    x: int\n": "constructors",
    "class Base:\n    def __new__(cls): pass\nclass Middle(Base): pass\nclass TestA(Middle): pass\n": "constructors",
    "def test_a():\n    yield 1\n": "yields",
    "def test_a():\n    def inner(): pass\n    yield inner\n": "yields",
    "class TestA:\n    def setup(self): pass\n": "setups",
    "@pytest.fixture(scope='modul')\ndef a(): pass\n": "scopes",
    "@pytest.fixture(scope='module')\ndef a(monkeypatch): pass\n": "scopes",
    "raise RuntimeError\n": "raises",
    "import sys\nsys.exit(1)\n": "raises",
    "@pytest.mark.parametrize('a', [1])\ndef test_a(b): pass\n": "parametrize",
    "@pytest.mark.parametrize(['a', 'b'], [(1, 2)])\ndef test_a(a, c): pass\n": "parametrize",
    "@pytest.mark.parametrize('a', [1])\ndef test_a(a=(2, 3)): pass\n": "parametrize",
    "@pytest.mark.parametrize('a', [1], True)\ndef test_a(a): pass\n": "parametrize",
    "@pytest.fixture\ndef a(b): pass\n@pytest.fixture\ndef b(a): pass\n": "cycles",
    "@pytest.fixture\ndef a(a): pass\n": "cycles",
    "@other.fixture\ndef a(a): pass\n": "cycles",
    "shared = partial(fixture, scope='modul')\n": "scopes",
    "raise RuntimeError\rimport pytest\r": "raises",
}

UNSUSPICIOUS = {
    "a module as most are": "import pytest\n\n\n@pytest.fixture(scope='module')\ndef cart():\n    yield []\n\n\n"
    "@pytest.mark.parametrize('a, b', [(1, 2)])\ndef test_a(cart, a, b):\n    assert a != b\n",
    "one name in two classes": "class TestA:\n    def test_x(self): pass\nclass TestB:\n    def test_x(self): pass\n",
    "a signature over many lines": "def test_a(\n    tmp_path: Path,\n    numbers: tuple[int, ...] = (1, 2),\n"
    ") -> None:\n    pass\n",
    "a constructor of another class": "class Cart:\n    def __init__(self): pass\n"
    "class TestCart:\n    def test_x(self): pass\n",
    "a helper that names itself beside plain fixtures": "@pytest.fixture\ndef cart():\n    return 1\n\n\n"
    "def size(size=1):\n    return size\n",
    "a name in two classes, and one in a function too": "class TestA:\n    def test_x(self): pass\n"
    "class TestB:\n    def test_x(self): pass\n\n\ndef test_y(): pass\n\n\ndef helper():\n    def test_y(): pass\n",
    "a fixture in a test class yields": "class TestA:\n    @pytest.fixture\n    def cart(self):\n        yield 1\n\n"
    "    def test_x(self, cart): pass\n",
    "a raise in a function": "def fail():\n    raise RuntimeError\n",
    "an empty file": "",
}


@pytest.mark.parametrize(("text", "flag"), RAISED.items(), ids=RAISED.values())
def test_a_suspicion_is_raised(text: str, flag: str) -> None:
    assert getattr(glance(text.encode()), flag)


@pytest.mark.parametrize("text", UNSUSPICIOUS.values(), ids=UNSUSPICIOUS)
def test_no_suspicion_is_raised(text: str) -> None:
    seen = glance(text.encode())
    assert [flag for flag in FLAGS if getattr(seen, flag)] == []


def test_requested_fixtures_are_those_that_the_module_does_not_bring() -> None:
    text = (
        "@pytest.fixture\ndef cart(shop): pass\n@pytest.mark.usefixtures('clean')\n"
        "@pytest.mark.parametrize('a', [1])\ndef test_a(self, cart, a, tmp_path: Path, b=1): pass\n"
    )
    assert glance(text.encode()).requested == {"clean", "tmp_path", "b"}


HOSTILE = {
    "signatures without an end": b"def a((" * 100_000,
    "calls of parametrize without a function": b"parametrize('a'  'b'" * 50_000,
    "calls of parametrize before one function": b"parametrize('a', " * 50_000 + b"\ndef test_a(b): pass",
    "names with many blanks": b"parametrize([" + b'"a"   ' * 80 + b"\ndef f(): pass",
    "deep functions before shallow yields": b"\n    def a(): pass" * 20_000 + b"\n yield" * 20_000,
    "a long chain of fixtures": b"fixture\n" + b"".join(b"def f%d(f%d): pass\n" % (n, n + 1) for n in range(20_000)),
    "a long line of bases": b"class A(B): pass\n" * 20_000 + b"def __init__(self): pass",
    "nothing but zeros": bytes(100_000),
    "decorators of fixtures in one line": b"@pytest.fixture('" * 60_000,
    "yields in one line": b"yield " * 150_000,
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_hostile_bytes_are_glanced_at_in_no_time(data: bytes) -> None:
    assert len(glance(data)) == len(Glance._fields)


WORDS = st.sampled_from(
    [
        *(
            "def ",
            "test_a",
            "class ",
            "Test",
            "(",
            ")",
            ":",
            "\n",
            "    ",
            "parametrize(",
            "'a'",
            ",",
            "[",
            "]",
            "yield",
        ),
        *("=", "@pytest.fixture", "scope=", "raise ", "self", "__init__", "\t", "é", "\0", "#", '"""', "usefixtures("),
    ]
)


@given(st.lists(WORDS, max_size=60).map("".join).map(str.encode) | st.binary(max_size=200))
def test_no_bytes_make_a_reader_fail(data: bytes) -> None:
    assert len(glance(data)) == len(Glance._fields)
    assert isinstance(compiles(data), bool)
    assert isinstance(read(data), tuple)
    assert isinstance(set_and_read(data, "Test", "setup"), dict)
    assert isinstance(list(asked_by_hooks(data, {"test_a"})), list)

"""Tests, fixtures and classes as a module defines them."""

from __future__ import annotations

import json

import pytest

from precollect.reading.python.facts import Class, Fixture, Function, Module
from precollect.reading.python.module import read


def _function(code: str) -> Function:
    return read(code.encode(), "test_it.py").functions[-1]


def _class(code: str) -> Class:
    return read(code.encode(), "test_it.py").classes[-1]


def test_a_function_with_everything() -> None:
    code = """import pytest
class TestIt:
    @pytest.mark.asyncio(loop_scope="module")
    async def test_it(self, a, b=1, /, e=3, *args, c, d=2, **rest):
        pass
"""
    found = _function(code)
    assert found.qualified == "TestIt.test_it"
    assert (found.line, found.column, found.when) == (4, 5, "import")
    assert (found.is_async, found.is_generator) == (True, False)
    assert found.arguments == ("self", "c")
    assert found.defaulted == ("e", "d")
    assert found.by_position == ("a", "b")
    assert found.marks == ("asyncio",)
    assert not found.opaque
    call = found.decorators[0].call
    assert call is not None
    scope = call.keyword("loop_scope")
    assert scope is not None
    assert scope.value == "module"


@pytest.mark.parametrize(
    ("body", "generates"),
    [
        pytest.param("yield 1", True, id="yield"),
        pytest.param("x = yield from y", True, id="yield from"),
        pytest.param("def inner():\n        yield 1", False, id="yield of a function inside"),
        pytest.param("return 'yield'", False, id="the word in a text"),
    ],
)
def test_generators(body: str, generates: bool) -> None:
    assert _function(f"def test_it():\n    {body}\n").is_generator is generates


@pytest.mark.parametrize(
    ("decorator", "marks", "opaque"),
    [
        pytest.param("@pytest.mark.a", ("a",), False, id="a mark"),
        pytest.param("@slow", ("slow",), False, id="a mark kept under another name"),
        pytest.param("@patch('a.b')", (), False, id="mock.patch"),
        pytest.param("@tagged", ("tagged",), False, id="a decorator of the module that adds a mark"),
        pytest.param("@somewhere.run", (), True, id="a decorator from elsewhere"),
        pytest.param("@somewhere.run(1)", (), True, id="a decorator from elsewhere with arguments"),
        pytest.param("@changed", (), True, id="a decorator of the module that makes another function"),
    ],
)
def test_marks_by_decorators(decorator: str, marks: tuple[str, ...], opaque: bool) -> None:
    found = _function(
        f"""import pytest, somewhere
from unittest.mock import patch
slow = pytest.mark.slow
def tagged(func): return pytest.mark.tagged(func)
def changed(func): return somewhere.wrap(func)
{decorator}
def test_it(): pass
"""
    )
    assert (found.marks, found.opaque) == (marks, opaque)


@pytest.mark.parametrize(
    ("decorator", "expected"),
    [
        pytest.param("@pytest.fixture", ("pytest.fixture", "it", "function", False, "", False), id="bare"),
        pytest.param(
            "@pytest.fixture(scope='module', autouse=True, name='x', params=[1])",
            ("pytest.fixture", "x", "module", True, "", True),
            id="with keywords",
        ),
        pytest.param(
            "@pytest_asyncio.fixture(loop_scope='session')",
            ("pytest_asyncio.fixture", "it", "function", False, "session", False),
            id="of pytest-asyncio",
        ),
        pytest.param("@fx", ("pytest.fixture", "it", "function", False, "", False), id="imported under another name"),
        pytest.param(
            "@pytest.fixture(scope=pick)", ("pytest.fixture", "it", None, False, "", False), id="computed scope"
        ),
        pytest.param(
            "@pytest.fixture(**MORE)", ("pytest.fixture", None, None, None, None, False), id="unknown keywords"
        ),
        pytest.param("@made", ("pytest.fixture", None, None, None, None, False), id="kept with its arguments"),
    ],
)
def test_fixtures(decorator: str, expected: tuple[object, ...]) -> None:
    found = _function(
        f"""import pytest, pytest_asyncio
from pytest import fixture as fx
from somewhere import MORE
def pick(fixture_name, config): return "module"
made = pytest.fixture(scope="module")
{decorator}
def it(): pass
"""
    ).fixture
    assert isinstance(found, Fixture)
    assert found[:6] == expected


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        pytest.param("class TestIt: pass", "no", id="no base"),
        pytest.param("class TestIt(object): pass", "no", id="object"),
        pytest.param("import unittest\nclass TestIt(unittest.TestCase): pass", "yes", id="TestCase"),
        pytest.param("from unittest import TestCase as T\nclass TestIt(T): pass", "yes", id="TestCase renamed"),
        pytest.param(
            "import unittest\nclass A(unittest.IsolatedAsyncioTestCase): pass\nclass B(A): pass", "yes", id="inherited"
        ),
        pytest.param("class A: pass\nclass B(A): pass", "no", id="an own base"),
        pytest.param("from django.test import TestCase\nclass TestIt(TestCase): pass", "unknown", id="from elsewhere"),
        pytest.param("class TestIt(make()): pass", "unknown", id="computed"),
    ],
)
def test_unittest_classes(code: str, answer: str) -> None:
    assert _class(code).unittest == answer


@pytest.mark.parametrize(
    ("code", "constructor", "test"),
    [
        pytest.param("class TestIt:\n    def __init__(self): pass", "__init__", None, id="__init__"),
        pytest.param("class TestIt:\n    def __new__(cls): pass", "__new__", None, id="__new__"),
        pytest.param("class TestIt:\n    __test__ = False", "", False, id="__test__"),
        pytest.param(
            "from dataclasses import dataclass\n@dataclass\nclass TestIt:\n    a: int", "__init__", None, id="data"
        ),
        pytest.param("class TestIt:\n    def setup_method(self): pass", "", None, id="none"),
    ],
)
def test_constructors(code: str, constructor: str, test: bool | None) -> None:
    found = _class(code)
    assert (found.constructor, found.test) == (constructor, test)


@pytest.mark.parametrize(
    ("value", "kind", "marks"),
    [
        pytest.param("pytest.mark.a", "mark", ("a",), id="a mark"),
        pytest.param("[pytest.mark.a, pytest.mark.b(1)]", "list", ("a", "b"), id="a list"),
        pytest.param("[slow]", "list", ("slow",), id="a list of a mark kept under another name"),
        pytest.param("(pytest.mark.a, pytest.mark.b)", "tuple", ("a", "b"), id="a tuple"),
        pytest.param("pytest.mark.a,", "tuple", ("a",), id="a tuple by a comma"),
        pytest.param("'slow'", "str", (), id="a text"),
        pytest.param("['slow']", "other", (), id="a list of texts"),
        pytest.param("{'slow'}", "other", (), id="a set"),
        pytest.param("[imported]", "unknown", (), id="a list of something from elsewhere"),
        pytest.param("imported", "unknown", (), id="something from elsewhere"),
    ],
)
def test_pytestmark(value: str, kind: str, marks: tuple[str, ...]) -> None:
    code = f"import pytest\nfrom elsewhere import imported\nslow = pytest.mark.slow\npytestmark = {value}\n"
    (found,) = read(code.encode(), "test_it.py").pytestmarks
    assert (found.owner, found.line, found.kind, found.marks) == ("", 4, kind, marks)


@pytest.mark.parametrize(
    ("code", "target", "owner"),
    [
        pytest.param("@pytest.mark.x\ndef test_it(): pass", "function", "test_it", id="a function"),
        pytest.param(
            "class T:\n    @pytest.mark.x\n    def test_it(self): pass", "function", "T.test_it", id="a method"
        ),
        pytest.param("@pytest.mark.x\nclass T: pass", "class", "T", id="a class"),
        pytest.param("@pytest.mark.x\n@pytest.fixture\ndef f(): pass", "fixture", "f", id="above a fixture"),
        pytest.param("@pytest.fixture\n@pytest.mark.x\ndef f(): pass", "fixture", "f", id="below a fixture"),
        pytest.param("pytestmark = pytest.mark.x", "pytestmark", "", id="pytestmark"),
        pytest.param("class T:\n    pytestmark = [pytest.mark.x]", "pytestmark", "T", id="pytestmark of a class"),
        pytest.param(
            "@pytest.mark.parametrize('a', [pytest.param(1, marks=pytest.mark.x)])\ndef test_it(a): pass",
            "param",
            "test_it",
            id="a parameter set",
        ),
        pytest.param("def test_it():\n    pytest.mark.x", "body", "test_it", id="a body"),
        pytest.param("slow = pytest.mark.x", "value", "", id="a value"),
    ],
)
def test_where_a_mark_stands(code: str, target: str, owner: str) -> None:
    uses = read(f"import pytest\n{code}\n".encode(), "test_it.py").marks
    assert [(use.target, use.owner) for use in uses if use.name == "x"] == [(target, owner)]


def test_arguments_of_a_mark() -> None:
    code = """import pytest, sys
@pytest.mark.flaky(2, f(), reruns='3', condition=sys.platform, only_rerun=['a', 'b'])
def test_it(): pass
"""
    (use,) = read(code.encode(), "test_it.py").marks
    assert use.call is not None
    assert [(a.kind, a.known, a.value) for a in use.call.positional] == [("int", True, 2), ("unknown", False, None)]
    assert [(key, a.kind, a.value) for key, a in use.call.keywords] == [
        ("reruns", "str", "3"),
        ("condition", "name", "sys.platform"),
        ("only_rerun", "list", ("a", "b")),
    ]


@pytest.mark.parametrize(
    ("code", "guarded"),
    [
        pytest.param("pytest.mark.x", False, id="in the open"),
        pytest.param("try:\n    pytest.mark.x\nexcept Exception: pass", True, id="below except Exception"),
        pytest.param("try:\n    pytest.mark.x\nexcept ImportError: pass", False, id="below except ImportError"),
        pytest.param("try:\n    pytest.mark.x\nfinally: pass", False, id="below finally"),
    ],
)
def test_guarded_marks(code: str, guarded: bool) -> None:
    (use,) = read(f"import pytest\n{code}\n".encode(), "test_it.py").marks
    assert (use.when, use.guarded) == ("import", guarded)


def test_a_mark_of_a_mark() -> None:
    (use,) = read(b"import pytest\n@pytest.mark.slow.net\ndef test_it(): pass\n", "test_it.py").marks
    assert (use.name, use.chained) == ("slow", "net")


def test_columns_count_characters() -> None:
    (use,) = read('import pytest\nx = "äöü", pytest.mark.a\n'.encode(), "test_it.py").marks
    assert (use.line, use.column) == (2, 12)


def test_imports() -> None:
    code = b"""import a.b, c
from ..d import e, f as g
if x:
    from h import *
try:
    import i
except ImportError: pass
"""
    found = read(code, "test_it.py").imports
    assert [(one.module, one.names, one.line, one.when) for one in found] == [
        ("a.b", (), 1, "import"),
        ("c", (), 1, "import"),
        ("..d", ("e", "f"), 2, "import"),
        ("h", ("*",), 4, "maybe"),
        ("i", (), 6, "import"),
    ]
    assert [one.module for one in found if one.caught] == ["i"]


@pytest.mark.parametrize(
    ("code", "line", "may_skip"),
    [
        pytest.param("import pytest\npytest.skip('x', allow_module_level=True)", 2, True, id="certainly"),
        pytest.param("import pytest\nnp = pytest.importorskip('numpy')", 0, True, id="importorskip"),
        pytest.param("import x\nx.skip_if_no('numpy')", 0, True, id="a helper so named"),
        pytest.param("import pytest\ndef test_it():\n    pytest.skip('x')", 0, False, id="only in a test"),
        pytest.param("import pytest\npytestmark = pytest.mark.skip", 0, False, id="a mark"),
    ],
)
def test_skips_of_the_module(code: str, line: int, may_skip: bool) -> None:
    module = read(code.encode(), "test_it.py")
    assert (module.skipped_from, module.may_skip) == (line, may_skip)


def test_facts_are_plain_data() -> None:
    def plain(value: object) -> bool:
        if isinstance(value, tuple):
            return all(map(plain, value))
        return value is None or isinstance(value, (str, int, float, bool))

    code = b"""
import pytest, os
pytest_plugins = ["a"]
MARKS = {"a": b"x", 1: (2, {3}), None: ...}
@pytest.mark.a(MARKS, {"k": 1j}, os.name, lambda: 1, print, float("inf"), -0.5)
class TestIt:
    @pytest.fixture(params=[1, {"a": 2}])
    def it(self, request): yield
def pytest_addoption(parser): parser.addoption("--x", type=int, default=os.sep)
def pytest_configure(config): config.option.x = {1: 2}
"""
    module = read(code, "conftest.py")
    assert isinstance(module, Module)
    assert module.marks
    assert plain(module)
    assert json.loads(json.dumps(module))[2][0][0] == "a"

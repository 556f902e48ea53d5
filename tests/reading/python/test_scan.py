"""What the bytes of a file show of marks and of decorators beside fixtures."""

from __future__ import annotations

from unicodedata import normalize

import pytest

from precollect.reading.python.scan import scan

PLAIN = "import pytest\n\n\ndef make():\n    return 1\n\n\n@pytest.fixture\ndef cart():\n    return make()\n"

NEAR = {
    "a mark above": "def a():\n    pass\n\n\n@pytest.mark.slow\n@pytest.fixture\ndef cart(): pass\n",
    "a mark above, with lines between": "def a(): pass\n\n\n@pytest.mark.slow\n\n\n@pytest.fixture\ndef cart(): pass\n",
    "a mark below": "def a(): pass\n@pytest.fixture\n@pytest.mark.slow\ndef cart(): pass\n",
    "a mark with the text of a function": 'def a(): pass\n@pytest.mark.slow("""\ndef b(): pass\n""")\n@pytest.fixture\n'
    "def cart(): pass\n",
    "a mark with a word in a text": "def a(): pass\n@pytest.mark.slow('def ')\n@pytest.fixture\ndef cart(): pass\n",
    "another name for it": "def a(): pass\nfixed = pytest.fixture\n",
}

APART = {
    "no other decorator": PLAIN,
    "a mark on a test above": PLAIN
    + "\n\n@pytest.mark.slow\ndef test_a(): pass\n\n\n@pytest.fixture()\ndef b(): pass\n",
    "a fixture in a class": "class A:\n    def a(self): pass\n\n    @pytest.fixture(name='c')\n    def b(self): pass\n",
    "a coroutine above": "async def a(): pass\n\n\n@pytest.fixture\nasync def b(): pass\n",
    "documentation above": 'def a():\n    """Text."""\n\n\n@pytest.fixture(name="c")\ndef b(): pass\n',
}

MARKS = {
    "in comments only": ("# @pytest.mark.slow\n", set()),
    "in a comment and in code": ("# pytest.mark.slow\n@pytest.mark.slow\ndef test_a(): pass\n", {"slow"}),
    "behind code": ("x = 1  # pytest.mark.slow\n", {"slow"}),
    "one whose name begins like another": ("@pytest.mark.slowest\ndef a(): pass\n# pytest.mark.slow\n", {"slowest"}),
    "below a name that ends so": ("bookmark.slow\n", set()),
    "by add_marker": ("request.node.add_marker('slow')\n", {"slow"}),
}


@pytest.mark.parametrize("title", NEAR)
def test_a_decorator_beside_a_fixture_is_seen(title: str) -> None:
    assert scan(NEAR[title].encode()).marks_near_fixtures
    assert scan(NEAR[title].replace("\n", "\r\n").encode()).marks_near_fixtures


@pytest.mark.parametrize("title", APART)
def test_decorators_of_other_functions_are_told_apart(title: str) -> None:
    assert not scan(APART[title].encode()).marks_near_fixtures


@pytest.mark.parametrize("title", MARKS)
def test_the_names_of_marks(title: str) -> None:
    text, names = MARKS[title]
    assert scan(text.encode()).marks == names


@pytest.mark.parametrize("letter", ["\u00e9", "\u4e2d", "e\u0301", "\uff4d", "\ufb01"])
def test_names_in_other_letters_are_compared_as_python_compares_them(letter: str) -> None:
    assert normalize("NFKC", f"a{letter}b") in scan(f"@pytest.mark.a{letter}b\ndef test_x(): pass\n".encode()).marks

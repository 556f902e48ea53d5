"""Words of addopts, compared with the shlex that pytest uses."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from precollect.reading.config_file import Entry, load
from precollect.reading.words import BadWords, UnclosedError, cut, spans

NATIVE = frozenset({"native-table"})


def addopts(path: str, text: str) -> Entry:
    found = load(path, text.encode(), NATIVE)
    assert found is not None
    return found.entries["addopts"]


def shlex_says(text: str) -> list[str] | str:
    try:
        return shlex.split(text)
    except ValueError as error:
        return str(error)


@given(st.text(alphabet="ab -='\"\\#;,\t\r\n\x0b\u00a0ö", max_size=30))
def test_words_are_those_of_shlex(text: str) -> None:
    try:
        found: list[str] | str = [span.text for span in spans(text)]
    except UnclosedError as error:
        found = str(error)
    assert found == shlex_says(text)


@given(st.lists(st.text(alphabet="ab -'\"\\#\n", max_size=8), max_size=6))
def test_a_span_is_the_text_of_its_word_alone(words: list[str]) -> None:
    text = shlex.join(words)
    found = list(spans(text))
    assert [span.text for span in found] == words
    assert [shlex.split(text[span.start : span.end]) for span in found] == [[word] for word in words]


@pytest.mark.parametrize(
    ("path", "text", "words"),
    [
        (
            "pytest.ini",
            "[pytest]\naddopts =\n    -q  # why\n    # not this\n\t-m'not slow' -p \"no:\\x\"\n",
            ["-q 3:5", "# 3:9", "why 3:11", "-mnot slow 5:2", "-p 5:15", "no:\\x 5:18"],
        ),
        ("pytest.ini", "[pytest]\naddopts = -k 'a\n  b'\n", ["-k 2:11", "a\nb 2:14"]),
        ("pytest.ini", "[pytest]\r\naddopts:-q\r\n", ["-q 2:9"]),
        ("pytest.ini", "\ufeff[pytest]\naddopts=\n", []),
        (
            "pyproject.toml",
            '[tool.pytest.ini_options]\naddopts = "-k \\"a\\" \\u002dq"\n',
            ["-k 2:12", "a 2:15", "-q 2:21"],
        ),
        (
            "pyproject.toml",
            '[tool.pytest.ini_options]\naddopts = """\\\n   -q \\\n\n   -v\n"""\n',
            ["-q 3:4", "-v 5:4"],
        ),
        (
            "pyproject.toml",
            "[tool.pytest.ini_options]\naddopts = ['-p no:x', # no\n  \"-q\"\n]\n",
            ["-p no:x 2:13", "-q 3:4"],
        ),
        ("pyproject.toml", "[tool.pytest]\naddopts = ['-q']\n", ["-q 2:13"]),
        ("pyproject.toml", "[tool.pytest.ini_options]\naddopts = 7\n", ["7 2:11"]),
        ("pyproject.toml", "[tool.pytest.ini_options.addopts]\n", ["{} 1:1"]),
    ],
)
def test_words_with_their_places(path: str, text: str, words: list[str]) -> None:
    found = cut(addopts(path, text))
    assert [f"{word.text} {word.place.line}:{word.place.column}" for word in found] == words
    assert [word.index for word in found] == list(range(len(words)))


@pytest.mark.parametrize(
    ("path", "text", "message", "place"),
    [
        ("pytest.ini", "[pytest]\naddopts =\n  -q\n  -m 'x\n", "No closing quotation", "pytest.ini:4:6"),
        ("pytest.ini", '[pytest]\naddopts = -q "a\\', "No escaped character", "pytest.ini:2:16"),
        ("pytest.ini", "[pytest]\naddopts = -q \\", "No escaped character", "pytest.ini:2:14"),
        (
            "pyproject.toml",
            "[tool.pytest.ini_options]\naddopts = ['-q', 7]\n",
            "expects a list of strings, but item at index 1 is int: 7",
            "pyproject.toml:2:18",
        ),
        (
            "pytest.toml",
            "[pytest]\naddopts = '-q'\n",
            "expects a list for type 'args', got str: '-q'",
            "pytest.toml:2:12",
        ),
        (
            "pytest.toml",
            "[pytest]\naddopts = true\n",
            "expects a list for type 'args', got bool: True",
            "pytest.toml:2:11",
        ),
    ],
)
def test_a_value_that_cannot_be_cut(path: str, text: str, message: str, place: str) -> None:
    with pytest.raises(BadWords) as caught:
        cut(addopts(path, text))
    assert (caught.value.message, str(caught.value.place)) == (message, place)

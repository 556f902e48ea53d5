"""Warning filters: parsed as the real pytest parses them, and the last that matches decides."""

from __future__ import annotations

import warnings

import pytest
from _pytest.config import parse_warning_filter

from precollect.reading.warning_filters import Filter, outcome, parse

LINES = [
    "error",
    "err",
    "e",
    "",
    "all",
    "ignore::DeprecationWarning",
    "error:a message with ( no partner",
    "error:unclosed [:UserWarning",
    "ignore::pytest.PytestUnknownMarkWarning:some.module:12",
    "once:a:b:c:d:e",
    "shout::UserWarning",
    "default::UserWarning::-1",
    "default::UserWarning::x",
    " ignore : message : UserWarning ",
]


@pytest.mark.parametrize("line", LINES)
def test_a_line_is_refused_where_the_real_pytest_refuses_it(line: str) -> None:
    ours = parse(line, literal=False)
    try:
        action, message, _, module, number = parse_warning_filter(line, escape=False)
    except pytest.UsageError:
        assert isinstance(ours, str)
    except AttributeError:  # a category that does not exist is no matter of parsing for us
        assert isinstance(ours, Filter)
    else:
        assert isinstance(ours, Filter)
        assert (ours.action, ours.message, ours.module, ours.line) == (action, message, module, number)


MARK = ("PytestUnknownMarkWarning", "Unknown pytest.mark.fuzz - is this a typo?")
OUTCOMES = [
    ("nothing said", [], MARK, "shown"),
    ("every warning is an error", ["error"], MARK, "error"),
    ("the class itself", ["error::pytest.PytestUnknownMarkWarning"], MARK, "error"),
    ("a class above", ["error::UserWarning"], MARK, "error"),
    ("a class above, of pytest", ["error::pytest.PytestWarning"], MARK, "error"),
    ("another class", ["error::DeprecationWarning"], MARK, "shown"),
    ("a class of the project", ["error::project.MarkWarning"], MARK, "shown"),
    ("a later line takes it back", ["error", "ignore::pytest.PytestUnknownMarkWarning"], MARK, "ignored"),
    ("a later line brings it back", ["ignore::pytest.PytestUnknownMarkWarning", "error"], MARK, "error"),
    ("the beginning of the message", ["error:Unknown pytest.mark"], MARK, "error"),
    ("the message in another case", ["error:unknown PYTEST"], MARK, "error"),
    ("another message", ["error:Something else"], MARK, "shown"),
    ("a module decides", ["error::UserWarning:tests.test_x"], MARK, "unknown"),
    ("a line number decides", ["error::UserWarning::12"], MARK, "unknown"),
    ("deprecations are deprecations", ["error::DeprecationWarning"], ("PytestRemovedIn9Warning", "x"), "error"),
    (
        "an unknown key",
        ["error::pytest.PytestConfigWarning"],
        ("PytestConfigWarning", "Unknown config option: x"),
        "error",
    ),
]


@pytest.mark.parametrize(("title", "lines", "warning", "expected"), OUTCOMES, ids=[row[0] for row in OUTCOMES])
def test_the_last_filter_that_matches_decides(
    title: str, lines: list[str], warning: tuple[str, str], expected: str
) -> None:
    filters = [entry for line in lines if isinstance(entry := parse(line, literal=False), Filter)]

    assert outcome(filters, *warning) == expected
    if expected != "unknown" and "project" not in title:
        assert really_raises(lines, *warning) == (expected == "error")


def really_raises(lines: list[str], category: str, message: str) -> bool:
    """Whether Python itself raises the warning under these filters."""
    with warnings.catch_warnings():
        warnings.resetwarnings()
        warnings.simplefilter("ignore")
        for line in lines:
            if "project." not in line:
                warnings.filterwarnings(*parse_warning_filter(line, escape=False))
        kind = getattr(pytest, category.replace("In9", "In10"))
        try:
            warnings.warn(message, kind, stacklevel=1)
        except Warning:
            return True
    return False


def test_messages_of_the_command_line_are_literal_text() -> None:
    assert outcome([parse("error:a.c", literal=True)], "PytestWarning", "abc") == "shown"  # type: ignore[list-item]
    assert outcome([parse("error:a.c", literal=False)], "PytestWarning", "abc") == "error"  # type: ignore[list-item]


def test_nothing_is_said_of_what_python_warns_of_in_a_pattern() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = parse("ignore:[[a]b", literal=False)

        assert isinstance(found, Filter)
        assert outcome([found], "UserWarning", "[b") == "ignored"

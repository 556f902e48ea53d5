"""Facts of single releases become facts with ranges, a readable file, and facts of single releases again."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from precollect.catalog.history import (
    MOST_SPANS,
    Failure,
    History,
    Measurement,
    explore,
    from_text,
    range_text,
    spans,
    to_rows,
    to_text,
    within,
)


def marks(*names: str) -> Measurement:
    facts = {"marks": [{"name": name, "line": f"{name}: text", "owner": "plugin"} for name in names]}
    return Measurement(to_rows(facts), "Python 3.11, pytest 9.2.0")


class Measurer:
    """Measures as it is told, and notes what it was asked."""

    def __init__(self, answer: Callable[[str], Measurement | Failure]) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def __call__(self, release: str) -> Measurement | Failure:
        self.asked.append(release)
        return self.answer(release)


def series(minor: str, count: int) -> list[str]:
    return [f"{minor}.{patch}" for patch in range(count)]


def test_equal_ends_of_a_minor_series_are_enough() -> None:
    measurer = Measurer(lambda release: marks("slow"))
    history = explore("plugin", series("1.0", 20), measurer)
    assert sorted(measurer.asked) == ["1.0.0", "1.0.19"]
    assert history.rows_of("1.0.10") == marks("slow").rows


@pytest.mark.parametrize("change", range(1, 20))
def test_a_change_inside_a_series_is_found_at_its_very_release(change: int) -> None:
    releases = series("1.0", 20)
    measurer = Measurer(lambda release: marks("slow") if releases.index(release) >= change else marks())
    history = explore("plugin", releases, measurer)
    assert [bool(history.rows_of(release)) for release in releases] == [index >= change for index in range(20)]
    assert len(measurer.asked) == len(set(measurer.asked)) <= 7


def test_both_ends_of_every_minor_series_are_measured() -> None:
    measurer = Measurer(lambda release: marks())
    explore("plugin", series("1.0", 3) + series("1.1", 1) + series("2.0", 2), measurer)
    assert sorted(measurer.asked) == ["1.0.0", "1.0.2", "1.1.0", "2.0.0", "2.0.1"]


def test_every_release_is_measured_where_that_is_asked() -> None:
    measurer = Measurer(lambda release: marks())
    explore("pytest", series("9.0", 5), measurer, every=True)
    assert sorted(measurer.asked) == series("9.0", 5)


def test_releases_that_fail_are_listed_and_do_not_hide_a_change() -> None:
    broken = {"1.0.0", "1.0.5", "1.0.9"}
    measurer = Measurer(
        lambda release: (
            Failure("does not install") if release in broken else marks("slow") if release >= "1.0.6" else marks()
        )
    )
    history = explore("plugin", series("1.0", 10), measurer)
    assert set(history.failed) <= broken
    assert {"1.0.0", "1.0.9"} <= set(history.failed)
    assert history.rows_of("1.0.4") == frozenset()
    assert history.rows_of("1.0.6") == marks("slow").rows


def test_a_distribution_of_which_nothing_can_be_measured_has_no_facts() -> None:
    history = explore("plugin", series("1.0", 4), lambda release: Failure("takes too long"))
    assert history.measured == {}
    assert history.rows_of("1.0.2") == frozenset()


def test_many_minor_series_are_joined_and_none_is_lost() -> None:
    releases = [f"1.{minor}.{patch}" for minor in range(170) for patch in range(3)]
    groups = spans(releases)
    assert len(groups) <= MOST_SPANS
    assert [release for group in groups for release in group] == releases


@pytest.mark.parametrize(
    ("held", "text"),
    [
        ("abcde", ""),
        ("a", "..1.a"),
        ("e", "1.e.."),
        ("c", "1.c"),
        ("bcd", "1.b..1.d"),
        ("ab de", "..1.b 1.d.."),
        ("a c e", "..1.a 1.c 1.e.."),
    ],
)
def test_a_range_is_written_and_read(held: str, text: str) -> None:
    releases = [f"1.{letter}" for letter in "abcde"]
    assert range_text([release[-1] in held for release in releases], releases) == text
    order = {release: index for index, release in enumerate(releases)}
    assert list(within(text or "..", releases, order)) == [release for release in releases if release[-1] in held]


HISTORY = History(
    "some-plugin",
    ("1.0", "1.1", "2.0"),
    {
        "1.0": Measurement(
            to_rows(
                {
                    "spelled": ["Some_Plugin"],
                    "requires_python": ">=3.7",
                    "requires": ["pytest"],
                    "modules": ["some_plugin"],
                    "marks": [{"name": "slow", "line": 'slow: a "mark" — 慢', "owner": "some"}],
                    "keys": [{"name": "level", "type": "string", "default": "", "owner": "some"}],
                    "options": [{"names": ["-x", "--level"], "dest": "level", "action": "store", "owner": "some"}],
                }
            ),
            "Python 3.11, pytest 9.2.0",
        ),
        "2.0": marks("fast"),
    },
    {"1.1": Failure("does not install")},
)
TEXT = """\
{
 "distribution": "some-plugin",
 "releases": "1.0 1.1 2.0",
 "introspection": "7",
 "measured": {
  "Python 3.11, pytest 9.2.0": "1.0 2.0"
 },
 "failed": {
  "does not install": "1.1"
 },
 "spelled": [
  {"name": "Some_Plugin", "in": "..1.1"}
 ],
 "requires_python": [
  {"specifier": ">=3.7", "in": "..1.1"}
 ],
 "requires": [
  {"name": "pytest", "in": "..1.1"}
 ],
 "modules": [
  {"name": "some_plugin", "in": "..1.1"}
 ],
 "marks": [
  {"name": "fast", "line": "fast: text", "owner": "plugin", "in": "2.0.."},
  {"name": "slow", "line": "slow: a \\"mark\\" — 慢", "owner": "some", "in": "..1.1"}
 ],
 "keys": [
  {"name": "level", "owner": "some", "in": "..1.1"}
 ],
 "options": [
  {"names": ["-x", "--level"], "dest": "level", "owner": "some", "in": "..1.1"}
 ]
}
"""


def test_the_file_has_one_fact_on_a_line_with_its_releases() -> None:
    assert to_text(HISTORY, introspection="7") == TEXT


def test_a_file_reads_back_as_what_was_measured() -> None:
    assert from_text(TEXT) == HISTORY


def test_reading_and_writing_again_changes_nothing() -> None:
    assert to_text(from_text(TEXT), introspection="7") == TEXT
    assert json.loads(TEXT)["releases"] == "1.0 1.1 2.0"

from __future__ import annotations

import pytest

from precollect.similar import nearest

FOUND = {
    "a character is missing": ("slo", ["slow", "fast"], ["slow"]),
    "a character is too many": ("slows", ["slow", "fast"], ["slow"]),
    "two neighbours are swapped": ("asynico", ["asyncio", "anyio"], ["asyncio"]),
    "a letter is exchanged": ("parameterize", ["parametrize", "skipif"], ["parametrize"]),
    "case differs": ("Slow", ["slow"], ["slow"]),
    "a hyphen stands for an underscore": ("django-db", ["django_db"], ["django_db"]),
    "the nearest comes first": ("intergation", ["integrations", "integration"], ["integration", "integrations"]),
    "of two equally near the one with the same first letter comes first": ("bar", ["car", "baz"], ["baz", "car"]),
    "a known name may stand twice": ("slo", ["slow", "slow"], ["slow"]),
}
SILENT = {
    "nothing is known": ("slow", []),
    "nothing is near": ("network", ["slow", "integration"]),
    "two letters that differ in one": ("db", ["ab"]),
    "one letter": ("x", ["y", "n"]),
    "the word itself": ("slow", ["slow"]),
    "the empty word": ("", ["a"]),
    "a word of a million characters": ("a" * 1_000_000, ["a" * 999_999]),
}


@pytest.mark.parametrize(("word", "known", "expected"), FOUND.values(), ids=FOUND)
def test_a_slip_finds_the_name_that_was_meant(word: str, known: list[str], expected: list[str]) -> None:
    assert nearest(word, known) == expected


@pytest.mark.parametrize(("word", "known"), SILENT.values(), ids=SILENT)
def test_another_word_finds_nothing(word: str, known: list[str]) -> None:
    assert nearest(word, known) == []


def test_at_most_as_many_as_asked_for() -> None:
    known = ["slow1", "slow2", "slow3", "slow4"]
    assert nearest("slow", known) == ["slow1", "slow2"]
    assert nearest("slow", known, most=3) == ["slow1", "slow2", "slow3"]

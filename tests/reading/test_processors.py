"""Work in several processes gives what work in one gives."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest

from precollect.reading.processors import spread


def lengths(items: Sequence[str]) -> list[int]:
    return [len(item) for item in items]


@pytest.mark.parametrize("count", [1, 2, 3, 8, 64, None])
@pytest.mark.parametrize("items", [[], ["a"], ["a", "bb"], ["x" * number for number in range(100)]])
def test_the_results_come_in_the_order_of_the_items(
    items: list[str], count: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: count)

    assert spread(lengths, items) == lengths(items)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_every_part_is_done_by_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 3)

    done_by = spread(lambda items: [os.getpid() for _ in items], ["a", "bb", "ccc"])

    assert done_by[0] == os.getpid()
    assert len(set(done_by)) == 3


def test_results_larger_than_a_pipe_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 4)

    assert spread(lambda items: ["y" * 200_000 for _ in items], ["a"] * 8) == ["y" * 200_000] * 8


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_what_a_process_fails_to_do_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    here = os.getpid()

    def work(items: Sequence[str]) -> list[int]:
        if os.getpid() != here:
            raise ValueError
        return lengths(items)

    assert spread(work, ["a", "bb", "ccc"]) == [1, 2, 3]


def test_without_fork_all_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork", raising=False)

    assert spread(lengths, ["a", "bb"]) == [1, 2]

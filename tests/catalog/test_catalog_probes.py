"""Probes: each is a whole question, and the answers of the real pytest are told apart from no answer."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from precollect.catalog import load, probes
from precollect.catalog.probes import Probe, ask, read_all, shows


@pytest.mark.parametrize("name", read_all())
def test_every_probe_is_a_question_with_two_answers_that_differ(name: str) -> None:
    probe = read_all()[name]
    assert probe.question.endswith("?")
    assert probe.files
    for side in (probe.yes, probe.no):
        assert set(side) <= {"exit", "says", "lacks"}
        assert "exit" in side
    assert probe.yes != probe.no


@pytest.mark.parametrize(
    ("side", "code", "output", "answer"),
    [
        ({"exit": 4}, 4, "", True),
        ({"exit": 4}, 0, "", False),
        ({"exit": [1, 4]}, 1, "", True),
        ({"exit": [1, 4]}, 2, "", False),
        ({"exit": 0, "says": "passed"}, 0, "1 passed", True),
        ({"exit": 0, "says": "passed"}, 0, "1 failed", False),
        ({"exit": 0, "lacks": "failed"}, 0, "1 passed", True),
        ({"exit": 0, "lacks": "failed"}, 0, "1 passed, 1 failed", False),
    ],
)
def test_an_answer_shows_when_all_its_signs_are_there(
    side: dict[str, Any], code: int, output: str, answer: bool
) -> None:
    assert shows(side, code, output) is answer


def probe(yes: dict[str, Any], no: dict[str, Any]) -> Probe:
    return Probe("Does it pass?", ("pytest",), {"deep/test_one.py": "def test_one(): pass\n"}, ["-q"], {}, yes, no, "")


@pytest.mark.parametrize(
    ("yes", "no", "answer"),
    [
        pytest.param({"exit": 0}, {"exit": 1}, True, id="yes"),
        pytest.param({"exit": 1}, {"exit": 0}, False, id="no"),
        pytest.param({"exit": 3}, {"exit": 4}, None, id="neither is unclear, not no"),
        pytest.param({"exit": 0}, {"exit": 0, "says": "passed"}, None, id="both are unclear"),
    ],
)
def test_the_real_pytest_answers(yes: dict[str, Any], no: dict[str, Any], answer: bool | None) -> None:
    found, output = ask(probe(yes, no), sys.executable)
    assert found is answer
    assert output.startswith("exit 0: 1 passed")


def test_a_run_without_end_is_unclear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "SECONDS", 0.01)
    assert ask(probe({"exit": 0}, {"exit": 1}), sys.executable) == (None, "no answer in time")


@pytest.mark.parametrize("name", ["native-table", "mark-on-fixture-fails", "strict-flags-in-addopts"])
def test_the_data_say_what_the_pytest_of_this_environment_does(name: str) -> None:
    pytest_itself = load("pytest")
    assert pytest_itself is not None
    answer, _ = ask(read_all()[name], sys.executable)
    assert answer is (name in pytest_itself.at(pytest.__version__).behaviours)


def test_the_behaviours_in_the_data_come_from_the_probes_as_they_are_now() -> None:
    pytest_itself = load("pytest")
    assert pytest_itself is not None
    answered = {name for release in pytest_itself.releases for name in pytest_itself.at(release).behaviours}
    assert answered <= set(read_all())
    assert pytest_itself._data["probes"] == probes.fingerprint("pytest")

"""Case files are read and written as they were meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from case_files import Case, Recording, all_cases, read_case, truth, write_recording
from record import reason, warning

CASES = all_cases()
TEXT = """\
title = "a case"  # a comment stays

[files]
"pytest.ini" = '''
[recorded]
'''
"""


def case(folder: Path, text: str = TEXT) -> Case:
    path = folder / "case.toml"
    path.write_text(text, encoding="utf-8")
    return read_case(path)


@pytest.mark.parametrize("recorded", [pytest.param(case, id=case.name) for case in CASES])
def test_every_case_is_recorded_on_its_stacks(recorded: Case) -> None:
    assert list(recorded.recorded) == recorded.stacks


def test_titles_are_told_apart() -> None:
    titles = [case.title for case in CASES]

    assert sorted(set(titles)) == sorted(titles)


def test_a_key_that_means_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unknown keys: plugin"):
        case(tmp_path, 'title = "a case"\nplugin = ["anyio"]\n[files]\n')


def test_a_recording_is_read_as_it_was_written(tmp_path: Path) -> None:
    recorded = {
        "8.4.2": Recording(collect=2, run=None, tests=0, says='"quoted" \\ \x1b[31m\ttext'),
        "9.2.0": Recording(collect=0, run=0, tests=3, warns="PytestConfigWarning: x"),
    }

    write_recording(case(tmp_path), recorded)

    text = (tmp_path / "case.toml").read_text(encoding="utf-8")
    assert text.startswith(TEXT.rstrip("\n"))
    assert read_case(tmp_path / "case.toml").recorded == recorded


def test_a_second_recording_takes_the_place_of_the_first(tmp_path: Path) -> None:
    write_recording(case(tmp_path), {"8.4.2": Recording(2, None, 0)})
    once = (tmp_path / "case.toml").read_text(encoding="utf-8")

    write_recording(read_case(tmp_path / "case.toml"), {"8.4.2": Recording(2, None, 0)})

    assert (tmp_path / "case.toml").read_text(encoding="utf-8") == once


@pytest.mark.parametrize(
    ("recording", "loses", "expected"),
    [
        pytest.param(Recording(2, None, 0), False, "broken", id="collection fails"),
        pytest.param(Recording(5, 5, 0), False, "broken", id="nothing is collected"),
        pytest.param(Recording(0, 1, 3), False, "broken", id="the run fails"),
        pytest.param(Recording(0, 0, 3), True, "lossy", id="the case says that something is lost"),
        pytest.param(
            Recording(0, 0, 3, warns="PytestConfigWarning: Unknown config option: x"),
            False,
            "lossy",
            id="a key is lost",
        ),
        pytest.param(Recording(0, 0, 3, warns="PytestUnknownMarkWarning: x"), False, "sound", id="only a warning"),
        pytest.param(Recording(0, 0, 3), False, "sound", id="all is well"),
    ],
)
def test_the_recording_decides_what_is_true(tmp_path: Path, recording: Recording, loses: bool, expected: str) -> None:
    told = case(tmp_path)._replace(recorded={"8.4.2": recording}, loses=loses)

    assert truth(told, "8.4.2") == expected


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        pytest.param(
            "E   SyntaxError: x\n'slow' not found in `markers` configuration option\n",
            "'slow' not found in `markers` configuration option",
            id="the most telling line comes first",
        ),
        pytest.param("INTERNALERROR> KeyError: 'x'\n", "KeyError: 'x'", id="an internal error"),
        pytest.param("ERROR: file or directory not found: x\n\n", "ERROR: file or directory not found: x", id="usage"),
        pytest.param("\x1b[31mE   AssertionError\x1b[0m\n", "AssertionError", id="colours are taken off"),
        pytest.param("one\n== 1 failed in 1s ==\n", "1 failed in 1s", id="nothing tells: the last line"),
        pytest.param("", "", id="silence"),
    ],
)
def test_the_reason_is_the_line_that_tells_why(output: str, expected: str) -> None:
    assert reason(output) == expected


def test_the_first_warning_of_pytests_own_is_taken() -> None:
    output = "x.py:1: DeprecationWarning: no\n  PytestConfigWarning: one\nPytestUnknownMarkWarning: two\n"

    assert warning(output) == "PytestConfigWarning: one"

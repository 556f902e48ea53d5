"""Edits of INI files, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from edited import edited
from precollect.editing.writer import apply, preview
from precollect.findings import AddLine, AddWords, Edit, Fix, RemoveKey, RemoveWords, SetKey
from precollect.reading import config_file

SEED = """\
[pytest]
asyncio_mode = auto
addopts =
    --strict-markers
    --maxfail=50
    # Disable plugin autoload for CI/sandbox compatibility
    -p no:asyncio
    -p no:rerunfailures
markers =
    slow: takes long
"""


def remove(*words: int, key: str = "addopts") -> RemoveWords:
    return RemoveWords("pytest.ini", "pytest", key, words)


def add(*words: str, key: str = "addopts") -> AddWords:
    return AddWords("pytest.ini", "pytest", key, words)


def put(key: str, value: str | bool) -> SetKey:
    return SetKey("pytest.ini", "pytest", key, value)


def drop(key: str) -> RemoveKey:
    return RemoveKey("pytest.ini", "pytest", key)


def line(text: str, key: str = "markers") -> AddLine:
    return AddLine("pytest.ini", "pytest", key, text)


MADE: dict[str, tuple[str, Edit, str]] = {
    "two disablers under one comment are three lines": (
        SEED,
        remove(2, 3, 4, 5),
        """\
[pytest]
asyncio_mode = auto
addopts =
    --strict-markers
    --maxfail=50
markers =
    slow: takes long
""",
    ),
    "two disablers each with its comment are four lines": (
        "[pytest]\naddopts =\n  -v\n  # no asyncio\n  -p no:asyncio\n  # no reruns\n  -p no:rerunfailures\nmarkers =\n",
        remove(1, 2, 3, 4),
        "[pytest]\naddopts =\n  -v\nmarkers =\n",
    ),
    "the comment stays when only the second of its lines goes": (
        SEED,
        remove(4, 5),
        SEED.replace("    -p no:rerunfailures\n", ""),
    ),
    "the comment stays when a kept line follows the removed one": (
        SEED,
        remove(2, 3),
        SEED.replace("    -p no:asyncio\n", ""),
    ),
    "a comment behind the removed lines stays": (
        "[pytest]\naddopts =\n  -v\n  -p no:x\n  # about q\n  -q\n",
        remove(1, 2),
        "[pytest]\naddopts =\n  -v\n  # about q\n  -q\n",
    ),
    "a comment apart by a blank line stays": (
        "[pytest]\naddopts =\n  -v\n  # about all\n\n  -p no:x\n",
        remove(1, 2),
        "[pytest]\naddopts =\n  -v\n  # about all\n\n",
    ),
    "a blank line behind the removed lines ends what the comment explains": (
        "[pytest]\naddopts =\n  -v\n  # no x\n  -p no:x\n\n  -q\n",
        remove(1, 2),
        "[pytest]\naddopts =\n  -v\n\n  -q\n",
    ),
    "a comment of several lines goes as a whole, in column one, too": (
        "[pytest]\naddopts =\n  -v\n# no x\n  ; since last week\n  -p no:x\n",
        remove(1, 2),
        "[pytest]\naddopts =\n  -v\n",
    ),
    "a word of a line that stays takes its blanks with it": (
        "[pytest]\naddopts = -v  -p no:x   -q\n",
        remove(1, 2),
        "[pytest]\naddopts = -v   -q\n",
    ),
    "the first word of a line": ("[pytest]\naddopts = -p no:x -q\n", remove(0, 1), "[pytest]\naddopts = -q\n"),
    "the last word of a line": ("[pytest]\naddopts=-q -p no:x\n", remove(1, 2), "[pytest]\naddopts=-q\n"),
    "two runs of words on one line": (
        "[pytest]\naddopts = -p no:x -q -p no:y -v -pno:z\n",
        remove(0, 1, 3, 4, 6),
        "[pytest]\naddopts = -q -v\n",
    ),
    "all words of the key's own line, others below": (
        "[pytest]\naddopts = -p no:x\n    -q\n",
        remove(0, 1),
        "[pytest]\naddopts =\n    -q\n",
    ),
    "a quoted word between others": (
        "[pytest]\naddopts = -m 'not slow' -p \"no:x\" -q\n",
        remove(2, 3),
        "[pytest]\naddopts = -m 'not slow' -q\n",
    ),
    "all words of a value take the key and its comment with them": (
        "[pytest]\n\n# sandbox\naddopts =\n    # no x\n    -p no:x\n\nmarkers = a\n",
        remove(0, 1),
        "[pytest]\n\nmarkers = a\n",
    ),
    "the comment above a removed key stays when another key follows directly": (
        "[pytest]\n# reruns\nreruns = 2\nreruns_delay = 1\n",
        drop("reruns"),
        "[pytest]\n# reruns\nreruns_delay = 1\n",
    ),
    "the last key of a section goes with its comment, the header of the next section stays": (
        "[pytest]\n# reruns\nreruns = 2\n[other]\na = 1\n",
        drop("reruns"),
        "[pytest]\n[other]\na = 1\n",
    ),
    "an indented comment above a removed key belongs to the value above": (
        "[pytest]\nmarkers =\n    slow: x\n    # fast: y\nreruns = 2\n",
        drop("reruns"),
        "[pytest]\nmarkers =\n    slow: x\n    # fast: y\n",
    ),
    "a removed key without a final newline": (
        "[pytest]\na = 1\nreruns = 2",
        drop("reruns"),
        "[pytest]\na = 1\n",
    ),
    "a removed word on the last line without a final newline": (
        "[pytest]\naddopts = -q -p no:x",
        remove(1, 2),
        "[pytest]\naddopts = -q",
    ),
    "windows newlines stay": (
        SEED.replace("\n", "\r\n"),
        remove(2, 3, 4, 5),
        "[pytest]\r\nasyncio_mode = auto\r\naddopts =\r\n    --strict-markers\r\n    --maxfail=50\r\n"
        "markers =\r\n    slow: takes long\r\n",
    ),
    "mixed newlines stay, a new line takes that of its neighbour": (
        "[pytest]\r\na = 1\nmarkers =\r\n  slow\r\n",
        line("fast"),
        "[pytest]\r\na = 1\nmarkers =\r\n  slow\r\n  fast\r\n",
    ),
    "a byte order mark stays": (
        "\ufeff[pytest]\naddopts = -q -p no:x\n",
        remove(1, 2),
        "\ufeff[pytest]\naddopts = -q\n",
    ),
    "tabs stay": (
        "[pytest]\naddopts\t=\n\t-q\n\t-p\tno:x\n\t-v\n",
        remove(1, 2),
        "[pytest]\naddopts\t=\n\t-q\n\t-v\n",
    ),
    "letters beyond ASCII stay": (
        "[pytest]\n# größer\naddopts = -k 'größe' -p no:x\n",
        remove(2, 3),
        "[pytest]\n# größer\naddopts = -k 'größe'\n",
    ),
    "a key is set in the file's spelling": (
        "[pytest]\nasyncio_mode=strict\n",
        put("asyncio_mode", "auto"),
        "[pytest]\nasyncio_mode=auto\n",
    ),
    "a key is set on the line where its value stood": (
        "[pytest]\nasyncio_mode =\n    strict\na = 1\n",
        put("asyncio_mode", "auto"),
        "[pytest]\nasyncio_mode =\n    auto\na = 1\n",
    ),
    "an empty key is set": (
        "[pytest]\nasyncio_mode =\n",
        put("asyncio_mode", "auto"),
        "[pytest]\nasyncio_mode = auto\n",
    ),
    "an empty key in a tight spelling is set": ("[pytest]\nmode=  \n", put("mode", "auto"), "[pytest]\nmode=auto\n"),
    "a key is added behind the last one, before blank lines and the next section": (
        "[pytest]\naddopts = -q\n\n[other]\na=1\n",
        put("asyncio_mode", "auto"),
        "[pytest]\naddopts = -q\nasyncio_mode = auto\n\n[other]\na=1\n",
    ),
    "a key is added without blanks where the others have none": (
        "[pytest]\naddopts=-q\n",
        put("strict_markers", True),
        "[pytest]\naddopts=-q\nstrict_markers=true\n",
    ),
    "a key is added with a colon where the others have one": (
        "[pytest]\naddopts: -q\n",
        put("strict_markers", True),
        "[pytest]\naddopts: -q\nstrict_markers: true\n",
    ),
    "a key is aligned where the others are": (
        "[pytest]\nminversion     = 7\naddopts        = -q\n",
        put("asyncio_mode", "auto"),
        "[pytest]\nminversion     = 7\naddopts        = -q\nasyncio_mode   = auto\n",
    ),
    "a key is added behind a long value and its last comment": (
        "[pytest]\nmarkers =\n    slow: x\n    # fast: y\n\n# next\n[other]\n",
        put("asyncio_mode", "auto"),
        "[pytest]\nmarkers =\n    slow: x\n    # fast: y\nasyncio_mode = auto\n\n# next\n[other]\n",
    ),
    "a key is added without a final newline": (
        "[pytest]\na = 1",
        put("asyncio_mode", "auto"),
        "[pytest]\na = 1\nasyncio_mode = auto",
    ),
    "a key is added to an empty section": (
        "[pytest] ; ours\n\n[other]\nb=1\n",
        put("asyncio_mode", "auto"),
        "[pytest] ; ours\nasyncio_mode=auto\n\n[other]\nb=1\n",
    ),
    "a section is added to a file that has none": (
        "# nothing\n",
        put("asyncio_mode", "auto"),
        "# nothing\n\n[pytest]\nasyncio_mode = auto\n",
    ),
    "a section is added to an empty file": ("", put("a", "b"), "[pytest]\na = b\n"),
    "a word is added to a line": (
        "[pytest]\naddopts = -q\n",
        add("--strict-markers"),
        "[pytest]\naddopts = -q --strict-markers\n",
    ),
    "a word is added on a line of its own": (
        SEED,
        add("--strict-config"),
        SEED.replace("no:rerunfailures\n", "no:rerunfailures\n    --strict-config\n"),
    ),
    "a word is added to an empty value": ("[pytest]\naddopts =\na = b\n", add("-q"), "[pytest]\naddopts = -q\na = b\n"),
    "words are added as a key": ("[pytest]\na=b\n", add("-m", "not slow"), "[pytest]\na=b\naddopts=-m 'not slow'\n"),
    "a line is added with the indentation of the others": (
        SEED,
        line("flaky: sometimes"),
        SEED + "    flaky: sometimes\n",
    ),
    "a line is added below the only one": (
        "[pytest]\naddopts =\n\t-q\nmarkers = slow: x\na = 1\n",
        line("fast: y"),
        "[pytest]\naddopts =\n\t-q\nmarkers = slow: x\n\tfast: y\na = 1\n",
    ),
    "a line is added to an empty value": (
        "[pytest]\nmarkers =\na = 1\n",
        line("fast: y"),
        "[pytest]\nmarkers =\n    fast: y\na = 1\n",
    ),
    "a line is added as a key": ("[pytest]\na = 1\n", line("fast: y"), "[pytest]\na = 1\nmarkers =\n    fast: y\n"),
}

IDLE: dict[str, tuple[str, Edit]] = {
    "the key has this value": ("[pytest]\na = b\n", put("a", "b")),
    "the key is not there": ("[pytest]\na = b\n", drop("reruns")),
    "the words are there": ("[pytest]\naddopts = -q -m 'not slow'\n", add("-m", "not slow")),
    "the line is there": ("[pytest]\nmarkers =\n    a: b\n    c\n", line("a: b")),
    "no words are to go": ("[pytest]\naddopts = -q\n", remove()),
}

REFUSED: dict[str, tuple[bytes, Edit, str]] = {
    "latin-1 text": (b"[pytest]\n# gr\xf6\xdfer\naddopts = -q\n", remove(0), "pytest cannot read the file"),
    "a file that is not well-formed": (b"[pytest]\na = 1\na = 2\n", drop("a"), "duplicate name 'a'"),
    "a word that is not there": (b"[pytest]\naddopts = -q\n", remove(1), "addopts has only 1 words"),
    "a key that is not there": (b"[pytest]\n", remove(0), "there is no addopts"),
    "an open quote": (b"[pytest]\naddopts = -m 'x\n", remove(0), "No closing quotation"),
    "a value that would be another key": (b"[pytest]\na = 1\n", put("b", "1\nc = 2"), "could not be proved"),
    "a line that would be a comment": (b"[pytest]\nmarkers =\n  a\n", line("# b"), "could not be proved"),
    "a value that pytest would strip": (b"[pytest]\na = 1\n", put("a", "2 "), "could not be proved"),
}


@pytest.mark.parametrize("case", MADE)
def test_an_edit_changes_what_it_means_and_nothing_else(tmp_path: Path, case: str) -> None:
    before, edit, after = MADE[case]
    assert edited(tmp_path, before.encode(), edit) == after.encode()


@pytest.mark.parametrize("case", [name for name, (_, edit, _) in MADE.items() if not isinstance(edit, RemoveWords)])
def test_an_edit_made_again_changes_nothing(tmp_path: Path, case: str) -> None:
    _, edit, after = MADE[case]
    assert edited(tmp_path, after.encode(), edit) == after.encode()


@pytest.mark.parametrize("case", IDLE)
def test_nothing_to_do(tmp_path: Path, case: str) -> None:
    before, edit = IDLE[case]
    assert edited(tmp_path, before.encode(), edit) == before.encode()


@pytest.mark.parametrize("case", REFUSED)
def test_an_edit_that_cannot_be_made_leaves_the_file(tmp_path: Path, case: str) -> None:
    before, edit, reason = REFUSED[case]
    (tmp_path / "pytest.ini").write_bytes(before)
    result = apply(str(tmp_path), [Fix("Do it", True, (edit,))])
    assert [reason in refusal.reason for refusal in result.refused] == [True]
    assert (tmp_path / "pytest.ini").read_bytes() == before


def test_the_section_of_setup_cfg_is_edited_and_the_rest_of_it_is_not(tmp_path: Path) -> None:
    before = "[metadata]\nname = x\n\n[tool:pytest]\naddopts = -q\n\n[flake8]\nmax-line-length=100\n"
    (tmp_path / "setup.cfg").write_text(before)
    edit = SetKey("setup.cfg", "tool:pytest", "asyncio_mode", "auto")
    planned = preview(str(tmp_path), [Fix("Set it", True, (edit,))])
    after = before.replace("addopts = -q\n", "addopts = -q\nasyncio_mode = auto\n")
    assert planned.files == {"setup.cfg": (before.encode(), after.encode())}
    assert (tmp_path / "setup.cfg").read_text() == before


def test_what_was_written_is_what_pytest_reads(tmp_path: Path) -> None:
    after = edited(tmp_path, SEED.encode(), remove(2, 3, 4, 5))
    found = config_file.load("pytest.ini", after, frozenset())
    assert found is not None
    assert {key: entry.value for key, entry in found.entries.items()} == {
        "asyncio_mode": "auto",
        "addopts": "--strict-markers\n--maxfail=50",
        "markers": "slow: takes long",
    }

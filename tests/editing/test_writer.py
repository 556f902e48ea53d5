"""Several fixes, conflicts, and how files are replaced."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

import pytest

from precollect.editing import ini
from precollect.editing.changes import Change
from precollect.editing.writer import apply, preview
from precollect.findings import AddLine, AddWords, Edit, Fix, RemoveKey, RemoveWords, SetKey

INI = "[pytest]\naddopts = -q -p no:a -v -p no:b\nmode = strict\n"


def fix(*edits: Edit, title: str = "do it") -> Fix:
    return Fix(title, True, edits)


def remove(*words: int, path: str = "pytest.ini") -> RemoveWords:
    return RemoveWords(path, "pytest", "addopts", words)


def put(value: str, path: str = "pytest.ini") -> SetKey:
    return SetKey(path, "pytest", "mode", value)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "repository").mkdir()
    (tmp_path / "repository" / "pytest.ini").write_text(INI)
    return tmp_path / "repository"


def content(root: Path) -> str:
    return (root / "pytest.ini").read_text()


def reasons(root: Path, *fixes: Fix) -> list[str]:
    return [refusal.reason for refusal in apply(str(root), fixes).refused]


def test_words_are_counted_in_the_file_as_it_was(root: Path) -> None:
    assert reasons(root, fix(remove(1, 2)), fix(remove(4, 5)), fix(put("auto"))) == []
    assert content(root) == "[pytest]\naddopts = -q -v\nmode = auto\n"


def test_a_word_that_two_fixes_remove_goes_once(root: Path) -> None:
    assert reasons(root, fix(remove(4, 5)), fix(remove(4, 5), title="again"), fix(remove(1, 2, 4, 5))) == []
    assert content(root) == "[pytest]\naddopts = -q -v\nmode = strict\n"


def test_a_key_that_loses_its_last_word_may_lose_it_twice(root: Path) -> None:
    everything = remove(0, 1, 2, 3, 4, 5)
    assert reasons(root, fix(everything), fix(remove(1, 2)), fix(RemoveKey("pytest.ini", "pytest", "addopts"))) == []
    assert content(root) == "[pytest]\nmode = strict\n"


def test_words_of_a_key_that_was_removed_are_gone(root: Path) -> None:
    assert reasons(root, fix(RemoveKey("pytest.ini", "pytest", "addopts")), fix(remove(1, 2))) == []
    assert content(root) == "[pytest]\nmode = strict\n"


def test_words_may_be_removed_and_added(root: Path) -> None:
    added = AddWords("pytest.ini", "pytest", "addopts", ("--strict-markers",))
    assert reasons(root, fix(remove(1, 2)), fix(added), fix(remove(4, 5))) == []
    assert content(root) == "[pytest]\naddopts = -q -v --strict-markers\nmode = strict\n"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (put("auto"), put("legacy")),
        (put("auto"), RemoveKey("pytest.ini", "pytest", "mode")),
        (RemoveKey("pytest.ini", "pytest", "mode"), AddLine("pytest.ini", "pytest", "mode", "x")),
        (AddWords("pytest.ini", "pytest", "mode", ("x",)), RemoveKey("pytest.ini", "pytest", "mode")),
    ],
)
def test_the_second_of_two_fixes_that_cannot_both_be_meant_is_refused(root: Path, first: Edit, second: Edit) -> None:
    apply_first = fix(first, title="set the mode")
    assert reasons(root, apply_first, fix(second)) == ['it conflicts with the fix "set the mode"']
    alone = content(root)
    (root / "pytest.ini").write_text(INI)
    assert reasons(root, apply_first) == []
    assert content(root) == alone


def test_a_fix_is_made_as_a_whole_or_not_at_all(root: Path) -> None:
    (root / "tox.ini").write_text("[pytest]\na = 1\na = 2\n")
    half = fix(remove(1, 2), put("auto", "tox.ini"))
    result = apply(str(root), [half, fix(remove(4, 5))])
    assert result.rewritten == ("pytest.ini",)
    assert [(refusal.fix, refusal.reason) for refusal in result.refused] == [
        (half, "pytest cannot read the file: duplicate name 'a'")
    ]
    assert content(root) == "[pytest]\naddopts = -q -p no:a -v\nmode = strict\n"


def test_a_preview_writes_nothing(root: Path) -> None:
    planned = preview(str(root), [fix(put("auto"))])
    assert planned.files == {"pytest.ini": (INI.encode(), INI.replace("strict", "auto").encode())}
    assert planned.refused == ()
    assert content(root) == INI


def test_a_file_that_is_not_what_the_findings_saw_is_left(root: Path) -> None:
    seen = {"pytest.ini": b"[pytest]\n"}
    result = apply(str(root), [fix(put("auto"))], seen)
    assert [refusal.reason for refusal in result.refused] == ["pytest.ini changed meanwhile"]
    assert content(root) == INI
    assert apply(str(root), [fix(put("auto"))], {"pytest.ini": INI.encode()}).rewritten == ("pytest.ini",)


def test_a_file_that_changes_while_it_is_edited_is_left(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def meanwhile(path: str, mode: int) -> None:
        (root / "pytest.ini").write_text("[pytest]\n")

    monkeypatch.setattr(os, "chmod", meanwhile)
    assert reasons(root, fix(put("auto"))) == ["pytest.ini changed meanwhile"]
    assert content(root) == "[pytest]\n"
    assert os.listdir(root) == ["pytest.ini"]


def test_mode_and_owner_stay(root: Path) -> None:
    os.chmod(root / "pytest.ini", 0o640)
    before = (root / "pytest.ini").stat()
    assert reasons(root, fix(put("auto"))) == []
    after = (root / "pytest.ini").stat()
    assert stat.S_IMODE(after.st_mode) == 0o640
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)
    assert os.listdir(root) == ["pytest.ini"]


def test_a_read_only_file_is_left(root: Path) -> None:
    os.chmod(root / "pytest.ini", 0o444)
    assert reasons(root, fix(put("auto"))) == ["pytest.ini is read-only"]
    assert content(root) == INI


def test_a_read_only_folder_leaves_the_file(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "mkstemp", refuse)
    assert reasons(root, fix(put("auto")), fix(remove(1, 2))) == ["pytest.ini: permission denied"] * 2
    assert content(root) == INI


def test_a_full_disk_leaves_the_file_and_nothing_else(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    result = apply(str(root), [fix(put("auto"))])
    assert result.rewritten == ()
    assert [refusal.reason for refusal in result.refused] == ["pytest.ini: no space left on device"]
    assert content(root) == INI
    assert os.listdir(root) == ["pytest.ini"]


def test_a_linked_file_inside_is_rewritten_where_it_lies(root: Path) -> None:
    (root / "settings").mkdir()
    (root / "pytest.ini").rename(root / "settings" / "shared.ini")
    (root / "pytest.ini").symlink_to("settings/shared.ini")
    assert reasons(root, fix(put("auto"))) == []
    assert (root / "pytest.ini").is_symlink()
    assert (root / "settings" / "shared.ini").read_text() == INI.replace("strict", "auto")


@pytest.mark.parametrize("path", ["pytest.ini", "../pytest.ini"])
def test_nothing_outside_the_repository_is_written(root: Path, path: str) -> None:
    outside = root.parent / "pytest.ini"
    (root / "pytest.ini").rename(outside)
    (root / "pytest.ini").symlink_to("../pytest.ini")
    assert reasons(root, fix(put("auto", path))) == [f"{path} leads out of the repository"]
    assert outside.read_text() == INI


def test_a_file_that_is_gone(root: Path) -> None:
    (root / "pytest.ini").unlink()
    assert reasons(root, fix(put("auto"))) == ["pytest.ini: no such file or directory"]
    assert os.listdir(root) == []


def test_what_configparser_reads_stays_too(root: Path) -> None:
    # To pytest a line of "#" behind a value is nothing; configparser, which reads tox.ini for tox, agrees.
    before = "[tox]\nenvlist = py\n[pytest]\naddopts =\n    -q\n    # no a\n    -p no:a\n[testenv]\ndeps = pytest\n"
    (root / "tox.ini").write_text(before)
    assert reasons(root, fix(remove(1, 2, path="tox.ini"))) == []
    assert (root / "tox.ini").read_text() == before.replace("    # no a\n    -p no:a\n", "")


def test_an_edit_that_only_configparser_would_misread_is_refused(root: Path) -> None:
    before = "[pytest]\nADDOPTS = -v\n"
    (root / "tox.ini").write_text(before)
    added = AddWords("tox.ini", "pytest", "addopts", ("-q",))
    assert reasons(root, fix(added)) == [
        "the edit could not be proved: Python's configparser would read more than this differently"
    ]
    assert (root / "tox.ini").read_text() == before


def test_an_edit_that_the_text_does_not_bear_out_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ini, "plan", lambda source, edit: [Change(0, 0, "# ours\n"), Change(48, 54, "auto")])
    assert INI[48:54] == "strict"
    assert reasons(root, fix(put("auto"))) == [
        "the edit could not be proved: lines would change that do not belong to mode"
    ]
    assert content(root) == INI

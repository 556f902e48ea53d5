"""The tree: which files belong to a commit, and what their content is."""

from __future__ import annotations

import os
from pathlib import Path
from unittest import mock

import pytest

from precollect.reading.git import words_on
from precollect.reading.tree import LARGEST_FILE, Tree, TreeError, UnreadableError, open_tree
from running import NOBODY, git, lay_out, repository, stage


@pytest.fixture(autouse=True)
def own_git_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine's user decides these tests."""
    for name, value in {**NOBODY, "HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty repository."""
    return repository(tmp_path / "repository", {})


def test_only_tracked_files_are_in_the_tree(folder: Path) -> None:
    stage(folder, {"test_a.py": "a", "tests/test_b.py": "b"})
    lay_out(folder, {"untracked.py": "c"})

    tree = open_tree(str(folder))

    assert sorted(tree) == ["test_a.py", "tests/test_b.py"]
    assert tree.files_in("") == ["test_a.py"]
    assert tree.folders_in("") == ["tests"]
    assert tree.has_folder("tests")
    assert not tree.has_folder("test_a.py")
    assert tree.files_in("nowhere") == []


def test_a_folder_below_the_root_opens_the_whole_repository(folder: Path) -> None:
    stage(folder, {"a.py": "a", "tests/b.py": "b"})

    assert open_tree(str(folder / "tests")).root == os.path.realpath(folder)


def test_the_work_tree_tells_unless_the_index_is_asked(folder: Path) -> None:
    stage(folder, {"a.py": "staged"})
    lay_out(folder, {"a.py": "changed since"})

    assert open_tree(str(folder)).read("a.py") == b"changed since"
    assert open_tree(str(folder), staged=True).read("a.py") == b"staged"
    assert (folder / "a.py").read_text() == "changed since"


def test_a_file_deleted_from_the_work_tree_is_gone_but_still_in_the_index(folder: Path) -> None:
    stage(folder, {"a.py": "a", "b.py": "b"})
    (folder / "a.py").unlink()

    assert list(open_tree(str(folder))) == ["b.py"]
    assert sorted(open_tree(str(folder), staged=True)) == ["a.py", "b.py"]


def test_a_renamed_file_has_its_new_name_only(folder: Path) -> None:
    stage(folder, {"a.py": "a"})
    git(folder, "mv", "a.py", "b.py")

    assert list(open_tree(str(folder))) == list(open_tree(str(folder), staged=True)) == ["b.py"]


def test_a_file_that_is_only_intended_to_be_added_is_no_part_of_the_next_commit(folder: Path) -> None:
    lay_out(folder, {"a.py": "a", "empty.py": ""})
    git(folder, "add", "empty.py")
    git(folder, "add", "--intent-to-add", "a.py")

    assert sorted(open_tree(str(folder))) == ["a.py", "empty.py"]
    assert sorted(open_tree(str(folder), staged=True)) == ["empty.py"]


def test_a_file_that_a_sparse_checkout_leaves_out_is_read_from_the_index(folder: Path) -> None:
    stage(folder, {"a.py": "sparse"})
    git(folder, "update-index", "--skip-worktree", "a.py")
    (folder / "a.py").unlink()

    tree = open_tree(str(folder))

    assert list(tree) == ["a.py"]
    assert tree.read("a.py") == b"sparse"


def test_a_link_inside_the_repository_is_followed(folder: Path) -> None:
    lay_out(folder, {"tests/a.py": "a"})
    (folder / "linked.py").symlink_to("tests/a.py")
    git(folder, "add", "--all")

    assert open_tree(str(folder)).read("linked.py") == b"a"
    assert open_tree(str(folder), staged=True).read("linked.py") == b"a"


@pytest.mark.parametrize("staged", [False, True])
@pytest.mark.parametrize("target", ["../secret.py", "/etc/hostname", "loop.py", "nowhere.py"])
def test_a_link_that_leads_out_or_nowhere_has_no_content(folder: Path, target: str, staged: bool) -> None:
    (folder.parent / "secret.py").write_text("secret")
    (folder / "loop.py").symlink_to(target)
    git(folder, "add", "--all")

    with pytest.raises(UnreadableError):
        open_tree(str(folder), staged=staged).read("loop.py")


def test_a_folder_replaced_by_a_link_out_of_the_repository_has_no_content(folder: Path) -> None:
    stage(folder, {"tests/a.py": "a"})
    (folder.parent / "outside").mkdir()
    (folder.parent / "outside" / "a.py").write_text("secret")
    (folder / "tests" / "a.py").unlink()
    (folder / "tests").rmdir()
    (folder / "tests").symlink_to("../outside")
    tree = Tree(os.path.realpath(folder), open_tree(str(folder), staged=True).files)

    with pytest.raises(UnreadableError):
        tree.read("tests/a.py")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_file_replaced_by_a_pipe_does_not_hold_us_up(folder: Path) -> None:
    stage(folder, {"a.py": "a"})
    (folder / "a.py").unlink()
    os.mkfifo(folder / "a.py")

    with pytest.raises(UnreadableError, match="not a regular file"):
        open_tree(str(folder)).read("a.py")


@pytest.mark.parametrize("text", ["several pieces", "shorter than it was"])
def test_content_that_comes_in_pieces_is_read_to_its_end(folder: Path, text: str) -> None:
    stage(folder, {"a.py": "shorter than it was once"})
    tree = open_tree(str(folder))
    lay_out(folder, {"a.py": text})
    read = os.read

    with mock.patch.object(os, "read", lambda handle, size: read(handle, min(size, 5))):
        assert tree.read("a.py") == text.encode()


def test_a_huge_file_is_not_read(folder: Path) -> None:
    with (folder / "a.py").open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    git(folder, "add", "--all")

    for staged in (False, True):
        with pytest.raises(UnreadableError, match="larger than 16 MiB"):
            open_tree(str(folder), staged=staged).read("a.py")


def test_a_submodule_is_somebody_elses(folder: Path, tmp_path: Path) -> None:
    other = repository(tmp_path / "other", {"a.py": "a"})
    git(other, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "--message=a")
    git(folder, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "part")

    tree = open_tree(str(folder))

    assert "part/a.py" not in tree
    with pytest.raises(UnreadableError, match="a submodule"):
        tree.read("part")


def test_an_empty_repository_is_an_empty_tree(folder: Path) -> None:
    assert list(open_tree(str(folder))) == []
    assert list(open_tree(str(folder), staged=True)) == []


def test_a_vanished_or_unknown_file_is_unreadable(folder: Path) -> None:
    stage(folder, {"a.py": "a"})
    tree = open_tree(str(folder))
    (folder / "a.py").unlink()

    with pytest.raises(UnreadableError, match="no such file"):
        tree.read("a.py")
    with pytest.raises(UnreadableError, match="not in the commit"):
        tree.read("b.py")


def test_names_that_are_not_utf_8_are_kept(folder: Path) -> None:
    name = os.fsdecode(b"caf\xe9.py")
    (folder / name).write_text("a")
    git(folder, "add", "--all")

    assert open_tree(str(folder)).read(name) == b"a"


def test_a_repository_that_git_cannot_read_is_an_error_in_one_line(folder: Path) -> None:
    (folder / ".git" / "index").write_bytes(b"no index")

    with pytest.raises(TreeError, match=r"^git ls-files failed in [^\n]+$"):
        open_tree(str(folder))


def test_without_git_the_files_of_the_folder_count(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out(folder, {"a.py": "a"})
    monkeypatch.setenv("PATH", "")

    assert list(open_tree(str(folder))) == ["a.py"]


def test_outside_git_environments_and_caches_are_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "plain"
    lay_out(folder, {"a.py": "a", "tests/b.py": "b", "venv/lib/c.py": "c", "node_modules/d.py": "d"})
    (folder / "venv" / "pyvenv.cfg").write_text("")

    assert sorted(open_tree(str(folder))) == ["a.py", "tests/b.py"]


def test_folders_deeper_than_the_recursion_limit_are_listed(tmp_path: Path) -> None:
    deep = "/".join(["d"] * 3000) + "/test_a.py"
    tree = Tree(str(tmp_path), {deep: words_on(0o100644)})

    assert tree.has_folder("d/d/d")
    assert tree.files_in("/".join(["d"] * 3000)) == ["test_a.py"]

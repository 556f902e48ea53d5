"""The tree: which files belong to a commit, and what their content is."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from precollect.reading.tree import LARGEST_FILE, TrackedFile, Tree, TreeError, UnreadableError, open_tree


@pytest.fixture(autouse=True)
def own_git_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine's user decides these tests."""
    for name, value in {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "HOME": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet", "--template=")
    return folder


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_py", ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_only_tracked_files_are_in_the_tree(repository: Path) -> None:
    write(repository, test_a_py="a", tests__test_b_py="b")
    git(repository, "add", "--all")
    write(repository, untracked_py="c")

    tree = open_tree(str(repository))

    assert sorted(tree) == ["test_a.py", "tests/test_b.py"]
    assert tree.files_in("") == ["test_a.py"]
    assert tree.folders_in("") == ["tests"]
    assert tree.has_folder("tests")
    assert not tree.has_folder("test_a.py")
    assert tree.files_in("nowhere") == []


def test_a_folder_below_the_root_opens_the_whole_repository(repository: Path) -> None:
    write(repository, a_py="a", tests__b_py="b")
    git(repository, "add", "--all")

    assert open_tree(str(repository / "tests")).root == os.path.realpath(repository)


def test_the_work_tree_tells_unless_the_index_is_asked(repository: Path) -> None:
    write(repository, a_py="staged")
    git(repository, "add", "--all")
    write(repository, a_py="changed since")

    assert open_tree(str(repository)).read("a.py") == b"changed since"
    assert open_tree(str(repository), staged=True).read("a.py") == b"staged"
    assert (repository / "a.py").read_text() == "changed since"


def test_a_file_deleted_from_the_work_tree_is_gone_but_still_in_the_index(repository: Path) -> None:
    write(repository, a_py="a", b_py="b")
    git(repository, "add", "--all")
    (repository / "a.py").unlink()

    assert list(open_tree(str(repository))) == ["b.py"]
    assert sorted(open_tree(str(repository), staged=True)) == ["a.py", "b.py"]


def test_a_renamed_file_has_its_new_name_only(repository: Path) -> None:
    write(repository, a_py="a")
    git(repository, "add", "--all")
    git(repository, "mv", "a.py", "b.py")

    assert list(open_tree(str(repository))) == list(open_tree(str(repository), staged=True)) == ["b.py"]


def test_a_file_that_is_only_intended_to_be_added_is_no_part_of_the_next_commit(repository: Path) -> None:
    write(repository, a_py="a", empty_py="")
    git(repository, "add", "empty.py")
    git(repository, "add", "--intent-to-add", "a.py")

    assert sorted(open_tree(str(repository))) == ["a.py", "empty.py"]
    assert sorted(open_tree(str(repository), staged=True)) == ["empty.py"]


def test_a_file_that_a_sparse_checkout_leaves_out_is_read_from_the_index(repository: Path) -> None:
    write(repository, a_py="sparse")
    git(repository, "add", "--all")
    git(repository, "update-index", "--skip-worktree", "a.py")
    (repository / "a.py").unlink()

    tree = open_tree(str(repository))

    assert list(tree) == ["a.py"]
    assert tree.read("a.py") == b"sparse"


def test_a_link_inside_the_repository_is_followed(repository: Path) -> None:
    write(repository, tests__a_py="a")
    (repository / "linked.py").symlink_to("tests/a.py")
    git(repository, "add", "--all")

    assert open_tree(str(repository)).read("linked.py") == b"a"
    assert open_tree(str(repository), staged=True).read("linked.py") == b"a"


@pytest.mark.parametrize("staged", [False, True])
@pytest.mark.parametrize("target", ["../secret.py", "/etc/hostname", "loop.py", "nowhere.py"])
def test_a_link_that_leads_out_or_nowhere_has_no_content(repository: Path, target: str, staged: bool) -> None:
    (repository.parent / "secret.py").write_text("secret")
    (repository / "loop.py").symlink_to(target)
    git(repository, "add", "--all")

    with pytest.raises(UnreadableError):
        open_tree(str(repository), staged=staged).read("loop.py")


def test_a_folder_replaced_by_a_link_out_of_the_repository_has_no_content(repository: Path) -> None:
    write(repository, tests__a_py="a")
    git(repository, "add", "--all")
    (repository.parent / "outside").mkdir()
    (repository.parent / "outside" / "a.py").write_text("secret")
    (repository / "tests" / "a.py").unlink()
    (repository / "tests").rmdir()
    (repository / "tests").symlink_to("../outside")
    tree = Tree(os.path.realpath(repository), open_tree(str(repository), staged=True).files)
    tree.files = {path: file._replace(on_disk=True) for path, file in tree.files.items()}

    with pytest.raises(UnreadableError):
        tree.read("tests/a.py")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_file_replaced_by_a_pipe_does_not_hold_us_up(repository: Path) -> None:
    write(repository, a_py="a")
    git(repository, "add", "--all")
    (repository / "a.py").unlink()
    os.mkfifo(repository / "a.py")

    with pytest.raises(UnreadableError, match="not a regular file"):
        open_tree(str(repository)).read("a.py")


def test_a_huge_file_is_not_read(repository: Path) -> None:
    with (repository / "a.py").open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    git(repository, "add", "--all")

    for staged in (False, True):
        with pytest.raises(UnreadableError, match="larger than 16 MiB"):
            open_tree(str(repository), staged=staged).read("a.py")


def test_a_submodule_is_somebody_elses(repository: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "--quiet", "--template=")
    write(other, a_py="a")
    git(other, "add", "--all")
    git(other, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "--message=a")
    git(repository, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "part")

    tree = open_tree(str(repository))

    assert "part/a.py" not in tree
    with pytest.raises(UnreadableError, match="a submodule"):
        tree.read("part")


def test_an_empty_repository_is_an_empty_tree(repository: Path) -> None:
    assert list(open_tree(str(repository))) == []
    assert list(open_tree(str(repository), staged=True)) == []


def test_a_vanished_or_unknown_file_is_unreadable(repository: Path) -> None:
    write(repository, a_py="a")
    git(repository, "add", "--all")
    tree = open_tree(str(repository))
    (repository / "a.py").unlink()

    with pytest.raises(UnreadableError, match="no such file"):
        tree.read("a.py")
    with pytest.raises(UnreadableError, match="not in the commit"):
        tree.read("b.py")


def test_names_that_are_not_utf_8_are_kept(repository: Path) -> None:
    name = os.fsdecode(b"caf\xe9.py")
    (repository / name).write_text("a")
    git(repository, "add", "--all")

    assert open_tree(str(repository)).read(name) == b"a"


def test_a_repository_that_git_cannot_read_is_an_error_in_one_line(repository: Path) -> None:
    (repository / ".git" / "index").write_bytes(b"no index")

    with pytest.raises(TreeError, match=r"^git ls-files failed in [^\n]+$"):
        open_tree(str(repository))


def test_without_git_the_files_of_the_folder_count(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(repository, a_py="a")
    monkeypatch.setenv("PATH", "")

    assert list(open_tree(str(repository))) == ["a.py"]


def test_outside_git_environments_and_caches_are_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "plain"
    write(folder, a_py="a", tests__b_py="b", venv__lib__c_py="c", node_modules__d_py="d")
    (folder / "venv" / "pyvenv.cfg").write_text("")

    assert sorted(open_tree(str(folder))) == ["a.py", "tests/b.py"]


def test_folders_deeper_than_the_recursion_limit_are_listed(tmp_path: Path) -> None:
    deep = "/".join(["d"] * 3000) + "/test_a.py"
    tree = Tree(str(tmp_path), {deep: TrackedFile(0o100644, "", True)})

    assert tree.has_folder("d/d/d")
    assert tree.files_in("/".join(["d"] * 3000)) == ["test_a.py"]

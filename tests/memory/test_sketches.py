"""Sketches come back from the memory as they went in, and many are made at once as one by one."""

from __future__ import annotations

from pathlib import Path
from typing import get_args
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from precollect.memory.sketches import Sketches
from precollect.model import modules
from precollect.model.modules import Modules
from precollect.reading.python import sketch as sketching
from precollect.reading.python.facts import Flag, Sketch, words
from precollect.reading.python.sketch import FLAGS, sketch
from precollect.reading.tree import Tree, open_tree
from running import git, lay_out, repository

CODE = "import pytest\nfrom a import b as c, d  # e\n\n\n@pytest.mark.slow\nasync def test_it(cart):\n    pass\n"
FILES = {f"test_{number}.py": CODE.replace("slow", f"slow_{number}") for number in range(30)}


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return open_tree(str(repository(tmp_path / "project", FILES)))


def taken(tree: Tree, program: str = "this") -> tuple[dict[str, Sketch], int]:
    """The sketches of all files with a memory, and how many of them were made for it."""
    memory = Sketches(tree, program)
    known = Modules(tree, memory)
    with mock.patch.object(sketching, "sketch", wraps=sketch) as made:
        found = {path: known.sketch(path) for path in tree.files}
    memory.keep()
    return found, made.call_count


def test_every_flag_may_be_asked_for() -> None:
    assert get_args(Flag) == FLAGS


PIECES = ["mark.", "é", "\x85", "\xa0", "\u2028", "\t", "\n", "async def test", "def test_a(b, é\u3000c)", "class A"]
ODD_NAMES = ['\nx.add_marker("a\tb")', '\ngetattr(pytest.mark, "a b")', "\nx.add_marker('\r')"]
IMPORTS = ["\nfrom .a import (b, c as d)", "\nfrom\tx.y\timport\tz  # c", "\nfrom . import *"]


@given(st.lists(st.sampled_from(PIECES + ODD_NAMES + IMPORTS)).map("".join).map(str.encode) | st.binary(max_size=100))
def test_no_cell_of_a_table_holds_what_stands_between_cells(data: bytes) -> None:
    made = sketch(data)
    assert not {"\t", "\n", "\r"} & set("".join(made))
    assert {*words(made.flags)} <= {*FLAGS}
    assert "" not in {*words(made.marks), *words(made.requested), *words(made.fixtures_request)}


@pytest.mark.parametrize("name", ["a\tb", "a b", "a\rb"])
def test_a_mark_with_blanks_in_its_name_is_left_to_the_parser(name: str) -> None:
    made = sketch(f'import pytest\nslow = getattr(pytest.mark, "{name}")\n'.encode())

    assert (words(made.marks), words(made.flags)) == ([], ["open_marks"])


def test_a_second_run_makes_no_sketch(tree: Tree) -> None:
    first, made = taken(tree)
    again, made_again = taken(open_tree(tree.root))

    assert (made, made_again) == (30, 0)
    assert again == first
    assert first["test_7.py"] == sketch(FILES["test_7.py"].encode())


def test_only_what_is_new_is_looked_at(tree: Tree) -> None:
    taken(tree)
    lay_out(Path(tree.root), {"test_0.py": "", "test_1.py": "x = 1\n"})
    git(Path(tree.root), "add", "test_0.py")

    found, made = taken(open_tree(tree.root))

    assert made == 2
    assert found["test_0.py"] == sketch(b"")
    assert taken(open_tree(tree.root))[1] == 1  # git does not vouch for the one that is not staged


def test_what_another_program_wrote_is_not_used(tree: Tree) -> None:
    taken(tree)

    assert taken(open_tree(tree.root), "other")[1] == 30


@pytest.mark.parametrize("content", [b"", b"this", b"{}", b"\xff\0" * 50, b"this " + b"0" * 64 + b"\n{}"])
def test_a_file_that_holds_anything_else_is_not_used(tree: Tree, tmp_path: Path, content: bytes) -> None:
    taken(tree)
    (file,) = (tmp_path / "cache" / "precollect").glob("sketches-*")
    file.write_bytes(content)

    assert taken(open_tree(tree.root))[1] == 30


@pytest.mark.parametrize("staged", [False, True])
def test_many_are_made_as_one_by_one(tree: Tree, monkeypatch: pytest.MonkeyPatch, staged: bool) -> None:
    monkeypatch.setattr(modules, "MANY", 5)
    monkeypatch.setattr("os.cpu_count", lambda: 3)
    (Path(tree.root) / "test_3.py").unlink()
    (Path(tree.root) / "test_4.py").unlink()
    (Path(tree.root) / "test_4.py").symlink_to("test_5.py")
    git(Path(tree.root), "add", "test_4.py")
    tree = open_tree(tree.root, staged=staged)
    at_once = Modules(tree)
    at_once.rows([*FILES])

    found = {path: at_once.sketch(path) for path in FILES}

    content = {path: text if staged or path != "test_3.py" else "" for path, text in FILES.items()}
    content["test_4.py"] = content["test_5.py"]
    assert tree.used >= {"test_4.py", "test_5.py"}
    assert found == {path: sketch(text.encode()) for path, text in content.items()}

"""What is remembered of a clean commit never hides a finding, and spares the second look where nothing matters."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from precollect import judging
from running import git, lay_out, repository, run

MANY_LINES = "\n".join(f"def test_{number}():\n    assert {number} < 1000\n" for number in range(1200))
TEST = f"import pytest\n\n\n@pytest.mark.slow\ndef test_it():\n    assert True\n\n{MANY_LINES}"
FILES = {
    "pytest.ini": "[pytest]\naddopts = --strict-markers\nmarkers =\n    slow: takes long\n",
    "requirements.txt": "pytest==9.2.0\n",
    "README.md": "text\n",
    "conftest.py": "import pytest\n\n\n@pytest.fixture\ndef cart():\n    return []\n",
    "tests/test_one.py": TEST,
    "tests/test_two.py": "def test_two():\n    assert True\n",
    "src/shop.py": "PRICE = 1\n",
}


@pytest.fixture
def judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, bool]]:
    """Runs with a memory; returns the status and whether the commit was judged."""
    repository(tmp_path / "project", FILES)
    monkeypatch.chdir(tmp_path / "project")

    def judged(*arguments: str) -> tuple[int, bool]:
        with mock.patch.object(judging, "judge", wraps=judging.judge) as judge:
            status = run(*arguments, memory=str(tmp_path / "cache")).status
        return status, judge.called

    assert judged() == (0, True)
    return judged


SPARED = {
    "nothing": {},
    "a file that nobody asked about": {"README.md": "other\n"},
    "the body of a test": {"tests/test_one.py": TEST.replace("assert True", "assert 1 + 1")},
    "another test": {"tests/test_one.py": TEST + "\n\ndef test_other():\n    assert True\n"},
    "code below src": {"src/shop.py": "PRICE = 2\n"},
}
JUDGED = {
    "a new mark": ({"tests/test_one.py": TEST + "\n\n@pytest.mark.fast\ndef test_other():\n    assert True\n"}, 1),
    "a new fixture": ({"tests/test_one.py": TEST + "\n\ndef test_other(basket):\n    assert True\n"}, 1),
    "a file that no Python parses": ({"tests/test_one.py": TEST + "\n\ndef test_other(:\n    assert True\n"}, 1),
    "the configuration": ({"pytest.ini": FILES["pytest.ini"].replace("slow", "fast")}, 1),
    "a comment in the configuration": ({"pytest.ini": "# a comment\n" + FILES["pytest.ini"]}, 0),
    "the settings": ({"precollect.toml": "max-reruns = 2\n"}, 0),
    "a conftest": ({"conftest.py": "import pytest\n"}, 0),
    "a new file": ({"tests/test_three.py": "def test_three():\n    assert True\n"}, 0),
}


@pytest.mark.parametrize("changed", SPARED.values(), ids=SPARED)
@pytest.mark.parametrize("staged", [False, True])
def test_a_change_of_what_no_verdict_rests_on_is_not_judged_again(
    judged: Callable[..., tuple[int, bool]], changed: dict[str, str], staged: bool
) -> None:
    lay_out(Path(), changed)
    if staged:
        git(Path(), "add", "--all")

    assert judged() == (0, False)
    assert judged() == (0, False)


@pytest.mark.parametrize(("changed", "status"), JUDGED.values(), ids=JUDGED)
def test_a_change_of_what_a_verdict_rests_on_is_judged(
    judged: Callable[..., tuple[int, bool]], changed: dict[str, str], status: int
) -> None:
    lay_out(Path(), changed)
    git(Path(), "add", "--all")

    assert judged() == (status, True)
    assert judged() == (status, bool(status))


def test_changes_add_up_from_one_commit_to_the_next(judged: Callable[..., tuple[int, bool]]) -> None:
    for number in range(3):
        lay_out(Path(), {"tests/test_one.py": TEST + f"\n# {number}\n"})
        git(Path(), "add", "--all")
        assert judged() == (0, False)
    lay_out(Path(), {"tests/test_one.py": TEST.replace("mark.slow", "mark.slo")})
    assert judged() == (1, True)


def test_a_file_that_is_gone_or_of_another_kind_is_judged(judged: Callable[..., tuple[int, bool]]) -> None:
    Path("README.md").unlink()
    assert judged() == (0, True)
    Path("README.md").symlink_to("pytest.ini")
    assert judged()[1]


def test_the_content_behind_a_link_counts(judged: Callable[..., tuple[int, bool]]) -> None:
    Path("pytest.ini").rename("shared.cfg")
    Path("pytest.ini").symlink_to("shared.cfg")
    git(Path(), "add", "--all")
    assert judged() == (0, True)
    lay_out(Path(), {"shared.cfg": FILES["pytest.ini"].replace("slow", "fast")})
    assert judged() == (1, True)


def test_each_way_of_asking_has_a_memory_of_its_own(judged: Callable[..., tuple[int, bool]]) -> None:
    assert judged("--staged") == (0, True)
    assert judged("--house-rules", "strict-markers") == (0, True)
    assert judged("tests") == (0, True)
    assert judged() == judged("--staged") == judged("tests") == (0, False)


DAMAGES = {
    "nothing at all": lambda content: b"",
    "half of it": lambda content: content[: len(content) // 2],
    "another byte": lambda content: content[:-3] + b"?" + content[-2:],
    "another text": lambda content: b"hello\n" * 100,
    "another program": lambda content: b"0" * 64 + content[64:],
    "a length that is none": lambda content: content.replace(b" ", b" -", 1),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_memory_that_is_damaged_is_not_used_and_mended(
    judged: Callable[..., tuple[int, bool]], tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    (file,) = (tmp_path / "cache" / "precollect").glob("clean-*")
    file.write_bytes(damage(file.read_bytes()))

    assert judged() == (0, True)
    assert judged() == (0, False)


def test_where_the_sketches_are_lost_a_changed_test_is_judged(
    judged: Callable[..., tuple[int, bool]], tmp_path: Path
) -> None:
    (file,) = (tmp_path / "cache" / "precollect").glob("sketches-*")
    file.unlink()
    assert judged() == (0, False)

    lay_out(Path(), {"tests/test_one.py": TEST + "\n# changed\n"})
    assert judged() == (0, True)


def test_a_memory_that_cannot_be_written_is_not_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository(tmp_path / "project", FILES))
    lay_out(tmp_path, {"cache": "a file, where a folder is needed"})

    assert run(memory=str(tmp_path / "cache")) == run(memory=str(tmp_path / "cache")) == (0, "", "")


# Trees that change at random

MARK, OTHER = "@pytest.mark.slow\n", "@pytest.mark.fast\n"
PIECES = [
    "import pytest\n", "from helpers import thing\n", MARK, OTHER, "def test_a():\n    assert True\n",
    "def test_b(cart):\n    assert True\n", "async def test_c():\n    assert True\n", "# pytest.mark.fast\n",
    "class TestIt:\n    def __init__(self): pass\n    def test_d(self): pass\n", "x = (\n",
    "pytestmark = pytest.mark.slow\n",
    "@pytest.fixture\ndef cart():\n    return []\n", "    yield\n", "raise ValueError\n",
]  # fmt: skip
CONTENTS = st.lists(st.sampled_from(PIECES), max_size=5).map(lambda pieces: "import pytest\n" + "".join(pieces))
PATHS = st.sampled_from(["test_a.py", "tests/test_b.py", "tests/conftest.py", "helpers.py", "tests/helpers.py"])
CONFIGURATIONS = st.sampled_from(
    [
        "[pytest]\naddopts = --strict-markers\nmarkers =\n    slow\n",
        "[pytest]\n",
        "[pytest]\naddopts = --strict-markers\n",
    ]
)
CHANGES = st.lists(
    st.tuples(PATHS, CONTENTS | st.none()) | st.tuples(st.just("pytest.ini"), CONFIGURATIONS), min_size=1, max_size=3
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(commits=st.lists(CHANGES, min_size=2, max_size=4), staging=st.booleans(), losing=st.booleans())
def test_a_remembered_answer_is_the_fresh_one(
    tmp_path_factory: pytest.TempPathFactory, commits: list[list[tuple[str, str | None]]], staging: bool, losing: bool
) -> None:
    folder = repository(tmp_path_factory.mktemp("project"), {"requirements.txt": "pytest==9.2.0\n"})
    memory = tmp_path_factory.mktemp("cache")
    for changes in commits:
        for file in memory.glob("precollect/sketches-*") if losing else ():
            file.unlink()
        for name, content in changes:
            if content is not None:
                lay_out(folder, {name: content})
            elif (folder / name).exists():
                (folder / name).unlink()
        if staging:
            git(folder, "add", "--all")
        fresh = run(str(folder), "--format", "json")
        assert run(str(folder), "--format", "json", memory=str(memory)) == fresh
        assert run(str(folder), "--format", "json", memory=str(memory)) == fresh
        assert fresh.status == bool(json.loads(fresh.out)["findings"])

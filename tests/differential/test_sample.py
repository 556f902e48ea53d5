"""A small sample of the differential run: the pytest of this environment is the judge, alone and without plugins."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from differential.compare import Comparison, case_text, compare, opinion, shrunk, simpler
from differential.generate import project
from differential.oracle import Answer, Oracle
from differential.projects import (
    DAMAGES,
    FORMS,
    LAUNCHERS,
    LAYOUTS,
    Code,
    Damage,
    Entry,
    Launch,
    Project,
    Value,
    Words,
    configuration,
    files_of,
    laid_out,
)
from differential.run import table
from differential.spelling import AROUND, SPELLINGS, put, spelled
from judged import judged
from precollect.findings import Finding, Kind, Place
from real_pytest import own_pytest

HERE = version("pytest")
SEEDS = range(40)
WRONG = ("false alarm", "crash")  # what is missed stands in the table of a long run


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Oracle]:
    """The pytest of this environment, out of sight of the plugins that are installed beside it."""
    alone = own_pytest(tmp_path_factory.mktemp("alone"))
    with Oracle({HERE: {"pytest": [f"pytest=={HERE}"]}}, library=alone) as made:
        yield made


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_sound_is_called_broken(oracle: Oracle, seed: int) -> None:
    found = compare(oracle, project(seed, [HERE], {HERE: []}))

    assert found.verdict not in WRONG, case_text(found)


def test_every_part_of_a_project_can_be_left_out() -> None:
    for seed in range(300):
        made = project(seed, ["9.2.0"], {"9.2.0": ["pytest-cov", "pytest-asyncio"]})
        for smaller in simpler(made):
            assert files_of(smaller, ["pytest==9.2.0"])
            assert len(smaller.ingredients) <= len(made.ingredients)


def test_a_seed_is_a_project() -> None:
    first, again = (project(7, ["8.4.2", "9.2.0"], {"8.4.2": ["anyio"], "9.2.0": []}) for _ in range(2))

    assert first == again


@pytest.mark.parametrize("form", FORMS)
def test_a_configuration_is_written_in_every_form(form: str) -> None:
    made = Project("9.2.0", (), form, (Entry("markers", ("slow: text",)), Words(("-m", "not slow")), Entry("x", True)))

    files = files_of(made, ["pytest==9.2.0"])

    path, header, typed = FORMS[form]
    assert header in files[path].splitlines()
    assert "slow: text" in files[path]
    assert ('"not slow"' in files[path]) is typed
    assert files["requirements-test.txt"] == "pytest==9.2.0\n"


@pytest.mark.parametrize("kind", DAMAGES)
def test_an_accident_changes_the_configuration(kind: str) -> None:
    sound = Project("9.2.0", (), "pytest.ini", (Entry("markers", ("slow: text",)), Words(("-m", "not slow"))))
    texts = {
        files_of(sound._replace(ingredients=(*sound.ingredients, Damage(kind, seed))), [])["pytest.ini"]
        for seed in range(20)
    }

    assert texts - {files_of(sound, [])["pytest.ini"]}


@pytest.mark.parametrize(
    ("status", "output", "kinds", "verdict"),
    [
        pytest.param(4, "ERROR: no", ("breaks",), "agreed", id="both say that it breaks"),
        pytest.param(4, "ERROR: no", ("loses",), "missed", id="nothing that breaks is found"),
        pytest.param(0, "", ("breaks",), "false alarm", id="pytest is content"),
        pytest.param(0, "", (), "agreed", id="both are content"),
        pytest.param(0, "Unknown config option: x", (), "loss missed", id="a loss goes unseen"),
        pytest.param(0, "Unknown config option: x", ("loses",), "agreed", id="a loss is found"),
        pytest.param(0, "", ("loses",), "agreed", id="a loss that pytest does not speak of"),
    ],
)
def test_verdicts_are_compared(status: int, output: str, kinds: tuple[Kind, ...], verdict: str) -> None:
    findings = [Finding(Place("a", 1, 1), "unknown-key", "config-file", kind, "text") for kind in kinds]

    assert opinion(Answer(status, 1, output, output), findings)[0] == verdict


def test_a_disagreement_is_made_as_small_as_it_can_be() -> None:
    class Pretended(Oracle):
        """A pytest that cannot stand one key."""

        def ask(self, stack: str, plugins: tuple[str, ...], folder: Path, **_: object) -> Answer:
            text = "".join(path.read_text() for path in folder.glob("p*.*"))
            return Answer(4, -1, "ERROR: no", "") if "cache_dir" in text else Answer(0, 1, "", "")

    parts = [Entry(key, "x") for key in ("junit_suite_name", "cache_dir", "log_file")]
    whole = Project(
        "9.2.0",
        ("pytest-mock",),
        "pyproject.toml",
        (Code("tests/test_a.py", "def test_one():\n    assert True\n"), *parts, Words(("-q",))),
        importable=True,
    )

    found = shrunk(Pretended({}), compare(Pretended({}), whole))

    assert found.project == Project("9.2.0", (), "pytest.ini", (whole.ingredients[0], Entry("cache_dir", "x")))
    assert 'title = ""\n\n[files]\n"tests/test_a.py" = ' in case_text(found)


def test_the_table_counts_disagreements() -> None:
    made = Project("9.2.0", (), "pytest.ini", ())
    answer = Answer(4, -1, "ERROR: no", "")
    seen = [
        Comparison(made, "missed", "ERROR: no", "broken", answer, []),
        Comparison(made, "agreed", "", "broken", answer, []),
    ]

    assert "    1 missed: ERROR: no" in table(seen).splitlines()
    assert (
        "9.2.0           2    100%      0       1      0       1           0      0       0" in table(seen).splitlines()
    )


@pytest.mark.parametrize("around", AROUND)
def test_code_is_put_in_surroundings(around: str) -> None:
    made = put("@pytest.mark.slow\ndef test_x():\n    assert True\n", around)

    compile(made, "test_a.py", "exec")
    assert "assert True\n" in made


@pytest.mark.parametrize("way", [way for way in SPELLINGS if way != "a line cut short"])
def test_a_file_is_spelled_otherwise(way: str) -> None:
    text = 'import pytest\n\n\n@pytest.mark.parametrize("x", [1])\ndef test_x(x):\n    assert x\n'

    made = spelled(text, way)

    assert made != text
    compile(made.encode(), "test_a.py", "exec")


@pytest.mark.parametrize("way", LAYOUTS)
def test_a_configuration_is_laid_out_otherwise(way: str) -> None:
    entries: dict[str, Value] = {"addopts": ("-q", "-m", "not slow"), "markers": ("slow: text",)}
    changed = [
        laid_out(text, way, toml=toml) != text
        for toml in (False, True)
        for text in [configuration(entries, "[tool.pytest.ini_options]", typed=False, toml=toml)]
    ]

    assert any(changed)


@pytest.mark.parametrize("path", LAUNCHERS)
def test_a_call_stands_in_every_kind_of_file(path: str) -> None:
    start = Code("tests/test_a.py", "def test_one():\n    assert True\n")
    made = Project("9.2.0", (), "pytest.ini", (start, Launch(path, ("--nobody",))))

    assert "pytest --nobody" in files_of(made, ["pytest==9.2.0"])[path]
    assert [found.rule for found in judged(files_of(made, ["pytest==9.2.0"])) if found.place.path == path] == [
        "unknown-option"
    ]

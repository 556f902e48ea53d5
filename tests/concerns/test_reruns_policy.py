"""Reruns: options that are refused, flaky marks that fail, and what a team may settle about them."""

from __future__ import annotations

from pathlib import Path

import pytest

from judged import (
    LATEST,
    SEED,
    judged,
    lines,
    must_find,
    must_find_by_house_rules,
    must_mend,
    read_by_pytest,
    short_of_rows,
)
from precollect.concerns.reruns_policy import CONCERN, RULES

SEED_RERUNS = f"{SEED}pytest-rerunfailures==16.1\n"
RERUNS = f"{LATEST}pytest-rerunfailures==16.7\n"
FLAKY = f"{RERUNS}flaky==3.8.1\n"
TEST = "def test_net():\n    pass\n"


def ini(body: str, pins: str = RERUNS, test: str = TEST, conftest: str = "") -> dict[str, str]:
    files = {"pytest.ini": f"[pytest]\n{body}\n", "requirements-test.txt": pins, "tests/test_net.py": test}
    return {**files, "conftest.py": conftest} if conftest else files


def flaky(arguments: str, pins: str = RERUNS, above: str = "", body: str = "") -> dict[str, str]:
    """A project whose test carries a flaky mark with these arguments."""
    return ini(body, pins, f"import pytest\n\n{above}\n@pytest.mark.flaky({arguments})\n{TEST}")


def native(body: str) -> dict[str, str]:
    return {"pytest.toml": f"[pytest]\n{body}\n", "requirements-test.txt": RERUNS, "tests/test_net.py": TEST}


def settled(files: dict[str, str], settings: str) -> dict[str, str]:
    return {**files, "precollect.toml": f"{settings}\n"}


SILENT = {
    # bad-reruns-value
    "a number of reruns with an underscore": ini("reruns = 1_0"),
    "no number of reruns": ini("reruns ="),
    # bad-flaky-argument
    "a skipped test with an argument that is strange to flaky": flaky("reruns=2", FLAKY, "@pytest.mark.skip"),
    # reruns-without-plugin
    "options with the plugin": ini("addopts = --reruns 2 --reruns-delay=0.5 --only-rerun Assertion --rerun-except=X"),
    "options of the newest release": ini("addopts = --max-suite-reruns=3 --rerun-show-tracebacks --fail-on-flaky"),
    "keys with the plugin": ini("reruns = 2\nreruns_delay = 1"),
    "options where plugins are not known": ini("addopts = --reruns=2", f"{LATEST}pytest-nobody-knows==1\n"),
    "options where nothing is declared": {**ini("addopts = --reruns=2"), "requirements-test.txt": ""},
    "an option that conftest.py adds": ini(
        "addopts = --reruns=2",
        LATEST,
        conftest="def pytest_addoption(parser):\n    parser.addoption('--reruns', type=int)\n",
    ),
    # bad-reruns-value
    "every number that Python reads": ini("addopts = --reruns=+1_0 --reruns-delay=1e-3"),
    "a number as a TOML integer": {
        "pyproject.toml": "[tool.pytest.ini_options]\nreruns = 2\n",
        "requirements-test.txt": RERUNS,
        "tests/test_net.py": TEST,
    },
    "a key that an option overrules": ini("addopts = --reruns=1\nreruns = two"),
    "a native text": native("reruns = '2'"),
    "a native number that an option overrules": native("addopts = ['--reruns=1']\nreruns = 2"),
    # negative-reruns
    "no reruns": ini("addopts = --reruns=0\nreruns = -1"),
    "no reruns by a key": ini("reruns = 0"),
    # bad-reruns-pattern
    "patterns": ini("addopts = --only-rerun='Conn(ection)?Error' --rerun-except '[a-z]+'"),
    "patterns before the plugin checked them": ini("addopts = --only-rerun='Err(or)?'", SEED_RERUNS),
    "a broken pattern in a key that an option overrules": ini("addopts = --only-rerun=x\nonly_rerun = Error("),
    # reruns-with-pdb
    "another debugger without reruns": ini("addopts = --pdb"),
    "reruns and the class of a debugger": ini("addopts = --reruns=2 --pdbcls=pdb:Pdb"),
    "no reruns beside the debugger": ini("addopts = --reruns=0 --pdb"),
    "reruns and a debugger, and nothing is run": ini("addopts = --reruns=2 --pdb --collect-only"),
    "a mark without reruns beside the debugger": flaky("reruns=0", body="addopts = --pdb"),
    "a mark with a number that only running tells beside the debugger": flaky("reruns=N", body="addopts = --pdb"),
    "a mark beside the debugger, which -k may leave out": flaky("reruns=2", body="addopts = --pdb -k net"),
    "a mark on no test beside the debugger": ini(
        "addopts = --pdb",
        test=f"import pytest\n\n\n@pytest.mark.flaky(reruns=2)\ndef helper():\n    pass\n\n\n{TEST}",
    ),
    "a condition that is no expression, and nothing is run": flaky("condition='('", body="addopts = --collect-only"),
    # bad-flaky-argument
    "arguments of every sound form": flaky("2, 0.5, condition=True, only_rerun='x', rerun_except=['y']"),
    "numbers that only running tells": flaky("reruns=COUNT", above="COUNT = int('3')\n"),
    "a boolean, a fraction, a negative number": flaky("reruns=True, reruns_delay=0.5"),
    "a text on a test that is left out": flaky("reruns='3'", body="addopts = -k disk"),
    "a condition that Python compiles": flaky("condition='1 + 1'"),
    "a condition that Python compiles with a warning": flaky("condition='os.name is 1'", SEED_RERUNS),
    "a bare mark and one without arguments": ini(
        "", test=f"import pytest\n\n\n@pytest.mark.flaky\n@pytest.mark.flaky()\n{TEST}"
    ),
    # flaky-of-another-plugin
    "arguments of the plugin flaky, which is installed": flaky("max_runs=3, min_passes=1", f"{LATEST}flaky==3.8.1\n"),
    "arguments of the plugin flaky, where plugins are not known": flaky(
        "max_runs=3", f"{LATEST}pytest-nobody-knows==1\n"
    ),
}

FOUND: dict[str, tuple[dict[str, str], str, str]] = {
    "an option without the plugin": (
        ini("addopts = -ra --reruns 2", LATEST),
        "pytest.ini:2:15: breaks reruns-without-plugin",
        "option '--reruns' needs pytest-rerunfailures, which is not among the test dependencies, pytest stops: "
        "unrecognized arguments: --reruns; declare it or remove the option",
    ),
    "an option of a newer release": (
        ini("addopts = --max-suite-reruns=3", SEED_RERUNS),
        "pytest.ini:2:11: breaks reruns-without-plugin",
        "option '--max-suite-reruns' needs a newer pytest-rerunfailures than 16.1, which is declared",
    ),
    "a key without the plugin": (
        ini("reruns = 2", LATEST),
        "pytest.ini:2:1: loses reruns-without-plugin",
        "key 'reruns' needs pytest-rerunfailures, which is not among the test dependencies, pytest only warns: "
        "Unknown config option: reruns; declare it or remove the key",
    ),
    "a key without the plugin under --strict-config": (
        ini("addopts = --strict-config\nreruns_delay = 2", LATEST),
        "pytest.ini:3:1: breaks reruns-without-plugin",
        "pytest stops: Unknown config option: reruns_delay",
    ),
    "a key of a newer release": (
        ini("only_rerun = x", SEED_RERUNS),
        "pytest.ini:2:1: loses reruns-without-plugin",
        "key 'only_rerun' needs a newer pytest-rerunfailures than 16.1",
    ),
    "a number in words": (
        ini("addopts = --reruns=two"),
        "pytest.ini:2:11: breaks bad-reruns-value",
        "pytest stops: argument --reruns: invalid int value: 'two'; write a whole number",
    ),
    "a delay with a unit": (
        ini("addopts = --reruns=2 --reruns-delay 2s"),
        "pytest.ini:2:37: breaks bad-reruns-value",
        "invalid float value: '2s'; write seconds",
    ),
    "no number at all": (
        ini("addopts = --reruns"),
        "pytest.ini:2:11: breaks bad-reruns-value",
        "argument --reruns: expected one argument; write a whole number",
    ),
    "a key with a number in words": (
        ini("reruns = two"),
        "pytest.ini:2:1: loses bad-reruns-value",
        "'reruns = two' is no whole number, pytest ignores this line; write a number",
    ),
    "a key with a native number": (
        native("reruns = 2"),
        "pytest.toml:2:1: breaks bad-reruns-value",
        "pytest stops: config option 'reruns' expects a string, got int: 2; write it in quotes",
    ),
    "fewer than none for all of the run": (
        ini("addopts = --max-suite-reruns=-1"),
        "pytest.ini:2:11: breaks bad-reruns-value",
        "pytest stops: --max-suite-reruns must be >= 0; write 0 or more",
    ),
    "fewer than none": (
        ini("addopts = --reruns=-1", SEED_RERUNS),
        "pytest.ini:2:11: loses negative-reruns",
        "with -1 reruns pytest-rerunfailures 16.1 runs no test at all, and pytest reports success; write 0 or more",
    ),
    "fewer than none by a key": (
        ini("reruns = -2"),
        "pytest.ini:2:1: loses negative-reruns",
        "-2 reruns mean none; write 0 or more",
    ),
    "a broken pattern": (
        ini("addopts = --only-rerun='Error('"),
        "pytest.ini:2:11: breaks bad-reruns-pattern",
        "pytest stops: invalid regular expression for only_rerun: 'Error('",
    ),
    "a broken pattern before the plugin checked it": (
        ini("addopts = --only-rerun='Error('", SEED_RERUNS),
        "pytest.ini:2:11: loses bad-reruns-pattern",
        "'Error(' for only_rerun is no regular expression, a failing test that is compared with it ends the run: "
        "missing ), unterminated subpattern at position 5; correct it",
    ),
    "a broken pattern of what not to rerun": (
        ini("addopts = --rerun-except *Error"),
        "pytest.ini:2:26: breaks bad-reruns-pattern",
        "'*Error' (nothing to repeat at position 0)",
    ),
    "a broken pattern in a key": (
        ini("only_rerun =\n    Error\n    Error("),
        "pytest.ini:4:5: breaks bad-reruns-pattern",
        "invalid regular expression for only_rerun: 'Error('",
    ),
    "the debugger beside forced reruns": (
        ini("addopts = --force-reruns=1 --pdb"),
        "pytest.ini:2:28: breaks reruns-with-pdb",
        "--reruns incompatible with --pdb",
    ),
    "the debugger beside reruns": (
        ini("addopts = --pdb --reruns=2"),
        "pytest.ini:2:11: breaks reruns-with-pdb",
        "pytest collects, but stops before the first test: --reruns incompatible with --pdb; keep one of the two",
    ),
    "the debugger beside a flaky mark": (
        flaky("reruns=2", body="addopts = --pdb"),
        "pytest.ini:2:11: breaks reruns-with-pdb",
        "--reruns incompatible with --pdb",
    ),
    "a number as a text": (
        flaky("reruns='3'"),
        "tests/test_net.py:4:2: breaks bad-flaky-argument",
        "'reruns' of the flaky mark is the text '3', pytest collects, but the run stops with a TypeError; "
        "write a number",
    ),
    "a delay as a text from a constant": (
        flaky("2, DELAY", above="DELAY = '2'\n"),
        "tests/test_net.py:5:2: breaks bad-flaky-argument",
        "'reruns_delay' of the flaky mark is the text '2'",
    ),
    "a condition that Python does not compile": (
        flaky("condition='1 +'", SEED_RERUNS),
        "tests/test_net.py:4:2: breaks bad-flaky-argument",
        "the condition '1 +' of the flaky mark is no expression, pytest collects, but the run stops: SyntaxError",
    ),
    "an argument that the other plugin refuses": (
        flaky("reruns=2", FLAKY),
        "tests/test_net.py:4:2: breaks bad-flaky-argument",
        "the plugin flaky is installed too",
    ),
    "an argument of another plugin": (
        flaky("max_runs=3"),
        "tests/test_net.py:4:2: loses flaky-of-another-plugin",
        "'max_runs' is an argument of the plugin flaky: pytest-rerunfailures ignores it and reruns the test once; "
        "write reruns=",
    ),
    "an argument of a third plugin": (
        flaky("retries=3"),
        "tests/test_net.py:4:2: loses flaky-of-another-plugin",
        "'retries' is an argument of the plugin pytest-retry",
    ),
}

POLICY: dict[str, tuple[dict[str, str], str, str]] = {
    "an option that overrules flaky marks": (
        ini("addopts = --force-reruns=1"),
        "pytest.ini:2:11: policy reruns-for-every-test",
        "'--force-reruns=1' reruns every failing test",
    ),
    "an option": (
        ini("addopts = -ra --reruns 2"),
        "pytest.ini:2:15: policy reruns-for-every-test",
        "'--reruns 2' reruns every failing test, which hides what is broken; mark the flaky tests instead: "
        "@pytest.mark.flaky(reruns=3, reruns_delay=2)",
    ),
    "a key": (
        ini("reruns = 2\nreruns_delay = 1"),
        "pytest.ini:2:1: policy reruns-for-every-test",
        "'reruns = 2' reruns every failing test",
    ),
    "a conftest that sets the option": (
        ini("", conftest="def pytest_configure(config):\n    config.option.reruns = 2\n"),
        "conftest.py:2:5: policy reruns-for-every-test",
        "'config.option.reruns = 2' reruns every failing test",
    ),
    "more than three": (
        flaky("reruns=4"),
        "tests/test_net.py:4:2: policy too-many-reruns",
        "this test asks for 4 reruns, the team allows 3; ask for fewer",
    ),
    "more than a team settled": (
        settled(flaky("2"), "max-reruns = 1"),
        "tests/test_net.py:4:2: policy too-many-reruns",
        "asks for 2 reruns, the team allows 1",
    ),
    "no delay where a team asks for one": (
        settled(flaky("reruns=2"), "min-reruns-delay = 2"),
        "tests/test_net.py:4:2: policy reruns-too-soon",
        "this test waits 0 seconds between reruns, the team asks for 2; write reruns_delay=2",
    ),
    "a short delay where a team asks for a longer one": (
        settled(flaky("2, 0.5"), "min-reruns-delay = 1.5"),
        "tests/test_net.py:4:2: policy reruns-too-soon",
        "this test waits 0.5 seconds between reruns, the team asks for 1.5",
    ),
}

CONTENT = {
    "reruns of flaky tests, as many as are allowed": flaky("reruns=3, reruns_delay=2"),
    "no reruns": ini("addopts = --reruns=0"),
    "an option that only tunes reruns": ini("addopts = --reruns-delay=2 --only-rerun=X\nreruns_delay = 1"),
    "reruns that a later option takes back": ini("addopts = --reruns=2 --reruns=0"),
    "a key that an option takes back": ini("addopts = --reruns=0\nreruns = 2"),
    "more than three where a team allows them": settled(flaky("reruns=5"), "max-reruns = 5"),
    "a delay as a team asks": settled(flaky("2, 2"), "min-reruns-delay = 2"),
    "numbers that only running tells": settled(
        flaky("**MORE", above="import json\n\nMORE = json.loads('{}')\n"), "min-reruns-delay = 2"
    ),
}

# What other concerns report.
ELSEWHERE = {
    "options of the plugin where it is disabled": (
        ini("addopts = --reruns=2 -p no:rerunfailures"),
        "pytest.ini:2:25: breaks disabled-plugin-option",
    ),
}

# File, bytes before and after, and what pytest reads afterwards.
FIXED: dict[str, tuple[str, str, str, dict[str, object]]] = {
    "an option and what tunes it": (
        "pytest.ini",
        "[pytest]\naddopts = -ra --reruns 2 --reruns-delay=1 --tb=short\n",
        "[pytest]\naddopts = -ra --tb=short\n",
        {"addopts": "-ra --tb=short"},
    ),
    "an option given twice, on lines of their own": (
        "tox.ini",
        "[pytest]\naddopts =\n    -ra\n    # for the weekend\n    --reruns=1\n    --reruns=2\n",
        "[pytest]\naddopts =\n    -ra\n",
        {"addopts": "-ra"},
    ),
    "the only option": (
        "setup.cfg",
        "[tool:pytest]\ntestpaths = tests\naddopts = --reruns=2\n",
        "[tool:pytest]\ntestpaths = tests\n",
        {"testpaths": "tests"},
    ),
    "items of a TOML list": (
        "pyproject.toml",
        '[tool.pytest.ini_options]\naddopts = [\n    "--reruns", "2",\n    "-ra",\n]\n',
        '[tool.pytest.ini_options]\naddopts = [\n    "-ra",\n]\n',
        {"addopts": ["-ra"]},
    ),
    "a key with the comment that explains it": (
        "pytest.ini",
        "[pytest]\naddopts = -ra\n# the network is slow\nreruns = 2\n",
        "[pytest]\naddopts = -ra\n",
        {"addopts": "-ra"},
    ),
    "a key and what tunes it": (
        "pytest.ini",
        "[pytest]\nreruns=2\naddopts = -ra\nreruns_delay:  1\ntestpaths = tests\n",
        "[pytest]\naddopts = -ra\ntestpaths = tests\n",
        {"addopts": "-ra", "testpaths": "tests"},
    ),
    "keys of TOML": (
        "pyproject.toml",
        "[tool.pytest.ini_options]\naddopts = '-ra'\nreruns = 2  # slow\n\n[tool.x]\na = 1\n",
        "[tool.pytest.ini_options]\naddopts = '-ra'\n\n[tool.x]\na = 1\n",
        {"addopts": "-ra"},
    ),
    "keys below an option": (
        "pytest.ini",
        "[pytest]\naddopts = -ra --reruns=2\nreruns = 3\n",
        "[pytest]\naddopts = -ra\n",
        {"addopts": "-ra"},
    ),
}


@pytest.mark.parametrize("files", SILENT.values(), ids=SILENT)
def test_nothing_is_found(files: dict[str, str]) -> None:
    assert judged(files) == []


@pytest.mark.parametrize(("files", "line", "message"), FOUND.values(), ids=FOUND)
def test_one_cause_is_one_finding_of_all_concerns(files: dict[str, str], line: str, message: str) -> None:
    must_find(files, [line], message)


@pytest.mark.parametrize(("files", "line"), ELSEWHERE.values(), ids=ELSEWHERE)
def test_what_another_concern_reports_is_left_to_it(files: dict[str, str], line: str) -> None:
    assert lines(judged(files)) == [line]


@pytest.mark.parametrize(
    ("row", "places"),
    [
        ("the debugger beside reruns", ["pytest.ini:2:17"]),
        ("the debugger beside a flaky mark", ["tests/test_net.py:4:2"]),
    ],
)
def test_what_excludes_the_debugger_is_shown(row: str, places: list[str]) -> None:
    (found,) = judged(FOUND[row][0])

    assert [str(other.place) for other in found.related] == places


@pytest.mark.parametrize(("files", "line", "message"), POLICY.values(), ids=POLICY)
def test_reruns_are_a_matter_of_house_rules(files: dict[str, str], line: str, message: str) -> None:
    must_find_by_house_rules(files, [line], message, CONCERN)


@pytest.mark.parametrize("files", CONTENT.values(), ids=CONTENT)
def test_house_rules_are_content(files: dict[str, str]) -> None:
    assert judged(files, policies=[CONCERN]) == []


@pytest.mark.parametrize(("name", "before", "after", "reads"), FIXED.values(), ids=FIXED)
def test_reruns_for_every_test_are_removed(
    name: str, before: str, after: str, reads: dict[str, object], tmp_path: Path
) -> None:
    files = {name: before, "requirements-test.txt": RERUNS, "tests/test_net.py": TEST}

    must_mend(files, name, after, tmp_path, policies=[CONCERN], safe=False)
    assert read_by_pytest(tmp_path / name) == reads


def test_rules_have_rows() -> None:
    assert short_of_rows(RULES, FOUND, POLICY) == set()

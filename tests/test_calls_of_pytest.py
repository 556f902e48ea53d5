"""Calls of pytest that stand in files: judged as starts of their own, by the rules of every concern."""

from __future__ import annotations

import pytest

from judged import judged, lines
from precollect.findings import Concern

WORKFLOW = ".github/workflows/ci.yml"
ASYNC = "import pytest\n\n\n@pytest.mark.asyncio\nasync def test_a():\n    pass\n"
PLAIN = "def test_b():\n    pass\n"
STRICT = "[pytest]\naddopts = --strict-markers\nasyncio_mode = strict\n"
PINS = "pytest==9.2.0\npytest-asyncio==1.5.0\npytest-timeout==2.4.0\n"
FILES = {"pytest.ini": STRICT, "tests/test_a.py": ASYNC, "plain/test_b.py": PLAIN, "requirements-test.txt": PINS}


def workflow(*commands: str, before: str = "pip install -r requirements-test.txt") -> dict[str, str]:
    """The project, and a workflow with these commands, each a step of its own from line 6 on."""
    steps = ["uses: actions/checkout@v5", f"run: {before}", *(f"run: {command}" for command in commands)]
    text = "".join(["jobs:\n  test:\n    steps:\n", *(f"      - {step}\n" for step in steps)])
    return {**FILES, WORKFLOW: text}


def nox(before: str) -> str:
    """A session that asks for an option which nobody knows, behind another statement."""
    return f'import nox\n\n\n@nox.session\ndef tests(session):\n    {before}\n    session.run("pytest", "--zebra")\n'


FOUND = {
    "the plugin of a mark is left out": (
        workflow("pytest -p no:asyncio"),
        [f"{WORKFLOW}:6:24: breaks disabled-plugin-mark"],
    ),
    "in a job that installs more": (
        workflow("pytest -p no:asyncio", before="pip install pytest-foo"),
        [f"{WORKFLOW}:6:24: breaks disabled-plugin-mark"],
    ),
    "beside values that only running tells": (
        workflow("pytest -p no:asyncio --junitxml=${{ runner.temp }}/a.xml --maxfail $N"),
        [f"{WORKFLOW}:6:24: breaks disabled-plugin-mark"],
    ),
    "in tox": (
        {**FILES, "tox.ini": "[testenv]\ncommands =\n    pytest {posargs} -p no:asyncio\n"},
        ["tox.ini:3:25: breaks disabled-plugin-mark"],
    ),
    "two equal calls are one start": (
        workflow("pytest -p no:asyncio", "python -m pytest -p no:asyncio"),
        [f"{WORKFLOW}:6:24: breaks disabled-plugin-mark"],
    ),
    "an option of a plugin that nobody declares": (
        workflow("pytest --cov=src"),
        [f"{WORKFLOW}:6:21: breaks undeclared-plugin"],
    ),
    "in a session of nox": (
        {**FILES, "noxfile.py": nox('session.install("-r", "requirements-test.txt")')},
        ["noxfile.py:7:27: breaks unknown-option"],
    ),
    "in a Makefile that installs what is declared": (
        {**FILES, "Makefile": "install:\n\tpip install -r requirements-test.txt\ntest: install\n\tpytest --zebra\n"},
        ["Makefile:4:9: breaks unknown-option"],
    ),
    "strictness that the configuration does not ask for": (
        {
            **workflow("pytest --strict-markers plain", "pytest plain --strict-markers -q"),
            "pytest.ini": "[pytest]\n",
            "plain/test_b.py": "import pytest\n\n\n@pytest.mark.slow\ndef test_b():\n    pass\n",
        },
        ["plain/test_b.py:4:2: breaks unregistered-mark"],
    ),
    "a misspelled option": (workflow("pytest --max-fail=3"), [f"{WORKFLOW}:6:21: breaks unknown-option"]),
    "a refused value": (workflow("pytest --maxfail=x"), [f"{WORKFLOW}:6:21: breaks bad-option-value"]),
    "a folder that is gone": (
        workflow("pytest plain tests/unit"),
        [f"{WORKFLOW}:6:27: breaks missing-path"],
    ),
    "a broken expression": (workflow("pytest -k 'a or'"), [f"{WORKFLOW}:6:24: breaks bad-keyword-expression"]),
    "an essential plugin is left out": (
        workflow("pytest -p no:main plain"),
        [f"{WORKFLOW}:6:24: breaks essential-plugin-disabled"],
    ),
    "variables beside the call": (
        workflow("PYTEST_ADDOPTS='-p no:asyncio' pytest"),
        [f"{WORKFLOW}:6:33: breaks disabled-plugin-mark"],
    ),
}

SILENT = {
    "a plain call": workflow("pytest"),
    "the tests of the call do not need the plugin": workflow("pytest -p no:asyncio plain"),
    "the plugin is loaded again": workflow("pytest -p no:asyncio -p asyncio"),
    "a plugin whose marks and keys stop nothing is left out": {
        **workflow("pytest -p no:timeout"),
        "pytest.ini": "[pytest]\ntimeout = 5\nasyncio_mode = strict\n",
    },
    "a word that may be anything": workflow("pytest -p no:asyncio ${{ matrix.args }}"),
    "a path that only running tells": workflow("pytest -p no:asyncio tests/$PART"),
    "an expression that only running tells": workflow('pytest -p no:asyncio -m "$MARKS"'),
    "another configuration": workflow("pytest -p no:asyncio -c ci.ini"),
    "another root": workflow("pytest --rootdir=plain nothing"),
    "an installed copy": workflow("pytest --pyargs nothing"),
    "a file of words": workflow("pytest @words"),
    "strictness about marks of other folders": {
        **workflow("pytest --strict-markers plain"),
        "pytest.ini": "[pytest]\nasyncio_mode = strict\n",
        "tests/test_c.py": "import pytest\n\n\n@pytest.mark.slow\ndef test_c():\n    pass\n",
    },
    "strictness whose failure is foreseen": {
        **workflow("pytest --strict-markers || true"),
        "pytest.ini": "[pytest]\n",
        "plain/test_b.py": "import pytest\n\n\n@pytest.mark.slow\ndef test_b():\n    pass\n",
    },
    "its failure is foreseen": workflow("pytest -p no:asyncio || true"),
    "a job that installs what no file declares": workflow("pytest --cov=src", before="pip install pytest-cov"),
    "files are made before": workflow("pytest tests/unit", before="mkdir tests/unit"),
    "nothing is collected, only asked": workflow("pytest --markers -p no:asyncio"),
    "patterns of the shell in paths": workflow("pytest plain/test_[ab].py plain/test_{b..c}.py"),
    "a path as PowerShell has it, on Windows": {
        **FILES,
        WORKFLOW: "jobs:\n  test:\n    runs-on: windows-latest\n    steps:\n"
        "      - uses: actions/checkout@v5\n      - run: pytest plain\\test_b.py\n",
    },
    "a job that is switched off": {
        **FILES,
        WORKFLOW: "jobs:\n  test:\n    if: ${{ false }}\n    steps:\n"
        "      - uses: actions/checkout@v5\n      - run: pytest --zebra\n",
    },
    "failures do not end the step": {
        **FILES,
        WORKFLOW: "jobs:\n  test:\n    steps:\n      - uses: actions/checkout@v5\n"
        "      - run: |\n          set +o errexit\n          pytest --zebra\n          echo $?\n",
    },
    "requirements from a URL": workflow("pytest --zebra", before="pip install -r https://example.com/test.txt"),
    "requirements that count nowhere else": workflow("pytest --zebra", before="pip install -r ci/more.txt"),
    "a package of the repository that may be a plugin": workflow("pytest --zebra", before="pip install -e ./zebra"),
    "a folder for each factor in tox": {
        **FILES,
        "tox.ini": "[testenv]\nchange_dir =\n    a: plain\n    b: tests\ncommands =\n    a: pytest test_b.py\n",
    },
    "a rule of make that installs what no file declares": {
        **FILES,
        "Makefile": "install:\n\tpip install zebra\ntest: install\n\tpytest --zebra\n",
    },
    "make ignores every failure": {**FILES, "Makefile": ".IGNORE:\ntest:\n\tpytest --zebra\n"},
    "a session of nox that runs pip": {**FILES, "noxfile.py": nox('session.run("pip", "install", "zebra")')},
    "a session of nox with a helper": {**FILES, "noxfile.py": nox("prepare(session)")},
    "a session of nox with conda": {**FILES, "noxfile.py": nox('session.conda_install("zebra")')},
}


@pytest.mark.parametrize(("files", "expected"), FOUND.values(), ids=FOUND)
def test_found_at_the_words_of_the_call(files: dict[str, str], expected: list[str]) -> None:
    assert lines(judged(files)) == expected


@pytest.mark.parametrize("files", SILENT.values(), ids=SILENT)
def test_silent(files: dict[str, str]) -> None:
    assert lines(judged(files)) == []


def test_a_house_rule_holds_for_calls_too() -> None:
    concern: Concern = "plugin-disablers"
    files = {**workflow("pytest -p no:timeout plain")}

    found = judged(files, concerns=[concern], policies=[concern])

    assert lines(found) == [f"{WORKFLOW}:6:24: policy plugin-disabled"]
    assert found[0].fix is None


def test_a_comment_allows_a_finding() -> None:
    files = workflow("pytest -p no:asyncio")
    text = files[WORKFLOW].replace(
        "      - run: pytest", "      # precollect: allow disabled-plugin-mark -- tried by hand\n      - run: pytest"
    )

    assert lines(judged({**files, WORKFLOW: text})) == []

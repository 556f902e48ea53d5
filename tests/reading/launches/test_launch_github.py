"""The calls of pytest in GitHub workflows."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from precollect.reading.launches import github
from precollect.reading.launches.calls import Call
from precollect.reading.text import Text

PATH = ".github/workflows/ci.yml"
HEAD = """\
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
"""


def written(calls: Sequence[Call]) -> list[str]:
    """`folder: words`, then the variables, then "open" where more may be installed."""
    return [
        " ".join(
            [
                f"{call.folder}:",
                *(word.text for word in call.arguments),
                *(f"+{word.text}" for word in call.addopts),
                *(f"plugin:{word.text}" for word in call.plugins),
                *(["alone"] if call.autoload_off else []),
                *(["open"] if call.why_open else []),
                *(["files"] if call.files_made else []),
            ]
        )
        for call in calls
    ]


def calls(text: str) -> list[Call]:
    return list(github.read(Text(PATH, text)))


def step(run: str, *more: str) -> str:
    """A workflow with one step; `more` are further lines of it."""
    return HEAD + "".join([f"      - run: {run}\n", *(f"        {line}\n" for line in more)])


FOUND = {
    "a variable of the job that has nothing to do with pytest": (
        step("|", "  echo STAGE=1 >> $GITHUB_ENV", "  export STAGE", "  pytest -q"),
        [": -q"],
    ),
    "a command": (step("pytest -p no:asyncio tests"), [": -p no:asyncio tests"]),
    "a module": (step("python -m pytest -q"), [": -q"]),
    "several lines": (
        step("|", "  echo a", "  pytest -q \\", "    --cov=x", "  python3.12 -W error -m pytest b"),
        [": -q --cov=x", ": b"],
    ),
    "runners in front": (
        step(
            "|",
            "  uv run --frozen --group test pytest a",
            "  poetry run pytest b",
            "  coverage run --source x -m pytest c",
            "  xvfb-run -a pytest d",
            "  timeout -k 5 60 python -Im pytest e",
            "  .venv/bin/python -m coverage run -p -m pytest f",
            "  uv run -m pytest g",
        ),
        [": a", ": b", ": c", ": d", ": e", ": f", ": g"],
    ),
    "variables in front": (step("PYTEST_ADDOPTS='-q -x' A=b pytest a"), [": a +-q +-x"]),
    "variables of the step, the job, the workflow": (
        "env:\n  PYTEST_PLUGINS: a,b\n"
        + HEAD.replace("    steps:", "    env:\n      PYTEST_DISABLE_PLUGIN_AUTOLOAD: 1\n    steps:")
        + "      - run: pytest\n        env:\n          PYTEST_ADDOPTS: -p c\n",
        [": +-p +c plugin:a plugin:b alone"],
    ),
    "an empty variable": (step("pytest -q", "env:", "  PYTEST_ADDOPTS:"), [": -q"]),
    "folders": (
        step("|", "  pytest a", "  cd lib", "  pytest b", "working-directory: src/x/"),
        ["src/x: a", "src/x/lib: b"],
    ),
    "the folder of all steps": (
        "defaults:\n  run:\n    working-directory: src\n" + step("pytest a"),
        ["src: a"],
    ),
    "words that only running tells": (
        step('pytest ${{ matrix.args }} -n $N --junitxml="${{ runner.temp }}/a b.xml"'),
        [": … -n … --junitxml=…/a b.xml"],
    ),
    "what is declared is installed": (
        step("|", "  pip install -e .[test] -r requirements-dev.txt", "  uv sync --frozen --group test", "  pytest a"),
        [": a"],
    ),
    "more is installed": (step("|", "  pip install pytest-foo", "  pytest a"), [": a open"]),
    "more is installed in a step before": (
        HEAD + "      - run: pip install -r ${{ x }}.txt\n      - run: pytest a\n",
        [": a open"],
    ),
    "an action installs we know not what": (
        HEAD + "      - uses: ./.github/actions/setup\n      - run: pytest a\n",
        [": a open"],
    ),
    "for this call alone": (step("uv run --with pytest-foo pytest a"), [": a open"]),
    "a container": (step("pytest a").replace("    steps:", "    container: x\n    steps:"), [": a open"]),
    "files are made before": (step("|", "  cp a b", "  pytest b"), [": b files"]),
    "a pipe behind": (step("pytest a 2>&1 | tee log"), [": a"]),
    "a failure that counts after all": (step("pytest a", "continue-on-error: false"), [": a"]),
    "a shell that we know": (step("pytest a", "shell: bash"), [": a"]),
}

SILENT = {
    "another program": step("pytest-watch a"),
    "a step under a condition": step("pytest a", "if: matrix.x"),
    "a step that may fail": step("pytest a", "continue-on-error: true"),
    "a step that may fail now and then": step("pytest a", "continue-on-error: ${{ matrix.x }}"),
    "a job that may fail": step("pytest a").replace("    steps:", "    continue-on-error: true\n    steps:"),
    "a call that may fail": step("pytest a || true"),
    "failures that no longer count": step("|", "  set +e", "  pytest a"),
    "a call under a condition": step("|", "  if x; then", "    pytest a", "  fi"),
    "a loop": step("for x in 1 2; do pytest a; done"),
    "a folder that only running tells": step("|", "  cd $X", "  pytest a"),
    "a working directory that only running tells": step("pytest a", "working-directory: ${{ x }}"),
    "a folder out of the repository": step("cd ../x && pytest a"),
    "a folder that a condition leads to": step("|", "  if x; then cd y; fi", "  pytest a"),
    "another shell": step("pytest a", "shell: cmd"),
    "no checkout": step("pytest a").replace("actions/checkout@v5", "actions/cache@v4"),
    "a checkout of something else": HEAD + "        with:\n          repository: a/b\n      - run: pytest a\n",
    "a variable that only running tells": step("pytest a", "env:", "  PYTEST_ADDOPTS: ${{ x }}"),
    "an environment that only running tells": step("pytest a", "env: *env"),
    "a variable that the script exports": step("|", "  export PYTEST_ADDOPTS=-q", "  pytest a"),
    "a variable for all later steps": HEAD
    + "      - run: echo PYTEST_ADDOPTS=-q >> $GITHUB_ENV\n      - run: pytest a\n",
    "an open quote in a variable": step("pytest a", "env:", '  PYTEST_ADDOPTS: -k "a'),
    "a runner that we do not know": step("docker run x pytest a"),
    "options of a runner that we do not know": step("uv run --directory x pytest a"),
    "Python runs something else": step("python -c 'x' pytest"),
    "a module of another name": step("python -m xdist pytest"),
    "an alias in the place of a step": HEAD + "      - *step\n      - run: pytest a\n",
    "a text that cannot be read": step('"pytest\\ta"'),
    "no steps": "jobs:\n  test:\n    uses: ./.github/workflows/pytest.yml\n",
    "no jobs": "on: push\n",
    "jobs of another shape": "jobs: pytest\n",
    "no workflow": "- pytest\n",
}


@pytest.mark.parametrize(("text", "expected"), FOUND.values(), ids=FOUND)
def test_calls(text: str, expected: list[str]) -> None:
    assert written(calls(text)) == expected


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
def test_no_calls(text: str) -> None:
    assert calls(text) == []


def test_every_word_has_its_place() -> None:
    text = step("|", "  A=1 pytest \\", "    -p 'no:x'", "env:", "  PYTEST_ADDOPTS: -q -v")
    (call,) = calls(text)

    lines = text.split("\n")
    places = [call.place, *(word.place for word in (*call.arguments, *call.addopts))]
    assert [lines[place.line - 1][place.column - 1 :][:6].strip() for place in places] == [
        "pytest",
        "-p 'no",
        "'no:x'",
        "-q -v",
        "-v",
    ]
    assert {place.path for place in places} == {PATH}

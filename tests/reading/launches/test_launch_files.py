"""The calls of pytest in tox.ini, GitLab pipelines, Makefiles, justfiles, noxfiles and scripts of pyproject.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from precollect.reading import launches
from precollect.reading.tree import open_tree
from running import in_time, lay_out

TOX = "[testenv]\n"
NOX = "import nox\n\n\n@nox.session\ndef tests(session):\n"

FOUND = {
    "tox: commands": ("tox.ini", f"{TOX}commands =\n  pytest -q\n  python -m pytest b\n", ["-q", "b"]),
    "tox: on one line": ("tox.ini", f"{TOX}commands = pytest -q\n", ["-q"]),
    "tox: without arguments for pytest": ("tox.ini", f"{TOX}commands = pytest {{posargs}} -q []\n", ["-q"]),
    "tox: defaults of arguments": ("tox.ini", f"{TOX}commands = pytest {{posargs:tests -q}}\n", ["tests -q"]),
    "tox: on several lines": ("tox.ini", f"{TOX}commands =\n  pytest \\\n    -q \\\n    a\n", ["-q a"]),
    "tox: for some factors": ("tox.ini", f"{TOX}commands =\n  py312,py313: pytest -q\n", ["-q"]),
    "tox: what it fills in": ("tox.ini", f"{TOX}commands = pytest --basetemp={{envtmpdir}}\n", ["--basetemp=…"]),
    "tox: an environment of its own": ("tox.ini", "[testenv:a]\ncommands = pytest -q\n", ["-q"]),
    "tox: variables": (
        "tox.ini",
        f"{TOX}set_env =\n  A = b\n  PYTEST_ADDOPTS = -x\ncommands = pytest -q\n",
        ["+-x -q"],
    ),
    "tox: variables on one line": ("tox.ini", f"{TOX}setenv = PYTEST_ADDOPTS = -x\ncommands = pytest\n", ["+-x"]),
    "tox: an environment with variables of its own": (
        "tox.ini",
        f"{TOX}commands = pytest -q\n[testenv:a]\nset_env = PYTEST_ADDOPTS = -x\n",
        ["-q", "+-x -q"],
    ),
    "GitLab: a script": (".gitlab-ci.yml", "test:\n  script: pytest -q\n", ["-q"]),
    "GitLab: several lines": (
        ".gitlab-ci.yml",
        "before_script:\n  - pip install -e .[test]\ntest:\n  script:\n    - echo a\n    - pytest -q\n",
        ["-q"],
    ),
    "GitLab: variables": (
        ".gitlab-ci.yml",
        "variables:\n  PYTEST_ADDOPTS: -x\ntest:\n  image: python:3.13\n  script: [pytest]\n",
        ["+-x"],
    ),
    "make: a recipe": ("Makefile", "test: a\n\t@pytest -q \\\n\t\tb\n", ["-q b"]),
    "make: its variables": ("Makefile", "test:\n\tpytest $(ARGS) -n $${N}\n", ["… -n …"]),
    "just: a recipe": ("justfile", "test *args:\n    @uv run pytest -q {{args}}\n", ["-q …"]),
    "hatch: scripts": (
        "pyproject.toml",
        '[tool.hatch.envs.test.scripts]\nrun = "pytest -q {args}"\nall = ["pytest {args:tests}"]\n',
        ["-q", "tests"],
    ),
    "PDM: scripts": ("pyproject.toml", '[tool.pdm.scripts]\ntest = {cmd = "pytest -q"}\n', ["-q"]),
    "poe: tasks": ("pyproject.toml", '[tool.poe.tasks.test]\nshell = "pytest -q"\n', ["-q"]),
    "taskipy: tasks": ("pyproject.toml", "[tool.taskipy.tasks]\ntest = 'pytest -q'\n", ["-q"]),
    "nox: a session": (
        "noxfile.py",
        f'{NOX}    session.run("pytest", "-q", "-m", "a b", *session.posargs, external=True)\n',
        ["-q -m a b"],
    ),
    "nox: a file of which Python warns": (
        "noxfile.py",
        f'{NOX}    assert "\\d"\n    session.run("pytest", "-q")\n',
        ["-q"],
    ),
    "nox: a module": ("noxfile.py", f'{NOX}    session.run("python", "-m", "pytest", name)\n', ["…"]),
}

SILENT = {
    "tox: failures are ignored": ("tox.ini", f"{TOX}ignore_outcome = true\ncommands = pytest -q\n"),
    "tox: the command may fail": ("tox.ini", f"{TOX}commands = - pytest -q\n"),
    "tox: the folder is filled in": ("tox.ini", f"{TOX}change_dir = {{envtmpdir}}\ncommands = pytest -q\n"),
    "tox: variables from elsewhere": ("tox.ini", f"{TOX}set_env = {{[base]set_env}}\ncommands = pytest -q\n"),
    "tox: a variable for some factors": (
        "tox.ini",
        f"{TOX}set_env =\n  py313: PYTEST_ADDOPTS = -x\ncommands = pytest -q\n",
    ),
    "tox: a variable that is filled in": (
        "tox.ini",
        f"{TOX}set_env = PYTEST_ADDOPTS = {{env:X}}\ncommands = pytest -q\n",
    ),
    "tox: no environment": ("tox.ini", "[pytest]\ncommands = pytest -q\n"),
    "tox: not well-formed": ("tox.ini", "[testenv\ncommands = pytest -q\n"),
    "GitLab: a job without a script": (".gitlab-ci.yml", "test:\n  stage: pytest -q\n"),
    "GitLab: a template": (".gitlab-ci.yml", ".test:\n  script: pytest -q\n"),
    "GitLab: a job that takes over": (".gitlab-ci.yml", "test:\n  extends: .x\n  script: pytest -q\n"),
    "GitLab: a job that may fail": (".gitlab-ci.yml", "test:\n  allow_failure: true\n  script: pytest -q\n"),
    "GitLab: a line that is not known": (".gitlab-ci.yml", "test:\n  script:\n    - *x\n    - pytest -q\n"),
    "make: a command that may fail": ("Makefile", "test:\n\t-pytest -q\n"),
    "make: below a condition": ("Makefile", "ifdef X\ntest:\n\tpytest -q\nendif\n"),
    "make: a variable for pytest": ("Makefile", "export PYTEST_ADDOPTS = -x\ntest:\n\tpytest -q\n"),
    "make: one shell for all": ("Makefile", ".ONESHELL:\ntest:\n\tpytest -q\n"),
    "make: outside of a recipe": ("Makefile", "PYTEST = pytest -q\n# pytest -q\n"),
    "just: a script of its own": ("justfile", "test:\n    #!/bin/bash\n    pytest -q\n"),
    "pyproject: a variable for pytest": (
        "pyproject.toml",
        '[tool.pdm.scripts]\ntest = "pytest -q"\n_.env = {PYTEST_ADDOPTS = "-x"}\n',
    ),
    "pyproject: another folder": (
        "pyproject.toml",
        '[tool.poe.tasks]\ntest = {cmd = "pytest -q", cwd = "x"}\n',
    ),
    "pyproject: no scripts": ("pyproject.toml", '[project]\nname = "scripts"\nscripts.pytest = "a:b"\n'),
    "pyproject: not well-formed": ("pyproject.toml", '[tool.pdm.scripts]\ntest = "pytest -q\n'),
    "nox: failures are foreseen": ("noxfile.py", f'{NOX}    session.run("pytest", "-q", success_codes=[0, 5])\n'),
    "nox: under a condition": ("noxfile.py", f'{NOX}    if x:\n        session.run("pytest", "-q")\n'),
    "nox: another folder": ("noxfile.py", f'{NOX}    session.chdir("x")\n    session.run("pytest", "-q")\n'),
    "nox: not well-formed": ("noxfile.py", f'{NOX}    session.run("pytest", "-q"\n'),
    "another file": ("docs/a.mk", "test:\n\tpytest -q\n"),
    "a file of another folder": ("vendored/Makefile", "test:\n\tpytest -q\n"),
    "a link that leads nowhere": ("x/.github/workflows/a.yml", "jobs:\n"),
}


def written(folder: Path, name: str, text: str) -> list[str]:
    """The words of each call: those of PYTEST_ADDOPTS with "+", then those of the call; their places are checked."""
    lay_out(folder, {name: text})
    lines = text.split("\n")
    found = []
    for call in launches.calls_in(open_tree(str(folder)), {""}):
        for word in (*call.addopts, *call.arguments):
            assert lines[word.place.line - 1][word.place.column - 1 :].lstrip("\"'")[0] in {word.text[0], "$", "{", "n"}
        found.append(" ".join([*(f"+{word.text}" for word in call.addopts), *(word.text for word in call.arguments)]))
    return found


@pytest.mark.parametrize(("name", "text", "expected"), FOUND.values(), ids=FOUND)
def test_calls(tmp_path: Path, name: str, text: str, expected: list[str]) -> None:
    assert written(tmp_path, name, text) == expected


@pytest.mark.parametrize(("name", "text"), SILENT.values(), ids=SILENT)
def test_no_calls(tmp_path: Path, name: str, text: str) -> None:
    assert written(tmp_path, name, text) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tox.ini", f"{TOX}commands =\n" + "  pytest \\\n" * 20_000),
        ("Makefile", "t:\n" + "\tpytest \\\n" * 20_000),
        ("noxfile.py", NOX + '    session.run("pytest")\n' * 5_000),
        ("tox.ini", f"{TOX}commands = pytest " + "{posargs:" * 20_000),
    ],
    ids=["tox", "make", "nox", "braces"],
)
def test_a_hostile_file_is_read_in_no_time(tmp_path: Path, name: str, text: str) -> None:
    lay_out(tmp_path, {name: text})

    with in_time():
        assert list(launches.calls_in(open_tree(str(tmp_path)), {""})) is not None

"""What fuzzing starts from: the projects of the recorded cases, and a small text for each kind of file."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

import precollect
from contract import LARGEST
from entries import ENTRIES, Entry, packed

sys.path.append(str(Path(__file__).parent.parent / "cases"))
from case_files import FOLDER, read_case

OWN: dict[str, str] = {
    "requirements.txt": """\
-c constraints.txt
-r requirements/test.txt
--index-url https://example.org/simple
pytest >=7, <10 ; python_version >= "3.10"  # comment
pytest-asyncio[tests]==1.2.0 \\
    --hash=sha256:00
-e git+https://example.org/a.git@main#egg=pytest-mock
./local[extra]
pytest-cov @ https://example.org/pytest_cov-7.0.0-py3-none-any.whl
${NAME}
""",
    "environment.yml": """\
name: tests
dependencies:
  - python>=3.10
  - conda-forge::pytest=9.2.0=py_0  # [linux]
  - pip:
      - pytest-asyncio==1.2.0
      - -r requirements.txt
""",
    "pyproject.toml": """\
[project]
name = "a"
dynamic = ["optional-dependencies"]
requires-python = ">=3.10,<4"
dependencies = ["pytest>=8 ; python_version > '3.9'", "a[test]"]
[project.optional-dependencies]
test = ["pytest-cov~=7.0", 'pytest-xdist @ https://example.org/x.whl']
[dependency-groups]
dev = ["pytest-asyncio==1.2.0", {include-group = "lint"}]
lint = []
[project.entry-points.pytest11]
own = "a.plugin:x"
[tool.poetry.group.test.dependencies]
pytest = {version = "^9.0", optional = true, python = "~3.10", extras = ["x"]}
local = {path = "../b", develop = true}
several = [{version = "1", markers = "sys_platform == 'win32'"}, "2.*"]
[tool.pdm.dev-dependencies]
test = ["pytest>=9"]
[tool.hatch.envs.test]
dependencies = ["pytest"]
template = "default"
features = ["test"]
matrix = [{python = ["3.10"]}]
[tool.tox]
legacy_tox_ini = '''
[testenv]
deps = pytest
'''
[tool.uv]
dev-dependencies = ["pytest-mock"]
[tool.uv.sources]
pytest-mock = {git = "https://example.org/x"}
[tool.setuptools.dynamic]
optional-dependencies.test = {file = ["requirements.txt"]}
""",
    "setup.cfg": """\
[metadata]
name = a
[options]
install_requires =
    pytest >=7  # why
    b ; python_version < "3.11"
[options.extras_require]
test = pytest-cov; pytest-xdist
docs =
[options.entry_points]
pytest11 =
    own = a.plugin
[tool:pytest]
addopts = -ra
    -p no:asyncio
[tox:tox]
envlist = py{310,311}
[testenv]
deps = pytest
""",
    "setup.py": """\
from setuptools import setup
TESTS = ["pytest>=8"] + [f"pytest-{name}" for name in ("cov", "mock")]
extras = {"test": TESTS, "all": []}
extras["dev"] = extras["test"] + ["pytest-xdist==3.8.0"]
with open("requirements.txt") as file:
    REQUIRED = file.read().splitlines()
setup(name="a", install_requires=REQUIRED, extras_require=extras, entry_points={"pytest11": ["own = a.plugin"]})
""",
    "noxfile.py": """\
import nox
DEPS = ["pytest", "pytest-cov==7.0.0"]
@nox.session(python=["3.10", "3.12"])
def tests(session: nox.Session) -> None:
    session.install("-r", "requirements.txt", *DEPS)
    session.install("-e", ".[test]", "--no-deps")
    session.run("pytest", *session.posargs, env={"PYTEST_ADDOPTS": "-ra"})
""",
    "tox.ini": """\
[tox]
envlist = py{310,311}-{a,b}, lint
[base]
deps = pytest
[testenv]
deps =
    {[base]deps}
    py310: pytest-cov<7
    {env:SPEC:pytest-mock}
    -r{toxinidir}/requirements.txt
extras = test
set_env = PYTEST_ADDOPTS = -p no:asyncio
commands = pytest {posargs}
[pytest]
markers =
    slow: takes long  # why
""",
    "tox.toml": """\
requires = ["tox>=4"]
[env_run_base]
deps = ["pytest", {replace = "ref", of = ["env", "a", "deps"], extend = true}]
dependency_groups = ["dev"]
commands = [["pytest", "-ra"]]
[env.a]
deps = ["-r requirements.txt", {value = "pytest-cov", marker = "x"}]
""",
    "hatch.toml": """\
[envs.hatch-test]
extra-dependencies = ["pytest-asyncio>=1"]
[envs.test]
template = "hatch-test"
dependencies = ["pytest==9.2.0"]
overrides.matrix.a.dependencies = ["pytest-mock"]
""",
    "Pipfile": """\
[packages]
a = "*"
[dev-packages]
pytest = ">=9"
pytest-cov = {version = "==7.0.0", markers = "python_version > '3.9'"}
local = {path = ".", editable = true, extras = ["test"]}
[requires]
python_version = "3.12"
""",
    "Pipfile.lock": json.dumps(
        {
            "_meta": {"hash": {"sha256": "0"}, "requires": {"python_version": "3.12"}},
            "default": {"pytest": {"version": "==9.2.0", "markers": "python_version >= '3.10'"}},
            "develop": {"pytest-asyncio": {"version": "==1.2.0"}, "local": {"path": "."}},
        }
    ),
    "uv.lock": """\
version = 1
requires-python = ">=3.10"

[[package]]
name = "a"
version = "0.1"
source = { editable = "." }
dependencies = [
    { name = "pytest", marker = "python_full_version >= '3.10'" },
]

[package.optional-dependencies]
test = [
    { name = "pytest-cov" },
]

[package.dev-dependencies]
dev = [
    { name = "pytest-asyncio", specifier = "==1.2.0" },
]

[[package]]
name = "pytest"
version = "9.2.0"
source = { registry = "https://example.org/simple" }
resolution-markers = [
    "python_full_version < '3.11'",
]
""",
    "poetry.lock": """\
[[package]]
name = "pytest"
version = "9.2.0"
optional = false
python-versions = ">=3.10"
groups = ["dev"]
markers = "python_version >= \\"3.10\\""

[package.dependencies]
iniconfig = ">=1.0.1"
colorama = {version = "*", markers = "sys_platform == \\"win32\\""}
several = [
    {version = "1", optional = true},
]

[package.extras]
dev = ["x"]

[metadata]
lock-version = "2.1"
""",
    "pdm.lock": """\
[metadata]
groups = ["default", "test"]
strategy = ["inherit_metadata"]

[[package]]
name = "pytest"
version = "9.2.0"
requires_python = ">=3.10"
groups = ["test"]
marker = "python_version > '3.9'"
dependencies = [
    "colorama; sys_platform == \\"win32\\"",
    "iniconfig>=1",
]
""",
    "pylock.toml": """\
lock-version = "1.0"
created-by = "pip"

[[packages]]
name = "pytest"
version = "9.2.0"
marker = "python_version > '3.9'"
""",
    "precollect.toml": """\
house-rules = ["strict-markers", "reruns-policy"]
allow-disabled = ["cacheprovider"]
max-reruns = 3
min-reruns-delay = 0.5
asyncio-mode = "strict"
starts = ["", "a"]
plugins = ["pytest-asyncio==1.2.0"]
environment = "closed"
pytest = "9.2.0"
catalog = ["catalog.json"]
ignore = ["unregistered-mark"]
[per-file-ignores]
"tests/**" = ["too-many-reruns"]
[tool.precollect]
house-rules = true
""",
    "a.yml": """\
on: push
jobs:
  test:
    env:
      PYTEST_ADDOPTS: "-ra -p no:asyncio"
      PYTEST_DISABLE_PLUGIN_AUTOLOAD: 1
    steps:
      - run: python -m pytest tests
      - run: |
          export PYTEST_PLUGINS=a,b
          pytest
""",
    "b.yml": """\
name: ci
on: [push, pull_request]
defaults:
  run: {shell: bash, working-directory: .}
env: {PYTEST_ADDOPTS: "-ra"}
jobs:
  test:
    if: ${{ github.event_name == 'push' }}
    strategy:
      matrix: {python: ["3.10", '3.12']}
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
        with: {path: a}
      - run: pip install -e '.[test]' && cd a || exit 1
      - name: tests
        working-directory: ./a
        continue-on-error: false
        run: >-
          coverage run -m pytest -x --maxfail=${{ matrix.n }} "$@" -k 'a or b'
          tests/*.py > out.txt 2>&1
      - run: |
          set -eo pipefail
          for each in 1 2; do pytest "$each"; done
          if [ -n "$X" ]; then python -m pytest -p no:cacheprovider; else uv run --with pytest-cov pytest; fi
          PYTEST_ADDOPTS='-q' poetry run pytest <<EOF | tee log
          text
          EOF
""",
    ".gitlab-ci.yml": """\
default:
  before_script: &install
    - pip install -r requirements.txt
.base:
  variables: {PYTEST_ADDOPTS: -ra}
test:
  extends: .base
  parallel:
    matrix: [{A: [1, 2]}]
  before_script: *install
  script:
    - cd sub
    - |
      pytest --junitxml=$OUT \\
        -m "not slow"
    - !reference [.base, script]
  allow_failure: true
""",
    "Makefile": """\
SHELL := /bin/bash
ARGS ?= -q
.PHONY: test
install:
\t@pip install -e .
test: install | dirs
\t-mkdir -p out
\t@cd tests && $(PYTHON) -m pytest $(ARGS) --cov=src \\
\t\t-n auto
ifeq ($(CI),1)
\tpytest -p no:xdist; true
endif
""",
    "justfile": """\
set shell := ["bash", "-c"]
args := "-q"
alias t := test
[private]
test *ARGS='': install
    @pytest {{args}} {{ARGS}} && echo "done"
    -pytest tests
install:
    #!/usr/bin/env bash
    pip install -e .
""",
    "scripts/pyproject.toml": """\
[tool.hatch.envs.default.scripts]
test = "pytest {args:tests} -x"
cov = ["test --cov", "pytest -p no:cov"]
[tool.pdm.scripts]
test = {cmd = ["pytest", "-q"], env = {PYTEST_ADDOPTS = "-x"}}
all = {composite = ["test", "pytest tests"]}
[tool.poe.tasks]
test = "pytest --maxfail=2"
more = {shell = "cd a; pytest", env = {A = "1"}}
[tool.poe.tasks.last]
sequence = ["test", {cmd = "pytest -x"}]
[tool.taskipy.tasks]
test = {cmd = "pytest tests", cwd = "a"}
[tool.rye.scripts]
test = {chain = ["pytest"]}
""",
    ".pre-commit-config.yaml": """\
# hooks
default_language_version: {python: python3}
repos:
-   repo: https://github.com/pre-commit/pre-commit-hooks  # well known
    rev: v6.0.0
    hooks:
    -   id: check-yaml
        args: [--unsafe]
        exclude: |
            (?x)^(
                a\\.yaml
            )$

-   repo: local
    hooks:
    -   id: precollect-own
        entry: bash -c 'true'
        language: system
exclude: ^docs/
""",
    "two/.pre-commit-config.yaml": """\
repos:
  - repo: https://github.com/psf/black
    rev: 26.1.0
    hooks:
      - id: black
      - {id: isort}
ci:
  autofix_prs: false
""",
    "precollect-baseline.json": json.dumps(
        {
            "version": 1,
            "folders": [".", "a"],
            "findings": [
                {"path": "a.py", "rule": "unregistered-mark", "thing": "slow", "kind": "breaks", "count": 2},
                {"path": "a.py", "rule": "gone", "thing": "N tests", "kind": "policy", "count": 1},
            ],
        },
        indent=1,
    ),
    "catalog.json": json.dumps(
        [
            {
                "distribution": "acme-plugin",
                "releases": "1.0 2.0",
                "measured": {"Python 3.11, pytest 9.2.0": "1.0 2.0"},
                "brings": "pytest-mock",
                "spelled": [{"name": "Acme_Plugin"}],
                "requires_pytest": [{"specifier": ">=7", "in": "2.0.."}],
                "entry_points": [{"name": "acme", "module": "acme.plugin"}],
                "marks": [{"name": "acme", "line": "acme(x): does it", "owner": "acme", "in": "..1.0"}],
                "keys": [{"name": "acme_mode", "type": "args", "default": [], "owner": "acme"}],
                "options": [
                    {"names": ["--acme", "-A"], "dest": "acme", "nargs": "?", "choices": ["a"], "owner": "acme"}
                ],
                "fixtures": [{"name": "acme", "owner": "acme"}],
                "hooks": [{"name": "pytest_configure", "arguments": ["config"], "owner": "acme"}],
            }
        ],
        indent=1,
    ),
    "memory": "0" * 64 + "\n" + "0" * 64 + " " + "0" * 64 + '\n{"0": [5, ["slow"], [], 0, []]}',
    "words.txt": """\
-ra -n 3 --strict-markers 'a b' "c\\"d" e\\ f -m "not slow" --cov=src --reruns 2 -p no:x -W error::DeprecationWarning
not slow and (smoke or device(port=3, name="x")) or a[b-1]
error:.*unknown (mark|option)?:pytest.PytestUnknownMarkWarning:a\\.b:3
ignore:message with spaces
pytest[a,b]>=8,!=8.1.*,<9.3 ; python_version >= "3.10" and (extra == "x" or sys_platform != 'win32')
pytest @ git+https://example.org/pytest@main#egg=pytest
strict-markers, reruns-policy
3
""",
    "test_a.py": '''\
# coding: utf-8
"""Tests."""
from __future__ import annotations
import asyncio, pytest as p
from pytest import mark, param
pytestmark = [p.mark.slow, mark.flaky(reruns=3, reruns_delay=0.5)]
@p.fixture(scope="module", params=[1, 2])
async def thing(request, tmp_path):
    yield request.param
@mark.asyncio(loop_scope="session")
@mark.parametrize(("a", "b"), [(1, 2), param(3, 4, marks=mark.x, id="i")], indirect=["a"], ids=["q", "r"])
async def test_one(a, b, thing):  # precollect: allow unregistered-mark -- issue 3
    assert f"{a!r:>{b}}" == "x" * a
class TestThings(Base):
    def __init__(self): pass
    @p.mark.usefixtures("thing")
    def test_two(self, thing=None): yield 1
match = {k: v for k, v in zip("ab", range(2)) if k}
''',
    "conftest.py": """\
import os, sys
pytest_plugins = ["pytester", *(["x"] if os.environ.get("X") else [])]
collect_ignore_glob = ["*_old.py"]
MARKS = {"slow": "takes long", **{f"m{i}": "" for i in range(3)}}
def pytest_addoption(parser):
    parser.addoption("--slow", action="store_true", default=False, help="h")
    parser.addini("own", "help", type="linelist", default=[])
def pytest_configure(config):
    for name, text in MARKS.items():
        config.addinivalue_line("markers", "%s: %s" % (name, text))
    try:
        if config.getoption("--slow"): config.option.markexpr = "slow"
    except ValueError as error:
        raise
    while True: break
def pytest_collection_modifyitems(config, items):
    for item in items: item.add_marker("slow" if item.name else getattr(sys, "x"))
""",
}


Thing = TypeVar("Thing")


@cache
def cases() -> tuple[dict[str, bytes], ...]:
    """The projects of the recorded cases."""
    found = [read_case(path).files for path in sorted(FOLDER.glob("*/*.toml"))]
    return tuple({name: text.encode() for name, text in files.items()} for files in found)


def seeds_of(entry: Entry, corpus: Path | None = None, most: int = 400) -> list[bytes]:
    """What an entry starts from: our own seeds and cases, and the files of its kind below the folder `corpus`."""
    if not entry.files:
        return [packed(files) for files in _projects(corpus, most)]
    found = [text.encode() for name, text in OWN.items() if name.endswith(entry.files)]
    found += [content for files in cases() for name, content in files.items() if name.endswith(entry.files)]
    if "catalog.json" in entry.files:
        data = Path(precollect.__file__).parent / "catalog" / "data"
        found += [b"[" + path.read_bytes() + b"]" for path in sorted(data.glob("pytest-t*.json"))]
    small = [content for content in dict.fromkeys(found) if len(content) < LARGEST]
    return [*_thinned(small, most), *_collected(entry.files, corpus, most)]


def _projects(corpus: Path | None, most: int) -> Iterator[dict[str, bytes]]:
    own = {re.sub(r"^\w\.yml$", r".github/workflows/\g<0>", name): text.encode() for name, text in OWN.items()}
    yield own
    for name in ("pyproject.toml", "setup.cfg", "tox.ini", "requirements.txt", "Pipfile", "precollect.toml"):
        yield {name: own[name], "test_a.py": own["test_a.py"], "conftest.py": own["conftest.py"]}
    yield from _thinned([files for files in cases() if sum(map(len, files.values())) < LARGEST], most)
    tops = sorted(corpus.iterdir()) if corpus else []
    for top in tops:
        files = {path.name: path.read_bytes() for path in sorted(top.glob("*")) if _is_small(path)}
        files |= {
            str(path.relative_to(top)): path.read_bytes()
            for path in sorted(top.glob("tests/*.py"))[:5]
            if _is_small(path)
        }
        while sum(map(len, files.values())) > LARGEST:
            files.pop(max(files, key=lambda name: len(files[name])))
        yield files


def _collected(endings: tuple[str, ...], corpus: Path | None, most: int) -> list[bytes]:
    if corpus is None:
        return []
    found = []
    for ending in endings:
        pattern = f"*{ending}" if ending.startswith(".") else ending
        paths = [path for path in sorted(corpus.rglob(pattern)) if _is_small(path)]
        found += [path.read_bytes() for path in _thinned(paths, most)]
    return found


def _is_small(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and path.stat().st_size < LARGEST


def _thinned(things: list[Thing], most: int) -> list[Thing]:
    """At most that many, evenly chosen."""
    step = max(1, -(-len(things) // most))
    return things[::step]


__all__ = ["ENTRIES", "OWN", "cases", "seeds_of"]

"""Write repositories whose test suites look like real ones, the same for the same seed.

    python benchmarks/generate.py FOLDER MODULES

A module has about 230 lines: parametrized tests, marks of the project and of plugins, async tests, classes, fixtures
and plain helpers. Modules stand in folders of fifty, three levels deep, some of which have a conftest.py.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

SEED = 20261122
LINES = 195  # at which a module is long enough: 230 on average
WITH_ASYNC = 0.25  # share of the modules with async tests
WITH_FLAKY = 0.05  # share of the modules with a flaky mark, and a mark in a comment
FOLDER = 50  # modules in a folder

NOUNS = [
    "account",
    "basket",
    "cache",
    "draft",
    "entry",
    "file",
    "graph",
    "hook",
    "index",
    "job",
    "key",
    "ledger",
    "mail",
    "node",
    "order",
    "page",
    "queue",
    "rule",
]
VERBS = [
    "adds",
    "binds",
    "copies",
    "drops",
    "emits",
    "finds",
    "guards",
    "holds",
    "joins",
    "keeps",
    "links",
    "moves",
    "names",
    "opens",
    "parses",
    "reads",
]
OWN_MARKS = ["slow", "smoke", "integration", "nightly", "database", "network", "windows", "regression"]
SPARE_MARK = "quarantine"  # registered, and on no test

REQUIREMENTS = [
    "pytest==8.4.2",
    "pytest-asyncio==1.2.0",
    "pytest-cov==7.0.0",
    "pytest-mock==3.15.1",
    "pytest-rerunfailures==16.1",
    "pytest-timeout==2.4.0",
    "pytest-xdist==3.8.0",
]

CONFIGURATION = """\
[project]
name = "generated"
version = "1.0"

[dependency-groups]
test = [
{requirements}]

[tool.pytest.ini_options]
testpaths = ["tests"]
asyncio_mode = "strict"
asyncio_default_fixture_loop_scope = "function"
timeout = 60
addopts = ["-ra", "--strict-markers", "--strict-config"]
markers = [
"""

ROOT_CONFTEST = '''\
"""What every test of the project may ask for."""

import pytest


def pytest_configure(config):
    config.addinivalue_line("markers", "regression(issue): guards an issue that is closed")


@pytest.fixture
def settings():
    return {"region": "north", "retries": 3}
'''


def write_repository(folder: Path, modules: int) -> None:
    """Write a repository with this many test modules, all of it staged; `folder` is made."""
    tests = folder / "tests"
    tests.mkdir(parents=True)
    markers = [f'    "{name}: see CONTRIBUTING",\n' for name in [*OWN_MARKS, SPARE_MARK] if name != "regression"]
    requirements = [f'    "{requirement}",\n' for requirement in REQUIREMENTS]
    configuration = CONFIGURATION.replace("{requirements}", "".join(requirements))
    (folder / "pyproject.toml").write_text(configuration + "".join(markers) + "]\n")
    (tests / "conftest.py").write_text(ROOT_CONFTEST)
    for number in range(modules):
        path = tests / module_path(number)
        if not path.parent.exists():
            make_folder(path.parent, tests, number)
        path.write_text(module(number))
    time.sleep(1)  # git takes files as young as its index for possibly changed, and so may its users
    for words in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", *words], cwd=folder, check=True)


def module_path(number: int) -> Path:
    """Where a module stands below `tests`: "area_3/part_07/test_basket_000357.py"."""
    part = number // FOLDER
    noun = NOUNS[number % len(NOUNS)]
    return Path(f"area_{part // 20}", f"part_{part:02d}", f"test_{noun}_{number:06d}.py")


def make_folder(folder: Path, tests: Path, number: int) -> None:
    """A package of tests; every third one has a conftest.py with fixtures of its own."""
    folder.mkdir(parents=True)
    for package in (folder, folder.parent):
        (package / "__init__.py").touch()
    (tests / "__init__.py").touch()
    if number // FOLDER % 3 == 0:
        noun = NOUNS[number // FOLDER % len(NOUNS)]
        text = f'import pytest\n\n\n@pytest.fixture(scope="module")\ndef {noun}_of_folder():\n    return "{noun}"\n'
        (folder / "conftest.py").write_text(text)


def module(number: int) -> str:
    """The text of one test module."""
    dice = random.Random(SEED * 1_000_003 + number)
    makers = [plain, plain, parametrized, grouped, helper]
    if dice.random() < WITH_ASYNC:
        makers += [asynchronous] * 3
    blocks = [header(dice, number)]
    while sum(block.count("\n") for block in blocks) < LINES:
        blocks.append(dice.choice(makers)(dice, len(blocks)))
    if dice.random() < WITH_FLAKY:
        blocks.append(flaky(dice, len(blocks)))
    return "\n\n".join(blocks)


def header(dice: random.Random, number: int) -> str:
    noun = dice.choice(NOUNS)
    own = f"\npytestmark = pytest.mark.{dice.choice(OWN_MARKS[:-1])}\n" if dice.random() < 0.2 else ""
    return f'''\
"""Tests of the {noun}, part {number}: what it {dice.choice(VERBS)}, and what it refuses."""

import asyncio
import json
import os
from pathlib import Path

import pytest
{own}
LIMIT = {dice.randrange(10, 1000)}


def make_{noun}(size=LIMIT, **options):
    """A {noun} of a size, with options."""
    return {{"size": size, "name": "{noun}", **options}}
'''


def plain(dice: random.Random, index: int) -> str:
    noun, verb = dice.choice(NOUNS), dice.choice(VERBS)
    lines = "".join(f"    values.append({dice.randrange(100)})\n" for _ in range(dice.randrange(2, 7)))
    return f"""\
{marks(dice, "")}def test_{noun}_{verb}_{index}(tmp_path, settings):
    values = []
{lines}    path = tmp_path / "{noun}.json"
    path.write_text(json.dumps(values))
    assert json.loads(path.read_text()) == values
    assert settings["retries"] == 3
"""


def parametrized(dice: random.Random, index: int) -> str:
    noun, verb = dice.choice(NOUNS), dice.choice(VERBS)
    rows = [f'        ("{dice.choice(NOUNS)}", {dice.randrange(100)}, {index}),\n' for _ in range(dice.randrange(3, 9))]
    rows.append(f'        pytest.param("{noun}", 0, 1, marks=pytest.mark.{dice.choice(OWN_MARKS[:-1])}),\n')
    return f"""\
{marks(dice, "")}@pytest.mark.parametrize(
    ("name", "size", "step"),
    [
{"".join(rows)}    ],
)
def test_{noun}_{verb}_{index}(name, size, step):
    assert len(name) > 0
    assert size + step >= step
"""


def asynchronous(dice: random.Random, index: int) -> str:
    noun, verb = dice.choice(NOUNS), dice.choice(VERBS)
    return f"""\
{marks(dice, "")}@pytest.mark.asyncio
async def test_{noun}_{verb}_{index}():
    queue = asyncio.Queue()
    for number in range({dice.randrange(2, 9)}):
        await queue.put(number)
    assert await queue.get() == 0
    assert not queue.empty()
"""


def flaky(dice: random.Random, index: int) -> str:
    noun, verb = dice.choice(NOUNS), dice.choice(VERBS)
    return f"""\
@pytest.mark.flaky(reruns=2, reruns_delay=1)
def test_{noun}_{verb}_{index}():
    # Was `pytest.mark.{verb}` once, which is a mark in a comment only.
    assert "{noun}" != "{verb}"
"""


def grouped(dice: random.Random, index: int) -> str:
    noun = dice.choice(NOUNS)
    methods = []
    for step in range(dice.randrange(2, 5)):
        verb = dice.choice(VERBS)
        methods.append(f"""\
{marks(dice, "    ")}    def test_{verb}_{step}(self, {noun}_{index}):
        {noun}_{index}["{verb}"] = {step}
        assert {noun}_{index}["{verb}"] == {step}
        assert "{noun}" not in os.environ
""")
    body = "\n".join(methods)
    return f"""\
@pytest.fixture
def {noun}_{index}():
    return {{"size": {dice.randrange(100)}}}


class Test{noun.title()}{index}:
    \"\"\"What a {noun} does when it is asked twice.\"\"\"

{body}"""


def helper(dice: random.Random, index: int) -> str:
    noun, verb = dice.choice(NOUNS), dice.choice(VERBS)
    return f"""\
def {verb}_{noun}_{index}(*parts, separator="/"):
    joined = separator.join(str(part) for part in parts)
    return Path(joined).name or "{noun}"


def test_{verb}_{noun}_{index}():
    assert {verb}_{noun}_{index}("a", "b") == "b"
"""


def marks(dice: random.Random, indent: str) -> str:
    """Decorators above a test: none, a mark of the project, or one of a plugin."""
    chance = dice.random()
    if chance < 0.6:
        return ""
    if chance < 0.8:
        name = dice.choice(OWN_MARKS)
        return (
            f"{indent}@pytest.mark.{name}({dice.randrange(9999)})\n"
            if name == "regression"
            else (f"{indent}@pytest.mark.{name}\n")
        )
    return indent + dice.choice(
        (
            "@pytest.mark.timeout(30)\n",
            '@pytest.mark.skipif(os.name == "nt", reason="posix only")\n',
            '@pytest.mark.xdist_group("serial")\n',
            '@pytest.mark.usefixtures("settings")\n',
        )
    )


def main(argv: list[str]) -> int:
    folder, modules = argv
    write_repository(Path(folder), int(modules))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

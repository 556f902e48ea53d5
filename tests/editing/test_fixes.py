"""Every fix for generated projects keeps what it has to keep; `fixing.py` does the same for real files."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from case_files import FOLDER, read_case
from fixing import PINS, TESTS, damaged, made_fixes, variants

CONFIGURATIONS: dict[str, tuple[str, str]] = {
    "pytest.ini": (
        "pytest.ini",
        """\
[pytest]
; how the tests are run
addopts = -ra --strict-markers

testpaths = tests

# names of marks
markers =
    slow: takes long

    fast
asyncio_mode=auto
""",
    ),
    "setup.cfg among other sections": (
        "setup.cfg",
        """\
[metadata]
name = é  # ü

[tool:pytest]
addopts =
\t-ra
\t--strict-markers
\t# of the shop
markers:
  slow: takes long
testpaths  = tests
[flake8]
max-line-length = 120
""",
    ),
    "tox.ini": (
        "tox.ini",
        "[tox]\nenvlist = py310\n[pytest]\naddopts = -v\nmarkers = slow\n[testenv]\ndeps = pytest\n",
    ),
    "pyproject.toml with lists": (
        "pyproject.toml",
        """\
[project]
name = "a"  # its name

[tool.pytest.ini_options]
# how the tests are run
addopts = [
    "-ra",  # all of it
    '--strict-markers',
]
markers = ["slow: takes long", "fast"]
testpaths = ["tests"]

[tool.ruff]
line-length = 120
""",
    ),
    "pyproject.toml with texts": (
        "pyproject.toml",
        '[tool.pytest.ini_options]\naddopts = "-ra --strict-markers"\nmarkers = """\nslow: a\nfast\n"""\n[tool.x]\n',
    ),
}


@pytest.mark.parametrize(("name", "text"), CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_every_fix_of_a_damaged_configuration_keeps_all_else(name: str, text: str) -> None:
    made = 0
    for number, damage in enumerate(damaged(name, text.encode())):
        content = list(variants(damage))[number % 4]
        fixes, _ = made_fixes({name: content, "requirements.txt": PINS.encode(), "tests/test_one.py": TESTS.encode()})
        assert [fix for fix in fixes if fix.complaints] == [], content
        made += len(fixes)
    assert made > 20


def test_every_fix_of_a_sample_of_the_cases_keeps_all_else() -> None:
    paths = random.Random(6).sample(sorted(FOLDER.glob("*/*.toml")), 40)
    made = 0
    for number, path in enumerate(paths):
        files = {name: text.encode() for name, text in read_case(Path(path)).files.items()}
        files = {name: list(variants(text))[0 if name.endswith(".py") else number % 4] for name, text in files.items()}
        fixes, _ = made_fixes(files)
        assert [fix for fix in fixes if fix.complaints] == [], path
        made += len(fixes)
    assert made > 20

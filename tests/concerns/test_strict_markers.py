"""Marks that nobody registers, registrations that register nothing, strictness that is not meant so."""

from __future__ import annotations

from pathlib import Path

import pytest

from judged import (
    LATEST,
    OLD,
    SEED,
    judged,
    lines,
    mended,
    must_find,
    must_find_by_house_rules,
    must_mend,
    read_by_pytest,
    short_of_rows,
)
from precollect.concerns.strict_markers import CONCERN, RULES

TIMEOUT = f"{LATEST}pytest-timeout==2.4.0\n"
STRICT = "addopts = --strict-markers\n"
TEST = "def test_net():\n    pass\n"
SLOW = f"import pytest\n\n\n@pytest.mark.slow\n{TEST}"
FIXTURE = "@pytest.fixture\ndef net():\n    return 1\n"
REGISTERS = "def pytest_configure(config):\n    config.addinivalue_line('markers', 'slow: takes long')\n"


def project(config: str, body: str, test: str, pins: str, others: dict[str, str]) -> dict[str, str]:
    files = {config: body, "requirements-test.txt": pins, "tests/test_net.py": test}
    return {**files, **others}


def ini(body: str, test: str = TEST, pins: str = LATEST, **others: str) -> dict[str, str]:
    """A project with pytest.ini and a test module; `others` are conftest files by their folder."""
    conftests = {f"{folder}/conftest.py".lstrip("_/"): text for folder, text in others.items()}
    return project("pytest.ini", f"[pytest]\n{body}\n", test, pins, conftests)


def strict(test: str, pins: str = LATEST, **others: str) -> dict[str, str]:
    return ini(STRICT, test, pins, **others)


def marked(mark: str) -> str:
    return SLOW.replace("slow", mark)


SILENT = {
    # unregistered-mark
    "marks of pytest itself": strict(marked("skipif(True, reason='x')\n@pytest.mark.usefixtures('tmp_path')")),
    "a registered mark": ini(f"{STRICT}markers = slow: takes long", SLOW),
    "a registered mark with a signature and without a description": ini(
        f"{STRICT}markers =\n    slow(why): takes long\n    net", marked("slow('x')\n@pytest.mark.net")
    ),
    "a mark that conftest.py registers": strict(SLOW, _=REGISTERS),
    "a mark that a conftest beside the test registers": strict(SLOW, tests=REGISTERS),
    "a mark that conftest.py registers in a way that only running tells": strict(
        SLOW,
        _="import os\n\n\ndef pytest_configure(config):\n    for name in os.environ.get('X', 'slow').split():\n"
        "        config.addinivalue_line('markers', name)\n",
    ),
    "a mark of a declared plugin": strict(marked("timeout(3)"), TIMEOUT),
    "a mark of a plugin that nobody knows": strict(marked("shop"), f"{LATEST}pytest-nobody-knows==1\n"),
    "a mark that is set on pytest.mark": strict(
        SLOW, _="import pytest\n\npytest.mark.slow = pytest.mark.skipif(False, reason='x')\n"
    ),
    "a mark that pytest.mark is told of": strict(SLOW, _="import pytest\n\npytest.mark._markers.add('slow')\n"),
    "a mark that a function sets on pytest.mark": strict(
        SLOW, _="import pytest\n\nsetattr(pytest.mark, 'slow', pytest.mark.skipif(False, reason='x'))\n"
    ),
    "strictness that conftest.py takes back": strict(
        SLOW, OLD, _="def pytest_configure(config):\n    config.option.strict_markers = False\n"
    ),
    "a mark whose warning is caught": ini(
        "filterwarnings = error",
        "import warnings\n\nimport pytest\n\nwith warnings.catch_warnings():\n"
        "    warnings.simplefilter('ignore')\n    slow = pytest.mark.slow\n\n\n@slow\ndef test_net():\n    pass\n",
    ),
    "a filter that conftest.py adds": ini(
        "filterwarnings = error",
        SLOW,
        _="def pytest_configure(config):\n"
        "    config.addinivalue_line('filterwarnings', 'ignore::pytest.PytestUnknownMarkWarning')\n",
    ),
    "no strictness, only a warning": ini("", SLOW),
    "no strictness, as one filter spares unknown marks": ini(
        "filterwarnings =\n    error\n    ignore::pytest.PytestUnknownMarkWarning", SLOW
    ),
    "strictness that a later override takes back": ini("addopts = --strict-markers -o strict_markers=false", SLOW),
    "an override that pytest does not apply yet": ini("addopts = -o strict_markers=true", SLOW, SEED),
    "a mark in a string, in a comment, in a file that is not collected": {
        **strict(f"# @pytest.mark.slow\nSOME = '@pytest.mark.slow'\n\n\n{TEST}"),
        "tests/helpers.py": SLOW,
    },
    "a mark below a skip of the whole module": strict(
        f"import pytest\n\npytest.skip('x', allow_module_level=True)\n\n\n@pytest.mark.slow\n{TEST}"
    ),
    "a mark in a function that nobody calls": strict(
        f"import pytest\n\n\ndef put(test):\n    return pytest.mark.slow(test)\n\n\n{TEST}"
    ),
    # misspelled-parametrize
    "parametrize": strict(marked("parametrize('a', [1])").replace("test_net()", "test_net(a)")),
    "a misspelling that somebody registers": ini(
        "markers = parameterize: ours", marked("parameterize('a', [1])"), SEED
    ),
    # mark-name-with-underscore
    "a name that ends with an underscore": ini(f"{STRICT}markers = slow_: x", marked("slow_")),
    "the store of the mark generator itself": strict(
        f"import pytest\n\nif hasattr(pytest.mark, '_config'):\n    pass\n\n\n{TEST}"
    ),
    # chained-mark
    "the attributes of a mark": ini(
        f"{STRICT}markers = slow",
        f"import pytest\n\nNAME = pytest.mark.slow.name\nMARK = pytest.mark.slow.mark\n\n\n{TEST}",
    ),
    "a mark with further arguments": ini(f"{STRICT}markers = slow", marked("slow.with_args(1)")),
    # mark-without-name
    "another name for all marks": ini(
        f"{STRICT}markers = slow", f"import pytest\n\nmark = pytest.mark\n\n\n@mark.slow\n{TEST}"
    ),
    "a decorator that may not be reached": strict(
        "import sys\n\nimport pytest\n\nif sys.platform == 'x':\n\n    @pytest.mark\n    def test_x():\n        pass\n"
        f"\n\n{TEST}"
    ),
    # pytestmark-not-a-list
    "one mark, and a list of marks": ini(
        f"{STRICT}markers = slow",
        f"import pytest\n\npytestmark = pytest.mark.slow\npytestmark = [pytest.mark.slow]\n\n\n{TEST}",
    ),
    "an empty list, and a name that begins alike": strict(f"pytestmark = []\npytestmarks = ('x',)\n\n\n{TEST}"),
    # mark-on-fixture
    "a mark on a fixture, as pytest 7 did not mind": strict(
        f"import pytest\n\n\n@pytest.mark.usefixtures('tmp_path')\n{FIXTURE}\n\n{TEST}", OLD
    ),
    "a mark on a fixture, as pytest 8 only warns": strict(
        f"import pytest\n\n\n@pytest.mark.usefixtures('tmp_path')\n{FIXTURE}\n\n{TEST}", SEED
    ),
    "marks on tests beside fixtures": strict(
        f"import pytest\n\n\n{FIXTURE}\n\n@pytest.mark.usefixtures('net')\n{TEST}"
    ),
    # marker-line-without-name
    "descriptions of every kind": ini(
        "markers =\n    slow: takes long, very long - so long\n    # a comment\n    net (host): asks\n    disk"
    ),
    "markers in a TOML list": project(
        "pyproject.toml",
        "[tool.pytest.ini_options]\nmarkers = ['slow: long', 'net']\n",
        TEST,
        LATEST,
        {},
    ),
    # bad-mark-expression, unknown-mark-in-expression
    "an expression over registered marks": ini(
        "addopts = --strict-markers -m 'slow and not (net or skip)'\nmarkers =\n    slow\n    net", SLOW
    ),
    "an expression with an argument": ini("addopts = -m 'slow(size=3)'\nmarkers = slow", SLOW),
    "an empty expression": ini("addopts = --strict-markers -m ''"),
    "an unknown mark in an expression, without strictness": ini("addopts = -m 'not slow'"),
    "an unknown mark in an expression, before pytest minded": ini(
        "addopts = --strict-markers -m 'not slow'", TEST, SEED
    ),
    # misspelled-strict-option
    "every option for strictness": ini("addopts = --strict-markers --strict-config --strict"),
    "an option that conftest.py adds": ini(
        "addopts = --strict-marker",
        _="def pytest_addoption(parser):\n    parser.addoption('--strict-marker', action='store_true')\n",
    ),
    # strictness-not-a-boolean
    "every truth word": ini("strict_markers = ON\nmarkers = slow", SLOW),
}

FOUND: dict[str, tuple[dict[str, str], str, str]] = {
    "a mark beside those of the package, which conftest.py registers": (
        strict(
            marked("slo"),
            tests="from . import MARKS\n\n\ndef pytest_configure(config):\n"
            "    for line in MARKS:\n        config.addinivalue_line('markers', line)\n",
        )
        | {"tests/__init__.py": "MARKS = ['slow: takes long']\n"},
        "tests/test_net.py:4:2: breaks unregistered-mark",
        "did you mean 'slow'",
    ),
    "a mark on a test": (
        strict(SLOW),
        "tests/test_net.py:4:2: breaks unregistered-mark",
        "mark 'slow' is not registered, pytest stops: 'slow' not found in `markers` configuration option; "
        "register it in markers or correct it",
    ),
    "a mark with a slip": (
        ini(f"{STRICT}markers = slow: takes long", marked("slwo")),
        "tests/test_net.py:4:2: breaks unregistered-mark",
        "did you mean 'slow' (pytest.ini:3)?",
    ),
    "a mark in pytestmark, under the key of pytest 9": (
        ini("strict_markers = true", f"import pytest\n\npytestmark = [pytest.mark.slow]\n\n\n{TEST}"),
        "tests/test_net.py:3:15: breaks unregistered-mark",
        "mark 'slow' is not registered",
    ),
    "a mark in parameters, under strict": (
        ini(
            "strict = true",
            "import pytest\n\n\n@pytest.mark.parametrize('a', [pytest.param(1, marks=pytest.mark.slow)])\n"
            "def test_net(a):\n    pass\n",
        ),
        "tests/test_net.py:4:54: breaks unregistered-mark",
        "mark 'slow' is not registered",
    ),
    "a mark under --strict, which once was about marks alone": (
        ini("addopts = --strict", SLOW, OLD),
        "tests/test_net.py:4:2: breaks unregistered-mark",
        "mark 'slow' is not registered",
    ),
    "a mark where warnings are errors": (
        ini("filterwarnings = error", SLOW),
        "tests/test_net.py:4:2: breaks unregistered-mark",
        "pytest stops: the warning about the unknown mark is an error here",
    ),
    "a mark in the body of a test": (
        strict(f"import pytest\n\n\n{TEST.replace('pass', 'print(pytest.mark.slow)')}"),
        "tests/test_net.py:5:11: breaks unregistered-mark",
        "mark 'slow' is not registered, the test fails when it runs; register it",
    ),
    "a mark in a helper that a test imports": (
        {
            **strict(f"from helpers import slow\n\n\n@slow\n{TEST}"),
            "tests/helpers.py": "import pytest\n\nslow = pytest.mark.slow\n",
        },
        "tests/helpers.py:3:8: breaks unregistered-mark",
        "mark 'slow' is not registered",
    ),
    "a mark of a plugin that is not declared": (
        strict(marked("timeout(3)")),
        "tests/test_net.py:4:2: breaks unregistered-mark",
        "pytest-timeout registers it and is not among the test dependencies, declare it",
    ),
    "a mark that a newer release of its plugin has": (
        strict(marked("django_isolate_apps('a')"), f"{OLD}pytest-django==4.7.0\n"),
        "tests/test_net.py:4:2: breaks unregistered-mark",
        "pytest-django registers it, but not in 4.7.0, which is declared",
    ),
    "a mark whose line has no colon": (
        ini(f"{STRICT}markers = slow - takes long", SLOW),
        "tests/test_net.py:4:2: breaks unregistered-mark",
        "'slow - takes long' is registered as one name: a description follows a colon, a line holds one marker",
    ),
    "a mark that conftest.py registers when all is collected": (
        strict(SLOW, _=REGISTERS.replace("pytest_configure", "pytest_collection_modifyitems")),
        "tests/test_net.py:4:2: breaks unregistered-mark",
        "mark 'slow' is not registered",
    ),
    "a mark that a conftest registers too late": (
        {**strict(SLOW), "tests/ui/conftest.py": REGISTERS, "tests/ui/test_ui.py": SLOW},
        "tests/test_net.py:4:2: breaks unregistered-mark",
        "tests/ui/conftest.py registers it after that",
    ),
    "parameterize": (
        strict(marked("parameterize('a', [1])")),
        "tests/test_net.py:4:2: breaks misspelled-parametrize",
        "pytest stops: Unknown 'parameterize' mark, did you mean 'parametrize'?",
    ),
    "parametrise, without strictness": (
        ini("", marked("parametrise('a', [1])"), OLD),
        "tests/test_net.py:4:2: breaks misspelled-parametrize",
        "Unknown 'parametrise' mark",
    ),
    "an underscore in front": (
        ini("", marked("_slow")),
        "tests/test_net.py:4:2: breaks mark-name-with-underscore",
        "mark '_slow' begins with an underscore, pytest stops: Marker name must NOT start with underscore; rename it",
    ),
    "an underscore in front of a registered name": (
        ini(f"{STRICT}markers = _slow: x", f"import pytest\n\npytestmark = pytest.mark._slow\n\n\n{TEST}"),
        "tests/test_net.py:3:14: breaks mark-name-with-underscore",
        "rename it",
    ),
    "a mark of a mark": (
        ini("markers =\n    slow\n    net", marked("slow.net")),
        "tests/test_net.py:4:2: breaks chained-mark",
        "pytest stops: 'MarkDecorator' object has no attribute 'net'; write each mark as a decorator of its own",
    ),
    "a mark of a mark of pytest's": (
        ini("", marked("skip.slow(reason='x')")),
        "tests/test_net.py:4:2: breaks chained-mark",
        "'pytest.mark.skip.slow'",
    ),
    "a decorator without the name of a mark": (
        ini("", f"import pytest\n\n\n@pytest.mark\n{TEST}"),
        "tests/test_net.py:4:2: breaks mark-without-name",
        "without the name of a mark, pytest stops: 'MarkGenerator' object is not callable; write @pytest.mark.NAME",
    ),
    "a class that is called with no mark": (
        ini("", f"from pytest import mark\n\n\n@mark()\nclass TestNet:\n    pass\n\n\n{TEST}"),
        "tests/test_net.py:4:2: breaks mark-without-name",
        "'pytest.mark' decorates 'TestNet'",
    ),
    "pytestmark as all marks": (
        ini("", f"import pytest\n\npytestmark = pytest.mark\n\n\n{TEST}"),
        "tests/test_net.py:3:1: breaks pytestmark-not-a-list",
        "'pytestmark' is pytest.mark without a name, pytest stops: got MarkDecorator(...) instead of Mark",
    ),
    "pytestmark as a tuple": (
        ini("", f"import pytest\n\npytestmark = (pytest.mark.skip, pytest.mark.xfail)\n\n\n{TEST}"),
        "tests/test_net.py:3:1: breaks pytestmark-not-a-list",
        "'pytestmark' is a tuple, pytest stops: got (...) instead of Mark; write one mark or a list of marks",
    ),
    "pytestmark as a text": (
        ini("", f"pytestmark = 'slow'\n\n\n{TEST}"),
        "tests/test_net.py:1:1: breaks pytestmark-not-a-list",
        "write one mark or a list of marks",
    ),
    "a mark above a fixture": (
        ini("", f"import pytest\n\n\n@pytest.mark.usefixtures('tmp_path')\n{FIXTURE}\n\n{TEST}"),
        "tests/test_net.py:6:1: breaks mark-on-fixture",
        "fixture 'net' carries the mark 'usefixtures', pytest stops: Marks cannot be applied to fixtures",
    ),
    "a mark below a fixture, where warnings are errors": (
        ini(
            "filterwarnings = error",
            "import pytest\n\n\n@pytest.fixture\n@pytest.mark.usefixtures('tmp_path')\ndef net():\n    return 1\n\n\n"
            + TEST,
            SEED,
        ),
        "tests/test_net.py:6:1: breaks mark-on-fixture",
        "it never had an effect, remove it",
    ),
    "two markers on one line": (
        ini("markers = slow, net"),
        "pytest.ini:2:11: loses marker-line-without-name",
        "this line registers the name 'slow, net', which no mark has",
    ),
    "a description without a colon": (
        ini("markers =\n    net: asks\n    slow takes long"),
        "pytest.ini:4:5: loses marker-line-without-name",
        "a description follows a colon",
    ),
    "half an expression": (
        ini("addopts = -m 'slow and'"),
        "pytest.ini:2:14: breaks bad-mark-expression",
        "pytest stops: Wrong expression passed to '-m': slow and: ",
    ),
    "an argument before pytest knew arguments": (
        ini("addopts = -m 'slow(size=3)'\nmarkers = slow", SLOW, OLD),
        "pytest.ini:2:14: breaks bad-mark-expression",
        "pytest 7.4.4 does not know arguments there",
    ),
    "an unknown mark in an expression": (
        ini("addopts = --strict-markers -m 'not slwo'\nmarkers = slow"),
        "pytest.ini:2:31: breaks unknown-mark-in-expression",
        "pytest stops: Unknown marker(s) in '-m' expression: slwo; did you mean 'slow'?",
    ),
    "two unknown marks in an expression": (
        ini("strict = true\naddopts = -m 'not (net or slow)'"),
        "pytest.ini:3:14: breaks unknown-mark-in-expression",
        "'-m' expression: net, slow; register them or take them out",
    ),
    "--strict-marker": (
        ini("addopts = --strict-marker"),
        "pytest.ini:2:11: breaks misspelled-strict-option",
        "pytest stops: unrecognized arguments: --strict-marker; did you mean '--strict-markers'?",
    ),
    "--strict_config": (
        ini("addopts = -ra --strict_config"),
        "pytest.ini:2:15: breaks misspelled-strict-option",
        "did you mean '--strict-config'?",
    ),
    "a word that is no boolean": (
        ini("strict_markers = perhaps", SLOW),
        "pytest.ini:2:1: breaks strictness-not-a-boolean",
        "'strict_markers = perhaps' is neither true nor false, pytest stops at the first mark that is not registered: "
        "'slow'; write true or false",
    ),
    "a text where a native boolean is expected": (
        project("pytest.toml", "[pytest]\nstrict_markers = 'true'\n", SLOW, LATEST, {}),
        "pytest.toml:2:1: breaks strictness-not-a-boolean",
        "'strict_markers' is a text and neither true nor false, pytest stops at the first mark that is not registered: "
        "'slow'; write true or false, without quotes",
    ),
}

# What other concerns report.
ELSEWHERE = {
    "a value that is never read, as every mark is registered": (
        ini("strict_markers = perhaps\nmarkers = slow", SLOW),
        "pytest.ini:2:1: loses bad-value",
    ),
    "a value before pytest knows the key": (
        ini("strict_markers = perhaps", SLOW, SEED),
        "pytest.ini:2:1: loses unknown-key",
    ),
    "a mark of a disabled plugin": (
        ini("addopts = --strict-markers -p no:timeout", marked("timeout(3)"), TIMEOUT),
        "pytest.ini:2:31: breaks disabled-plugin-mark",
    ),
}

POLICY: dict[str, tuple[dict[str, str], str, str]] = {
    "nothing about strictness": (
        ini("testpaths = tests"),
        "pytest.ini:1:1: policy strict-markers-off",
        "marks need not be registered here, so a misspelled mark goes unseen; set strict_markers = true",
    ),
    "strict markers switched off": (
        ini("strict = true\nstrict_markers = false"),
        "pytest.ini:3:1: policy strict-markers-off",
        "set strict_markers = true",
    ),
    "only the other strictness": (
        project("tox.ini", "[tox]\n\n[pytest]\naddopts = --strict-config\n", TEST, SEED, {}),
        "tox.ini:3:1: policy strict-markers-off",
        "a misspelled mark goes unseen; add --strict-markers to addopts",
    ),
}

CONTENT = {
    "warnings are errors": ini("filterwarnings = error"),
    "strict markers": strict(TEST),
    "the key of pytest 9": ini("strict_markers = true"),
    "strictness about everything": project("pyproject.toml", "[tool.pytest]\nstrict = true\n", TEST, LATEST, {}),
    "no configuration": {"requirements-test.txt": LATEST, "tests/test_net.py": TEST},
    "no tests": {"pytest.ini": "[pytest]\n", "requirements-test.txt": LATEST},
}

# Pins, file, bytes before and after, and what pytest reads afterwards.
SWITCHED_ON: dict[str, tuple[str, str, str, str, dict[str, object]]] = {
    "a key in pytest.ini, since pytest 9": (
        LATEST,
        "pytest.ini",
        "[pytest]\ntestpaths = tests\n",
        "[pytest]\ntestpaths = tests\nstrict_markers = true\n",
        {"strict_markers": "true", "testpaths": "tests"},
    ),
    "a key in a table of TOML": (
        LATEST,
        "pyproject.toml",
        "[tool.pytest.ini_options]\ntestpaths = ['tests']\n\n[tool.x]\na = 1\n",
        "[tool.pytest.ini_options]\ntestpaths = ['tests']\nstrict_markers = true\n\n[tool.x]\na = 1\n",
        {"strict_markers": "True", "testpaths": ["tests"]},
    ),
    "a key in a native table, options or not": (
        LATEST,
        "pytest.toml",
        "[pytest]\naddopts = ['-ra']\n",
        "[pytest]\naddopts = ['-ra']\nstrict_markers = true\n",
        {"strict_markers": True, "addopts": ["-ra"]},
    ),
    "an option beside others": (
        LATEST,
        "tox.ini",
        "[tox]\na = 1\n\n[pytest]\naddopts = -ra\n\n[testenv]\n",
        "[tox]\na = 1\n\n[pytest]\naddopts = -ra --strict-markers\n\n[testenv]\n",
        {"addopts": "-ra --strict-markers"},
    ),
    "an option on a line of its own": (
        SEED,
        "setup.cfg",
        "[tool:pytest]\r\naddopts =\r\n    -ra\r\n    # short\r\n    --tb=short\r\n",
        "[tool:pytest]\r\naddopts =\r\n    -ra\r\n    # short\r\n    --tb=short\r\n    --strict-markers\r\n",
        {"addopts": "-ra\n--tb=short\n--strict-markers"},
    ),
    "an option before pytest 9": (
        SEED,
        "pytest.ini",
        "[pytest]\ntestpaths = tests\n",
        "[pytest]\ntestpaths = tests\naddopts = --strict-markers\n",
        {"addopts": "--strict-markers", "testpaths": "tests"},
    ),
    "an item of a TOML list": (
        OLD,
        "pyproject.toml",
        '[tool.pytest.ini_options]\naddopts = [\n    "-ra",  # short\n]\n',
        '[tool.pytest.ini_options]\naddopts = [\n    "-ra",  # short\n    "--strict-markers",\n]\n',
        {"addopts": ["-ra", "--strict-markers"]},
    ),
    "a word of a TOML text": (
        OLD,
        "pyproject.toml",
        "[tool.pytest.ini_options]\naddopts = '-ra'\n",
        "[tool.pytest.ini_options]\naddopts = '-ra --strict-markers'\n",
        {"addopts": "-ra --strict-markers"},
    ),
}

# File, bytes before and after, and what pytest reads as markers afterwards.
REGISTERED: dict[str, tuple[str, str, str, object]] = {
    "as the first": (
        "pytest.ini",
        "[pytest]\naddopts = --strict-markers\n",
        "[pytest]\naddopts = --strict-markers\nmarkers =\n    slow:\n",
        "slow:",
    ),
    "below others": (
        "setup.cfg",
        "[tool:pytest]\naddopts = --strict-markers\nmarkers =\n    net: asks\n\n[x]\n",
        "[tool:pytest]\naddopts = --strict-markers\nmarkers =\n    net: asks\n    slow:\n\n[x]\n",
        "net: asks\nslow:",
    ),
    "in a list of TOML": (
        "pyproject.toml",
        "[tool.pytest.ini_options]\naddopts = '--strict-markers'\nmarkers = ['net: asks']\n",
        "[tool.pytest.ini_options]\naddopts = '--strict-markers'\nmarkers = ['net: asks', 'slow:']\n",
        ["net: asks", "slow:"],
    ),
    "in a native table": (
        "pytest.toml",
        "[pytest]\nstrict = true\n",
        '[pytest]\nstrict = true\nmarkers = [\n    "slow:",\n]\n',
        ["slow:"],
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


def test_all_uses_of_a_mark_are_one_finding() -> None:
    files = {**strict(SLOW), "tests/test_disk.py": SLOW}

    (found,) = judged(files)

    assert str(found.place) == "tests/test_disk.py:4:2"
    assert [(str(other.place), other.message) for other in found.related] == [("tests/test_net.py:4:2", "used here")]


def test_a_hint_shows_the_line_that_it_speaks_of() -> None:
    late, meant = FOUND["a mark that a conftest registers too late"], FOUND["a mark whose line has no colon"]

    assert [str(other.place) for files, *_ in (late, meant) for other in judged(files)[0].related] == [
        "tests/ui/conftest.py:2:5",
        "pytest.ini:3:11",
    ]


@pytest.mark.parametrize(("files", "line", "message"), POLICY.values(), ids=POLICY)
def test_strictness_is_a_matter_of_house_rules(files: dict[str, str], line: str, message: str) -> None:
    must_find_by_house_rules(files, [line], message, CONCERN)


@pytest.mark.parametrize("files", CONTENT.values(), ids=CONTENT)
def test_house_rules_are_content(files: dict[str, str]) -> None:
    assert judged(files, policies=[CONCERN]) == []


@pytest.mark.parametrize(("pins", "name", "before", "after", "reads"), SWITCHED_ON.values(), ids=SWITCHED_ON)
def test_strict_markers_are_switched_on(
    pins: str, name: str, before: str, after: str, reads: dict[str, object], tmp_path: Path
) -> None:
    files = {name: before, "requirements-test.txt": pins, "tests/test_net.py": TEST}

    must_mend(files, name, after, tmp_path, policies=[CONCERN], safe=True)
    assert read_by_pytest(tmp_path / name) == reads


def test_switching_on_what_would_break_a_test_is_not_safe(tmp_path: Path) -> None:
    files = ini("testpaths = tests", SLOW)

    once = mended(files, tmp_path, policies=[CONCERN], safe=False)

    assert once["pytest.ini"] == "[pytest]\ntestpaths = tests\nstrict_markers = true\n"


def test_strictness_that_somebody_switched_off_is_left_to_him() -> None:
    (found,) = judged(POLICY["strict markers switched off"][0], policies=[CONCERN])

    assert found.fix is None


@pytest.mark.parametrize(("name", "before", "after", "reads"), REGISTERED.values(), ids=REGISTERED)
def test_a_mark_is_registered(name: str, before: str, after: str, reads: object, tmp_path: Path) -> None:
    files = {name: before, "requirements-test.txt": LATEST, "tests/test_net.py": SLOW}

    must_mend(files, name, after, tmp_path, policies=[CONCERN], safe=False)
    assert read_by_pytest(tmp_path / name)["markers"] == reads


@pytest.mark.parametrize("row", ["a mark with a slip", "a mark of a plugin that is not declared"])
def test_a_mark_that_means_something_else_is_not_registered(row: str) -> None:
    (found,) = judged(FOUND[row][0])

    assert found.fix is None


def test_rules_have_rows() -> None:
    assert short_of_rows(RULES, FOUND, POLICY) == set()

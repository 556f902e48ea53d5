"""Configuration that pytest cannot read, never reads, or reads otherwise than it is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from judged import LATEST, SEED, judged, lines, must_find, must_mend
from precollect.editing.writer import apply
from running import lay_out

TEST = {"tests/test_net.py": "def test_net():\n    assert 119 / 1.19 == 100\n"}
CHECK = {"checks/check_net.py": TEST["tests/test_net.py"]}


def project(name: str, text: str, pins: str = LATEST, **others: str) -> dict[str, str]:
    """A project with one configuration file, a test and pinned requirements."""
    return {name: text, "requirements-test.txt": pins, **TEST, **others}


def ini(body: str, pins: str = LATEST) -> dict[str, str]:
    return project("pytest.ini", f"[pytest]\n{body}", pins)


def options(body: str, pins: str = LATEST) -> dict[str, str]:
    return project("pyproject.toml", f"[tool.pytest.ini_options]\n{body}", pins)


def native(body: str, pins: str = LATEST) -> dict[str, str]:
    return project("pyproject.toml", f"[tool.pytest]\n{body}", pins)


SILENT = {
    "no configuration at all": {"requirements-test.txt": LATEST, **TEST},
    "every truth word, in any case": ini("log_cli = yes\nxfail_strict = OFF\njunit_log_passing_tests = 1\n"),
    "levels in lower case and as numbers": ini("log_level = info\nlog_cli_level = 15\nlog_file_level =\n"),
    "a level that the project adds to logging": {
        **ini("log_level = TRACE\n"),
        "conftest.py": "import logging\n\nlogging.TRACE = 5\n",
    },
    "words of every native type": native(
        'log_level = 20\nfaulthandler_timeout = 60\nverbosity_test_cases = "auto"\nstrict = true\ntestpaths = []\n'
    ),
    "a list for a key that pytest only hands on": options('junit_suite_name = ["one"]\n'),
    "a list where pytest takes any list": options('testpaths = ["tests"]\naddopts = ["-ra"]\nmarkers = ["slow: x"]\n'),
    "comment lines, and what looks like a comment in a format": ini(
        "# a\ntestpaths =\n    tests\n    # more\nlog_format = %(message)s # %(name)s\nmarkers =\n    slow: x # very\n"
    ),
    "a quoted mark of comments": ini("usefixtures = tmp_path\naddopts = -k 'net # not this'\n"),
    "a filter of a class that another pytest may have": ini("filterwarnings = ignore::pytest.PytestSlowTestsWarning\n"),
    "tables whose names begin alike": project(
        "pyproject.toml", "[tool.pytest-watcher]\nrunner = 'x'\n[tool.pytest_env]\nA = '1'\n[tool.pytester]\na = 1\n"
    ),
    "sections whose names begin alike": project("tox.ini", "[testenv:pytest]\na = 1\n[pytest-watch]\nnobeep = 1\n"),
    "a section of that name without any key of pytest": project("tox.ini", "[py.test]\nteam = qa\n"),
    "configuration as test data": {
        **ini("testpaths = tests\n"),
        "tests/data/setup.cfg": "[pytest]\nx = 1\nx = 2\n",
        "tests/data/pyproject.toml": "[tool.pytest.ini-options]\naddopts = '-x'\n",
    },
    "a broken file behind the winner, before pytest 9": {
        **ini("testpaths = tests\n", SEED),
        "pyproject.toml": "[project\n",
        "setup.cfg": "[pytest]\ntestpaths = tests\n",
    },
    "a broken file in a folder above the winner": {
        "setup.cfg": "[a]\nb = 1\nb = 2\n",
        "requirements-test.txt": LATEST,
        "one/pytest.ini": "[pytest]\ntestpaths = tests\n",
        "one/tests/test_net.py": TEST["tests/test_net.py"],
    },
    "an empty table beside a full file": {
        **ini("testpaths = tests\n"),
        "pyproject.toml": "[tool.pytest.ini_options]\n",
    },
    "a key that a conftest declares": {
        **ini("addopts = --strict-config\nshop_url = x\n"),
        "conftest.py": "def pytest_addoption(parser):\n    parser.addini('shop_url', 'help')\n",
    },
    "a key that an unknown plugin may declare": {**ini("shop_url = x\n"), "requirements-test.txt": "pytest-shop\n"},
    "a key of pytest-timeout, which is declared": ini("timeout = 30\n", LATEST + "pytest-timeout==2.4.0\n"),
    "filters of every shape": ini(
        "filterwarnings =\n    error\n    ign::UserWarning\n    once:.*x.*\n    ignore::pytest.PytestWarning:a.*:7\n"
    ),
    "a filter of a library that may be installed": {
        **ini("filterwarnings = ignore::shop.Slow\n", SEED),
        "requirements-test.txt": f"{SEED}shop\n",
    },
    "a filter of the project's own module": {
        **ini("filterwarnings = ignore::shop.Slow\n", SEED),
        "src/shop.py": "class Slow(UserWarning):\n    pass\n",
    },
    "fixtures of conftest.py and of pytest for all": {
        **ini("usefixtures = database tmp_path\n"),
        "conftest.py": "import pytest\n\n\n@pytest.fixture\ndef database():\n    return 1\n",
    },
    "settings of coverage, without --cov": {
        **ini("testpaths = tests\n"),
        "setup.cfg": "[coverage:run]\nbranch = perhaps\n",
    },
    "a key of junit without --junitxml, before it is a type": ini("junit_log_passing_tests = true\n"),
}

FOUND = {
    "a key twice": (
        ini("addopts = -ra\naddopts = -x\n"),
        "pytest.ini:3:1: breaks configuration-unreadable",
        "pytest stops: duplicate name 'addopts'; give the key once",
    ),
    "an indented first key": (
        ini("  testpaths = tests\n"),
        "pytest.ini:2:1: breaks configuration-unreadable",
        "unexpected value continuation; take the blanks before the key away",
    ),
    "a table twice": (
        options("testpaths = ['tests']\n[tool.pytest.ini_options]\n"),
        "pyproject.toml:3:25: breaks configuration-unreadable",
        "join the two tables",
    ),
    "a byte order mark before TOML": (
        project("pyproject.toml", "\ufeff[tool.pytest.ini_options]\ntestpaths = ['tests']\n"),
        "pyproject.toml:1:1: breaks configuration-unreadable",
        "save the file without the byte order mark",
    ),
    "a broken file behind the winner, since pytest 9": (
        {**ini("testpaths = tests\n"), "tox.ini": "[tox]\na = 1\na = 2\n"},
        "tox.ini:3:1: breaks configuration-unreadable",
        "it reads every configuration file beside pytest.ini",
    ),
    "[pytest] in setup.cfg": (
        project("setup.cfg", "[pytest]\ntestpaths = tests\n"),
        "setup.cfg:1:1: breaks pytest-section-in-setup-cfg",
        "change to [tool:pytest] instead",
    ),
    "both tables": (
        native("testpaths = ['tests']\n[tool.pytest.ini_options]\naddopts = '-ra'\n"),
        "pyproject.toml:2:1: breaks two-pytest-tables",
        "Cannot use both [tool.pytest]",
    ),
    "an empty file in front of a full one": (
        {**options("testpaths = ['tests']\naddopts = '-ra'\n"), "pytest.ini": "# moved\n"},
        "pytest.ini:1:1: loses configuration-shadowed",
        "pytest ignores its 2 keys",
    ),
    "an empty file in front of the one that names the tests": (
        {
            "requirements-test.txt": LATEST,
            "pytest.ini": "",
            "pyproject.toml": "[tool.pytest.ini_options]\npython_files = 'check_*.py'\n",
            **CHECK,
        },
        "pytest.ini:1:1: breaks configuration-shadowed",
        "pytest collects nothing",
    ),
    "[tool:pytest] in pytest.ini": (
        project("pytest.ini", "[tool:pytest]\nmarkers = slow: x\n"),
        "pytest.ini:1:1: loses section-not-read",
        "did you mean [pytest]?",
    ),
    "a hyphen in ini-options, since pytest 9 a key": (
        project("pyproject.toml", "[tool.pytest.ini-options]\naddopts = '-ra'\n"),
        "pyproject.toml:1:1: loses section-not-read",
        "Unknown config option: ini-options; did you mean [tool.pytest.ini_options]?",
    ),
    "a slip in ini_options": (
        project("pyproject.toml", "[tool.pytest.ini_otions]\naddopts = '-ra'\n", SEED),
        "pyproject.toml:1:1: loses section-not-read",
        "pytest ignores the settings; did you mean [tool.pytest.ini_options]?",
    ),
    "a native table before pytest 9": (
        native("testpaths = ['tests']\n", SEED),
        "pyproject.toml:1:1: loses section-not-read",
        "pytest 8.4.2 does not read [tool.pytest], pytest ignores the settings; it came with pytest 9.0",
    ),
    "pytest.toml before pytest 9": (
        project("pytest.toml", "[pytest]\ntestpaths = ['tests']\n", SEED),
        "pytest.toml:1:1: loses section-not-read",
        "pytest 8.4.2 does not read pytest.toml",
    ),
    "tests under a name that only an unread table gives": (
        {
            "requirements-test.txt": LATEST,
            "pyproject.toml": "[pytest]\npython_files = ['check_*.py']\n",
            **CHECK,
        },
        "pyproject.toml:1:1: breaks section-not-read",
        "pytest collects nothing; did you mean [tool.pytest.ini_options]?",
    ),
    "some of the tests under a name that only an unread table gives": (
        {
            "requirements-test.txt": LATEST,
            "pyproject.toml": "[pytest]\npython_files = ['check_*.py']\n",
            **CHECK,
            **TEST,
        },
        "pyproject.toml:1:1: loses section-not-read",
        "pytest ignores the settings; did you mean [tool.pytest.ini_options]?",
    ),
    "a key with a slip": (
        ini("testpath = tests\n"),
        "pytest.ini:2:1: loses unknown-key",
        "pytest only warns: Unknown config option: testpath; did you mean 'testpaths'?",
    ),
    "a key with a slip under strictness": (
        native("strict = true\nmarker = ['a: b']\n"),
        "pyproject.toml:3:1: breaks unknown-key",
        "pytest stops: Unknown config option: marker; did you mean 'markers'?",
    ),
    "a key with a slip where warnings are errors": (
        ini("filterwarnings = error\nMarkers = a: b\n"),
        "pytest.ini:3:1: breaks unknown-key",
        "did you mean 'markers'?",
    ),
    "a key that came later": (
        ini("strict_xfail = true\n", SEED),
        "pytest.ini:2:1: loses unknown-key",
        "it came with pytest 9.",
    ),
    "lines of markers without their indent": (
        ini("markers =\nslow: takes long\nfast: quick\n"),
        "pytest.ini:3:1: loses line-not-indented",
        "'markers' is empty",
    ),
    "a word that is no boolean": (
        ini("log_cli = enabled\n"),
        "pytest.ini:2:1: breaks bad-value",
        "pytest stops: invalid truth value 'enabled'; write true or false",
    ),
    "a level that nobody knows": (
        ini("log_cli_level = LOUD\n"),
        "pytest.ini:2:1: breaks bad-value",
        "'LOUD' is not recognized as a logging level name for 'log_cli_level'",
    ),
    "a word of an enumeration in another case": (
        options("console_output_style = 'Count'\n"),
        "pyproject.toml:2:1: breaks bad-value",
        "expects one of 'classic'",
    ),
    "a word of an enumeration that is not checked yet": (
        options("console_output_style = 'fancy'\n", SEED),
        "pyproject.toml:2:1: loses bad-value",
        "pytest 8.4.2 ignores it",
    ),
    "a number with a unit, read when tests run": (
        ini("faulthandler_timeout = 60s\n"),
        "pytest.ini:2:1: breaks bad-value",
        "pytest collects, and stops before the first test: could not convert string to float: '60s'",
    ),
    "a value that is read nowhere here": (
        ini("truncation_limit_lines = 3\nstrict_parametrization_ids = perhaps\n"),
        "pytest.ini:3:1: loses bad-value",
        "as soon as it reads it",
    ),
    "a level that nobody reads, as an option stands in for it": (
        ini("addopts = --log-level=INFO\nlog_level = LOUD\n"),
        "pytest.ini:3:1: loses bad-value",
        "pytest refuses the value of 'log_level' as soon as it reads it",
    ),
    "no version": (ini("minversion = >=8\n"), "pytest.ini:2:1: breaks bad-value", "Invalid version: '>=8'"),
    "a boolean that pytest-mock does not take": (
        ini("mock_use_standalone_module = no\n", LATEST + "pytest-mock==3.15.1\n"),
        "pytest.ini:2:1: breaks bad-value",
        "pytest-mock takes true and false only",
    ),
    "a native text where a list is expected": (
        native("addopts = '-ra --tb=short'\n"),
        "pyproject.toml:2:1: breaks wrong-type",
        "config option 'addopts' expects a list for type 'args', got str: '-ra --tb=short'",
    ),
    "a native number where a plugin expects a text": (
        native("timeout = 30\n", LATEST + "pytest-timeout==2.4.0\n"),
        "pyproject.toml:2:1: breaks wrong-type",
        "config option 'timeout' expects a string, got int: 30; write it in quotes",
    ),
    "a table where lines are expected": (
        options("[tool.pytest.ini_options.markers]\nslow = 'long'\n"),
        "pyproject.toml:2:1: loses wrong-type",
        "'markers' is a table",
    ),
    "a comment behind a boolean": (
        ini("log_cli = true  # loud\n"),
        "pytest.ini:2:17: breaks comment-in-value",
        "the comment '# loud' is a part of 'log_cli', pytest stops: invalid truth value",
    ),
    "a comment behind paths": (
        ini("testpaths = tests  # unit\n"),
        "pytest.ini:2:20: loses comment-in-value",
        "its words are further values; give it a line of its own",
    ),
    "a comment behind fixtures for every test": (
        ini("usefixtures = tmp_path  # apart\n"),
        "pytest.ini:2:25: breaks comment-in-value",
        "every test fails when it runs: fixture '#' not found; give it a line of its own",
    ),
    "a filter with an unknown action": (
        ini("filterwarnings =\n    error\n    silence::UserWarning\n"),
        "pytest.ini:4:5: breaks bad-warning-filter",
        "invalid action: 'silence'",
    ),
    "a filter without the module of its class": (
        ini("filterwarnings = ignore::PytestConfigWarning\n"),
        "pytest.ini:2:18: breaks bad-warning-filter",
        "did you mean 'pytest.PytestConfigWarning'?",
    ),
    "a format of messages without a field": (
        ini("log_format = plain\n"),
        "pytest.ini:2:1: breaks bad-value",
        "Invalid format 'plain' for '%' style",
    ),
    "an empty format of messages": (
        ini("log_format =\nlog_cli_format =\n"),
        "pytest.ini:2:1: breaks bad-value",
        "expected string or bytes-like object; remove the key",
    ),
    "a text where a number or a word belongs": (
        ini("verbosity_test_cases = loud\n"),
        "pytest.ini:2:1: breaks bad-value",
        "config option 'verbosity_test_cases' expects one of",
    ),
    "a file of coverage without a section": (
        {**ini("addopts = --cov=tests\n", LATEST + "pytest-cov==7.0.0\n"), ".coveragerc": "branch = true\n"},
        ".coveragerc:1:1: breaks coverage-configuration-unreadable",
        "File contains no section headers",
    ),
    "a filter of a class that pytest does not have": (
        ini("filterwarnings = ignore::pytest.SlowTestsWarning\n"),
        "pytest.ini:2:18: breaks bad-warning-filter",
        "module 'pytest' has no attribute 'SlowTestsWarning'; correct or remove it",
    ),
    "a list for a key that takes one value": (
        options('cache_dir = ["made/cache"]\n'),
        "pyproject.toml:2:1: breaks wrong-type",
        "'cache_dir' takes one value, not a list; write the value alone",
    ),
    "a list for a key that is true or false": (
        options('xfail_strict = ["true"]\n'),
        "pyproject.toml:2:1: loses wrong-type",
        "invalid truth value \"['true']\"; write true or false",
    ),
    "a filter of a module that is not installed": (
        ini("filterwarnings = ignore::nobody_has_it.Slow\n", SEED),
        "pytest.ini:2:18: breaks bad-warning-filter",
        "No module named 'nobody_has_it'",
    ),
    "a fixture for all that nobody defines": (
        ini("usefixtures = tmp_pth\n"),
        "pytest.ini:2:15: breaks unknown-fixture-for-all",
        "fixture 'tmp_pth' not found; did you mean 'tmp_path'?",
    ),
    "a setting that coverage refuses": (
        {
            **ini("addopts = --cov=tests\n", LATEST + "pytest-cov==7.0.0\n"),
            "setup.cfg": "[metadata]\nname = a\n\n[coverage:run]\nbranch = perhaps\n",
        },
        "setup.cfg:5:1: breaks coverage-configuration-unreadable",
        "Not a boolean: perhaps",
    ),
}

FIXED = {
    "a section of an INI file": (
        "pytest.ini",
        "[tool:pytest]  # ours\nminversion = 6\nmarkers = slow: x\n",
        {"[tool:pytest]": "[pytest]"},
    ),
    "[pytest] in setup.cfg": ("setup.cfg", "[a]\n\n[pytest]\r\ntestpaths = tests\r\n", {"[pytest]": "[tool:pytest]"}),
    "a table": (
        "pyproject.toml",
        "[tool.x]\na = 1\n\n[tool.pytest.ini-options]  # ours\naddopts = '-ra'\n",
        {"ini-options": "ini_options"},
    ),
    "a top-level table": (
        "pyproject.toml",
        "[pytest]\ntestpaths = ['tests']\n",
        {"[pytest]": "[tool.pytest.ini_options]"},
    ),
    "a key": ("pytest.ini", "[pytest]\n# where\ntestpath   :  tests\n", {"testpath ": "testpaths "}),
    "a key in TOML": ("pytest.toml", "[pytest]\ntestpath=['tests'] # where\n", {"testpath=": "testpaths="}),
    "a native boolean": ("pytest.toml", "[pytest]\nlog_cli = 'TRUE' # loud\n", {"'TRUE'": "true"}),
    "a native version": ("pytest.toml", "[pytest]\nminversion = 7.10\n", {"7.10": '"7.10"'}),
    "native words": (
        "pytest.toml",
        "[pytest]\naddopts = '-ra -k \"a b\"'\n",
        {"'-ra -k \"a b\"'": "['-ra', '-k', 'a b']"},
    ),
    "native lines": (
        "pytest.toml",
        '[pytest]\nmarkers = """\n  slow: x\n  fast: y\n"""\n',
        {'"""\n  slow: x\n  fast: y\n"""': '[\n    "slow: x",\n    "fast: y",\n]'},
    ),
    "a comment behind a value": (
        "pytest.ini",
        "[pytest]\nlog_cli = true  ; loud\nlog_level = INFO\n",
        {"log_cli = true  ; loud": "; loud\nlog_cli = true"},
    ),
    "a comment behind one line of many": (
        "pytest.ini",
        "[pytest]\ntestpaths =\n\ttests  # all\r\n\tchecks\n",
        {"\ttests  # all\r\n": "\t# all\r\n\ttests\r\n"},
    ),
}


@pytest.mark.parametrize("files", SILENT.values(), ids=SILENT)
def test_nothing_is_found_where_pytest_reads_what_is_meant(files: dict[str, str]) -> None:
    start = "one" if "one/pytest.ini" in files else ""

    assert judged(files, concerns=["config-file"], policies=["config-file"], start=start) == []


@pytest.mark.parametrize(("files", "line", "message"), FOUND.values(), ids=FOUND)
def test_it_is_found_at_its_place(files: dict[str, str], line: str, message: str) -> None:
    must_find(files, [line], message, concerns=["config-file"])


def test_a_second_configuration_is_a_matter_of_house_rules() -> None:
    files = {**ini("testpaths = tests\n"), "setup.cfg": "[metadata]\nname = x\n\n[tool:pytest]\nminversion = 99\n"}

    assert judged(files, concerns=["config-file"]) == []
    found = judged(files, concerns=["config-file"], policies=["config-file"])
    assert lines(found) == ["setup.cfg:4:1: policy configuration-shadowed"]
    assert found[0].related[0].place.path == "pytest.ini"


@pytest.mark.parametrize(("name", "before", "exchanges"), FIXED.values(), ids=FIXED)
def test_a_fix_changes_just_that(name: str, before: str, exchanges: dict[str, str], tmp_path: Path) -> None:
    after = before
    for old, new in exchanges.items():
        assert old in after
        after = after.replace(old, new, 1)
    files = {name: before, "requirements-test.txt": LATEST, **TEST, "checks/test_more.py": ""}

    must_mend(files, name, after, tmp_path, concerns=["config-file"], safe=True)


@pytest.mark.parametrize("value", ["['made/cache']", "{at = 'made/cache'}"])
def test_a_value_whose_meaning_is_not_plain_is_left_to_the_author(value: str) -> None:
    (found,) = judged(native(f"cache_dir = {value}\n"), concerns=["config-file"])

    assert (found.rule, found.fix) == ("wrong-type", None)


def test_a_table_with_tables_below_it_is_not_renamed(tmp_path: Path) -> None:
    text = "[tool.pytest.ini-options]\naddopts = '-ra'\n[tool.pytest.ini-options.more]\na = 1\n"
    files = project("pyproject.toml", text)
    fixes = [finding.fix for finding in judged(files, concerns=["config-file"]) if finding.fix]
    lay_out(tmp_path, files)

    result = apply(str(tmp_path), fixes)

    assert result.rewritten == ()
    assert (tmp_path / "pyproject.toml").read_text() == text
    assert "something else" in result.refused[0].reason

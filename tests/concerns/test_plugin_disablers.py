"""Disablers in shared configuration: what they take away, what they leave alone, how they go."""

from __future__ import annotations

from pathlib import Path

import pytest

from judged import (
    LATEST,
    OLD,
    SEED,
    judged,
    mended,
    must_find,
    must_find_by_house_rules,
    read_by_pytest,
    short_of_rows,
)
from precollect.concerns.plugin_disablers import CONCERN, RULES

ASYNCIO = f"{LATEST}pytest-asyncio==1.5.0\n"
COV = f"{LATEST}pytest-cov==7.1.0\n"
MOCK = f"{LATEST}pytest-mock==3.17.0\n"
RERUNS = f"{LATEST}pytest-rerunfailures==16.7\n"
TIMEOUT = f"{LATEST}pytest-timeout==2.4.0\n"
XDIST = f"{LATEST}pytest-xdist==3.8.0\n"

PLAIN = "def test_net():\n    assert 119 / 1.19 == 100\n"
ASYNC = "async def test_net():\n    assert True\n"
UNITTEST = "import unittest\n\n\nclass NetTest(unittest.TestCase):\n    def test_net(self):\n        pass\n"


def marked(mark: str, test: str = PLAIN) -> str:
    """A test module whose test carries a mark."""
    return f"import pytest\n\n\n@pytest.mark.{mark}\n{test}"


def asking(fixture: str) -> str:
    """A test module whose test asks for a fixture."""
    return f"def test_net({fixture}):\n    pass\n"


def ini(body: str, pins: str = LATEST, test: str = PLAIN, conftest: str = "") -> dict[str, str]:
    files = {"pytest.ini": f"[pytest]\n{body}\n", "requirements-test.txt": pins, "tests/test_net.py": test}
    return {**files, "conftest.py": conftest} if conftest else files


def autoload_off(body: str, pins: str, test: str = PLAIN) -> dict[str, str]:
    tox = "[testenv]\nsetenv =\n    PYTEST_DISABLE_PLUGIN_AUTOLOAD = 1\ncommands = pytest\n"
    return {**ini(body, pins, test), "tox.ini": tox}


SILENT = {
    "no disablers at all": ini("addopts = -ra", ASYNCIO, marked("asyncio", ASYNC)),
    "a disabled plugin that nothing uses": ini("addopts = -p no:timeout --strict-markers --strict-config", TIMEOUT),
    "several disabled plugins that nothing uses": ini("addopts = -p no:xdist -pno:timeout -p no:cov", TIMEOUT + XDIST),
    "an unknown name, which blocks nobody": ini("addopts = -p no:testmon"),
    # disabled-plugin-fixture
    "an argument that mock.patch gives": ini(
        "addopts = -p no:pytest_mock",
        MOCK,
        "from unittest import mock\n\n\n@mock.patch('os.getcwd')\ndef test_net(mocker):\n    pass\n",
    ),
    # disabled-plugin-mark
    "a mark of a disabled plugin, registered by hand": ini(
        "addopts = --strict-markers -p no:timeout\nmarkers = timeout: by hand", TIMEOUT, marked("timeout(3)")
    ),
    "a mark of a disabled plugin, registered by conftest.py": ini(
        "addopts = --strict-markers -p no:timeout",
        TIMEOUT,
        marked("timeout(3)"),
        "def pytest_configure(config):\n    config.addinivalue_line('markers', 'timeout: by hand')\n",
    ),
    "a mark of a disabled plugin that another plugin registers, too": ini(
        "addopts = --strict-markers -p no:rerunfailures", f"{RERUNS}flaky==3.8.1\n", marked("flaky")
    ),
    "a mark of a disabled plugin outside testpaths": {
        **ini("addopts = --strict-markers -p no:timeout\ntestpaths = tests", TIMEOUT),
        "slow/test_disk.py": marked("timeout(3)"),
    },
    "a disabler in a file that another one beats": {
        **ini("addopts = --strict-markers", TIMEOUT, marked("timeout(3)")),
        "tox.ini": "[pytest]\naddopts = -p no:timeout\n",
    },
    "a disabler in a comment": ini("addopts = --strict-markers\n# -p no:timeout", TIMEOUT, marked("timeout(3)")),
    # disabled-plugin-option
    "an option of a plugin that is asked for again": ini("addopts = -p no:timeout -p timeout --timeout=3", TIMEOUT),
    "an option of a plugin that is thrown out after it was loaded": ini(
        "addopts = -p timeout -p no:timeout --timeout=3", TIMEOUT
    ),
    "an option of a plugin of pytest's own": ini("addopts = -p no:cacheprovider --lf -p no:doctest --doctest-modules"),
    "an option of a disabled plugin that conftest.py adds": ini(
        "addopts = -p no:timeout --timeout=3",
        TIMEOUT,
        conftest="def pytest_addoption(parser):\n    parser.addoption('--timeout', type=float)\n",
    ),
    # disabled-plugin-key
    "a key of a plugin of pytest's own": ini(
        "addopts = --strict-config -p no:faulthandler -p no:logging\nfaulthandler_timeout = 60\nlog_cli = true"
    ),
    "an option that conftest.py adds in a way that only running tells": ini(
        "addopts = -p no:timeout --timeout=3",
        TIMEOUT,
        conftest="import os\n\n\ndef pytest_addoption(parser):\n"
        "    parser.addoption(os.environ.get('X', '--timeout'))\n",
    ),
    "a key of a disabled plugin that conftest.py adds": ini(
        "addopts = --strict-config -p no:timeout\ntimeout = 3",
        TIMEOUT,
        conftest="def pytest_addoption(parser):\n    parser.addini('timeout', 'help')\n",
    ),
    # disabled-plugin-required
    "a required plugin beside a disabled one": ini(
        "addopts = -p no:timeout\nrequired_plugins = pytest-mock", f"{TIMEOUT}pytest-mock==3.17.0\n"
    ),
    "a required plugin of which only one of two entry points is disabled": ini(
        "addopts = -p no:xdist.looponfail\nrequired_plugins = pytest-xdist", XDIST
    ),
    # disabled-plugin-fixture
    "a fixture of a disabled plugin that the project defines itself": ini(
        "addopts = -p no:mock",
        MOCK,
        asking("mocker"),
        "import pytest\n\n\n@pytest.fixture\ndef mocker():\n    return 1\n",
    ),
    "a fixture of a disabled plugin that only a skipped test asks for": ini(
        "addopts = -p no:mock", MOCK, marked("skip", asking("mocker"))
    ),
    "a fixture that pytest has defined before the disabler counts": ini(
        "addopts = -p no:monkeypatch -p no:recwarn", test=asking("monkeypatch")
    ),
    # disabled-plugin-async-test
    "async tests that another plugin runs": ini(
        "addopts = -p no:asyncio", f"{ASYNCIO}anyio==4.16.0\n", marked("anyio", ASYNC)
    ),
    "async tests that conftest.py runs": ini(
        "addopts = -p no:asyncio",
        ASYNCIO,
        ASYNC,
        "import asyncio\n\n\ndef pytest_pyfunc_call(pyfuncitem):\n    asyncio.run(pyfuncitem.obj())\n    return True\n",
    ),
    # essential-plugin-disabled
    "a name that begins like that of an essential plugin": ini("addopts = -p no:marks -p no:main.py"),
    "every plugin of pytest that it can work without": ini(
        "addopts = -p no:cacheprovider -p no:doctest -p no:junitxml -p no:pastebin -p no:setuponly"
    ),
    # collecting-plugin-disabled
    "no:unittest beside tests of pytest's own kind": ini("addopts = -p no:unittest"),
    "no:python beside doctests of modules": ini("addopts = -p no:python --doctest-modules"),
    "no:python beside a text file with doctests": {**ini("addopts = -p no:python"), "test_shop.txt": ">>> 1\n1\n"},
    "no:unittest beside a text file with doctests": {
        **ini("addopts = -p no:unittest", test=UNITTEST),
        "test_shop.txt": ">>> 1\n1\n",
    },
    "no:python beside a conftest that collects files of another kind": ini(
        "addopts = -p no:python", conftest="def pytest_collect_file(file_path, parent):\n    return None\n"
    ),
    "no:python beside a plugin that collects files of another kind": ini(
        "addopts = -p no:python", f"{LATEST}pytest-mypy==1.0.1\n"
    ),
    "no:python without any test": {
        "pytest.ini": "[pytest]\naddopts = -p no:python\n",
        "requirements-test.txt": LATEST,
    },
    # conftest-disabled
    "a conftest file named before pytest minded": ini("addopts = -p no:tests/conftest.py", SEED),
    "a module called like a conftest": ini("addopts = -p no:my_conftest"),
    # disabler-without-effect
    "the distribution of a plugin that is not installed": ini("addopts = -p no:pytest-timeout"),
    "the name of its entry point as pytest registers it": ini("addopts = -p no:pytest_cov", COV),
    # plugins that are not loaded by themselves
    "autoload off, and what is used loaded by name": autoload_off(
        "addopts = --strict-markers -p timeout --timeout=3", TIMEOUT, marked("timeout(3)")
    ),
    "autoload off, and nothing used": autoload_off("addopts = --strict-markers", TIMEOUT),
}

FOUND: dict[str, tuple[dict[str, str], str, str]] = {
    "a mark under strictness": (
        ini("addopts = --strict-markers -p no:timeout", TIMEOUT, marked("timeout(3)")),
        "pytest.ini:2:31: breaks disabled-plugin-mark",
        "mark 'timeout' of pytest-timeout is used at tests/test_net.py:4:2, but '-p no:timeout' disables it, pytest "
        "stops: 'timeout' not found in `markers` configuration option; remove the disabler",
    ),
    "a mark of pytest itself": (
        ini(
            "addopts = --strict-markers -p no:skipping",
            test=marked("skipif(True, reason='x')", f"@pytest.mark.xfail\n{PLAIN}"),
        ),
        "pytest.ini:2:31: breaks disabled-plugin-mark",
        "marks 'skipif' and 'xfail' of pytest's plugin skipping are used in 2 places",
    ),
    "a mark where warnings are errors": (
        ini("addopts = -p no:rerunfailures\nfilterwarnings = error", RERUNS, marked("flaky(reruns=2)")),
        "pytest.ini:2:14: breaks disabled-plugin-mark",
        "the warning about the unknown mark is an error here",
    ),
    "a mark without strictness": (
        ini("addopts = -p no:timeout", TIMEOUT, marked("timeout(3)")),
        "pytest.ini:2:14: loses disabled-plugin-mark",
        "pytest only warns, and the mark does nothing",
    ),
    "a mark in the expression of -m": (
        ini("addopts = --strict-markers -p no:timeout -m 'not timeout'", TIMEOUT),
        "pytest.ini:2:31: breaks disabled-plugin-mark",
        "mark 'timeout' of pytest-timeout is named by -m, but '-p no:timeout' disables it, pytest stops: "
        "Unknown marker(s) in '-m' expression: timeout; remove the disabler",
    ),
    "a mark, its key and its option at once": (
        ini(
            "addopts = --strict-markers --timeout=3 -p no:timeout\ntimeout = 3",
            TIMEOUT,
            marked("timeout(3)"),
        ),
        "pytest.ini:2:43: breaks disabled-plugin-option",
        "option '--timeout' of pytest-timeout is given",
    ),
    "two options": (
        ini("addopts =\n    --cov=src\n    -p no:cov\n    --cov-report=xml", COV),
        "pytest.ini:4:8: breaks disabled-plugin-option",
        "options '--cov' and '--cov-report' of pytest-cov are given, but '-p no:cov' disables it, pytest stops: "
        "unrecognized arguments: --cov=src --cov-report=xml; remove the disabler",
    ),
    "a short option": (
        ini("addopts = -n4 -pno:xdist", XDIST),
        "pytest.ini:2:15: breaks disabled-plugin-option",
        "option '-n' of pytest-xdist is given, but '-pno:xdist' disables it",
    ),
    "an option where plugins are not loaded by themselves": (
        autoload_off("addopts = --timeout=3", TIMEOUT),
        "tox.ini:3:38: breaks disabled-plugin-option",
        "plugins are not loaded by themselves here",
    ),
    "an option beside --disable-plugin-autoload": (
        ini("addopts = --disable-plugin-autoload --timeout=3", TIMEOUT),
        "pytest.ini:2:11: breaks disabled-plugin-option",
        "load it with -p",
    ),
    "a key": (
        ini("addopts = -p no:timeout\ntimeout = 3", TIMEOUT),
        "pytest.ini:2:14: loses disabled-plugin-key",
        "key 'timeout' of pytest-timeout is set, but '-p no:timeout' disables it, pytest only warns: "
        "Unknown config option: timeout",
    ),
    "two keys under --strict-config": (
        ini("addopts = --strict-config -p no:timeout\ntimeout = 3\ntimeout_method = thread", TIMEOUT),
        "pytest.ini:2:30: breaks disabled-plugin-key",
        "keys 'timeout' and 'timeout_method' of pytest-timeout are set",
    ),
    "a required plugin": (
        ini("addopts = -p no:timeout\nrequired_plugins = pytest-timeout>=2", TIMEOUT),
        "pytest.ini:2:14: breaks disabled-plugin-required",
        "pytest stops: Missing required plugins: pytest-timeout>=2",
    ),
    "a required plugin where none is loaded by itself": (
        autoload_off("required_plugins = pytest-timeout", TIMEOUT),
        "tox.ini:3:38: breaks disabled-plugin-required",
        "load it with -p",
    ),
    "a fixture": (
        ini("addopts = -p no:mock", MOCK, asking("mocker")),
        "pytest.ini:2:14: breaks disabled-plugin-fixture",
        "fixture 'mocker' of pytest-mock is asked for by 1 test, but '-p no:mock' disables it, the test fails",
    ),
    "a fixture of pytest itself": (
        ini("addopts = -p no:tmpdir", test=f"{asking('tmp_path')}\n\ndef test_disk(tmp_path):\n    pass\n"),
        "pytest.ini:2:14: breaks disabled-plugin-fixture",
        "fixture 'tmp_path' of pytest's plugin tmpdir is asked for by 2 tests, but '-p no:tmpdir' disables it, "
        "the tests fail when they run",
    ),
    "async tests": (
        ini("addopts = -p no:asyncio", ASYNCIO, f"{ASYNC}\n\n{ASYNC.replace('net', 'disk')}"),
        "pytest.ini:2:14: breaks disabled-plugin-async-test",
        "2 async tests would be run by pytest-asyncio, but '-p no:asyncio' disables it: the tests fail when they run",
    ),
    "async tests before pytest let them fail": (
        ini("addopts = -p no:asyncio", f"{OLD}pytest-asyncio==0.21.2\n", ASYNC),
        "pytest.ini:2:14: loses disabled-plugin-async-test",
        "1 async test would be run by pytest-asyncio, but '-p no:asyncio' disables it: pytest skips it",
    ),
    "async tests with a mark, under strictness": (
        ini("addopts = --strict-markers -p no:asyncio", ASYNCIO, marked("asyncio", ASYNC)),
        "pytest.ini:2:31: breaks disabled-plugin-mark",
        "mark 'asyncio' of pytest-asyncio",
    ),
    "an essential plugin": (
        ini("addopts = -p no:main"),
        "pytest.ini:2:14: breaks essential-plugin-disabled",
        "pytest stops: plugin main cannot be disabled; remove it",
    ),
    "an essential plugin, glued": (
        ini("addopts = -pno:fixtures"),
        "pytest.ini:2:11: breaks essential-plugin-disabled",
        "'-pno:fixtures': pytest stops: plugin fixtures cannot be disabled",
    ),
    "the plugin that collects tests": (
        ini("addopts = -p no:python"),
        "pytest.ini:2:14: breaks collecting-plugin-disabled",
        "disables the plugin that collects every test here, pytest collects nothing",
    ),
    "the plugin that collects cases of unittest": (
        ini("addopts = -p no:unittest", test=UNITTEST),
        "pytest.ini:2:14: breaks collecting-plugin-disabled",
        "pytest collects nothing",
    ),
    "a conftest file": (
        ini("addopts = -p no:conftest.py", conftest="x = 1\n"),
        "pytest.ini:2:14: breaks conftest-disabled",
        "pytest stops: Blocking conftest files using -p is not supported: -p no:conftest.py; use --noconftest",
    ),
    "a conftest file in a folder": (
        ini("addopts = -pno:tests/conftest.py"),
        "pytest.ini:2:11: breaks conftest-disabled",
        "'-pno:tests/conftest.py'",
    ),
    "a distribution instead of its entry point": (
        ini("addopts = -p no:pytest-timeout", TIMEOUT),
        "pytest.ini:2:14: loses disabler-without-effect",
        "disables nothing, pytest-timeout stays loaded: its entry point is 'timeout'; write -p no:timeout or remove it",
    ),
    "a module instead of its entry point": (
        ini("addopts = -p no:pytest_rerunfailures", RERUNS),
        "pytest.ini:2:14: loses disabler-without-effect",
        "write -p no:rerunfailures",
    ),
    "two names with a comma": (
        ini("addopts = -p no:timeout,mock", f"{TIMEOUT}pytest-mock==3.17.0\n"),
        "pytest.ini:2:14: loses disabler-without-effect",
        "'-p no:timeout,mock' disables nothing, pytest-timeout and pytest-mock stay loaded: -p takes one name; "
        "write -p no:timeout -p no:pytest_mock or remove it",
    ),
    "a name in capitals": (
        ini("addopts = -p no:Timeout", TIMEOUT),
        "pytest.ini:2:14: loses disabler-without-effect",
        "its entry point is 'timeout'",
    ),
}

POLICY = {
    "a disabled plugin": (
        ini("addopts = -p no:timeout", TIMEOUT),
        ["pytest.ini:2:14: policy plugin-disabled"],
        "'-p no:timeout' disables a plugin for everybody who runs these tests; remove it, or add "
        "'timeout' to allow-disabled",
    ),
    "every plugin once": (
        ini("addopts = -p no:timeout -pno:xdist", TIMEOUT),
        ["pytest.ini:2:14: policy plugin-disabled", "pytest.ini:2:25: policy plugin-disabled"],
        "no:timeout",
    ),
    "a plugin that is disabled twice, where it counts": (
        ini("addopts = -p no:timeout -p no:timeout", TIMEOUT),
        ["pytest.ini:2:28: policy plugin-disabled"],
        "no:timeout",
    ),
    "a plugin that a word of TOML disables": (
        {
            "pyproject.toml": '[tool.pytest.ini_options]\naddopts = ["-ra", "-p no:timeout"]\n',
            "requirements-test.txt": TIMEOUT,
            "tests/test_net.py": PLAIN,
        },
        ["pyproject.toml:2:20: policy plugin-disabled"],
        "no:timeout",
    ),
}

CONTENT = {
    "the disabler that everybody uses": ini("addopts = -p no:cacheprovider"),
    "plugins of pytest's own": ini("addopts = -p no:legacypath -p no:logging -p no:doctest"),
    "a disabler that the team allows": {
        **ini("addopts = -p no:timeout", TIMEOUT),
        "precollect.toml": 'allow-disabled = ["timeout"]\n',
    },
    "a disabler that a later -p takes back": ini("addopts = -p no:timeout -p timeout", TIMEOUT),
    "plugins that are asked for": ini("addopts = -p timeout -p pytester", TIMEOUT),
}

# File, bytes before and after, and the value of addopts that pytest reads afterwards.
FIXED: dict[str, tuple[str, str, str, object]] = {
    "one of several words": (
        "pytest.ini",
        "[pytest]\naddopts = -ra -p no:timeout --tb=short\n",
        "[pytest]\naddopts = -ra --tb=short\n",
        "-ra --tb=short",
    ),
    "the only words, and the key with them": (
        "pytest.ini",
        "[pytest]\naddopts = -p no:timeout\ntestpaths = tests\n",
        "[pytest]\ntestpaths = tests\n",
        None,
    ),
    "glued": ("tox.ini", "[pytest]\naddopts=-ra -pno:timeout\n", "[pytest]\naddopts=-ra\n", "-ra"),
    "quoted": (
        "setup.cfg",
        "[tool:pytest]\naddopts = '-p' \"no:timeout\" -k 'a or b'\n",
        "[tool:pytest]\naddopts = -k 'a or b'\n",
        "-k 'a or b'",
    ),
    "one line of several": (
        "pytest.ini",
        "[pytest]\naddopts =\n    -ra\n    -p no:timeout\n    --tb=short\n",
        "[pytest]\naddopts =\n    -ra\n    --tb=short\n",
        "-ra\n--tb=short",
    ),
    "two lines": (
        "pytest.ini",
        "[pytest]\r\naddopts =\r\n\t-p\r\n\tno:timeout\r\n\t-ra\r\n",
        "[pytest]\r\naddopts =\r\n\t-ra\r\n",
        "-ra",
    ),
    "with the comment lines that explain it": (
        "pytest.ini",
        "[pytest]\n# short\naddopts =\n    -ra\n    # The sandbox\n    # has no signals.\n    -p no:timeout\n",
        "[pytest]\n# short\naddopts =\n    -ra\n",
        "-ra",
    ),
    "two plugins with the comment of both": (
        "pytest.ini",
        "[pytest]\naddopts =\n    -ra\n    # not in the sandbox\n    -p no:timeout\n    -p no:xdist\n",
        "[pytest]\naddopts =\n    -ra\n",
        "-ra",
    ),
    "disabled twice": (
        "pytest.ini",
        "[pytest]\naddopts = -p no:timeout -ra -pno:timeout\n",
        "[pytest]\naddopts = -ra\n",
        "-ra",
    ),
    "a TOML text": (
        "pyproject.toml",
        "[tool.pytest.ini_options]\naddopts = '-ra -p no:timeout'  # ours\n",
        "[tool.pytest.ini_options]\naddopts = '-ra'  # ours\n",
        "-ra",
    ),
    "a TOML text of several lines": (
        "pyproject.toml",
        '[tool.pytest.ini_options]\naddopts = """\n    -ra\n    -p no:timeout\n"""\n',
        '[tool.pytest.ini_options]\naddopts = """\n    -ra\n"""\n',
        "    -ra\n",
    ),
    "two items of a TOML list": (
        "pyproject.toml",
        '[tool.pytest.ini_options]\naddopts = ["-p", "no:timeout", "-ra"]\n',
        '[tool.pytest.ini_options]\naddopts = ["-ra"]\n',
        ["-ra"],
    ),
    "one item of a TOML list, with its comment": (
        "pyproject.toml",
        '[tool.pytest.ini_options]\naddopts = [\n    "-ra",  # short\n    # no signals\n    "-p no:timeout",  # x\n]\n',
        '[tool.pytest.ini_options]\naddopts = [\n    "-ra",  # short\n]\n',
        ["-ra"],
    ),
    "an item of a native list": (
        "pytest.toml",
        "[pytest]\naddopts = ['-pno:timeout', '-ra']\n",
        "[pytest]\naddopts = ['-ra']\n",
        ["-ra"],
    ),
}


@pytest.mark.parametrize("files", SILENT.values(), ids=SILENT)
def test_nothing_is_found(files: dict[str, str]) -> None:
    assert judged(files) == []


@pytest.mark.parametrize(("files", "line", "message"), FOUND.values(), ids=FOUND)
def test_one_cause_is_one_finding_of_all_concerns(files: dict[str, str], line: str, message: str) -> None:
    must_find(files, [line], message, policies=[CONCERN])


@pytest.mark.parametrize(("files", "expected", "message"), POLICY.values(), ids=POLICY)
def test_a_disabler_is_a_matter_of_house_rules(files: dict[str, str], expected: list[str], message: str) -> None:
    must_find_by_house_rules(files, expected, message, CONCERN)


@pytest.mark.parametrize("files", CONTENT.values(), ids=CONTENT)
def test_house_rules_are_content(files: dict[str, str]) -> None:
    assert judged(files, policies=[CONCERN]) == []


@pytest.mark.parametrize(("name", "before", "after", "reads"), FIXED.values(), ids=FIXED)
def test_a_disabler_is_removed(name: str, before: str, after: str, reads: object, tmp_path: Path) -> None:
    files = {name: before, "requirements-test.txt": TIMEOUT + XDIST, "tests/test_net.py": PLAIN}

    once = mended(files, tmp_path, policies=[CONCERN])

    assert once == {**files, name: after}
    assert mended(once, tmp_path, policies=[CONCERN]) == once
    assert read_by_pytest(tmp_path / name).get("addopts") == reads


def test_rules_have_rows() -> None:
    assert short_of_rows(RULES, FOUND, POLICY) == set()

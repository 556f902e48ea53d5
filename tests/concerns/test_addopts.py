"""What addopts asks of pytest in vain: options, values, paths, plugins, expressions."""

from __future__ import annotations

import pytest

from judged import LATEST, OLD, SEED, judged, must_find

TEST = {"tests/test_net.py": "def test_net():\n    assert 119 / 1.19 == 100\n"}
WITH_TIMEOUT = f"{LATEST}pytest-timeout==2.4.0\n"
WITH_XDIST = f"{LATEST}pytest-xdist==3.8.0\n"
ADDS_DEVICE = "def pytest_addoption(parser):\n    parser.addoption('--device', choices=['lamp', 'fan'])\n"


def ini(body: str, pins: str = LATEST, **others: str) -> dict[str, str]:
    """A project with pytest.ini, a test and pinned requirements; `others` are conftest files by their folder."""
    files = {"pytest.ini": f"[pytest]\n{body}\n", "requirements-test.txt": pins, **TEST}
    return {**files, **{f"{folder}/conftest.py".lstrip("_/"): text for folder, text in others.items()}}


def toml(body: str, pins: str = LATEST) -> dict[str, str]:
    return {"pyproject.toml": f"[tool.pytest.ini_options]\n{body}\n", "requirements-test.txt": pins, **TEST}


SILENT = {
    "an option that is added where nobody else did": {
        **ini(""),
        "conftest.py": "def pytest_addoption(parser):\n    try:\n        parser.addoption('--verbose')\n"
        "    except ValueError:\n        pass\n",
    },
    "no addopts at all": ini(""),
    "an empty value": ini("addopts ="),
    "glued flags, values in every spelling": ini(
        "addopts = -xvvs -rA --tb short --maxfail=3 -k'net and not x' -Werror"
    ),
    "paths that exist": ini("addopts = tests ./tests/test_net.py tests/test_net.py::test_net[a::b]"),
    "paths that lead out of the repository": ini("addopts = /srv/tests ../shared/tests ~/tests"),
    "a path that .gitignore names": {**ini("addopts = tests made/tests"), ".gitignore": "made/\n"},
    "modules behind --pyargs": ini("addopts = --pyargs shop.tests"),
    "a file of arguments, since pytest 8.2": ini("addopts = @options.txt"),
    "options of an unknown plugin": ini("addopts = --nobody=3 tests --own thing", f"{LATEST}pytest-nobody-knows==1\n"),
    "nothing declared": {**ini("addopts = --nobody=3 -p no_such_plugin"), "requirements-test.txt": ""},
    "an option of the root conftest": ini("addopts = --device lamp", _=ADDS_DEVICE),
    "an option whose choices a conftest may not add": ini(
        "addopts = --device=lamb",
        _="import os\n\n\ndef pytest_addoption(parser):\n    if os.environ.get('LAMP'):\n"
        "        parser.addoption('--device', choices=['lamp'])\n    else:\n        parser.addoption('--device')\n",
    ),
    "an option that a conftest names in a way that only running tells": ini(
        "addopts = --what=ever",
        _="import os\n\n\ndef pytest_addoption(parser):\n    parser.addoption(os.environ['X'])\n",
    ),
    "misspelt strictness is the affair of another hook": ini(
        "addopts = --strict-marker --reruns=2 --asyncio-mode=auto"
    ),
    "an option of a disabled plugin is the affair of another hook": ini(
        "addopts = -p no:timeout --timeout=3", WITH_TIMEOUT
    ),
    "plugins of pytest and by entry point": ini("addopts = -p pytester -p timeout -p no:nobody", WITH_TIMEOUT),
    "a blocked plugin in pytest_plugins": ini("addopts = -p no:gone", _="pytest_plugins = ['gone']\n"),
    "a module with an entry point that autoload leaves out": {
        **ini("addopts = -p pytest_timeout", WITH_TIMEOUT),
        "Makefile": "test:\n\tPYTEST_DISABLE_PLUGIN_AUTOLOAD=1 pytest\n",
    },
    "autoload off, and beside it what to load instead": {
        **ini("addopts = --timeout=3", WITH_TIMEOUT),
        "tox.ini": "[testenv]\nsetenv =\n    PYTEST_DISABLE_PLUGIN_AUTOLOAD = 1\n    PYTEST_PLUGINS = pytest_timeout\n"
        "commands = pytest\n",
    },
    "a plugin module of the repository, wherever it lies": {
        **ini("addopts = -p clock"),
        "tools/testing/clock.py": "",
    },
    "a plugin in a library that nobody knows": ini("addopts = -p kit.plugin", f"{LATEST}our-testing-kit\n"),
    "an early plugin through pythonpath that something else may find": {
        **ini("pythonpath = tools/testing\naddopts = -p clock", OLD),
        "tools/testing/clock.py": "",
        "tox.ini": "[testenv]\nsetenv = PYTHONPATH = tools/testing\n",
    },
    "an upper-case short option": ini("", _="def pytest_addoption(parser):\n    parser.addoption('-D', '--dev')\n"),
    "a lower-case short option added privately": ini(
        "", _="def pytest_addoption(parser):\n    parser.getgroup('x')._addoption('-y', action='store_true')\n"
    ),
    "an option added twice in branches": ini(
        "",
        _="import sys\n\n\ndef pytest_addoption(parser):\n    if sys.platform == 'x':\n"
        "        parser.addoption('--color')\n",
    ),
    "a repository that is the plugin itself": {
        **ini("addopts = --timeout=3"),
        "pyproject.toml": '[project]\nname = "pytest-timeout"\nversion = "9"\ndependencies = ["pytest==9.2.0"]\n\n'
        '[project.entry-points.pytest11]\ntimeout = "pytest_timeout"\n',
        "pytest_timeout.py": "def pytest_addoption(parser):\n    parser.addoption('--timeout', type=float)\n",
    },
    "expressions": ini("addopts = -k 'not (a or b[c-1])' -W error:a.b:UserWarning -W ignore::lib.Category"),
    "overrides before pytest looks at them": ini("addopts = -o nobody=1 -o xfail_strict", SEED),
    "the debugger beside automatic workers": ini("addopts = --pdb -n auto", WITH_XDIST),
    "a level of the project's own": ini("addopts = --log-level=trace", _="import logging\n\nlogging.TRACE = 5\n"),
}

FOUND: dict[str, tuple[dict[str, str], str, str]] = {
    "a slip in an option": (
        ini("addopts = -ra --durration=3"),
        "pytest.ini:2:15: breaks unknown-option",
        "pytest stops: unrecognized arguments: --durration=3; did you mean '--durations'?",
    ),
    "an abbreviation": (
        ini("addopts = --showl"),
        "pytest.ini:2:11: breaks unknown-option",
        "did you mean '--showlocals'?",
    ),
    "an option that nothing resembles": (
        ini("addopts = --frobnicate"),
        "pytest.ini:2:11: breaks unknown-option",
        "no plugin that is known defines it, remove it or correct it",
    ),
    "an option that came later": (
        ini("addopts = --disable-plugin-autoload", OLD),
        "pytest.ini:2:11: breaks unknown-option",
        "it came with pytest 8.4.0, and pytest 7.4.4 is declared: declare that, or remove it",
    ),
    "an option of a conftest that comes too late": (
        {**ini("addopts = --device=lamp"), "src/lamp/checks/conftest.py": ADDS_DEVICE},
        "pytest.ini:2:11: breaks option-of-a-late-conftest",
        "is added by src/lamp/checks/conftest.py, which is not loaded when pytest reads options",
    ),
    "an option whose value hides testpaths": (
        {**ini("testpaths = checks\naddopts = --device lamp"), "checks/conftest.py": ADDS_DEVICE},
        "pytest.ini:3:11: breaks option-of-a-late-conftest",
        "'lamp' counts as a path there and hides testpaths: write --device=lamp",
    ),
    "an option of a conftest that --noconftest keeps out": (
        ini("addopts = --noconftest --device=lamp", _=ADDS_DEVICE),
        "pytest.ini:2:24: breaks option-of-a-late-conftest",
        "which --noconftest keeps out",
    ),
    "a value that is no choice": (
        ini("addopts = --tb=shrt"),
        "pytest.ini:2:11: breaks bad-option-value",
        "pytest stops: argument --tb: invalid choice: 'shrt'",
    ),
    "a value that is no choice of a conftest": (
        ini("addopts = --device=lamb", _=ADDS_DEVICE),
        "pytest.ini:2:11: breaks bad-option-value",
        "did you mean 'lamp'?",
    ),
    "a value that is no number": (
        ini("addopts = --maxfail few"),
        "pytest.ini:2:21: breaks bad-option-value",
        "invalid int value: 'few'; write a whole number",
    ),
    "a missing number of workers": (
        ini("addopts = -n --dist=load", WITH_XDIST),
        "pytest.ini:2:11: breaks bad-option-value",
        "argument -n/--numprocesses: expected one argument; write for example -n auto",
    ),
    "a flag with a value": (
        ini("addopts = -ra --showlocals=yes"),
        "pytest.ini:2:15: breaks bad-option-value",
        "it takes no value, write '--showlocals'",
    ),
    "a long option with one dash": (
        ini("addopts = -strict-config"),
        "pytest.ini:2:11: breaks bad-option-value",
        "did you mean '--strict-config'?",
    ),
    "a level that logging does not have": (
        ini("addopts = --log-cli-level=loud"),
        "pytest.ini:2:11: breaks bad-option-value",
        "'LOUD' is not recognized as a logging level name for 'log_cli_level'",
    ),
    "a report that pytest-cov does not write": (
        ini("addopts = --cov=a --cov-report=term_missing", f"{LATEST}pytest-cov==7.1.0\n"),
        "pytest.ini:2:19: breaks bad-option-value",
        'invalid choice: "term_missing"',
    ),
    "a report into a folder": (
        ini("addopts = --junitxml=tests"),
        "pytest.ini:2:11: breaks bad-option-value",
        "--junitxml must be a filename, given: tests",
    ),
    "a path that was renamed": (
        ini("addopts = tests/test_nets.py"),
        "pytest.ini:2:11: breaks missing-path",
        "file or directory not found: tests/test_nets.py; did you mean 'tests/test_net.py'?",
    ),
    "two paths in one item": (
        toml('addopts = ["-ra", "tests docs"]'),
        "pyproject.toml:2:20: breaks missing-path",
        "write one item for each",
    ),
    "a comment behind the value": (
        ini("addopts = -ra # short summary"),
        "pytest.ini:2:15: breaks comment-in-addopts",
        "put the comment on a line of its own",
    ),
    "a comment in a TOML text": (
        toml('addopts = """\n-ra\n# -x we like it\n"""'),
        "pyproject.toml:4:1: breaks comment-in-addopts",
        "write a list, which may hold comments",
    ),
    "an option and its value in one item": (
        toml('addopts = ["--maxfail 3"]'),
        "pyproject.toml:2:13: breaks two-words-in-one-item",
        "write '--maxfail=3', or two items",
    ),
    "an open quote": (
        ini("addopts = -k 'net"),
        "pytest.ini:2:14: breaks unreadable-addopts",
        "pytest stops: No closing quotation",
    ),
    "-pdb": (ini("addopts = -pdb"), "pytest.ini:2:11: breaks missing-plugin", "did you mean '--pdb'?"),
    "-p=no:timeout": (
        ini("addopts = -p=no:timeout", WITH_TIMEOUT),
        "pytest.ini:2:11: breaks missing-plugin",
        'Error importing plugin "=no:timeout"',
    ),
    "a plugin that is not declared": (
        ini("addopts = -p pytest_sugar"),
        "pytest.ini:2:14: breaks missing-plugin",
        "declare pytest-sugar as a test dependency or remove it",
    ),
    "the distribution instead of the entry point": (
        ini("addopts = -p pytest-timeout", WITH_TIMEOUT),
        "pytest.ini:2:14: breaks missing-plugin",
        "did you mean 'timeout'?",
    ),
    "pytest_plugins with a slip": (
        {**ini("", _="pytest_plugins = ['clcok']\n"), "clock.py": ""},
        "conftest.py:1:19: breaks missing-plugin",
        "did you mean 'clock'?",
    ),
    "PYTEST_PLUGINS with a slip": (
        {
            **ini("", WITH_TIMEOUT),
            "tox.ini": "[testenv]\nsetenv =\n    PYTEST_PLUGINS = pytest_timeot\ncommands = pytest\n",
        },
        "tox.ini:3:22: breaks missing-plugin",
        "'pytest_timeot' in PYTEST_PLUGINS: pytest stops",
    ),
    "an early plugin that only pythonpath finds": (
        {**ini("pythonpath = tools/testing\naddopts = -p clock", OLD), "tools/testing/clock.py": ""},
        "pytest.ini:3:14: breaks missing-plugin",
        "pytest 7.4.4 reads 'pythonpath' only after '-p'",
    ),
    "a plugin by its module, which is loaded by itself": (
        ini("addopts = -p pytest_timeout", WITH_TIMEOUT),
        "pytest.ini:2:14: breaks plugin-registered-twice",
        "write -p timeout, or remove it",
    ),
    "the same in a conftest": (
        ini("", WITH_TIMEOUT, _="pytest_plugins = ('pytest_timeout',)\n"),
        "conftest.py:1:19: breaks plugin-registered-twice",
        "Plugin already registered under a different name",
    ),
    "Python's own asyncio instead of the plugin": (
        ini("addopts = -p asyncio"),
        "pytest.ini:2:14: loses module-instead-of-plugin",
        "declare pytest-asyncio or remove it",
    ),
    "an option of a plugin, added again": (
        ini("", WITH_TIMEOUT, _="def pytest_addoption(parser):\n    parser.addoption('--timeout')\n"),
        "conftest.py:2:5: breaks option-defined-twice",
        "option '--timeout' is one of pytest-timeout already, pytest stops: option dest 'timeout' already used",
    ),
    "an option with the destination of another": (
        ini("", _="def pytest_addoption(parser):\n    parser.addoption('--usepdb')\n"),
        "conftest.py:2:5: breaks option-defined-twice",
        "has the destination of '--pdb'",
    ),
    "an option of a plugin, before pytest looked at destinations": (
        ini(
            "", f"{SEED}pytest-timeout==2.4.0\n", _="def pytest_addoption(parser):\n    parser.addoption('--timeout')\n"
        ),
        "conftest.py:2:5: breaks option-defined-twice",
        "conflicting option string: --timeout",
    ),
    "an option of two conftest files": (
        {**ini("testpaths = tests", _=ADDS_DEVICE), "tests/conftest.py": ADDS_DEVICE},
        "tests/conftest.py:2:5: breaks option-defined-twice",
        "option names {'--device'} already added",
    ),
    "a short option in lower case": (
        ini("", _="def pytest_addoption(parser):\n    parser.addoption('-d', '--dev')\n"),
        "conftest.py:2:5: breaks lower-case-option",
        "option '-d' is short and in lower case, which pytest reserves for its own, pytest stops with a ValueError; "
        "write '-D'",
    ),
    "half an expression of -k": (
        ini("addopts = -k not net"),
        "pytest.ini:2:14: breaks bad-keyword-expression",
        "file or directory not found: net; quote the whole expression: -k 'not net ...'",
    ),
    "half an expression of -k before a path that exists": (
        ini("addopts = -k not tests"),
        "pytest.ini:2:14: breaks bad-keyword-expression",
        "Wrong expression passed to '-k': not: at column 4",
    ),
    "an action of -W with a slip": (
        ini("addopts = -W eror"),
        "pytest.ini:2:14: breaks bad-warning-option",
        "invalid action: 'eror' in -W eror; did you mean 'error'?",
    ),
    "a category of -W that Python does not have": (
        ini("addopts = -W error::UserWarnings"),
        "pytest.ini:2:14: breaks bad-warning-option",
        "did you mean 'UserWarning'?",
    ),
    "-o without a value": (
        ini("addopts = -o xfail_strict"),
        "pytest.ini:2:14: breaks bad-override",
        "expects option=value style (got: 'xfail_strict')",
    ),
    "-o of an unknown key": (
        ini("addopts = -o xfail_strickt=1"),
        "pytest.ini:2:14: loses bad-override",
        "did you mean 'xfail_strict'?",
    ),
    "the debugger beside workers": (
        ini("addopts = --pdb -n2", WITH_XDIST),
        "pytest.ini:2:11: breaks options-exclude-each-other",
        "--pdb is incompatible with distributing tests",
    ),
}


@pytest.mark.parametrize("files", SILENT.values(), ids=SILENT)
def test_nothing_is_found(files: dict[str, str]) -> None:
    assert judged(files, concerns=("addopts",)) == []


@pytest.mark.parametrize(("files", "line", "message"), FOUND.values(), ids=FOUND)
def test_it_is_found(files: dict[str, str], line: str, message: str) -> None:
    must_find(files, [line], message, concerns=("addopts",))

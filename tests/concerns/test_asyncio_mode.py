"""Async tests: modes and scopes that are none, tests and fixtures that nobody runs, what a team may settle."""

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
from precollect.concerns.asyncio_mode import CONCERN, RULES

OLD_ASYNCIO = f"{OLD}pytest-asyncio==0.21.2\n"
SEED_ASYNCIO = f"{SEED}pytest-asyncio==1.2.0\n"
ASYNCIO = f"{LATEST}pytest-asyncio==1.5.0\n"
ANYIO = f"{LATEST}anyio==4.16.0\n"
BOTH = f"{ASYNCIO}anyio==4.16.0\n"

PLAIN = "def test_net():\n    pass\n"
ASYNC = "async def test_net():\n    pass\n"
EXPLICIT = "asyncio_default_fixture_loop_scope = function\n"


def ini(body: str, pins: str = ASYNCIO, test: str = ASYNC, conftest: str = "") -> dict[str, str]:
    files = {"pytest.ini": f"[pytest]\n{body}\n", "requirements-test.txt": pins, "tests/test_net.py": test}
    return {**files, "conftest.py": conftest} if conftest else files


def native(body: str, test: str = ASYNC) -> dict[str, str]:
    return {"pytest.toml": f"[pytest]\n{body}\n", "requirements-test.txt": ASYNCIO, "tests/test_net.py": test}


def options(body: str) -> dict[str, str]:
    text = f"[tool.pytest.ini_options]\n{body}\n"
    return {"pyproject.toml": text, "requirements-test.txt": ASYNCIO, "tests/test_net.py": ASYNC}


def marked(arguments: str, pins: str = ASYNCIO, above: str = "") -> dict[str, str]:
    """A project whose async test carries an asyncio mark."""
    return ini("", pins, f"import pytest\n{above}\n\n@pytest.mark.asyncio{arguments}\n{ASYNC}")


def fixture(decorator: str, body: str = "", pins: str = ASYNCIO, kind: str = "async def") -> dict[str, str]:
    """A project with one fixture and an async test that asks for it."""
    module = decorator.partition(".")[0]
    imports = "import pytest\n" if module == "pytest" else f"import pytest\nimport {module}\n"
    test = f"@pytest.mark.asyncio\n{ASYNC.replace('()', '(net)')}"
    return ini(body, pins, f"{imports}\n\n@{decorator}\n{kind} net():\n    return 1\n\n\n{test}")


RUNS = "    import asyncio\n    asyncio.run(pyfuncitem.obj())\n    return True\n"
SKIPS = "import pytest\n\n\n@pytest.fixture{}\ndef gate():\n    pytest.skip('no net')\n"

SILENT = {
    # async-test-not-run
    "a runner that is a plugin object": ini(
        "",
        LATEST,
        conftest="class Runner:\n    def pytest_pyfunc_call(self, pyfuncitem):\n"
        + RUNS.replace("    ", "        ")
        + "\n\ndef pytest_configure(config):\n    config.pluginmanager.register(Runner())\n",
    ),
    "a runner from a helper that is a plugin object": ini(
        "",
        LATEST,
        conftest="from kit import Runner\n\n\ndef pytest_configure(config):\n"
        "    config.pluginmanager.register(Runner())\n",
    ),
    "a mode that conftest.py sets": ini(
        "", conftest="def pytest_configure(config):\n    config.option.asyncio_mode = 'auto'\n"
    ),
    "a test that is deleted": ini("", LATEST, f"{ASYNC}\n\ndel test_net\n"),
    "a test that is replaced by name": ini("", LATEST, f"{ASYNC}\n\nglobals()['test_' + 'net'] = print\n"),
    "a test that a call marks": ini("", test=f"import pytest\n\n\n{ASYNC}\n\npytest.mark.asyncio(test_net)\n"),
    "a class that a call marks": ini(
        "",
        test="import pytest\n\n\nclass TestNet:\n    async def test_net(self):\n        pass\n\n\n"
        "pytest.mark.asyncio(TestNet)\n",
    ),
    "a pytestmark of another module": {
        **ini("", test=f"from marks import pytestmark\n\n\n{ASYNC}"),
        "tests/marks.py": "import pytest\n\npytestmark = pytest.mark.asyncio\n",
    },
    "a pytestmark among all names of another module": {
        **ini("", test=f"from marks import *\n\n\n{ASYNC}"),
        "tests/marks.py": "import pytest\n\npytestmark = pytest.mark.asyncio\n",
    },
    "a pytestmark within an expression": ini(
        "", test=f"import pytest\n\n(pytestmark := pytest.mark.asyncio)\n\n\n{ASYNC}"
    ),
    "a test that a fixture for all skips": ini("", LATEST, conftest=SKIPS.format("(autouse=True)")),
    "a test that its fixture skips": ini("", LATEST, ASYNC.replace("()", "(gate)"), SKIPS.format("")),
    "a test that a setup function skips": ini(
        "", LATEST, f"import pytest\n\n\ndef setup_module():\n    pytest.skip('no net')\n\n\n{ASYNC}"
    ),
    "a test without parameters": ini(
        "", LATEST, "import pytest\n\n\n@pytest.mark.parametrize('x', [])\nasync def test_net(x):\n    pass\n"
    ),
    "a test whose parameters are skipped": ini(
        "",
        LATEST,
        "import pytest\n\n\n@pytest.mark.parametrize('x', [pytest.param(1, marks=pytest.mark.skip)])\n"
        "async def test_net(x):\n    pass\n",
    ),
    "the backend of anyio, asked for by a fixture for all": ini(
        "",
        ANYIO,
        conftest="import pytest\n\n\n@pytest.fixture(autouse=True)\ndef runner(anyio_backend):\n    pass\n",
    ),
    "the backend of anyio, asked for by a key": ini("usefixtures = anyio_backend", ANYIO),
    # async-fixture-not-run
    "an async fixture that a later one replaces": ini(
        "",
        test="import pytest\n\n\n@pytest.fixture\nasync def net():\n    return 1\n\n\n"
        "@pytest.fixture\ndef net():  # noqa: F811\n    return 2\n\n\ndef test_net(net):\n    pass\n",
    ),
    "an async fixture that a parameter replaces": ini(
        "",
        test="import pytest\n\n\n@pytest.fixture\nasync def net():\n    return 1\n\n\n"
        "@pytest.mark.parametrize('net', [1])\ndef test_net(net):\n    pass\n",
    ),
    # event-loop-fixture-gone
    "an event loop from a helper": {
        **ini("", test="def test_net(event_loop):\n    pass\n", conftest="from kit import event_loop\n"),
        "kit.py": "import pytest\n\n\n@pytest.fixture\ndef event_loop():\n    return 1\n",
    },
    # invalid-asyncio-mode
    "both modes": {**ini("asyncio_mode = auto"), "setup.cfg": "[tool:pytest]\nasyncio_mode = strict\n"},
    "a mode by an option": ini("addopts = --asyncio-mode=auto --asyncio-debug"),
    "a wrong mode that an option overrules": ini("addopts = --asyncio-mode=auto\nasyncio_mode = Auto"),
    "a wrong mode in the section of another tool": {
        **ini("asyncio_mode = auto"),
        "tox.ini": "[testenv]\nasyncio_mode = Auto\n",
    },
    # invalid-loop-scope
    "every scope": ini(
        "asyncio_mode = auto\nasyncio_default_fixture_loop_scope = session\nasyncio_default_test_loop_scope = package"
    ),
    "the scope of the fixture, since it is one": ini(
        "asyncio_mode = auto\nasyncio_default_fixture_loop_scope = fixture-scope"
    ),
    # asyncio-without-plugin
    "options of both plugins": ini("addopts = --asyncio-mode=auto --anyio-mode=strict\nanyio_mode = strict", BOTH),
    "a mode where plugins are not known": ini("asyncio_mode = auto", f"{LATEST}pytest-nobody-knows==1\n"),
    "a mode that conftest.py defines": ini(
        "addopts = --strict-config\nasyncio_mode = auto",
        LATEST,
        PLAIN,
        "def pytest_addoption(parser):\n    parser.addini('asyncio_mode', 'help')\n",
    ),
    # async-test-not-run
    "marked tests": marked(""),
    "marked modules": ini("", test=f"import pytest\n\npytestmark = pytest.mark.asyncio\n\n\n{ASYNC}"),
    "marked classes": ini(
        "",
        test="import pytest\n\n\n@pytest.mark.asyncio\nclass TestNet:\n    async def test_net(self):\n        pass\n",
    ),
    "tests that anyio runs": ini("", ANYIO, f"import pytest\n\n\n@pytest.mark.anyio\n{ASYNC}"),
    "tests of unittest": ini(
        "",
        LATEST,
        "import unittest\n\n\nclass NetTest(unittest.IsolatedAsyncioTestCase):\n    async def test_net(self):\n"
        "        pass\n",
    ),
    "tests that a decorator makes synchronous": ini(
        "", LATEST, f"from helpers import synchronous\n\n\n@synchronous\n{ASYNC}"
    ),
    "tests that conftest.py runs": ini(
        "",
        test=ASYNC,
        conftest="import asyncio\n\n\ndef pytest_pyfunc_call(pyfuncitem):\n    asyncio.run(pyfuncitem.obj())\n"
        "    return True\n",
    ),
    "tests that are skipped": ini("", LATEST, f"import pytest\n\n\n@pytest.mark.skip\n{ASYNC}"),
    **{
        f"tests beside {name}, which may run them": ini("", f"{LATEST}{name}\n")
        for name in (
            *("alt-pytest-asyncio", "pytest-aio", "pytest-asyncio-cooperative", "pytest-curio", "pytest-tornado"),
            *("pytest-tornasync", "pytest-trio", "pytest-twisted"),
        )
    },
    "tests beside a runner under a condition": ini("", f"{LATEST}pytest-tornasync; os_name == 'nt'\n"),
    "tests where plugins are not known": ini("", f"{LATEST}pytest-nobody-knows==1\n"),
    # async-fixture-not-run
    "fixtures of pytest-asyncio": fixture("pytest_asyncio.fixture"),
    "fixtures of pytest in auto mode": fixture("pytest.fixture", "asyncio_mode = auto"),
    "fixtures that no test asks for": ini(
        "",
        test=f"import pytest\n\n\n@pytest.fixture\nasync def net():\n    return 1\n\n\n@pytest.mark.asyncio\n{ASYNC}",
    ),
    # loop-scope-unset
    "a scope that is set, where warnings are errors": ini(f"asyncio_mode = auto\n{EXPLICIT}filterwarnings = error"),
    "a scope that is not set, and one filter spares that": ini(
        "asyncio_mode = auto\nfilterwarnings =\n    error\n    ignore::pytest.PytestDeprecationWarning"
    ),
    "a scope that is not set, before the plugin minded": ini(
        "asyncio_mode = auto\nfilterwarnings = error", OLD_ASYNCIO
    ),
    # bad-asyncio-argument
    "every argument": marked("(loop_scope='module')"),
    "a scope that only running tells": marked("(loop_scope=SCOPE)", above="\nSCOPE = str('module')\n"),
    "an unknown argument, before the plugin minded": marked("(scoope='module')", OLD_ASYNCIO),
    "an unknown argument on a test that nobody collects": ini(
        "", test=f"import pytest\n\n\n@pytest.mark.asyncio(1)\nasync def net():\n    pass\n\n\n{PLAIN}"
    ),
    # bad-async-fixture-argument, async-fixture-scope
    "a loop scope of a fixture": fixture("pytest_asyncio.fixture(loop_scope='session', scope='session')"),
    "the scope of a fixture, before it had a loop scope": fixture(
        "pytest_asyncio.fixture(scope='function')", pins=OLD_ASYNCIO
    ),
    "a fixture for the session, beside a loop for the session": ini(
        "",
        OLD_ASYNCIO,
        fixture("pytest_asyncio.fixture(scope='session')")["tests/test_net.py"],
        "import asyncio\n\nimport pytest\n\n\n@pytest.fixture(scope='session')\ndef event_loop():\n"
        "    loop = asyncio.new_event_loop()\n    yield loop\n    loop.close()\n",
    ),
    # event-loop-fixture-gone
    "the loop as a fixture of the plugin": ini(
        "asyncio_mode = auto", OLD_ASYNCIO, "def test_net(event_loop):\n    pass\n"
    ),
    "the loop as a fixture of the project": ini(
        "asyncio_mode = auto",
        test="import pytest\n\n\n@pytest.fixture\ndef event_loop():\n    return 1\n\n\ndef test_net(event_loop):\n"
        "    pass\n",
    ),
    # two-auto-modes
    "one of two in auto mode": ini("asyncio_mode = auto\nanyio_mode = strict", BOTH),
    "one of two in auto mode, before the other looked at the option": ini(
        "addopts = --asyncio-mode=auto\nanyio_mode = auto", f"{SEED_ASYNCIO}anyio==4.11.0\n"
    ),
}

FOUND: dict[str, tuple[dict[str, str], str, str]] = {
    "a mode in capitals": (
        ini("asyncio_mode = Auto"),
        "pytest.ini:2:1: breaks invalid-asyncio-mode",
        "pytest stops: 'Auto' is not a valid asyncio_mode. Valid modes: auto, strict; did you mean 'auto'?",
    ),
    "a mode by an option": (
        ini("addopts = --asyncio-mode atuo"),
        "pytest.ini:2:26: breaks invalid-asyncio-mode",
        "did you mean 'auto'?",
    ),
    "a mode that is gone": (
        ini("asyncio_mode = legacy"),
        "pytest.ini:2:1: breaks invalid-asyncio-mode",
        "'legacy' is not a valid asyncio_mode. Valid modes: auto, strict; write one of auto, strict",
    ),
    "a comment behind the mode": (
        ini("asyncio_mode = auto  # all of them"),
        "pytest.ini:2:1: breaks invalid-asyncio-mode",
        "pytest stops: 'auto  # all of them' is not a valid asyncio_mode. Valid modes: auto, strict; "
        "give the comment a line of its own",
    ),
    "a native mode that is no text": (
        native("asyncio_mode = true"),
        "pytest.toml:2:1: breaks invalid-asyncio-mode",
        "pytest stops: config option 'asyncio_mode' expects a string, got bool: True; write auto or strict as a text",
    ),
    "a list of modes": (
        options("asyncio_mode = ['auto']"),
        "pyproject.toml:2:1: breaks invalid-asyncio-mode",
        "pytest stops: ['auto'] is not a valid asyncio_mode",
    ),
    "a scope for fixtures": (
        ini("asyncio_mode = auto\nasyncio_default_fixture_loop_scope = modul"),
        "pytest.ini:3:1: breaks invalid-loop-scope",
        "pytest stops: 'modul' is not a valid asyncio_default_fixture_loop_scope. Valid scopes are: function, class, "
        "module, package, session; did you mean 'module'?",
    ),
    "a scope for tests": (
        ini("asyncio_mode = auto\nasyncio_default_test_loop_scope = fixture-scope"),
        "pytest.ini:3:1: breaks invalid-loop-scope",
        "'fixture-scope' is not a valid asyncio_default_test_loop_scope",
    ),
    "a native scope that is no text": (
        native("asyncio_mode = 'auto'\nasyncio_default_fixture_loop_scope = 1"),
        "pytest.toml:3:1: breaks invalid-loop-scope",
        "pytest stops: config option 'asyncio_default_fixture_loop_scope' expects a string, got int: 1",
    ),
    "an option without the plugin": (
        ini("addopts = --asyncio-mode=auto", LATEST, PLAIN),
        "pytest.ini:2:11: breaks asyncio-without-plugin",
        "option '--asyncio-mode' needs pytest-asyncio, which is not among the test dependencies, pytest stops: "
        "unrecognized arguments: --asyncio-mode=auto; declare it or remove the option",
    ),
    "an option that its plugin does not have yet": (
        ini("addopts = --anyio-mode=auto", f"{SEED}anyio==4.11.0\n", PLAIN),
        "pytest.ini:2:11: breaks asyncio-without-plugin",
        "option '--anyio-mode' is not known to anyio 4.11.0, which is declared",
    ),
    "a key without the plugin": (
        ini("asyncio_mode = auto", LATEST, PLAIN),
        "pytest.ini:2:1: loses asyncio-without-plugin",
        "pytest only warns: Unknown config option: asyncio_mode; declare it or remove the key",
    ),
    "a key without the plugin, under strictness": (
        ini("addopts = --strict-config\nasyncio_mode = auto", LATEST, PLAIN),
        "pytest.ini:3:1: breaks asyncio-without-plugin",
        "pytest stops: Unknown config option: asyncio_mode",
    ),
    "a key with a slip": (
        ini("asyncio_mod = auto", ASYNCIO, PLAIN),
        "pytest.ini:2:1: loses asyncio-without-plugin",
        "key 'asyncio_mod' is not known, pytest only warns: Unknown config option: asyncio_mod; "
        "did you mean 'asyncio_mode'?",
    ),
    "a key with a slip that -o sets": (
        ini("addopts = --strict-config -o asyncio_mod=auto", ASYNCIO, PLAIN),
        "pytest.ini:2:30: breaks asyncio-without-plugin",
        "key 'asyncio_mod' is not known, pytest stops: Unknown config option: asyncio_mod; "
        "did you mean 'asyncio_mode'?",
    ),
    "a test without any plugin": (
        ini("", LATEST),
        "tests/test_net.py:1:1: breaks async-test-not-run",
        "nobody runs the async test 'test_net': no plugin for async tests is among the test dependencies, "
        "it fails when it runs: async def functions are not natively supported; declare pytest-asyncio or anyio",
    ),
    "a test beside a plugin that only looks at running tests": (
        ini("", f"{LATEST}pytest-playwright\npytest-benchmark\n"),
        "tests/test_net.py:1:1: breaks async-test-not-run",
        "nobody runs the async test 'test_net'",
    ),
    "a test beside a runner that is disabled": (
        ini("addopts = -p no:tornado", f"{LATEST}pytest-tornasync\n"),
        "tests/test_net.py:1:1: breaks async-test-not-run",
        "nobody runs the async test 'test_net'",
    ),
    "a test without a mark in strict mode": (
        ini("asyncio_mode = strict"),
        "tests/test_net.py:1:1: breaks async-test-not-run",
        "pytest-asyncio is in strict mode and the test has no asyncio mark",
    ),
    "a test without a mark, before pytest let it fail": (
        ini("", OLD_ASYNCIO),
        "tests/test_net.py:1:1: loses async-test-not-run",
        "pytest skips it with a warning",
    ),
    "a fixture of pytest in strict mode": (
        fixture("pytest.fixture"),
        "tests/test_net.py:5:1: breaks async-fixture-not-run",
        "nobody runs the async fixture 'net': pytest.fixture does not await it in strict mode, "
        "the test fails when it runs; declare it with @pytest_asyncio.fixture, or set asyncio_mode = auto",
    ),
    "a fixture of pytest in strict mode, before pytest let the test fail": (
        fixture("pytest.fixture", pins=SEED_ASYNCIO),
        "tests/test_net.py:5:1: loses async-fixture-not-run",
        "the test gets a coroutine instead of the value",
    ),
    "a scope that is not set where warnings are errors": (
        ini("asyncio_mode = auto\nfilterwarnings = error"),
        "pytest.ini:3:1: breaks loop-scope-unset",
        "'asyncio_default_fixture_loop_scope' is not set, pytest-asyncio warns of that, and warnings are errors here",
    ),
    "a scope that is not set, where an option makes warnings errors": (
        ini("asyncio_mode = auto\naddopts = -W error"),
        "pytest.ini:1:1: breaks loop-scope-unset",
        "set asyncio_default_fixture_loop_scope = function",
    ),
    "an unknown argument": (
        marked("(scoope='module')"),
        "tests/test_net.py:4:2: breaks bad-asyncio-argument",
        "the asyncio mark does not take 'scoope', pytest stops: mark.asyncio accepts only keyword arguments "
        "'loop_scope' and 'loop_factories'; remove it",
    ),
    "a positional argument, found out when the test runs": (
        marked("('module')", SEED_ASYNCIO),
        "tests/test_net.py:4:2: breaks bad-asyncio-argument",
        "the asyncio mark does not take a positional argument, the test fails when it runs: "
        "mark.asyncio accepts only a keyword argument 'loop_scope'; remove it",
    ),
    "a scope that is none": (
        marked("(loop_scope='modul')"),
        "tests/test_net.py:4:2: breaks bad-asyncio-argument",
        "'modul' is no loop scope, pytest stops; write one of function, class, module, package, session",
    ),
    "two scopes": (
        marked("(scope='module', loop_scope='module')"),
        "tests/test_net.py:4:2: breaks bad-asyncio-argument",
        "the asyncio mark has both 'scope' and 'loop_scope', pytest stops; remove 'scope'",
    ),
    "a loop scope of a fixture that is not known yet": (
        fixture("pytest_asyncio.fixture(loop_scope='module')", pins=OLD_ASYNCIO),
        "tests/test_net.py:6:1: breaks bad-async-fixture-argument",
        "pytest-asyncio 0.21.2, which is declared, knows no loop_scope, pytest stops: fixture() got an unexpected "
        "keyword argument 'loop_scope'; declare pytest-asyncio>=0.24",
    ),
    "a loop scope of a fixture of conftest.py": (
        ini(
            "asyncio_mode = auto",
            OLD_ASYNCIO,
            PLAIN,
            "import pytest_asyncio\n\n\n@pytest_asyncio.fixture(loop_scope='module')\nasync def net():\n    return 1\n",
        ),
        "conftest.py:5:1: breaks bad-async-fixture-argument",
        "knows no loop_scope",
    ),
    "a fixture for the session": (
        fixture("pytest_asyncio.fixture(scope='session')", pins=OLD_ASYNCIO),
        "tests/test_net.py:6:1: breaks async-fixture-scope",
        "the async fixture 'net' lives longer than the event loop that it runs in, the test fails when it runs: "
        "ScopeMismatch: You tried to access the function scoped fixture event_loop with a session scoped request",
    ),
    "a fixture for the module, in auto mode": (
        fixture("pytest.fixture(scope='module')", "asyncio_mode = auto", OLD_ASYNCIO),
        "tests/test_net.py:5:1: breaks async-fixture-scope",
        "with a module scoped request object; override event_loop with that scope",
    ),
    "the loop as a fixture": (
        ini("asyncio_mode = auto", test="def test_net(event_loop):\n    pass\n"),
        "tests/test_net.py:1:1: breaks event-loop-fixture-gone",
        "the fixture 'event_loop' is gone since pytest-asyncio 1.0, the test fails when it runs: "
        "fixture 'event_loop' not found; use asyncio.get_running_loop() in an async test",
    ),
    "the loop as a fixture of an async test": (
        ini("asyncio_mode = auto", SEED_ASYNCIO, "async def test_net(event_loop):\n    pass\n"),
        "tests/test_net.py:1:1: breaks event-loop-fixture-gone",
        "fixture 'event_loop' not found",
    ),
    "two plugins in auto mode": (
        ini(f"asyncio_mode = auto\nanyio_mode = auto\n{EXPLICIT}", BOTH),
        "pytest.ini:3:1: loses two-auto-modes",
        "anyio and pytest-asyncio are both in auto mode, pytest only warns: AnyIO auto mode has been enabled together "
        "with pytest-asyncio auto mode; set one of them to strict",
    ),
    "two plugins in auto mode, whatever an option says": (
        ini(f"addopts = --asyncio-mode=strict\nasyncio_mode = auto\nanyio_mode = auto\n{EXPLICIT}", BOTH, PLAIN),
        "pytest.ini:4:1: loses two-auto-modes",
        "pytest only warns",
    ),
    "two plugins in auto mode where warnings are errors": (
        ini(f"addopts = --anyio-mode=auto\nasyncio_mode = auto\n{EXPLICIT}filterwarnings = error", BOTH),
        "pytest.ini:2:11: breaks two-auto-modes",
        "warnings are errors here: pytest stops: AnyIO auto mode has been enabled",
    ),
}

POLICY: dict[str, tuple[dict[str, str], str, str]] = {
    "no mode": (
        marked(""),
        "pytest.ini:1:1: policy asyncio-mode-not-set",
        "asyncio_mode is not set and defaults to strict, although there are async tests; set asyncio_mode = strict",
    ),
    "no mode where a team has chosen one": (
        {**marked(""), "precollect.toml": "asyncio-mode = 'auto'\n"},
        "pytest.ini:1:1: policy asyncio-mode-not-set",
        "set asyncio_mode = auto",
    ),
    "no configuration": (
        {"requirements-test.txt": ASYNCIO, "tests/test_net.py": marked("")["tests/test_net.py"]},
        "tests/test_net.py:1:1: policy asyncio-mode-not-set",
        "set asyncio_mode = strict",
    ),
    "another mode than the team's": (
        {**ini("asyncio_mode = auto"), "precollect.toml": "asyncio-mode = 'strict'\n"},
        "pytest.ini:2:1: policy other-asyncio-mode",
        "the asyncio mode is auto, the team has chosen strict; set asyncio_mode = strict",
    ),
    "another mode than the team's, by an option": (
        {**ini("addopts = --asyncio-mode=auto"), "precollect.toml": "asyncio-mode = 'strict'\n"},
        "pytest.ini:2:11: policy other-asyncio-mode",
        "the asyncio mode is auto, the team has chosen strict",
    ),
}

CONTENT = {
    "an explicit mode": ini("asyncio_mode = auto"),
    "an explicit mode by an option": ini("addopts = --asyncio-mode=auto"),
    "the team's mode": {**ini("asyncio_mode = auto"), "precollect.toml": "asyncio-mode = 'auto'\n"},
    "no async tests": ini("", test=PLAIN),
    "no plugin": ini("", ANYIO, f"import pytest\n\n\n@pytest.mark.anyio\n{ASYNC}"),
}

# What other concerns report.
ELSEWHERE = {
    "an option of the plugin where it is disabled": (
        ini("addopts = --asyncio-mode=auto -p no:asyncio", test=PLAIN),
        "pytest.ini:2:34: breaks disabled-plugin-option",
    ),
    "async tests where the plugin is disabled": (
        ini("addopts = -p no:asyncio\nasyncio_mode = auto"),
        "pytest.ini:2:14: breaks disabled-plugin-async-test",
    ),
    "the mark without the plugin, under strictness": (
        ini("addopts = --strict-markers", LATEST, marked("")["tests/test_net.py"]),
        "tests/test_net.py:4:2: breaks unregistered-mark",
    ),
}

# Pins, the team's mode, file, bytes before and after, and what pytest reads afterwards.
SET: dict[str, tuple[str, str, str, str, str, dict[str, object]]] = {
    "the default": (
        ASYNCIO,
        "",
        "pytest.ini",
        "[pytest]\ntestpaths = tests\n",
        "[pytest]\ntestpaths = tests\nasyncio_mode = strict\n",
        {"asyncio_mode": "strict", "testpaths": "tests"},
    ),
    "in a table of TOML": (
        ASYNCIO,
        "",
        "pyproject.toml",
        "[tool.pytest.ini_options]\ntestpaths = ['tests']  # all\n\n[tool.x]\na = 1\n",
        "[tool.pytest.ini_options]\ntestpaths = ['tests']  # all\nasyncio_mode = \"strict\"\n\n[tool.x]\na = 1\n",
        {"asyncio_mode": "strict", "testpaths": ["tests"]},
    ),
    "in a native table": (
        ASYNCIO,
        "",
        "pytest.toml",
        "[pytest]\naddopts = ['-ra']\n",
        "[pytest]\naddopts = ['-ra']\nasyncio_mode = \"strict\"\n",
        {"asyncio_mode": "strict", "addopts": ["-ra"]},
    ),
    "the team's mode": (
        SEED_ASYNCIO,
        "auto",
        "setup.cfg",
        "[tool:pytest]\r\naddopts = -ra\r\n\r\n[x]\r\na = 1\r\n",
        "[tool:pytest]\r\naddopts = -ra\r\nasyncio_mode = auto\r\n\r\n[x]\r\na = 1\r\n",
        {"asyncio_mode": "auto", "addopts": "-ra"},
    ),
    "the team's mode instead of another": (
        ASYNCIO,
        "strict",
        "tox.ini",
        "[pytest]\n# everything\nasyncio_mode=auto\naddopts = -ra\n",
        "[pytest]\n# everything\nasyncio_mode=strict\naddopts = -ra\n",
        {"asyncio_mode": "strict", "addopts": "-ra"},
    ),
    "the team's mode instead of another in TOML": (
        ASYNCIO,
        "strict",
        "pyproject.toml",
        "[tool.pytest.ini_options]\nasyncio_mode = 'auto'  # all\n",
        "[tool.pytest.ini_options]\nasyncio_mode = 'strict'  # all\n",
        {"asyncio_mode": "strict"},
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


def test_all_async_tests_that_nobody_runs_are_one_finding() -> None:
    files = {**ini("", LATEST), "tests/test_disk.py": ASYNC}

    (found,) = judged(files)

    assert str(found.place) == "tests/test_disk.py:1:1"
    assert [(str(other.place), other.message) for other in found.related] == [("tests/test_net.py:1:1", "async test")]


@pytest.mark.parametrize("row", ["a fixture of pytest in strict mode", "a fixture for the module, in auto mode"])
def test_the_test_that_asks_for_a_fixture_is_shown(row: str) -> None:
    (found,) = judged(FOUND[row][0])

    assert [(str(other.place), other.message) for other in found.related] == [
        ("tests/test_net.py:10:1", "asked for here")
    ]


@pytest.mark.parametrize(("files", "line", "message"), POLICY.values(), ids=POLICY)
def test_the_mode_is_a_matter_of_house_rules(files: dict[str, str], line: str, message: str) -> None:
    must_find_by_house_rules(files, [line], message, CONCERN)


@pytest.mark.parametrize("files", CONTENT.values(), ids=CONTENT)
def test_house_rules_are_content(files: dict[str, str]) -> None:
    assert judged(files, policies=[CONCERN]) == []


@pytest.mark.parametrize(("pins", "team", "name", "before", "after", "reads"), SET.values(), ids=SET)
def test_a_mode_is_set(
    pins: str, team: str, name: str, before: str, after: str, reads: dict[str, object], tmp_path: Path
) -> None:
    files = {**marked("", pins), name: before}
    if name != "pytest.ini":
        del files["pytest.ini"]
    if team:
        files["precollect.toml"] = f"asyncio-mode = '{team}'\n"

    must_mend(files, name, after, tmp_path, policies=[CONCERN], safe=not team)
    assert read_by_pytest(tmp_path / name) == reads


def test_a_loop_scope_is_set_where_its_lack_stops_pytest(tmp_path: Path) -> None:
    files = FOUND["a scope that is not set where warnings are errors"][0]

    once = mended(files, tmp_path, safe=True)

    assert once["pytest.ini"] == f"[pytest]\nasyncio_mode = auto\nfilterwarnings = error\n{EXPLICIT}"
    assert judged(once) == []


def test_rules_have_rows() -> None:
    assert short_of_rows(RULES, FOUND, POLICY) == set()

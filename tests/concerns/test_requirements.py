"""Plugins that are needed and that no test dependency brings, or brings at another version."""

from __future__ import annotations

from pathlib import Path

import pytest

from judged import LATEST, OLD, SEED, judged, must_find, must_mend

TEST = {"tests/test_net.py": "def test_net():\n    assert 119 / 1.19 == 100\n"}
ASKS_FOR_MOCKER = {"tests/test_net.py": "def test_net(mocker):\n    assert mocker\n"}


def ini(body: str, pins: str = LATEST) -> dict[str, str]:
    """A project with pytest.ini, a test and pinned requirements."""
    return {"pytest.ini": f"[pytest]\n{body}\n", "requirements-test.txt": pins, **TEST}


def group(test: str, body: str) -> dict[str, str]:
    """A project that declares its test dependencies in a group."""
    return {
        "pyproject.toml": f'[project]\nname = "net"\nversion = "1"\n\n[dependency-groups]\n{test}\n\n'
        f"[tool.pytest.ini_options]\n{body}\n",
        **TEST,
    }


SILENT = {
    "nothing is needed": ini("addopts = -ra"),
    "what is needed is declared": ini(
        "addopts = --cov=net --timeout=3 -n2\ntimeout_method = thread",
        f"{LATEST}pytest-cov==7.1.0\npytest-timeout==2.4.0\npytest-xdist==3.8.0\n",
    ),
    "nothing is declared at all": {"pytest.ini": "[pytest]\naddopts = --cov\nrequired_plugins = pytest-cov\n", **TEST},
    "a plugin that the catalog does not hold may have it": ini("addopts = --cov=net", f"{LATEST}pytest-all-in-one\n"),
    "a workflow installs it": {
        **ini("addopts = --cov=net"),
        ".github/workflows/test.yml": "jobs:\n  test:\n    steps:\n    - run: pip install pytest-cov\n",
    },
    "a conftest adds the option and the key": {
        **ini("addopts = --timeout=3\ntimeout = 3"),
        "conftest.py": "def pytest_addoption(parser):\n    parser.addoption('--timeout')\n"
        "    parser.addini('timeout', '')\n",
    },
    "reruns and asyncio are the affair of other hooks": ini("addopts = --reruns=2 --asyncio-mode=auto\nreruns = 1"),
    "a disabled plugin is the affair of another hook": ini(
        "required_plugins = pytest-cov\naddopts = -p no:cov --cov=net", f"{LATEST}pytest-cov==7.1.0\n"
    ),
    "the project's own fixture of that name": {
        **ini(""),
        **ASKS_FOR_MOCKER,
        "tests/conftest.py": "import pytest\n\n\n@pytest.fixture\ndef mocker():\n    return 1\n",
    },
    "a fixture that is imported": {
        **ini(""),
        **ASKS_FOR_MOCKER,
        "tests/conftest.py": "from net.testing import (\n    mocker,\n)\n",
    },
    "a fixture that a library may give with all else": {
        **ini(""),
        **ASKS_FOR_MOCKER,
        "tests/conftest.py": "from net_testing import *\n",
    },
    "a parameter of that name": {
        **ini(""),
        "tests/test_net.py": "import pytest\n\n\n"
        "@pytest.mark.parametrize('mocker', [1])\ndef test_net(mocker):\n    pass\n",
    },
    "an argument with a default": {**ini(""), "tests/test_net.py": "def test_net(mocker=None):\n    pass\n"},
    "a label that is called as a plugin's mark": {
        **ini("markers = redis: needs the server\n    timeout: about timeouts"),
        "tests/test_net.py": "import pytest\n\n\n@pytest.mark.redis\n@pytest.mark.timeout\ndef test_net():\n    pass\n",
    },
    "a mark by hand that a conftest acts on": {
        **ini("markers = timeout: by hand"),
        "tests/test_net.py": "import pytest\n\n\n@pytest.mark.timeout(3)\ndef test_net():\n    pass\n",
        "conftest.py": "def pytest_runtest_setup(item):\n    item.get_closest_marker('timeout')\n",
    },
    "a repository that is the plugin itself": {
        **ini("timeout = 3"),
        "pyproject.toml": '[project]\nname = "pytest-timeout"\nversion = "9"\ndependencies = ["pytest==9.2.0"]\n\n'
        '[project.entry-points.pytest11]\ntimeout = "pytest_timeout"\n',
        "pytest_timeout.py": "def pytest_addoption(parser):\n    parser.addini('timeout', 'seconds')\n",
    },
    "required plugins in quotes, with extras and markers": ini(
        "required_plugins = 'pytest-cov [toml] >= 4 ; python_version > \"3\"' pytest-timeout",
        f"{LATEST}pytest-cov==7.1.0\npytest-timeout==2.4.0\n",
    ),
    "a required plugin that the catalog does not hold": ini(
        "required_plugins = pytest-nobody-knows>=1", f"{LATEST}pytest-nobody-knows\n"
    ),
    "a required version that may have come out since": ini("required_plugins = pytest-cov>=90", "pytest\npytest-cov\n"),
    "a minversion that may have come out since": ini("minversion = 90", "pytest>=8\n"),
    "a minversion that is met": ini("minversion = 9.2"),
    "a minversion that is none": ini("minversion = nine"),
    "-o in an old pytest": ini("addopts = -o required_plugins=pytest-cov", SEED),
}

FOUND: dict[str, tuple[dict[str, str], str, str]] = {
    "an option of a plugin that is not declared": (
        ini("addopts = -ra --cov=net --cov-branch"),
        "pytest.ini:2:15: breaks undeclared-plugin",
        "option '--cov' needs pytest-cov, which is not among the test dependencies, "
        "pytest stops: unrecognized arguments: --cov=net; declare it, or remove the option",
    ),
    "a short option with its value in it": (
        ini("addopts = -nauto"),
        "pytest.ini:2:11: breaks undeclared-plugin",
        "option '-n' needs pytest-xdist",
    ),
    "an option with a blank in its value": (
        group('test = ["pytest==9.2.0"]', 'addopts = ["--cov-config=a b"]'),
        "pyproject.toml:9:13: breaks undeclared-plugin",
        "file or directory not found: --cov-config=a b",
    ),
    "an option that came later": (
        ini("addopts = --session-timeout=9", f"{OLD}pytest-timeout==2.2.0\n"),
        "pytest.ini:2:11: breaks outdated-plugin",
        "is not known to pytest-timeout 2.2.0, which is declared",
    ),
    "an option that is gone": (
        ini("addopts = --boxed", f"{LATEST}pytest-xdist==3.8.0\n"),
        "pytest.ini:2:11: breaks outdated-plugin",
        "pytest-xdist had it up to 2.5.0, remove it",
    ),
    "a key of a plugin that is not declared": (
        ini("timeout = 3"),
        "pytest.ini:2:1: loses undeclared-plugin",
        "pytest only warns: Unknown config option: timeout",
    ),
    "a key of a plugin that is not declared, under strictness": (
        ini("timeout = 3\naddopts = --strict-config"),
        "pytest.ini:2:1: breaks undeclared-plugin",
        "pytest stops: Unknown config option: timeout",
    ),
    "a key that an override sets": (
        ini("addopts = -o timeout=3"),
        "pytest.ini:2:14: loses undeclared-plugin",
        "key 'timeout' needs pytest-timeout",
    ),
    "a fixture of a plugin that is not declared": (
        {**ini(""), **ASKS_FOR_MOCKER},
        "tests/test_net.py:1:1: breaks undeclared-plugin",
        "fixture 'mocker' needs pytest-mock, which is not among the test dependencies, the test fails when it runs",
    ),
    "a required plugin that is not declared": (
        ini("required_plugins = pytest-cov"),
        "pytest.ini:2:20: breaks required-plugin-missing",
        "pytest stops: Missing required plugins: pytest-cov; declare it, or take it out",
    ),
    "a required plugin with a slip": (
        ini("required_plugins = pytest-tiemout"),
        "pytest.ini:2:20: breaks required-plugin-missing",
        "did you mean 'pytest-timeout'?",
    ),
    "a requirement that a blank cuts behind its operator": (
        ini("required_plugins = pytest-cov>= 4.0", f"{LATEST}pytest-cov==7.1.0\n"),
        "pytest.ini:2:20: breaks malformed-required-plugin",
        "'pytest-cov>= 4.0' is no requirement, pytest stops: Missing required plugins: 4.0, pytest-cov>=; "
        "a blank ends a requirement here: write pytest-cov>=4.0",
    ),
    "a requirement that blanks cut up": (
        ini("required_plugins = pytest-cov >= 4.0", f"{LATEST}pytest-cov==7.1.0\n"),
        "pytest.ini:2:31: breaks malformed-required-plugin",
        "a blank ends a requirement here: write pytest-cov>=4.0",
    ),
    "a required plugin with an underscore": (
        ini("required_plugins = pytest_cov", f"{LATEST}pytest-cov==7.1.0\n"),
        "pytest.ini:2:20: breaks misspelled-required-plugin",
        "'pytest_cov' is compared letter by letter",
    ),
    "an entry point instead of the distribution": (
        ini("required_plugins = xdist", f"{LATEST}pytest-xdist==3.8.0\n"),
        "pytest.ini:2:20: breaks misspelled-required-plugin",
        "did you mean 'pytest-xdist'?",
    ),
    "a required version that is not declared": (
        ini("required_plugins = pytest-xdist>=3.6,<4", f"{LATEST}pytest-xdist==3.5.0\n"),
        "pytest.ini:2:20: breaks required-plugin-too-old",
        "pytest-xdist 3.5.0 is what is declared",
    ),
    "a required version beyond what may be installed": (
        ini("required_plugins = pytest-xdist>=90", "pytest\npytest-xdist<4\n"),
        "pytest.ini:2:20: breaks required-plugin-too-old",
        "Missing required plugins: pytest-xdist>=90",
    ),
    "a required plugin that is loaded by its module": (
        ini(
            "required_plugins = pytest-timeout\naddopts = --disable-plugin-autoload -p pytest_timeout",
            f"{LATEST}pytest-timeout==2.4.0\n",
        ),
        "pytest.ini:2:20: breaks required-plugin-by-module",
        "load it with -p timeout",
    ),
    "pytest as a plugin of itself": (
        ini("required_plugins = pytest>=8"),
        "pytest.ini:2:20: breaks required-plugin-missing",
        "set minversion instead",
    ),
    "a minversion that is not met": (
        ini("minversion = 9.0", SEED),
        "pytest.ini:2:1: breaks minversion-not-met",
        "'minversion' requires pytest-9.0, actual pytest-8.4.2; declare pytest>=9.0, or ask for less",
    ),
}

POLICY: dict[str, tuple[dict[str, str], str, str]] = {
    "a mark registered by hand": (
        {
            **ini("markers = timeout: by hand"),
            "tests/test_net.py": "import pytest\n\n\n@pytest.mark.timeout(3)\ndef test_net():\n    pass\n",
        },
        "pytest.ini:2:11: policy plugin-mark-by-hand",
        "registered by hand it does nothing",
    ),
    "a plugin that comes by way of another": (
        {
            **ini("", f"{LATEST}httpx\n"),
            "tests/test_net.py": "import pytest\n\n\n@pytest.mark.anyio\nasync def test_net():\n    pass\n",
        },
        "tests/test_net.py:4:2: policy plugin-not-declared",
        "mark 'anyio' needs anyio, which only comes by way of something else; declare it",
    ),
}

FIXED = {
    "a requirements file in order": (
        ini("addopts = --cov=net", "# tests\npytest==9.2.0\npytest-mock  # doubles\n"),
        "requirements-test.txt",
        "# tests\npytest==9.2.0\npytest-cov>=2.10.1\npytest-mock  # doubles\n",
    ),
    "a group in order, at the version that has the option": (
        group('test = [\n    "pytest>=8",\n    "ruff",\n]', 'addopts = "--timeout=3 --session-timeout=9"'),
        "pyproject.toml",
        group(
            'test = [\n    "pytest>=8",\n    "pytest-timeout>=2.3.1",\n    "ruff",\n]',
            'addopts = "--timeout=3 --session-timeout=9"',
        )["pyproject.toml"],
    ),
    "blanks as around the others": (
        group("test = ['pytest >= 8']", "timeout = 3"),
        "pyproject.toml",
        group("test = ['pytest >= 8', 'pytest-timeout >= 1.4.2']", "timeout = 3")["pyproject.toml"],
    ),
    "no version where the others have none": (
        ini("addopts = --cov=net", "pytest\nruff\n"),
        "requirements-test.txt",
        "pytest\npytest-cov\nruff\n",
    ),
}

UNFIXED = {
    "a file that was compiled": ini(
        "addopts = --cov=net", "# This file is autogenerated by pip-compile\npytest==9.2.0\n"
    ),
    "a table of another tool": {
        "pyproject.toml": '[tool.poetry]\nname = "net"\n\n[tool.poetry.dependencies]\npython = "^3.10"\n\n'
        '[tool.poetry.group.test.dependencies]\npytest = "9.2.0"\n\n[tool.pytest.ini_options]\naddopts = "--cov=net"\n',
        **TEST,
    },
}


@pytest.mark.parametrize("files", SILENT.values(), ids=SILENT)
def test_nothing_is_found(files: dict[str, str]) -> None:
    assert judged(files, concerns=("requirements",), policies=("requirements",)) == []


@pytest.mark.parametrize(("files", "line", "message"), [*FOUND.values(), *POLICY.values()], ids=[*FOUND, *POLICY])
def test_it_is_found(files: dict[str, str], line: str, message: str) -> None:
    must_find(files, [line], message, concerns=("requirements",), policies=("requirements",))


@pytest.mark.parametrize(("files", "path", "after"), FIXED.values(), ids=FIXED)
def test_the_plugin_is_declared_beside_the_others(files: dict[str, str], path: str, after: str, tmp_path: Path) -> None:
    must_mend(files, path, after, tmp_path, concerns=("requirements",), safe=False)


@pytest.mark.parametrize("files", UNFIXED.values(), ids=UNFIXED)
def test_a_list_that_nobody_writes_is_left_alone(files: dict[str, str]) -> None:
    found = judged(files, concerns=("requirements",))

    assert [(each.rule, each.fix) for each in found] == [("undeclared-plugin", None)]

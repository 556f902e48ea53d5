"""yes, no or unknown: whether a fresh installation holds a distribution."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from precollect.reading.environment import Environment

Files = dict[str, str | bytes | None]
EnvironmentOf = Callable[..., Environment]
TEST = '[dependency-groups]\ntest = ["pytest"]\n'

PRESENT: dict[str, Files] = {
    "it is declared": {"requirements-test.txt": "pytest\npytest-cov\n"},
    "it is declared in another spelling": {"requirements-test.txt": "pytest\nPyTest_Cov\n"},
    "pytest itself is not declared, since it brings pytest": {"requirements.txt": "pytest-cov\n"},
    "another group of tests holds it": {"pyproject.toml": TEST + 'cov = ["pytest-cov"]\n'},
    "the project requires it": {"pyproject.toml": TEST + '[project]\ndependencies = ["pytest-cov"]\n'},
    "its marker holds on every Python that is supported": {
        "requirements.txt": "pytest\npytest-cov; python_version >= '3.8' and python_version < '4.0'\n"
    },
    "its marker holds on every Python that the project names": {
        "pyproject.toml": '[project]\nrequires-python = ">=3.12"\n[dependency-groups]\n'
        'test = ["pytest", "pytest-cov; python_version >= \'3.12\'"]\n'
    },
    "its marker holds on every platform": {"requirements.txt": "pytest\npytest-cov; os_name in 'posix nt'\n"},
    "one of two markers always holds": {
        "requirements.txt": "pytest\npytest-cov<5; sys_platform == 'win32'\npytest-cov\n"
    },
    "a file named after tests holds it, pytest stands elsewhere": {
        "requirements-test.txt": "pytest-cov\n",
        "requirements.txt": "pytest\n",
    },
    "the part that cannot be read is another one": {"requirements.txt": "pytest\n-r gone.txt\npytest-cov\n"},
}


@pytest.mark.parametrize("files", PRESENT.values(), ids=PRESENT)
def test_a_distribution_is_present_when(files: Files, environment_of: EnvironmentOf) -> None:
    assert environment_of(files).presence("Pytest_Cov") == "yes"
    assert environment_of(files).presence("pytest") == "yes"


@pytest.mark.parametrize(
    ("group", "presence"),
    [
        pytest.param("test", "yes", id="named after tests"),
        pytest.param("docs", "no", id="named after something else"),
    ],
)
def test_a_group_without_pytest_is_installed_for_tests_by_its_name(
    environment_of: EnvironmentOf, group: str, presence: str
) -> None:
    files = {"pyproject.toml": f'[dependency-groups]\ndev = ["pytest"]\n{group} = ["httpx"]\n'}
    assert environment_of(files).presence("anyio") == presence


ABSENT: dict[str, Files] = {
    "it is commented out": {"requirements.txt": "pytest\n# pytest-cov==7.1.0\n"},
    "only pytest's own configuration names it": {
        "pyproject.toml": TEST + '[tool.pytest.ini_options]\nrequired_plugins = "pytest-cov"\n',
        "tox.ini": "[pytest]\nrequired_plugins = pytest-cov\n",
        "setup.cfg": "[tool:pytest]\nrequired_plugins = pytest-cov\n",
        "pytest.ini": "[pytest]\nrequired_plugins = pytest-cov\n",
    },
    "only precollect's settings name it": {"pyproject.toml": TEST + '[tool.precollect.x]\nallow = ["pytest-cov"]\n'},
    "only prose and tests name it": {
        "pyproject.toml": TEST,
        "README.md": "pip install pytest-cov",
        "docs/install.rst": "pytest-cov",
        "tests/test_x.py": "# pytest-cov",
        "CHANGELOG.txt": "pytest-cov is gone",
    },
    "a comment of a script names it": {
        "pyproject.toml": TEST,
        "run.py": "# /// script\n# dependencies = []\n# ///\n# pytest-cov\nimport sys\n",
    },
    "a file that nobody can read is left out": {"pyproject.toml": TEST, "big.yml": None},
    "a longer name is mentioned": {
        "pyproject.toml": TEST,
        "Makefile": "pip install pytest-cov-exclude my-pytest-cov\n",
    },
    "a comment of a workflow names it": {
        "pyproject.toml": TEST,
        ".github/workflows/x.yml": "  # pip install pytest-cov\n",
    },
    "what is open is documentation": {
        "pyproject.toml": TEST,
        "requirements/docs.txt": "sphinx\n-r https://example.org/x.txt\n",
    },
    "what is open is an environment without tests": {
        "pyproject.toml": TEST,
        "tox.ini": "[testenv:release]\ndeps = {env:MORE:}\ncommands = twine check\n",
    },
}


@pytest.mark.parametrize("files", ABSENT.values(), ids=ABSENT)
def test_a_distribution_is_absent_when(files: Files, environment_of: EnvironmentOf) -> None:
    assert environment_of(files).presence("pytest-cov") == "no"


DOUBTFUL: dict[str, Files] = {
    "nothing is declared": {},
    "its marker may not hold": {"requirements.txt": "pytest\npytest-cov; sys_platform == 'win32'\n"},
    "its marker holds on an old Python only": {"requirements.txt": "pytest\npytest-cov; python_version < '3.9'\n"},
    "its marker cannot be read": {"requirements.txt": "pytest\npytest-cov; nonsense\n"},
    "its marker is monstrous": {"requirements.txt": f"pytest\npytest-cov; {'(' * 5000}\n"},
    "tox asks for it under a factor": {"tox.ini": "[testenv]\ndeps =\n    pytest\n    cov: pytest-cov\n"},
    "tox asks for it under a condition": {
        "tox.toml": 'env.x.deps = ["pytest", {replace = "if", condition = "y", then = ["pytest-cov"], else = []}]'
    },
    "what includes it depends on a marker": {
        "requirements.txt": "pytest\n.[cov]; os_name == 'nt'\n",
        "pyproject.toml": '[project]\n[project.optional-dependencies]\ncov = ["coverage", "covplugin"]\n',
        "setup.sh": "pip install pytest-cov",
    },
    "Poetry takes what requires it from a folder, under a marker": {
        "pyproject.toml": '[tool.poetry.dependencies]\npytest = "*"\n'
        'libs = {path = "libs", markers = "os_name == \'nt\'"}\n',
        "libs/pyproject.toml": '[project]\nname = "libs"\ndependencies = ["pytest-cov"]\n',
    },
    "a workflow installs it": {"pyproject.toml": TEST, ".github/workflows/x.yml": "run: pip install pytest_cov\n"},
    "a Dockerfile installs it": {"pyproject.toml": TEST, "docker/Dockerfile.test": "RUN pip install 'pytest-cov>=7'\n"},
    "a script without an ending installs it": {"pyproject.toml": TEST, "script/setup": "pip install PYTEST-COV\n"},
    "a script is run with it": {
        "pyproject.toml": TEST,
        "scripts/run_tests.py": '# /// script\n# dependencies = ["pytest", "pytest-cov>=7"]\n# ///\nimport pytest\n',
    },
    "a Makefile installs it": {"pyproject.toml": TEST, "Makefile": "test:\n\tpip install pytest-cov\n"},
    "a table that we do not read names it": {"pyproject.toml": TEST + '[tool.pixi.dependencies]\npytest-cov = "*"\n'},
    "another section of pytest's own file names it": {
        "pyproject.toml": TEST,
        "tox.ini": "[pytest]\naddopts = -q\n[gh-actions]\nx = pytest-cov\n",
    },
    "a folder further down declares it": {"pyproject.toml": TEST, "libs/x/requirements.txt": "pytest-cov\n"},
}


@pytest.mark.parametrize("files", DOUBTFUL.values(), ids=DOUBTFUL)
def test_nobody_can_tell_when(files: Files, environment_of: EnvironmentOf) -> None:
    assert environment_of(files).presence("pytest-cov") == "unknown"


def test_what_only_documentation_needs_may_be_installed(environment_of: EnvironmentOf) -> None:
    environment = environment_of({"pyproject.toml": TEST + 'docs = ["anyio"]\n'})
    assert environment.closed
    assert environment.presence("anyio") == "unknown"


def test_a_plugin_that_is_a_library_may_come_with_any_other_library(environment_of: EnvironmentOf) -> None:
    assert environment_of({"requirements.txt": "pytest\npytest-cov\n"}).presence("anyio") == "no"
    assert environment_of({"requirements.txt": "pytest\nsome-client\n"}).presence("anyio") == "unknown"
    assert environment_of({"requirements.txt": "pytest\nsome-client\n"}).presence("pytest-cov") == "no"
    compiled = "# autogenerated by x\npytest==9.2.0\nsome-client==1\n"
    assert environment_of({"requirements.txt": compiled}).presence("anyio") == "no"


def test_what_is_declared_brings_other_plugins_along(environment_of: EnvironmentOf) -> None:
    environment = environment_of({"requirements-test.txt": "pytest-html\nhttpx; os_name == 'nt'\n"})
    assert environment.presence("pytest-metadata") == "yes"
    assert environment.presence("anyio") == "unknown"
    assert environment.presence("pytest-cov") == "no"


def test_an_extra_brings_plugins_along(environment_of: EnvironmentOf) -> None:
    environment = environment_of({"requirements.txt": "pytest\npandas[test] >= 2\n"})
    assert environment.closed
    assert environment.presence("pytest-xdist") == "yes"
    assert environment.presence("pytest-cov") == "no"
    assert "pytest-xdist" in environment.present
    assert environment_of({"requirements.txt": "pytest\npandas\n"}).presence("pytest-xdist") == "no"


def test_an_extra_under_a_condition_may_bring_plugins_along(environment_of: EnvironmentOf) -> None:
    environment = environment_of({"requirements.txt": "pytest\npandas\npandas[test]; os_name == 'nt'\n"})
    assert environment.presence("pytest-xdist") == "unknown"


@pytest.mark.parametrize(
    ("requirement", "closed"),
    [
        pytest.param("pendulum[test]", True, id="an extra that is known to bring none"),
        pytest.param("pendulum[test]>=3", True, id="of the newest release"),
        pytest.param("pendulum[test]==2.0", False, id="of one release, perhaps an older one"),
        pytest.param("pendulum[test]<3", False, id="of an older release"),
        pytest.param("pendulum[tests]", False, id="another extra"),
        pytest.param("pendulum[colour]", True, id="an extra that has nothing to do with tests"),
        pytest.param("plain-testing", True, id="a helper that is known to bring none"),
        pytest.param("plain-testing<2", False, id="an older release of such a helper"),
        pytest.param("plain-pytest-names", True, id="a name like a plugin's that is known to be none"),
    ],
)
def test_what_is_known_to_bring_no_plugin_leaves_the_environment_closed(
    environment_of: EnvironmentOf, requirement: str, closed: bool
) -> None:
    environment = environment_of({"requirements.txt": f"pytest\n{requirement}\n"})
    assert environment.closed is closed
    assert environment.unknown_plugins == ()


def test_a_library_of_which_all_is_known_brings_no_library_that_is_a_plugin(environment_of: EnvironmentOf) -> None:
    assert environment_of({"requirements.txt": "pytest\nplain\n"}).presence("anyio") == "no"
    assert environment_of({"requirements.txt": "pytest\nplain==1.0\n"}).presence("anyio") == "unknown"
    assert environment_of({"requirements.txt": "pytest\nportable\n"}).presence("anyio") == "unknown"
    assert environment_of({"requirements.txt": "pytest\nportable\n"}).presence("hypothesis") == "no"


OWN: dict[str, Files] = {
    "pyproject.toml": {
        "pyproject.toml": '[project]\nname = "pytest_cov"\nversion = "8.0"\ndependencies = ["pytest"]\n'
        '[project.entry-points.pytest11]\npytest_cov = "pytest_cov.plugin"\n'
    },
    "Poetry's table": {
        "pyproject.toml": '[tool.poetry]\nname = "pytest-cov"\nversion = "8.0"\ndependencies.pytest = "*"\n'
        '[tool.poetry.plugins.pytest11]\npytest_cov = "pytest_cov.plugin"\n'
    },
    "setup.cfg": {
        "setup.cfg": "[metadata]\nname = pytest-cov\nversion = 8.0\n[options]\ninstall_requires = pytest\n"
        "[options.entry_points]\npytest11 =\n    pytest_cov = pytest_cov.plugin\n"
    },
    "setup.py": {
        "setup.py": "setup(name='pytest-cov', version='8.0', install_requires=['pytest'],\n"
        "    entry_points={'pytest11': ['pytest_cov = pytest_cov.plugin']})\n"
    },
}


@pytest.mark.parametrize("files", OWN.values(), ids=OWN)
def test_a_project_that_is_a_plugin_itself_is_present(files: Files, environment_of: EnvironmentOf) -> None:
    environment = environment_of(files)
    assert environment.presence("pytest-cov") == "yes"
    assert environment.versions("pytest-cov") == ("8.0",)


MONOREPO: Files = {
    "pyproject.toml": '[dependency-groups]\ndev = ["pytest", "pytest-cov"]\n',
    "packages/a/pyproject.toml": '[project]\nname = "a"\n[dependency-groups]\ntest = ["pytest==8.0.0"]\n',
    "packages/b/pyproject.toml": '[project]\nname = "b"\ndependencies = ["attrs"]\n',
}


def test_a_package_that_declares_pytest_is_on_its_own(environment_of: EnvironmentOf) -> None:
    environment = environment_of(MONOREPO, "packages/a")
    assert environment.versions("pytest") == ("8.0.0",)
    assert environment.presence("pytest-cov") == "unknown"


def test_a_package_without_pytest_is_tested_with_what_the_root_declares(environment_of: EnvironmentOf) -> None:
    environment = environment_of(MONOREPO, "packages/b")
    assert environment.names == {"attrs", "pytest", "pytest-cov"}
    assert environment.presence("pytest-cov") == "yes"


def test_a_compiled_file_names_all_that_its_plugins_bring(environment_of: EnvironmentOf) -> None:
    environment = environment_of(
        {
            "requirements.in": "pytest\npytest-unheard\n",
            "requirements.txt": "# autogenerated by x\npytest==9.2.0\npytest-unheard==1\n",
        }
    )
    assert environment.closed
    assert environment.presence("pytest-mock") == "no"

"""Lock files say exactly what is installed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from precollect.reading.environment import Environment

EnvironmentOf = Callable[..., Environment]


GROUP = '[project]\nname = "box"\n[dependency-groups]\ntest = ["pytest>=7", "pytest-unheard"]\n'

UV = """version = 1
[[package]]
name = "box"
version = "1"

[package.dev-dependencies]
test = [
    { name = "pytest" },
    { name = "pytest-unheard" },
]
docs = [
    { name = "sphinx" },
]

[[package]]
name = "pytest"
version = "8.4.2"
source = { registry = "x" }
dependencies = [
    { name = "pluggy" },
]

[[package]]
name = "pytest-unheard"
version = "1.0"
dependencies = [
    { name = "pytest" },
    { name = "pytest-cov" },
    { name = "pytest-mock", marker = "sys_platform == 'win32'" },
    { name = "anyio", marker = "python_full_version < '4'" },
    { name = "anyio", marker = "os_name in 'posix nt'" },
]

[package.optional-dependencies]
more = [
    { name = "pytest-xdist" },
]

[[package]]
name = "pytest-cov"
version = "7.0.0"

[[package]]
name = "pytest-mock"
version = "3.12.0"

[[package]]
name = "pytest-xdist"
version = "3.8.0"

[[package]]
name = "anyio"
version = "4.11.0"

[[package]]
name = "sphinx"
version = "8"
dependencies = [
    { name = "hypothesis" },
]

[[package]]
name = "hypothesis"
version = "6.100.0"
"""
POETRY = """[[package]]
name = "pytest"
version = "8.4.2"
description = ""

[package.dependencies]
pluggy = ">=1"

[[package]]
name = "pytest-unheard"
version = "1.0"
groups = ["dev"]

[package.dependencies]
anyio = "*"
pytest = ">=7"
pytest-cov = {version = ">=7", extras = ["x"]}
pytest-mock = {version = "*", markers = "sys_platform == 'win32'"}
pytest-xdist = {version = "*", optional = true}

[package.extras]
more = ["pytest-xdist"]

[[package]]
name = "pytest-cov"
version = "7.0.0"

[[package]]
name = "pytest-mock"
version = "3.12.0"

[[package]]
name = "pytest-xdist"
version = "3.8.0"

[[package]]
name = "anyio"
version = "4.11.0"

[[package]]
name = "hypothesis"
version = "6.100.0"

[metadata]
lock-version = "2.1"
"""
PDM = """[[package]]
name = "pytest"
version = "8.4.2"
dependencies = [
    "pluggy>=1",
]

[[package]]
name = "pytest-unheard"
version = "1.0"
dependencies = [
    "anyio",
    "pytest-cov[x]>=7",
    "pytest-mock; sys_platform == \\"win32\\"",
    "pytest-xdist; sys_platform == \\"win32\\"",
    "pytest>=7",
]

[[package]]
name = "pytest-cov"
version = "7.0.0"

[[package]]
name = "pytest-mock"
version = "3.12.0"

[[package]]
name = "pytest-xdist"
version = "3.8.0"

[[package]]
name = "anyio"
version = "4.11.0"

[[package]]
name = "hypothesis"
version = "6.100.0"
"""
LOCKS = {"uv.lock": UV, "poetry.lock": POETRY, "pdm.lock": PDM}


@pytest.mark.parametrize(("name", "lock"), LOCKS.items(), ids=LOCKS)
def test_a_lock_file_says_what_declared_plugins_bring(name: str, lock: str, environment_of: EnvironmentOf) -> None:
    environment = environment_of({"pyproject.toml": GROUP, name: lock})
    assert environment.closed
    assert environment.versions("pytest") == ("8.4.2",)
    assert environment.presence("pytest-cov") == "yes"
    assert environment.versions("pytest-cov") == ("7.0.0",)
    assert environment.presence("anyio") == "yes"
    assert environment.presence("pytest-mock") == "unknown"  # on Windows only
    assert environment.presence("pytest-xdist") == "unknown"  # where somebody asks for it
    assert environment.presence("hypothesis") == "unknown"  # nothing that tests need brings it
    assert environment.presence("pytest-timeout") == "no"


def test_a_locked_plugin_that_the_catalog_does_not_hold_is_named(environment_of: EnvironmentOf) -> None:
    lock = UV.replace("pytest-cov", "pytest-hidden")
    environment = environment_of({"pyproject.toml": GROUP, "uv.lock": lock})
    assert [(declared.name, declared.specifier, str(declared.place)) for declared in environment.unknown_plugins] == [
        ("pytest-unheard", "", "pyproject.toml:4:23"),
        ("pytest-hidden", "==7.0.0", "uv.lock:40:9"),
    ]


def test_the_lock_file_of_a_workspace_stands_further_up(environment_of: EnvironmentOf) -> None:
    environment = environment_of({"libs/box/pyproject.toml": GROUP, "uv.lock": UV}, "libs/box")
    assert environment.versions("pytest") == ("8.4.2",)


def test_a_lock_file_without_pytest_says_nothing_of_tests(environment_of: EnvironmentOf) -> None:
    lock = '[[package]]\nname = "attrs"\nversion = "1"\n'
    environment = environment_of({"pyproject.toml": '[dependency-groups]\ntest = ["pytest"]\n', "uv.lock": lock})
    assert environment.versions("pytest") == ("9.2.0",)
    assert environment.presence("pytest-cov") == "no"


def test_two_locked_versions_are_a_range(environment_of: EnvironmentOf) -> None:
    lock = '[[package]]\nname = "pytest"\nversion = "8.0.0"\n\n[[package]]\nname = "pytest"\nversion = "9.0.2"\n'
    environment = environment_of({"pyproject.toml": GROUP, "uv.lock": lock})
    assert environment.versions("pytest") == ("8.0.0", "8.4.2", "9.0.2")


def test_requirements_beside_the_locked_ones_are_another_environment(environment_of: EnvironmentOf) -> None:
    environment = environment_of({"pyproject.toml": GROUP, "uv.lock": UV, "requirements-test.txt": "pytest==9.0.2\n"})
    assert environment.versions("pytest") == ("8.4.2", "9.0.2")


def test_all_of_a_pylock_file_is_installed(environment_of: EnvironmentOf) -> None:
    lock = (
        'lock-version = "1.0"\n\n[[packages]]\nname = "pytest"\nversion = "8.4.2"\n\n'
        '[[packages]]\nname = "pytest-cov"\nversion = "7.0.0"\nmarker = "sys_platform == \'win32\'"\n\n'
        '[[packages]]\nname = "pytest-mock"\nversion = "3.12.0"\n'
    )
    environment = environment_of(
        {"pylock.test.toml": lock, "pyproject.toml": '[dependency-groups]\ntest = ["pytest"]\n'}
    )
    assert environment.versions("pytest") == ("8.4.2",)
    assert environment.presence("pytest-mock") == "yes"
    assert environment.presence("pytest-cov") == "unknown"
    assert environment.presence("pytest-timeout") == "no"


def test_all_of_a_pipfile_lock_is_installed(environment_of: EnvironmentOf) -> None:
    lock = (
        '{"_meta": {}, "default": {"attrs": {"version": "==1"}}, "develop": '
        '{"pytest": {"version": "==8.4.2", "markers": "python_version >= \'3.8\'"}, '
        '"Pytest_Mock": {"version": "==3.12.0"}, "odd": 1}}'
    )
    environment = environment_of({"Pipfile": '[dev-packages]\npytest = "*"\n', "Pipfile.lock": lock})
    assert environment.versions("pytest") == ("8.4.2",)
    assert environment.presence("pytest-mock") == "yes"
    assert environment.presence("pytest-timeout") == "no"

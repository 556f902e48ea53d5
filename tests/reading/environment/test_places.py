"""A requirement is found where it stands."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from precollect.reading.environment import Environment

EnvironmentOf = Callable[..., Environment]


PLACES = {
    "in a requirements file": (
        {"requirements.txt": "# one\n  pytest >= 8 , < 9 ; python_version > '3'\n"},
        ("requirements.txt:2:3", ">=8,<9", "requirements.txt", "python_version > '3'"),
    ),
    "on a continued line": (
        {"requirements.txt": "\\\nattrs\npytest \\\n ==8\n"},
        ("requirements.txt:3:1", "==8", "requirements.txt", ""),
    ),
    "in a list of TOML": (
        {"pyproject.toml": '[dependency-groups]\ntest = [\n    # why\n    "attrs", "pytest==8.0",\n]\n'},
        ("pyproject.toml:4:15", "==8.0", "pyproject.toml [dependency-groups] test", ""),
    ),
    "in an extra": (
        {"pyproject.toml": '[project]\noptional-dependencies.Test = ["pytest"]\n'},
        ("pyproject.toml:2:32", "", "pyproject.toml [project.optional-dependencies] Test", ""),
    ),
    "as a key of Poetry": (
        {
            "pyproject.toml": "[tool.poetry.group.dev.dependencies]\n"
            'pytest = {version = "^8.1", markers = "os_name == \'nt\'"}\n'
        },
        ("pyproject.toml:2:1", ">=8.1,<9", "pyproject.toml [tool.poetry.group.dev.dependencies]", "os_name == 'nt'"),
    ),
    "in tox.ini, under factors": (
        {"tox.ini": "[testenv]\ndeps =\n    attrs\n    py310,py311: pytest<9\n"},
        ("tox.ini:4:5", "<9", "tox.ini [testenv] deps", "where factors py310,py311"),
    ),
    "in setup.cfg": (
        {"setup.cfg": "[options.extras_require]\ntest = pytest; sys_platform == 'linux'\n"},
        ("setup.cfg:2:8", "", "setup.cfg [options.extras_require] test", "sys_platform == 'linux'"),
    ),
    "in setup.py": (
        {"setup.py": "setup(\n    extras_require={'test:os_name == \"nt\"': ['attrs',\n  'pytest']})\n"},
        ("setup.py:3:4", "", "setup.py extras_require test", 'os_name == "nt"'),
    ),
    "in a nox session": (
        {"noxfile.py": "def tests(session):\n    session.install('.', 'pytest~=8.0')\n"},
        ("noxfile.py:2:27", "~=8.0", "noxfile.py session tests", ""),
    ),
    "in a Pipfile": (
        {"Pipfile": '[dev-packages]\npytest = {version = "==8.4.2", sys_platform = "== \'win32\'"}\n'},
        ("Pipfile:2:1", "==8.4.2", "Pipfile [dev-packages]", "sys_platform == 'win32'"),
    ),
    "in a conda environment": (
        {"environment.yml": "dependencies:\n  - pytest=8.4=py_0  # [linux]\n"},
        ("environment.yml:2:5", "==8.4.*", "environment.yml", "where [linux]"),
    ),
}


@pytest.mark.parametrize(("files", "expected"), PLACES.values(), ids=PLACES)
def test_a_requirement_is_found_where_it_stands(
    files: dict[str, str], expected: tuple[str, str, str, str], environment_of: EnvironmentOf
) -> None:
    (declared,) = environment_of(files).declared("Pytest")
    assert (str(declared.place), declared.specifier, declared.source, declared.marker) == expected


def test_every_place_counts_once_in_the_order_of_the_files(environment_of: EnvironmentOf) -> None:
    environment = environment_of(
        {
            "requirements-test.txt": "pytest\n",
            "requirements-dev.txt": "-r requirements-test.txt\n",
            "docs/requirements.txt": "pytest\n",
            "pyproject.toml": '[project.optional-dependencies]\ndocs = ["pytest"]\n',
        }
    )
    assert [str(declared.place) for declared in environment.declared("pytest")] == [
        "pyproject.toml:2:10",
        "requirements-test.txt:1:1",
    ]
    assert environment.declared("pytest-cov") == ()


def test_plugins_that_the_catalog_does_not_hold_are_named(environment_of: EnvironmentOf) -> None:
    environment = environment_of(
        {
            "requirements.txt": "pytest\npytest-cov\nacme_pytest\npytest_acme==1\npylint-pytest\ntypes-pytest-x\n",
            "docs/requirements.txt": "pytest-elsewhere\n",
        }
    )
    assert [(declared.name, str(declared.place)) for declared in environment.unknown_plugins] == [
        ("acme-pytest", "requirements.txt:3:1"),
        ("pytest-acme", "requirements.txt:4:1"),
    ]

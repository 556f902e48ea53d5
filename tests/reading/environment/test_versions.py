"""Which versions a fresh installation may hold."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from precollect.reading.environment import Environment
from precollect.reading.environment.conditions import holds
from precollect.reading.environment.poetry import specifier
from precollect.reading.environment.versions import newest

Files = dict[str, str | bytes | None]
EnvironmentOf = Callable[..., Environment]

VERSIONS: dict[str, tuple[Files, tuple[str, ...]]] = {
    "a pin": ({"requirements.txt": "pytest==8.4.2\n"}, ("8.4.2",)),
    "a pin that the catalog spells longer": ({"requirements.txt": "pytest==8.0\n"}, ("8.0.0",)),
    "a pin that the catalog has not heard of": ({"requirements.txt": "pytest===8.4.1.post1\n"}, ("8.4.1.post1",)),
    "no specifier: the newest": ({"requirements.txt": "pytest\n"}, ("9.2.0",)),
    "the newest that is allowed": ({"requirements.txt": "pytest>=7,!=8.4.2,<9\n"}, ("8.0.0",)),
    "a wildcard": ({"requirements.txt": "pytest==8.*\n"}, ("8.4.2",)),
    "a compatible release": ({"requirements.txt": "pytest~=8.0\n"}, ("8.4.2",)),
    "what only packaging can read": ({"requirements.txt": "pytest>=7.0rc1,<9.0a1\n"}, ("8.4.2",)),
    "no release that is allowed": ({"requirements.txt": "pytest>=99\n"}, ()),
    "a number of thousands of digits": ({"requirements.txt": f"pytest>={'9' * 5000}\n"}, ()),
    "a pin beside a number of thousands of digits": (
        {"requirements-a.txt": f"pytest=={'9' * 5000}\n", "requirements-b.txt": "pytest\n"},
        (),  # nobody can say where it belongs
    ),
    "an arbitrary text that is no version": ({"requirements.txt": "pytest===x\n"}, ()),
    "a specifier that nobody can read": ({"requirements.txt": "pytest>=x\n"}, ()),
    "constraints": (
        {"requirements.txt": "-c limits.txt\npytest>=7\n", "limits.txt": "pytest<9\npytest-cov==7.0.0\n"},
        ("8.4.2",),
    ),
    "constraints that pin": (
        {"requirements.txt": "-c limits.txt\npytest\n", "limits.txt": "pytest==8.0.0\n"},
        ("8.0.0",),
    ),
    "uv's constraints": (
        {
            "pyproject.toml": '[dependency-groups]\ntest = ["pytest"]\n'
            '[tool.uv]\nconstraint-dependencies = ["pytest<9"]\n'
        },
        ("8.4.2",),
    ),
    "what the project requires limits the tests as well": (
        {"pyproject.toml": '[project]\ndependencies = ["pytest<9"]\n[dependency-groups]\ntest = ["pytest>=7"]\n'},
        ("8.4.2",),
    ),
    "two environments: all from the one to the other": (
        {"requirements-old.txt": "pytest<8.1\n", "requirements-new.txt": "pytest==9.0.2\n"},
        ("8.0.0", "8.4.2", "9.0.2"),
    ),
    "two environments, one with a version that the catalog has not heard of": (
        {"requirements-a.txt": "pytest==8.1\n", "requirements-b.txt": "pytest==8.4.2\n"},
        ("8.1", "8.4.2"),
    ),
    "two environments, one with a pre-release": (
        {"requirements-a.txt": "pytest==9.0.0rc1\n", "requirements-b.txt": "pytest\n"},
        ("9.0.0rc1", "9.0.2", "9.2.0"),
    ),
    "two environments, one that cannot be told": (
        {"requirements-a.txt": "pytest>=x\n", "requirements-b.txt": "pytest\n"},
        (),
    ),
    "markers: one of them or the other": (
        {"requirements.txt": "pytest==8.0.0; os_name == 'nt'\npytest>=9; os_name != 'nt'\n"},
        ("8.0.0", "8.4.2", "9.0.2", "9.2.0"),
    ),
    "a marker that never holds": (
        {"requirements.txt": "pytest==7.4.4; python_version < '3.7'\npytest>=9; python_version >= '3.7'\n"},
        ("9.2.0",),
    ),
    "factors of tox: with them and without": (
        {"tox.ini": "[testenv]\ndeps =\n    pytest\n    old: pytest<9\n"},
        ("8.4.2", "9.0.2", "9.2.0"),
    ),
    "Poetry's caret": ({"pyproject.toml": '[tool.poetry.dev-dependencies]\npytest = "^8.0"\n'}, ("8.4.2",)),
    "Poetry's alternatives, which nobody else has": (
        {"pyproject.toml": '[tool.poetry.dev-dependencies]\npytest = "^7.0 || ^9.0"\n'},
        (),
    ),
    "conda's fuzzy pin": ({"environment.yml": "dependencies:\n  - pytest=8\n"}, ("8.4.2",)),
    "hatch's own choice": ({"hatch.toml": "[envs.hatch-test]\nparallel = true\n"}, ()),
    "a plugin brings it: the newest": ({"requirements.txt": "pytest-cov\n"}, ("9.2.0",)),
    "a plugin brings it, constraints limit it": (
        {"requirements.txt": "pytest-cov\n-c limits.txt\n", "limits.txt": "pytest<9\n"},
        ("8.4.2",),
    ),
    "nothing is declared": ({}, ()),
}


@pytest.mark.parametrize(("files", "expected"), VERSIONS.values(), ids=VERSIONS)
def test_the_versions_of_pytest(files: Files, expected: tuple[str, ...], environment_of: EnvironmentOf) -> None:
    assert environment_of(files).versions("pytest") == expected


def test_a_distribution_that_the_catalog_does_not_hold_has_a_version_only_where_it_is_pinned(
    environment_of: EnvironmentOf,
) -> None:
    environment = environment_of({"requirements.txt": "pytest\npytest-a==1.0\npytest-b>=1\n"})
    assert environment.versions("pytest-a") == ("1.0",)
    assert environment.versions("pytest-b") == ()
    assert environment.versions("pytest-c") == ()


POETRY = {
    "^1.2.3": ">=1.2.3,<2",
    "^0.21.2": ">=0.21.2,<0.22",
    "^0.0.3": ">=0.0.3,<0.0.4",
    "^0": ">=0,<1",
    "^8": ">=8,<9",
    "^1.0b1": ">=1.0b1,<2",
    "~1.2.3": ">=1.2.3,<1.3",
    "~1": ">=1,<2",
    "~=1.2": "~=1.2",
    "*": "",
    "8.*": "==8.*",
    "1.2.3": "==1.2.3",
    "= 1.2": "==1.2",
    ">= 7, < 9": ">=7,<9",
    ">=7 <9": ">=7,<9",
    "^7 || ^8": "^7 || ^8",
    "": "",
}


@pytest.mark.parametrize(("written", "expected"), POETRY.items())
def test_the_version_language_of_poetry(written: str, expected: str) -> None:
    assert specifier(written) == expected


VERSION = st.lists(st.integers(0, 12), min_size=1, max_size=4).map(lambda parts: ".".join(map(str, parts)))
CLAUSE = st.builds(
    "{}{}{}".format, st.sampled_from(["==", "!=", ">=", "<=", ">", "<", "~="]), VERSION, st.sampled_from(["", ".*"])
)


@given(st.lists(CLAUSE, max_size=3), st.lists(VERSION, max_size=6, unique=True))
def test_the_newest_release_is_that_of_packaging(clauses: list[str], releases: list[str]) -> None:
    try:
        specifiers = SpecifierSet(",".join(clauses))
    except InvalidSpecifier:
        assert newest(clauses, releases) == ""
        return
    allowed = [release for release in releases if specifiers.contains(release)]
    assert newest(clauses, releases) == (allowed[-1] if allowed else "")


def test_a_pre_release_is_taken_only_where_nothing_else_is_left() -> None:
    assert newest([">=8"], ["9.0.0rc1"]) == "9.0.0rc1"
    assert newest([">=8"], ["8.4.2", "9.0.0rc1"]) == "8.4.2"


MARKERS = {
    "": ("", "always"),
    "a Python that everybody has": ("python_version >= '3.10'", "always"),
    "a Python that the project does not exclude": ("python_version >= '3.12'", "sometimes"),
    "a Python that nobody has": ('python_version < "3"', "never"),
    "a Python that is to come": ("python_version<'4'", "always"),
    "all but Python 2": ("python_version != '2.7'", "always"),
    "only Python 2": ("python_version == '2.7'", "never"),
    "an exact Python": ("python_version == '3.11'", "sometimes"),
    "all but one": ("python_version != '3.11'", "sometimes"),
    "two bounds": ("(python_version >= '3.8') and (python_version < '4.0')", "always"),
    "a full version": ("python_full_version >= '3.8.1'", "always"),
    "alternatives": ("python_version < '3' or python_version >= '3.10'", "always"),
    "a platform": ("sys_platform == 'linux'", "sometimes"),
    "no platform": ("sys_platform == 'linux' and sys_platform == 'win32'", "never"),
    "an implementation": ("platform_python_implementation != 'PyPy'", "sometimes"),
    "an extra": ("extra == 'test'", "never"),
    "nonsense": ("x y z", "sometimes"),
    "another condition": ("where factors py310", "sometimes"),
}


@pytest.mark.parametrize(("marker", "expected"), MARKERS.values(), ids=MARKERS)
def test_a_marker_holds(marker: str, expected: str) -> None:
    assert holds(marker, "") == expected


def test_the_project_says_which_pythons_are_plausible() -> None:
    assert holds("python_version < '3.9'", ">=3.8") == "sometimes"
    assert holds("python_version < '3.9'", ">=3.9") == "never"
    assert holds("python_version >= '3.9'", ">=3.9,<4") == "always"
    assert holds("python_version >= '3.9'", "nonsense") == "always"

"""One requirement, taken apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from precollect.reading.environment.requirement import Written, looks_like_a_plugin, name_in_url, normalised, parse

WRITTEN = {
    "pytest": Written("pytest"),
    " Pytest_Cov.x >= 7 , < 8 ": Written("pytest-cov-x", (), ">=7,<8"),
    "a[b, C_d]==1": Written("a", ("b", "c-d"), "==1"),
    "a (>=1)": Written("a", (), ">=1"),
    "a;python_version>'3'": Written("a", (), "", "python_version>'3'"),
    "a [b] >= 1 ; os_name == 'nt'": Written("a", ("b",), ">=1", "os_name == 'nt'"),
    "a @ https://example.org/a;x.zip ; os_name == 'nt'": Written(
        "a", (), "", "os_name == 'nt'", "https://example.org/a;x.zip"
    ),
    "": None,
    "-r x": None,
    "a b": None,
    "a[b": None,
    "-a": None,
    "a-": None,
    "<<<<<<< HEAD": None,
}
URLS = {
    "git+https://example.org/x.git@v1#egg=Some_Name": "some-name",
    "git+https://example.org/x.git#subdirectory=y&egg=a[b]": "a",
    "https://example.org/pytest_cov-7.0-py3-none-any.whl#sha256=0": "pytest-cov",
    "https://example.org/pytest-cov-7.0.tar.gz?x=y": "pytest-cov",
    "wheels/nothing.zip": "",
    "git+https://example.org/pytest-cov.git": "",
    "git+https://github.com/pytest-dev/Pytest_Cov.git@main": "pytest-cov",
    "git+ssh://git@gitlab.com/team/box": "box",
    "https://github.com/team/box/archive/refs/heads/main.zip": "box",
    "https://github.com/team/box/archive/box-1.0.tar.gz": "box",
    "https://github.com/team/box/releases/download/v1/other-1.0-py3-none-any.whl": "other",
    "git+https://github.com/${OWNER}/${NAME}": "",
    "https://github.com/team": "",
    "": "",
}
PLUGINS = {
    "pytest-cov": True,
    "acme-pytest": True,
    "acme-pytest-helpers": True,
    "pytest": False,
    "pytestify": False,
    "pytest-runner": False,
    "flake8-pytest-style": False,
    "pygments-pytest": False,
    "types-pytest-lazy-fixture": False,
    "pytest-x-stubs": False,
}


@pytest.mark.parametrize(("text", "expected"), WRITTEN.items())
def test_the_parts_of_a_requirement(text: str, expected: Written | None) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(("url", "expected"), URLS.items())
def test_the_name_in_a_url(url: str, expected: str) -> None:
    assert name_in_url(url) == expected


@pytest.mark.parametrize(("name", "expected"), PLUGINS.items())
def test_a_name_tells_a_plugin(name: str, expected: bool) -> None:
    assert looks_like_a_plugin(name) is expected


@given(st.text())
def test_any_text_is_taken_apart_or_refused(text: str) -> None:
    written = parse(text)
    assert written is None or written.name == normalised(written.name)

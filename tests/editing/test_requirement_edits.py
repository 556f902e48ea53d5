"""One more requirement in a list, in its order and layout, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from precollect.editing.changes import RefusedError
from precollect.editing.requirements import add
from precollect.editing.writer import apply
from precollect.findings import AddRequirement, Fix

GROUP = ("dependency-groups", "test")


def in_group(requirement: str = "pytest-cov>=4.1") -> AddRequirement:
    return AddRequirement("pyproject.toml", GROUP, "pytest-cov", requirement)


def in_file(requirement: str = "pytest-cov>=4.1") -> AddRequirement:
    return AddRequirement("requirements-test.txt", (), "pytest-cov", requirement)


FIXED_ARRAYS = {
    "an array in order keeps its order": (
        '[dependency-groups]\ntest = [\n    "pytest>=8",\n    "pytest-xdist",  # workers\n]\n',
        '[dependency-groups]\ntest = [\n    "pytest>=8",\n    "pytest-cov>=4.1",\n    "pytest-xdist",  # workers\n]\n',
    ),
    "behind the last one where it comes last": (
        '[dependency-groups]\ntest = [\n    "attrs",\n    "pytest>=8",\n]\n',
        '[dependency-groups]\ntest = [\n    "attrs",\n    "pytest>=8",\n    "pytest-cov>=4.1",\n]\n',
    ),
    "at the end of an array that has no order": (
        '[dependency-groups]\ntest = [\n    "pytest>=8",\n    "attrs"\n]\n',
        '[dependency-groups]\ntest = [\n    "pytest>=8",\n    "attrs",\n    "pytest-cov>=4.1"\n]\n',
    ),
    "on the only line of an array": (
        "[dependency-groups]\ntest = ['pytest', 'pytest-xdist']\n",
        "[dependency-groups]\ntest = ['pytest', 'pytest-cov>=4.1', 'pytest-xdist']\n",
    ),
    "before an included group": (
        '[dependency-groups]\nlint = ["ruff"]\ntest = [{include-group = "lint"}, "pytest", "zope.interface"]\n',
        '[dependency-groups]\nlint = ["ruff"]\n'
        'test = [{include-group = "lint"}, "pytest", "pytest-cov>=4.1", "zope.interface"]\n',
    ),
    "Windows newlines and tabs stay": (
        '[dependency-groups]\r\ntest = [\r\n\t"pytest",\r\n\t"pytest-mock",\r\n]\r\n',
        '[dependency-groups]\r\ntest = [\r\n\t"pytest",\r\n\t"pytest-cov>=4.1",\r\n\t"pytest-mock",\r\n]\r\n',
    ),
    "a list that has it, spelled otherwise, stays": (
        '[dependency-groups]\ntest = ["pytest", "Pytest_Cov==4"]\n',
        '[dependency-groups]\ntest = ["pytest", "Pytest_Cov==4"]\n',
    ),
}
FIXED_FILES = {
    "a file in order keeps its order": (
        "# tests\npytest>=8\n# workers\npytest-xdist\n",
        "# tests\npytest>=8\n# workers\npytest-cov>=4.1\npytest-xdist\n",
    ),
    "at the end": ("-r base.txt\npytest>=8\n", "-r base.txt\npytest>=8\npytest-cov>=4.1\n"),
    "without a newline at the end": ("attrs\npytest", "attrs\npytest\npytest-cov>=4.1"),
    "blank lines at the end stay": ("pytest\n\n\n", "pytest\npytest-cov>=4.1\n\n\n"),
    "a comment behind a requirement stays": (
        "pytest  # the runner\nattrs\n",
        "pytest  # the runner\nattrs\npytest-cov>=4.1\n",
    ),
    "Windows newlines stay": ("attrs\r\npytest\r\n", "attrs\r\npytest\r\npytest-cov>=4.1\r\n"),
    "a file that has it stays": ("pytest\npytest.cov\n", "pytest\npytest.cov\n"),
}


@pytest.mark.parametrize(("before", "after"), FIXED_ARRAYS.values(), ids=FIXED_ARRAYS)
def test_an_array_holds_the_requirement(before: str, after: str) -> None:
    assert add(in_group(), before.encode()).decode() == after
    assert add(in_group(), after.encode()).decode() == after


@pytest.mark.parametrize(("before", "after"), FIXED_FILES.values(), ids=FIXED_FILES)
def test_a_file_holds_the_requirement(before: str, after: str) -> None:
    assert add(in_file(), before.encode()).decode() == after
    assert add(in_file(), after.encode()).decode() == after


REFUSED = {
    "no array": (in_group(), b'[dependency-groups]\ntest = "pytest"\n', "dependency-groups.test is no array"),
    "no TOML": (in_group(), b"[dependency-groups\n", "pyproject.toml cannot be read"),
    "no UTF-8": (in_file(), "pytest # \xe4\n".encode("latin-1"), "requirements-test.txt is not UTF-8"),
    "no requirement": (in_file("pytest-cov # x"), b"pytest\n", "the edit could not be proved"),
}


@pytest.mark.parametrize(("edit", "content", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_proved_is_refused(edit: AddRequirement, content: bytes, reason: str) -> None:
    with pytest.raises(RefusedError) as refused:
        add(edit, content)
    assert str(refused.value).startswith(reason)


def test_two_fixes_that_add_the_same_add_it_once(tmp_path: Path) -> None:
    path = tmp_path / "requirements-test.txt"
    path.write_bytes(b"pytest\n")

    result = apply(str(tmp_path), [Fix("one", False, (in_file(),)), Fix("other", False, (in_file("pytest-cov>=5"),))])

    assert result.rewritten == ("requirements-test.txt",)
    assert path.read_bytes() == b"pytest\npytest-cov>=4.1\n"

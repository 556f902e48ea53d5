"""The order of versions agrees with PEP 440 as `packaging` reads it."""

from __future__ import annotations

import itertools
import subprocess
import sys

import pytest
from packaging.version import Version

from precollect.catalog.versions import version_key

WRITTEN = [
    "1", "1.0", "1.0.0", "v1.0", "1.0rc1", "1.0a1.dev1", "1.0.dev1", "1.0.post1", "1.0.post1.dev1", "1.0rc1.post1",
    "1.0+local", "1.0.1", "1.0.1rc1", "1.9", "1.10", "0.10.0.post0", "0.10", "1!0.1", "2024.1", "2",
    "1.0.post2", "1.0+local.2", "1.0+2", "1.0.0.post1",
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), list(itertools.product(WRITTEN, WRITTEN)))
def test_two_versions_compare_as_in_packaging(one: str, other: str) -> None:
    expected = (Version(one) < Version(other), Version(one) == Version(other))
    assert (version_key(one) < version_key(other), version_key(one) == version_key(other)) == expected


@pytest.mark.parametrize("text", ["", "latest", "1.x", "1..2", "==1.0", "\N{ARABIC-INDIC DIGIT ONE}.0"])
def test_a_text_that_is_no_version_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        version_key(text)


def test_plain_versions_are_compared_without_importing_packaging() -> None:
    use = "from precollect.catalog import load; load('pytest').at('8.4.99')"
    code = f"import sys; {use}; print('packaging' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"

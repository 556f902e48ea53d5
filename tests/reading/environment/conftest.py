from __future__ import annotations

import stat
from collections.abc import Callable, Mapping, Sequence

import pytest

from precollect.reading.environment import Environment, read
from precollect.reading.git import words_on
from precollect.reading.tree import Tree, UnreadableError

RELEASES: dict[str, list[str]] = {
    "anyio": ["3.7.1", "4.11.0", "4.16.0"],
    "hypothesis": ["6.100.0", "6.170.15"],
    "pytest": ["7.4.4", "8.0.0", "8.4.2", "9.0.2", "9.2.0"],
    "pytest-asyncio": ["0.21.2", "0.26.0", "1.2.0", "1.5.0"],
    "pytest-cov": ["4.1.0", "7.0.0", "7.1.0"],
    "pytest-html": ["4.1.1"],
    "pytest-metadata": ["3.1.1"],
    "pytest-mock": ["3.12.0", "3.17.0"],
    "pytest-randomly": ["3.15.0", "4.0.1"],
    "pytest-rerunfailures": ["13.0", "16.7"],
    "pytest-timeout": ["2.2.0", "2.4.0"],
    "pytest-xdist": ["3.5.0", "3.8.0"],
}
BROUGHT = {
    "pytest-html": ["pytest-metadata"],
    "httpx": ["anyio"],
    "plain": [],
    "portable": ["anyio?"],
    "plain-testing": [],
    "plain-pytest-names": [],
    "pandas[test]": ["hypothesis", "pytest-xdist"],
    "pendulum[test]": [],
}

EnvironmentOf = Callable[..., Environment]


class Files(Tree):
    """A tree in memory."""

    def __init__(self, contents: Mapping[str, str | bytes | None]) -> None:
        super().__init__("/nowhere", dict.fromkeys(contents, words_on(stat.S_IFREG)))
        self._contents = contents

    def _read(self, path: str) -> bytes:
        content = self._contents.get(path)
        if content is None:
            raise UnreadableError("larger than 16 MiB")
        return content.encode() if isinstance(content, str) else content


@pytest.fixture
def environment_of() -> EnvironmentOf:
    """What is read from these files; None stands for a file that cannot be read."""

    def read_environment(contents: Mapping[str, str | bytes | None], folder: str = "") -> Environment:
        def brings(name: str) -> Sequence[str] | None:
            return BROUGHT.get(name)

        return read(Files(contents), folder, RELEASES.get, brings)

    return read_environment

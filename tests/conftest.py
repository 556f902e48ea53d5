"""What tests in several folders share; what they call stands in modules of its own beside this one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import hypothesis
import pytest

from running import repository

pytest.register_assert_rewrite("judged")  # so that its assertions tell what differs
hypothesis.settings.register_profile("untimed", deadline=None)  # a busy machine is no failure
hypothesis.settings.load_profile("untimed")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Mapping[str, str]], Path]:
    """Lays out a repository and goes there."""

    def made(files: Mapping[str, str]) -> Path:
        folder = repository(tmp_path / "project", files)
        monkeypatch.chdir(folder)
        return folder

    return made

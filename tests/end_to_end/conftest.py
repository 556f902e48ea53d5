"""Every test here runs twice: with pre-commit and with prek."""

from __future__ import annotations

from pathlib import Path

import pytest

from end_to_end.repositories import Repository, new_repository


@pytest.fixture(params=["pre-commit", "prek"])
def repository(request: pytest.FixtureRequest, tmp_path: Path) -> Repository:
    """An empty repository."""
    return new_repository(tmp_path, request.param)

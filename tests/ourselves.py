"""This project's own files, and what its documents show."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

OURSELVES = Path(__file__).parents[1]


def text(name: str) -> str:
    """A file's text, by its path within the project."""
    return (OURSELVES / name).read_text(encoding="utf-8")


def publish(folder: Path) -> None:
    """Put the files into an empty folder that are needed to install this project and to use its hooks."""
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(OURSELVES / name, folder)
    for name in ("hooks", "docs"):
        shutil.copytree(OURSELVES / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))


def blocks(document: str, language: str) -> list[str]:
    """The texts of the fenced blocks in a language."""
    return re.findall(rf"^ *```{language}\n(.*?)^ *```$", document, flags=re.MULTILINE | re.DOTALL)

"""The picture of a refused commit, made anew by the command that made it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

from ourselves import OURSELVES, text

PICTURE = OURSELVES / "docs" / "refused-commit.svg"


def test_the_picture_in_the_readme_shows_what_a_refused_commit_prints_now(tmp_path: Path) -> None:
    again = tmp_path / "again.svg"

    subprocess.run([sys.executable, OURSELVES / "examples" / "picture", again], check=True)

    assert again.read_text(encoding="utf-8") == PICTURE.read_text(encoding="utf-8"), "renew it: python examples/picture"


def test_the_picture_tells_both_findings_and_nothing_of_the_machine() -> None:
    texts = [element.text or "" for element in ElementTree.parse(PICTURE).iter("{http://www.w3.org/2000/svg}text")]

    assert [text for text in texts if text.startswith("pytest.ini:")] == ["pytest.ini:5:8", "pytest.ini:6:8"]
    assert "Failed" in texts
    assert not [text for text in texts if str(Path.home()) in text or "/tmp" in text or "\x1b" in text]
    assert "(docs/refused-commit.svg)" in text("README.md")

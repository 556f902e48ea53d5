"""What is published: the wheel holds the package and nothing else, and is the same however often it is built."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ourselves import OURSELVES, publish

PACKAGE = OURSELVES / "hooks" / "precollect"


def built(folder: Path) -> Path:
    """A wheel, built from a copy of the sources as pip builds it."""
    source = folder / "source"
    source.mkdir(parents=True)
    publish(source)
    words = ["-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps", "-w", folder, source]
    subprocess.run([sys.executable, *map(str, words)], check=True, timeout=120)
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.mark.registry
def test_the_wheel_holds_the_package_and_nothing_else(tmp_path: Path) -> None:
    pytest.importorskip("pip")
    one, other = built(tmp_path / "one"), built(tmp_path / "other")
    assert one.read_bytes() == other.read_bytes()

    names = set(zipfile.ZipFile(one).namelist())
    package = {
        f"precollect/{path.relative_to(PACKAGE).as_posix()}"
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert package <= names
    assert {"precollect/py.typed", "precollect/catalog/index.json", "precollect/catalog/data/pytest.json"} <= names
    others = {name for name in names - package if not name.startswith("precollect/rules/")}
    (info,) = {name.partition("/")[0] for name in others}
    assert info.endswith(".dist-info")
    assert f"{info}/licenses/LICENSE" in names
    assert not [name for name in names if name.rpartition("/")[2].startswith(("test_", "conftest.py"))]

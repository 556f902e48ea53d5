"""Whether a repository may make its own modules importable by means that no configuration of pytest shows."""

from __future__ import annotations

import re

from precollect.reading.tree import Tree, UnreadableError

PACKAGING = ("setup.py", "setup.cfg", "meson.build", "CMakeLists.txt", "flit.ini")
PACKAGING_TABLES = re.compile(
    rb"^[ \t]*\[\[?[ \t]*[\"']?(?:project|build-system|tool[ \t]*\.[ \t]*(?:poetry|flit|pdm|hatch))", re.M
)
# Words of files that may put a folder on the path, or start tests where it is on it.
MAKES_IMPORTABLE = re.compile(
    rb"PYTHONPATH|pythonpath|sys\.path|site\.addsitedir|syspath|\.pth\b|(?:pip|uv) (?:pip )?install[^\n]* -?-?e|develop"
)
TELLING = (".py", ".toml", ".ini", ".cfg", ".yml", ".yaml", ".json", ".sh", ".bat", ".mk", ".md", ".rst")
LARGEST_LOOKED_AT = 200_000  # bytes


def may_be_importable(tree: Tree) -> bool:
    """Whether any file of the repository may install the project or put folders on the path."""
    for path in tree:
        name = path.rpartition("/")[2]
        if name in PACKAGING:
            return True
        if not (name.endswith(TELLING) or "." not in name.lstrip(".") or name.startswith(".env")):
            continue
        try:
            data = tree.read_once(path)
        except UnreadableError:
            return True
        if MAKES_IMPORTABLE.search(data[:LARGEST_LOOKED_AT]) or (
            name.endswith(".toml") and PACKAGING_TABLES.search(data)
        ):
            return True
    return False

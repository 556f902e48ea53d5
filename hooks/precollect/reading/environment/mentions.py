"""Words anywhere in the commit that may install a distribution in a way that nobody declared.

A workflow with `pip install pytest-cov`, a Dockerfile, a script: too many ways to read them all. So a name that
stands in such a file is enough to doubt that the distribution is missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from precollect.reading.config_file import OWN_NAMES
from precollect.reading.tree import Tree

ENDINGS = (
    ".bat",
    ".bzl",
    ".cfg",
    ".cmd",
    ".in",
    ".ini",
    ".mk",
    ".nix",
    ".ps1",
    ".sh",
    ".toml",
    ".txt",
    ".yaml",
    ".yml",
)
NAMES = frozenset(
    {
        "build",
        "containerfile",
        "dockerfile",
        "dodo.py",
        "jenkinsfile",
        "justfile",
        "makefile",
        "noxfile.py",
        "pipfile",
        "setup.py",
        "tasks.py",
        "vagrantfile",
    }
)
MODULES = tuple(name for name in NAMES if name.endswith(".py"))
# Between them a script says in comments what it is to be run with: https://peps.python.org/pep-0723/
SCRIPT_BLOCK, END_OF_BLOCK = b"# /// script", b"\n# ///"
SCRIPT_FOLDERS = frozenset({".ci", ".devcontainer", ".github", "bin", "ci", "script", "scripts", "tools"})
HOMES_OF_SCRIPTS = SCRIPT_FOLDERS | {""}
OF_PYTEST = frozenset({*OWN_NAMES, "precollect.toml"})
OTHERS = ("license", "changelog", "changes", "history", "news", "authors", "pnpm-lock")
SECTIONS_OF_PYTEST = (b"pytest", b"tool:pytest", b"tool.pytest", b"tool.pytest.ini_options", b"tool.precollect")
COMMENTS = (b"#", b";", b"//", b"rem ")

# Letters become lower case, "_" and "." become "-", and whatever is no part of a name a blank.
_WORDS = bytes(
    (letter | 0x20)
    if 0x41 <= letter <= 0x5A
    else letter
    if 0x61 <= letter <= 0x7A or 0x30 <= letter <= 0x39
    else 0x2D
    if letter in b"-_."
    else 0x20
    for letter in range(256)
)


@lru_cache(maxsize=1)
def words(tree: Tree) -> frozenset[str]:
    """Every word of such files in which a distribution may be named, spelled as PEP 503 compares names."""
    found: set[bytes] = set()
    for path in (*tree.others, *(path for path in tree if path.lower().endswith(MODULES))):
        if _may_install(path):
            found.update(b"\n".join(_lines(path, tree.read_or_nothing(path))).translate(_WORDS).split())
    for path in (path for path in tree if path.endswith(".py") and path.rpartition("/")[0] in HOMES_OF_SCRIPTS):
        block = tree.read_or_nothing(path).partition(SCRIPT_BLOCK)[2].partition(END_OF_BLOCK)
        found.update(block[0].translate(_WORDS).split() if block[1] else ())
    return frozenset(word.strip(b"-").decode("ascii") for word in found)


def _may_install(path: str) -> bool:
    folder, _, name = path.lower().rpartition("/")
    if name.endswith(".py"):
        return name in NAMES
    if name in OF_PYTEST or name.startswith(OTHERS):
        return False
    if name in NAMES or name.endswith(ENDINGS) or name.startswith(("dockerfile", "containerfile", "makefile")):
        return True
    # A script without an ending, a file of a workflow.
    return ("." not in name or folder.startswith(".github")) and not SCRIPT_FOLDERS.isdisjoint(folder.split("/"))


def _lines(path: str, data: bytes) -> Iterator[bytes]:
    """The lines that are no comments, without the tables of pytest and of precollect itself."""
    tables = path.endswith((".toml", ".cfg", ".ini"))
    skipped = False
    for line in data.splitlines():
        line = line.strip()
        if tables and line.startswith(b"[") and line.endswith(b"]"):
            section = line.strip(b"[] ").replace(b'"', b"").replace(b" ", b"")
            skipped = section in SECTIONS_OF_PYTEST or section.startswith((b"tool.pytest.", b"tool.precollect."))
        if not skipped and not line.lower().startswith(COMMENTS):
            yield line

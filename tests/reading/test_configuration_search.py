"""Which file is pytest's configuration, and what stands in it: compared with the installed pytest itself."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from _pytest.config.findpaths import determine_setup
from _pytest.outcomes import Failed
from hypothesis import given, settings
from hypothesis import strategies as st

from precollect.findings import Place
from precollect.reading.config_file import Found, find
from precollect.reading.text import Problem
from precollect.reading.tree import open_tree
from running import tree_of

PYTEST_7 = frozenset[str]()
PYTEST_8 = frozenset({"pyproject-sets-rootdir"})
PYTEST_9 = PYTEST_8 | {
    "native-table",
    "both-tables-fail",
    "parses-losing-files",
    "dot-pytest-ini-without-section",
    "toplevel-in-pytest-toml-fails",
}


def entries(found: Found) -> dict[str, object]:
    assert found.file is not None
    return {key: entry.value for key, entry in found.file.entries.items()}


SECTION = "[pytest]\na = 1\n"
INI_OPTIONS = "[tool.pytest.ini_options]\na = 1\n"

WINS: dict[str, tuple[dict[str, str | bytes], frozenset[str], str | None, str]] = {
    # name: files, behaviours, the file that wins from folder "a/b", rootdir
    "the nearest folder wins": ({"pytest.ini": "", "a/tox.ini": SECTION, "a/b/x.py": ""}, PYTEST_9, "a/tox.ini", "a"),
    "an empty pytest.ini wins": ({"a/b/pytest.ini": "", "a/b/tox.ini": SECTION}, PYTEST_7, "a/b/pytest.ini", "a/b"),
    "pytest.toml wins in pytest 9": (
        {"a/b/pytest.toml": "", "a/b/pytest.ini": SECTION},
        PYTEST_9,
        "a/b/pytest.toml",
        "a/b",
    ),
    "pytest.toml is nothing in pytest 8": (
        {"a/b/pytest.toml": "", "a/b/pytest.ini": SECTION},
        PYTEST_8,
        "a/b/pytest.ini",
        "a/b",
    ),
    ".pytest.ini needs its section in pytest 8": ({"a/b/.pytest.ini": "[x]\n"}, PYTEST_8, None, "a/b"),
    ".pytest.ini needs no section in pytest 9": ({"a/b/.pytest.ini": "[x]\n"}, PYTEST_9, "a/b/.pytest.ini", "a/b"),
    ".pytest.ini is nothing in pytest 7.0": (
        {"a/b/.pytest.ini": SECTION},
        PYTEST_7 | {"no-dot-pytest-ini"},
        None,
        "a/b",
    ),
    "a native table counts in pytest 9": (
        {"a/pyproject.toml": "[tool.pytest]\na = 1\n"},
        PYTEST_9,
        "a/pyproject.toml",
        "a",
    ),
    "a native table is nothing in pytest 8": ({"a/pyproject.toml": "[tool.pytest]\na = 1\n"}, PYTEST_8, None, "a"),
    "a pyproject.toml without settings makes no rootdir in pytest 7": (
        {"pyproject.toml": "", "a/b/x.py": ""},
        PYTEST_7,
        None,
        "a/b",
    ),
    "the nearest setup.py makes the rootdir": (
        {"setup.py": "", "a/setup.py": "", "a/b/x.py": "", "tox.ini": ""},
        PYTEST_9,
        None,
        "a",
    ),
    "a folder with nothing above it is its own rootdir": ({"a/b/x.py": ""}, PYTEST_9, None, "a/b"),
    "tox.ini with the section of setup.cfg is nothing": (
        {"a/b/tox.ini": "[tool:pytest]\n", "setup.cfg": "[tool:pytest]\n"},
        PYTEST_9,
        "setup.cfg",
        "",
    ),
    "a folder of the name of a configuration file is none": (
        {"a/b/pytest.ini/x.py": "", "a/pytest.ini": ""},
        PYTEST_9,
        "a/pytest.ini",
        "a",
    ),
}


@pytest.mark.parametrize("case", WINS)
def test_the_file_that_wins(tmp_path: Path, case: str) -> None:
    files, behaviours, path, rootdir = WINS[case]
    found = find(tree_of(tmp_path, files), "a/b", behaviours)
    assert (found.file and found.file.path, found.rootdir, found.problems, found.unread) == (path, rootdir, (), ())


FATAL: dict[str, tuple[str, str | bytes, frozenset[str], Place, str]] = {
    "a key twice": ("tox.ini", "[x]\na = 1\n a\na = 2\n", PYTEST_7, Place("tox.ini", 4, 1), "duplicate name 'a'"),
    "a section twice": ("tox.ini", "[x]\n[x]\n", PYTEST_7, Place("tox.ini", 2, 1), "duplicate section 'x'"),
    "a form feed is no newline for an editor": (
        "tox.ini",
        "[x]\n\x0ca = 1\n# \x0c\nno\n",
        PYTEST_7,
        Place("tox.ini", 4, 1),
        "unexpected line: 'no'",
    ),
    "the wrong section in setup.cfg": (
        "setup.cfg",
        "[x]\n\n[pytest]\n",
        PYTEST_7,
        Place("setup.cfg", 3, 1),
        "[pytest] section in setup.cfg files is no longer supported, change to [tool:pytest] instead.",
    ),
    "invalid TOML": ("pyproject.toml", "a = 1\nb =\n", PYTEST_7, Place("pyproject.toml", 2, 4), "Invalid value"),
    "TOML that ends too early": (
        "pyproject.toml",
        "a = [\n",
        PYTEST_7,
        Place("pyproject.toml", 1, 6),
        "Invalid value",
    ),
    "a byte order mark in TOML": (
        "pyproject.toml",
        "\ufeffa = 1\n",
        PYTEST_7,
        Place("pyproject.toml", 1, 1),
        "Invalid statement",
    ),
    "latin-1": (
        "pytest.ini",
        b"[pytest]\r\n# gr\xf6\xdfer\n",
        PYTEST_7,
        Place("pytest.ini", 2, 5),
        "'utf-8' codec can't decode byte 0xf6",
    ),
    "a nesting bomb": ("pyproject.toml", "a = " + "[" * 100_000, PYTEST_7, Place("pyproject.toml", 1, 1), "too deeply"),
    "a number of thousands of digits": (
        "pyproject.toml",
        "a = " + "1" * 9999,
        PYTEST_7,
        Place("pyproject.toml", 1, 1),
        "Exceeds the limit",
    ),
    "a number for a table": (
        "pyproject.toml",
        "[a]\n[tool]\npytest = 1\n",
        PYTEST_8,
        Place("pyproject.toml", 3, 1),
        "tool.pytest is no table: AttributeError: 'int' object has no attribute 'get'",
    ),
    "a text for a table": (
        "pyproject.toml",
        "[tool.pytest]\nini_options = 'x'\n",
        PYTEST_8,
        Place("pyproject.toml", 2, 1),
        "tool.pytest.ini_options is no table: AttributeError: 'str' object has no attribute 'items'",
    ),
    "both tables": (
        "pyproject.toml",
        "[tool.pytest.ini_options]\na = 1\n[tool.pytest]\n b = 1\n",
        PYTEST_9,
        Place("pyproject.toml", 4, 2),
        "Cannot use both [tool.pytest] (native TOML types) and [tool.pytest.ini_options]",
    ),
    "keys outside of the table": (
        "pytest.toml",
        "a = 1\n'b' = 2\n[c]\n",
        PYTEST_9,
        Place("pytest.toml", 1, 1),
        "pytest configuration must be under a [pytest] table (found top-level options: a, b)",
    ),
}


@pytest.mark.parametrize("case", FATAL)
def test_a_file_at_which_pytest_stops(tmp_path: Path, case: str) -> None:
    path, content, behaviours, place, message = FATAL[case]
    found = find(tree_of(tmp_path, {path: content}), "", behaviours)
    assert found.file is None
    assert [problem.place for problem in found.problems] == [place]
    assert message in found.problems[0].message


def test_a_broken_file_behind_the_winner_is_read_by_pytest_9_alone(tmp_path: Path) -> None:
    tree = tree_of(tmp_path, {"pytest.ini": "", "tox.ini": "[a]\n[a]\n", "setup.cfg": "[tool:pytest]\n"})
    found = find(tree, "", PYTEST_8)
    assert (found.problems, [other.path for other in found.others]) == ((), ["setup.cfg"])
    found = find(tree, "", PYTEST_9)
    assert found.problems == (Problem(Place("tox.ini", 2, 1), "duplicate section 'a'"),)
    assert found.file is not None
    assert found.file.path == "pytest.ini"


def test_a_file_that_has_no_content_for_us_is_named(tmp_path: Path) -> None:
    (tmp_path / "outside.ini").write_text(SECTION)
    (tmp_path / "repository").mkdir()
    (tmp_path / "repository" / "pytest.ini").symlink_to("../outside.ini")
    found = find(open_tree(str(tmp_path / "repository")), "", PYTEST_9)
    assert (found.file, found.problems) == (None, ())
    assert found.unread == (Problem(Place("pytest.ini", 1, 1), "a symbolic link out of the repository"),)


def test_values_of_ini_options_are_texts_and_lists(tmp_path: Path) -> None:
    text = "[tool.pytest.ini_options]\na = true\nb = [1, 'x']\nc = 7.4\nd = {e = 1}\nf = 'x'\n"
    found = find(tree_of(tmp_path, {"pyproject.toml": text}), "", PYTEST_9)
    assert entries(found) == {"a": "True", "b": [1, "x"], "c": "7.4", "d": "{'e': 1}", "f": "x"}


def test_values_of_a_native_table_are_what_they_are(tmp_path: Path) -> None:
    found = find(tree_of(tmp_path, {"pytest.toml": "[pytest]\na = true\nb = [1]\nc = 7\n"}), "", PYTEST_9)
    assert entries(found) == {"a": True, "b": [1], "c": 7}
    assert found.file is not None
    assert (found.file.mode, found.file.section) == ("toml", "pytest")


@pytest.mark.parametrize(
    ("path", "text", "header", "section"),
    [
        ("pytest.ini", "# ours\n[pytest]\n", Place("pytest.ini", 2, 1), "pytest"),
        ("pytest.ini", "# ours\n", Place("pytest.ini", 1, 1), "pytest"),
        ("setup.cfg", "[a]\n[tool:pytest]\n", Place("setup.cfg", 2, 1), "tool:pytest"),
        ("pyproject.toml", "\n" + INI_OPTIONS, Place("pyproject.toml", 2, 1), "tool.pytest.ini_options"),
        (
            "pyproject.toml",
            "[tool]\npytest.ini_options.a = 1\n",
            Place("pyproject.toml", 2, 8),
            "tool.pytest.ini_options",
        ),
        (
            "pyproject.toml",
            "[tool]\npytest = {ini_options = {}}\n",
            Place("pyproject.toml", 2, 11),
            "tool.pytest.ini_options",
        ),
        (
            "pyproject.toml",
            "[tool.pytest.ini_options.markers]\nslow = 'x'\n",
            Place("pyproject.toml", 1, 1),
            "tool.pytest.ini_options",
        ),
        ("pyproject.toml", "[tool.pytest]\na = 1\n", Place("pyproject.toml", 1, 1), "tool.pytest"),
        ("pytest.toml", "", Place("pytest.toml", 1, 1), "pytest"),
    ],
)
def test_the_header_is_where_a_missing_key_is_missing(
    tmp_path: Path, path: str, text: str, header: Place, section: str
) -> None:
    found = find(tree_of(tmp_path, {path: text}), "", PYTEST_9)
    assert found.file is not None
    assert (found.file.header, found.file.section) == (header, section)


@pytest.mark.parametrize(
    ("path", "text", "lines"),
    [
        (
            "pytest.ini",
            "[pytest]\nmarkers = a: b\n\n  # no\n\tc\n   \nx = y\n",
            [("a: b", Place("pytest.ini", 2, 11)), ("c", Place("pytest.ini", 5, 2))],
        ),
        ("pytest.ini", "[pytest]\nmarkers =\n", []),
        (
            "pyproject.toml",
            "[tool.pytest.ini_options]\nmarkers = '''\n  a\n\n  b'''\n",
            [("a", Place("pyproject.toml", 3, 3)), ("b", Place("pyproject.toml", 5, 3))],
        ),
        (
            "pyproject.toml",
            '[tool.pytest.ini_options]\nmarkers = ["a", # "c"\n 1,\n  \'b\']\n',
            [("a", Place("pyproject.toml", 2, 13)), ("b", Place("pyproject.toml", 4, 4))],
        ),
        ("pytest.toml", "[pytest]\nmarkers = 'a'\n", []),
    ],
)
def test_lines_have_places(tmp_path: Path, path: str, text: str, lines: list[tuple[str, Place]]) -> None:
    found = find(tree_of(tmp_path, {path: text}), "", PYTEST_9)
    assert found.file is not None
    assert found.file.entries["markers"].lines == lines


INI_TEXTS = [
    "",
    "[pytest]\n",
    "[pytest]\na=1\n b\n",
    "[tool:pytest]\nb = 2\n",
    "[other]\n",
    "[pytest]\na=1\na=2\n",
    " x\n",
    "[ pytest ]\nz=1\n",
    "k=1\n",
    "[pytest]\n[abc\n  x\n",
    "[pytest]\nm =\n a\n[b]c\n d\n",
    "\ufeff[pytest]\nq: 1=2\n",
    "\ufeff[tool:pytest]\r\nq =\r\n  1\r\n\t2\r\n# c\r\n   # d\r\n  3\r\n",
]
TOML_TEXTS = [
    "",
    "[tool.pytest]\n",
    "[tool.pytest]\na=1\n",
    "[tool.pytest.ini_options]\n",
    "[tool.pytest.ini_options]\na=1\nb=[1]\nc={d=1}\nd=1979-05-27 07:32:00Z\n",
    "[tool.pytest]\na=1\n[tool.pytest.ini_options]\nb=2\n",
    "[tool.pytest]\na=1\n[tool.pytest.ini_options]\n",
    "tool=1\n",
    "tool.pytest.ini_options=''\n",
    "[pytest]\na=['x']\n",
    "a=1\n",
    "a=1\n[b]\n",
    "pytest=0\n",
    "[[pytest]]\n",
    "x=\n",
    "[tool.pytest_x]\n",
    "a=1\rb=2\r[tool.pytest.ini_options]\rz='''1\r\n2'''\r",
]


@st.composite
def repositories(draw: st.DrawFn) -> dict[str, str | bytes]:
    """Configuration files of all kinds in a folder and the folder above."""
    files: dict[str, str | bytes] = {"a/b/x.py": ""}
    for folder in ("", "a/", "a/b/"):
        for name in ("pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg", "setup.py"):
            if draw(st.integers(0, 3)) == 0:
                texts = [""] if name == "setup.py" else TOML_TEXTS if name.endswith(".toml") else INI_TEXTS
                files[folder + name] = draw(st.sampled_from(texts))
    return files


@settings(max_examples=150)
@given(files=repositories())
def test_the_installed_pytest_takes_the_same_file(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, str | bytes]
) -> None:
    root = tmp_path_factory.mktemp("root").resolve()
    tree = tree_of(root, files)
    found = find(tree, "a/b", PYTEST_9)
    try:
        rootdir, inipath, values, ignored = determine_setup(
            inifile=None, override_ini=None, args=[], rootdir_cmd_arg=None, invocation_dir=root / "a" / "b"
        )
    except (pytest.UsageError, Failed, AttributeError):
        assert found.problems
        return
    assert not found.problems
    assert os.path.join(root, found.rootdir).rstrip("/") == str(rootdir)
    if found.file is None:
        assert (values, inipath is None or inipath.name == "pyproject.toml") == ({}, True)
        return
    assert str(root / found.file.path) == str(inipath)
    assert entries(found) == {key: value.value for key, value in values.items()}
    assert [other.path.rpartition("/")[2] for other in found.others] == list(ignored)

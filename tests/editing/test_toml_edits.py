"""Edits of TOML files, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from edited import edited
from precollect.editing.writer import apply
from precollect.findings import AddLine, AddWords, Edit, Fix, RemoveKey, RemoveWords, SetKey

INI = "tool.pytest.ini_options"
NATIVE = "tool.pytest"
HEAD = f"[{INI}]\n"


def remove(*words: int, section: str = INI) -> RemoveWords:
    return RemoveWords("pyproject.toml", section, "addopts", words)


def add(*words: str, section: str = INI) -> AddWords:
    return AddWords("pyproject.toml", section, "addopts", words)


def put(key: str, value: str | bool | int, section: str = INI) -> SetKey:
    return SetKey("pyproject.toml", section, key, value)


def drop(key: str, section: str = INI) -> RemoveKey:
    return RemoveKey("pyproject.toml", section, key)


def line(text: str, section: str = INI) -> AddLine:
    return AddLine("pyproject.toml", section, "markers", text)


MADE: dict[str, tuple[str, Edit, str]] = {
    "words of a basic string": (
        HEAD + 'addopts = "-q -p no:x -v" # ours\n',
        remove(1, 2),
        HEAD + 'addopts = "-q -v" # ours\n',
    ),
    "words of a literal string": (HEAD + "addopts = '-p no:x -v'\n", remove(0, 1), HEAD + "addopts = '-v'\n"),
    "words behind escapes": (
        HEAD + 'addopts = "-m \\"not slow\\" -p no:\\u0078 -v"\n',
        remove(2, 3),
        HEAD + 'addopts = "-m \\"not slow\\" -v"\n',
    ),
    "a line of a string of several lines": (
        HEAD + 'addopts = """\n  -q\n  -p no:x\n  -v\n"""\n',
        remove(1, 2),
        HEAD + 'addopts = """\n  -q\n  -v\n"""\n',
    ),
    "a line that a backslash joins to the next": (
        HEAD + 'addopts = """\\\n  -q \\\n  -p no:x \\\n  -v\\\n"""\n',
        remove(1, 2),
        HEAD + 'addopts = """\\\n  -q \\\n  -v\\\n"""\n',
    ),
    "the last line of a string, beside its closing quotes": (
        HEAD + "addopts = '''\n-q\n-p no:x'''\n",
        remove(1, 2),
        HEAD + "addopts = '''\n-q\n'''\n",
    ),
    "words of a line that looks like a comment": (
        HEAD + "addopts = '''\n-q\n# -p no:x\n'''\n",
        remove(1),
        HEAD + "addopts = '''\n-q\n-p no:x\n'''\n",
    ),
    "all words take the key and its comment with them": (
        HEAD + "# sandbox\naddopts = '-p no:x' # off\n\nminversion = '7'\n",
        remove(0, 1),
        HEAD + "\nminversion = '7'\n",
    ),
    "what looks like a comment is the end of a string": (
        HEAD + "a = '''\n# b'''\naddopts = '-p no:x'\n\n",
        remove(0, 1),
        HEAD + "a = '''\n# b'''\n\n",
    ),
    "items of a list on one line": (
        HEAD + 'addopts = ["-q", "-p", "no:x", "-v"]\n',
        remove(1, 2),
        HEAD + 'addopts = ["-q", "-v"]\n',
    ),
    "the first items of a list on one line": (
        HEAD + "addopts = [ '-p', 'no:x', '-v' ]\n",
        remove(0, 1),
        HEAD + "addopts = [ '-v' ]\n",
    ),
    "the last item of a list on one line, with a trailing comma": (
        HEAD + 'addopts = ["-q", "-p no:x",]\n',
        remove(1),
        HEAD + 'addopts = ["-q",]\n',
    ),
    "lines of a list with the comments that explained only them": (
        HEAD
        + 'addopts = [\n    "-q",\n    # no x in the sandbox\n    "-p", "no:x", # off\n    # no y\n    "-pno:y",\n'
        + "    # verbose\n    '-v'\n]\n",
        remove(1, 2, 3),
        HEAD + "addopts = [\n    \"-q\",\n    # verbose\n    '-v'\n]\n",
    ),
    "the last line of a list, before its bracket": (
        HEAD + 'addopts = [\n    "-q",\n    # no x\n    "-p no:x"\n]\n',
        remove(1),
        HEAD + 'addopts = [\n    "-q",\n]\n',
    ),
    "a comment above a line of a list of which an item stays": (
        HEAD + 'addopts = [\n    # both\n    "-p no:x", "-q",\n]\n',
        remove(0),
        HEAD + 'addopts = [\n    # both\n    "-q",\n]\n',
    ),
    "items beside the opening bracket": (
        HEAD + 'addopts = ["-p", "no:x",\n           "-v"]\n',
        remove(0, 1),
        HEAD + 'addopts = [\n           "-v"]\n',
    ),
    "items beside the closing bracket": (
        HEAD + 'addopts = ["-v",\n           "-p", "no:x"]\n',
        remove(1, 2),
        HEAD + 'addopts = ["-v"]\n',
    ),
    "items beside the closing bracket behind a comment": (
        HEAD + 'addopts = ["-v", # why\n           "-p", "no:x"]\n',
        remove(1, 2),
        HEAD + 'addopts = ["-v", # why\n           ]\n',
    ),
    "windows newlines stay": (
        HEAD.replace("\n", "\r\n") + 'addopts = [\r\n  "-q",\r\n  "-p no:x",\r\n]\r\n',
        remove(1),
        HEAD.replace("\n", "\r\n") + 'addopts = [\r\n  "-q",\r\n]\r\n',
    ),
    "items of a native list": (
        '[tool.pytest]\naddopts = ["-q", "-p", "no:x"]\n',
        remove(1, 2, section=NATIVE),
        '[tool.pytest]\naddopts = ["-q"]\n',
    ),
    "the only key of a native table stays, as the file would not count without it": (
        '[tool.pytest]\naddopts = ["-p", "no:x"]\n',
        remove(0, 1, section=NATIVE),
        "[tool.pytest]\naddopts = []\n",
    ),
    "all words of an inline table's list": (
        '[tool]\npytest = { ini_options = { addopts = ["-pno:x"], minversion = "7" } } # ours\n',
        remove(0),
        '[tool]\npytest = { ini_options = { minversion = "7" } } # ours\n',
    ),
    "the last pair of an inline table": (
        "[tool]\npytest.ini_options = {minversion = '7', reruns = 2}\n",
        drop("reruns"),
        "[tool]\npytest.ini_options = {minversion = '7'}\n",
    ),
    "a key that is removed with its list": (
        HEAD + 'reruns = [\n  # two\n  2,\n]\nmarkers = ["a"]\n',
        drop("reruns"),
        HEAD + 'markers = ["a"]\n',
    ),
    "a key without a final newline": (HEAD + "a = 1\nreruns = 2", drop("reruns"), HEAD + "a = 1\n"),
    "a comment above a removed key stays when another key follows directly": (
        HEAD + "# reruns\nreruns = 2\nreruns_delay = 1\n",
        drop("reruns"),
        HEAD + "# reruns\nreruns_delay = 1\n",
    ),
    "a text is set in its quotes": (
        HEAD + "mode = 'strict' # why\n",
        put("mode", "auto"),
        HEAD + "mode = 'auto' # why\n",
    ),
    "a text of several lines is set": (HEAD + 'mode = """strict"""\n', put("mode", "auto"), HEAD + 'mode = "auto"\n'),
    "a switch is set": (
        "[tool.pytest]\nstrict=false\n",
        put("strict", True, section=NATIVE),
        "[tool.pytest]\nstrict=true\n",
    ),
    "a number is set": ("[tool.pytest]\nx = 5\n", put("x", 1, section=NATIVE), "[tool.pytest]\nx = 1\n"),
    "a key is added behind the last of its table": (
        HEAD + 'addopts = [\n  "-q",\n] # ours\n\n[tool.ruff]\nline-length = 100\n',
        put("asyncio_mode", "auto"),
        HEAD + 'addopts = [\n  "-q",\n] # ours\nasyncio_mode = "auto"\n\n[tool.ruff]\nline-length = 100\n',
    ),
    "a key is added without blanks and with the indentation of the others": (
        "[tool]\n  [tool.pytest.ini_options]\n  a='x'\n",
        put("asyncio_mode", "auto"),
        "[tool]\n  [tool.pytest.ini_options]\n  a='x'\n  asyncio_mode=\"auto\"\n",
    ),
    "a key is aligned where the others are": (
        HEAD + "minversion = '7'\naddopts    = '-q'\n",
        put("mode", "auto"),
        HEAD + "minversion = '7'\naddopts    = '-q'\nmode       = \"auto\"\n",
    ),
    "a key is added before the tables below its own": (
        "[tool.pytest]\na = 'x'\n[tool.pytest.env]\nb = 'c'\n",
        put("strict", True, section=NATIVE),
        "[tool.pytest]\na = 'x'\nstrict = true\n[tool.pytest.env]\nb = 'c'\n",
    ),
    "a key is added to an empty table": (
        HEAD + "# nothing yet\n\n[tool.other]\n",
        put("asyncio_mode", "auto"),
        HEAD + 'asyncio_mode = "auto"\n# nothing yet\n\n[tool.other]\n',
    ),
    "a key is added among dotted keys": (
        "[tool.pytest]\nini_options.addopts = '-q'\n\n[tool.ruff]\n",
        put("asyncio_mode", "auto"),
        "[tool.pytest]\nini_options.addopts = '-q'\nini_options.asyncio_mode = \"auto\"\n\n[tool.ruff]\n",
    ),
    "a key is added to an inline table": (
        "tool.pytest.ini_options = { addopts = '-q' }\n",
        put("asyncio_mode", "auto"),
        "tool.pytest.ini_options = { addopts = '-q', asyncio_mode = \"auto\" }\n",
    ),
    "a key is added to an empty inline table": (
        "tool.pytest.ini_options = {}\n",
        line("a: b"),
        'tool.pytest.ini_options = { markers = ["a: b"] }\n',
    ),
    "a key is added without a final newline": (
        HEAD + "a = 1",
        put("asyncio_mode", "auto"),
        HEAD + 'a = 1\nasyncio_mode = "auto"',
    ),
    "a word is added to a literal string": (
        HEAD + "addopts = '-q'\n",
        add("--strict-markers"),
        HEAD + "addopts = '-q --strict-markers'\n",
    ),
    "a word is added that literal quotes cannot hold": (
        HEAD + "addopts = '-q'\n",
        add("-m", "not slow"),
        HEAD + "addopts = \"-q -m 'not slow'\"\n",
    ),
    "a word is added to a basic string": (
        HEAD + 'addopts = "-q "\n',
        add("-m", "not slow"),
        HEAD + "addopts = \"-q -m 'not slow' \"\n",
    ),
    "a word is added to a string of several lines": (
        HEAD + 'addopts = """\n  -q\n  -v\n"""\n',
        add("--strict-markers"),
        HEAD + 'addopts = """\n  -q\n  -v\n  --strict-markers\n"""\n',
    ),
    "a word is added behind a backslash that joins lines": (
        HEAD + 'addopts = """\\\n  -q \\\n  -v \\\n  """\n',
        add("--strict-markers"),
        HEAD + 'addopts = """\\\n  -q \\\n  -v \\\n  --strict-markers \\\n  """\n',
    ),
    "a word is added beside closing quotes": (
        HEAD + "addopts = '''\n  -q\n  -v'''\n",
        add("--strict-markers"),
        HEAD + "addopts = '''\n  -q\n  -v --strict-markers'''\n",
    ),
    "a word is added to an empty string": (HEAD + "addopts = ''\n", add("-q"), HEAD + "addopts = '-q'\n"),
    "a word is added to a list on one line": (
        HEAD + "addopts = ['-q',] # ours\n",
        add("-m", "not slow"),
        HEAD + "addopts = ['-q', '-m', 'not slow',] # ours\n",
    ),
    "a word is added to a list with a trailing comma": (
        HEAD + 'addopts = [\n    "-q",  # quiet\n    # more to come\n]\n',
        add("--strict-markers"),
        HEAD + 'addopts = [\n    "-q",  # quiet\n    "--strict-markers",\n    # more to come\n]\n',
    ),
    "a word is added to a list without a trailing comma": (
        HEAD + 'addopts = [\n\t"-q"  # quiet\n]\n',
        add("-p", "y"),
        HEAD + 'addopts = [\n\t"-q",  # quiet\n\t"-p",\n\t"y"\n]\n',
    ),
    "a word is added to an empty list": (HEAD + "addopts = []\n", add("-q"), HEAD + 'addopts = ["-q"]\n'),
    "words are added as a key in ini mode": (HEAD, add("-q", "-v"), HEAD + 'addopts = "-q -v"\n'),
    "words are added as a key in toml mode": (
        "[tool.pytest]\nx = 1\n",
        add("-q", "-v", section=NATIVE),
        '[tool.pytest]\nx = 1\naddopts = ["-q", "-v"]\n',
    ),
    "a line is added to a list": (
        HEAD + 'markers = [\n    "slow: x",\n]\n',
        line('fast: "y"'),
        HEAD + 'markers = [\n    "slow: x",\n    "fast: \\"y\\"",\n]\n',
    ),
    "a line is added to a string of several lines": (
        HEAD + 'markers = """\n    slow: x\n"""\n',
        line("fast: y"),
        HEAD + 'markers = """\n    slow: x\n    fast: y\n"""\n',
    ),
    "a line is added beside closing quotes": (
        HEAD + 'markers = """slow: x"""\n',
        line("fast: y"),
        HEAD + 'markers = ["""slow: x""", "fast: y"]\n',
    ),
    "a line is added to a string of one line": (
        HEAD + "markers = 'slow: x'\n",
        line("fast: y"),
        HEAD + "markers = ['slow: x', 'fast: y']\n",
    ),
    "a line is added behind a newline that is an escape": (
        HEAD + 'markers = "slow: x\\nfast: y"\n',
        line("more"),
        HEAD + 'markers = "slow: x\\nfast: y\\nmore"\n',
    ),
    "a line is added as a key": (HEAD + "a = 1\n", line("fast: y"), HEAD + 'a = 1\nmarkers = [\n    "fast: y",\n]\n'),
}

REFUSED: dict[str, tuple[str, Edit, str]] = {
    "invalid TOML": (HEAD + "a = \n", drop("a"), "pytest cannot read the file"),
    "a byte order mark": ("\ufeff" + HEAD + "a = 1\n", drop("a"), "pytest cannot read the file"),
    "a key that is a table": ("[tool.pytest.ini_options.a]\nb = 1\n", drop("a"), "a is a table of its own"),
    "a table that has no header of its own": (
        "[tool.pytest.ini_options.a]\nb = 1\n",
        put("c", "d"),
        "there is no [tool.pytest.ini_options]",
    ),
    "a table that is not there": ("[tool.other]\n", put("c", "d"), "there is no [tool.pytest.ini_options]"),
    "a number instead of words": (HEAD + "addopts = 1\n", add("-q"), "addopts holds no words"),
    "a word beyond the end": (HEAD + "addopts = []\n", remove(0), "addopts has only 0 words"),
    "an open quote": (HEAD + "addopts = '-m \"x'\n", remove(0), "No closing quotation"),
    "the only key of a native table": (
        "[tool.pytest]\na = 1\n",
        drop("a", NATIVE),
        "another configuration would count",
    ),
    "comments within the list that would be replaced": (
        HEAD + "a = [\n  # why\n  1,\n]\n",
        put("a", "b"),
        "comments would be lost",
    ),
    "the only item before a leading comma": (
        HEAD + "addopts = [\n  '-q'\n  , '-v'\n]\n",
        remove(0),
        "could not be proved",
    ),
    "a text that literal quotes cannot hold": (
        HEAD + "addopts = '''\n-q\n'''\n",
        add("it's"),
        "cannot be written between these quotes",
    ),
}


@pytest.mark.parametrize("case", MADE)
def test_an_edit_changes_what_it_means_and_nothing_else(tmp_path: Path, case: str) -> None:
    before, edit, after = MADE[case]
    assert edited(tmp_path, before.encode(), edit) == after.encode()


@pytest.mark.parametrize("case", [name for name, (_, edit, _) in MADE.items() if not isinstance(edit, RemoveWords)])
def test_an_edit_made_again_changes_nothing(tmp_path: Path, case: str) -> None:
    _, edit, after = MADE[case]
    assert edited(tmp_path, after.encode(), edit) == after.encode()


@pytest.mark.parametrize("case", REFUSED)
def test_an_edit_that_cannot_be_made_leaves_the_file(tmp_path: Path, case: str) -> None:
    before, edit, reason = REFUSED[case]
    (tmp_path / "pyproject.toml").write_bytes(before.encode())
    result = apply(str(tmp_path), [Fix("Do it", True, (edit,))])
    assert [reason in refusal.reason for refusal in result.refused] == [True], result.refused
    assert (tmp_path / "pyproject.toml").read_bytes() == before.encode()


@pytest.mark.parametrize(("before", "after"), [("", ""), ("# ours\n", "# ours\n\n"), ("# ours", "# ours\n\n")])
def test_pytest_toml_gets_the_table_that_it_lacks(tmp_path: Path, before: str, after: str) -> None:
    edit = SetKey("pytest.toml", "pytest", "strict", True)
    assert edited(tmp_path, before.encode(), edit).decode() == f"{after}[pytest]\nstrict = true\n"

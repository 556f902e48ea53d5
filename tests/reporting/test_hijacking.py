"""No name or value of a repository can move a cursor, reverse a line, begin a command, or become a link."""

from __future__ import annotations

import json
import os
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from precollect.findings import Finding, Fix, Place, Related, Rule
from precollect.reading.tree import Tree
from precollect.reporting import FORMATS, report
from precollect.reporting.terminal import Look
from running import Outcome, lay_out, run

# Clears the screen, sets a title, rings, deletes; begins a line, a workflow command, a link; turns text around.
EVIL = (
    "\x1b[2J\x1b]0;t\x07\b\x7f\x9b31m\r::error file=a::b ##[error]c ::add-mask::d [e](f) "
    "\u202eg\u2066\u2069\u200b\u2028\u2029\x85"
)
IN_NAMES = EVIL.replace("/", "").replace("\r", "\n") + "\udcff"
RULE = Rule("some-rule", "addopts", "breaks", f"finds {EVIL}")
ALLOWED = frozenset("\n")


def control_characters(text: str) -> set[str]:
    """What a terminal may obey or a reader may be misled by."""
    return {letter for letter in text if unicodedata.category(letter) in {"Cc", "Cf", "Zl", "Zp", "Cs"}} - ALLOWED


def hostile_project(folder: Path) -> Path:
    toml = json.dumps(EVIL)
    mark = f"@pytest.mark.flaky({EVIL!r})\n@pytest.mark.{{}}\n"
    lay_out(
        folder,
        {
            "pyproject.toml": '[tool.pytest.ini_options]\naddopts = ["--strict-markers", "-p", "no:" + ""]\n'.replace(
                ' + ""', ""
            )
            + f"required_plugins = [{toml}]\nmarkers = [{toml}]\nfilterwarnings = [{toml}]\n{toml} = {toml}\n"
            f"testpaths = [{toml}]\npython_files = [{toml}]\nminversion = {toml}\n",
            "requirements.txt": f"pytest==9.2.0\npytest-cov=={EVIL}\n-r {EVIL}\n",
            "test_one.py": f"import pytest\n{mark.format('slow')}def test_one(missing):\n    pass\n",
            "conftest.py": f"pytest_plugins = [{EVIL!r}]\n",
            f"test_{IN_NAMES}.py": f"import pytest\n\n{mark.format('slaw')}def test_two():\n    pass  # {EVIL}\n",
            f"{IN_NAMES}/test_three.py": "import pytest\n\n@pytest.mark.slew\ndef test_two(\n",
        },
    )
    return folder


WAYS: dict[str, list[str]] = {
    **{format: ["--format", format] for format in FORMATS},
    "what is unknown": ["--verbose"],
    "fixes": ["--fix", "--unsafe-fixes"],
    "house rules": ["--house-rules", "strict-markers,reruns-policy,config-file"],
    "a folder": [EVIL],
    "an option": [f"--{EVIL}"],
    "a value": ["--ignore", EVIL],
    "a version": ["--pytest", EVIL],
}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
@pytest.mark.parametrize("words", WAYS.values(), ids=WAYS)
def test_no_output_obeys_the_repository(words: list[str], tmp_path: Path) -> None:
    folder = hostile_project(tmp_path)

    found = run(*words, *([str(folder)] if words != [EVIL] else []))

    assert found.status in (1, 2)
    assert control_characters(found.out) == set()
    assert control_characters(found.err) == set()


@pytest.mark.parametrize("kind", ["pytest.ini", "precollect.toml", "pyproject.toml", "setup.cfg"])
@pytest.mark.parametrize("format", FORMATS)
def test_values_of_every_file_are_shown_and_not_obeyed(kind: str, format: str, tmp_path: Path) -> None:
    value = json.dumps(EVIL)
    text = {
        "pytest.ini": f"[pytest]\naddopts = -p {EVIL}\n{EVIL.replace(':', '')} = 1\n",
        "setup.cfg": f"[tool:pytest]\nmarkers =\n  {EVIL}\naddopts = --{EVIL}\n",
        "pyproject.toml": f"[tool.pytest.ini_options]\naddopts = {value}\n{value} = 1\n",
        "precollect.toml": f"{value} = {value}\n",
    }[kind]
    lay_out(tmp_path, {kind: text, "test_one.py": "def test_one(): pass\n"})

    found: Outcome = run("--format", format, str(tmp_path))

    assert found.out + found.err
    assert control_characters(found.out + found.err) == set()


def finding() -> Finding:
    place = Place(f"a/{IN_NAMES}.py", 1, 1)
    return RULE.at(place, EVIL, (Related(place, EVIL),), Fix(EVIL, True, ()))


def written(format: str) -> str:
    return report([finding()], format, tree=Tree("/", {}), rules={RULE.name: RULE}, look=Look())


def test_text_keeps_a_line_for_each_thing_it_says() -> None:
    lines = written("text").splitlines()

    assert len(lines) == 3
    assert [line[:2] for line in lines] == ["a/", "  ", "  "]


def test_an_annotation_is_one_command_whatever_it_quotes() -> None:
    (line,) = written("github").splitlines()

    assert line.startswith("::error file=a/")
    properties, _, message = line.removeprefix("::error ").partition("::")
    assert [part.partition("=")[0] for part in properties.split(",")] == ["file", "line", "col", "title"]
    assert message.startswith("\\x1b[2J")
    assert "\n" not in line
    assert "\r" not in line


def test_json_gives_back_what_was_found() -> None:
    text = written("json")
    assert text.isascii()
    (entry,) = json.loads(text)["findings"]
    assert entry["path"] == finding().place.path
    assert entry["message"] == finding().message


def test_sarif_shows_what_was_found_and_makes_no_link_of_it() -> None:
    text = written("sarif")
    assert text.isascii()
    shown = [text for text in texts_of(json.loads(text)["runs"]) if "]0;t" in text]
    assert len(shown) == 4  # the rule twice, the message, what is related
    assert all(control_characters(text) == set() for text in shown)
    assert all("](" not in text.replace("\\](", "") for text in shown)


def texts_of(value: Any) -> list[str]:
    """Every text in a JSON document."""
    if isinstance(value, dict):
        return [text for each in value.values() for text in texts_of(each)]
    if isinstance(value, list):
        return [text for each in value for text in texts_of(each)]
    return [value] if isinstance(value, str) else []

"""JSON, GitHub annotations and SARIF: what other programs read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from precollect.findings import Finding, Fix, Kind, Place, Related, RemoveWords, Rule
from precollect.pages import ONLINE, page
from precollect.reading.tree import Tree, open_tree
from precollect.reporting import FORMATS, report
from precollect.reporting.terminal import Look

RULE = Rule("disabled-plugin-mark", "plugin-disablers", "breaks", "a mark of a disabled plugin is in use")
OTHER = Rule("global-reruns", "reruns-policy", "policy", "every test is rerun")
RULES = {rule.name: rule for rule in (RULE, OTHER)}
FINDING = RULE.at(
    Place("pytest.ini", 4, 5),
    "'-p no:asyncio' disables the mark 'asyncio'",
    (Related(Place("tests/test_io.py", 14, 2), "used here"),),
    Fix("remove `-p no:asyncio`", True, ()),
)
HOSTILE = RULE.at(Place("a b/ü:,%#?\n\udce9.py", 1, 1), "100% of\r\n::error::'\udce9', \x1b[2J")


def written(format: str, *findings: Finding) -> str:
    return report(findings, format, tree=Tree("/", {}), rules=RULES, look=Look())


def sarif_run(*findings: Finding) -> dict[str, Any]:
    log = json.loads(written("sarif", *findings))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


def test_json_is_what_the_contract_says() -> None:
    assert json.loads(written("json", FINDING)) == {
        "version": 1,
        "findings": [
            {
                "rule": "disabled-plugin-mark",
                "concern": "plugin-disablers",
                "kind": "breaks",
                "path": "pytest.ini",
                "line": 4,
                "column": 5,
                "message": "'-p no:asyncio' disables the mark 'asyncio'",
                "related": [{"path": "tests/test_io.py", "line": 14, "column": 2, "message": "used here"}],
                "fix": {"title": "remove `-p no:asyncio`", "safe": True},
            }
        ],
    }


def test_json_of_nothing_is_an_empty_list() -> None:
    assert json.loads(written("json")) == {"version": 1, "findings": []}


def test_json_without_a_fix_says_null() -> None:
    (entry,) = json.loads(written("json", FINDING._replace(fix=None)))["findings"]
    assert entry["fix"] is None


def test_json_keeps_a_name_that_is_no_utf8() -> None:
    (entry,) = json.loads(written("json", HOSTILE))["findings"]
    assert entry["path"] == HOSTILE.place.path
    assert entry["message"] == HOSTILE.message


ANNOTATIONS = {
    "a finding with all it has": (
        FINDING,
        "::error file=pytest.ini,line=4,col=5,title=disabled-plugin-mark::"
        "'-p no:asyncio' disables the mark 'asyncio' [breaks]"
        "%0Atests/test_io.py:14:2: used here%0Afix: remove `-p no:asyncio` (--fix)\n",
    ),
    "what is lost is a warning": (
        Finding(Place("a.ini", 1, 1), "some-rule", "addopts", "loses", "why"),
        "::warning file=a.ini,line=1,col=1,title=some-rule::why [loses]\n",
    ),
    "a house rule is a warning": (
        OTHER.at(Place("a.ini", 1, 1), "why"),
        "::warning file=a.ini,line=1,col=1,title=global-reruns::why [policy]\n",
    ),
    "more places than fit are counted": (
        OTHER.at(Place("a.ini", 1, 1), "why", tuple(Related(Place("b", n, 1), "x") for n in range(1, 6))),
        "::warning file=a.ini,line=1,col=1,title=global-reruns::"
        "why [policy]%0Ab:1:1: x%0Ab:2:1: x%0Ab:3:1: x%0Aand 2 more\n",
    ),
    "a name and a message cannot begin a command of their own": (
        HOSTILE,
        "::error file=a b/ü%3A%2C%25#?%0A\ufffd.py,line=1,col=1,title=disabled-plugin-mark::"
        "100%25 of%0D\\n::error::'\\udce9', \\x1b[2J [breaks]\n",
    ),
}


@pytest.mark.parametrize(("finding", "command"), ANNOTATIONS.values(), ids=ANNOTATIONS)
def test_github_annotations(finding: Finding, command: str) -> None:
    assert written("github", finding) == command


def test_github_says_nothing_where_nothing_is_found() -> None:
    assert written("github") == ""


def test_sarif_describes_every_rule_even_where_nothing_is_found() -> None:
    run = sarif_run()
    assert run["results"] == []
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["tool"]["driver"]["rules"] == [
        {
            "id": "disabled-plugin-mark",
            "shortDescription": {"text": "a mark of a disabled plugin is in use"},
            "helpUri": f"{ONLINE}/disabled-plugin-mark.md",
            "help": {"text": "a mark of a disabled plugin is in use. pytest stops, fails or collects nothing."},
            "defaultConfiguration": {"level": "error"},
            "properties": {"tags": ["plugin-disablers", "breaks"]},
        },
        {
            "id": "global-reruns",
            "shortDescription": {"text": "every test is rerun"},
            "helpUri": f"{ONLINE}/global-reruns.md",
            "help": {"text": "every test is rerun. pytest is content, a house rule is not."},
            "defaultConfiguration": {"level": "note"},
            "properties": {"tags": ["reruns-policy", "policy"]},
        },
    ]


def test_sarif_has_the_page_of_a_rule_that_is_found() -> None:
    found, other = sarif_run(FINDING)["tool"]["driver"]["rules"]
    assert found["help"]["markdown"] == page("disabled-plugin-mark")
    assert found["help"]["markdown"].startswith("# disabled-plugin-mark\n")
    assert "markdown" not in other["help"]


def test_sarif_result_with_all_it_has() -> None:
    assert sarif_run(FINDING)["results"] == [
        {
            "ruleId": "disabled-plugin-mark",
            "ruleIndex": 0,
            "level": "error",
            "message": {
                "text": "'-p no:asyncio' disables the mark 'asyncio'; fix: remove `-p no:asyncio` (--fix)",
            },
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "pytest.ini", "uriBaseId": "%SRCROOT%"},
                        "region": {"startLine": 4, "startColumn": 5},
                    }
                }
            ],
            "relatedLocations": [
                {
                    "id": 1,
                    "physicalLocation": {
                        "artifactLocation": {"uri": "tests/test_io.py", "uriBaseId": "%SRCROOT%"},
                        "region": {"startLine": 14, "startColumn": 2},
                    },
                    "message": {"text": "used here"},
                }
            ],
            "properties": {"tags": ["plugin-disablers", "breaks"]},
        }
    ]


def test_sarif_result_of_a_rule_that_is_not_described() -> None:
    (result,) = sarif_run(FINDING._replace(rule="new-rule", related=()))["results"]
    assert result["ruleId"] == "new-rule"
    assert "ruleIndex" not in result
    assert "relatedLocations" not in result


URIS = {
    "a plain path": ("tests/unit/test_a-b.py", "tests/unit/test_a-b.py"),
    "a blank": ("a b.py", "a%20b.py"),
    "a colon, which would be a scheme": ("c:x.py", "c%3Ax.py"),
    "letters beyond ASCII": ("ü/日.py", "%C3%BC/%E6%97%A5.py"),
    "characters that mean something in a URI": ("a%b?c#d[e].py", "a%25b%3Fc%23d%5Be%5D.py"),
    "a name that is no UTF-8": ("caf\udce9.py", "caf%E9.py"),
}


@pytest.mark.parametrize(("path", "uri"), URIS.values(), ids=URIS)
def test_sarif_uris_are_percent_encoded_bytes(path: str, uri: str) -> None:
    (result,) = sarif_run(OTHER.at(Place(path, 1, 1), "why"))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_can_be_written_as_utf8_and_takes_hostile_names(format: str) -> None:
    assert "disabled-plugin-mark" in written(format, HOSTILE).encode().decode()


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_is_ordered_by_place(format: str) -> None:
    kinds: tuple[Kind, ...] = ("breaks", "loses", "policy")
    findings = [
        Finding(Place("a.ini", line, 1), "r", "addopts", kind, "m") for line, kind in zip((3, 1, 2), kinds, strict=True)
    ]
    assert written(format, *findings) == written(format, *reversed(findings))


def test_an_unknown_format_is_an_error() -> None:
    with pytest.raises(ValueError, match="no such format: 'xml'"):
        written("xml")


REPLACED = {
    "a line in the middle is taken out": ("a\nb\nc\n", "a\nc\n"),
    "a line is changed": ("a\nb = 1\nc\n", "a\nb = 2\nc\n"),
    "a line is put in": ("a\nc\n", "a\nb\nc\n"),
    "a line is put behind the last": ("a\n", "a\nb\n"),
    "the last line has no newline": ("a\nb", "a\nc"),
    "a line is put behind a last one without newline": ("a", "a\nb\n"),
    "the last line is taken out": ("a\nb\n", "a\n"),
    "lines that repeat": ("a\na\na\n", "a\na\n"),
    "two places": ("a\nb\nc\nd\ne\n", "a\nc\ne\n"),
    "lines that end in CRLF": ("a\r\nb\r\nc\r\n", "a\r\nc\r\n"),
    "everything": ("a\n", ""),
    "nothing was there": ("", "a\n"),
}


@pytest.mark.parametrize(("old", "new"), REPLACED.values(), ids=REPLACED)
def test_sarif_replaces_whole_lines(old: str, new: str) -> None:
    from precollect.reporting.sarif import _replacement

    made = _replacement(old.encode(), new.encode())
    region = made["deletedRegion"]
    starts = [0, *(number + 1 for number, letter in enumerate(old) if letter == "\n")]
    start = starts[region["startLine"] - 1] + region["startColumn"] - 1
    end = starts[region["endLine"] - 1] + region["endColumn"] - 1

    assert region["startColumn"] == 1
    assert old[:start] + made["insertedContent"]["text"] + old[end:] == new


def test_sarif_shows_what_a_fix_replaces(tmp_path: Path) -> None:
    content = "[pytest]\naddopts =\n    -q\n    -p no:asyncio\n"
    (tmp_path / "pytest.ini").write_text(content, encoding="utf-8")
    edit = RemoveWords("pytest.ini", "pytest", "addopts", (1, 2))
    finding = FINDING._replace(fix=Fix("remove it", True, (edit,)))

    log = json.loads(report([finding], "sarif", tree=open_tree(str(tmp_path)), rules=RULES, look=Look()))

    assert log["runs"][0]["results"][0]["fixes"] == [
        {
            "description": {"text": "remove it (--fix)"},
            "artifactChanges": [
                {
                    "artifactLocation": {"uri": "pytest.ini", "uriBaseId": "%SRCROOT%"},
                    "replacements": [
                        {
                            "deletedRegion": {"startLine": 4, "startColumn": 1, "endLine": 5, "endColumn": 1},
                            "insertedContent": {"text": ""},
                        }
                    ],
                }
            ],
        }
    ]
    assert (tmp_path / "pytest.ini").read_text(encoding="utf-8") == content

"""Comments that allow findings, and what is said about comments that do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from precollect import suppressions
from precollect.findings import Finding, Place, Rule
from running import tree_of

MARK = Rule("unregistered-mark", "strict-markers", "breaks", "nobody registers a mark")
DISABLED = Rule("disabled-plugin-mark", "plugin-disablers", "breaks", "a mark of a disabled plugin is in use")
THIRD_PARTY = Rule("disabled-third-party-plugin", "plugin-disablers", "policy", "a plugin is disabled")
RULES = {rule.name: rule for rule in (MARK, DISABLED, THIRD_PARTY, *suppressions.RULES)}
EVERY = frozenset(RULES)


def left(
    folder: Path, path: str, content: str, findings: list[Finding], judged: frozenset[str] = EVERY
) -> list[tuple[int, int, str]]:
    """Line, column and rule of what remains of the findings, and of what is said about comments."""
    tree = tree_of(folder, {path: content})
    remaining = suppressions.apply(findings, tree, rules=RULES, judged=judged, files=[path])
    return [(finding.place.line, finding.place.column, finding.rule) for finding in remaining]


# File, content, line of a finding of `disabled-plugin-mark`.
ALLOWED = {
    "ini: the line above": (
        "pytest.ini",
        "[pytest]\n# precollect: allow disabled-plugin-mark -- no sockets\naddopts = -p no:x\n",
        3,
    ),
    "ini: the line above within a value": (
        "pytest.ini",
        "[pytest]\naddopts =\n    # precollect: allow disabled-plugin-mark -- no sockets\n    -p no:x\n",
        4,
    ),
    "ini: above other comments and blank lines": (
        "tox.ini",
        "[pytest]\n; precollect: allow disabled-plugin-mark -- no sockets\n\n# why\naddopts = -p no:x\n",
        5,
    ),
    "ini: behind a section's header": (
        "setup.cfg",
        "[tool:pytest]  # precollect: allow disabled-plugin-mark -- no sockets\n",
        1,
    ),
    "python: a comment that is the first line, for the file as a whole": (
        "test_one.py",
        "# precollect: allow disabled-plugin-mark -- no sockets\nimport net\n",
        1,
    ),
    "python: a file that holds nothing else": (
        "__init__.py",
        "# precollect: allow disabled-plugin-mark -- no sockets\n",
        1,
    ),
    "toml: the same line": (
        "pyproject.toml",
        "[tool.pytest]\naddopts = ['-p', 'no:x']  # precollect: allow disabled-plugin-mark -- no sockets\n",
        2,
    ),
    "toml: the line above in a list": (
        "pytest.toml",
        "[pytest]\naddopts = [\n  # precollect: allow disabled-plugin-mark -- no sockets\n  '-p', 'no:x',\n]\n",
        4,
    ),
    "python: the same line": (
        "test_x.py",
        "@mark.x  # precollect: allow disabled-plugin-mark -- no sockets\ndef test(): ...\n",
        1,
    ),
    "python: the line above": (
        "test_x.py",
        "# precollect: allow disabled-plugin-mark -- no sockets\n@mark.x\ndef test(): ...\n",
        2,
    ),
    "behind another comment": (
        "test_x.py",
        "@mark.x  # noqa: E501  # precollect: allow disabled-plugin-mark -- no sockets\n",
        1,
    ),
    "several rules": (
        "pytest.ini",
        "# precollect: allow disabled-plugin-mark,disabled-plugin-mark -- no sockets\n[pytest]\n",
        2,
    ),
    "without blanks": ("pytest.ini", "#precollect:allow disabled-plugin-mark--no sockets\n[pytest]\n", 2),
    "a reason with dashes": (
        "pytest.ini",
        "# precollect: allow disabled-plugin-mark -- until --strict-markers -- is on # really\n[pytest]\n",
        2,
    ),
}


@pytest.mark.parametrize(("path", "content", "line"), ALLOWED.values(), ids=ALLOWED)
def test_a_comment_allows_the_findings_of_its_rule_at_its_line(
    tmp_path: Path, path: str, content: str, line: int
) -> None:
    finding = DISABLED.at(Place(path, line, 7), "why")
    assert left(tmp_path, path, content, [finding, finding]) == []


KEPT = {
    "no comment": ("[pytest]\naddopts = -p no:x\n", 2),
    "a comment about something else": ("[pytest]\n# precollect runs here\naddopts = -p no:x\n", 3),
    "prose that begins with our name": ("[pytest]\n# precollect: runs before each commit\naddopts = -p no:x\n", 3),
    "prose that shows how it is spelled": (
        "[pytest]\n# write '# precollect: allow disabled-plugin-mark -- why'\naddopts = -p no:x\n",
        3,
    ),
    "the text behind a value, where it is a part of it": (
        "[pytest]\naddopts = -p no:x  # precollect: allow disabled-plugin-mark -- why\n",
        2,
    ),
}


@pytest.mark.parametrize(("content", "line"), KEPT.values(), ids=KEPT)
def test_anything_else_allows_nothing_and_is_not_mentioned(tmp_path: Path, content: str, line: int) -> None:
    finding = DISABLED.at(Place("pytest.ini", line, 1), "why")
    assert left(tmp_path, "pytest.ini", content, [finding]) == [(line, 1, "disabled-plugin-mark")]


# Content of pytest.ini whose line 3 has a finding of `disabled-plugin-mark`, what remains.
REPORTED = {
    "a comment for another line": (
        "# precollect: allow disabled-plugin-mark -- why\n[pytest]\naddopts = -p no:x\n",
        [(3, 1, "disabled-plugin-mark"), (1, 21, "unused-suppression")],
    ),
    "a comment for another rule": (
        "[pytest]\n# precollect: allow unregistered-mark -- why\naddopts = -p no:x\n",
        [(3, 1, "disabled-plugin-mark"), (2, 21, "unused-suppression")],
    ),
    "one rule of two": (
        "[pytest]\n# precollect: allow disabled-plugin-mark, unregistered-mark -- why\naddopts = -p no:x\n",
        [(2, 43, "unused-suppression")],
    ),
    "a comment at the end of the file": (
        "[pytest]\n# precollect: allow disabled-plugin-mark -- a\naddopts = -p no:x\n"
        "# precollect: allow disabled-plugin-mark -- b\n",
        [(4, 21, "unused-suppression")],
    ),
    "a rule that does not exist": (
        "[pytest]\n# precollect: allow disabled-plugin-marks -- why\naddopts = -p no:x\n",
        [(3, 1, "disabled-plugin-mark"), (2, 21, "unknown-suppression")],
    ),
    "a rule that does not exist beside one that does": (
        "[pytest]\n# precollect: allow disabled-plugin-mark nonsense -- why\naddopts = -p no:x\n",
        [(2, 42, "unknown-suppression")],
    ),
    "no rule": (
        "[pytest]\n# precollect: allow -- why\naddopts = -p no:x\n",
        [(3, 1, "disabled-plugin-mark"), (2, 1, "unknown-suppression")],
    ),
    "another verb": (
        "[pytest]\n# precollect: ignore disabled-plugin-mark -- why\naddopts = -p no:x\n",
        [(3, 1, "disabled-plugin-mark"), (2, 1, "unknown-suppression")],
    ),
    "a slip in the verb": (
        "[pytest]\n# precollect: alow disabled-plugin-mark -- why\naddopts = -p no:x\n",
        [(3, 1, "disabled-plugin-mark"), (2, 1, "unknown-suppression")],
    ),
    "no reason": (
        "[pytest]\n# precollect: allow disabled-plugin-mark\naddopts = -p no:x\n",
        [(3, 1, "disabled-plugin-mark"), (2, 1, "suppression-without-reason")],
    ),
    "an empty reason": (
        "[pytest]\n# precollect: allow disabled-plugin-mark -- \naddopts = -p no:x\n",
        [(3, 1, "disabled-plugin-mark"), (2, 1, "suppression-without-reason")],
    ),
    "a reason without its dashes": (
        "[pytest]\n# precollect: allow disabled-plugin-mark because of sockets\naddopts = -p no:x\n",
        [(3, 1, "disabled-plugin-mark"), (2, 1, "suppression-without-reason")],
    ),
}


@pytest.mark.parametrize(("content", "expected"), REPORTED.values(), ids=REPORTED)
def test_a_comment_that_does_nothing_is_reported(
    tmp_path: Path, content: str, expected: list[tuple[int, int, str]]
) -> None:
    finding = DISABLED.at(Place("pytest.ini", 3, 1), "why")
    assert left(tmp_path, "pytest.ini", content, [finding]) == expected


MESSAGES = {
    "# precollect: allow disabled-plugin-mark -- why": (
        "no 'disabled-plugin-mark' is found here, the comment allows nothing; remove it",
        "plugin-disablers",
    ),
    "# precollect: allow unregisterd-mark -- why": (
        "'unregisterd-mark' is no rule, it allows nothing; did you mean 'unregistered-mark'?",
        "strict-markers",
    ),
    "# precollect: allow nonsense -- why": ("'nonsense' is no rule, it allows nothing", "config-file"),
    "# precollect: allow unregistered-mark": (
        "no reason is given, so nothing is allowed; write '# precollect: allow unregistered-mark -- REASON'",
        "strict-markers",
    ),
    "# precollect: disable": (
        "'disable' is not understood; write '# precollect: allow RULE -- REASON'",
        "config-file",
    ),
}


@pytest.mark.parametrize(("comment", "message", "concern"), [(key, *row) for key, row in MESSAGES.items()])
def test_the_message_says_what_to_do(tmp_path: Path, comment: str, message: str, concern: str) -> None:
    tree = tree_of(tmp_path, {"pytest.ini": f"{comment}\n[pytest]\n"})
    (finding,) = suppressions.apply([], tree, rules=RULES, judged=EVERY, files=["pytest.ini"])
    assert (finding.message, finding.concern, finding.kind) == (message, concern, "policy")


# Comment, names of the rules that a run asks: a comment that this run cannot judge is left alone.
NOT_JUDGED = {
    "a rule of another hook": ("allow disabled-plugin-mark -- why", {"unregistered-mark"}),
    "a house rule that this run does not ask": ("allow disabled-third-party-plugin -- why", {"disabled-plugin-mark"}),
    "a slip in the name of another hook's rule": ("allow disabled-plugin-marks -- why", {"unregistered-mark"}),
    "no reason for another hook's rule": ("allow disabled-plugin-mark", {"unregistered-mark"}),
}


@pytest.mark.parametrize(("comment", "judged"), NOT_JUDGED.values(), ids=NOT_JUDGED)
def test_comments_on_what_this_run_does_not_ask_are_left_alone(tmp_path: Path, comment: str, judged: set[str]) -> None:
    content = f"# precollect: {comment}\n[pytest]\n"
    assert left(tmp_path, "pytest.ini", content, [], frozenset(judged)) == []


def test_a_comment_in_a_string_allows_nothing(tmp_path: Path) -> None:
    content = 's = """\n# precollect: allow unregistered-mark -- why\n"""; mark.x\n'
    finding = MARK.at(Place("test_x.py", 3, 6), "why")
    assert left(tmp_path, "test_x.py", content, [finding]) == [(3, 6, "unregistered-mark")]


def test_files_that_findings_point_to_are_looked_at_without_being_named(tmp_path: Path) -> None:
    tree = tree_of(tmp_path, {"test_x.py": "mark.x  # precollect: allow unregistered-mark -- why\n"})
    finding = MARK.at(Place("test_x.py", 1, 1), "why")
    assert suppressions.apply([finding], tree, rules=RULES, judged=EVERY, files=[]) == []


def test_a_file_that_cannot_be_read_allows_nothing(tmp_path: Path) -> None:
    tree = tree_of(tmp_path, {})
    finding = MARK.at(Place("gone.py", 1, 1), "why")
    assert suppressions.apply([finding], tree, rules=RULES, judged=EVERY, files=["also_gone.py"]) == [finding]


def test_findings_in_several_files_are_told_apart(tmp_path: Path) -> None:
    tree = tree_of(tmp_path, {"a.py": "mark.x  # precollect: allow unregistered-mark -- why\n", "b.py": "mark.x\n"})
    findings = [MARK.at(Place(path, 1, 1), "why") for path in ("a.py", "b.py")]
    assert suppressions.apply(findings, tree, rules=RULES, judged=EVERY, files=["a.py"]) == findings[1:]


def test_the_suppression_rules_are_house_rules() -> None:
    assert {rule.kind for rule in suppressions.RULES} == {"policy"}

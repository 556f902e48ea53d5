"""Values that pytest or a plugin refuses: of another type than the key, none of the words it takes, or with a comment.

Source: `Config._getini`; 7.4.4, 8.4.2, 9.2.0.
"""

from __future__ import annotations

from collections.abc import Iterator

from precollect import catalog
from precollect.catalog import IniKey
from precollect.catalog.versions import version_key
from precollect.concerns.config_file import fixes, key_types
from precollect.concerns.config_file.comments import Comment, comment_in
from precollect.concerns.config_file.concern import CONCERN
from precollect.concerns.config_file.moments import is_read
from precollect.concerns.config_file.readings import Complaint, choices, moment_of, refusal
from precollect.findings import Finding, Rule
from precollect.model.project import Project
from precollect.model.values import Value

BAD_VALUE = Rule("bad-value", CONCERN, "breaks", "a key has a value that pytest or a plugin refuses")
WRONG_TYPE = Rule("wrong-type", CONCERN, "breaks", "a key of a TOML table has a value of another type than it takes")
COMMENT = Rule("comment-in-value", CONCERN, "breaks", "a comment behind a value is part of the value")

RULES = (BAD_VALUE, WRONG_TYPE, COMMENT)

LEVELS = frozenset({"log_level", "log_cli_level", "log_file_level"})
# Their values are a matter of other concerns.
ELSEWHERE = frozenset(
    {"asyncio_default_fixture_loop_scope", "asyncio_default_test_loop_scope", "asyncio_mode", "reruns"}
)
# Their comments are found where their words are understood.
COMMENTS_ELSEWHERE = frozenset({"addopts", "required_plugins"})
STRICTNESS = frozenset({"strict", "strict_markers"})
WHEN = {
    "run": "pytest collects, and stops before the first test",
    "xfail": "the tests marked xfail fail when they run",
}


def check(project: Project) -> Iterator[Finding]:
    """The findings about values of keys that pytest knows."""
    known = project.plugins.keys
    for value in project.values:
        key = known.get(value.key)
        if key is None or project.plugins.disabler_of(key.owner) is not None:
            continue
        if value.key in ELSEWHERE:
            continue
        if value.key in STRICTNESS and value.boolean is None and project.unregistered:
            continue  # there is a mark at which pytest stops for that: a finding of strict-markers
        finding = _of(project, key, value)
        if finding is not None:
            yield finding


def _of(project: Project, key: IniKey, value: Value) -> Finding | None:
    complaint = _complaint(project, key, value)
    comment = comment_in(project.config.source if project.config else None, value, key)
    if comment is not None and (found := _comment(project, key, value, comment, complaint)) is not None:
        return found
    if complaint is not None:
        if value.key == "addopts" and value.text is not None and value.mode == "ini":
            return None  # open quotes there are a matter of the command line
        return _refused(project, key, value, complaint)
    if value.text is not None and _is_table(value):
        way_out = "write a list of texts" if key.type in key_types.WORDS else "write a text"
        said = f"'{value.key}' is a table, which pytest takes for the text \"{value.text[:40]}\""
        return WRONG_TYPE.at(value.place, f"{said}; {way_out}", kind="loses")
    return _ignored_word(project, key, value)


def _complaint(project: Project, key: IniKey, value: Value) -> Complaint | None:
    said = key_types.complaint(key, value)
    if said is not None or value.text is None or key_types.words_of(key.type):
        return said
    if value.key == "minversion":
        return _bad_version(value.text)
    said = refusal(value.key, value.text)
    if said is not None and value.key in LEVELS and _may_be_a_level(project, value.text.upper()):
        return None
    return said


def _refused(project: Project, key: IniKey, value: Value, complaint: Complaint) -> Finding:
    rule = WRONG_TYPE if complaint.of_type else BAD_VALUE
    fix = fixes.typed(project, key, value)
    if is_read(project, value.key):
        when = WHEN.get(moment_of(value.key) or "", "pytest stops")
        return rule.at(value.place, f"{when}: {complaint.said}; {complaint.way_out}", fix=fix)
    message = f"pytest refuses the value of '{value.key}' as soon as it reads it: {complaint.said}; {complaint.way_out}"
    return rule.at(value.place, message, fix=fix, kind="loses")


def _may_be_a_level(project: Project, level: str) -> bool:
    """Whether the project's own code may add a level of this name to `logging`."""
    word = level.encode("utf-8", "surrogatepass")
    return any(path.endswith(".py") and project.modules.mentions(path, word) for path in project.tree)


def _bad_version(text: str) -> Complaint | None:
    try:
        version_key(text.strip())
    except ValueError:
        return Complaint(f"Invalid version: '{text}'", "write a version alone: 8.0") if text else None
    return None


def _ignored_word(project: Project, key: IniKey, value: Value) -> Finding | None:
    """An enumeration that this pytest does not check: it takes an unknown word for nothing."""
    known = catalog.pytest()
    if key.type != "string" or not value.text or key.name not in project.pytest.keys:
        return None
    newest = known.at(known.newest).keys.get(key.name)
    words = key_types.words_of(newest.type) if newest is not None else []
    if not words or value.text in words:
        return None
    said = f"'{value.text}' is no value of '{value.key}', pytest {project.pytest.version} ignores it"
    return BAD_VALUE.at(value.place, f"{said}; {choices(words)}", kind="loses")


def _is_table(value: Value) -> bool:
    """Whether a text is what pytest makes of a table in [tool.pytest.ini_options]."""
    return value.entry is not None and value.entry.is_table


def _comment(
    project: Project, key: IniKey, value: Value, comment: Comment, complaint: Complaint | None
) -> Finding | None:
    """The finding about a comment; None where it does no harm, or the value would be refused without it, too."""
    if value.key in COMMENTS_ELSEWHERE:
        return None
    takes_words = key.type in {"args", "paths"}
    meant = value._replace(raw=comment.value)
    if not takes_words and (complaint is None or _complaint(project, key, meant) is not None):
        return None
    stops = (
        project.tests.any_runs if value.key == "usefixtures" else complaint is not None and is_read(project, key.name)
    )
    when = WHEN.get(moment_of(value.key) or "", "pytest stops")
    if value.key == "usefixtures":
        said = f"every test fails when it runs: fixture '{comment.text[0]}' not found"
    elif complaint is not None:
        said = f"{when}: {complaint.said}" if stops else f"which is refused when it is read: {complaint.said}"
    else:
        said = "its words are further values"
    what = f"the comment '{comment.text}' is a part of '{value.key}', {said}; give it a line of its own"
    return COMMENT.at(
        comment.place, what, fix=fixes.lifted_comments(project, value), kind="breaks" if stops else "loses"
    )

"""Which file is the configuration: files that pytest cannot read, and those that another one hides.

Source: `_pytest/config/findpaths.py` `locate_config` (7.4.4 to 9.2.0).
"""

from __future__ import annotations

from collections.abc import Iterator

from precollect.concerns.config_file import fixes
from precollect.concerns.config_file.concern import CONCERN
from precollect.concerns.config_file.lost_tests import all_are_lost
from precollect.findings import Finding, Related, Rule
from precollect.model.project import Project
from precollect.reading.config_file import BOTH_TABLES, PYTEST_IN_SETUP_CFG, ConfigFile
from precollect.reading.text import Problem

UNREADABLE = Rule("configuration-unreadable", CONCERN, "breaks", "pytest cannot read a configuration file")
SETUP_CFG = Rule("pytest-section-in-setup-cfg", CONCERN, "breaks", "setup.cfg has the section [pytest]")
TABLES = Rule("two-pytest-tables", CONCERN, "breaks", "[tool.pytest] stands beside [tool.pytest.ini_options]")
SHADOWED = Rule("configuration-shadowed", CONCERN, "breaks", "another file hides a configuration")

RULES = (UNREADABLE, SETUP_CFG, TABLES, SHADOWED)

# What the parsers say → what to do.
WAYS_OUT = (
    ("unexpected value continuation", "take the blanks before the key away"),
    ("unexpected line", "indent the line if it continues the value above, or write key = value"),
    ("duplicate name", "give the key once"),
    ("duplicate section", "join the two sections"),
    ("no section header defined", "put the section's header above it"),
    ("empty section name", "name the section"),
    ("Cannot declare", "join the two tables"),
    ("Cannot overwrite a value", "give the key once"),
    ("Invalid value", "a text stands in quotes"),
    ("Illegal character '\\n'", "close the quotes"),
    ("Expected '='", "write key = value"),
    ("Unclosed array", "close the bracket"),
    ("codec can't decode", "save the file as UTF-8"),
    ("pytest configuration must be under", "put the header [pytest] above it"),
    ("is no table", "write a table"),
)


def check(project: Project) -> Iterator[Finding]:
    """The findings about files as a whole."""
    for problem in project.found.problems:
        yield _problem(project, problem)
    yield from _shadowed(project)


def _problem(project: Project, problem: Problem) -> Finding:
    winner = project.config
    related = (Related(winner.header, "the configuration that wins"),) if winner is not None else ()
    beside = f" (it reads every configuration file beside {winner.path})" if winner is not None else ""
    if problem.message == PYTEST_IN_SETUP_CFG:
        fix = fixes.renamed_section(problem.place.path, "pytest", "tool:pytest")
        return SETUP_CFG.at(problem.place, f"pytest stops{beside}: {problem.message.rstrip('.')}", related, fix)
    if problem.message == BOTH_TABLES:
        message = f"pytest stops{beside}: {problem.message.rstrip('.')}; move all keys to one of the two"
        return TABLES.at(problem.place, message, related)
    way_out = next((way_out for said, way_out in WAYS_OUT if said in problem.message), "")
    if problem.message.startswith("Invalid statement (at line 1, column 1)") and _has_bom(project, problem.place.path):
        way_out = "save the file without the byte order mark"
    message = problem.message.rstrip(".")
    return UNREADABLE.at(problem.place, f"pytest stops{beside}: {message}{way_out and '; '}{way_out}", related)


def _has_bom(project: Project, path: str) -> bool:
    return project.tree.read(path).startswith(b"\xef\xbb\xbf")


def _shadowed(project: Project) -> Iterator[Finding]:
    winner = project.config
    if winner is None:
        return
    for other in project.found.others:
        if not other.entries:
            continue
        if winner.entries or _holds_other_settings(winner, project.pytest.behaviours):
            yield SHADOWED.at(
                other.header,
                f"pytest never reads [{other.section}] here, {winner.path} wins; "
                "keep one of the two, with the settings of both",
                (Related(winner.header, "the configuration that wins"),),
                kind="policy",
            )
            continue
        settings = {key: entry.value for key, entry in other.entries.items()}
        nothing = all_are_lost(project, settings)
        said = "pytest collects nothing" if nothing else f"pytest ignores its {_keys(other)}"
        yield SHADOWED.at(
            winner.header,
            f"{winner.path} holds no setting and still wins over [{other.section}] in {other.path}, {said}; "
            f"remove {winner.path}, or move the settings there",
            (Related(other.header, "the settings that nobody reads"),),
            kind="breaks" if nothing else "loses",
        )
        return


def _holds_other_settings(winner: ConfigFile, behaviours: frozenset[str]) -> bool:
    """Whether a winner without settings has some under a wrong name, which is a finding of its own."""
    from precollect.concerns.config_file.sections import misnamed

    return any(True for _ in misnamed(winner.path, winner.source, behaviours))


def _keys(other: ConfigFile) -> str:
    return f"{len(other.entries)} keys" if len(other.entries) > 1 else f"key '{next(iter(other.entries))}'"

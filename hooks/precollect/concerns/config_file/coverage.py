"""coverage reads its settings from setup.cfg and tox.ini, too, and is stricter with these files than pytest is.

Source: coverage 7.6.1 and 7.10.7, `config.py` `read_coverage_config`; pytest-cov 4.1.0 to 7.1.0.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from precollect.concerns.config_file.concern import CONCERN
from precollect.findings import Finding, Place, Rule
from precollect.model.project import Project
from precollect.reading.collection import within
from precollect.reading.tree import UnreadableError

if TYPE_CHECKING:
    from configparser import ConfigParser

UNREADABLE = Rule("coverage-configuration-unreadable", CONCERN, "breaks", "--cov makes coverage read a file it cannot")

RULES = (UNREADABLE,)

DEFAULT = ".coveragerc"
SHARED = ("setup.cfg", "tox.ini")
NUMBERS = {("report", "fail_under"): float, ("report", "precision"): int, ("html", "precision"): int}
BOOLEANS = frozenset(
    {
        *(("run", key) for key in ("branch", "cover_pylib", "parallel", "relative_files", "timid")),
        *(("report", key) for key in ("ignore_errors", "show_missing", "skip_covered", "skip_empty")),
        ("json", "pretty_print"),
    }
)


def check(project: Project) -> Iterator[Finding]:
    """The findings about files that coverage reads when pytest starts."""
    line = project.line
    off = any(given.name == "--no-cov" for given in line.given)
    if not line.all("cov_source") or off or not project.gives("option", "--cov"):
        return
    given = line.last("cov_config")
    named = given.value if given is not None and given.value else DEFAULT
    refused = {problem.place.path for problem in project.found.problems}
    for name in (named, *SHARED):
        path = within(project.start.folder, name)
        if path is None:
            return
        if path not in project.tree:
            if name == named and given is not None and named != DEFAULT:
                yield UNREADABLE.at(
                    given.words[-1].place, f"pytest stops: Couldn't read '{named}' as a config file; correct the path"
                )
                return
            continue
        if path.endswith(".toml") or path in refused:
            return
        finding, uses_it = _read(project, path, name == named)
        if finding is not None:
            yield finding
        if finding is not None or uses_it:
            return


def _read(project: Project, path: str, own: bool) -> tuple[Finding | None, bool]:
    """What is wrong with a file in coverage's eyes, and whether it looks no further than this one."""
    from configparser import ConfigParser, Error, MissingSectionHeaderError, ParsingError

    try:
        text = project.tree.read(path).decode("utf-8")
    except (UnreadableError, UnicodeDecodeError):
        return None, True
    parser = ConfigParser(interpolation=None)
    try:
        parser.read_string(text, path)
    except Error as error:
        number = getattr(error, "lineno", None)
        if isinstance(error, ParsingError) and not isinstance(error, MissingSectionHeaderError):
            number = error.errors[0][0]
        said = " ".join(str(error).split())
        if isinstance(error, MissingSectionHeaderError) and text.startswith("\ufeff"):
            said = "File contains no section headers: a byte order mark stands before the first"
        message = (
            f"pytest stops, as --cov makes coverage read the file: Couldn't read config file {path}: {said}; correct it"
        )
        return UNREADABLE.at(Place(path, number or 1, 1), message), True
    return _values(parser, path, text, own)


def _values(parser: ConfigParser, path: str, text: str, own: bool) -> tuple[Finding | None, bool]:
    uses_it = own
    for section in parser.sections():
        name = section.removeprefix("coverage:")
        if name == section and not own:
            continue
        for key, value in parser.items(section):
            uses_it = True
            said = _refusal(parser, name, key, value)
            if said is not None and "$" not in value:
                message = f"pytest stops, as --cov makes coverage read the file: '{key} = {value}': {said}; "
                message += "write true or false" if said.startswith("Not a boolean") else "write a number"
                return UNREADABLE.at(_place(path, text, section, key), message), True
    return None, uses_it


def _refusal(parser: ConfigParser, section: str, key: str, value: str) -> str | None:
    if (section, key) in BOOLEANS:
        return None if value.lower() in parser.BOOLEAN_STATES else f"Not a boolean: {value}"
    number = NUMBERS.get((section, key))
    if number is not None:
        try:
            number(value)
        except ValueError as error:
            return str(error)
    return None


def _place(path: str, text: str, section: str, key: str) -> Place:
    """The place of a key, as `configparser` compares it: without regard to case."""
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("["):
            inside = line.startswith(f"[{section}]")
        elif inside and line.partition("=")[0].partition(":")[0].strip().lower() == key:
            return Place(path, number, 1)
    return Place(path, 1, 1)

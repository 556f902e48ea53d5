"""The report that people read: a line per finding, below it the source, related places and the fix.

pytest.ini:4:5: disabled-plugin-mark: '-p no:asyncio' … [breaks]
  4 |     -p no:asyncio
    |     ^
  tests/test_io.py:14:2: used here
  fix: remove `-p no:asyncio` (--fix)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from precollect.findings import Finding, Fix, Kind
from precollect.reading.tree import Tree
from precollect.reporting.terminal import Look, Style, visible, width

if TYPE_CHECKING:
    from precollect.model.project import Project

PAGE = 96  # cells of a source line that are shown
RELATED = 3  # places that are shown before "and N more"
COLOURS: dict[Kind, Style] = {"breaks": "red", "loses": "yellow", "policy": "cyan"}


def report(findings: Sequence[Finding], tree: Tree, look: Look) -> str:
    """The findings in the order given; "" for none."""
    sources = Sources(tree)
    return "".join(f"{line}\n" for finding in findings for line in _lines(finding, sources, look))


def summary(findings: Sequence[Finding]) -> str:
    """One line without newline: how many of each kind, which option mends how many, and the command that explains."""
    if not findings:
        return "nothing found"
    kinds = [finding.kind for finding in findings]
    counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in COLOURS if kind in kinds)
    number = "1 finding" if len(findings) == 1 else f"{len(findings)} findings"
    warnings = sum(not finding.blocks for finding in findings)
    if warnings:
        counts += "; 1 is a warning" if warnings == 1 else f"; {warnings} are warnings"
    fixes = [finding.fix.safe for finding in findings if finding.fix]
    options = [
        f"{option} mends {fixes.count(safe)}"
        for option, safe in (("--fix", True), ("--unsafe-fixes", False))
        if safe in fixes
    ]
    rules = {finding.rule for finding in findings}
    more = f"precollect explain {findings[0].rule if len(rules) == 1 else 'RULE'} tells more"
    return "; ".join(filter(None, [f"{number} ({counts})", ", ".join(options), more]))


def judged(projects: Sequence[Project]) -> list[str]:
    """For each start, which pytest was judged with which configuration and how many test modules; no newlines."""
    return list(dict.fromkeys(map(_start, projects)))


def nothing_judged(projects: Sequence[Project]) -> str:
    """That there was nothing to judge, without newline; "" where there was something."""
    if any(project.config is not None or project.found.problems or project.has_tests for project in projects):
        return ""
    folders = ", ".join(dict.fromkeys(project.start.folder or "." for project in projects))
    return f"nothing to judge: no configuration of pytest and no test modules in {folders}"


def _start(project: Project) -> str:
    number = sum(step.kind == "module" for step in project.steps)
    modules = "1 test module" if number == 1 else f"{number} test modules"
    file = project.config.path if project.config else "no configuration"
    version = project.version_of("pytest") or project.pytest.version
    called = f", called at {project.start.called}" if project.start.called else ""
    return f"pytest {version} in {project.start.folder or '.'}{called}: {file}, {modules}"


def allowance(findings: Sequence[Finding]) -> str:
    """How to allow one of the findings that break only a house rule, without newline; "" where there is none."""
    rule = next((finding.rule for finding in findings if finding.kind == "policy"), "")
    return f"a comment at its line allows a house rule: # precollect: allow {rule} -- REASON" if rule else ""


def fix_hint(fix: Fix) -> str:
    """What a fix does and the option that applies it: "remove `-p no:asyncio` (--fix)"."""
    return f"{fix.title} ({'--fix' if fix.safe else '--unsafe-fixes'})"


def label(finding: Finding) -> str:
    """The kind of a finding, and that it does not block: "policy, warning"."""
    return finding.kind if finding.blocks else f"{finding.kind}, warning"


def _lines(finding: Finding, sources: Sources, look: Look) -> list[str]:
    def clean(text: object) -> str:
        return visible(str(text), look.encoding)

    colour = COLOURS[finding.kind]
    lines = [
        f"{look.paint(clean(finding.place), 'bold')}: {look.paint(clean(finding.rule), colour)}: "
        f"{clean(finding.message)} {look.paint(f'[{label(finding)}]', colour)}"
    ]
    source = sources.line(finding.place.path, finding.place.line)
    if source.strip():
        shown, cells = excerpt(source, finding.place.column, look.encoding)
        gutter = " " * len(str(finding.place.line))
        lines.append(f"  {finding.place.line} | {shown}")
        lines.append(f"  {gutter} | {' ' * cells}{look.paint('^', colour)}")
    lines += [f"  {clean(place)}: {clean(message)}" for place, message in finding.related[:RELATED]]
    if len(finding.related) > RELATED:
        lines.append(f"  and {len(finding.related) - RELATED} more")
    if finding.fix:
        lines.append(f"  {look.paint('fix', 'green')}: {clean(fix_hint(finding.fix))}")
    return lines


class Sources:
    """The lines of the files that findings lie in. Keeps one file, since findings come in order of files."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._path: str | None = None
        self._lines: list[str] = []

    def line(self, path: str, number: int) -> str:
        """A line by its 1-based number, without its end; "" where the file cannot be read or has no such line."""
        if path != self._path:
            self._path = path
            text = self._tree.read_or_nothing(path).decode("utf-8-sig", "replace")
            self._lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return self._lines[number - 1] if 0 < number <= len(self._lines) else ""


def excerpt(line: str, column: int, encoding: str) -> tuple[str, int]:
    """What fits on the page of a line around a 1-based column, and how many cells of it stand before the column."""
    at = min(max(column - 1, 0), len(line))
    before = _cells(line[max(0, at - PAGE) : at], encoding)
    after = _cells(line[at : at + PAGE], encoding)
    space = PAGE - width("".join(after))
    start = end = ""
    if at > PAGE or width("".join(before)) > space:
        before.reverse()
        kept = _fitting(before, max(space, PAGE // 2))
        if at > PAGE or len(kept) < len(before):
            start = "..."
        before = kept[::-1]
    kept = _fitting(after, PAGE - width("".join(before)))
    if len(kept) < len(after) or at + PAGE < len(line):
        end = "..."
    shown = start + "".join(before)
    return (shown + "".join(kept) + end).rstrip(), width(shown)


def _cells(text: str, encoding: str) -> list[str]:
    """Each character as it is shown; a tab is four spaces wherever it stands, so the caret needs no tab stops."""
    return ["    " if character == "\t" else visible(character, encoding) for character in text]


def _fitting(cells: list[str], space: int) -> list[str]:
    """The first cells that together take no more than this space."""
    for number, cell in enumerate(cells):
        space -= width(cell)
        if space < 0:
            return cells[:number]
    return cells

"""Files in, findings out: what tests of rules share."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path

from precollect.concerns.rulebook import MODULES, RuleBook
from precollect.editing.writer import apply
from precollect.findings import Finding
from precollect.judging import Scope, judge
from precollect.reading.tree import open_tree
from precollect.reporting import in_order
from precollect.settings import Known, load

STACKS = {
    "7.4.4": "pytest==7.4.4",
    "8.4.2": "pytest==8.4.2",
    "9.2.0": "pytest==9.2.0",
}


def judged(
    files: Mapping[str, str],
    *,
    concerns: Collection[str] = tuple(MODULES),
    policies: Collection[str] = (),
    start: str = "",
) -> list[Finding]:
    """The findings for files laid out in a folder outside git, ordered as every report lists them.

    `policies`: the concerns whose house rules apply; `start`: the folder in which pytest is started.
    """
    with tempfile.TemporaryDirectory() as folder:
        lay_out(files, Path(folder))
        tree = open_tree(folder)
        rules = RuleBook()
        settings = load(Known(rules, MODULES, tree))
        return in_order(judge(tree, Scope([start], settings, concerns, policies, rules)).findings)


def mended(
    files: Mapping[str, str],
    folder: Path,
    *,
    concerns: Collection[str] = tuple(MODULES),
    policies: Collection[str] = (),
    safe: bool | None = None,
) -> dict[str, str]:
    """The files after every fix of what is found in them, written to an empty folder or over an earlier call's.

    `safe`: what every fix says of itself; None for any. Fails where a fix is refused.
    """
    lay_out(files, folder)
    fixes = [found.fix for found in judged(files, concerns=concerns, policies=policies) if found.fix]
    assert safe is None or [fix for fix in fixes if fix.safe is not safe] == []
    assert apply(str(folder), fixes).refused == ()
    return {name: (folder / name).read_bytes().decode() for name in files}


def read_by_pytest(path: Path) -> dict[str, object]:
    """What the parser of the pytest that runs these tests reads in a configuration file."""
    from _pytest.config.findpaths import load_config_dict_from_file

    return {key: entry.value for key, entry in (load_config_dict_from_file(path) or {}).items()}


def lay_out(files: Mapping[str, str], folder: Path) -> None:
    """Write files, byte for byte, in UTF-8."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


def lines(findings: Collection[Finding]) -> list[str]:
    """`path:line:column: kind rule` of each finding."""
    return [f"{found.place}: {found.kind} {found.rule}" for found in findings]

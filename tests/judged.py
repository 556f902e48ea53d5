"""Files in, findings out: what tests of rules share."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path

from precollect.concerns.rulebook import MODULES, RuleBook
from precollect.editing.writer import apply
from precollect.findings import Finding, Rule
from precollect.judging import Scope, judge
from precollect.reading.tree import open_tree
from precollect.reporting import in_order
from precollect.settings import Known, load
from running import lay_out

# Requirements files of the stacks that the cases are recorded on.
OLD, SEED, LATEST = "pytest==7.4.4\n", "pytest==8.4.2\n", "pytest==9.2.0\n"


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
        lay_out(Path(folder), files)
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
    lay_out(folder, files)
    fixes = [found.fix for found in judged(files, concerns=concerns, policies=policies) if found.fix]
    assert safe is None or [fix for fix in fixes if fix.safe is not safe] == []
    assert apply(str(folder), fixes).refused == ()
    return {name: (folder / name).read_bytes().decode() for name in files}


def must_find(
    files: Mapping[str, str],
    expected: list[str],
    message: str,
    *,
    concerns: Collection[str] = tuple(MODULES),
    policies: Collection[str] = (),
) -> None:
    """Fails unless just this is found, as `lines` shows it, and the first finding says these words."""
    found = judged(files, concerns=concerns, policies=policies)
    assert lines(found) == expected
    assert message in found[0].message


def must_find_by_house_rules(files: Mapping[str, str], expected: list[str], message: str, concern: str) -> None:
    """Fails unless just this is found where the house rules of a concern apply, and nothing where they do not."""
    must_find(files, expected, message, policies=[concern])
    assert judged(files) == []


def must_mend(
    files: Mapping[str, str],
    name: str,
    after: str,
    folder: Path,
    *,
    concerns: Collection[str] = tuple(MODULES),
    policies: Collection[str] = (),
    safe: bool,
) -> None:
    """Fails unless the fixes change this one file, byte for byte, and nothing is found afterwards."""
    once = mended(files, folder, concerns=concerns, policies=policies, safe=safe)
    assert once == {**files, name: after}
    assert judged(once, concerns=concerns, policies=policies) == []


def short_of_rows(rules: Collection[Rule], *tables: Mapping[str, tuple[object, str | list[str], str]]) -> set[str]:
    """The rules that fewer than two rows expect: what each expects, as `lines` shows it, is its second value."""
    expected = [row[1] for table in tables for row in table.values()]
    shown = [line for each in expected for line in ([each] if isinstance(each, str) else each)]
    names = Counter(line.rpartition(" ")[2] for line in shown)
    return {rule.name for rule in rules if names[rule.name] < 2}


def read_by_pytest(path: Path) -> dict[str, object]:
    """What the parser of the pytest that runs these tests reads in a configuration file."""
    from _pytest.config.findpaths import load_config_dict_from_file

    return {key: entry.value for key, entry in (load_config_dict_from_file(path) or {}).items()}


def lines(findings: Collection[Finding]) -> list[str]:
    """`path:line:column: kind rule` of each finding."""
    return [f"{found.place}: {found.kind} {found.rule}" for found in findings]

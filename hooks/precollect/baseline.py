"""The baseline: findings that a team has seen and lives with for now, so that only new ones refuse a commit.

`precollect --write-baseline` writes it, as JSON with a line for each entry:

    {
     "version": 1,
     "folders": ["."],
     "findings": [
      {"path": "tests/test_io.py", "rule": "unregistered-mark", "thing": "slow", "kind": "breaks", "count": 1}
     ]
    }

A finding is known by its file, its rule and the first thing that its message quotes, never by its line, so that
the baseline outlives edits around it. It counts as a part of the commit, like the settings: an untracked file does not.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from precollect.errors import CannotWorkError
from precollect.reading.tree import Tree, UnreadableError
from precollect.settings import BASELINE_FILE, names_itself, selected

if TYPE_CHECKING:
    from precollect.findings import Finding
    from precollect.judging import Scope

VERSION = 1
MOST_SHOWN = 3
QUOTED = re.compile(r"(?<!\w)'([^']+)'")
PLACE = re.compile(r"(?<=\S):\d+(?::\d+)?\b")
NUMBER = re.compile(r"\d+")


class Entry(NamedTuple):
    """A finding without its line, and how many of them there are. `thing`: see `thing_of`; `kind`: for people, and to
    tell house rules apart."""

    path: str
    rule: str
    thing: str
    kind: str
    count: int  # type: ignore[assignment]  # hides tuple.count, which nobody misses

    @property
    def key(self) -> tuple[str, str, str]:
        """What a finding is known by."""
        return self.path, self.rule, self.thing


class Baseline(NamedTuple):
    """`content`: None where the commit has no such file. `folders`: for which it was written, "." is the root."""

    path: str
    content: bytes | None = None
    folders: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()


class Compared(NamedTuple):
    """`new`: findings that the baseline does not have; `solved`: entries, or a part of their count, not found."""

    new: list[Finding]
    solved: list[Entry]


def known_findings(tree: Tree, named: str | None) -> Baseline:
    """The baseline of a commit: the file that the settings name, else BASELINE_FILE; empty where there is none.

    Raises CannotWorkError where there is no file of the name in the settings, and for one that --write-baseline
    would not have written.
    """
    path = named or BASELINE_FILE
    if path not in tree:
        if named is None:
            return Baseline(path)
        add = f"'git add {path}'" if os.path.exists(os.path.join(tree.root, path)) else "'--write-baseline' writes it"
        raise CannotWorkError(f"baseline: the commit has no file {path!r}; {add}")
    try:
        content = tree.read(path)
    except UnreadableError as error:
        raise CannotWorkError(f"{path}: cannot be read: {error}") from None
    found = parse(path, content)
    if found is None:
        raise CannotWorkError(f"{path}: is no baseline; 'precollect --write-baseline' writes it anew")
    return found


def parse(path: str, content: bytes) -> Baseline | None:
    """The baseline in the content of a file; None for any other content, such as one with marks of a conflict."""
    import json

    try:
        document = json.loads(content.decode("utf-8"))
        if document["version"] != VERSION:
            return None
        entries = tuple(
            Entry(str(row["path"]), str(row["rule"]), str(row["thing"]), str(row["kind"]), int(row["count"]))
            for row in document["findings"]
        )
        return Baseline(path, content, tuple(map(str, document["folders"])), entries)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return None


def thing_of(finding: Finding) -> str:
    """What a finding is about: the first text that its message quotes, else the message without places and numbers."""
    quoted = QUOTED.search(PLACE.sub("", finding.message))
    return quoted[1] if quoted else NUMBER.sub("N", PLACE.sub("", finding.message))


def key_of(finding: Finding) -> tuple[str, str, str]:
    """What a finding is known by."""
    return finding.place.path, finding.rule, thing_of(finding)


def _keys(finding: Finding) -> Iterator[tuple[str, str, str]]:
    """What a finding may be known by: it stands at the first of its places, and another may have been the first."""
    thing = thing_of(finding)
    for place in (finding.place, *(related.place for related in finding.related)):
        yield place.path, finding.rule, thing


def compare(baseline: Baseline, findings: Iterable[Finding], scope: Scope) -> Compared:
    """What is new, and what is gone, as far as this run can say. Of several of one kind the last ones are new."""
    left = Counter({entry.key: entry.count for entry in baseline.entries})
    new = []
    for finding in sorted(findings, key=lambda finding: finding.place):
        known = next((key for key in _keys(finding) if left[key] > 0), None)
        if known is None:
            new.append(finding)
        else:
            left[known] -= 1
    gone = [entry._replace(count=left[entry.key]) for entry in baseline.entries if left[entry.key] > 0]
    return Compared(new, [entry for entry in gone if _is_asked_for(scope, baseline, entry)])


def renewed(baseline: Baseline, findings: Sequence[Finding], scope: Scope) -> list[Entry]:
    """The entries for these findings, and those of the baseline about which this run can say nothing; sorted."""
    kinds = {key_of(finding): finding.kind for finding in findings}
    found = Counter(map(key_of, findings))
    entries = [Entry(*key, kinds[key], count) for key, count in found.items()]
    kept = [entry for entry in baseline.entries if entry.key not in found and not _is_asked_for(scope, baseline, entry)]
    return sorted([*entries, *kept])


def _is_asked_for(scope: Scope, baseline: Baseline, entry: Entry) -> bool:
    """Whether a run would have found the entry, were it still there."""
    if not set(baseline.folders) <= {folder or "." for folder in scope.folders}:
        return False
    rule = scope.rules.get(entry.rule)
    if rule is None:  # a rule of another release, which nobody finds any more
        return True
    if rule.concern not in scope.concerns or not selected(scope.settings, rule.name, rule.concern):
        return False
    return entry.kind != "policy" or rule.concern in scope.policies or names_itself(scope.settings, rule.name)


def without(baseline: Baseline, solved: Iterable[Entry]) -> list[Entry]:
    """The entries of a baseline less the solved ones."""
    gone = {entry.key: entry.count for entry in solved}
    left = [entry._replace(count=entry.count - gone.get(entry.key, 0)) for entry in baseline.entries]
    return [entry for entry in left if entry.count > 0]


def text(folders: Iterable[str], entries: Iterable[Entry]) -> str:
    """The content of the file: one line for each entry, in plain ASCII."""
    import json

    rows = ",\n".join(f"  {json.dumps(entry._asdict())}" for entry in entries)
    listed = json.dumps(sorted({folder or "." for folder in folders}))
    findings = f"[\n{rows}\n ]" if rows else "[]"
    return f'{{\n "version": {VERSION},\n "folders": {listed},\n "findings": {findings}\n}}\n'


def said_of(baseline: Baseline, solved: Sequence[Entry]) -> str:
    """One line about entries that are no longer found."""
    shown = ", ".join(f"{entry.rule} {entry.thing!r} in {entry.path}" for entry in solved[:MOST_SHOWN])
    more = f" and {len(solved) - MOST_SHOWN} more" if len(solved) > MOST_SHOWN else ""
    return f"no longer found: {shown}{more}; --fix or --write-baseline takes it out of {baseline.path}"


def why_not_counted(tree: Tree) -> str:
    """One line about a baseline that lies there and is no part of the commit; "" where that is not so."""
    if BASELINE_FILE in tree or not os.path.isfile(os.path.join(tree.root, BASELINE_FILE)):
        return ""
    return f"{BASELINE_FILE} is not tracked, so it does not count: git add {BASELINE_FILE}"

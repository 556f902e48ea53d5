"""Every fix of what is found in a project, made one by one, and all that has to hold for each of them.

    python tests/editing/fixing.py FOLDER    # the configuration files below a folder of clones, with defects put in

runs it over real files and over the recorded cases, prints what broke, and how many fixes were made.
"""

from __future__ import annotations

import os
import re
import stat
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from precollect.concerns.rulebook import MODULES, RuleBook
from precollect.editing.writer import apply
from precollect.findings import AddRequirement, Edit, Finding, Fix
from precollect.judging import Scope, judge
from precollect.reading.tree import open_tree
from precollect.settings import Known, load

MODE = 0o640
ROUNDS = 6  # of fixes that may make room for others

TESTS = """\
import pytest


@pytest.mark.asyncio
async def test_async():
    pass


@pytest.mark.flaky(reruns=2)
@pytest.mark.unheard_of
def test_plain():
    pass
"""
PINS = "pytest==9.2.0\npytest-asyncio==1.2.0\npytest-rerunfailures==16.1\npytest-xdist==3.8.0\n"


class Made(NamedTuple):
    """A fix that was made, and the complaints about it."""

    rule: str
    title: str
    complaints: list[str]


def judged(folder: Path) -> list[Finding]:
    tree, rules = open_tree(str(folder)), RuleBook()
    return judge(tree, Scope([""], load(Known(rules, MODULES, tree)), tuple(MODULES), tuple(MODULES), rules)).findings


def lay_out(files: Mapping[str, bytes], folder: Path) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(MODE)


def made_fixes(files: Mapping[str, bytes]) -> tuple[list[Made], int]:
    """Each fix for these files, made alone and judged, the last of all together; and how many were refused."""
    made = []
    refused = 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        lay_out(files, folder)
        found = judged(folder)
        for fix in dict.fromkeys(finding.fix for finding in found if finding.fix):
            lay_out(files, folder)
            rule = next(finding.rule for finding in found if finding.fix == fix)
            result = apply(str(folder), [fix])
            if result.refused:
                refused += 1
                if not result.refused[0].reason or result.rewritten or changed(files, folder):
                    made.append(Made(rule, fix.title, ["refused, but without a reason, or not as a whole"]))
                continue
            made.append(Made(rule, fix.title, list(complaints(files, folder, fix, found))))
        if made:
            lay_out(files, folder)
            made.append(Made("all together", "", list(unsettled(folder))))
    return made, refused


def changed(files: Mapping[str, bytes], folder: Path) -> list[str]:
    """The files whose content is another now."""
    return [name for name, content in files.items() if (folder / name).read_bytes() != content]


def complaints(files: Mapping[str, bytes], folder: Path, fix: Fix, before: list[Finding]) -> Iterator[str]:
    """What is wrong with the files after one fix."""
    edited = {edit.path for edit in fix.edits}
    if strangers := set(changed(files, folder)) - edited:
        yield f"files that it does not name are changed: {strangers}"
    if sorted(os.listdir(folder)) != sorted({name.partition("/")[0] for name in files}):
        yield f"files are left over: {os.listdir(folder)}"
    for name in edited & files.keys():
        old, new = files[name], (folder / name).read_bytes()
        if stat.S_IMODE((folder / name).stat().st_mode) != MODE:
            yield "the mode is another"
        yield from textual(old, new)
        yield from of_other_keys(name, old, new, {named(edit) for edit in fix.edits})
    again = apply(str(folder), [fix])
    if again.rewritten and not any(type(edit).__name__ == "RemoveWords" for edit in fix.edits):
        yield "made twice, it changes more"
    after = judged(folder)
    mended = [finding for finding in before if finding.fix == fix]
    for finding in mended:
        if any(other.fix == fix and other.message == finding.message for other in after):
            yield f"it is still found: {finding.rule}: {finding.message}"


def named(edit: Edit) -> tuple[str, str]:
    """The section and the key that an edit is about."""
    if isinstance(edit, AddRequirement):
        *table, key = map(str, edit.route or ("",))
        return ".".join(table), key
    return edit.section, edit.key


def textual(old: bytes, new: bytes) -> Iterator[str]:
    """What must stay as it is in every text."""
    if old.startswith(b"\xef\xbb\xbf") != new.startswith(b"\xef\xbb\xbf"):
        yield "the byte order mark came or went"
    kinds = [set(re.findall(rb"\r\n|\r|\n", text)) for text in (old, new)]
    if kinds[0] and not kinds[1] <= kinds[0]:
        yield f"newlines of another kind: {kinds[1] - kinds[0]}"
    if old.endswith(b"\n") and not new.endswith(b"\n"):
        yield "the newline at the end is gone"
    new.decode("utf-8")
    lost = Counter(old.splitlines()) - Counter(new.splitlines())
    come = Counter(new.splitlines()) - Counter(old.splitlines())
    if sum(come.values()) > sum(lost.values()) + 4:
        yield f"so many new lines: {dict(come)}"
    for line in come:
        if line.strip() and line != line.rstrip() and line.rstrip() not in {each.rstrip() for each in old.splitlines()}:
            yield f"a new line with blanks at its end: {line!r}"
    blanks = max(map(len, re.findall(rb"(?:\r?\n){3,}", new)), default=0)
    if blanks > max(map(len, re.findall(rb"(?:\r?\n){3,}", old)), default=0):
        yield "blank lines pile up"


def of_other_keys(name: str, old: bytes, new: bytes, edited: set[tuple[str, str]]) -> Iterator[str]:
    """Keys that differ for pytest's own parsers although no edit names them."""
    was, now = tables(name, old), tables(name, new)
    if was is None or now is None:
        return
    renamed = {section for section, key in edited if not key}
    for section in was.keys() | now.keys():
        if section in renamed or (section not in was and renamed):
            continue
        one, other = was.get(section, {}), now.get(section, {})
        for key in one.keys() | other.keys():
            if (
                one.get(key) != other.get(key)
                and key not in {key for _, key in edited}
                and key not in one.keys() ^ other.keys()
            ):
                yield f"[{section}] {key} is {other.get(key)!r}, was {one.get(key)!r}"
    gone = {(section, key) for section, keys in was.items() for key in keys if key not in now.get(section, {})}
    unasked = [pair for pair in gone if pair[0] not in renamed and pair[1] not in {key for _, key in edited}]
    if unasked:
        yield f"gone: {unasked}"


def tables(name: str, data: bytes) -> dict[str, dict[str, object]] | None:
    """Section → key → value, as iniconfig or tomllib read them; None for another kind of file, or a broken one."""
    import iniconfig

    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    if name.endswith(".toml"):
        try:
            return dict(flat(tomllib.loads(data.decode())))
        except ValueError:
            return None
    if not name.endswith((".ini", ".cfg")):
        return None
    try:
        parsed = iniconfig.IniConfig(name, data=data.decode("utf-8-sig"))
    except iniconfig.ParseError:
        return None
    return {section.name: dict(section.items()) for section in parsed}


def flat(table: dict[str, object], name: str = "") -> Iterator[tuple[str, dict[str, object]]]:
    """Each table of a document under its dotted name, without those within it."""
    yield name, {key: value for key, value in table.items() if not isinstance(value, dict)}
    for key, value in table.items():
        if isinstance(value, dict):
            yield from flat(value, f"{name}.{key}" if name else key)


def unsettled(folder: Path) -> Iterator[str]:
    """What is wrong with making all fixes again and again until nothing is left to do."""
    for _ in range(ROUNDS):
        fixes = [finding.fix for finding in judged(folder) if finding.fix]
        if not apply(str(folder), fixes).rewritten:
            return
    yield f"still busy after {ROUNDS} rounds: {[fix.title for fix in fixes]}"


# Variants and defects

DEFECTS: dict[str, list[tuple[str, str]]] = {
    "ini": [
        (r"(?m)^(addopts[ \t]*=[ \t]*)(\S.*)$", r"\1\2 -p no:asyncio"),
        (
            r"(?m)^(addopts[ \t]*=[ \t]*)(\S.*)$",
            "\\1\n    # they need sockets\n    -p no:asyncio\n    -p no:rerunfailures\n    \\2",
        ),
        (r"(?m)^addopts\b", "adopts"),
        (r"(?m)^testpaths\b", "test_paths"),
        (r"(?m)^markers\b", "marker"),
        (r"(?m)^(\[(?:tool:)?pytest\])", "\\1\n# why\nasyncio_mode = legacy\n\n# and\nno_such_key = 1\n"),
        (r"(?m)^(\[(?:tool:)?pytest\])", "\\1\nreruns = 3\nstrict_markers = true"),
        (r"(?m)^(\[(?:tool:)?pytest\])", "\\1\nmarkers =\n    slow: takes long  # really"),
        (r"(?m)^\[tool:pytest\]", "[pytest]"),
        (r"(?m)^\[pytest\]", "[tool:pytest]"),
    ],
    "toml": [
        (r"(?m)^(\[tool\.pytest\.ini_options\])", "\\1\nasyncio_mode = 'legacy' # why\n# and\nno_such_key = 1\n"),
        (r"(?m)^(\[tool\.pytest\.ini_options\])", "\\1\nreruns = 3\nstrict_markers = true"),
        (r"(?m)^addopts\s*=\s*\[", "addopts = [\n  # sandbox\n  '-p', 'no:asyncio',\n "),
        (r'(?m)^addopts\s*=\s*"(?!")', 'addopts = "-p no:asyncio -p no:rerunfailures '),
        (r"(?m)^addopts\b", "adopts"),
        (r"(?m)^markers\s*=\s*\[", "marker = ["),
        (r"(?m)^\[tool\.pytest\.ini_options\]", "[tool.pytest]"),
        (r"(?m)^\[tool\.pytest\.ini_options\]", "[tool.pytest_ini_options]"),
    ],
}


def variants(data: bytes) -> Iterator[bytes]:
    """A text as other editors and systems would leave it."""
    yield data
    yield data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    yield data.rstrip(b"\r\n")
    yield b"\xef\xbb\xbf" + data


def damaged(name: str, data: bytes) -> Iterator[bytes]:
    """A configuration file with one defect, or two."""
    text = data.decode("utf-8", "replace")
    for number, (pattern, replacement) in enumerate(DEFECTS["toml" if name.endswith(".toml") else "ini"]):
        made = re.sub(pattern, replacement, text, count=1)
        if made != text:
            yield made.encode()
            second, other = DEFECTS["toml" if name.endswith(".toml") else "ini"][number - 3]
            yield re.sub(second, other, made, count=1).encode()


def projects(corpus: Path) -> Iterator[dict[str, bytes]]:
    """Projects around each configuration file of a corpus, with defects, in variants."""
    seen = set()
    for name in ("pytest.ini", "tox.ini", "setup.cfg", "pyproject.toml"):
        for path in sorted(corpus.rglob(name)):
            if path.is_symlink() or not path.is_file() or path.stat().st_size > 50_000:
                continue
            data = path.read_bytes()
            if b"pytest" not in data or data in seen:
                continue
            seen.add(data)
            for number, text in enumerate(damaged(name, data)):
                for content in list(variants(text))[number % 4 :: 4]:
                    yield {name: content, "requirements.txt": PINS.encode(), "tests/test_one.py": TESTS.encode()}


def main() -> int:
    count: Counter[str] = Counter()
    for files in projects(Path(sys.argv[1])):
        count["projects"] += 1
        made, refused = made_fixes(files)
        count["refused"] += refused
        for rule, title, wrong in made:
            count[f"made {rule}"] += 1
            for text in wrong:
                kind = re.sub(r"['\"{\[].*", "", text)
                count[f"WRONG {kind}"] += 1
                if count[f"WRONG {kind}"] <= 3:
                    name = next(iter(files))
                    print(f"{rule}: {title}: {text[:300]}\n  {name}: {files[name][:20]!r}", flush=True)
                    Path(tempfile.gettempdir(), f"wrong-{count['WRONG ' + kind]}-{name}").write_bytes(files[name])
    for name, number in sorted(count.items()):
        print(f"{number:7} {name}")
    return 1 if any(name.startswith("WRONG") for name in count) else 0


if __name__ == "__main__":
    sys.exit(main())

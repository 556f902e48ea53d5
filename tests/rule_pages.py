"""The pages of docs/rules: how one reads, and what they show, made from what happens.

    python tests/rule_pages.py --write [RULE ...]    write headers, console blocks and what fixes write; the index
    python tests/rule_pages.py --pytest RULE ...     what the real pytest says to the broken and the repaired example

A page is, in this order (CONTRIBUTING.md shows one):

    # RULE
    KIND · CONCERN · fix with `--fix` | fix with `--unsafe-fixes` | no fix
    sentences
    pytest VERSION says ...:  and indented lines of its output  |  pytest VERSION says nothing ...
    ## Broken       files; then "precollect OPTIONS says" and a console block
    ## Repaired     the files that change
    ## Silent when  a list
    ## Allow it     files, each of which alone allows the finding

A file is its path in backticks and a fenced block, or the path and "(empty)" or "(removed)". The versions that the
broken example pins with "==" are those that are installed where pytest is asked.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

sys.path.append(str(Path(__file__).parent / "cases"))

import pytest

import record
from case_files import STACKS
from ourselves import OURSELVES
from precollect.concerns.rulebook import MODULES, RuleBook
from real_pytest import Server, own_pytest
from running import lay_out, run

FOLDER = OURSELVES / "docs" / "rules"
HEADINGS = ["Broken", "Repaired", "Silent when", "Allow it"]
FIXES = {"no fix": None, "fix with `--fix`": "--fix", "fix with `--unsafe-fixes`": "--unsafe-fixes"}
FILE = re.compile(
    r"^`(?P<path>[^`\n]+)`(?: \((?P<gone>empty|removed)\)$|(?:, [^\n]*)?\n\n```\w*\n(?P<text>.*?)^```$)",
    flags=re.MULTILINE | re.DOTALL,
)
CONSOLE = re.compile(r"(?<=^precollect)(?P<options>[^\n]*) says\n\n```console\n(?P<text>.*?)^```$", re.M | re.S)
SAYS = re.compile(r"^pytest (?P<version>[\d.]+) says(?: nothing\b|[^\n]*:\n\n(?P<lines>(?:    .+\n)+))", re.M)
PIN = re.compile(r"([A-Za-z][\w.-]*)==([\d.]+\d)")
BOUND = re.compile(r"^([A-Za-z][\w.-]*)>=", re.M)  # as fixes write it


class Page(NamedTuple):
    """What a page says. A file's text is None where the file goes.

    `fix`: the option that applies the fix, "" for none. `says`: lines of pytest's output, () where it is silent.
    `options`: of the run whose output is `console`. `allowed`: files, each laid over the broken example.
    """

    rule: str
    kind: str
    concern: str
    fix: str | None
    explanation: str
    version: str
    says: tuple[str, ...]
    broken: dict[str, str]
    options: list[str]
    console: str
    repaired: dict[str, str | None]
    silent: list[str]
    allowed: list[tuple[str, str | None]]

    def after(self, changes: Mapping[str, str | None]) -> dict[str, str]:
        """The broken example with other files laid over it."""
        files = {**self.broken, **changes}
        return {path: text for path, text in files.items() if text is not None}


def names() -> list[str]:
    """The rules that have a page, in order."""
    return sorted(path.stem for path in FOLDER.glob("*.md") if path.name != "README.md")


def read(rule: str) -> str:
    return (FOLDER / f"{rule}.md").read_text(encoding="utf-8")


def parse(text: str) -> Page:
    """The page that a text is. ValueError says where it is none."""
    head, *parts = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)
    if parts[::2] != HEADINGS:
        raise ValueError(f"the headings are {parts[::2]}, not {HEADINGS}")
    broken, repaired, silent, allowed = parts[1::2]
    title = re.match(r"# (?P<rule>[a-z-]+)\n\n(?P<kind>\w+) · (?P<concern>[a-z-]+) · (?P<fix>[^\n]+)\n\n", head)
    if not title or title["fix"] not in FIXES:
        raise ValueError("the page does not begin with '# RULE' and 'KIND · CONCERN · FIX'")
    says = SAYS.search(head)
    if not says:
        raise ValueError("there is no 'pytest VERSION says:' with indented lines, nor 'pytest VERSION says nothing'")
    console = CONSOLE.search(broken)
    if not console:
        raise ValueError("there is no 'precollect says' with a console block")
    return Page(
        title["rule"],
        title["kind"],
        title["concern"],
        FIXES[title["fix"]],
        head[title.end() : says.start()].strip(),
        says["version"],
        tuple(line.strip() for line in (says["lines"] or "").splitlines()),
        {path: text or "" for path, text in _files(broken)},
        console["options"].split(),
        console["text"],
        dict(_files(repaired)),
        re.findall(r"^- (.+(?:\n  .+)*)", silent, flags=re.MULTILINE),
        _files(allowed),
    )


def _files(part: str) -> list[tuple[str, str | None]]:
    return [
        (found["path"], None if found["gone"] == "removed" else found["text"] or "") for found in FILE.finditer(part)
    ]


def answer(files: Mapping[str, str], options: Sequence[str]) -> str:
    """What precollect writes to standard output about files laid out in a folder outside git."""
    with tempfile.TemporaryDirectory() as folder:
        lay_out(Path(folder), files)
        found = run(*options, folder)
        assert found.status in (0, 1), found.err
        return found.out


def fixed(files: Mapping[str, str], options: Sequence[str]) -> dict[str, str]:
    """The files after precollect has mended them."""
    with tempfile.TemporaryDirectory() as folder:
        lay_out(Path(folder), files)
        assert run(*options, folder).status in (0, 1)
        return {path: (Path(folder) / path).read_bytes().decode() for path in files}


def pinned(files: Mapping[str, str]) -> dict[str, str]:
    """Distribution → version, as files pin them."""
    return dict(PIN.findall("\n".join(files.values())))


def is_here(files: Mapping[str, str]) -> bool:
    """Whether an example needs nothing but pytest, in the version that runs this process."""
    return environment(files) == environment({"": f"pytest=={pytest.__version__}"})


def environment(files: Mapping[str, str]) -> list[str]:
    """The distributions that an example declares in some version, and those that these require."""
    versions = pinned(files)
    stack = STACKS.get(versions["pytest"], STACKS["9.2.0"])
    pins = [pin for name in versions for pin in (f"{name}=={versions[name]}", *stack.get(name, [name])[1:])]
    pins += [pin for name in BOUND.findall("\n".join(files.values())) for pin in stack[name]]
    return list(dict.fromkeys(pins))


class RealPytest:
    """The real pytest in the environments that examples pin; `close` ends its processes."""

    def __init__(self, scratch: Path) -> None:
        """`scratch`: an empty folder."""
        self._own = own_pytest(scratch)
        self._servers: dict[tuple[Path, ...], Server] = {}

    def ask(self, files: Mapping[str, str]) -> tuple[int, str]:
        """Exit status and output of `pytest` in a folder with these files, in the environment that they pin.

        Paths within the folder are relative to it.
        """
        with tempfile.TemporaryDirectory(prefix="page-") as scratch:
            project = Path(scratch, "home", "project")
            lay_out(project, files)
            said = self._server(files).ask(project, self._folders(files), bytecode=True)
        return said.status, said.output.replace(f"{project}{os.sep}", "").replace(str(project), ".")

    def close(self) -> None:
        for server in self._servers.values():
            server.close()

    def _folders(self, files: Mapping[str, str]) -> tuple[Path, ...]:
        return (self._own,) if is_here(files) else tuple(map(record.installed, environment(files)))

    def _server(self, files: Mapping[str, str]) -> Server:
        """That of the pytest alone that files pin."""
        python = sys.executable if is_here(files) else record.bare_python()
        folders = self._folders({"": f"pytest=={pinned(files)['pytest']}"})
        if folders not in self._servers:
            self._servers[folders] = Server(python, folders)
        return self._servers[folders]


def renewed(text: str) -> str:
    """A page with header, console block and the files that the fix writes as they are."""
    page = parse(text)
    rule = RuleBook()[page.rule]
    console = answer(page.broken, page.options)
    text = CONSOLE.sub(lambda found: f"{found['options']} says\n\n```console\n{console}```", text)
    own = re.findall(rf": {page.rule}: .*\n(?:  .*\n)*?  fix: .*\((--[a-z-]+)\)$", console, flags=re.MULTILINE)
    fix = next(words for words, option in FIXES.items() if option == (own[0] if own else None))
    text = re.sub(r"\A(.+\n\n).+\n", lambda found: f"{found[1]}{rule.kind} · {rule.concern} · {fix}\n", text)
    if not own:
        return text
    result = fixed(page.broken, [*page.options, own[0]])
    head, repaired, tail = re.split(r"(?<=\n## Repaired\n)(.*)(?=^## Silent when)", text, flags=re.M | re.S)

    def as_written(found: re.Match[str]) -> str:
        if found["gone"] or found["path"] not in result:
            return found[0]
        return found[0][: found.start("text") - found.start()] + result[found["path"]] + "```"

    return head + FILE.sub(as_written, repaired) + tail


def index() -> str:
    """The text of docs/rules/README.md."""
    lines = ["# Rules", "", "`precollect explain RULE` prints these pages. The README says what `breaks`, `loses` and"]
    lines += ["`policy` mean; this list is written by `python tests/rule_pages.py --write`."]
    rules = RuleBook().values()
    for concern in MODULES:
        lines += ["", f"## {concern}", "", "| rule | kind | what it finds |", "|---|---|---|"]
        for rule in rules:
            if rule.concern == concern:
                summary = rule.summary.replace("|", "\\|")
                lines.append(f"| [{rule.name}]({rule.name}.md) | {rule.kind} | {summary} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write what can be made")
    parser.add_argument("--pytest", action="store_true", help="print what the real pytest says")
    parser.add_argument("rules", nargs="*", metavar="RULE")
    options = parser.parse_args()
    if options.write:
        for rule in options.rules or names():
            (FOLDER / f"{rule}.md").write_text(renewed(read(rule)), encoding="utf-8")
        (FOLDER / "README.md").write_text(index(), encoding="utf-8")
    if options.pytest:
        with tempfile.TemporaryDirectory() as scratch, closing(RealPytest(Path(scratch))) as real_pytest:
            for page in map(parse, map(read, options.rules)):
                for files in (page.broken, page.after(page.repaired)):
                    print(*real_pytest.ask(files), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

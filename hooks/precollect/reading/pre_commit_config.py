"""`.pre-commit-config.yaml` as far as it takes to add a repository to it: no YAML parser, only the usual layout.

    repos:
    -   repo: https://github.com/psf/black
        rev: 26.1.0
        hooks:
        -   id: black

That is a list in block style below a top-level `repos`, each item of which begins with `repo`. Of any other layout
nothing is known for certain.
"""

from __future__ import annotations

import re
from typing import NamedTuple

NAME = ".pre-commit-config.yaml"
TOP = re.compile(r"([a-z_]+):(?:\s|$)")
REPOS = re.compile(r"repos:\s*(?:#.*)?")
ITEM = re.compile(r"( *)-( +)repo:\s+(['\"]?)([^\s'\"#]+)\3\s*(?:#.*)?")
HOOK = re.compile(r"( *)-( +)id:\s+(['\"]?)([\w.+-]+)\3\s*(?:#.*)?")
# The keys that pre-commit and prek know. A line at the margin that begins with another word may be anything.
KEYS = frozenset(
    {
        "ci",
        "default_install_hook_types",
        "default_language_version",
        "default_stages",
        "exclude",
        "fail_fast",
        "files",
        "minimum_pre_commit_version",
        "minimum_prek_version",
        "orphan",
        "repos",
    }
)


class Repository(NamedTuple):
    """One item of the list: its `repo` and the ids of its hooks."""

    repo: str
    hooks: tuple[str, ...]


class PreCommitConfig(NamedTuple):
    """What a file says, and how it is laid out.

    `keys`: at the top level, in order. `end`: the number of lines up to the end of the list. `indent`: blanks before
    the dash of an item, `gap`: behind it; `hook_indent` and `hook_gap`: the same of its hooks, counted from the
    item's keys. `apart`: whether an empty line stands between items.
    """

    keys: tuple[str, ...]
    repositories: tuple[Repository, ...]
    end: int
    indent: int
    gap: int
    hook_indent: int
    hook_gap: int
    apart: bool


def read(text: str) -> PreCommitConfig | None:
    """What a file says; None where its layout is not the usual one. `text` has "\\n" for newlines."""
    lines = text.split("\n")
    keys: list[str] = []
    start = end = 0
    for number, line in enumerate(lines):
        if line[:1] in ("", " ", "#") or line.startswith("- ") or (line.rstrip() == "---" and not keys):
            continue
        key = TOP.match(line)
        if key is None or key[1] not in KEYS or key[1] in keys:
            return None
        if start and not end:
            end = number
        keys.append(key[1])
        if key[1] == "repos":
            if not REPOS.fullmatch(line):
                return None
            start = number + 1
    return _list(lines, tuple(keys), start, end or len(lines)) if start else None


def _list(lines: list[str], keys: tuple[str, ...], start: int, end: int) -> PreCommitConfig | None:
    """The list of repositories, which stands in these lines."""
    first = next((match for line in lines[start:end] if (match := ITEM.fullmatch(line))), None)
    if first is None:
        return None
    indent, gap = len(first[1]), len(first[2])
    found: list[tuple[str, list[str]]] = []
    last, apart = start, False
    hook_indent, hook_gap = 0 if indent == 0 else 2, gap
    for number, line in enumerate(lines[start:end], start):
        content = line.strip()
        if not content:
            continue
        depth = len(line) - len(line.lstrip(" "))
        if content.startswith("#"):
            if depth > indent:  # a comment on the item, or what was one of its hooks
                last = number + 1
            continue
        item = ITEM.fullmatch(line)
        if item and len(item[1]) == indent:
            apart = apart or (bool(found) and not lines[number - 1].strip())
            found.append((item[4], []))
        elif depth <= indent or line[depth] == "\t" or not found:
            return None
        elif hook := HOOK.fullmatch(line):
            found[-1][1].append(hook[4])
            hook_indent, hook_gap = len(hook[1]) - indent - 1 - gap, len(hook[2])
        last = number + 1
    if hook_indent < 0:
        return None
    repositories = tuple(Repository(repo, tuple(hooks)) for repo, hooks in found)
    return PreCommitConfig(keys, repositories, last, indent, gap, hook_indent, hook_gap, apart)

"""Conda's environment files: `dependencies`, and the `pip` list within.

A small reader of lines: these files are lists of plain texts, and reading YAML as a whole needs a library.
Source: conda's documentation, "Managing environments", and its match specifications.
"""

from __future__ import annotations

from functools import partial
from posixpath import dirname

from precollect.reading.environment.conditions import UNTOLD
from precollect.reading.environment.requirement import NAME, Written, normalised
from precollect.reading.environment.requirements_txt import decoded
from precollect.reading.environment.sets import Key, Requirements, content
from precollect.reading.text import Text
from precollect.reading.tree import Tree


def read(tree: Tree, path: str) -> list[Requirements]:
    """The set of the file; none where it has no `dependencies`. Raises UnreadableSourceError."""
    text = Text(path, decoded(content(tree, path)))
    made = Requirements(Key("conda", path), path)
    within = pip = False
    pip_indent = 0
    found = False
    start = 0
    for line in text.content.split("\n"):
        offset, start = start, start + len(line) + 1
        bare, _, comment = _without_comment(line)
        stripped = bare.strip()
        if not stripped:
            continue
        indent = len(bare) - len(bare.lstrip())
        if not stripped.startswith("-"):
            if indent == 0:
                within = stripped.startswith("dependencies:")
                pip = False
                found = found or within
                if within and stripped.removeprefix("dependencies:").strip() not in ("", "[]"):
                    made.opens("dependencies are written in another way than as a list", partial(text.place, offset))
            continue
        if not within:
            continue
        if pip and indent <= pip_indent:
            pip = False
        item = stripped[1:].strip().strip("'\"")
        where = partial(text.place, offset + line.index(item) if item else offset)
        marker = f"{UNTOLD}{comment}" if comment.startswith("[") and comment.endswith("]") else ""
        if item in ("pip:", "pip :"):
            pip, pip_indent = True, indent
        elif pip:
            made.add(item, where, marker, dirname(path))
        elif "{" in item or "$" in item:
            made.opens(f"{item} depends on a variable", where)
        elif written := _match_specification(item):
            made.add_written(written._replace(marker=marker), where)
    return [made] if found else []


def _without_comment(line: str) -> tuple[str, str, str]:
    """The line before a comment, and the comment's text."""
    if line.lstrip().startswith("#"):
        return "", "#", ""
    before, mark, comment = line.partition(" #")
    return before, mark, comment.strip()


def _match_specification(item: str) -> Written | None:
    """A requirement in conda's way: "pytest", "pytest=8.2", "pytest >=8,<9", "conda-forge::pytest=8.2=py_0"."""
    item = item.rpartition("::")[2].partition("[")[0]
    end = 0
    while end < len(item) and item[end] in NAME:
        end += 1
    if not end:
        return None
    words = item[end:].split()
    version = "".join(words[:1]) if words and words[0] not in ("=", "==", ">=", "<=", "<", ">") else "".join(words)
    return Written(normalised(item[:end]), (), _specifier(version))


def _specifier(version: str) -> str:
    """A version of conda as PEP 440 specifiers; what has no equivalent ("|") is returned as it is."""
    if "|" in version:
        return version
    found = []
    for clause in version.split(","):
        if clause in ("", "*"):
            continue
        if clause.startswith("=") and not clause.startswith("=="):
            number = clause[1:].partition("=")[0]  # a build may follow
            found.append(f"=={number}" if number.endswith("*") else f"=={number}.*")
        elif clause[0].isdigit():
            found.append(f"=={clause.partition('=')[0]}")
        else:
            found.append(
                clause
                if clause.startswith("==") or "=" not in clause[2:]
                else clause[:2] + clause[2:].partition("=")[0]
            )
    return ",".join(found)

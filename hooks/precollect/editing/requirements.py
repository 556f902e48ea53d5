"""One more requirement in a list: an array of a TOML file, or a file in pip's format.

It goes where the order of the list puts it, else to the end, laid out as its neighbours. The new text is read
back: the list must hold one requirement more, and all else, line by line, must be as before.
"""

from __future__ import annotations

import re

from precollect.editing.changes import NEWLINE, Change, RefusedError, indent_at, line_start, splice
from precollect.editing.toml import add_items, items_of, literal
from precollect.findings import AddRequirement
from precollect.reading import toml
from precollect.reading.environment import requirements_txt
from precollect.reading.environment.requirement import parse
from precollect.reading.text import UnparsableError
from precollect.reading.toml import Toml


def add(edit: AddRequirement, content: bytes) -> bytes:
    """The content with the requirement in it; as it is where the list has the distribution already.

    Raises RefusedError where it cannot be added, or where the result could not be proved.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise RefusedError(f"{edit.path} is not UTF-8") from None
    before = _requirements(edit, content)
    if any(_name(each) == edit.key for each in before):
        return content
    changes = _in_array(edit, content, before) if edit.route else _in_lines(edit, NEWLINE.sub("\n", text))
    new = splice(text, changes).encode("utf-8")
    _prove(edit, content, new)
    return new


def _in_array(edit: AddRequirement, content: bytes, before: list[object]) -> list[Change]:
    source = _toml(edit, content)
    position = _position(before, edit.key)
    if position == len(before):
        return add_items(source, edit.route, before, [edit.requirement])
    text = source.text.content
    nodes = items_of(source, edit.route, before)
    behind = nodes[position]
    added = literal(edit.requirement, text[behind.start])
    start = line_start(text, behind.start)
    if not text[start : behind.start].strip():
        return [Change(start, start, f"{indent_at(text, behind.start)}{added},\n")]
    return [Change(behind.start, behind.start, f"{added}, ")]


def _in_lines(edit: AddRequirement, text: str) -> list[Change]:
    """A line of its own, before the requirement that follows it in order, or at the end."""
    lines = [(line, offset) for line, offset in requirements_txt.lines(text) if not line.startswith("-")]
    position = _position([line for line, _ in lines], edit.key)
    if position < len(lines):
        start = line_start(text, lines[position][1])
        return [Change(start, start, f"{edit.requirement}\n")]
    end = len(text.rstrip("\n"))
    if end == len(text) and text:
        return [Change(end, end, f"\n{edit.requirement}")]
    return [Change(min(end + 1, len(text)), min(end + 1, len(text)), f"{edit.requirement}\n")]


def _position(requirements: list[object] | list[str], name: str) -> int:
    """Where a name belongs: before the first that comes behind it, if the list is in order; else at the end."""
    names = [_name(each) for each in requirements]
    known = [each for each in names if each]
    if len(known) < 2 or known != sorted(known):
        return len(names)
    return next((number for number, each in enumerate(names) if each > name), len(names))


def _name(requirement: object) -> str:
    """The distribution that an item names; "" for an item that is no requirement."""
    written = parse(requirement) if isinstance(requirement, str) else None
    return written.name if written else ""


def _requirements(edit: AddRequirement, content: bytes) -> list[object]:
    """The items of the list."""
    if not edit.route:
        return [line for line, _ in requirements_txt.lines(requirements_txt.decoded(content))]
    value = _toml(edit, content).value(edit.route)
    if not isinstance(value, list):
        raise RefusedError(f"{edit.section} is no array")
    return list(value)


def _toml(edit: AddRequirement, content: bytes) -> Toml:
    try:
        return toml.parse(edit.path, content)
    except UnparsableError as error:
        raise RefusedError(f"{edit.path} cannot be read: {error}") from None


def _prove(edit: AddRequirement, old: bytes, new: bytes) -> None:
    """Raises RefusedError unless the list holds one requirement more, and the rest of the file is as it was."""
    before, after = _requirements(edit, old), _requirements(edit, new)
    if edit.requirement not in after:
        raise RefusedError(f"the edit could not be proved: {edit.requirement} is not where it should be")
    after.remove(edit.requirement)
    if after != before or _without_list(edit, old) != _without_list(edit, new):
        raise RefusedError("the edit could not be proved: more than the list would change")
    before_lines = frozenset(_lines(old))
    changed = [line for line in _lines(new) if line not in before_lines]
    if len(changed) > 2 or len(_lines(new)) - len(_lines(old)) not in {0, 1}:
        raise RefusedError("the edit could not be proved: other lines would change")
    if _comments(new) != _comments(old):
        raise RefusedError("the edit could not be proved: comments would change")


def _without_list(edit: AddRequirement, content: bytes) -> str:
    """All that a TOML file says but for the list; "" for a file that is nothing else."""
    if not edit.route:
        return ""
    tables = repr(_toml(edit, content).tables)
    return tables.replace(repr(_requirements(edit, content)), "[]", 1)


def _lines(content: bytes) -> list[bytes]:
    return content.splitlines()


def _comments(content: bytes) -> list[bytes]:
    return re.findall(rb"#[^\r\n]*", content)

"""The proof of an edit: the new text, read back, differs as intended and nowhere else."""

from __future__ import annotations

from typing import Any

from precollect.editing.changes import NEWLINE, RefusedError
from precollect.editing.ini import spelled
from precollect.editing.toml import table_route
from precollect.findings import AddLine, AddWords, KeyEdit, RemoveKey, RemoveWords, SetKey
from precollect.reading import config_file, ini, toml
from precollect.reading.config_file import Entry
from precollect.reading.ini import Ini
from precollect.reading.text import Route, UnparsableError
from precollect.reading.toml import Toml
from precollect.reading.words import BadWords, cut

EVERYTHING_COUNTS = frozenset({"native-table", "dot-pytest-ini-without-section", "both-tables-fail"})


def parse(path: str, data: bytes) -> Ini | Toml:
    """The content of a configuration file. Raises RefusedError where pytest cannot read it."""
    try:
        return toml.parse(path, data) if path.endswith(".toml") else ini.parse(path, data)
    except UnparsableError as error:
        raise RefusedError(f"pytest cannot read the file: {error}") from None


def prove(path: str, old: bytes, new: bytes, edit: KeyEdit) -> None:
    """Raises RefusedError unless the new content is the old one with this edit made."""
    before = parse(path, old)
    try:
        after = parse(path, new)
    except RefusedError as error:
        raise _unproved(str(error)) from None
    if not _became(before, after, edit):
        raise _unproved(f"{edit.key} would not become what it should")
    if _others(before, edit) != _others(after, edit):
        raise _unproved(f"more than {edit.key} would change")
    if _counts(path, old) != _counts(path, new):
        raise _unproved("another configuration would count")
    if isinstance(before, Ini) and isinstance(after, Ini):
        _prove_for_configparser(before, after, edit)
    _prove_lines(before, _lines(old), _lines(new), edit)


def _unproved(reason: str) -> RefusedError:
    return RefusedError(f"the edit could not be proved: {reason}")


def _became(before: Ini | Toml, after: Ini | Toml, edit: KeyEdit) -> bool:
    """Whether the key has become what the edit says."""
    old, new = _entry(before, edit), _entry(after, edit)
    match edit:
        case RemoveWords():
            return _words(new) == [word for number, word in enumerate(_words(old)) if number not in edit.words]
        case AddWords():
            return _words(new) == [*_words(old), *edit.words]
        case SetKey():
            wanted = spelled(edit) if isinstance(after, Ini) else edit.value
            return new is not None and repr(new.value) == repr(wanted)
        case RemoveKey():
            return new is None
        case AddLine():
            return _text_lines(new) == [*_text_lines(old), edit.line]


def _route(source: Ini | Toml, edit: KeyEdit) -> Route:
    """The way to the key."""
    return (*((edit.section,) if isinstance(source, Ini) else table_route(edit.section)), edit.key)


def _entry(source: Ini | Toml, edit: KeyEdit) -> Entry | None:
    route = _route(source, edit)
    value = source.sections.get(edit.section, {}).get(edit.key) if isinstance(source, Ini) else source.value(route)
    mode: config_file.Mode = "ini" if isinstance(source, Ini) or edit.section == "tool.pytest.ini_options" else "toml"
    return None if value is None else Entry(edit.key, value, mode, source, route)


def _words(entry: Entry | None) -> list[str]:
    try:
        return [] if entry is None else [word.text for word in cut(entry)]
    except BadWords as error:
        raise _unproved(error.message) from None


def _text_lines(entry: Entry | None) -> list[str]:
    return [] if entry is None else [line for line, _ in entry.lines]


def _others(source: Ini | Toml, edit: KeyEdit) -> str:
    """All that the file says but for the key, in its order; tables that this leaves empty count as none."""
    tables: dict[str, Any] = dict(source.tables if isinstance(source, Toml) else source.sections)
    return repr(_pruned(tables, list(map(str, _route(source, edit)))))


def _pruned(table: dict[str, Any], route: list[str]) -> dict[str, Any]:
    """The table without the value at the end of a way, and without the tables on the way that hold nothing else."""
    key, *rest = route
    below = table.get(key)
    if rest and not isinstance(below, dict):
        return table
    left = _pruned(below, rest) if rest and isinstance(below, dict) else None
    if left:
        return {**table, key: left}
    return {name: value for name, value in table.items() if name != key}


def _counts(path: str, data: bytes) -> str | None:
    """The section that makes the file pytest's configuration; None where it does not count."""
    try:
        found = config_file.load(path, data, EVERYTHING_COUNTS)
    except UnparsableError as error:
        return str(error)
    return found.section if found else None


def _prove_for_configparser(before: Ini, after: Ini, edit: KeyEdit) -> None:
    """Other tools read tox.ini and setup.cfg with Python's own parser: for them, too, only the key may change."""
    import configparser

    def read(source: Ini) -> dict[tuple[str, str], str]:
        parser = configparser.RawConfigParser()
        parser.read_string(source.text.content)
        return {
            (section, key): value
            for section in parser.sections()
            for key, value in parser.items(section)
            if (section, key) != (edit.section, parser.optionxform(edit.key))
        }

    try:
        old = read(before)
    except configparser.Error:
        return  # they could not read it before either
    try:
        if read(after) == old:
            return
    except configparser.Error:
        pass
    raise _unproved("Python's configparser would read more than this differently")


def _prove_lines(before: Ini | Toml, old: list[str], new: list[str], edit: KeyEdit) -> None:
    """Raises RefusedError unless all lines stay but those of the key, and the comments stay unless they may go."""
    removes = isinstance(edit, (RemoveWords, RemoveKey))
    if old and new and not NEWLINE.search(old[-1]):  # a final newline that was missing may appear
        number = len(old) - 1
        if number < len(new) and NEWLINE.sub("", new[number]) == old[-1]:
            new = [*new[:number], old[-1], *new[number + 1 :]]
    first, behind = _extent(before, old, edit, removes)
    if first is None:  # only new lines
        first = behind = next((n for n, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), len(old))
    stays = len(old) - behind
    if new[:first] != old[:first] or new[len(new) - stays :] != old[behind:] or len(new) < first + stays:
        raise _unproved(f"lines would change that do not belong to {edit.key}")
    if isinstance(before, Toml) and isinstance(before.value(_route(before, edit)), str):
        return  # what looks like a comment line is a part of the string, and no other lines have changed
    comments, left = _comments(before, old), _comments(before, new)
    remaining = iter(comments)
    if not (all(line in remaining for line in left) if removes else comments == left):
        raise _unproved("comments would be lost")


def _extent(before: Ini | Toml, old: list[str], edit: KeyEdit, removes: bool) -> tuple[int | None, int]:
    """The lines (0-based, half open) that an edit may change: of the key, and above it the comments that may go.

    And above these a blank line.
    """
    text, route = before.text, _route(before, edit)
    if isinstance(before, Ini):
        if edit.key not in before.sections.get(edit.section, {}):
            return None, 0
        start, end = before.key(route), before.pieces(route)[-1].offset
    else:
        node = before.nodes.get(route) or before.nodes.get(route[:-1])
        if node is None:
            return None, 0
        start, end = node.start if node.dotted_key is None else node.dotted_key, node.end
    first, behind = text.place(start).line - 1, text.place(end).line
    while removes and first and _comments(before, [old[first - 1]]):
        first -= 1
    if removes and first and not old[first - 1].strip():
        first -= 1
    return first, behind


def _lines(data: bytes) -> list[str]:
    """The lines with their newlines, the byte order mark as a part of the first."""
    text = data.decode("utf-8")
    lines = []
    position = 0
    for newline in NEWLINE.finditer(text):
        lines.append(text[position : newline.end()])
        position = newline.end()
    return [*lines, text[position:]] if position < len(text) else lines


def _comments(source: Ini | Toml, lines: list[str]) -> list[str]:
    """Those of the lines that hold nothing but a comment."""
    marks = ("#",) if isinstance(source, Toml) else ("#", ";")
    return [line for line in lines if line.lstrip().startswith(marks)]

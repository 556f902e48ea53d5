"""The same settings, spelled as pytest reads them: other names, a list for a text, comments on lines of their own.

Each edit changes the text where it must; the new text is read back and has to say just what is wanted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from precollect.editing.changes import Change, RefusedError, indent_at, line_end, line_start, splice
from precollect.editing.proof import parse
from precollect.editing.toml import literal
from precollect.findings import LiftComments, RenameKey, RenameSection, Respelling, SetList
from precollect.reading.ini import BYTE_ORDER_MARK, Ini, comment_behind, without_comment
from precollect.reading.text import Route
from precollect.reading.toml import Toml

INDENT = "    "


def respell(edit: Respelling, content: bytes) -> bytes:
    """The content with the edit made. Raises RefusedError where it cannot be, or the result could not be proved."""
    source = parse(edit.path, content)
    text = content.decode("utf-8")
    mark = BYTE_ORDER_MARK if isinstance(source, Ini) and text.startswith(BYTE_ORDER_MARK) else ""
    if isinstance(source, Ini):
        changes, wanted = _in_ini(source, edit)
    else:
        changes, wanted = _in_toml(source, edit)
    new = (mark + splice(text.removeprefix(mark), changes)).encode("utf-8")
    if _plain(_tables(parse(edit.path, new))) != _plain(wanted):
        raise RefusedError("the edit could not be proved: the file would say something else")
    return new


def _in_ini(source: Ini, edit: Respelling) -> tuple[list[Change], dict[str, Any]]:
    """What an edit changes, and what the file has to say after it."""
    tables = {name: dict(values) for name, values in source.sections.items()}
    if edit.section not in tables or (edit.key and edit.key not in tables[edit.section]):
        raise RefusedError(f"there is no {edit.key or f'[{edit.section}]'}")
    match edit:
        case RenameSection():
            _refuse_if(edit.name in tables, f"there is a section [{edit.name}] already")
            start = source.header((edit.section,)) + 1
            wanted = {edit.name if name == edit.section else name: values for name, values in tables.items()}
            return [_exchange(source, start, edit.section, edit.name)], wanted
        case RenameKey():
            values = tables[edit.section]
            _refuse_if(edit.name in values, f"there is a key {edit.name} already")
            start = source.key((edit.section, edit.key))
            tables[edit.section] = {edit.name if key == edit.key else key: text for key, text in values.items()}
            return [_exchange(source, start, edit.key, edit.name)], tables
        case LiftComments():
            text = tables[edit.section][edit.key]
            tables[edit.section][edit.key] = "\n".join(map(without_comment, text.split("\n")))
            return _lifted(source, (edit.section, edit.key)), tables
        case SetList():
            raise RefusedError("an INI file has no lists")


def _exchange(source: Ini | Toml, start: int, old: str, new: str) -> Change:
    _refuse_if(not source.text.content.startswith(old, start), f"{old} is spelled in another way")
    return Change(start, start + len(old), new)


def _lifted(source: Ini, route: Route) -> list[Change]:
    changes = []
    for piece in source.pieces(route):
        start = comment_behind(piece.text)
        if start is not None:
            above = line_start(source.text.content, piece.offset)
            indent = indent_at(source.text.content, piece.offset)
            changes.append(Change(above, above, f"{indent}{piece.text[start:]}\n"))
            value_end = piece.offset + len(piece.text[:start].rstrip())
            changes.append(Change(value_end, piece.offset + len(piece.text)))
    return changes


def _in_toml(source: Toml, edit: Respelling) -> tuple[list[Change], dict[str, Any]]:
    """What an edit changes, and what the file has to say after it."""
    table: Route = tuple(edit.section.split("."))
    tables = _copied(source.tables)
    match edit:
        case RenameSection():
            name = tuple(edit.name.split("."))
            _refuse_if(source.value(name) is not None, f"there is a table [{edit.name}] already")
            change = _renamed_header(source, table, edit.name)
            _put(tables, name, _taken(tables, table))
            return [change], tables
        case RenameKey():
            node = source.nodes.get((*table, edit.key))
            values = source.value(table)
            if node is None or node.key is None or not isinstance(values, dict):
                raise RefusedError(f"{edit.key} is a table of its own, or is not there")
            _refuse_if(edit.name in values, f"there is a key {edit.name} already")
            _put(tables, (*table, edit.name), _taken(tables, (*table, edit.key)))
            return [_exchange(source, node.key, edit.key, edit.name)], tables
        case SetList():
            node = source.nodes.get((*table, edit.key))
            if node is None or not isinstance(source.value((*table, edit.key)), str):
                raise RefusedError(f"{edit.key} is no text")
            _put(tables, (*table, edit.key), list(edit.items))
            text = source.text.content
            written = _list(edit.items, text[node.start], "\n" in text[node.start : node.end])
            return [Change(node.start, node.end, written)], tables
        case LiftComments():
            raise RefusedError("comments are no part of a value in TOML")


def _renamed_header(source: Toml, table: Route, name: str) -> Change:
    """Another name in the header of a table. Raises RefusedError where it has none, or there are tables below it."""
    text = source.text.content
    start = source.header(table)
    end = line_end(text, start)
    header = text[start:end].partition("]")[0]
    spelled = ".".join(part.strip() for part in header.removeprefix("[").split("."))
    if not header.startswith("[") or spelled != ".".join(map(str, table)):
        raise RefusedError(f"[{'.'.join(map(str, table))}] has no header of its own")
    return Change(start + 1, start + len(header), name)


def _list(items: Sequence[str], quote: str, on_lines: bool) -> str:
    literals = [literal(item, quote) for item in items]
    if not on_lines:
        return f"[{', '.join(literals)}]"
    return "[\n" + "".join(f"{INDENT}{item},\n" for item in literals) + "]"


def _tables(source: Ini | Toml) -> dict[str, Any]:
    return dict(source.tables if isinstance(source, Toml) else source.sections)


def _copied(table: dict[str, Any]) -> dict[str, Any]:
    return {key: _copied(value) if isinstance(value, dict) else value for key, value in table.items()}


def _taken(tables: dict[str, Any], route: Route) -> Any:
    """The value at the end of a way, taken out, with the tables around it that hold nothing else."""
    key, *rest = map(str, route)
    if not rest:
        return tables.pop(key, None)
    below = tables.get(key)
    if not isinstance(below, dict):
        raise RefusedError(f"there is no {route[-1]}")
    value = _taken(below, tuple(rest))
    if not below:
        del tables[key]
    return value


def _put(tables: dict[str, Any], route: Route, value: Any) -> None:
    for key in map(str, route[:-1]):
        tables = tables.setdefault(key, {})
        _refuse_if(not isinstance(tables, dict), f"{key} is no table")
    tables[str(route[-1])] = value


def _plain(value: Any) -> Any:
    """A form in which two values are equal only if they are of the same type, whatever the order of their keys."""
    if isinstance(value, dict):
        return {key: _plain(below) for key, below in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return type(value).__name__, str(value)


def _refuse_if(condition: bool, reason: str) -> None:
    if condition:
        raise RefusedError(reason)

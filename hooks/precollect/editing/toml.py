"""Edits of a TOML file: what to change in its text.

tomlkit would write a string anew in its own quotes, so the text is changed directly, at the places
that `reading.toml` knows; tomlkit spells the new strings.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from precollect.editing import ini
from precollect.editing.changes import (
    Change,
    RefusedError,
    Token,
    block_with_comments,
    indent_at,
    line_end,
    line_start,
    next_line,
    with_gap,
    without_tokens,
)
from precollect.findings import AddLine, AddWords, KeyEdit, RemoveKey, RemoveWords, SetKey
from precollect.reading.text import Route
from precollect.reading.toml import Node, Toml

COMMENTS = "#"
INDENT = "    "


def plan(source: Toml, edit: KeyEdit) -> list[Change]:
    """What an edit changes; [] where there is nothing to do. Raises RefusedError where it cannot be made."""
    value = source.value((*table_route(edit.section), edit.key))
    match edit:
        case RemoveWords():
            return _remove_words(source, edit, value)
        case AddWords():
            return _add_words(source, edit, value)
        case SetKey():
            return _set_key(source, edit, value)
        case RemoveKey():
            return [] if value is None else _remove_key(source, (*table_route(edit.section), edit.key))
        case AddLine():
            return _add_line(source, edit, value)


def table_route(section: str) -> Route:
    """The keys that lead to a table: "tool.pytest" → ("tool", "pytest")."""
    return tuple(section.split("."))


def _remove_words(source: Toml, edit: RemoveWords, value: object) -> list[Change]:
    route = (*table_route(edit.section), edit.key)
    node = _node(source, route)
    text = source.text.content
    if isinstance(value, list):
        tokens = [Token(item.start, item.end) for item in items_of(source, route, value)]
    elif isinstance(value, str):
        offsets = source.offsets(node)
        tokens = [Token(offsets[word.start], offsets[word.end]) for word in ini.words_of(value, edit.key)]
    else:
        raise RefusedError(f"{edit.key} holds no words")
    if not set(edit.words) <= set(range(len(tokens))):
        raise RefusedError(f"{edit.key} has only {len(tokens)} words")
    if len(set(edit.words)) == len(tokens):
        table = source.value(route[:-1])
        if edit.section == "tool.pytest" and isinstance(table, dict) and len(table) == 1:
            return [Change(node.start, node.end, "[]")]  # without any key, the file would no longer count
        return _remove_key(source, route)
    return without_tokens(
        text,
        tokens,
        set(edit.words),
        opening=node.start,
        closing=node.end - 1,
        comments=COMMENTS if isinstance(value, list) else "",
        commas=isinstance(value, list),
    )


def _add_words(source: Toml, edit: AddWords, value: object) -> list[Change]:
    route = (*table_route(edit.section), edit.key)
    words = ini.quoted(edit.words)
    if value is None:
        is_list = edit.section != "tool.pytest.ini_options"
        return _add_key(source, route, f"[{', '.join(map(literal, edit.words))}]" if is_list else literal(words))
    if isinstance(value, list):
        return [] if ini.hold(value, edit.words) else add_items(source, route, value, edit.words)
    if not isinstance(value, str):
        raise RefusedError(f"{edit.key} holds no words")
    if ini.hold([word.text for word in ini.words_of(value, edit.key)], edit.words):
        return []
    node = _node(source, route)
    quote = source.text.content[node.start]
    if not value.strip():
        return [Change(node.start, node.end, literal(words, quote))]
    return [_append_to_string(source, node, value, " ", literal(words, quote), quote)]


def _set_key(source: Toml, edit: SetKey, value: object) -> list[Change]:
    route = (*table_route(edit.section), edit.key)
    if value is None:
        return _add_key(source, route, literal(edit.value))
    if value == edit.value and isinstance(value, bool) == isinstance(edit.value, bool):
        return []
    node = _node(source, route)
    return [Change(node.start, node.end, literal(edit.value, source.text.content[node.start]))]


def _add_line(source: Toml, edit: AddLine, value: object) -> list[Change]:
    route = (*table_route(edit.section), edit.key)
    if value is None:
        return _add_key(source, route, f"[\n{INDENT}{literal(edit.line)},\n]")
    if isinstance(value, list):
        return [] if edit.line in value else add_items(source, route, value, [edit.line])
    if not isinstance(value, str):
        raise RefusedError(f"{edit.key} holds no lines")
    if edit.line in [line.strip() for line in value.split("\n")]:
        return []
    node = _node(source, route)
    text = source.text.content
    quote = text[node.start]
    if not value.strip():
        return [Change(node.start, node.end, f"[{literal(edit.line, quote)}]")]
    if "\n" in text[node.start : node.end]:
        return [_append_to_string(source, node, value, "\n", literal(edit.line, quote), quote)]
    if "\n" in value:
        return [Change(node.end - 1, node.end - 1, "\\n" + literal(edit.line)[1:-1])]
    return [Change(node.start, node.end, f"[{text[node.start : node.end]}, {literal(edit.line, quote)}]")]


def _append_to_string(source: Toml, node: Node, value: str, blank: str, addition: str, quote: str) -> Change:
    """Text behind the last character of a string that is not blank, on a line of its own where the others are.

    `blank` must stand between the two, " " or "\\n"; `addition` is a literal in the quotes of the string.
    """
    text = source.text.content
    one_line = "\n" not in text[node.start : node.end]
    if addition[0] != quote:
        if not one_line:
            raise RefusedError("it cannot be written between these quotes")
        return Change(node.start, node.end, literal(value)[:-1] + blank + addition[1:])
    offsets = source.offsets(node)
    end = offsets[len(value.rstrip())]
    start_of_line = line_start(text, end)
    on_first = start_of_line <= node.start
    if one_line or (blank == " " and (on_first or line_end(text, end) >= node.end)):
        return Change(end, end, blank + addition[1:-1])
    indent = "" if on_first else indent_at(text, end)
    if line_end(text, end) >= node.end:  # the closing quotes stand on this line
        return Change(end, end, f"\n{indent}{addition[1:-1]}")
    behind = line_end(text, end)
    return Change(behind, behind, f"\n{indent}{addition[1:-1]}{text[end:behind]}")


def add_items(source: Toml, route: Route, value: Sequence[object], items: Iterable[str]) -> list[Change]:
    """New items at the end of a list, laid out and quoted as its last one."""
    text = source.text.content
    node = _node(source, route)
    nodes = items_of(source, route, value)
    if not nodes:
        return [Change(node.start + 1, node.start + 1, ", ".join(map(literal, items)))]
    last = nodes[-1]
    literals = [literal(item, text[last.start]) for item in items]
    own_line = line_start(text, last.start) > node.start and line_end(text, last.end) < node.end
    if not own_line:
        return [Change(last.end, last.end, "".join(f", {item}" for item in literals))]
    comma = _comma_behind(text, last.end)
    indent = indent_at(text, last.start)
    end = line_end(text, last.end if comma is None else comma)
    lines = f",\n{indent}".join(literals)
    if comma is None and end == last.end:
        return [Change(end, end, f",\n{indent}{lines}")]
    below = Change(end, end, f"\n{indent}{lines}{',' if comma is not None else ''}")
    return [below] if comma is not None else [Change(last.end, last.end, ","), below]


def _comma_behind(text: str, offset: int) -> int | None:
    """The offset of the comma behind an item, comments left aside; None where the list ends first."""
    while text[offset] not in ",]":
        offset = line_end(text, offset) if text[offset] == "#" else offset + 1
    return offset if text[offset] == "," else None


def _remove_key(source: Toml, route: Route) -> list[Change]:
    """The removal of a key with its line or lines, and the comment lines that explained only it."""
    text = source.text.content
    node = _node(source, route)
    if _inline_table(source, route[:-1]):
        siblings = sorted((other.dotted_key or 0, other.end, way) for way, other in _pairs(source, route[:-1]))
        gone = {number for number, (_, _, way) in enumerate(siblings) if way == route}
        table = _node(source, route[:-1])
        tokens = [Token(start, end) for start, end, _ in siblings]
        return without_tokens(text, tokens, gone, opening=table.start, closing=table.end - 1, commas=True)
    start = line_start(text, node.dotted_key or 0)
    end = next_line(text, node.end)
    following = text[end : line_end(text, end)].lstrip()
    staying = {end} if following and following[0] not in f"{COMMENTS}[" else set()
    before = max((other.end for other in source.nodes.values() if other.end <= start), default=0)
    block = block_with_comments(text, Change(start, end), staying, COMMENTS)
    if before > block.start:  # what looks like a comment line is the end of a string
        block = Change(max(next_line(text, before), block.start), end)
    return [with_gap(text, block) if block.start > before else block]


def _add_key(source: Toml, route: Route, value: str) -> list[Change]:
    """A new key at the end of its table's own keys, in the spelling of the last of them."""
    text = source.text.content
    table = route[:-1]
    key = str(route[-1])
    end = source.end_of_table(table)
    pairs = _pairs(source, table)
    last = max((child for _, child in pairs), key=lambda child: child.end, default=None)
    prefix = ""
    if _inline_table(source, table):
        node = _node(source, table)
        if "\n" in value:
            value = f"[{' '.join(value[1:-1].split()).rstrip(',')}]"
        if last is None:
            return [Change(node.start, node.end, f"{{ {key} = {value} }}")]
        return [Change(last.end, last.end, f", {key} = {value}")]
    if end is None and last is not None:  # written as dotted keys below another header
        prefix = text[last.dotted_key : last.key]
        end = last.end
    elif end is None:
        if source.value(table) is not None or len(table) > 1:
            raise RefusedError(f"there is no [{'.'.join(map(str, table))}] to which it could be added")
        gap = "" if not text.strip() else "\n" if text.endswith("\n") else "\n\n"  # pytest.toml without its table
        return [Change(len(text), len(text), f"{gap}[{table[0]}]\n{key} = {value}\n")]
    behind = line_end(text, end)
    start = last.dotted_key if last and last.dotted_key is not None else source.header(table)
    line = f"{prefix}{key}{_separator(text, last, len(prefix) + len(key))}{value}"
    indent = indent_at(text, start)
    return [Change(behind, behind, "\n" + "\n".join(indent + part for part in line.split("\n")))]


def _separator(text: str, like: Node | None, length: int) -> str:
    """What stands between a key and its value, as before `like`; aligned where that is. `length`: of the new key."""
    if like is None or like.dotted_key is None:
        return " = "
    before_value = text[like.dotted_key : like.start].rstrip()
    key = before_value[:-1].rstrip()
    before = " " * (len(before_value) - 1 - len(key))
    after = text[like.dotted_key + len(before_value) : like.start]
    if len(before) > 1:
        before = " " * max(1, len(before_value) - 1 - length)
    return f"{before}={after}"


def literal(value: str | bool | int, quote: str = '"') -> str:
    """The TOML text of a value; a string in these quotes where they can hold it."""
    import tomlkit

    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if quote == "'" and "'" not in value and value.isprintable():
        return tomlkit.string(value, literal=True).as_string()
    return tomlkit.string(value).as_string()


def _node(source: Toml, route: Route) -> Node:
    node = source.nodes.get(route)
    if node is None:
        raise RefusedError(f"{route[-1]} is a table of its own, or is not there")
    return node


def items_of(source: Toml, route: Route, value: Sequence[object]) -> list[Node]:
    """Where the items of a list stand."""
    return [_node(source, (*route, number)) for number in range(len(value))]


def _pairs(source: Toml, table: Route) -> list[tuple[Route, Node]]:
    """The pairs that are written directly in a table, be it with a header, inline or dotted."""
    return [
        (route, node) for route, node in source.nodes.items() if route[:-1] == table and node.dotted_key is not None
    ]


def _inline_table(source: Toml, table: Route) -> bool:
    node = source.nodes.get(table)
    return node is not None and source.text.content.startswith("{", node.start)

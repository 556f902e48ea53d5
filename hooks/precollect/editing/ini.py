"""Edits of an INI file: what to change in its text.

configupdater would lay out anew each value that it sets, so the text is changed directly, at the
places that `reading.ini` knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

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
from precollect.reading.ini import Ini, Piece
from precollect.reading.words import Span, UnclosedError, spans

COMMENTS = "#;"
INDENT = "    "


def plan(source: Ini, edit: KeyEdit) -> list[Change]:
    """What an edit changes; [] where there is nothing to do. Raises RefusedError where it cannot be made."""
    match edit:
        case RemoveWords():
            return _remove_words(source, edit)
        case AddWords():
            return _add_words(source, edit)
        case SetKey():
            return _set_key(source, edit)
        case RemoveKey():
            return remove_key(source, edit.section, edit.key) if _has(source, edit) else []
        case AddLine():
            return _add_line(source, edit)


def quoted(words: Sequence[str]) -> str:
    """Words as a text that is cut into just these."""
    import shlex

    def plain(word: str) -> bool:
        try:
            return [span.text for span in spans(word)] == [word]
        except UnclosedError:
            return False

    return " ".join(word if plain(word) else shlex.quote(word) for word in words)


def words_of(text: str, key: str) -> list[Span]:
    """The words of a value. Raises RefusedError where it cannot be cut."""
    try:
        return list(spans(text))
    except UnclosedError as error:
        raise RefusedError(f"{key} cannot be cut into words: {error}") from None


def hold(words: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether words stand among others, one directly behind the other."""
    return any(list(words[start:][: len(wanted)]) == list(wanted) for start in range(len(words)))


def _remove_words(source: Ini, edit: RemoveWords) -> list[Change]:
    if not _has(source, edit):
        raise RefusedError(f"there is no {edit.key}")
    route = (edit.section, edit.key)
    words = words_of(source.sections[edit.section][edit.key], edit.key)
    if not set(edit.words) <= set(range(len(words))):
        raise RefusedError(f"{edit.key} has only {len(words)} words")
    if len(set(edit.words)) == len(words):
        return remove_key(source, edit.section, edit.key)
    tokens = [Token(source.character(route, word.start), source.character(route, word.end - 1) + 1) for word in words]
    return without_tokens(
        source.text.content,
        tokens,
        set(edit.words),
        opening=source.key(route),
        closing=None,
        comments=COMMENTS,
    )


def _add_words(source: Ini, edit: AddWords) -> list[Change]:
    if not _has(source, edit):
        return _add_key(source, edit.section, edit.key, quoted(edit.words))
    words = words_of(source.sections[edit.section][edit.key], edit.key)
    if hold([word.text for word in words], edit.words):
        return []
    pieces = source.pieces((edit.section, edit.key))
    if len(pieces) == 1 and not pieces[0].text:
        return [_fill(source, edit.section, edit.key, quoted(edit.words))]
    if _stands_on_key_line(source, edit, pieces[-1]):
        end = pieces[-1].offset + len(pieces[-1].text)
        return [Change(end, end, f" {quoted(edit.words)}")]
    return [_line_below(source, pieces[-1], quoted(edit.words))]


def spelled(edit: SetKey) -> str:
    """The value that an edit gives a key, as an INI file has it."""
    return str(edit.value).lower() if isinstance(edit.value, bool) else str(edit.value)


def _set_key(source: Ini, edit: SetKey) -> list[Change]:
    value = spelled(edit)
    if not _has(source, edit):
        return _add_key(source, edit.section, edit.key, value)
    if source.sections[edit.section][edit.key] == value:
        return []
    first, *others = source.pieces((edit.section, edit.key))
    if not first.text:
        return [_fill(source, edit.section, edit.key, value)]
    text = source.text.content
    rest = [Change(line_start(text, piece.offset), next_line(text, piece.offset)) for piece in others]
    return [Change(first.offset, first.offset + len(first.text), value), *rest]


def _add_line(source: Ini, edit: AddLine) -> list[Change]:
    if not _has(source, edit):
        return _add_key(source, edit.section, edit.key, f"\n{_usual_indent(source)}{edit.line}")
    pieces = source.pieces((edit.section, edit.key))
    if edit.line in [piece.text for piece in pieces]:
        return []
    last = pieces[-1]
    if not _stands_on_key_line(source, edit, last):
        return [_line_below(source, last, edit.line)]
    end = line_end(source.text.content, last.offset)
    return [Change(end, end, f"\n{_usual_indent(source)}{edit.line}")]


def remove_key(source: Ini, section: str, key: str) -> list[Change]:
    """The removal of a key, all lines of its value and the comment lines that explained only it."""
    text = source.text.content
    start = source.key((section, key))
    end = next_line(text, source.pieces((section, key))[-1].offset)
    following = text[end : line_end(text, end)].lstrip()
    staying = {end} if following and following[0] not in f"{COMMENTS}[" else set()
    block = block_with_comments(text, Change(start, end), staying, COMMENTS)
    while block.start < start and text[block.start].isspace():  # an indented comment belongs to the value above
        block = Change(next_line(text, block.start), end)
    return [with_gap(text, block)]


def _add_key(source: Ini, section: str, key: str, value: str) -> list[Change]:
    """A new line behind the last key of the section, in the spelling of the keys that are there."""
    text = source.text.content
    line = _spelling(source, section).assign(key, value)
    if section not in source.sections:
        gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
        return [Change(len(text), len(text), f"{gap}[{section}]\n{line}\n")]
    end = source.header((section,))
    if keys := list(source.sections[section]):
        last = max(keys, key=lambda name: source.key((section, name)))
        end = source.pieces((section, last))[-1].offset
        # Indented comment lines below belong to the last value.
        while text[(below := next_line(text, end)) : line_end(text, below)].lstrip().startswith(tuple(COMMENTS)) and (
            text[below].isspace()
        ):
            end = below
    end = line_end(text, end)
    return [Change(end, end, f"\n{line}")]


class Spelling(NamedTuple):
    """How a key and its value are put together: blanks, "=" or ":", blanks, and the column of the mark from 0."""

    before: str
    mark: str
    after: str
    column: int

    def assign(self, key: str, value: str) -> str:
        """The text for a key; aligned with the others where they are aligned."""
        before = " " * max(1, self.column - len(key)) if len(self.before) > 1 else self.before
        return f"{key}{before}{self.mark}{'' if value.startswith(chr(10)) else self.after}{value}"


def _spelling(source: Ini, section: str) -> Spelling:
    """The spelling of the section's last key; of the first key of the file in a section without keys."""
    routes = [(name, key) for name in (section, *source.sections) for key in source.sections.get(name, {})]
    if not routes:
        return Spelling(" ", "=", " ", 0)
    own = source.sections.get(section)
    name, key = routes[len(own) - 1] if own else routes[0]
    text = source.text.content
    start = source.key((name, key))
    rest = text[start + len(key) : line_end(text, start)]
    before = rest[: len(rest) - len(rest.lstrip())]
    value = rest[len(before) + 1 :]
    after = value[: len(value) - len(value.lstrip())] if value.strip() else " " if before else ""
    return Spelling(before, rest[len(before)], after, len(key) + len(before))


def _fill(source: Ini, section: str, key: str, value: str) -> Change:
    """A value for a key that has none, on the key's own line."""
    text = source.text.content
    offset = source.pieces((section, key))[0].offset
    start = source.key((section, key))
    tight = not text[start + len(key)].isspace()
    return Change(offset, line_end(text, offset), value if tight else f" {value}")


def _line_below(source: Ini, piece: Piece, line: str) -> Change:
    end = line_end(source.text.content, piece.offset)
    return Change(end, end, f"\n{indent_at(source.text.content, piece.offset)}{line}")


def _usual_indent(source: Ini) -> str:
    """The indentation of the first value in the file that has one."""
    text = source.text.content
    for section, values in source.sections.items():
        for key in values:
            last = source.pieces((section, key))[-1]
            if line_start(text, last.offset) != source.key((section, key)) and (indent := indent_at(text, last.offset)):
                return indent
    return INDENT


def _stands_on_key_line(source: Ini, edit: KeyEdit, piece: Piece) -> bool:
    return line_start(source.text.content, piece.offset) == source.key((edit.section, edit.key))


def _has(source: Ini, edit: KeyEdit) -> bool:
    return edit.key in source.sections.get(edit.section, {})

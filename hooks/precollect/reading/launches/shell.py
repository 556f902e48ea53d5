"""The commands of a shell script, as far as its text tells them.

What only running tells (variables, substitutions, patterns, templates) stands as UNTOLD in the word
that holds it. Source: POSIX.1-2024, Shell Command Language, 2.2 to 2.10.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from precollect.reading.launches.piece import Piece
from precollect.reading.words import UNTOLD

OPENING: Final = {"if": "fi", "for": "done", "while": "done", "until": "done", "select": "done", "case": "esac"}
BEFORE_COMMANDS: Final = frozenset({"then", "else", "elif", "do", "!", "time"})
OPERATOR: Final = re.compile(r"&&|\|\||;;&?|;&|\|&|[;&|()\n]")
PLAIN: Final = re.compile(r"[\w./=:,@%+-]+")
REDIRECTION: Final = re.compile(r"(?:&>>?|<<-?|<<<|>>|>\||[<>]&?)")
EXPANSION: Final = re.compile(r"\$(?:\w+|[@*#?$!-])")
END_OF_LIST: Final = frozenset({";", "\n", "&", "|", "|&", "(", ")", ";;", ""})


class Word(NamedTuple):
    """One word: its text after quotes and escapes, UNTOLD in it for what is unknown, and its offset."""

    text: str
    offset: int


class Command(NamedTuple):
    """One simple command.

    `nested`: it stands in a condition, a loop, a function, a subshell, or behind `||`, so it may not
    run, or not as often as once. `may_fail`: its failure is foreseen (`|| true`, `!`, in the background).
    """

    words: tuple[Word, ...]
    nested: bool
    may_fail: bool


class _Mark(NamedTuple):
    """An operator between commands."""

    text: str


def commands(script: Piece, template: re.Pattern[str] | None = None) -> list[Command]:
    """The commands of a script in order; [] where its quotes are not closed.

    `template`: what another program fills in before the shell reads the script: `${{ ... }}` of a workflow.
    """
    try:
        tokens = list(_Lexer(script.text, template).tokens())
    except IndexError:
        return []
    return list(_commands(tokens))


def _commands(tokens: list[Word | _Mark]) -> Iterator[Command]:
    open_blocks: list[str] = []
    current: list[Word] = []
    found: list[tuple[list[Word], bool, str]] = []  # words, nested, the operator behind
    for token in [*tokens, _Mark("")]:
        if isinstance(token, Word):
            current.append(token)
            continue
        words, negated = _opened(current, open_blocks)
        if words or current:
            found.append((words, bool(open_blocks) or negated, token.text))
        elif found and token.text in {")", "}"}:
            found.append(([], True, token.text))
        current = []
        if token.text == "(":
            open_blocks.append(")")
        elif token.text == ")" and open_blocks[-1:] == [")"]:
            open_blocks.pop()
    may_fail = _may_fail(found)
    behind_or = False
    for number, (words, nested, operator) in enumerate(found):
        if words:
            yield Command(tuple(words), nested or behind_or, may_fail[number])
        behind_or = operator == "||" or (behind_or and operator == "&&")


def _opened(words: list[Word], open_blocks: list[str]) -> tuple[list[Word], bool]:
    """The words behind the keywords in front of a command, and whether `!` is one of them; keeps the open blocks."""
    negated = False
    while words:
        text = words[0].text
        if text in OPENING or text == "{":
            open_blocks.append(OPENING.get(text, "}"))
            if text in {"for", "case", "select"}:
                return [], negated
        elif text in {"fi", "done", "esac", "}"}:
            if text in open_blocks:
                while open_blocks.pop() != text:
                    pass
        elif text == "function":
            return [], negated
        elif text not in BEFORE_COMMANDS:
            break
        negated |= text == "!"
        words = words[1:]
    return words, negated


def _may_fail(found: list[tuple[list[Word], bool, str]]) -> list[bool]:
    """For each command, whether an `||` or `&` stands behind it in its list."""
    answers = []
    answer = False
    for _, _, operator in reversed(found):
        answer = operator in {"||", "&"} or (operator not in END_OF_LIST and answer)
        answers.append(answer)
    return answers[::-1]


class _Lexer:
    """Cuts a script into words and operators. Raises IndexError where something is not closed."""

    def __init__(self, text: str, template: re.Pattern[str] | None) -> None:
        self.text = text
        self.template = template
        self.position = 0
        self.parts: list[str] = []
        self.start = -1
        self.here_documents: list[str] = []

    def tokens(self) -> Iterator[Word | _Mark]:
        text = self.text
        while self.position < len(text):
            letter = text[self.position]
            if self.template is not None and (filled := self.template.match(text, self.position)):
                self._add(UNTOLD, filled.end() - self.position)
            elif letter in " \t\r":
                yield from self._word()
                self.position += 1
            elif letter == "#" and self.start < 0:
                end = text.find("\n", self.position)
                self.position = len(text) if end < 0 else end
            elif letter == "\\":
                if self.template is not None and self.template.match(text, self.position + 1):
                    self.position += 1
                elif text[self.position + 1 : self.position + 2] in {"\n", ""}:
                    self.position += 2
                else:
                    self._add(text[self.position + 1], 2)
            elif letter in "'\"$`":
                self._add(*self._expanded(letter))
            elif (letter in "<>" or text.startswith("&>", self.position)) and (
                redirection := REDIRECTION.match(text, self.position)
            ):
                yield from self._redirection(redirection[0])
            elif operator := OPERATOR.match(text, self.position):
                yield from self._word()
                self.position = operator.end()
                if operator[0] == "\n":
                    self._skip_here_documents()
                yield _Mark(operator[0])
            elif letter in "*?" or (letter == "~" and self.start < 0):
                self._add(UNTOLD, 1)
            elif letter == "{" and (braces := re.compile(r"\{[^\s{}]*(?:,|\.\.)[^\s{}]*\}").match(text, self.position)):
                self._add(UNTOLD, braces.end() - self.position)
            else:
                plain = PLAIN.match(text, self.position)
                self._add(plain[0] if plain else letter, len(plain[0]) if plain else 1)
        yield from self._word()

    def _add(self, part: str, length: int) -> None:
        if self.start < 0:
            self.start = self.position
        if part != UNTOLD or self.parts[-1:] != [UNTOLD]:
            self.parts.append(part)
        self.position += length

    def _word(self) -> Iterator[Word]:
        if self.start >= 0:
            yield Word("".join(self.parts), self.start)
        self.parts, self.start = [], -1

    def _expanded(self, letter: str) -> tuple[str, int]:
        """What a quote, a `$` or a backtick stands for, and how long it is."""
        text, start = self.text, self.position
        if letter == "'":
            end = text.index("'", start + 1) if "'" in text[start + 1 :] else len(text)
            if end == len(text):
                raise IndexError
            quoted = text[start + 1 : end]
            return (self.template.sub(UNTOLD, quoted) if self.template else quoted), end + 1 - start
        if letter == "`":
            end = text.find("`", start + 1)
            if end < 0:
                raise IndexError
            return UNTOLD, end + 1 - start
        if letter == "$":
            return self._dollar(start)
        parts = []
        position = start + 1
        while text[position] != '"':
            filled = self.template.match(text, position) if self.template else None
            if filled is not None:
                parts.append(UNTOLD)
                position = filled.end()
            elif text[position] == "\\":
                escaped = text[position + 1]
                parts.append("" if escaped == "\n" else escaped if escaped in '"\\$`' else "\\" + escaped)
                position += 2
            elif text[position] == "$":
                part, length = self._dollar(position)
                parts.append(part)
                position += length
            elif text[position] == "`":
                parts.append(UNTOLD)
                position = text.find("`", position + 1) + 1 or len(text)
            else:
                parts.append(text[position])
                position += 1
        return "".join(parts), position + 1 - start

    def _dollar(self, start: int) -> tuple[str, int]:
        following = self.text[start + 1 : start + 2]
        if following and following in "({":
            closing = {"(": ")", "{": "}"}[following]
            depth, position = 0, start + 1
            while True:
                letter = self.text[position]
                depth += (letter == following) - (letter == closing)
                position += 1
                if not depth:
                    return UNTOLD, position - start
        name = EXPANSION.match(self.text, start)
        return (UNTOLD, len(name[0])) if name else ("$", 1) if following not in {"'", '"'} else (UNTOLD, 1)

    def _redirection(self, operator: str) -> Iterator[Word]:
        """Leave out a redirection and its target."""
        if "".join(self.parts).isdigit():
            self.parts, self.start = [], -1
        yield from self._word()
        self.position += len(operator)
        while self.text[self.position : self.position + 1] in {" ", "\t"}:
            self.position += 1
        target = re.compile(r"\"[^\"]*\"|'[^']*'|[^\s;&|()<>]*").match(self.text, self.position)
        if target is not None:
            if operator in {"<<", "<<-"}:
                self.here_documents.append(target[0].strip("\"'\\"))
            self.position = target.end()

    def _skip_here_documents(self) -> None:
        for end in self.here_documents:
            found = re.compile(rf"^[ \t]*{re.escape(end)}[ \t]*$\n?", re.MULTILINE).search(self.text, self.position)
            self.position = found.end() if found else len(self.text)
        self.here_documents = []

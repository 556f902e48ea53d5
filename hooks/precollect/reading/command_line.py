"""pytest's command line: words in, options and paths out, as its parser (argparse without abbreviations) reads them.

Source: `_pytest/config/argparsing.py` (9.2.0) and CPython's `argparse.py` (3.11); the rules that
surprise are `_parse_optional` (a word with a blank in it is a path, unless a short option starts
it) and `consume_optional` (flags may be glued: `-xvs`).
"""

import re
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from precollect.catalog import Option
from precollect.reading.option_values import CONVERTERS, RefusedValue
from precollect.reading.words import UNTOLD, Word

Trouble = Literal["unknown", "bad-value", "missing-value", "unwanted-value"]

FLAGS = frozenset({"store_true", "store_false", "store_const", "append_const", "count", "help", "version"})
NEGATIVE_NUMBER = re.compile(r"-\d+$|-\d*\.\d+$")


class Given(NamedTuple):
    """One option on the command line.

    `name`: as written ("-n", "--numprocesses"); `value`: None for a flag, several values joined
    by a blank; `words`: the words that make it up, first the one with the name.
    """

    option: Option
    name: str
    value: str | None
    words: tuple[Word, ...]

    @property
    def spelling(self) -> str:
        """As it was written: `-n 2`."""
        return " ".join(word.text for word in self.words)


class Fault(NamedTuple):
    """A word that the parser refuses; `message` is what it says after "error: "."""

    trouble: Trouble
    word: Word
    message: str
    option: Option | None
    value: str | None = None


class CommandLine(NamedTuple):
    """`paths`: the words that are neither option nor value, in order."""

    given: tuple[Given, ...]
    faults: tuple[Fault, ...]
    paths: tuple[Word, ...]

    def last(self, dest: str) -> Given | None:
        """The last option given for a destination, which wins for options that store one value."""
        return next((given for given in reversed(self.given) if given.option.dest == dest), None)

    def all(self, dest: str) -> list[Given]:
        """Every option given for a destination, in order."""
        return [given for given in self.given if given.option.dest == dest]


class Parser:
    """The options that are known at one moment of pytest's start."""

    def __init__(self, options: Iterable[Option]) -> None:
        self.by_name: dict[str, Option] = {}
        for option in options:
            for name in option.names:
                self.by_name[name] = option
        self._negative_numbers_are_options = any(NEGATIVE_NUMBER.match(name) for name in self.by_name)

    def parse(self, words: Sequence[Word]) -> CommandLine:
        """What the words mean; words that cannot be understood are faults, and parsing goes on behind them."""
        given: list[Given] = []
        faults: list[Fault] = []
        paths: list[Word] = []
        index = 0
        while index < len(words):
            word = words[index]
            if word.text == "--":
                paths += words[index + 1 :]
                break
            match = self._option_of(word.text)
            if match is None:
                paths.append(word)
                index += 1
            elif isinstance(match, str):
                faults.append(Fault("unknown", word, f"unrecognized arguments: {word.text}", None))
                index += 1
            else:
                index = self._consume(words, index, match, given, faults)
        return CommandLine(tuple(given), tuple(faults), tuple(paths))

    def _option_of(self, text: str) -> tuple[str, str | None] | str | None:
        """(name, glued value) of a word that is an option; the text itself of an unknown one; None for no option."""
        if not text.startswith("-") or text == "-":
            return None
        if text in self.by_name:
            return text, None
        name, equals, value = text.partition("=")
        if equals and name in self.by_name:
            return name, value
        if not text.startswith("--") and text[:2] in self.by_name:
            return text[:2], text[2:]
        if NEGATIVE_NUMBER.match(text) and not self._negative_numbers_are_options:
            return None
        return None if " " in text else text

    def _consume(
        self, words: Sequence[Word], index: int, match: tuple[str, str | None], given: list[Given], faults: list[Fault]
    ) -> int:
        """Read one option, its values and the flags glued to it; returns the index of the next unread word."""
        name, glued = match
        word = words[index]
        option = self.by_name[name]
        fewest, most = _arity(option)
        while glued is not None:
            if most > 0:
                self._take(option, name, [glued], (word,), given, faults)
                return index + 1
            following = name[0] + glued[:1]
            if name.startswith("--") or following not in self.by_name:
                said = f"argument {'/'.join(option.names)}: ignored explicit argument {glued!r}"
                faults.append(Fault("unwanted-value", word, said, option, glued))
                return index + 1
            given.append(Given(option, name, None, (word,)))
            name, glued = following, glued[1:] or None
            option = self.by_name[name]
            fewest, most = _arity(option)
        end = index + 1
        while end < len(words) and end - index - 1 < most and self._is_value(words[end].text):
            end += 1
        values = words[index + 1 : end]
        if len(values) < fewest:
            expected = "one argument" if fewest == 1 else f"{fewest} arguments"
            said = f"argument {'/'.join(option.names)}: expected {expected}"
            faults.append(Fault("missing-value", word, said, option))
        else:
            self._take(option, name, [value.text for value in values], tuple(words[index:end]), given, faults)
        return end

    def _is_value(self, text: str) -> bool:
        return text != "--" and self._option_of(text) is None

    def _take(
        self,
        option: Option,
        name: str,
        values: list[str],
        words: tuple[Word, ...],
        given: list[Given],
        faults: list[Fault],
    ) -> None:
        for value in values:
            said = refusal(option, value)
            if said is not None:
                said = f"argument {'/'.join(option.names)}: {said}"
                faults.append(Fault("bad-value", words[-1], said, option, value))
                return
        given.append(Given(option, name, " ".join(values) if values else None, words))


def refusal(option: Option, value: str) -> str | None:
    """What the parser says against a value, after "argument NAME: "; None where it takes it or we cannot tell."""
    if UNTOLD in value:
        return None
    if option.type is not None:
        convert = CONVERTERS.get(option.type)
        if convert is None:
            return None
        try:
            converted = convert(value)
        except RefusedValue as refused:
            return str(refused)
        except ValueError:
            return f"invalid {option.type} value: {value!r}"
    else:
        converted = value
    if option.choices is not None and str(converted) not in option.choices:
        return f"invalid choice: {value!r} (choose from {', '.join(repr(choice) for choice in option.choices)})"
    return None


def _arity(option: Option) -> tuple[int, int]:
    """The fewest and the most values that an option takes."""
    if option.action in FLAGS:
        return 0, 0
    if option.nargs is None:
        return 1, 1
    if isinstance(option.nargs, int):
        return option.nargs, option.nargs
    return {"?": (0, 1), "*": (0, 1_000_000), "+": (1, 1_000_000)}.get(option.nargs, (0, 1_000_000))

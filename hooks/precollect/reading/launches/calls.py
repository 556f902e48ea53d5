"""Calls of pytest in scripts: their words, the folder they are made in, the variables they are made with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from precollect.findings import Place
from precollect.reading.collection import within
from precollect.reading.launchers import AUTOLOAD_OFF, PLUGINS, VARIABLES
from precollect.reading.launches.invocation import installs, invocation
from precollect.reading.launches.piece import Piece, piece
from precollect.reading.launches.shell import Word as ShellWord
from precollect.reading.launches.shell import commands
from precollect.reading.words import UNTOLD, UnclosedError, Word, spans

MAKE_FILES: Final = frozenset({"cp", "mkdir", "mv", "touch", "tee", "git", "ln", "unzip", "tar"})


class Call(NamedTuple):
    """One call of pytest.

    `place`: of its name; `folder`: in which it is made, repository-relative; `arguments`: its words, with
    UNTOLD in what only running tells. `addopts`, `plugins`: the words of PYTEST_ADDOPTS and PYTEST_PLUGINS;
    `autoload_off`: where PYTEST_DISABLE_PLUGIN_AUTOLOAD is set. `why_open`: why more may be installed
    than files declare, "" for no reason; `files_made`: whether files may be made before that no commit holds.
    """

    place: Place
    folder: str
    arguments: tuple[Word, ...]
    addopts: tuple[Word, ...] = ()
    plugins: tuple[Word, ...] = ()
    autoload_off: Place | None = None
    why_open: str = ""
    files_made: bool = False


class Surroundings:
    """What holds where a script runs. Scripts change it: `cd`, `export`, `pip install`.

    `folder`: repository-relative, None where it is not known; `variables`: those for pytest, None for
    one whose value is not known; `why_open`, `files_made`: as in Call.
    """

    def __init__(self, folder: str | None, variables: dict[str, Piece | None], why_open: str = "") -> None:
        self.folder = folder
        self.variables = variables
        self.why_open = why_open
        self.files_made = False
        self.failures_count = True

    def changed(self, folder: str) -> None:
        """Go to a folder, given relative to this one."""
        if self.folder is None or UNTOLD in folder or folder.startswith(("/", "~", "-", "\\")) or "$" in folder:
            self.folder = None
        else:
            self.folder = within(self.folder, folder)


def calls(script: Piece, around: Surroundings, template: re.Pattern[str] | None = None) -> Iterator[Call]:
    """The calls of pytest that a script makes for certain, and whose failure counts."""
    for command in commands(script, template):
        texts = [word.text for word in command.words]
        if texts[0] in {"cd", "pushd", "popd", "Set-Location"}:
            plain = len(texts) == 2 and texts[0] != "popd" and not command.nested
            around.changed(texts[1] if plain else UNTOLD)
            continue
        if texts[0] == "set" and (
            any(text.startswith("+") and "e" in text for text in texts[1:]) or texts[1:3] == ["+o", "errexit"]
        ):
            around.failures_count = False
        called = invocation(command.words)
        if called is None:
            around.why_open = around.why_open or installs(command.words)
            around.files_made |= texts[0] in MAKE_FILES
            if texts[0] in {"export", "unset"} or any("GITHUB_ENV" in text for text in texts) or "=" in texts[0]:
                around.variables.update((name, None) for name in VARIABLES if any(name in text for text in texts))
            continue
        if command.nested or command.may_fail or not around.failures_count or around.folder is None:
            continue
        variables = dict(around.variables)
        for name, value in called.assigned:
            if name in VARIABLES:
                quoted = script.text[value.offset : value.offset + 1] in {'"', "'"}
                variables[name] = piece(script.source, script.origin(value.offset + quoted), value.text)
        arguments = tuple(
            Word(_matched(script, word), script.place(word.offset), number, True)
            for number, word in enumerate(called.arguments)
        )
        call = Call(script.place(called.word.offset), around.folder, arguments, why_open=called.adds or around.why_open)
        call = call._replace(files_made=around.files_made)
        with_variables = _with(call, variables)
        if with_variables is not None:
            yield with_variables


def _matched(script: Piece, word: ShellWord) -> str:
    """The text of a word; UNTOLD where it is a path with a bracket that no quotes keep from being a pattern."""
    path, bracket, _ = word.text.partition("::")[0].partition("[")
    bare = script.text.startswith(word.text, word.offset)
    return f"{path}{UNTOLD}" if bracket and bare and not path.startswith("-") else word.text


def _with(call: Call, variables: dict[str, Piece | None]) -> Call | None:
    """The call with the variables that are set for it; None where one of them is not known, or cannot be cut."""
    for name, value in variables.items():
        if value is None or UNTOLD in value.text or "$" in value.text or "{" in value.text:
            return None
        if not value.text:
            continue
        if name == AUTOLOAD_OFF:
            call = call._replace(autoload_off=value.place(0))
        elif name == PLUGINS:
            names = re.finditer(r"[^,\s]+", value.text)
            words = tuple(Word(match[0], value.place(match.start()), n) for n, match in enumerate(names))
            call = call._replace(plugins=words)
        else:
            try:
                found = list(spans(value.text))
            except UnclosedError:
                return None
            words = tuple(Word(span.text, value.place(span.start), n) for n, span in enumerate(found))
            call = call._replace(addopts=words)
    return call

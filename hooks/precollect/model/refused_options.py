"""Options that pytest certainly refuses because nobody defines them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from precollect.model.plugins import Standing
from precollect.reading.words import Word

if TYPE_CHECKING:
    from precollect.model.project import Project


class RefusedOption(NamedTuple):
    """An option that nobody defines.

    `name`: "--cov" of "--cov=src"; `said`: what pytest says; `standing`: of who would define it
    (nobody, absent, outdated).
    """

    word: Word
    name: str
    said: str
    standing: Standing


def refused_options(project: Project) -> Iterator[RefusedOption]:
    """Every word of the command line that is certainly meant as an option and is none.

    Left out are the options of disabled plugins. A word with a blank in it that begins like an
    option ("--cov=a b", "-n 2" as one item of a list) is a path for pytest unless the option is known.
    """
    unknown = [
        (fault.word, f"unrecognized arguments: {fault.word.text}")
        for fault in project.line.faults
        if fault.trouble == "unknown"
    ]
    unknown += [
        (path, f"file or directory not found: {path.text}")
        for path in project.line.paths
        if path.text.startswith("-") and " " in path.text
    ]
    for word, said in unknown:
        name = name_of(word.text)
        if project.knows_no_option(name):
            yield RefusedOption(word, name, said, project.plugins.standing("option", name))


def name_of(text: str) -> str:
    """The option that a word names: "--cov" of "--cov=src", "-n" of "-n4", "--maxfail" of "--maxfail 3"."""
    name = text.partition(" ")[0].partition("=")[0]
    return name if name.startswith("--") else name[:2]

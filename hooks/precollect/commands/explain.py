"""`precollect explain [RULE ...]`: the page of a rule, laid out for a terminal, or the list of all rules.

The pages are docs/rules/RULE.md. Of Markdown they use headings, paragraphs, lists, fenced and indented
code and code within a line, and so that is all that is understood here.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from textwrap import wrap

from precollect.arguments import Parser
from precollect.concerns.rulebook import MODULES, RuleBook
from precollect.errors import CannotWorkError
from precollect.findings import Rule
from precollect.pages import address, page
from precollect.reporting.output import write
from precollect.reporting.terminal import Look, look_of, visible
from precollect.reporting.text import COLOURS
from precollect.similar import way_out

WIDTH = 80
DESCRIPTION = "Prints what a rule is about: what pytest does, an example, the repair, how to allow it."


def run(words: Sequence[str]) -> int:
    """Print pages; returns 0. Raises CannotWorkError for a name that is neither a rule nor a concern."""
    parser = Parser("precollect explain", DESCRIPTION)
    parser.add_argument("names", nargs="*", metavar="RULE", help="a rule, or a concern for its list (default: all)")
    names: list[str] = parser.read(words).names
    look = look_of(sys.stdout, os.environ)
    rules = RuleBook()
    lines = [line for name in names or MODULES for line in [*_explained(name, rules, look), ""]]
    write("".join(f"{line}\n" for line in lines[:-1]))
    return 0


def for_terminal(markdown: str, look: Look) -> list[str]:
    """The lines of a page as a terminal shows them, without their ends."""
    return list(_laid_out(markdown, look))


def _explained(name: str, rules: RuleBook, look: Look) -> list[str]:
    if name in MODULES:
        return _listed(name, [rule for rule in rules.values() if rule.concern == name], look)
    if name in rules:
        markdown = page(name)
        if markdown is None:
            raise CannotWorkError(f"the page of {name!r} is not part of this installation, read {address(name)}")
        return for_terminal(markdown, look)
    hint = way_out(name, [*rules, *MODULES], "'precollect explain' lists all")
    raise CannotWorkError(f"there is no rule {name!r}; {hint}")


def _listed(concern: str, rules: Sequence[Rule], look: Look) -> list[str]:
    """A concern's rules: kind, name and summary of each."""
    column = max(len(rule.name) for rule in rules) + 2
    lines = [look.paint(concern, "bold")]
    for rule in rules:
        first, *more = wrap(rule.summary, WIDTH - 10 - column)
        kind = look.paint(f"{rule.kind:<6}", COLOURS[rule.kind])
        lines.append(f"  {kind}  {rule.name:<{column}}{first}")
        lines += [" " * (10 + column) + line for line in more]
    return lines


def _laid_out(markdown: str, look: Look) -> Iterator[str]:
    language: str | None = None  # of the fenced code around, None outside
    paragraph: list[str] = []
    for line in [*markdown.splitlines(), ""]:
        fence = line.startswith("```")
        literal = language is not None or line.startswith("    ")
        if not (fence or literal) and line and not line.startswith(("#", "- ")):
            paragraph.append(line.strip())
            continue
        if paragraph:
            yield from _paragraph(" ".join(paragraph), look)
            paragraph = []
        if fence:
            language = line[3:] if language is None else None
        elif language == "console":  # what precollect says is one long line for each finding
            yield from wrap(line, WIDTH, initial_indent="    ", subsequent_indent="        ", break_on_hyphens=False)
        elif literal:
            yield visible(f"    {line}".rstrip() if language is not None else line, look.encoding)
        elif line.startswith("## "):
            yield look.paint(line[3:].upper(), "bold")
        elif line.startswith("# "):
            yield look.paint(line[2:], "bold")
        elif line:
            paragraph = [line]
        else:
            yield ""


def _paragraph(text: str, look: Look) -> list[str]:
    kind = next((kind for kind in COLOURS if text.startswith(f"{kind} · ")), None)
    hanging = "  " if text.startswith("- ") else ""
    lines = wrap(visible(text, look.encoding), WIDTH, subsequent_indent=hanging, break_on_hyphens=False)
    if not look.colour:
        return lines
    painted = re.sub(r"`([^`]+)`", lambda code: look.paint(code[1], "cyan"), "\n".join(lines))
    if kind:
        painted = look.paint(kind, COLOURS[kind]) + painted[len(kind) :]
    return painted.split("\n")

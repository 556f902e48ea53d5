"""noxfile.py: the calls of pytest in `session.run(...)`, the sessions started without arguments for them.

Source: nox's documentation, "Configuration & API".
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import accumulate
from posixpath import dirname

from precollect.reading.launches.calls import VARIABLES, Call
from precollect.reading.launches.invocation import invocation
from precollect.reading.launches.shell import Word as ShellWord
from precollect.reading.text import Text
from precollect.reading.words import UNTOLD, Word


def read(source: Text) -> Iterator[Call]:
    """The calls in one noxfile. Whatever sets variables for pytest or changes folders leaves all unknown."""
    if any(name in source.content for name in (*VARIABLES, "chdir", ".cd(")):
        return
    try:
        module = ast.parse(source.content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    lines = source.content.split("\n")
    offsets = [0, *accumulate(len(line) + 1 for line in lines)]
    for function in module.body:
        for statement in function.body if isinstance(function, ast.FunctionDef) else ():
            call = statement.value if isinstance(statement, ast.Expr) else None
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or call.func.attr != "run":
                continue
            if all(keyword.arg in {"external", "silent"} for keyword in call.keywords):
                yield from _call(source, call, lines, offsets)


def _call(source: Text, call: ast.Call, lines: list[str], offsets: list[int]) -> Iterator[Call]:
    """The call of pytest that `session.run` makes, if it is one."""
    words = []
    places = []
    for argument in call.args:
        if isinstance(argument, ast.Starred) and ast.unparse(argument.value) == "session.posargs":
            continue
        told = isinstance(argument, ast.Constant) and isinstance(argument.value, str)
        line = lines[argument.lineno - 1]
        start = offsets[argument.lineno - 1] + len(line.encode()[: argument.col_offset].decode("utf-8", "replace"))
        words.append(ShellWord(argument.value if told else UNTOLD, start))  # type: ignore[attr-defined]
        places.append(source.place(start))
    found = invocation(tuple(words))
    if found is not None:
        behind = len(words) - len(found.arguments)
        arguments = tuple(
            Word(word.text, places[behind + number], number, True) for number, word in enumerate(found.arguments)
        )
        yield Call(places[behind - 1], dirname(source.path), arguments, files_made=True)

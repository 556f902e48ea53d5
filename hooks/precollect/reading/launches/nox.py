"""noxfile.py: the calls of pytest in `session.run(...)`, the sessions started without arguments for them.

Source: nox's documentation, "Configuration & API".
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import accumulate
from posixpath import dirname

from precollect.reading.launchers import VARIABLES
from precollect.reading.launches.calls import Call
from precollect.reading.launches.invocation import installs, invocation
from precollect.reading.launches.shell import Word as ShellWord
from precollect.reading.python.syntax import quietly
from precollect.reading.text import Text
from precollect.reading.words import UNTOLD, Word


def read(source: Text) -> Iterator[Call]:
    """The calls in one noxfile. Whatever sets variables for pytest or changes folders leaves all unknown."""
    if any(name in source.content for name in (*VARIABLES, "chdir", ".cd(")):
        return
    try:
        with quietly():
            module = ast.parse(source.content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    lines = source.content.split("\n")
    offsets = [0, *accumulate(len(line) + 1 for line in lines)]
    for function in module.body:
        if not isinstance(function, ast.FunctionDef) or not function.args.args:
            continue
        session = function.args.args[0].arg
        why_open = ""
        for statement in function.body:
            call = statement.value if isinstance(statement, ast.Expr) else None
            if isinstance(call, ast.Call) and _is_plain_run(call):
                yield from _call(source, call, lines, offsets, why_open)
            why_open = why_open or _installs(statement, session)


def _is_plain_run(call: ast.Call) -> bool:
    """Whether a call is `session.run(...)` without a keyword that changes what runs, or whether its failure counts."""
    runs = isinstance(call.func, ast.Attribute) and call.func.attr == "run"
    return runs and all(keyword.arg in {"external", "silent"} for keyword in call.keywords)


def _installs(statement: ast.stmt, session: str) -> str:
    """Why a statement may install what no file declares, beside `session.install`; "" where it does not."""
    for node in ast.walk(statement):
        if not isinstance(node, ast.Call):
            continue
        if any(isinstance(argument, ast.Name) and argument.id == session for argument in node.args):
            return f"'{ast.unparse(node.func)}' may install what no file declares"
        owner = node.func.value if isinstance(node.func, ast.Attribute) else None
        if not isinstance(node.func, ast.Attribute) or not isinstance(owner, ast.Name) or owner.id != session:
            continue
        if node.func.attr == "conda_install":
            return "'conda_install' may bring what no file declares"
        if node.func.attr in {"run", "run_always", "run_install"}:
            texts = [each.value if isinstance(each, ast.Constant) else UNTOLD for each in node.args]
            words = tuple(ShellWord(text if isinstance(text, str) else UNTOLD, 0) for text in texts)
            if reason := installs(words):
                return reason
    return ""


def _call(source: Text, call: ast.Call, lines: list[str], offsets: list[int], why_open: str) -> Iterator[Call]:
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
        yield Call(places[behind - 1], dirname(source.path), arguments, why_open=why_open, files_made=True)

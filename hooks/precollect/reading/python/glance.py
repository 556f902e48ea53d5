"""The bytes of a test module at a glance: whether a closer look may find that pytest stops at it or loses tests.

As in `scan`, a flag that is False is certain as far as the common spellings go, and one that is
True only asks for the syntax tree: thousands of modules are glanced at, few are parsed.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache
from typing import NamedTuple

from precollect.reading.python.from_imports import from_import

# What is asked of the left margin: an import, a function, a class, what ends the import of the module.
STATEMENT = re.compile(
    rb"\n(?=[acdefpqrs])(?:"
    rb"from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]*(?=(\([^()#]*(?:#[^\n]*\n[^()#]*)*\)|[^\n(#;]+))"
    rb"|(?:async )?def (\w+)"
    rb"|class[ \t]+(\w+)"
    rb"|(raise|(?:sys\.exit|exit|quit|(?:setuptools\.)?setup|pytest\.skip)\()"
    rb")"
)
DEFINITION = re.compile(rb"def (\w+)\(([^()]*)(\)[^:\n()]*:)?")
SIGN = re.compile(rb"[()\[\]{}:\n]")
LONGEST_SIGNATURE = 5000  # bytes
LONGEST_SIGNATURES = 200_000  # bytes of all that are compared with what parametrize names
MOST_STEPS = 20_000  # of one question to one file; beyond, the answer is that it may be so
MOST_ROUNDS = 50
SCOPE = re.compile(rb"\n([ \t]*)(?:async[ \t]+)?(def|class)[ \t]+(\w+)")
FIXTURE_SCOPE = re.compile(rb"scope[ \t]*=[ \t]*[\"'](\w*)[\"']")
TESTS = re.compile(rb"(?:def|class)[ \t]+([tT]\w*)")
WORD = re.compile(rb"\w+")
# A name that is no annotation: it begins an argument.
ARGUMENT = re.compile(rb"(?:^|,)\s*(\w+)\s*(?=[,:=]|$)")
DEFAULTED = re.compile(rb"(?<!\w)(\w+)[ \t]*(?::[^,=]{0,500})?=")
# Group 2 or 3: the names of the arguments; neither where they are no plain texts.
PARAMETRIZE = re.compile(
    rb"parametrize\s*\("
    rb"""(?:\s*(?:argnames\s*=\s*)?(?:(["'])([^"'\\]*)\1|[\[(](\s*(?:["'][^"']*["'][\s,]*)*)[\])])\s*,)?"""
)
FIXTURE = re.compile(rb"@(?:pytest\.)?fixture\b[^\n]{0,1000}\n(?:async )?def \w+\(([^()]*)\)")
USED = re.compile(rb"usefixtures\(([^()]*)\)")
QUOTED = re.compile(rb"[\"'](\w+)[\"']")
# Of parametrize: indirect by position or by keyword, marks that are none, a scope that there is not.
ODD_POSITION = re.compile(rb"\]\s*,\s*(?:True|False)\s*[,)]")
ODD_INDIRECT = re.compile(rb"indirect(?<!\windirect)\s*=")
ODD_MARKS = re.compile(rb"marks(?<!\wmarks)\s*=\s*[\[(]?\s*(?:[\"']|[\w.]*mark\.usefixtures)")
ODD_SCOPE = re.compile(rb"scope(?<!\wscope)\s*=\s*[\"'](?!(?:function|class|module|package|session)[\"'])")
NO_BRACKETS = bytes(set(range(256)) - set(b"()[]{}"))
SCOPES = frozenset({b"function", b"class", b"module", b"package", b"session"})
# Fixtures of pytest's own that live for one test.
OF_ONE_TEST = frozenset(
    b"capfd capfdbinary caplog capsys capsysbinary monkeypatch pytester record_property record_xml_attribute recwarn"
    b" subtests testdir tmp_path tmpdir".split()
)
OWN_ARGUMENTS = frozenset({b"self", b"cls", b"request"})
SETUPS = frozenset({b"setup", b"teardown"})
CONSTRUCTORS = frozenset({b"__init__", b"__new__"})


class Glance(NamedTuple):
    """What a closer look at a module may find."""

    broken: bool
    """No Python parses the file."""
    repeats: bool
    """Two functions or classes have one name in one scope."""
    constructors: bool
    """A class has a constructor."""
    yields: bool
    """A test yields."""
    setups: bool
    """There is a `setup` or `teardown` in the style of nose."""
    scopes: bool
    """A fixture has a scope that does not exist, or one that is wider than that of what it asks for."""
    raises: bool
    """Importing the module raises."""
    parametrize: bool
    """parametrize does not fit its function."""
    cycles: bool
    """A fixture asks for itself, directly or through others."""
    requested: frozenset[str]
    """Fixtures that tests ask for, as arguments or with usefixtures, and that the module itself neither defines nor
    parametrizes."""
    fixtures_request: frozenset[str]
    """Fixtures that fixtures of the module ask for, and that it does not define itself."""
    from_imports: list[str]
    """The module and the names, as words, of each `from` import at the left margin; texts are not told from code."""


def glance(data: bytes) -> Glance:
    """What the module may hold. Never raises, whatever the bytes are."""
    data = b"\n" + (data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in data else data)
    found = DEFINITION.findall(data)
    names = [name for name, _, _ in found]
    known = set(names)
    stated = STATEMENT.findall(data)
    functions = [function for _, _, function, _, _ in stated if function]
    classes = [name for _, _, _, name, _ in stated if name]
    repeated = len(known) != len(names) or len(set(classes)) != len(classes)
    calls = list(PARAMETRIZE.finditer(data))
    fixtures = b"fixture" in data
    helpers = {name: inside for name, inside, _ in found if not name.startswith(b"test")} if fixtures else {}
    return Glance(
        broken=_looks_broken(data) or (any(not end for _, _, end in found) and _lacks_colon(data)),
        repeats=repeated and _repeats(data, functions, classes),
        constructors=bool(classes)
        and (not known.isdisjoint(CONSTRUCTORS) or b"dataclass" in data)
        and _constructors(data),
        yields=b"yield" in data and _yields(data),
        setups=not known.isdisjoint(SETUPS),
        scopes=fixtures and _scopes(data, helpers),
        raises=any(leaving for _, _, _, _, leaving in stated),
        parametrize=bool(calls) and _parametrize(data, calls),
        cycles=fixtures and _cycles(helpers),
        requested=_requested(data, {inside for name, inside, _ in found if name.startswith(b"test")}, known, calls),
        fixtures_request=_asked_by_fixtures(data, known) if fixtures else frozenset(),
        from_imports=[from_import(module, listed) for module, listed, _, _, _ in stated if listed],
    )


def _looks_broken(data: bytes) -> bool:
    brackets = data.translate(None, NO_BRACKETS)
    return (
        brackets.count(b"(") != brackets.count(b")")
        or brackets.count(b"[") != brackets.count(b"]")
        or brackets.count(b"{") != brackets.count(b"}")
        or b"\0" in data
        or (b"<" in data and b"<<<<<<<" in data)
        or (b"\t" in data and b"\n\t" in data and b"\n    " in data)
    )


def _lacks_colon(data: bytes) -> bool:
    """Whether a signature with brackets in it, or one that does not end, is followed by something else than a colon."""
    return any(match[3] is None and not _signature(data, match.end(1))[1] for match in DEFINITION.finditer(data))


def _signature(data: bytes, start: int) -> tuple[bytes, bool]:
    """What stands between the brackets that open at an offset, and whether a colon ends the line behind them."""
    depth = 0
    for match in SIGN.finditer(data, start, start + LONGEST_SIGNATURE):
        sign = match[0]
        if sign in b"([{":
            depth += 1
        elif sign in b")]}":
            depth -= 1
        elif depth <= 0:
            return data[start + 1 : match.start()].rpartition(b")")[0], sign == b":"
    return data[start + 1 : start + LONGEST_SIGNATURE], False


def _repeats(data: bytes, functions: list[bytes], classes: list[bytes]) -> bool:
    """Whether a scope holds one name of a test twice, as far as indentation tells scopes apart.

    `functions` and `classes` are those at the left margin.
    """
    chunks = data.split(b"\nclass ")
    if _are_unique(functions) and _are_unique(classes) and all(map(_are_unique, map(TESTS.findall, chunks))):
        return False
    scopes: list[tuple[int, set[bytes]]] = [(-1, set())]
    for indent, _, name in SCOPE.findall(data):
        depth = len(indent)
        while scopes[-1][0] >= depth:
            scopes.pop()
        if name in scopes[-1][1] and name[:1] in b"tT":
            return True
        scopes[-1][1].add(name)
        scopes.append((depth, set()))
    return False


def _are_unique(names: list[bytes]) -> bool:
    return len(set(names)) == len(names)


def _constructors(data: bytes) -> bool:
    """Whether a class that may be one of tests has a constructor, its own or that of a base in the module."""
    scopes: list[tuple[int, bytes]] = [(-1, b"")]
    bases: dict[bytes, list[bytes]] = {}
    made = set()
    for match in SCOPE.finditer(data):
        depth, kind, name = len(match[1]), match[2], match[3]
        while scopes[-1][0] >= depth:
            scopes.pop()
        if kind == b"class":
            end = data.find(b":", match.end(), match.end() + 500)
            bases[name] = WORD.findall(data, match.end(), end) if end > 0 else []
            if data.rfind(b"dataclass", max(0, match.start() - 200), match.end()) >= 0:
                made.add(name)
            scopes.append((depth, name))
        else:
            if name in CONSTRUCTORS:
                made.add(scopes[-1][1])
            scopes.append((depth, b""))
    for _ in range(min(len(bases), MOST_ROUNDS)):
        inheriting = {name for name, words in bases.items() if name not in made and not made.isdisjoint(words)}
        if not inheriting:
            break
        made |= inheriting
    return any(b"Test" in name or b"Spec" in name for name in made)


def _yields(data: bytes) -> bool:
    """Whether a yield stands in a function that may be a test."""
    definitions = [(match.start(), len(match[1]), match[3]) for match in SCOPE.finditer(data)]
    steps = 0
    position = data.find(b"yield")
    while position >= 0:
        line = data[data.rfind(b"\n", 0, position) + 1 : position]
        depth = len(line) - len(line.lstrip(b" \t"))
        for number in range(bisect_left(definitions, (position,)) - 1, -1, -1):
            steps += 1
            if steps > MOST_STEPS:
                return True
            _, indent, name = definitions[number]
            if indent < depth:
                if name.startswith(b"test"):
                    return True
                break
        position = data.find(b"yield", position + 5)
    return False


def _parametrize(data: bytes, calls: list[re.Match[bytes]]) -> bool:
    """Whether a call of parametrize names what its function does not take, or has other odd arguments."""
    function = -1
    length = 0
    for call, following in zip(calls, [*[each.start() for each in calls[1:]], len(data)], strict=True):
        start = call.end()
        if function < start:
            function = data.find(b"def ", start)
            if function < 0:
                return False
            signature = DEFINITION.match(data, function)
            if signature is not None:
                inside = signature[2] if signature[3] else _signature(data, signature.end(1))[0]
                length += len(inside)
        names = call[2] if call[2] is not None else call[3]
        if names is None or signature is None:
            continue
        if length > LONGEST_SIGNATURES or not _words(names) <= _required(inside):
            return True
        between = data[start : min(function, following)]
        if (
            b"class " in between
            or ODD_POSITION.search(between)
            or ODD_INDIRECT.search(between)
            or ODD_MARKS.search(between)
            or ODD_SCOPE.search(between)
        ):
            return True
    return False


# What follows is remembered of the texts that occur again and again in a project.


@lru_cache(maxsize=4096)
def _words(text: bytes) -> frozenset[bytes]:
    return frozenset(WORD.findall(text))


@lru_cache(maxsize=4096)
def _required(inside: bytes) -> frozenset[bytes]:
    """The words of a signature but the arguments that have a default, and perhaps some more."""
    return _words(inside).difference(DEFAULTED.findall(inside)) if b"=" in inside else _words(inside)


@lru_cache(maxsize=4096)
def _arguments(inside: bytes) -> frozenset[bytes]:
    """The names of the arguments of a signature, and perhaps some more."""
    return frozenset(ARGUMENT.findall(inside))


def _scopes(data: bytes, arguments: dict[bytes, bytes]) -> bool:
    """Whether a scope does not exist, or may be wider than that of another fixture that is asked for."""
    scopes = set(FIXTURE_SCOPE.findall(data))
    if scopes <= {b"function"} or not scopes <= SCOPES:
        return not scopes <= SCOPES
    asked = frozenset().union(*map(_words, arguments.values()))
    return not (asked.isdisjoint(arguments) and asked.isdisjoint(OF_ONE_TEST))


def _cycles(arguments: dict[bytes, bytes]) -> bool:
    """Whether functions of the module name each other, or themselves, as arguments."""
    asks = {name: _words(inside).intersection(arguments) for name, inside in arguments.items() if inside}
    for _ in range(MOST_ROUNDS):  # take away what asks for nothing that is left; what remains goes round in circles
        left = {name: words for name, words in asks.items() if not words.isdisjoint(asks)}
        if len(left) == len(asks):
            return bool(asks)
        asks = left
    return True


def _asked_by_fixtures(data: bytes, names: set[bytes]) -> frozenset[str]:
    found = set().union(*map(_arguments, FIXTURE.findall(data))) - names - OWN_ARGUMENTS
    return frozenset([word.decode("ascii", "replace") for word in found])


def _requested(data: bytes, tests: set[bytes], names: set[bytes], calls: list[re.Match[bytes]]) -> frozenset[str]:
    found = set().union(*map(_arguments, tests))
    if b"usefixtures(" in data:
        found.update(word for inside in USED.findall(data) for word in QUOTED.findall(inside))
    found -= names
    found -= OWN_ARGUMENTS
    for call in calls:
        found -= _words(call[2] or call[3] or b"")
    return frozenset([word.decode("ascii", "replace") for word in found])

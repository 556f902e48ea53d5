"""The bytes of a test module at a glance: whether a closer look may find that pytest stops at it or loses tests.

As in `scan`, a flag that is False is certain as far as the common spellings go, and one that is
True only asks for the syntax tree: thousands of modules are glanced at, few are parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from precollect.reading.python import indentation
from precollect.reading.python.from_imports import from_import
from precollect.reading.python.indentation import CONSTRUCTORS
from precollect.reading.python.signatures import DEFINITION, arguments, quoted, required, signature, words

# What is asked of the left margin: an import, a class, what ends the import of the module.
STATEMENT = re.compile(
    rb"\n(?=[cefpqrs])(?:"
    rb"from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]*(?=(\([^()#]*(?:#[^\n]*\n[^()#]*)*\)|[^\n(#;]+))"
    rb"|class[ \t]+(\w+)"
    rb"|(raise|(?:sys\.exit|exit|quit|(?:setuptools\.)?setup|pytest\.skip)\()"
    rb")"
)
START = b"\n" * 7  # so that the first line begins like all others, and is no less than DEFINITION looks back
AT_MARGIN = (b"\n", b"\nasync ")
LONGEST_SIGNATURES = 200_000  # bytes of all that are compared with what parametrize names
MOST_ROUNDS = 50
NEAR = 2000  # bytes before a yield in which its function is looked for
BEFORE_DEF = frozenset({b"", b"async"})
FIXTURE_SCOPE = re.compile(rb"scope[ \t]*=[ \t]*[\"'](\w*)[\"']")
# Names like those of tests; apart from each other, as each begins with a literal word.
TEST_FUNCTION = re.compile(rb"def[ \t]+([tT]\w*)")
TEST_CLASS = re.compile(rb"class[ \t]+([tT]\w*)")
# Group 2 or 3: the names of the arguments; neither where they are no plain texts.
PARAMETRIZE = re.compile(
    rb"parametrize\s*\("
    rb"""(?:\s*(?:argnames\s*=\s*)?(?:(["'])([^"'\\]*)\1|[\[(](\s*(?:["'][^"']*["'][\s,]*)*)[\])])\s*,)?"""
)
# For each `fixture`: its plural in usefixtures; or of one that is plainly declared: what follows in the line, the
# blanks before the function, its name and its arguments; or nothing.
FIXTURE = re.compile(
    rb"fixture(?:(?<=usefixture)(s)|(?:(?<=@pytest\.fixture)|(?<=@fixture))\b([^\n]{0,1000})\n"
    rb"([ \t]*)(?:async )?def (\w+)\(([^()]*)\)|)"
)
USED = re.compile(rb"usefixtures\(([^()]*)\)")
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
    data = START + (data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in data else data)
    befores, names, insides, ends = _columns(DEFINITION.findall(data), 4)
    modules, imported, stated, leaving = _columns(STATEMENT.findall(data), 4)
    plurals, lines, blanks, declared, asking = _columns(FIXTURE.findall(data), 5)
    calls = list(PARAMETRIZE.finditer(data))
    known = set(names)
    tests = {inside for name, inside in zip(names, insides, strict=True) if name[:4] == b"test"}
    classes = list(filter(None, stated))
    if all(plural or name for plural, name in zip(plurals, declared, strict=True)):
        # All fixtures are plain: nothing else has a scope or may ask for another.
        scoped = b"\n".join(lines)
        fixtures = dict(zip(declared, asking, strict=True))
    else:
        scoped = data
        fixtures = {name: inside for name, inside in zip(names, insides, strict=True) if name[:4] != b"test"}
    repeated = (len(known) < len(names) or len(set(classes)) < len(classes)) and not _are_unique(
        data, classes, [name for name, before in zip(names, befores, strict=True) if before.endswith(AT_MARGIN)]
    )
    constructed = bool(classes) and (not known.isdisjoint(CONSTRUCTORS) or b"dataclass" in data)
    yielding = b"yield" in data and _may_yield(data)
    heads = indentation.heads(data) if repeated or constructed or yielding else []
    return Glance(
        broken=_looks_broken(data) or (not all(ends) and _lacks_colon(data)),
        repeats=repeated and indentation.repeats(heads),
        constructors=constructed and indentation.constructors(data, heads),
        yields=yielding and indentation.yields(data, heads),
        setups=not known.isdisjoint(SETUPS),
        scopes=b"scope" in scoped and _scopes(scoped, fixtures),
        raises=any(leaving),
        parametrize=bool(calls) and _parametrize(data, calls),
        cycles=_cycles(fixtures),
        requested=_missing(_requested(data, tests, calls, uses=any(plurals)), known),
        fixtures_request=_missing(
            _asked([inside for inside, indent in zip(asking, blanks, strict=True) if not indent]), known
        ),
        from_imports=[from_import(*each) for each in zip(modules, imported, strict=True) if each[1]],
    )


def _columns(rows: list[tuple[bytes, ...]], width: int) -> tuple[tuple[bytes, ...], ...]:
    """The columns of a table of so many."""
    return tuple(zip(*rows, strict=True)) if rows else ((),) * width


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
    return any(match[4] is None and not signature(data, match.end(2))[1] for match in DEFINITION.finditer(data))


def _are_unique(data: bytes, classes: list[bytes], functions: list[bytes]) -> bool:
    """Whether names like those of tests occur once in each class, and once at the left margin.

    `classes` and `functions` are those at the left margin.
    """
    chunks = data.split(b"\nclass ")
    together = (classes, functions, *map(TEST_FUNCTION.findall, chunks), *map(TEST_CLASS.findall, chunks))
    return all(len(set(names)) == len(names) for names in together)


def _may_yield(data: bytes) -> bool:
    """Whether a yield may stand elsewhere than in the function right above it, or that one may be a test."""
    position = data.find(b"yield")
    while position >= 0:
        near = max(0, position - NEAR)
        function = max(near, data.rfind(b"def ", near, position))
        start = data.rfind(b"\n", near, function) + 1
        line = data.rfind(b"\n", function, position) + 1
        if (
            data[start:function].strip() not in BEFORE_DEF
            or data.startswith(b"test", function + len(b"def "))
            or indentation.depth_at(data, start) >= indentation.depth_at(data, line)
        ):
            return True
        position = data.find(b"yield", position + len(b"yield"))
    return False


def _parametrize(data: bytes, calls: list[re.Match[bytes]]) -> bool:
    """Whether a call of parametrize names what its function does not take, or has other odd arguments."""
    function = -1
    length = 0
    takes: frozenset[bytes] | None = None
    for call in calls:
        names = call[2] or call[3]
        start = call.end()
        if not names:
            continue
        if function < start:
            function = data.find(b"def ", start)
            if function < 0:
                return False
            found = DEFINITION.match(data, function)
            if found is None:
                takes = None
                continue
            inside = found[3] if found[4] else signature(data, found.end(2))[0]
            takes = required(inside)
            length += len(inside)
            if length > LONGEST_SIGNATURES or _is_odd(data[start:function]):
                return True
        if takes is not None and not words(names) <= takes:
            return True
    return False


def _is_odd(between: bytes) -> bool:
    """Whether the arguments of parametrize behind the names are odd, or a class follows."""
    if b"=" in between and (ODD_INDIRECT.search(between) or ODD_MARKS.search(between) or ODD_SCOPE.search(between)):
        return True
    return b"class " in between or ODD_POSITION.search(between) is not None


def _scopes(data: bytes, fixtures: dict[bytes, bytes]) -> bool:
    """Whether a scope does not exist, or may be wider than that of another fixture that is asked for."""
    scopes = set(FIXTURE_SCOPE.findall(data))
    if scopes <= {b"function"} or not scopes <= SCOPES:
        return not scopes <= SCOPES
    asked = frozenset().union(*map(words, fixtures.values()))
    return not (asked.isdisjoint(fixtures) and asked.isdisjoint(OF_ONE_TEST))


def _cycles(fixtures: dict[bytes, bytes]) -> bool:
    """Whether functions name each other, or themselves, as arguments."""
    # The sides are chosen so that nothing walks through the whole dictionary for each function.
    asks = {name: {word for word in words(inside) if word in fixtures} for name, inside in fixtures.items() if inside}
    for _ in range(MOST_ROUNDS):  # take away what asks for nothing that is left; what remains goes round in circles
        left = {name: asked for name, asked in asks.items() if not asks.keys().isdisjoint(asked)}
        if len(left) == len(asks):
            return bool(asks)
        asks = left
    return True


def _requested(data: bytes, tests: set[bytes], calls: list[re.Match[bytes]], *, uses: bool) -> set[bytes]:
    """What tests ask for and no call of parametrize gives. `uses`: whether there is a mark usefixtures."""
    found = _asked(tests)
    if uses:
        found.update(*map(quoted, USED.findall(data)))
    return found.difference(*[words(call[2] or call[3] or b"") for call in calls])


def _asked(insides: Iterable[bytes]) -> set[bytes]:
    return set().union(*map(arguments, insides))


def _missing(asked: set[bytes], known: set[bytes]) -> frozenset[str]:
    """What is asked for and not brought by the module."""
    return frozenset(b" ".join(asked.difference(known, OWN_ARGUMENTS)).decode("ascii", "replace").split())

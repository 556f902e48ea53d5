"""The bytes of a Python file at a glance: regular expressions only, for the thousands of files that raise no question.

Every expression begins with a literal word, which Python's `re` looks for at memory speed.
"""

from __future__ import annotations

import re

from precollect.reading.python.facts import Scan

# What may stand between two tokens: a superset, except for very long comments, which then count as an open question.
GAP = rb"(?:[\s\\]|#[^\n]{0,120}\n)*"
LETTER = rb"[\w\x80-\xff]"

MARK = re.compile(
    rb"mark(?<!" + LETTER + rb"mark)(?!" + LETTER + rb")" + GAP + rb"(?:\." + GAP + rb"(" + LETTER + rb"+))?"
)
CONSTANT = re.compile(GAP + rb"""["']([^"'\\\n{}]+)["']""" + GAP + rb"[,)]")
LOOKED_UP = re.compile(rb"(?:get|has)attr" + GAP + rb"\(" + GAP + rb"[\w.]*$")
PYTEST_NAMES = re.compile(
    rb"from[\s\\]+_?(?:py\.test|pytest)(?!" + LETTER + rb")[\w.\s\\]{0,300}?import" + GAP + rb"(\*)?"
)
ADD_MARKER = re.compile(rb"add_marker(?!" + LETTER + rb")" + GAP + rb"(\()?")
MARK_ARGUMENT = re.compile(GAP + rb"(?:\w+\.)*mark\.\w+")

ASYNC = re.compile(rb"async(?<!" + LETTER + rb"async)[\s\\]+def(?!" + LETTER + rb")")
FIXTURE = re.compile(rb"fixture(?!" + LETTER + rb")(?:(?<!" + LETTER + rb"fixture)|(?<=yield_fixture))")
RENAMED = re.compile(GAP + rb"as[\s\\]")
DECORATOR = re.compile(rb"(?:^|[\r\n])[ \t\f]*@")
DEFINITION = re.compile(rb"(?:^|[\r\n])[ \t\f]*(?:async[\s\\]+def|def|class)[\s\\]")
SKIP = re.compile(rb"kip(?<=[sS]kip)(?!if(?!" + LETTER + rb"))(?<!mark\.skip)")
NAME_CHARACTERS = bytes(i for i in range(256) if i == 46 or i == 95 or chr(i).isalnum() or i > 127)

_TEXT = rb"""[^()\[\]{}"'#\\]|"[^"\\\n]*"|'[^'\\\n]*'"""
_NESTED = rb"(?:" + _TEXT + rb"|[(\[{](?:" + _TEXT + rb"|[(\[{](?:" + _TEXT + rb")*[)\]}])*[)\]}])*"
_ONE_MARK = rb"(?:\w+\.)?mark\.\w+(?:\(" + _NESTED + rb"\))?"
SOUND_PYTESTMARK = re.compile(
    rb"[ \t]*=[ \t]*(?:"
    + _ONE_MARK
    + rb"|\["
    + GAP
    + rb"(?:"
    + _ONE_MARK
    + GAP
    + rb"(?:,"
    + GAP
    + rb")?)*\])[ \t]*(?:#[^\n]*)?(?:[\r\n]|$)"
)
LONGEST_GAP = 1000  # bytes between two words of an import
LONGEST_PYTESTMARK = 2000  # bytes; a longer one is left to the parser


def scan(data: bytes) -> Scan:
    """What the file may hold. Never raises, whatever the bytes are."""
    if not data.isascii() or b"coding" in data[:400]:
        data = _as_python_reads_it(data)
    marks, open_marks = _marks(data)
    fixtures = b"fixture" in data and FIXTURE.search(data) is not None
    pytestmark = b"pytestmark" in data
    return Scan(
        open_marks=open_marks,
        asynchronous=ASYNC.search(data) is not None,
        fixtures=fixtures,
        marks_near_fixtures=fixtures and _marks_near_fixtures(data),
        pytestmark=pytestmark,
        pytestmark_odd=pytestmark and _pytestmark_odd(data),
        skips=SKIP.search(data) is not None or b"requir" in data or b"exit" in data,
        unittest=b"TestCase" in data,
        plugins=b"_plugin" in data and (b"pytest_plugins" in data or b"import_plugin" in data),
        marks=marks,
    )


def _as_python_reads_it(data: bytes) -> bytes:
    """The text as UTF-8, with names in the form in which Python compares them (NFKC); if that fails, the bytes."""
    from unicodedata import is_normalized, normalize

    from precollect.reading.python.encoding import decode

    text = decode(data)
    if text is None:
        return data
    if not is_normalized("NFKC", text):
        text += "\n" + normalize("NFKC", text)  # the original too: texts in quotes are not normalised
    return text.encode("utf-8", "surrogatepass")


def _marks(data: bytes) -> tuple[frozenset[str], bool]:
    """Names of marks, and whether there may be more. Lines of comment are left aside."""
    names = set()
    bare = 0
    is_open = b"MARK_GEN" in data
    comments = b"#" in data and (b"\r" not in data or data.count(b"\r") == data.count(b"\r\n"))
    for match in MARK.finditer(data):
        start = match.start()
        if comments and data[data.rfind(b"\n", 0, start) + 1 : start].lstrip()[:1] == b"#":
            continue
        name = match[1]
        if name is not None:
            names.add(name)
            is_open = is_open or name.startswith(b"__")  # pytest.mark.__getattr__("x")
            continue
        before = data[max(0, start - 100) : start].rstrip(b" \t\r\n\\")
        if not before.endswith(b"."):
            bare += 1
            is_open = is_open or data.startswith(b"as", match.end())
            continue
        constant = CONSTANT.match(data, match.end() + 1) if data.startswith(b",", match.end()) else None
        if constant is not None and LOOKED_UP.search(before):
            names.add(constant[1])
        else:
            is_open = True
    if bare and not is_open:
        imported = PYTEST_NAMES.search(data)
        # One bare `mark` is the import itself, a second one may be `m = mark`.
        is_open = imported is not None and (bare > 1 or imported[1] is not None)
    for match in ADD_MARKER.finditer(data):
        constant = CONSTANT.match(data, match.end()) if match[1] else None
        if constant is not None:
            names.add(constant[1])
        elif not (match[1] and MARK_ARGUMENT.match(data, match.end())):
            is_open = True
    return frozenset([name.decode("utf-8", "replace") for name in names]), is_open


def _marks_near_fixtures(data: bytes) -> bool:
    """Whether a fixture declaration may share its function with another decorator."""
    seen = -1
    for match in FIXTURE.finditer(data):
        start = match.start()
        before = data[max(0, start - 100) : start].rstrip(NAME_CHARACTERS).rstrip(b" \t\r\n\\")
        if before.endswith((b"=", b"(", b",")) or RENAMED.match(data, match.end(), match.end() + LONGEST_GAP):
            return True  # kept under another name, or handed to something that makes fixtures
        if start < seen or not before.endswith(b"@"):
            continue
        previous = _definition_before(data, start)
        following = DEFINITION.search(data, match.end())
        seen = following.start() if following else len(data)
        if data.count(b"@", previous, seen) > 1 and len(DECORATOR.findall(data, previous, seen)) > 1:
            return True
        # An odd number of quotes: what looks like a definition is text within a decorator.
        if any((data.count(q, previous, start) | data.count(q, start, seen)) & 1 for q in (b'"""', b"'''")):
            return True
    return False


def _definition_before(data: bytes, end: int) -> int:
    """Where the last function or class statement before this offset begins, 0 where there is none."""
    latest = 0
    for word in (b"def", b"class"):
        position = data.rfind(word, latest, end)
        while position > latest:
            start = max(data.rfind(b"\n", 0, position), data.rfind(b"\r", 0, position)) + 1
            if data[start:position].strip() in (b"", b"async"):
                latest = position
            position = data.rfind(word, latest, position)
    return latest


def _pytestmark_odd(data: bytes) -> bool:
    """Whether `pytestmark` may be given anything but a mark or a list of marks."""
    position = data.find(b"pytestmark")
    while position >= 0:
        end = position + len(b"pytestmark")
        if not SOUND_PYTESTMARK.match(data, end, end + LONGEST_PYTESTMARK):
            return True
        position = data.find(b"pytestmark", end)
    return False

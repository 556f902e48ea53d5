"""The bytes of a Python file at a glance: regular expressions only, for the thousands of files that raise no question.

Every expression begins with a literal word, which Python's `re` looks for at memory speed.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8

from precollect.reading.python.facts import Scan

# What may stand between two tokens: a superset, except for very long comments, which then count as an open question.
GAP = rb"(?:[\s\\]|#[^\n]{0,120}\n)*"
LETTER = rb"[\w\x80-\xff]"

# What stands before and behind each `mark`: (".", ".slow") of pytest.mark.slow, ("_", "er") of add_marker. The dot of
# pytest.mark.slow.net is taken along.
AROUND_MARK = re.compile(rb"mark(?:(?<=(.)mark)|)(?=(er|" + LETTER + rb"|\." + LETTER + rb"+(?:\s*\.)?|))", re.DOTALL)
MARK = re.compile(
    rb"mark(?<!" + LETTER + rb"mark)(?!" + LETTER + rb")" + GAP + rb"(?:\." + GAP + rb"(" + LETTER + rb"+))?"
)
COMMENT = re.compile(rb"\s*#")
CHAINED_MARK = re.compile(rb"mark\s*\.\s*\w+\s*\.\s*\w")
LETTERS = frozenset(re.findall(LETTER, bytes(range(256))))
# Without blanks, which stand between the words and the cells of a sketch: a name that has some is left to the parser.
CONSTANT = re.compile(GAP + rb"""["']([^"'\\\s{}]+)["']""" + GAP + rb"[,)]")
LOOKED_UP = re.compile(rb"(?:get|has)attr" + GAP + rb"\(" + GAP + rb"[\w.]*$")
PYTEST_NAMES = re.compile(
    rb"from[\s\\]+_?(?:py\.test|pytest)(?!" + LETTER + rb")[\w.\s\\]{0,300}?import" + GAP + rb"(\*)?"
)
ADD_MARKER = re.compile(rb"add_marker(?!" + LETTER + rb")" + GAP + rb"(\()?")
MARK_ARGUMENT = re.compile(GAP + rb"(?:\w+\.)*mark\.\w+")

ASYNC = re.compile(rb"async(?<!" + LETTER + rb"async)[\s\\]+def(?!" + LETTER + rb")")
FIXTURE = re.compile(rb"fixture(?!" + LETTER + rb")(?:(?<!" + LETTER + rb"fixture)|(?<=yield_fixture))")
BEFORE_DEF = tuple(b"\n" + blanks + word for blanks in (b"", b" " * 4) for word in (b"", b"async "))
ALONE = re.compile(
    rb"""fixture(?:\((?:[^()\n\\"'@]|"[^"\n\\]*"(?!")|'[^'\n\\]*'(?!'))*\))?[ \t]*\r?\n[ \t]*(?:async )?def """
)
RENAMED = re.compile(GAP + rb"as[\s\\]")
DECORATOR = re.compile(rb"(?:^|[\r\n])[ \t\f]*@")
HEAD = re.compile(rb"[ \t\f]*(?:async[\s\\]+def|def|class)[\s\\]")
DEFINITION = re.compile(rb"(?:^|[\r\n])" + HEAD.pattern)
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
ASCII = bytes(range(128))
MOST_NAMES = 50  # of marks that are looked up one by one
LONGEST_GAP = 1000  # bytes between two words of an import
LONGEST_PYTESTMARK = 2000  # bytes; a longer one is left to the parser


def scan(data: bytes) -> Scan:
    """What the file may hold. Never raises, whatever the bytes are."""
    if not data.isascii() or b"coding" in data[:400]:
        data = _as_python_reads_it(data)
    around = set(AROUND_MARK.findall(data))
    names = {behind[1:] for before, behind in around if behind[:1] in b"." and before not in LETTERS}
    spelled = b" ".join(names)
    odd = b"" in names or b"." in spelled or b"__" in spelled
    added = (b"_", b"er") in around
    is_open = False
    if odd or added or b"MARK_GEN" in data or (b"#" in data and _in_comments(data, names)):
        names, is_open = _odd_marks(data)
    return Scan(
        open_marks=is_open,
        chained=odd and CHAINED_MARK.search(data) is not None,
        asynchronous=ASYNC.search(data) is not None,
        marks_near_fixtures=b"fixture" in data and _marks_near_fixtures(data),
        pytestmark_odd=any(before == b"t" and behind[:1] in b"." for before, behind in around)
        and _pytestmark_odd(data),
        plugins=b"_plugin" in data and (b"pytest_plugins" in data or b"import_plugin" in data),
        marks=frozenset([name.decode("utf-8", "replace") for name in names]),
    )


def _as_python_reads_it(data: bytes) -> bytes:
    """The text as UTF-8, with names in the form in which Python compares them (NFKC); if that fails, the bytes."""
    from unicodedata import combining, is_normalized, normalize

    from precollect.reading.python.encoding import FIRST_LINES, decode

    if b"coding" not in data[:FIRST_LINES] and not data.startswith(BOM_UTF8):
        try:
            foreign = data.translate(None, ASCII).decode()
        except ValueError:
            return data
        if is_normalized("NFKC", foreign) and not any(map(combining, set(foreign))):
            return data  # as nearly all are: ASCII letters change in no other company
    text = decode(data)
    if text is None:
        return data
    if not is_normalized("NFKC", text):
        text += "\n" + normalize("NFKC", text)  # the original too: texts in quotes are not normalised
    return text.encode("utf-8", "surrogatepass")


def _in_comments(data: bytes, names: set[bytes]) -> bool:
    """Whether one of these marks may stand in comments only."""
    if len(names) > MOST_NAMES:
        return True
    for name in names:
        start = data.find(b"mark." + name)
        end = start + len(b"mark.") + len(name)
        if data[start - 1 : start] in LETTERS or data[end : end + 1] in LETTERS:
            return True  # another name, which this one is a part of
        line = data.rfind(b"\n", 0, start) + 1
        if data.find(b"#", line, start) >= 0:
            return True
    return False


def _odd_marks(data: bytes) -> tuple[set[bytes], bool]:
    """Names of marks, and whether there may be more, in whatever way they are written."""
    names = set()
    bare = 0
    is_open = b"MARK_GEN" in data
    comments = b"#" in data and (b"\r" not in data or data.count(b"\r") == data.count(b"\r\n"))
    line = start = 0
    for match in MARK.finditer(data):
        line = max(line, data.rfind(b"\n", start, match.start()))
        start = match.start()
        if comments and COMMENT.match(data, line):
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
    return names, is_open


def _marks_near_fixtures(data: bytes) -> bool:
    """Whether a fixture declaration may share its function with another decorator."""
    seen = -1
    for match in FIXTURE.finditer(data):
        start = match.start()
        if _stands_alone(data, start):
            continue
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


def _stands_alone(data: bytes, start: int) -> bool:
    """Whether a fixture is declared in the plainest way, with its function below and another one above it.

    False leaves it open.
    """
    if not data.endswith((b"@pytest.", b"@"), 0, start) or not ALONE.match(data, start):
        return False
    decorator = data.rfind(b"@", 0, start)
    above = data.rfind(b"def ", 0, decorator)
    return (
        above >= 0
        and data.endswith(BEFORE_DEF, 0, above)
        and data.rfind(b"@", above, decorator) < 0
        # An odd number of quotes: what looks like a definition is text within a decorator.
        and not data.count(b'"""', above, decorator) & 1
        and not data.count(b"'''", above, decorator) & 1
    )


def _definition_before(data: bytes, end: int) -> int:
    """Where the line of the last function or class statement before an offset begins, 0 where there is none."""
    latest = 0
    for word in (b"def", b"class"):
        position = data.rfind(word, latest, end)
        while position > latest:
            start = max(data.rfind(b"\n", 0, position), data.rfind(b"\r", 0, position)) + 1
            if HEAD.match(data, start):
                latest = start
                break
            position = data.rfind(word, latest, start)
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

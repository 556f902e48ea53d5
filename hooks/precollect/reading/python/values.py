"""Values as far as files tell them: Python's own constants, and words for what is not constant."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from precollect.reading.python.facts import Argument, Constant

if TYPE_CHECKING:
    from precollect.reading.python.effects import Draft

Value: TypeAlias = Any
"""A constant (str, bytes, int, float, complex, bool, None, Ellipsis, tuple, list, dict, set, frozenset, with values
inside), or one of the classes below. Lists, dicts and sets are shared and changed as the program would."""

CONSTANT_TYPES = frozenset(
    {type(None), type(...), str, bytes, int, float, complex, bool, tuple, list, dict, set, frozenset}
)
LONGEST_TEXT = 500  # characters of one constant in a fact
MOST_ELEMENTS = 200  # elements of one constant in a fact


class Unknown:
    """What only running tells. `why` may say so in words."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()


class Name(NamedTuple):
    """Something imported or built in, by its dotted name: "pytest.mark", "builtins.int", "..helpers.slow".

    What pytest hands to hooks and fixtures is named by its role: "<config>.option", "<parser>", "<item>".
    """

    dotted: str


class Mark(NamedTuple):
    """pytest.mark.NAME, called or not, and the use that made it."""

    use: Draft


class Def:
    """A function or lambda of a module, with the names around it. `owner` is its dotted name within the module."""

    def __init__(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, frame: Frame, owner: str) -> None:
        self.node = node
        self.frame = frame
        self.owner = owner
        self.calls = 0  # how often it was called while reading
        self.role = ""  # "test", "fixture", "hook:NAME", or "" for any other function


class Klass:
    """A class of a module; `names` is what its body binds, None where a base or metaclass may change that."""

    def __init__(self, owner: str, names: dict[str, Value] | None, bases: tuple[str, ...]) -> None:
        self.owner = owner
        self.names = names
        self.bases = bases


class Frame:
    """Names of one module, class or function while it runs."""

    def __init__(self, outer: Frame | None, kind: str) -> None:
        self.outer = outer
        self.kind = kind  # "module", "class" or "function"
        self.names: dict[str, Value] = {}
        self.elsewhere: dict[str, Frame] = {}  # names declared global or nonlocal
        self.star = False  # a star import brought names that are not known
        self.path = ""  # of a module's file

    def find(self, name: str) -> Value:
        """The value of a name; KeyError where nothing binds it."""
        frame: Frame | None = self
        while frame is not None:
            if name in frame.names and (frame is self or frame.kind != "class"):
                return frame.names[name]
            frame = frame.outer
        raise KeyError(name)

    def bind(self, name: str, value: Value) -> None:
        """Give a name a value."""
        self.elsewhere.get(name, self).names[name] = value

    @property
    def module(self) -> Frame:
        """The frame of the module."""
        frame = self
        while frame.outer is not None:
            frame = frame.outer
        return frame


def is_constant(value: Value) -> bool:
    """Whether a value is one of Python's own constants, without looking inside."""
    return type(value) in CONSTANT_TYPES


def same(one: Value, other: Value) -> bool:
    """Whether two values are certainly equal."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    return isinstance(one, (str, bytes, int, float, Name)) and bool(one == other)


def as_argument(value: Value) -> Argument:
    """A value as a fact."""
    if value is UNKNOWN:
        return Argument("unknown", False, None)
    if isinstance(value, Mark):
        return Argument("mark", True, value.use.name)
    if isinstance(value, Name):
        return Argument("name", True, value.dotted)
    if isinstance(value, Def):
        return Argument("lambda" if isinstance(value.node, ast.Lambda) else "function", True, value.owner)
    if isinstance(value, Klass):
        return Argument("name", True, ":" + value.owner)
    kind = type(value).__name__
    try:
        return Argument(kind, True, _plain(value, [MOST_ELEMENTS]))
    except ValueError:
        return Argument(kind, False, None)


def _plain(value: Value, room: list[int]) -> Constant:
    """The value in plain data; ValueError where it is not known throughout, or too large."""
    room[0] -= 1
    if room[0] < 0:
        raise ValueError
    if value is None or isinstance(value, (bool, float)):
        return value
    if isinstance(value, str) and len(value) <= LONGEST_TEXT and value.isprintable():
        return value
    if isinstance(value, int) and abs(value) < 1 << 53:
        return value
    if isinstance(value, (Name, Mark)):
        raise ValueError
    if isinstance(value, (list, tuple, set, frozenset)):
        return tuple(_plain(element, room) for element in value)
    if isinstance(value, dict):
        return tuple((_plain(key, room), _plain(element, room)) for key, element in value.items())
    raise ValueError

"""What operators, methods and built-in functions give for constants; UNKNOWN where that is not certain.

Results are bounded: a file cannot make us build a text or a list that is much larger than the file.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterable

from precollect.reading.python.values import UNKNOWN, Value, is_constant

LONGEST = 100_000  # characters or elements of one result
MOST_DIGITS = 60  # of a whole number
WIDTH = re.compile(r"\d{4}")  # a format that pads to thousands
COMPUTED_FIELD = re.compile(r"\*|\{[^{}]*(?:\{|\._)")

BINARY: dict[type[ast.operator], Callable[[Value, Value], Value]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Mod: operator.mod,
    ast.FloorDiv: operator.floordiv,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
}
COMPARE: dict[type[ast.cmpop], Callable[[Value, Value], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda one, many: one in many,
    ast.NotIn: lambda one, many: one not in many,
}
UNARY: dict[type[ast.unaryop], Callable[[Value], Value]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
}

_TEXT = """
    capitalize casefold count endswith find format isalnum isalpha isdigit isidentifier islower isupper join lower
    lstrip partition removeprefix removesuffix replace rpartition rsplit rstrip split splitlines startswith strip
    swapcase title upper
"""
_READING = """
    copy count difference get index intersection isdisjoint issubset issuperset items keys symmetric_difference union
    values
"""
_CHANGING = """
    add append clear discard extend insert intersection_update pop popitem remove reverse setdefault sort update
"""
TEXT_METHODS, READING_METHODS, CHANGING_METHODS = (frozenset(names.split()) for names in (_TEXT, _READING, _CHANGING))
FUNCTIONS: dict[str, Callable[..., Value]] = {
    "bool": bool,
    "dict": dict,
    "enumerate": lambda *a, **k: list(enumerate(*a, **k)),
    "float": float,
    "frozenset": frozenset,
    "int": int,
    "len": len,
    "list": list,
    "max": max,
    "min": min,
    "range": lambda *a: list(range(*a)) if len(range(*a)) <= LONGEST else UNKNOWN,
    "repr": repr,
    "reversed": lambda *a: list(reversed(*a)),
    "set": set,
    "sorted": sorted,
    "str": str,
    "tuple": tuple,
    "zip": lambda *a, **k: list(zip(*a, **k)),  # noqa: B905,
}
FAILURES = (ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError, ValueError)


def binary(node: ast.operator, left: Value, right: Value) -> Value:
    """left OPERATOR right."""
    function = BINARY.get(type(node))
    if function is None or not (is_constant(left) and is_constant(right)):
        return UNKNOWN
    if isinstance(node, ast.Mult) and _size(left) * _size(right) > LONGEST:
        return UNKNOWN
    if isinstance(node, ast.Add) and _size(left) + _size(right) > 2 * LONGEST:
        return UNKNOWN
    if isinstance(node, ast.Mod) and isinstance(left, (str, bytes)) and not (whole(right) and _may_format(left)):
        return UNKNOWN
    return _bounded(function, left, right)


def unary(node: ast.unaryop, value: Value) -> Value:
    """OPERATOR value."""
    function = UNARY.get(type(node))
    return _bounded(function, value) if function is not None and is_constant(value) else UNKNOWN


def compare(node: ast.cmpop, left: Value, right: Value) -> Value:
    """left COMPARED right, True or False."""
    if not (whole(left) and whole(right)):
        return UNKNOWN
    if isinstance(node, (ast.Is, ast.IsNot)) and not (left is None or right is None):
        return UNKNOWN
    return _bounded(COMPARE[type(node)], left, right)


def subscript(value: Value, key: Value) -> Value:
    """value[key]."""
    if not is_constant(value) or not (whole(key) or isinstance(key, slice)):
        return UNKNOWN
    return _bounded(operator.getitem, value, key)


def formatted(value: Value, conversion: int, spec: Value) -> Value:
    """One {value!conversion:spec} of an f-string."""
    if not whole(value) or not isinstance(spec, str) or WIDTH.search(spec):
        return UNKNOWN
    if conversion != -1:
        value = str(value) if conversion == ord("s") else _bounded(repr if conversion == ord("r") else ascii, value)
    return _bounded(format, value, spec)


def method(value: Value, name: str, positional: list[Value], keywords: dict[str, Value]) -> Value:
    """value.name(...) of a constant that only reads it."""
    arguments = [*positional, *keywords.values()]
    if isinstance(value, (str, bytes)):
        if name not in TEXT_METHODS or not all(whole(argument) for argument in arguments):
            return UNKNOWN
        if name == "format" and not _may_format(value):
            return UNKNOWN
        if name in ("replace", "join") and len(value) * sum(map(_size, arguments)) > 50 * LONGEST:
            return UNKNOWN
    elif name not in READING_METHODS:
        return UNKNOWN
    result = _bounded(getattr(value, name, _missing), *positional, **keywords)
    return list(result) if isinstance(result, (type({}.keys()), type({}.values()), type({}.items()))) else result


def change(value: Value, name: str, positional: list[Value], keywords: dict[str, Value]) -> Value:
    """value.name(...) of a list, dict or set that it changes."""
    if _size(value) + sum(map(_size, positional)) > LONGEST:
        return UNKNOWN
    return _bounded(getattr(value, name, _missing), *positional, **keywords)


def builtin(name: str, positional: list[Value], keywords: dict[str, Value]) -> Value:
    """What a built-in function or type gives."""
    function = FUNCTIONS.get(name)
    arguments = [*positional, *keywords.values()]
    if function is None or not all(is_constant(argument) for argument in arguments):
        return UNKNOWN
    if name in ("str", "repr", "sorted", "max", "min", "int", "float", "bool") and not all(map(whole, arguments)):
        return UNKNOWN
    return _bounded(function, *positional, **keywords)


def elements(value: Value) -> list[Value] | None:
    """What a loop over a constant gives, in order; None where that is not known."""
    if isinstance(value, (list, tuple, str, dict)) and is_constant(value):
        return list(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=repr)
    return None


def whole(value: Value) -> bool:
    """Whether a value is constant throughout."""
    if not is_constant(value):
        return False
    if isinstance(value, dict):
        return all(whole(part) for pair in value.items() for part in pair)
    if isinstance(value, (list, tuple, set, frozenset)):
        return all(map(whole, value))
    return True


def concatenated(parts: Iterable[Value]) -> Value:
    """The parts of an f-string as one text."""
    found = list(parts)
    if not all(isinstance(part, str) for part in found) or sum(map(len, found)) > LONGEST:
        return UNKNOWN
    return "".join(found)


def _may_format(template: str | bytes) -> bool:
    """Whether a template asks for neither huge widths nor widths or attributes of its arguments."""
    text = template if isinstance(template, str) else template.decode("latin-1")
    return not WIDTH.search(text) and not COMPUTED_FIELD.search(text)


def _missing(*_: Value, **__: Value) -> Value:
    return UNKNOWN


def _size(value: Value) -> int:
    """How much a value weighs in a product: elements, characters, or the number itself."""
    if isinstance(value, int):
        return max(1, abs(value))
    return len(value) if isinstance(value, (str, bytes, list, tuple, dict, set, frozenset)) else 1


def _bounded(function: Callable[..., Value], *positional: Value, **keywords: Value) -> Value:
    """The result where there is one and it is of a bearable size."""
    try:
        result = function(*positional, **keywords)
    except FAILURES:
        return UNKNOWN
    if isinstance(result, int) and result.bit_length() > 4 * MOST_DIGITS:
        return UNKNOWN
    if isinstance(result, (str, bytes, list, tuple, dict, set, frozenset)) and len(result) > LONGEST:
        return UNKNOWN
    return result

"""Expressions: what they give as far as files tell, and the marks that evaluating them names."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterator, Sequence

from precollect.reading.python import evaluate
from precollect.reading.python.effects import Draft, Event, weaker
from precollect.reading.python.facts import Call
from precollect.reading.python.source import Source
from precollect.reading.python.values import (
    UNKNOWN,
    Def,
    Frame,
    Klass,
    Mark,
    Name,
    Value,
    as_argument,
    is_constant,
)

CANONICAL = {
    "_pytest.mark.MARK_GEN": "pytest.mark",
    "_pytest.mark.structures.MARK_GEN": "pytest.mark",
    "_pytest.fixtures.fixture": "pytest.fixture",
    "_pytest.config.hookimpl": "pytest.hookimpl",
    "_pytest.outcomes.exit": "pytest.exit",
    "_pytest.outcomes.fail": "pytest.fail",
    "_pytest.outcomes.importorskip": "pytest.importorskip",
    "_pytest.outcomes.skip": "pytest.skip",
    "_pytest.outcomes.xfail": "pytest.xfail",
    "py.test": "pytest",
    "<request>.config": "<config>",
    "<request>.node": "<item>",
    "<request>.session": "<session>",
    "<session>.config": "<config>",
    "<session>.items": "<items>",
    "<item>.config": "<config>",
    "<item>.session": "<session>",
    "mock.patch": "unittest.mock.patch",
    "typing_extensions.TYPE_CHECKING": "typing.TYPE_CHECKING",
}
REAL_ATTRIBUTES = ("_config", "_markers", "__")  # of pytest.mark: reading these asks for no mark
BUILTINS = frozenset(dir(builtins))
MARK_ATTRIBUTES = frozenset({"args", "combined_with", "kwargs", "mark", "markname", "name", "with_args"})

MOST_ROUNDS = 2000  # of one loop over a constant
DEEPEST_CALL = 12
EXTRA_STEPS = 20_000  # expressions evaluated in further rounds of loops and in functions that are called


class ExhaustedError(Exception):
    """Following loops and calls has cost enough."""


OLDEST_PYTHON = (3, 7)  # of pytest 7.0


class Expressions:
    """Evaluates expressions in a frame and keeps what they do in `effects`."""

    def __init__(self, source: Source, frame: Frame) -> None:
        self.source = source
        self.frame = frame
        self.effects: list[Draft | Event] = []
        self.when = "import"
        self.guarded = False
        self.needs = ""  # what the id of an item must hold for us to be here
        self.owner = ""
        self.hook = ""
        self.depth = 0
        self.rounds = 0
        self.branches = 0
        self.steps = EXTRA_STEPS
        self.leaks = 0  # how often an exception or a skip may have left the function
        self.marks_open = ""
        self.defs: list[Def] = []
        self._evaluators: dict[type[ast.expr], Callable[..., Value]] = {
            ast.Constant: self._constant,
            ast.Name: self._name,
            ast.Attribute: self._attribute,
            ast.Call: self._call,
            ast.BoolOp: self._bool_op,
            ast.BinOp: self._bin_op,
            ast.UnaryOp: self._unary_op,
            ast.Compare: self._compare,
            ast.IfExp: self._if_exp,
            ast.Lambda: self._lambda,
            ast.List: self._list,
            ast.Tuple: self._tuple,
            ast.Set: self._set,
            ast.Dict: self._dict,
            ast.ListComp: self._list_comp,
            ast.SetComp: self._set_comp,
            ast.GeneratorExp: self._generator,
            ast.DictComp: self._dict_comp,
            ast.JoinedStr: self._joined_str,
            ast.Subscript: self._subscript,
            ast.Slice: self._slice,
            ast.NamedExpr: self._named_expr,
            ast.Starred: self._starred,
        }

    def value(self, node: ast.expr) -> Value:
        """The value of an expression, UNKNOWN where files do not tell."""
        if self.depth or self.rounds:
            self.steps -= 1
            if self.steps < 0:
                raise ExhaustedError
        evaluator = self._evaluators.get(type(node))
        return self._other(node) if evaluator is None else evaluator(node)

    # How certain a place is

    def alternatives(self, branches: Sequence[Callable[[], object]]) -> None:
        """Run branches of which one is taken: what not all of them do is uncertain afterwards."""
        before = self.when
        start, leaks = len(self.effects), self.leaks
        found = []
        self.branches += 1
        for branch in branches:
            self.when = before
            begin = len(self.effects)
            branch()
            uses = [effect for effect in self.effects[begin:] if isinstance(effect, Draft) and effect.when == before]
            found.append({use.name for use in uses})
        self.branches -= 1
        everywhere = frozenset.intersection(*map(frozenset, found)) if found else frozenset()
        for effect in self.effects[start:]:
            if not (isinstance(effect, Draft) and effect.name in everywhere):
                effect.when = weaker(effect.when)
        self.when = before if self.leaks == leaks else weaker(before)

    @property
    def reached(self) -> str:
        """How certain this very place is, branches around it considered."""
        return weaker(self.when) if self.branches else self.when

    def settle(self, value: Value) -> Value:
        """The value behind a name that is imported from the repository; else the value itself."""
        return value

    def perhaps(self, action: Callable[[], object]) -> None:
        """Run something of which files do not tell whether it happens."""
        self.alternatives((lambda: None, action))

    # Leaves

    def _constant(self, node: ast.Constant) -> Value:
        return node.value

    def _name(self, node: ast.Name) -> Value:
        return self.lookup(node.id)

    def lookup(self, name: str) -> Value:
        """What a name stands for."""
        try:
            return self.frame.find(name)
        except KeyError:
            pass
        if self.frame.module.star:
            return Name("pytest") if name == "pytest" else UNKNOWN
        return Name("builtins." + name) if name in BUILTINS else UNKNOWN

    def _attribute(self, node: ast.Attribute) -> Value:
        return self.attribute(self.value(node.value), node.attr, node)

    def attribute(self, base: Value, name: str, node: ast.expr) -> Value:
        """base.name, which for `pytest.mark` is a mark."""
        if isinstance(base, Name):
            if base.dotted == "pytest.mark":
                if name.startswith(REAL_ATTRIBUTES):
                    return Name("pytest.mark." + name)
                return self.mark(name, "attribute", node)
            dotted = f"{base.dotted}{'' if base.dotted.endswith('.') else '.'}{name}"
            return Name(CANONICAL.get(dotted, dotted))
        if isinstance(base, Mark):
            if name == "with_args":
                return base
            if name not in MARK_ATTRIBUTES and not name.startswith("__"):
                base.use.chained = name
        elif isinstance(base, Klass):
            return (base.names or {}).get(name, UNKNOWN)
        return UNKNOWN

    def mark(self, name: str, form: str, node: ast.expr) -> Mark:
        """Note the use of a mark."""
        draft = Draft(name, *self.place(node), self.when, form, self.owner, guarded=self.guarded)
        draft.needs = self.needs
        self.effects.append(draft)
        return Mark(draft)

    def place(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Line and column of a node of this file."""
        return node.lineno, self.source.column(node)

    # Operators

    def _bool_op(self, node: ast.BoolOp) -> Value:
        first = self.value(node.values[0])
        if evaluate.whole(first):
            if bool(first) is isinstance(node.op, ast.Or):
                return first
            rest = node.values[1:]
            return self.value(rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest))
        for part in node.values[1:]:
            self.perhaps(lambda part=part: self.value(part))  # type: ignore[misc]
        return UNKNOWN

    def _bin_op(self, node: ast.BinOp) -> Value:
        chain = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp):  # "a" + "b" + ... may be thousands long
            chain.append(left)
            left = left.left
        result = self.settle(self.value(left))
        for part in reversed(chain):
            result = evaluate.binary(part.op, result, self.settle(self.value(part.right)))
        return result

    def _unary_op(self, node: ast.UnaryOp) -> Value:
        return evaluate.unary(node.op, self.value(node.operand))

    def _compare(self, node: ast.Compare) -> Value:
        left = self.value(node.left)
        rights = [self.value(right) for right in node.comparators]
        if len(rights) > 1:
            return UNKNOWN
        if left == Name("builtins.__name__") and rights[0] == "__main__":
            return isinstance(node.ops[0], ast.NotEq)  # an imported module is never the main one
        if left == Name("sys.version_info"):
            return _beyond_doubt(node.ops[0], rights[0])
        return evaluate.compare(node.ops[0], left, rights[0])

    def _if_exp(self, node: ast.IfExp) -> Value:
        test = self.truth(node.test)
        if test is not None:
            return self.value(node.body if test else node.orelse)
        results: list[Value] = []
        self.alternatives(
            (lambda: results.append(self.value(node.body)), lambda: results.append(self.value(node.orelse)))
        )
        return results[0] if evaluate.whole(results[0]) and results[0] == results[1] else UNKNOWN

    def truth(self, node: ast.expr) -> bool | None:
        """Whether a condition holds; None where only running tells."""
        value = self.value(node)
        if value == Name("typing.TYPE_CHECKING"):
            return False
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            inner = self.quietly(node.operand)
            if inner == Name("typing.TYPE_CHECKING"):
                return True
        return bool(value) if evaluate.whole(value) else None

    def quietly(self, node: ast.expr) -> Value:
        """The value of an expression that has been evaluated already: nothing is noted."""
        count = len(self.effects)
        value = self.value(node)
        del self.effects[count:]
        return value

    def _subscript(self, node: ast.Subscript) -> Value:
        value = self.settle(self.value(node.value))
        return evaluate.subscript(value, self.settle(self.value(node.slice)))

    def _slice(self, node: ast.Slice) -> Value:
        parts = [self.value(part) if part else None for part in (node.lower, node.upper, node.step)]
        return slice(*parts) if all(part is None or isinstance(part, int) for part in parts) else UNKNOWN

    def _named_expr(self, node: ast.NamedExpr) -> Value:
        value = self.value(node.value)
        frame = self.frame
        frame.bind(node.target.id, value)
        return value

    # Containers

    def _list(self, node: ast.List) -> Value:
        return self.sequence(node.elts)

    def _tuple(self, node: ast.Tuple) -> Value:
        found = self.sequence(node.elts)
        return UNKNOWN if found is UNKNOWN else tuple(found)

    def _set(self, node: ast.Set) -> Value:
        return evaluate.builtin("set", [self.sequence(node.elts)], {})

    def sequence(self, nodes: Sequence[ast.expr]) -> Value:
        """The values of several expressions as a list; UNKNOWN where `*` brings something unknown."""
        values: list[Value] = []
        complete = True
        for node in nodes:
            if isinstance(node, ast.Starred):
                more = evaluate.elements(self.settle(self.value(node.value)))
                if more is None:
                    complete = False
                else:
                    values.extend(more)
            else:
                values.append(self.value(node))
        return values if complete and len(values) <= evaluate.LONGEST else UNKNOWN

    def _starred(self, node: ast.Starred) -> Value:
        self.value(node.value)
        return UNKNOWN

    def _dict(self, node: ast.Dict) -> Value:
        found: dict[Value, Value] = {}
        complete = True
        for key_node, value_node in zip(node.keys, node.values, strict=False):
            key = self.value(key_node) if key_node is not None else None
            value = self.value(value_node)
            if key_node is None:
                value = self.settle(value)
                if isinstance(value, dict):
                    found.update(value)
                else:
                    complete = False
            elif evaluate.whole(key) and not isinstance(key, (list, dict, set)):
                found[key] = value
            else:
                complete = False
        return found if complete else UNKNOWN

    def _joined_str(self, node: ast.JoinedStr) -> Value:
        return evaluate.concatenated([self._part(part) for part in node.values])

    def _part(self, node: ast.expr) -> Value:
        if isinstance(node, ast.FormattedValue):
            spec = self.value(node.format_spec) if node.format_spec else ""
            return evaluate.formatted(self.settle(self.value(node.value)), node.conversion, spec)
        return self.value(node)

    # Comprehensions

    def _list_comp(self, node: ast.ListComp | ast.SetComp) -> Value:
        results: list[Value] = []
        complete = self._generate(node.generators, lambda: results.append(self.value(node.elt)))
        return results if complete else UNKNOWN

    def _set_comp(self, node: ast.SetComp) -> Value:
        return evaluate.builtin("set", [self._list_comp(node)], {})

    def _generator(self, node: ast.GeneratorExp) -> Value:
        results: list[Value] = []
        complete = False

        def run() -> None:
            nonlocal complete
            complete = self._generate(node.generators, lambda: results.append(self.value(node.elt)))

        self.perhaps(run)  # nothing is evaluated before somebody asks for it
        return results if complete else UNKNOWN

    def _dict_comp(self, node: ast.DictComp) -> Value:
        pairs: list[tuple[Value, Value]] = []
        complete = self._generate(node.generators, lambda: pairs.append((self.value(node.key), self.value(node.value))))
        return (
            evaluate.builtin("dict", [pairs], {}) if complete and all(evaluate.whole(p[0]) for p in pairs) else UNKNOWN
        )

    def _generate(self, generators: list[ast.comprehension], make: Callable[[], None]) -> bool:
        """Run a comprehension; whether what it gives is known as a whole."""
        outer = self.frame
        self.frame = Frame(outer, "function")
        try:
            return self._nested(generators, make)
        finally:
            self.frame = outer

    def _nested(self, generators: list[ast.comprehension], make: Callable[[], None]) -> bool:
        if not generators:
            make()
            return True
        generator, rest = generators[0], generators[1:]
        complete = True

        def once() -> None:
            nonlocal complete
            before = self.when
            for condition in generator.ifs:
                truth = self.truth(condition)
                if truth is False:
                    self.when = before
                    return
                if truth is None:
                    complete = False
                    self.when = weaker(self.when)
            complete = self._nested(rest, make) and complete
            self.when = before

        known = self.loop(self.value(generator.iter), generator.target, once)
        return complete and known

    def loop(self, iterable: Value, target: ast.expr, body: Callable[[], object]) -> bool:
        """Run a body for every element; False where the elements are not known: then once, perhaps."""
        iterable = self.settle(iterable)
        values = evaluate.elements(iterable)
        if values is None or len(values) > MOST_ROUNDS or self.steps < 0:
            item = Name("<item>") if iterable == Name("<items>") else UNKNOWN
            self.assign(target, item)
            if item is UNKNOWN:
                self.perhaps(body)
            else:
                body()  # that some test is collected is taken for granted
            return False
        if not values:
            return True
        for index, value in enumerate(values):
            self.rounds += index > 0
            try:
                self.assign(target, value)
                if body() is False:
                    break
            finally:
                self.rounds -= index > 0
        return True

    def assign(self, target: ast.expr, value: Value) -> None:
        """Bind names to a value, taking it apart as Python does."""
        if isinstance(target, ast.Name):
            self.frame.bind(target.id, value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            parts = evaluate.elements(value)
            if parts is None or len(parts) != len(target.elts) or any(isinstance(e, ast.Starred) for e in target.elts):
                parts = [UNKNOWN] * len(target.elts)
            for element, part in zip(target.elts, parts, strict=False):
                self.assign(element, part)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, UNKNOWN)
        elif isinstance(target, ast.Attribute):
            self.assign_attribute(self.value(target.value), target.attr, value, target)
        elif isinstance(target, ast.Subscript):
            self.assign_item(self.value(target.value), self.value(target.slice), value, target)

    def assign_attribute(self, base: Value, name: str, value: Value, node: ast.expr) -> None:
        """base.name = value."""
        if isinstance(base, Klass) and base.names is not None:
            base.names[name] = value

    def assign_item(self, base: Value, key: Value, value: Value, node: ast.expr) -> None:
        """base[key] = value."""
        if isinstance(base, (list, dict)) and is_constant(base):
            if evaluate.whole(key) and self.when != "never":
                try:
                    base[key] = UNKNOWN if self.branches else value
                except evaluate.FAILURES:
                    self.spoil(base)
            else:
                self.spoil(base)

    def spoil(self, value: Value) -> None:
        """Something unknown may have happened to a list, dict or set: it holds what only running tells."""
        if isinstance(value, list):
            value.append(UNKNOWN)
        elif isinstance(value, set):
            value.add(UNKNOWN)
        elif isinstance(value, dict):
            value[UNKNOWN] = UNKNOWN

    # Functions

    def _lambda(self, node: ast.Lambda) -> Value:
        for default in (*node.args.defaults, *(default for default in node.args.kw_defaults if default)):
            self.value(default)
        function = Def(node, self.frame, self.owner)
        self.defs.append(function)
        return function

    def _call(self, node: ast.Call) -> Value:
        raise NotImplementedError

    def arguments(self, node: ast.Call) -> tuple[list[Value], dict[str, Value], bool]:
        """Values by position, values by keyword, and whether these are all."""
        positional: list[Value] = []
        keywords: dict[str, Value] = {}
        complete = True
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                more = evaluate.elements(self.settle(self.value(argument.value)))
                complete = complete and more is not None
                positional.extend(more or ())
            else:
                positional.append(self.value(argument))
        for keyword in node.keywords:
            value = self.value(keyword.value)
            if keyword.arg is not None:
                keywords[keyword.arg] = value
            elif isinstance(value, dict) and all(isinstance(key, str) for key in value):
                keywords.update(value)
            else:
                complete = False
        return positional, keywords, complete

    def _other(self, node: ast.expr) -> Value:
        for child in self._children(node):
            self.value(child)
        return UNKNOWN

    def _children(self, node: ast.AST) -> Iterator[ast.expr]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                yield child
            else:
                yield from self._children(child)


def as_call(positional: list[Value], keywords: dict[str, Value], complete: bool) -> Call:
    """Arguments as a fact."""
    return Call(
        tuple(map(as_argument, positional)),
        tuple((name, as_argument(value)) for name, value in keywords.items()),
        complete,
    )


def _beyond_doubt(operator: ast.cmpop, version: Value) -> Value:
    """How the interpreter's version compares with one so old that no pytest of ours runs on it; else UNKNOWN."""
    if not (isinstance(version, tuple) and version and all(isinstance(part, int) for part in version)):
        return UNKNOWN
    if version[:2] > OLDEST_PYTHON:
        return UNKNOWN
    if isinstance(operator, (ast.Gt, ast.GtE)):
        return True
    return False if isinstance(operator, (ast.Lt, ast.LtE)) and version[:2] < OLDEST_PYTHON else UNKNOWN

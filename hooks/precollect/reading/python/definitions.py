"""Functions and classes as a module defines them: what is a test, a fixture, a hook, and what decorates it."""

from __future__ import annotations

import ast
from bisect import bisect_left

from precollect.reading.python.calls import is_generator
from precollect.reading.python.effects import Draft
from precollect.reading.python.expressions import as_call
from precollect.reading.python.facts import Argument, Call, Class, Decorator, Fixture, Function, Pytestmark
from precollect.reading.python.source import Source
from precollect.reading.python.statements import Statements
from precollect.reading.python.values import UNKNOWN, Def, Frame, Klass, Mark, Name, Value, is_constant

# Decorators that neither add marks nor change whether a function is asynchronous.
_PLAIN = """
    abc.abstractmethod builtins.classmethod builtins.property builtins.staticmethod dataclasses.dataclass
    functools.cache functools.lru_cache functools.wraps pytest.hookimpl typing.final typing.no_type_check
    typing.overload typing.override unittest.expectedFailure unittest.skip unittest.skipIf unittest.skipUnless
"""
_DATACLASSES = """
    attr.attrs attr.dataclass attr.define attr.frozen attr.s attrs.define attrs.frozen dataclasses.dataclass
"""
PLAIN_DECORATORS, DATACLASSES = frozenset(_PLAIN.split()), frozenset(_DATACLASSES.split())
PLAIN_PREFIXES = ("unittest.mock.patch", "pytest.mark.")
UNITTEST = frozenset(
    {
        *("unittest.TestCase", "unittest.IsolatedAsyncioTestCase", "unittest.FunctionTestCase"),
        *("unittest.case.TestCase", "unittest.case.FunctionTestCase"),
        "unittest.async_case.IsolatedAsyncioTestCase",
    }
)
PLAIN_BASES = frozenset({"builtins.object", "typing.Generic", "abc.ABC", "typing.Protocol"})
CHANGING = frozenset({"setattr", "delattr"})
FIXTURE_ARGUMENTS = ("fixture", "yield_fixture")


class Definitions(Statements):
    """Runs a module and keeps what it defines."""

    def __init__(self, source: Source, frame: Frame, yields: list[int]) -> None:
        super().__init__(source, frame)
        self.functions: list[Function] = []
        self.classes: list[Class] = []
        self.pytestmarks: list[Pytestmark] = []
        self.class_names: tuple[str, ...] = ()
        self._yields = yields

    @property
    def listed(self) -> bool:
        """Whether what is defined here can be collected: at module level, or in a class there."""
        return not self.in_body and not self.depth and self.frame.kind != "function"

    # Decorators

    def _decorate(self, node: ast.expr) -> tuple[Value, Decorator]:
        """The value of a decorator, and the decorator as a fact."""
        if not isinstance(node, ast.Call):
            value = self.value(node)
            return value, Decorator(_dotted(value), None, node.lineno)
        called = self.value(node.func)
        positional, keywords, complete = self.arguments(node)
        self.decorating = not isinstance(called, Def)
        call = as_call(positional, keywords, complete)
        if isinstance(called, Mark):
            value = self._call_mark(called, positional, keywords, complete)
        else:
            value = self.call(called, positional, keywords, complete, node)
        self.decorating = False
        return value, Decorator(_dotted(called), call, node.lineno)

    def _apply(
        self, value: Value, fact: Decorator, result: Value, marks: list[str], node: ast.expr
    ) -> tuple[Value, bool]:
        """What a decorator makes of a function or class, and whether we know what it does."""
        if isinstance(value, Mark):
            marks.append(value.use.name)
            return result, True
        if isinstance(value, Def):
            start = len(self.effects)
            given = self.call(value, [result], {}, True, node)
            marks.extend(effect.name for effect in self.effects[start:] if isinstance(effect, Draft))
            return given, given is result
        name = fact.name.removesuffix("()")
        if _is_fixture(name):
            return UNKNOWN, True
        if name in PLAIN_DECORATORS or name.startswith(PLAIN_PREFIXES):
            return result, True
        if isinstance(result, Def):
            self.perhaps_entered(result)
        return UNKNOWN, False

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        outer = self.owner
        self.owner = f"{outer}.{node.name}" if outer else node.name
        when, start = self.reached, len(self.effects)
        decorated = [self._decorate(decorator) for decorator in node.decorator_list]
        for default in (*node.args.defaults, *(default for default in node.args.kw_defaults if default)):
            self.value(default)
        self._annotations(node)
        function = Def(node, self.frame, self.owner)
        fixture = _fixture(node.name, decorated)
        marks: list[str] = []
        result: Value = function
        opaque = False
        new = set(map(id, self.effects[start:]))
        for (value, fact), decorator in zip(reversed(decorated), reversed(node.decorator_list), strict=False):
            if isinstance(value, Mark) and id(value.use) in new:
                value.use.target = "fixture" if fixture else "function"
            result, understood = self._apply(value, fact, result, marks, decorator)
            opaque = opaque or not understood
        function.role = self._role(node, fixture, opaque, marks)
        self.defs.append(function)
        if self.listed:
            self._list_function(node, when, decorated, tuple(marks), opaque, fixture)
            self.defined(node, when, decorated, opaque)
        self.owner = outer
        self.bound(node.name, node)
        self.frame.bind(node.name, result)

    def defined(
        self,
        node: ast.FunctionDef | ast.AsyncFunctionDef,
        when: str,
        decorated: list[tuple[Value, Decorator]],
        opaque: bool,
    ) -> None:
        """A function is defined where pytest can see it."""

    def _role(
        self,
        node: ast.FunctionDef | ast.AsyncFunctionDef,
        fixture: Fixture | None,
        opaque: bool,
        marks: list[str],
    ) -> str:
        if not self.listed:
            return ""
        if node.name.startswith("pytest_"):
            return "hook:" + node.name
        if fixture is not None:
            return "fixture"
        if node.name.startswith("test") and not opaque and not {"skip", "skipif", "xfail"} & set(marks):
            return "test"
        return ""

    def _annotations(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Annotations are evaluated by some Pythons only; a mark there is rare enough to look for it by its line."""
        parameters = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
        annotations = [parameter.annotation for parameter in parameters if parameter and parameter.annotation]
        for annotation in (*annotations, *([node.returns] if node.returns else ())):
            if not self.dull(annotation):
                before, self.when = self.when, "never" if self.postponed else self.when
                self.perhaps(lambda annotation=annotation: self.value(annotation))  # type: ignore[misc]
                self.when = before

    postponed = False
    """`from __future__ import annotations` stands in the module."""

    def dull(self, node: ast.expr | ast.stmt) -> bool:
        """Whether the lines of a node certainly name no mark."""
        return False

    def _list_function(
        self,
        node: ast.FunctionDef | ast.AsyncFunctionDef,
        when: str,
        decorated: list[tuple[Value, Decorator]],
        marks: tuple[str, ...],
        opaque: bool,
        fixture: Fixture | None,
    ) -> None:
        parameters = node.args
        required = given_by_position(parameters)
        defaulted = [parameter.arg for parameter in (*parameters.posonlyargs, *parameters.args)][len(required) :]
        for parameter, default in zip(parameters.kwonlyargs, parameters.kw_defaults, strict=False):
            (required if default is None else defaulted).append(parameter.arg)
        by_position = [parameter.arg for parameter in parameters.posonlyargs][bool(self.class_names) :]
        self.functions.append(
            Function(
                node.name,
                self.class_names,
                *self.place(node),
                when,
                isinstance(node, ast.AsyncFunctionDef),
                self._generates(node),
                tuple(name for name in required if name not in by_position),
                tuple(name for name in defaulted if name not in by_position),
                tuple(fact for _, fact in decorated),
                marks,
                opaque,
                fixture,
                tuple(by_position),
            )
        )

    def _generates(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
        index = bisect_left(self._yields, node.lineno)
        return index < len(self._yields) and self._yields[index] <= (node.end_lineno or 0) and is_generator(node)

    # Classes

    def _class(self, node: ast.ClassDef) -> None:
        outer_owner, outer_names, outer_frame = self.owner, self.class_names, self.frame
        self.owner = f"{outer_owner}.{node.name}" if outer_owner else node.name
        when, start = self.reached, len(self.effects)
        decorated = [self._decorate(decorator) for decorator in node.decorator_list]
        new = set(map(id, self.effects[start:]))
        bases = [self.value(base) for base in node.bases]
        for keyword in node.keywords:
            self.value(keyword.value)
        listed = self.listed
        self.frame = Frame(outer_frame, "class")
        if listed:
            self.class_names = (*outer_names, node.name)
        first_pytestmark = len(self.pytestmarks)
        self.block(node.body)
        names = self.frame.names
        self.frame, self.class_names = outer_frame, outer_names
        plain = not node.keywords and all(
            (isinstance(base, Klass) and base.names is not None) or base == Name("builtins.object") for base in bases
        )
        inherited = {
            key: value
            for base in reversed(bases)
            if isinstance(base, Klass)
            for key, value in (base.names or {}).items()
        }
        dotted = tuple(_dotted(base) for base in bases)
        klass = Klass(self.owner, {**inherited, **names} if plain else None, dotted)
        marks: list[str] = []
        result: Value = klass
        opaque = False
        for (value, fact), decorator in zip(reversed(decorated), reversed(node.decorator_list), strict=False):
            if isinstance(value, Mark) and id(value.use) in new:
                value.use.target = "class"
            result, understood = self._apply(value, fact, result, marks, decorator)
            opaque = opaque or isinstance(value, Def)  # it may give the class attributes
            if fact.name in DATACLASSES:
                result, understood = klass, True
            opaque = opaque or not understood
        opaque = opaque or "__init_subclass__" in inherited
        if listed:
            for found in self.pytestmarks[first_pytestmark:]:
                if found.owner == self.owner:
                    marks.extend(found.marks)
                    opaque = opaque or found.kind == "unknown"
            if any(keyword.arg == "metaclass" for keyword in node.keywords):
                dotted = (*dotted, "")  # it may make whatever it wants of the class
                bases = [*bases, UNKNOWN]
            test = {**inherited, **names}.get("__test__")
            self.classes.append(
                Class(
                    node.name,
                    outer_names,
                    *self.place(node),
                    when,
                    dotted,
                    _constructor(names, decorated),
                    test if isinstance(test, bool) else None,
                    self._unittest(bases, dotted),
                    tuple(fact for _, fact in decorated),
                    tuple(marks),
                    opaque,
                )
            )
        self.owner = outer_owner
        self.frame.bind(node.name, result)

    def _unittest(self, bases: list[Value], dotted: tuple[str, ...]) -> str:
        answers = {self._unittest_base(base, name) for base, name in zip(bases, dotted, strict=False)}
        if "yes" in answers:
            return "yes"
        return "unknown" if "unknown" in answers else "no"

    def _unittest_base(self, base: Value, dotted: str) -> str:
        if isinstance(base, Klass):
            return next(
                (c.unittest for c in reversed(self.classes) if ".".join((*c.classes, c.name)) == base.owner), "unknown"
            )
        if dotted in UNITTEST:
            return "yes"
        return "no" if dotted in PLAIN_BASES else "unknown"

    # pytestmark

    def _assign(self, node: ast.Assign) -> None:
        start = len(self.effects)
        super()._assign(node)
        for target in node.targets:
            self._changed(target)
        if any(isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets):
            self._pytestmark(node, start)

    def _ann_assign(self, node: ast.AnnAssign) -> None:
        start = len(self.effects)
        super()._ann_assign(node)
        if isinstance(node.target, ast.Name) and node.target.id == "pytestmark" and node.value is not None:
            self._pytestmark(node, start)

    def _aug_assign(self, node: ast.AugAssign) -> None:
        start = len(self.effects)
        super()._aug_assign(node)
        if isinstance(node.target, ast.Name) and node.target.id == "pytestmark":
            self._pytestmark(node, start)

    def _delete(self, node: ast.Delete) -> None:
        super()._delete(node)
        for target in node.targets:
            self._changed(target)

    def _expr(self, node: ast.Expr) -> None:
        super()._expr(node)
        call = node.value
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in CHANGING and call.args:
            self._changed(call.args[0])

    def _changed(self, target: ast.expr) -> None:
        """What a statement binds anew, deletes or gives an attribute to, may be no test any more, or another one."""
        while isinstance(target, ast.Attribute):
            target = target.value
        if not isinstance(target, ast.Name) or not self.listed:
            return
        scope, name = self.class_names, target.id
        for number, function in enumerate(self.functions):
            if function.name == name and function.classes == scope and function.when == "import":
                self.functions[number] = function._replace(when="maybe")
        for number, found in enumerate(self.classes):
            if found.name == name and found.classes == scope and found.when == "import":
                self.classes[number] = found._replace(when="maybe")

    def _pytestmark(self, node: ast.stmt, start: int) -> None:
        if not self.listed:
            return
        for effect in self.effects[start:]:
            if isinstance(effect, Draft) and effect.target == "value":
                effect.target = "pytestmark"
        kind, marks = _kind_of_marks(self.frame.names.get("pytestmark", UNKNOWN))
        owner = ".".join(self.class_names)
        self.pytestmarks.append(Pytestmark(owner, *self.place(node), self.reached, kind, marks))


def _kind_of_marks(value: Value) -> tuple[str, tuple[str, ...]]:
    """What is assigned to `pytestmark`, in the words of `facts.Pytestmark`."""
    if isinstance(value, Mark):
        return "mark", (value.use.name,)
    if isinstance(value, (list, tuple)) and is_constant(value):
        marks = tuple(element.use.name for element in value if isinstance(element, Mark))
        if isinstance(value, tuple):
            return "tuple", marks
        if any(is_constant(element) for element in value):
            return "other", marks
        return ("list" if len(marks) == len(value) else "unknown"), marks
    if isinstance(value, str) or value is None:
        return "none" if value is None else "str", ()
    if isinstance(value, Name) and value.dotted == "pytest.mark":
        return "marks", ()
    return ("other" if is_constant(value) else "unknown"), ()


def given_by_position(parameters: ast.arguments) -> list[str]:
    """The arguments given by position that have no default: those that a hook asks for (pluggy's `varnames`)."""
    named = [parameter.arg for parameter in (*parameters.posonlyargs, *parameters.args)]
    return named[: len(named) - len(parameters.defaults)]


def _constructor(names: dict[str, Value], decorated: list[tuple[Value, Decorator]]) -> str:
    for name in ("__init__", "__new__"):
        if name in names:
            return name
    return "__init__" if any(fact.name in DATACLASSES for _, fact in decorated) else ""


def _dotted(value: Value) -> str:
    if isinstance(value, Name):
        return value.dotted
    if isinstance(value, Mark):
        return "pytest.mark." + value.use.name
    return ":" + value.owner if isinstance(value, (Def, Klass)) else ""


def _is_fixture(dotted: str) -> bool:
    return dotted.rpartition(".")[2].removesuffix("()") in FIXTURE_ARGUMENTS and "." in dotted


def _fixture(name: str, decorated: list[tuple[Value, Decorator]]) -> Fixture | None:
    """The fixture that decorators declare."""
    for _, fact in decorated:
        if not _is_fixture(fact.name):
            continue
        call, known = fact.call, not fact.name.endswith("()")
        known = known and (call is None or call.complete)
        return Fixture(
            fact.name.removesuffix("()"),
            _keyword(call, "name", name, str, known),
            _keyword(call, "scope", "function", str, known),
            _keyword(call, "autouse", False, bool, known),
            _keyword(call, "loop_scope", "", str, known),
            call is not None and call.keyword("params") is not None,
            call,
        )
    return None


def _keyword(call: Call | None, name: str, default: Value, kind: type, known: bool) -> Value:
    """The constant given for a keyword of a fixture, its default, or None where files do not tell."""
    argument: Argument | None = call.keyword(name) if call else None
    if argument is None or (argument.known and argument.value is None):
        return default if known else None
    return argument.value if argument.known and argument.kind == kind.__name__ else None

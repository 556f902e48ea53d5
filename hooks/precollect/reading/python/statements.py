"""Statements: in which order a module runs, and how certain it is that each place is reached."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Callable, Sequence

from precollect.reading.python import evaluate
from precollect.reading.python.calls import Calls
from precollect.reading.python.effects import Event, weaker
from precollect.reading.python.expressions import CANONICAL
from precollect.reading.python.facts import Import
from precollect.reading.python.source import Source
from precollect.reading.python.values import UNKNOWN, Def, Frame, Name, Value, is_constant, same

BUILTIN_EXCEPTIONS = frozenset(
    name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, Exception)
)
OTHER_BASE_EXCEPTIONS = frozenset({"GeneratorExit", "KeyboardInterrupt", "SystemExit"})
STANDARD = sys.stdlib_module_names
TRANSPARENT = frozenset({"pytest.deprecated_call", "pytest.warns"})  # context managers that let every exception through


ITEM_IDS = frozenset({"<item>.nodeid", "<item>.fspath", "<item>.path", "<item>.fspath.strpath"})


class Statements(Calls):
    """Runs the statements of a module in order."""

    def __init__(self, source: Source, frame: Frame) -> None:
        super().__init__(source, frame)
        self.imports: list[Import] = []
        self.jumps: set[str] = set()
        self.returned: list[Value] = []
        self.doubtful = set()
        self._local_names: dict[ast.AST, frozenset[str]] = {}
        self._runners: dict[type[ast.stmt], Callable[..., None]] = {
            ast.Expr: self._expr,
            ast.Assign: self._assign,
            ast.AnnAssign: self._ann_assign,
            ast.AugAssign: self._aug_assign,
            ast.Import: self._import,
            ast.ImportFrom: self._import_from,
            ast.FunctionDef: self._function,
            ast.AsyncFunctionDef: self._function,
            ast.ClassDef: self._class,
            ast.If: self._if,
            ast.For: self._for,
            ast.AsyncFor: self._for,
            ast.While: self._while,
            ast.Try: self._try,
            ast.With: self._with,
            ast.AsyncWith: self._with,
            ast.Return: self._return,
            ast.Raise: self._raise,
            ast.Assert: self._assert,
            ast.Break: self._jump,
            ast.Continue: self._jump,
            ast.Global: self._global,
            ast.Nonlocal: self._global,
            ast.Delete: self._delete,
            ast.Match: self._match,
        }
        if hasattr(ast, "TryStar"):
            self._runners[ast.TryStar] = self._try

    def block(self, statements: Sequence[ast.stmt]) -> None:
        """Run statements until something certainly leaves."""
        for statement in statements:
            if self.when == "never":
                return
            runner = self._runners.get(type(statement))
            if runner is not None:
                runner(statement)

    # Simple statements

    def _expr(self, node: ast.Expr) -> None:
        self.value(node.value)

    def _assign(self, node: ast.Assign) -> None:
        value = self.value(node.value)
        for target in node.targets:
            self.assign(target, value)

    def _ann_assign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.assign(node.target, self.value(node.value))

    def _aug_assign(self, node: ast.AugAssign) -> None:
        added = self.value(node.value)
        target = node.target
        if not isinstance(target, ast.Name):
            self.assign(target, UNKNOWN)
            return
        old = self.settle(self.lookup(target.id))
        if isinstance(old, list) and isinstance(node.op, ast.Add):
            more = evaluate.elements(self.settle(added))
            if more is None or evaluate.change(old, "extend", [more], {}) is UNKNOWN:
                self.spoil(old)
        elif isinstance(old, Name) and old.dotted == "<config>.markers":
            for line in evaluate.elements(added) or [UNKNOWN]:
                self._register(line, target)
        elif isinstance(old, (set, dict)) and is_constant(old):
            self.spoil(old)
        else:
            self.assign(target, evaluate.binary(node.op, old, self.settle(added)))

    def _delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.frame.bind(target.id, UNKNOWN)
            elif isinstance(target, ast.Subscript):
                self.spoil(self.value(target.value))

    def _assert(self, node: ast.Assert) -> None:
        self.value(node.test)  # where it fails, importing fails

    def _global(self, node: ast.Global | ast.Nonlocal) -> None:
        for name in node.names:
            frame = self.frame.module
            if isinstance(node, ast.Nonlocal):
                outer = self.frame.outer
                while outer is not None and name not in outer.names:
                    outer = outer.outer
                frame = outer or frame
            self.frame.elsewhere[name] = frame
            self.frame.names.pop(name, None)

    # Imports

    def _import(self, node: ast.Import) -> None:
        for alias in node.names:
            column = self.source.column(node)
            self.imports.append(Import(alias.name, (), node.lineno, column, self.reached))
            if alias.asname:
                self.frame.bind(alias.asname, Name(CANONICAL.get(alias.name, alias.name)))
            else:
                top = alias.name.partition(".")[0]
                self.frame.bind(top, Name(top))

    def _import_from(self, node: ast.ImportFrom) -> None:
        module = "." * node.level + (node.module or "")
        names = tuple(alias.name for alias in node.names)
        self.imports.append(Import(module, names, node.lineno, self.source.column(node), self.reached))
        if module == "__future__":
            return
        for alias in node.names:
            if alias.name == "*":
                self.import_all(module)
                continue
            dotted = f"{module}{'' if module.endswith('.') else '.'}{alias.name}"
            self.bound(alias.asname or alias.name, node)
            self.frame.bind(alias.asname or alias.name, Name(CANONICAL.get(dotted, dotted)))

    def bound(self, name: str, node: ast.stmt | ast.expr) -> None:
        """A statement binds a name that pytest looks at."""

    def import_all(self, module: str) -> None:
        """from module import *"""
        if module == "pytest":
            for name in ("exit", "fail", "fixture", "hookimpl", "importorskip", "mark", "param", "skip", "xfail"):
                self.frame.bind(name, Name("pytest." + name))
        self.frame.module.star = True

    # Branches

    def _if(self, node: ast.If) -> None:
        truth = self.truth(node.test)
        if truth is not None:
            self.block(node.body if truth else node.orelse)
            return
        needed = self._item_text(node)
        if needed:
            self.needs = needed
            self.block(node.body)
            self.needs = ""
            return
        self.branch([lambda: self.block(node.body), lambda: self.block(node.orelse)])

    def _item_text(self, node: ast.If) -> str:
        """The text in `if "text" in item.nodeid:` (also of its path), where the body simply does something; else ""."""
        test = node.test
        if node.orelse or self.needs or not isinstance(test, ast.Compare) or not isinstance(test.ops[0], ast.In):
            return ""
        where = test.comparators[0]
        if isinstance(where, ast.Call) and isinstance(where.func, ast.Name) and where.func.id == "str" and where.args:
            where = where.args[0]
        value = self.quietly(where)
        if not isinstance(value, Name) or value.dotted not in ITEM_IDS:
            return ""
        if not all(isinstance(statement, ast.Expr) for statement in node.body):
            return ""
        text = self.quietly(test.left)
        return text if isinstance(text, str) else ""

    def _match(self, node: ast.Match) -> None:
        self.value(node.subject)
        branches: list[Callable[[], None]] = [lambda: None]
        for case in node.cases:
            branches.append(lambda case=case: self._case(case))  # type: ignore[misc]
        self.branch(branches)

    def _case(self, case: ast.match_case) -> None:
        for part in ast.walk(case.pattern):
            name = getattr(part, "name", None) or getattr(part, "rest", None)
            if name:
                self.frame.bind(name, UNKNOWN)
        if case.guard:
            self.value(case.guard)
        self.block(case.body)

    def branch(self, branches: Sequence[Callable[[], None]]) -> None:
        """Run alternatives of which one is taken, with what they bind and whether they come to their end."""
        before = self.when
        names = self.frame.names
        ends: list[tuple[str, bool, dict[str, Value]]] = []

        def run(branch: Callable[[], None]) -> None:
            self.frame.names = dict(names)
            self.gone = False
            branch()
            ends.append((self.when, self.gone, self.frame.names))

        self.alternatives([lambda branch=branch: run(branch) for branch in branches])  # type: ignore[misc]
        going_on = [bound for when, _, bound in ends if when != "never"]
        self.frame.names = merged(going_on) if going_on else ends[0][2]
        if not going_on:
            self.when = "never"
            self.gone = all(gone for _, gone, _ in ends)
        elif all(when == before for when, _, _ in ends):
            self.when = before
        else:
            self.when = weaker(before)

    # Loops

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        iterable = self.settle(self.value(node.iter))
        known = evaluate.elements(iterable)
        after = self.when
        current = [self.when]
        outer, broken = self.jumps, False
        if known is None and iterable != Name("<items>"):
            self.widen(node)
        elif id(iterable) in self.doubtful:
            current[0] = weaker(current[0])

        def body() -> bool:
            nonlocal after, broken
            self.when = current[0]
            self.jumps = set()
            self.block(node.body)
            jumps = self.jumps - {"continue"}
            broken = broken or bool(jumps)
            if self.when == "never" and jumps == {"break"} == self.jumps:
                return False
            if self.when == "never" and jumps and "break" not in jumps and "continue" not in self.jumps:
                if current[0] == after:
                    after = "never"
                return False
            if jumps:
                current[0] = weaker(current[0])
            if jumps - {"break"}:
                after = weaker(after)
            self.when = current[0]
            return True

        leaks = self.leaks
        complete = self.loop(iterable, node.target, body)
        if not complete and iterable != Name("<items>") and after == "never":
            after = "maybe"
        self.when = weaker(after) if self.leaks > leaks and after != "never" else after
        self.jumps = outer | (self.jumps - {"break", "continue"}) if broken else outer
        if node.orelse and self.when != "never":
            if broken:
                self.branch([lambda: None, lambda: self.block(node.orelse)])
            else:
                self.block(node.orelse)

    def _while(self, node: ast.While) -> None:
        self.widen(node)
        truth = self.truth(node.test)
        before, outer = self.when, self.jumps
        self.jumps = set()
        if truth is True:
            self.block(node.body)
            jumps = self.jumps
            self.when = before if "break" in jumps else "never"
            if jumps - {"break", "continue"}:
                self.when = weaker(self.when)
        elif truth is None:
            self.branch([lambda: None, lambda: self.block(node.body)])
            if self.jumps - {"break", "continue"}:
                self.when = weaker(before)
        self.jumps = outer | (self.jumps - {"break", "continue"})
        if node.orelse:
            self.branch([lambda: None, lambda: self.block(node.orelse)])

    def widen(self, node: ast.stmt) -> None:
        """Names that a loop binds have no certain value while it runs."""
        for name in stored_names(node):
            if name in self.frame.names:
                self.frame.names[name] = UNKNOWN

    def _jump(self, node: ast.Break | ast.Continue) -> None:
        self.jumps.add("break" if isinstance(node, ast.Break) else "continue")
        self.when = "never"
        self.gone = False

    def _return(self, node: ast.Return) -> None:
        value = self.value(node.value) if node.value is not None else None
        if self.when == "never":
            return
        self.returned.append(value)
        self.jumps.add("return")
        self.when = "never"
        self.gone = False

    def _raise(self, node: ast.Raise) -> None:
        for part in (node.exc, node.cause):
            if part is not None:
                self.value(part)
        self.jumps.add("leave")
        raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        name = ast.unparse(raised) if raised is not None else ""
        self.left(certainly=True, skips="skip" in name.lower())

    # Exceptions

    def _try(self, node: ast.Try) -> None:
        before, guarded = self.when, self.guarded
        handled = [self.catches(handler.type) for handler in node.handlers]
        start, imported = len(self.effects), len(self.imports)
        end, bound = self._tried(node.body, handled)
        self._caught(imported, handled)
        for effect in self.effects[start:]:
            refusable = isinstance(effect, Event) and effect.kind == "option"  # pytest's refusal is a ValueError
            if "failure" in handled or (refusable and "exception" in handled):
                effect.when = weaker(effect.when)
        gone, skipped = self.gone, self.skipping
        states = [(end, bound)]
        names = self.frame.names
        for handler in node.handlers:
            self.frame.names = dict(names) if end != "never" else dict(bound)
            self.when = weaker(before)
            if handler.name:
                self.frame.names[handler.name] = UNKNOWN
            if end != "never" or not skipped or "failure" in handled:
                self.block(handler.body)
                states.append((self.when, self.frame.names))
        self.guarded = guarded
        self.when, self.frame.names = end, bound
        if end != "never" and node.orelse:
            if node.handlers and any(may_raise(statement) for statement in node.body):
                self.when = weaker(self.when)
            self.block(node.orelse)
            states[0] = (self.when, self.frame.names)
        going_on = [names for when, names in states if when != "never"]
        self.frame.names = merged(going_on) if going_on else bound
        if not going_on:
            self.when, self.gone = "never", gone
        elif len(going_on) < len(states):
            self.when = weaker(before)
        else:
            self.when = before
        if node.finalbody:
            after, self.when = self.when, before
            self.block(node.finalbody)
            self.when = "never" if "never" in (after, self.when) else after

    def _tried(self, body: Sequence[ast.stmt], handled: Sequence[str]) -> tuple[str, dict[str, Value]]:
        """Run the body of a try statement: its `when` at the end, and the names it leaves."""
        outer_names = self.frame.names
        self.frame.names = dict(outer_names)
        before = self.when
        self.guarded = self.guarded or "exception" in handled or "failure" in handled
        self.gone = self.skipping = False
        for statement in body:
            self.block([statement])
            if handled and self.when != "never" and may_raise(statement):
                self.when = weaker(self.when)
        end = self.when if self.when == "never" else before
        bound = self.frame.names
        self.frame.names = outer_names
        return end, bound

    def _caught(self, start: int, handled: Sequence[str]) -> None:
        """Imports, from the one of a number on, whose failure something may catch."""
        if handled:
            self.imports[start:] = [each._replace(caught=True) for each in self.imports[start:]]

    def catches(self, caught: ast.expr | None) -> str:
        """What an except clause catches: "failure" (what pytest raises for an unknown mark, or everything),
        "exception" (ordinary exceptions, of any kind), or "import" (nothing but failed imports)."""
        if caught is None:
            return "failure"
        if isinstance(caught, ast.Tuple):
            kinds = {self.catches(part) for part in caught.elts}
            return next(kind for kind in ("failure", "exception", "import") if kind in kinds) if kinds else "import"
        value = self.quietly(caught)
        if isinstance(value, Name) and value.dotted.startswith("builtins."):
            name = value.dotted.removeprefix("builtins.")
            if name in ("ImportError", "ModuleNotFoundError"):
                return "import"
            if name in BUILTIN_EXCEPTIONS or name in OTHER_BASE_EXCEPTIONS:
                return "exception"
        return "failure"

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        before, guarded = self.when, self.guarded
        handled: list[str] = []
        for item in node.items:
            handled.extend(self._manager(item.context_expr))
            if item.optional_vars is not None:
                self.assign(item.optional_vars, UNKNOWN)
        start, imported = len(self.effects), len(self.imports)
        end, bound = self._tried(node.body, handled)
        self._caught(imported, handled)
        if "failure" in handled:
            for effect in self.effects[start:]:
                effect.when = weaker(effect.when)
        self.guarded = guarded
        self.frame.names = bound
        if end == "never" and handled and not (self.skipping and "failure" not in handled):
            end = weaker(before)
        self.when = end

    def _manager(self, node: ast.expr) -> list[str]:
        """What a context manager catches; [] where it lets everything through."""
        self.value(node)
        if not isinstance(node, ast.Call):
            return ["failure"]
        called = self.quietly(node.func)
        if not isinstance(called, Name):
            return ["failure"]
        dotted = called.dotted
        if dotted in ("contextlib.suppress", "pytest.raises"):
            return [
                self.catches(argument) for argument in (node.args if dotted.endswith("suppress") else node.args[:1])
            ]
        root = dotted.partition(".")[0]
        if dotted in TRANSPARENT or root == "builtins" or (root in STANDARD and root != "contextlib"):
            return []
        return [] if dotted in ("contextlib.nullcontext", "contextlib.closing") else ["failure"]

    # Functions

    def run(self, function: Def) -> Value:
        """Run the body of a function whose frame is set up: what it returns."""
        node = function.node
        if isinstance(node, ast.Lambda):
            return self.value(node.body)
        for name in self.local_names(node):
            self.frame.names.setdefault(name, UNKNOWN)
        outer_jumps, outer_returned = self.jumps, self.returned
        self.jumps, self.returned = set(), []
        try:
            self.block(node.body)
            if self.when != "never":
                self.returned.append(None)
            results = self.returned
            return results[0] if results and all(same(results[0], other) for other in results) else UNKNOWN
        finally:
            self.jumps, self.returned = outer_jumps, outer_returned

    def local_names(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> frozenset[str]:
        """Names that the body of a function binds."""
        if node not in self._local_names:
            self._local_names[node] = frozenset(stored_names(node))
        return self._local_names[node]

    # To be given by whoever knows definitions and other modules

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        raise NotImplementedError

    def _class(self, node: ast.ClassDef) -> None:
        raise NotImplementedError


def stored_names(node: ast.stmt) -> set[str]:
    """Names bound in a statement, without those of functions and classes inside it, nor those declared global."""
    names: set[str] = set()
    outer: set[str] = set()
    pending: list[ast.AST] = list(ast.iter_child_nodes(node))
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        pending = list(node.body)
    while pending:
        part = pending.pop()
        if isinstance(part, ast.Name):
            if not isinstance(part.ctx, ast.Load):
                names.add(part.id)
        elif isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(part.name)
        elif isinstance(part, ast.alias):
            names.add(part.asname or part.name.partition(".")[0])
        elif isinstance(part, (ast.Global, ast.Nonlocal)):
            outer.update(part.names)
        elif not isinstance(part, ast.Lambda):
            if isinstance(part, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and part.name:
                names.add(part.name)
            pending.extend(ast.iter_child_nodes(part))
    return names - outer


def merged(frames: list[dict[str, Value]]) -> dict[str, Value]:
    """Names after branches: a value that all agree on, that of pytest where one imports it, else unknown."""
    first, *rest = frames
    result = dict(first)
    for other in rest:
        for name, value in other.items():
            if name not in result:
                result[name] = value
            elif not same(result[name], value):
                known = [found for found in (result[name], value) if _is_pytest(found)]
                result[name] = known[0] if known else UNKNOWN
    return result


def _is_pytest(value: Value) -> bool:
    return isinstance(value, Name) and value.dotted in ("pytest", "pytest.mark", "pytest.fixture")


def may_raise(statement: ast.stmt) -> bool:
    """Whether a statement may raise an ordinary exception: calls, imports and look-ups may."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return bool(statement.decorator_list or statement.args.defaults)
    return any(
        isinstance(
            part, (ast.Call, ast.Import, ast.ImportFrom, ast.Subscript, ast.BinOp, ast.Compare, ast.Raise, ast.For)
        )
        or (isinstance(part, ast.Attribute) and not _mark_like(part))
        for part in ast.walk(statement)
    )


def _mark_like(node: ast.Attribute) -> bool:
    """pytest.mark, pytest.mark.x."""
    return node.attr == "mark" or (isinstance(node.value, (ast.Attribute, ast.Name)) and _last(node.value) == "mark")


def _last(node: ast.Attribute | ast.Name) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id

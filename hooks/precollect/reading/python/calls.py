"""Calls: what known functions give, what functions of the module do, and what pytest learns from them."""

from __future__ import annotations

import ast
import re
import sys

from precollect.reading.python import evaluate
from precollect.reading.python.effects import Event, weaker
from precollect.reading.python.expressions import (
    DEEPEST_CALL,
    Expressions,
    as_call,
)
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

# A function so named may skip the module that calls it, or end the run.
MAY_LEAVE = re.compile(r"[sS]kip|requires?(?:_|$)|exit")
LEAVING = frozenset({"pytest.skip", "pytest.fail", "pytest.exit", "pytest.xfail", "sys.exit", "os._exit", "os.abort"})
KEEPS_TO_ITSELF = frozenset({"builtins", *sys.stdlib_module_names})  # calls nothing of pytest with what it is given
_READING = """
    all any bool callable dict dir enumerate filter float format frozenset getattr hasattr hash id int isinstance
    issubclass iter len list max min next print range repr reversed set sorted str sum super tuple type vars zip
"""
READS_ONLY = frozenset(_READING.split())
# Hooks that run when every module has been collected: nothing that they register comes in time.
LATE = re.compile(
    r"pytest_(?:assert|collection_(?:finish|modifyitems)|deselected|enter_pdb|exception|fixture|internalerror|itemcollected"
    r"|keyboard|leave_pdb|make_parametrize_id|markeval|pyfunc_call|report_to|runtest|sessionfinish|terminal|unconfigure"
    r"|warning)"
)
LOSING_METHODS = frozenset({"clear", "discard", "intersection_update", "pop", "popitem", "remove"})
CONSTANT_METHODS = evaluate.TEXT_METHODS | evaluate.READING_METHODS | evaluate.CHANGING_METHODS
ITEM_NAMES = re.compile(r"item|node|test|func|^(?:it|i|t|obj|request|collector|session|parent)$", re.IGNORECASE)


class Calls(Expressions):
    """Expressions, with calls followed."""

    registers_open = ""
    options_open = ""
    ini_keys_open = ""
    plugins_open = ""
    follows = True
    """Calls of the module's own functions are followed."""
    strict = False
    """Any function that is not known may skip: so in the body of a test."""

    def _call(self, node: ast.Call) -> Value:
        function = node.func
        if isinstance(function, ast.Attribute):
            base = self.value(function.value)
            if isinstance(base, Name) and function.attr in CONSTANT_METHODS:
                settled = self.settle(base)
                base = settled if is_constant(settled) else base
            if is_constant(base):
                return self._method(base, function.attr, node)
            if function.attr == "add_marker":
                return self._add_marker(function.value, node)
            called = self.attribute(base, function.attr, function)
        else:
            called = self.value(function)
        if called == Name("pytest.param"):
            return self._param(node)
        positional, keywords, complete = self.arguments(node)
        if isinstance(called, Mark):
            return self._call_mark(called, positional, keywords, complete)
        return self.call(called, positional, keywords, complete, node)

    def call(
        self, called: Value, positional: list[Value], keywords: dict[str, Value], complete: bool, node: ast.expr
    ) -> Value:
        """What a function, class or something imported gives when called."""
        if isinstance(called, Name) and any(isinstance(v, Name) and v.dotted[0] == "<" for v in positional):
            called = self.settle(called)
        if isinstance(called, Def):
            with_site = self.site is None and called.frame.module is not self.frame.module
            self.site = node if with_site else self.site
            try:
                return self.enter(called, positional, keywords, complete)
            finally:
                self.site = None if with_site else self.site
        if isinstance(called, Klass):
            return self._instantiate(called, positional, keywords, complete)
        if isinstance(called, Name):
            root, _, rest = called.dotted.partition(".")
            if root == "builtins":
                return self._builtin(rest, positional, keywords, complete, node)
            if root == "<config>":
                return self._config(rest, positional, keywords, node)
            if root == "<parser>":
                return self._parser(rest, positional, keywords, complete, node)
            if called.dotted.startswith("os."):
                return self._os(rest, positional, keywords, node)
            if called.dotted.startswith("pytest.mark."):
                return self._look_up("getattr", [Name("pytest.mark"), *positional], node)
            self._leave(called.dotted, keywords)
            if called.dotted.endswith((".fixture", ".yield_fixture")):
                return Name(called.dotted + "()")
            if root.startswith("<"):
                return UNKNOWN
        self._hand_over(called, positional, keywords, node)
        return UNKNOWN

    # Marks

    def _call_mark(self, mark: Mark, positional: list[Value], keywords: dict[str, Value], complete: bool) -> Value:
        if len(positional) == 1 and not keywords and isinstance(positional[0], (Def, Klass)):
            return positional[0]
        if mark.use.call is None and mark.use.when != "never":
            mark.use.call = as_call(positional, keywords, complete)
        return mark

    def _param(self, node: ast.Call) -> Value:
        count = len(self.effects)
        for keyword in node.keywords:
            if keyword.arg == "marks":
                self.value(keyword.value)
        for effect in self.effects[count:]:
            if not isinstance(effect, Event):
                effect.target = "param"
        for argument in (*node.args, *(keyword.value for keyword in node.keywords if keyword.arg != "marks")):
            self.value(argument)
        return UNKNOWN

    def _look_up(self, function: str, positional: list[Value], node: ast.expr) -> Value:
        """getattr(pytest.mark, name) and hasattr: both check the name."""
        name = positional[1] if len(positional) > 1 else UNKNOWN
        if isinstance(name, str) and name:
            if name.startswith(("__", "_config", "_markers")):
                return UNKNOWN
            mark = self.mark(name, function, node)
            return mark if function == "getattr" else UNKNOWN
        self.marks_open = self.marks_open or self.reason(node, "a mark's name is a value that only running tells")
        return UNKNOWN

    def _add_marker(self, receiver: ast.expr, node: ast.Call) -> Value:
        base = self.value(receiver)
        positional, keywords, _ = self.arguments(node)
        given = positional[0] if positional else keywords.get("marker", UNKNOWN)
        word = receiver.attr if isinstance(receiver, ast.Attribute) else getattr(receiver, "id", "")
        role = isinstance(base, Name) and base.dotted.startswith("<")
        if role or (base is UNKNOWN and ITEM_NAMES.search(word)):
            if isinstance(given, str) and given:
                self.mark(given, "add_marker", node.args[0] if node.args else node)
            elif given is UNKNOWN:
                reason = self.reason(node, "a mark's name is a value that only running tells")
                self.marks_open = self.marks_open or reason
        return UNKNOWN

    def reason(self, node: ast.expr | ast.stmt, text: str) -> str:
        """A sentence about a place; the file's name is put before it at the end."""
        return f"{self.place(node)[0]}: {text}"

    # Functions and classes of the module

    def enter(self, function: Def, positional: list[Value], keywords: dict[str, Value], complete: bool = True) -> Value:
        """Call a function of the module: what it returns, UNKNOWN where that is not certain."""
        if not self.follows or self.depth >= DEEPEST_CALL or self.steps < 0:
            self._hand_over(UNKNOWN, [function, *positional], keywords, function.node)
            return UNKNOWN
        if isinstance(function.node, ast.AsyncFunctionDef) or is_generator(function.node):
            for value in (*positional, *keywords.values()):
                self.spoil(value)
            return UNKNOWN  # nothing runs before it is awaited
        function.calls += self.when != "never"
        frame = Frame(function.frame, "function")
        self.bind_arguments(function, frame, positional, keywords, complete)
        saved = self.frame, self.owner, self.when, self.guarded, self.leaks
        self.frame, self.owner = frame, function.owner
        self.depth += 1
        try:
            return self.run(function)
        finally:
            self.depth -= 1
            ended = self.when
            leaks = self.leaks
            self.frame, self.owner, self.when, self.guarded, _ = saved
            if leaks > saved[4]:
                self.when = "never" if ended == "never" and self.gone else weaker(self.when)
            self.gone = False

    gone = False
    """The function that was entered last certainly ended with an exception or a skip."""

    def run(self, function: Def) -> Value:
        """Run the body of a function whose frame is set up: what it returns."""
        raise NotImplementedError

    def perhaps_entered(self, function: Def) -> None:
        """A function is handed to somebody who may call it."""

    def bind_arguments(
        self, function: Def, frame: Frame, positional: list[Value], keywords: dict[str, Value], complete: bool
    ) -> None:
        """Give the parameters of a function their values."""
        parameters = function.node.args
        named = [*parameters.posonlyargs, *parameters.args]
        defaults: dict[str, ast.expr] = {}
        if parameters.defaults:
            defaults = {a.arg: d for a, d in zip(named[-len(parameters.defaults) :], parameters.defaults, strict=False)}
        keyword_only = zip(parameters.kwonlyargs, parameters.kw_defaults, strict=False)
        defaults.update({a.arg: default for a, default in keyword_only if default is not None})
        given = dict(keywords)
        given.update({a.arg: value for a, value in zip(named, positional, strict=False)})
        for parameter in (*named, *parameters.kwonlyargs):
            name = parameter.arg
            if name in given:
                frame.names[name] = given.pop(name)
            elif name in defaults and complete:
                saved, self.frame = self.frame, function.frame
                frame.names[name] = self.quietly(defaults[name])
                self.frame = saved
            else:
                frame.names[name] = UNKNOWN
        if parameters.vararg:
            rest = tuple(positional[len(named) :])
            frame.names[parameters.vararg.arg] = rest if complete else UNKNOWN
        if parameters.kwarg:
            frame.names[parameters.kwarg.arg] = given if complete else UNKNOWN

    def _instantiate(self, called: Klass, positional: list[Value], keywords: dict[str, Value], complete: bool) -> Value:
        constructor = (called.names or {}).get("__init__")
        if isinstance(constructor, Def):
            self.enter(constructor, [UNKNOWN, *positional], keywords, complete)
        return Name(f":{called.owner}()")

    # Built-in and standard functions

    def _builtin(
        self, name: str, positional: list[Value], keywords: dict[str, Value], complete: bool, node: ast.expr
    ) -> Value:
        first = positional[0] if positional else None
        if name in ("getattr", "hasattr") and isinstance(first, Name):
            if first.dotted == "pytest.mark":
                return self._look_up(name, positional, node)
            wanted = positional[1] if len(positional) > 1 else UNKNOWN
            if name == "getattr" and isinstance(wanted, str) and first.dotted.startswith("<"):
                return self.attribute(first, wanted, node)
            return UNKNOWN
        if name == "setattr" and len(positional) == 3 and isinstance(positional[1], str):
            self.assign_attribute(positional[0], positional[1], positional[2], node)
            return UNKNOWN
        if name in ("exit", "quit"):
            self.left(certainly=True)
        if name in ("exec", "eval", "globals", "locals", "__import__"):
            if name in ("exec", "globals") and not self.depth and self.frame.kind == "module":
                self.frame.star = True
            return UNKNOWN
        if not complete:
            return UNKNOWN
        result = evaluate.builtin(name, [self.settle(value) for value in positional], keywords)
        if result is UNKNOWN and name not in READS_ONLY:
            self._hand_over(Name("builtins." + name), positional, keywords, node)
        return result

    def _method(self, base: Value, name: str, node: ast.Call) -> Value:
        """A method of a constant."""
        positional, keywords, complete = self.arguments(node)
        if not complete:
            self.spoil(base)
            return UNKNOWN
        if isinstance(base, (list, dict, set)) and name in evaluate.CHANGING_METHODS:
            if self.branches and name in LOSING_METHODS:
                self.doubtful.add(id(base))  # it may still hold what it held
                return UNKNOWN
            result = evaluate.change(base, name, positional, keywords)
            if self.branches or self.when == "maybe":
                self.doubtful.add(id(base))
            if result is UNKNOWN and name not in ("pop", "popitem", "setdefault"):
                self.spoil(base)
            return result
        return evaluate.method(base, name, positional, keywords)

    doubtful: set[int]
    """Lists, dicts and sets (by id) that hold something only perhaps."""

    def _os(self, name: str, positional: list[Value], keywords: dict[str, Value], node: ast.expr) -> Value:
        if name in ("environ.setdefault", "putenv") and len(positional) == 2:
            self.set_environment(positional[0], positional[1], node)
        elif name == "environ.update":
            for key, value in [
                *(positional[0].items() if positional and isinstance(positional[0], dict) else ()),
                *keywords.items(),
            ]:
                self.set_environment(key, value, node)
        elif name == "path.join" and positional and all(isinstance(part, str) for part in positional):
            return "/".join(part.rstrip("/") for part in positional)
        elif name in ("_exit", "abort"):
            self.left(certainly=True)
        return UNKNOWN

    def set_environment(self, key: Value, value: Value, node: ast.expr) -> None:
        """os.environ[key] = value."""
        if isinstance(key, str) and key.startswith("PYTEST_"):
            self.event("environ", node, (key, as_argument(value)))

    # Skips

    def _leave(self, dotted: str, keywords: dict[str, Value]) -> None:
        """Note that a function skips, fails, or may do so."""
        if dotted == "pytest.skip" and not self.in_body and keywords.get("allow_module_level") is not True:
            self.left(certainly=True)  # an error at module level
        elif dotted in LEAVING:
            self.left(certainly=True, skips=dotted == "pytest.skip")
        elif dotted == "pytest.importorskip" or (MAY_LEAVE.search(dotted.rpartition(".")[2]) and not self.decorating):
            self.left(certainly=False, skips=True)

    in_body = False
    """Inside a test, fixture or hook; not while the module is imported."""

    def left(self, *, certainly: bool, skips: bool = False) -> None:
        """What follows is not reached, or perhaps not; `skips`: because pytest is told to skip."""
        if self.when == "never":
            return
        self.leaks += 1
        self.may_skip = self.may_skip or (skips and not self.in_body)
        if certainly:
            self.gone = True
            self.skipping = skips
            self.when = "never"
        else:
            self.when = weaker(self.when)

    decorating = False
    """What is called here makes a decorator: `@skip_if_missing("x")` skips a test, not the module."""
    may_skip = False
    skipping = False

    def _hand_over(
        self, called: Value, positional: list[Value], keywords: dict[str, Value], node: ast.expr | ast.stmt
    ) -> None:
        """A function that we do not know receives these values: what may it do with them?"""
        root = called.dotted.partition(".")[0] if isinstance(called, Name) else ""
        if self.strict:
            self.when = weaker(self.when)
        harmless = root in KEEPS_TO_ITSELF and root != "functools" and called != Name("builtins.map")
        for value in (*positional, *keywords.values()):
            if isinstance(value, Def):
                self.perhaps_entered(value)
            elif isinstance(value, (list, dict, set)) and not harmless:
                self.spoil(value)
            elif isinstance(value, Name) and not harmless:
                self._give_away(value.dotted, called, node)

    def _give_away(self, dotted: str, called: Value, node: ast.expr | ast.stmt) -> None:
        if not self.hook or LATE.match(self.hook):
            return
        receiver = f"'{called.dotted}'" if isinstance(called, Name) else "a function"
        if dotted.startswith(("<config>", "<session>")):
            text = self.reason(node, f"{receiver} may register markers, and is not read")
            self.registers_open = self.registers_open or text
        elif dotted.startswith("<parser>"):
            text = self.reason(node, f"{receiver} may add options, and is not read")
            self.options_open = self.options_open or text
            self.ini_keys_open = self.ini_keys_open or text

    # What pytest hands to hooks

    def event(self, kind: str, node: ast.expr | ast.stmt, values: tuple[Value, ...]) -> None:
        """Note something that pytest learns."""
        if self.when != "never":
            self.effects.append(Event(kind, *self.place(node), self.when, self.hook, values))

    site: ast.expr | ast.stmt | None = None
    """Where this module calls the function of another module that is being followed."""

    def place(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Line and column in this file: where another file's code runs, those of the call that leads there."""
        return super().place(self.site or node)

    def _config(self, name: str, positional: list[Value], keywords: dict[str, Value], node: ast.expr) -> Value:
        given = [*positional, *keywords.values()]
        if name == "addinivalue_line":
            key = positional[0] if positional else keywords.get("name", UNKNOWN)
            line = positional[1] if len(positional) > 1 else keywords.get("line", UNKNOWN)
            if key == "markers" or not isinstance(key, str):
                self._register(line if isinstance(key, str) else UNKNOWN, node)
        elif name == "getini" and given[:1] == ["markers"]:
            return Name("<config>.markers")
        elif name in ("markers.append", "markers.insert"):
            self._register(given[-1] if given else UNKNOWN, node)
        elif name.startswith("markers.") and name not in ("markers.copy", "markers.count", "markers.index"):
            lines = evaluate.elements(given[0]) if given and name == "markers.extend" else None
            for line in [UNKNOWN] if lines is None else lines:
                self._register(line, node)
        elif name == "pluginmanager.import_plugin":
            if isinstance(given[0] if given else None, str):
                self.event("plugin", node, (given[0],))
            else:
                self.plugins_open = self.plugins_open or self.reason(node, "a plugin's name is not known")
        elif name == "pluginmanager.register" and given and not self._is_local(given[0]):
            text = self.reason(node, "a plugin object is registered which may register markers")
            self.registers_open = self.registers_open or text
        elif name == "option.__dict__.update":
            for key, value in (given[0] if given and isinstance(given[0], dict) else {}).items():
                self.event("setting", node, (key, as_argument(value)))
        return UNKNOWN

    def _is_local(self, plugin: Value) -> bool:
        """Whether a plugin object is made by this module, whose hooks have been read."""
        return isinstance(plugin, Klass) or (isinstance(plugin, Name) and plugin.dotted.startswith(":"))

    def _register(self, line: Value, node: ast.expr) -> None:
        line = self.settle(line)
        if isinstance(line, str):
            self.event("register", node, (line,))
        elif self.when != "never":
            text = self.reason(node, "markers are registered from a value that only running tells")
            self.registers_open = self.registers_open or text

    def _parser(
        self, name: str, positional: list[Value], keywords: dict[str, Value], complete: bool, node: ast.expr
    ) -> Value:
        last = name.rpartition(".")[2]
        positional = [self.settle(value) for value in positional]
        if last in ("getgroup", "add_argument_group", "add_mutually_exclusive_group"):
            return Name("<parser>.group")
        if last in ("addoption", "_addoption", "add_argument"):
            if complete and positional and all(isinstance(value, str) for value in positional):
                described = tuple((key, as_argument(value)) for key, value in keywords.items())
                self.event("option", node, (tuple(positional), described))
            elif self.when != "never":
                text = self.reason(node, "options are added whose names only running tells")
                self.options_open = self.options_open or text
        elif last == "addini":
            self._ini_key(positional, keywords, complete, node)
        return UNKNOWN

    def _ini_key(self, positional: list[Value], keywords: dict[str, Value], complete: bool, node: ast.expr) -> None:
        given = dict(zip(("name", "help", "type", "default"), positional, strict=False))
        given.update(keywords)
        name = given.get("name", UNKNOWN)
        if not isinstance(name, str) or not complete:
            text = self.reason(node, "an ini key is added whose name only running tells")
            self.ini_keys_open = self.ini_keys_open or text
            return
        kind = given.get("type")
        known = kind if kind is None or isinstance(kind, str) else "unknown"
        default = as_argument(given["default"]) if "default" in given else None
        self.event("ini", node, (name, known, default))
        aliases = evaluate.elements(given.get("aliases", ()))
        for alias in aliases or ():
            self.event("ini", node, (alias, known, default))


def is_generator(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> bool:
    """Whether a function's own body yields."""
    pending: list[ast.AST] = list(node.body) if isinstance(node.body, list) else [node.body]
    while pending:
        part = pending.pop()
        if isinstance(part, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            pending.extend(ast.iter_child_nodes(part))
    return False

"""All facts of one Python file: parsed, followed in the order in which Python would run it, and never run."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import TypeAlias

from precollect.reading.python import evaluate
from precollect.reading.python.calls import LATE
from precollect.reading.python.definitions import Definitions, given_by_position
from precollect.reading.python.effects import Draft, Event, strength, weaker
from precollect.reading.python.expressions import EXTRA_STEPS, ExhaustedError
from precollect.reading.python.facts import (
    Decorator,
    Hook,
    IniKey,
    MarkUse,
    Module,
    Option,
    PluginName,
    Registration,
    Setting,
)
from precollect.reading.python.source import BrokenError, Source, UnreadError, parse
from precollect.reading.python.statements import STANDARD
from precollect.reading.python.values import UNKNOWN, Def, Frame, Klass, Name, Value, as_argument

Find: TypeAlias = Callable[[str, str], "tuple[str, bytes] | None"]
"""(module as it is imported: "a.b" or "..b", path of the file that imports it) → path and bytes of the module's file in
the repository; None where it is none of the repository's."""

MARK_WORD = re.compile(rb"mark|MARK_GEN")
YIELD_WORD = re.compile(rb"yield")
LINE_END = re.compile(rb"\r\n|\r|\n")
MAKES_NAMES = re.compile(rb"\b(?:globals|vars)\(\)\s*(?:\.update\(|\[)|\bexec\(")
CONFTEST_WORDS = re.compile(rb"def\s+pytest_|addinivalue_line|collect_ignore|pytest_plugins|specname")
CALLED_BY_PYTEST = ("test", "setup", "teardown")
COLLECTING = frozenset({"pytest_collect_file", "pytest_ignore_collect", "pytest_pycollect_makeitem"})
MOST_MODULES = 40  # of the repository, read for one conftest
FARTHEST_IMPORT = 6
CONFTEST_STEPS = 200_000

ROLES = {
    "config": "<config>",
    "early_config": "<config>",
    "pytestconfig": "<config>",
    "parser": "<parser>",
    "session": "<session>",
    "request": "<request>",
    "item": "<item>",
    "items": "<items>",
}


def read(data: bytes, path: str, find: Find | None = None) -> Module:
    """The facts of a file with this content; `path` is only named in reasons. Never raises.

    Without `find` they depend on the bytes alone. With it, what is imported from other modules of the repository is
    followed too, and `Module.asked` lists the modules that were asked for.
    """
    try:
        source = parse(data)
    except BrokenError as error:
        return Module(problem=(error.line, error.column, error.message))
    except UnreadError as error:
        return Module(unknown=str(error))
    modules = Modules(find)
    try:
        return Reader(source, data, path, modules).facts()
    except (RecursionError, MemoryError):
        return Module(unknown="nests too deeply to be read")
    finally:
        modules.let_go()


class Modules:
    """Other modules of the repository, read at most once each."""

    def __init__(self, find: Find | None) -> None:
        self.find = find
        self.asked: dict[str, None] = {}
        self.readers: list[Reader] = []
        self._frames: dict[str, Frame | None] = {}
        self._found: dict[tuple[str, str], str] = {}

    def frame(self, module: str, path: str) -> Frame | None:
        """The names of a module after its import; None where it is not of the repository, or cannot be read."""
        if self.find is None:
            return None
        self.asked[module] = None
        if (module, path) not in self._found:
            found = self.find(module, path)
            self._found[module, path] = found[0] if found is not None else ""
            if found is not None and found[0] not in self._frames and len(self._frames) < MOST_MODULES:
                self._read(*found)
        return self._frames.get(self._found[module, path])

    def _read(self, path: str, data: bytes) -> None:
        self._frames[path] = None  # while it is being read: modules may import each other
        try:
            reader = Reader(parse(data), data, path, self)
            reader.import_module()
            self._frames[path] = reader.frame
        except (BrokenError, UnreadError, RecursionError, MemoryError):
            pass

    def let_go(self) -> None:
        """Undo the circles in which what was read holds itself: no run looks for garbage (`scripts`)."""
        while self.readers:
            self.readers.pop().let_go()


class Reader(Definitions):
    """Reads one module."""

    def __init__(self, source: Source, data: bytes, path: str, modules: Modules) -> None:
        frame = Frame(None, "module")
        frame.path = path
        super().__init__(source, frame, _lines_with(YIELD_WORD, data))
        self.modules = modules
        modules.readers.append(self)
        self._module = frame
        self._data = data
        self._mark_lines = _lines_with(MARK_WORD, data)
        self._is_conftest = CONFTEST_WORDS.search(data) is not None
        self._places: dict[str, tuple[int, int, str]] = {}
        self._hooks: list[Hook] = []
        self._hook_functions: list[tuple[str, Def, bool]] = []
        self._handed: set[int] = set()
        self._stars: list[str] = []
        self._plugin_texts: dict[str, tuple[int, int]] = {}
        self._plugins_when = "import"
        self.skipped_from = 0
        if self._is_conftest:
            self.steps = CONFTEST_STEPS

    def facts(self) -> Module:
        """Everything there is to know."""
        self.import_module()
        may_skip = self.may_skip
        self._other_functions()
        self._run_hooks()
        plugins, plugins_open = self._plugins()
        ignored, ignored_open = self._ignored("collect_ignore")
        globs, globs_open = self._ignored("collect_ignore_glob")
        events = [effect for effect in self.effects if isinstance(effect, Event)]
        return Module(
            marks=tuple(self._uses()),
            marks_open=self._reason(self.marks_open),
            imports=tuple(self.imports),
            functions=tuple(self.functions),
            classes=tuple(self.classes),
            pytestmarks=tuple(self.pytestmarks),
            skipped_from=self.skipped_from,
            may_skip=may_skip,
            plugins=plugins,
            plugins_place=self._plugins_place() if plugins is not None else None,
            plugins_open=self._reason(plugins_open or self.plugins_open),
            hooks=tuple(self._hooks),
            collect_ignore=ignored,
            collect_ignore_glob=globs,
            collect_ignore_open=self._reason(ignored_open or globs_open),
            registers=tuple(
                Registration(e.values[0], e.line, e.column, e.hook, e.certain) for e in events if e.kind == "register"
            ),
            registers_open=self._reason(self.registers_open),
            options=tuple(_option(e) for e in events if e.kind == "option"),
            options_open=self._reason(self.options_open),
            ini_keys=tuple(_ini_key(e) for e in events if e.kind == "ini"),
            ini_keys_open=self._reason(self.ini_keys_open),
            option_values=tuple(_setting(e) for e in events if e.kind == "setting"),
            environment=tuple(_setting(e) for e in events if e.kind == "environ"),
            asked=tuple(self.modules.asked),
        )

    def let_go(self) -> None:
        """Forget the names, whose functions lead back to them, and the methods that lead back to this reader."""
        for function in self.defs:
            frame: Frame | None = function.frame
            while frame is not None:
                frame.names.clear()
                frame = frame.outer
        self._evaluators.clear()
        self._runners.clear()

    def import_module(self) -> None:
        """Follow what importing the module does."""
        self.postponed = b"annotations" in self._data and any(
            isinstance(node, ast.ImportFrom)
            and node.module == "__future__"
            and any(alias.name == "annotations" for alias in node.names)
            for node in self.source.tree.body
        )
        for statement in self.source.tree.body:
            when = self.when
            try:
                self.block([statement])
            except ExhaustedError:
                self._give_up(self._module, "", when)
                self.class_names = ()
                self.block([statement])
            if self.when == "never":
                self.skipped_from = statement.lineno if self.skipping else 0
                break

    def _give_up(self, frame: Frame, owner: str, when: str) -> None:
        """There is too much to follow: from now on no loop is unrolled and no call entered."""
        self.steps = -1
        self.depth = self.rounds = self.branches = 0
        self.frame, self.owner, self.when, self.site = frame, owner, when, None

    def _reason(self, text: str) -> str:
        return f"{self._module.path}:{text}" if text else ""

    # Functions that importing does not call

    def _other_functions(self) -> None:
        """Look into the functions that the import did not call, for marks and for changes to the module's lists."""
        self.in_body = True
        renamed = self._renames_marks()
        self.follows = False  # every function is looked into once, whoever calls it
        self.steps = EXTRA_STEPS
        index = 0
        while index < len(self.defs):  # functions inside functions are appended meanwhile
            function = self.defs[index]
            index += 1
            if function.role.startswith("hook:"):
                continue
            if function.calls == 0 and (self._is_conftest or renamed or not self.dull(function.node)):
                self._look_into(function, function.role, self._when_of(function))
        self.in_body, self.follows = False, True

    def _when_of(self, function: Def) -> str:
        if function.role in ("test", "fixture"):
            return "test"
        node = function.node
        if isinstance(node, ast.Lambda) or id(function) in self._handed:
            return "maybe"
        if self._is_conftest or node.name.startswith(CALLED_BY_PYTEST):
            return "maybe"
        name = node.name.encode()
        return "maybe" if "." in function.owner or len(re.findall(rb"\b%b\b" % name, self._data)) > 1 else "never"

    def _look_into(self, function: Def, role: str, when: str) -> None:
        """Run the body of a function with what pytest would hand to it."""
        outer = self.frame, self.owner, self.when, self.guarded, self.jumps, self.strict, self.leaks
        self.frame = Frame(function.frame, "function")
        self.owner, self.when, self.guarded, self.strict = function.owner, when, False, role in ("test", "fixture")
        parameters = function.node.args
        for parameter in (*parameters.posonlyargs, *parameters.args, *parameters.kwonlyargs):
            known = ROLES.get(parameter.arg) if role else None
            self.frame.names[parameter.arg] = Name(known) if known else UNKNOWN
        for extra in (parameters.vararg, parameters.kwarg):
            if extra:
                self.frame.names[extra.arg] = UNKNOWN
        start = len(self.effects)
        frame, site = self.frame, self.site
        try:
            self.run(function)
        except ExhaustedError:
            self._give_up(frame, function.owner, when)
            self.site = site
            self.run(function)
        for effect in self.effects[start:]:
            if isinstance(effect, Draft) and effect.target == "value":
                effect.target = "body"
        self.frame, self.owner, self.when, self.guarded, self.jumps, self.strict, self.leaks = outer

    def perhaps_entered(self, function: Def) -> None:
        self._handed.add(id(function))

    def dull(self, node: ast.AST) -> bool:
        first, last = getattr(node, "lineno", 1), getattr(node, "end_lineno", 1)
        index = bisect_left(self._mark_lines, first)
        return index >= len(self._mark_lines) or self._mark_lines[index] > last

    def _renames_marks(self) -> bool:
        """Whether a name of the module stands for `pytest.mark` without saying so."""
        return any(value == Name("pytest.mark") and "mark" not in name for name, value in self._module.names.items())

    # Hooks

    def defined(
        self,
        node: ast.FunctionDef | ast.AsyncFunctionDef,
        when: str,
        decorated: list[tuple[Value, Decorator]],
        opaque: bool,
    ) -> None:
        name, optional = node.name, opaque
        for _, fact in decorated:
            call = fact.call
            if fact.name == "pytest.mark.optionalhook":  # the style of old, which pytest 9 still heeds
                optional = True
            if fact.name != "pytest.hookimpl" or call is None:
                continue
            asked, renamed = call.keyword("optionalhook"), call.keyword("specname")
            optional = optional or (asked is not None and asked.value is not False)
            if renamed is not None and isinstance(renamed.value, str):
                name = renamed.value
        if not name.startswith("pytest_"):
            return
        function = self.defs[-1]
        function.role = "hook:" + name
        self._hook_functions.append((name, function, self.frame.kind == "module" and when == "import"))
        if self.frame.kind == "module":
            asked_for = () if opaque else tuple(given_by_position(node.args))
            self._hooks.append(Hook(name, *self.place(node), when, asked_for, optional, ""))

    def _changed(self, target: ast.expr) -> None:
        super()._changed(target)
        while isinstance(target, ast.Attribute):
            target = target.value
        if isinstance(target, ast.Name) and self.frame is self._module:
            places = self._hook_places(target.id)
            for number, hook in enumerate(self._hooks):
                if (hook.line, hook.column) in places:
                    self._hooks[number] = hook._replace(when=weaker(hook.when))

    def _hook_places(self, name: str) -> set[tuple[int, int]]:
        """Where functions of the module that have a name define hooks."""
        return {self.place(each.node) for _, each, _ in self._hook_functions if each.owner == name}

    def _delete(self, node: ast.Delete) -> None:
        super()._delete(node)
        for target in node.targets:
            if isinstance(target, ast.Name) and target.id in self._places and self.frame is self._module:
                self._forget(target.id)

    def _forget(self, name: str) -> None:
        """A name that pytest looks at is deleted, or perhaps deleted."""
        if self.reached != "import":
            self._places[name] = (*self._places[name][:2], "maybe")
            return
        places = self._hook_places(name)
        self._hooks = [hook for hook in self._hooks if (hook.line, hook.column) not in places]
        self._hook_functions = [each for each in self._hook_functions if each[1].owner != name]
        del self._places[name]
        self._module.names.pop(name, None)

    def _imported_hooks(self) -> Iterator[tuple[str, Value]]:
        own = {hook.name for hook in self._hooks} | {function.name for function in self.functions}
        for name, value in self._module.names.items():
            if name.startswith("pytest_") and name not in own and name != "pytest_plugins" and name in self._places:
                if isinstance(value, Name) and value.dotted == name:
                    continue  # a module, such as pytest_asyncio
                yield name, value

    def _run_hooks(self) -> None:
        """Follow the hooks, in the order in which they stand."""
        self.in_body = True
        last = {name: number for number, (name, _, certain) in enumerate(self._hook_functions) if certain}
        for number, (name, function, certain) in enumerate(list(self._hook_functions)):
            if not certain or number == last[name]:  # a later definition takes the place of those before
                self._run_hook(name, function, certain)
        for name, value in list(self._imported_hooks()):
            line, column, when = self._places[name]
            found = self.settle(value)
            imported = value.dotted if isinstance(value, Name) else ""
            if isinstance(found, Def):
                asked_for = tuple(given_by_position(found.node.args))
                self._hooks.append(Hook(name, line, column, when, asked_for, False, imported))
                self.site = _At(line, column)
                self._run_hook(name, found, when == "import")
                self.site = None
            elif not isinstance(found, Klass):
                self._hooks.append(Hook(name, line, column, when, (), True, imported))
                reason = f"{line}: '{name}' comes from elsewhere and is not read"
                if name == "pytest_addoption":
                    self.options_open = self.options_open or reason
                    self.ini_keys_open = self.ini_keys_open or reason
                elif not LATE.match(name) and name not in COLLECTING:
                    self.registers_open = self.registers_open or reason
        made = MAKES_NAMES.search(self._data) if self._is_conftest else None
        if made:
            line = self._data.count(b"\n", 0, made.start()) + 1
            self._open(f"{line}: names are made that are not read")
        for module in self._stars:
            self._open(f"{self._places['*' + module][0]}: what is imported from '{module}' is not read")
        self.in_body = False
        self._hooks.sort(key=lambda hook: hook.line)

    def _open(self, reason: str) -> None:
        self.registers_open = self.registers_open or reason
        self.options_open = self.options_open or reason
        self.ini_keys_open = self.ini_keys_open or reason

    def _run_hook(self, name: str, function: Def, certain: bool) -> None:
        self.hook = name
        self.steps = CONFTEST_STEPS
        self._look_into(function, "hook", f"hook:{name}" if certain else "maybe")
        self.hook = ""

    def event(self, kind: str, node: ast.expr | ast.stmt, values: tuple[Value, ...]) -> None:
        if self.hook or not self.in_body:
            super().event(kind, node, values)

    def assign_attribute(self, base: Value, name: str, value: Value, node: ast.expr) -> None:
        if isinstance(base, Name) and base.dotted == "<config>.option":
            self.event("setting", node, (name, as_argument(value)))
        super().assign_attribute(base, name, value, node)

    def assign_item(self, base: Value, key: Value, value: Value, node: ast.expr) -> None:
        if base == Name("os.environ"):
            self.set_environment(key, value, node)
        super().assign_item(base, key, value, node)

    # Names that pytest looks at

    def bound(self, name: str, node: ast.stmt | ast.expr) -> None:
        if name.startswith(("pytest_", "collect_ignore")) and self.frame is self._module:
            self._places[name] = (*self.place(node), self.reached)

    def _assign(self, node: ast.Assign) -> None:
        super()._assign(node)
        for target in node.targets:
            self._watch(target, node, node.value)

    def _ann_assign(self, node: ast.AnnAssign) -> None:
        super()._ann_assign(node)
        if node.value is not None:
            self._watch(node.target, node, node.value)

    def _aug_assign(self, node: ast.AugAssign) -> None:
        super()._aug_assign(node)
        self._watch(node.target, node, node.value)

    def _watch(self, target: ast.expr, node: ast.stmt, value: ast.expr) -> None:
        if not isinstance(target, ast.Name) or self.frame is not self._module:
            return
        if not (isinstance(node, ast.AugAssign) and target.id in self._places):
            self.bound(target.id, node)
        if target.id == "pytest_plugins":
            if self.reached != "import":
                self._plugins_when = "maybe"
            for part in ast.walk(value):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    self._plugin_texts.setdefault(part.value, self.place(part))

    def _plugins(self) -> tuple[tuple[PluginName, ...] | None, str]:
        added = [
            PluginName(effect.values[0], effect.line, effect.column, "maybe")
            for effect in self.effects
            if isinstance(effect, Event) and effect.kind == "plugin"
        ]
        if "pytest_plugins" not in self._module.names:
            return tuple(added) or None, ""
        value = self.settle(self._module.names["pytest_plugins"])
        line, column, _ = self._places.get("pytest_plugins", (1, 1, ""))
        names = value.split(",") if isinstance(value, str) else evaluate.elements(value)
        if value is None:
            names = []
        if names is None:
            return tuple(added), f"{line}: 'pytest_plugins' is a value that only running tells"
        reason = (
            "" if all(isinstance(name, str) for name in names) else f"{line}: a name in 'pytest_plugins' is not known"
        )
        when = "maybe" if id(value) in self.doubtful else self._plugins_when
        found = [
            PluginName(name, *self._plugin_texts.get(name, (line, column)), when)
            for name in names
            if isinstance(name, str) and name
        ]
        return (*found, *added), reason

    def _plugins_place(self) -> tuple[int, int] | None:
        """Where `pytest_plugins` is certainly bound; None where that is not certain."""
        line, column, when = self._places.get("pytest_plugins", (0, 0, ""))
        return (line, column) if when == "import" else None

    def _ignored(self, name: str) -> tuple[tuple[str, ...], str]:
        if name not in self._module.names:
            return (), ""
        value = self.settle(self._module.names[name])
        found = evaluate.elements(value) if not isinstance(value, str) else None
        if found is None or not all(isinstance(part, str) for part in found):
            known = tuple(part for part in found or () if isinstance(part, str))
            return known, f"{self._places.get(name, (1,))[0]}: '{name}' is a value that only running tells"
        return tuple(found), ""

    # Marks

    def _uses(self) -> list[MarkUse]:
        """Every use once, with the most certain `when`, in order of place."""
        best: dict[tuple[int, int, str, str], Draft] = {}
        for effect in self.effects:
            if isinstance(effect, Draft):
                key = (effect.line, effect.column, effect.name, effect.form)
                if key not in best or strength(effect.when) > strength(best[key].when):
                    best[key] = effect
        return [best[key].finished() for key in sorted(best)]

    # Other modules

    def import_all(self, module: str) -> None:
        if module == "pytest" or module.partition(".")[0] in STANDARD:
            super().import_all(module)
            self._module.star = self._module.star and module != "pytest"
            return
        frame = self.modules.frame(module, self._module.path)
        if frame is None or frame.star:
            super().import_all(module)
            self._stars.append(module)
            self._places["*" + module] = (self.imports[-1].line, self.imports[-1].column, self.reached)
        if frame is not None:
            public = evaluate.elements(frame.names.get("__all__"))
            for name, value in frame.names.items():
                if name in public if public is not None else not name.startswith("_"):
                    imported = isinstance(value, Name) and value.dotted.startswith(".")
                    self.frame.bind(name, self._settle(value, frame, 0) if imported else value)
                    if name.startswith("pytest_"):
                        self._places[name] = (self.imports[-1].line, self.imports[-1].column, self.reached)

    def settle(self, value: Value) -> Value:
        return self._settle(value, self.frame.module, 0) if isinstance(value, Name) else value

    def _settle(self, value: Value, frame: Frame, distance: int) -> Value:
        if not isinstance(value, Name) or self.modules.find is None or distance > FARTHEST_IMPORT:
            return value
        dotted = value.dotted.removesuffix("()")
        if dotted[0] in "<:" or dotted.partition(".")[0] in STANDARD or dotted.startswith(("pytest.", "builtins.")):
            return value
        dots = len(dotted) - len(dotted.lstrip("."))
        parts = dotted[dots:].split(".")
        for cut in (1, 2):
            if len(parts) < cut or (len(parts) == cut and not dots):
                break
            module = "." * dots + ".".join(parts[:-cut])
            loaded = self.modules.frame(module, frame.path)
            if loaded is None or parts[-cut] not in loaded.names:
                continue
            found = self._settle(loaded.names[parts[-cut]], loaded, distance + 1)
            for attribute in parts[len(parts) - cut + 1 :]:
                found = (found.names or {}).get(attribute, UNKNOWN) if isinstance(found, Klass) else UNKNOWN
            return found
        return value


class _At(ast.Pass):
    """A place, where there is no node."""

    def __init__(self, line: int, column: int) -> None:
        super().__init__()
        self.lineno = line
        self.col_offset = column - 1


def _option(event: Event) -> Option:
    names, keywords = event.values
    return Option(names, keywords, event.line, event.column, event.certain)


def _ini_key(event: Event) -> IniKey:
    name, kind, default = event.values
    return IniKey(name, kind, default, event.line, event.column, event.certain)


def _setting(event: Event) -> Setting:
    name, value = event.values
    return Setting(name, value, event.line, event.column, event.hook, event.certain)


def _lines_with(word: re.Pattern[bytes], data: bytes) -> list[int]:
    """Sorted 1-based numbers of the lines that hold a word."""
    lines: list[int] = []
    position, line = 0, 1
    for match in word.finditer(data):
        line += len(LINE_END.findall(data, position, match.start()))
        position = match.start()
        if not lines or lines[-1] != line:
            lines.append(line)
    return lines

"""What the plugins of this environment register: run the real pytest once, watch, and write it down.

Stands alone: no import of ours, only the standard library and the pytest of the environment (6.2 to
9.x, Python 3.10 and newer). Run it with the interpreter of the environment to measure:

    python -I introspect.py OUTPUT.json [DISTRIBUTION ...]

Without names, every distribution with a `pytest11` entry point is measured, and pytest itself. An
empty folder is collected, and the process ends before any test would run.

How each fact finds its owner: pytest calls plugins through pluggy, so the functions of every hook
implementation are wrapped; whoever runs when an option, a key, a marker, a fixture or a hook
appears is its owner. A plugin that another one registers belongs to that one.
"""

from __future__ import annotations

import argparse
import ast
import functools
import importlib.metadata
import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from typing import Any

import _pytest.config
import _pytest.config.argparsing
import _pytest.fixtures
import _pytest.hookspec
import pluggy
import pytest

CORE = "config"  # the owner of what pytest's configuration itself registers, outside every plugin
BUILTIN: frozenset[str] = frozenset(_pytest.config.builtin_plugins)
HOOKS = frozenset(name for name in vars(_pytest.hookspec) if name.startswith("pytest_"))
ACTIONS: dict[type, str] = {
    action: word for word, action in argparse.ArgumentParser()._registries["action"].items() if word is not None
}
TAKES_NO_VALUE = ("store_true", "store_false", "store_const", "append_const", "count", "help", "version")
REGISTERING = {"addoption": "options", "_addoption": "options", "addini": "keys", "addinivalue_line": "marks"}
EDITABLE = "__editable__"  # how the modules begin through which a working copy is installed
WATCHED_FOR_MARKS = {"pytest_load_initial_conftests", "pytest_cmdline_main", "pytest_configure", "pytest_sessionstart"}


class Watch:
    """Who registered what, filled while pytest starts."""

    def __init__(self) -> None:
        self.running: list[str] = []  # names of the plugins whose code runs now, innermost last
        self.registered_by: dict[str, str] = {}  # plugin name -> name of the plugin that registered it
        self.option_owners: dict[str, str] = {}
        self.key_owners: dict[str, str] = {}
        self.key_defaults: dict[str, Any] = {}  # as registered: addinivalue_line appends to a default in place
        self.marks: list[tuple[str, str]] = []  # (line, plugin name), in the order of registration
        self.fixtures: list[tuple[str, str]] = []
        self.hooks: dict[str, tuple[str, list[str]]] = {}
        self.config: Any = None

    def current(self) -> str:
        return self.running[-1] if self.running else CORE

    def note_marks(self, owner: str) -> None:
        """Give the lines of `markers` that are new since the last call to this owner."""
        if self.config is None or "markers" not in self.config._parser._inidict:
            return
        for line in self.config.getini("markers")[len(self.marks) :]:
            self.marks.append((str(line), owner))

    def note_hooks(self, manager: Any, owner: str) -> None:
        """Give the hooks that are new since the last call to this owner."""
        for name, caller in vars(manager.hook).items():
            if getattr(caller, "spec", None) is not None and name not in self.hooks:
                self.hooks[name] = (owner, list(caller.spec.argnames))


def install(watch: Watch) -> None:
    """Wrap the few functions of pytest and pluggy through which everything is registered."""

    def around(owner: type, name: str, wrapped: Callable[..., Any]) -> None:
        original = getattr(owner, name)

        @functools.wraps(original)
        def method(self: Any, *args: Any, **kwargs: Any) -> Any:
            return wrapped(self, original, *args, **kwargs)

        setattr(owner, name, method)

    def implementation(self: Any, original: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        # pluggy has read the argument names by now, so the function may be replaced.
        self.function = tracked(watch, self.function, self.plugin_name, generator=is_wrapper(self))

    def register(self: Any, original: Any, plugin: Any, name: str | None = None) -> Any:
        known = name or self.get_canonical_name(plugin)
        watch.registered_by.setdefault(known, watch.current())
        watch.running.append(known)
        try:
            return original(self, plugin, name)
        finally:
            watch.running.pop()

    def addoption(self: Any, original: Any, *names: str, **attrs: Any) -> None:
        for name in names:
            watch.option_owners.setdefault(name, watch.current())
        original(self, *names, **attrs)

    def addini(self: Any, original: Any, name: str, *args: Any, **kwargs: Any) -> None:
        watch.key_owners[name] = watch.current()
        original(self, name, *args, **kwargs)
        watch.key_defaults[name] = plain(self._inidict[name][2])

    def parsefactories(self: Any, original: Any, *args: Any, **kwargs: Any) -> None:
        holder = kwargs.get("holder", args[0] if args else None)
        watch.running.append(self.config.pluginmanager.get_name(holder) or CORE)
        try:
            original(self, *args, **kwargs)
        finally:
            watch.running.pop()

    def fixture(self: Any, original: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        watch.fixtures.append((self.argname, watch.current()))

    def add_hookspecs(self: Any, original: Any, *args: Any) -> None:
        original(self, *args)
        watch.note_hooks(self, watch.current())

    around(sys.modules[pluggy.PluginManager.__module__].HookImpl, "__init__", implementation)
    around(_pytest.config.PytestPluginManager, "register", register)
    around(pluggy.PluginManager, "add_hookspecs", add_hookspecs)
    around(_pytest.config.argparsing.OptionGroup, "addoption", addoption)
    around(_pytest.config.argparsing.OptionGroup, "_addoption", addoption)
    around(_pytest.config.argparsing.Parser, "addini", addini)
    around(_pytest.fixtures.FixtureManager, "parsefactories", parsefactories)
    around(_pytest.fixtures.FixtureDef, "__init__", fixture)


def is_wrapper(implementation: Any) -> bool:
    return bool(getattr(implementation, "hookwrapper", False) or getattr(implementation, "wrapper", False))


def tracked(watch: Watch, function: Callable[..., Any], owner: str, *, generator: bool) -> Callable[..., Any]:
    """The function of a hook implementation, noting its plugin while it runs."""

    def enter() -> None:
        watch.note_marks(watch.current())
        watch.running.append(owner)

    def leave() -> None:
        if getattr(function, "__name__", "") in WATCHED_FOR_MARKS:
            watch.note_marks(owner)
        watch.running.pop()

    @functools.wraps(function)
    def call(*args: Any) -> Any:
        enter()
        try:
            return function(*args)
        finally:
            leave()

    @functools.wraps(function)
    def generate(*args: Any) -> Generator[Any, Any, Any]:
        enter()
        try:
            return (yield from function(*args))
        finally:
            leave()

    return generate if generator else call


class Observer:
    """The plugin that looks once everything is registered, and ends the run there."""

    def __init__(self, watch: Watch, finish: Callable[[], None]) -> None:
        self.watch = watch
        self.finish = finish

    @pytest.hookimpl(tryfirst=True)
    def pytest_load_initial_conftests(self, early_config: Any) -> None:
        self.watch.config = early_config
        self.watch.note_marks(CORE)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        self.finish()


class Facts:
    """The watched run, read out for one distribution after the other."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.plugin_owner = {
            entry.name: distribution_name(dist)
            for dist in importlib.metadata.distributions()
            for entry in dist.entry_points
            if entry.group == "pytest11"
        }

    def owner(self, plugin: str) -> str:
        """The entry point or built-in plugin through which this plugin name came into the run."""
        seen: set[str] = set()
        while plugin not in self.plugin_owner and plugin not in BUILTIN and plugin not in seen:
            seen.add(plugin)
            plugin = self.watch.registered_by.get(plugin, CORE)
        return plugin if plugin in self.plugin_owner or plugin in BUILTIN else CORE

    def distribution(self, plugin: str) -> str:
        return self.plugin_owner.get(self.owner(plugin), "pytest")

    def of(self, dist: importlib.metadata.Distribution) -> dict[str, Any]:
        """Everything known of one distribution, in plain values."""
        name = distribution_name(dist)
        facts: dict[str, Any] = {
            "version": dist.version,
            "brings": plugins_brought_by(dist),
            "spelled": [name],
            "entry_points": entry_points_of(dist) if name != "pytest" else built_in_plugins(),
            "modules": modules_of(dist),
            "registers": self.late_plugins(name),
            "marks": self.marks(name),
            "keys": self.keys(name),
            "options": self.options(name),
            "fixtures": self.fixtures(name),
            "hooks": self.hooks(name),
            "implements": self.implements(name) if name != "pytest" else [],
            "requires_pytest": required(dist, "pytest"),
            "requires_python": dist.metadata["Requires-Python"] or "",
            "requires": requirements(dist),
        }
        if name != "pytest":
            add_conditions(facts, dist)
        return facts

    def late_plugins(self, name: str) -> list[dict[str, Any]]:
        names = [
            plugin
            for plugin, by in self.watch.registered_by.items()
            if self.distribution(plugin) == name and by != CORE and not re.search(r"[0-9]{9}|0x", plugin)  # addresses
        ]
        mine = set(self.plugin_owner) | BUILTIN
        return [{"name": plugin, "owner": self.owner(plugin)} for plugin in sorted(names) if plugin not in mine]

    def marks(self, name: str) -> list[dict[str, Any]]:
        return [
            {"name": mark_name(line), "line": line, "owner": self.owner(plugin)}
            for line, plugin in self.watch.marks
            if self.distribution(plugin) == name
        ]

    def keys(self, name: str) -> list[dict[str, Any]]:
        parser = self.watch.config._parser
        known = dict.fromkeys(parser._inidict, "") | getattr(parser, "_ini_aliases", {})
        found = []
        for key, target in known.items():
            kind, default = parser._inidict[target or key][1], self.watch.key_defaults.get(target or key)
            plugin = self.watch.key_owners.get(target or key, CORE)
            if self.distribution(plugin) == name:
                fact = {"name": key, "type": key_type(kind), "owner": self.owner(plugin), "default": default}
                found.append(fact | ({"alias_of": target} if target else {}))
        return found

    def options(self, name: str) -> list[dict[str, Any]]:
        parser = self.watch.config._parser
        actions = (parser._getparser() if hasattr(parser, "_getparser") else parser.optparser)._actions
        found = []
        for action in actions:
            if not action.option_strings:
                continue
            plugin = self.watch.option_owners.get(action.option_strings[0], CORE)
            if self.distribution(plugin) == name:
                fact = {
                    "names": list(action.option_strings),
                    "dest": action.dest,
                    "action": ACTIONS.get(type(action), type(action).__name__),
                    "nargs": action.nargs,
                    "type": None if action.type is None else callable_name(action.type),
                    "choices": None if action.choices is None else in_order(action.choices),
                    "owner": self.owner(plugin),
                }
                found.append({key: value for key, value in fact.items() if value is not None})
        return found

    def fixtures(self, name: str) -> list[dict[str, Any]]:
        found = {(fixture, self.owner(plugin)) for fixture, plugin in self.watch.fixtures}
        return [
            {"name": fixture, "owner": owner} for fixture, owner in sorted(found) if self.distribution(owner) == name
        ]

    def hooks(self, name: str) -> list[dict[str, Any]]:
        return [
            {"name": hook, "arguments": arguments, "owner": self.owner(plugin)}
            for hook, (plugin, arguments) in self.watch.hooks.items()
            if self.distribution(plugin) == name
        ]

    def implements(self, name: str) -> list[dict[str, Any]]:
        """pytest's own hooks of which a plugin of this distribution has an implementation."""
        found = {
            (hook, self.owner(implementation.plugin_name))
            for hook, caller in vars(self.watch.config.pluginmanager.hook).items()
            if hook in HOOKS
            for implementation in caller.get_hookimpls()
            if self.distribution(implementation.plugin_name) == name
        }
        return [{"name": hook, "owner": owner} for hook, owner in sorted(found)]


def distribution_name(dist: importlib.metadata.Distribution) -> str:
    return str(dist.metadata["Name"])


def normalized(name: str) -> str:
    """The name as PEP 503 compares names."""
    return re.sub(r"[-_.]+", "-", name).lower()


def entry_points_of(dist: importlib.metadata.Distribution) -> list[dict[str, Any]]:
    return [
        {"name": entry.name, "module": entry.value, "loaded": "default"}
        for entry in dist.entry_points
        if entry.group == "pytest11"
    ]


def built_in_plugins() -> list[dict[str, Any]]:
    """pytest's own plugins; `loaded` is always (cannot be disabled), default, or asked (only by `-p` and the like)."""
    always, default = set(_pytest.config.essential_plugins), set(_pytest.config.default_plugins)
    return [
        {
            "name": name,
            "module": f"_pytest.{name}",
            "loaded": "always" if name in always else "default" if name in default else "asked",
        }
        for name in sorted(BUILTIN)
    ]


def modules_of(dist: importlib.metadata.Distribution) -> list[str]:
    """Top-level import names, sorted."""
    found = set()
    for path in dist.files or ():
        top = path.parts[0]
        if len(path.parts) == 1 and path.suffix in (".py", ".so", ".pyd"):
            found.add(top.split(".")[0])
        elif len(path.parts) > 1 and path.suffix in (".py", ".so", ".pyd"):
            found.add(top)
    found = {name for name in found if name.isidentifier() and not name.startswith(EDITABLE)}
    return sorted((found or tops_of_entry_points(dist)) - {"tests", "test", "docs", "examples"})


def tops_of_entry_points(dist: importlib.metadata.Distribution) -> set[str]:
    """Top-level modules of the plugins: what is known of a distribution that is installed from a working copy."""
    return {re.split("[.:]", entry.value)[0] for entry in dist.entry_points if entry.group == "pytest11"}


def required(dist: importlib.metadata.Distribution, name: str) -> str:
    """The specifier that this distribution asks of another outside its extras, "" for none."""
    found = [req for req in readable_requirements(dist) if normalized(req.name) == name]
    return ",".join(
        sorted({str(spec) for req in found if "extra" not in str(req.marker or "") for spec in req.specifier})
    )


def requirements(dist: importlib.metadata.Distribution) -> list[str]:
    """Normalised names of the distributions required everywhere: neither by an extra nor under a marker."""
    return sorted({normalized(req.name) for req in readable_requirements(dist) if req.marker is None})


def plugins_brought_by(dist: importlib.metadata.Distribution) -> list[str]:
    """Normalised names of the installed distributions with plugins that this one requires, directly or not."""
    installed = {normalized(distribution_name(each)): each for each in importlib.metadata.distributions()}
    waiting, found = requirements(dist), set()
    while waiting:
        name = waiting.pop()
        if name in installed and name not in found:
            found.add(name)
            waiting += requirements(installed[name])
    found -= {"pytest", normalized(distribution_name(dist))}
    return sorted(name for name in found if any(entry.group == "pytest11" for entry in installed[name].entry_points))


def readable_requirements(dist: importlib.metadata.Distribution) -> list[Any]:
    """The requirements that `packaging` can read; old metadata hold others ("pytest (<8.*)")."""
    from packaging.requirements import InvalidRequirement, Requirement

    found = []
    for text in dist.requires or ():
        try:
            found.append(Requirement(text))
        except InvalidRequirement:
            name = re.match(r"[\w.-]+", text)
            found.extend([Requirement(name[0])] if name and ";" not in text else [])
    return found


def mark_name(line: str) -> str:
    """As pytest reads a line of `markers` (Config._iter_registered_markers, 9.2)."""
    return line.split(":")[0].split("(")[0].strip()


def key_type(kind: Any) -> str:
    """The type of an ini key as one text: "linelist", "int | string", "'a' | 'b'" for fixed words."""
    if kind is None:
        return "string"
    if isinstance(kind, tuple):
        return " | ".join(key_type(member) for member in kind)
    if hasattr(kind, "choices"):
        return " | ".join(repr(choice) for choice in kind.choices)
    return str(kind)


def callable_name(value: Any) -> str:
    if isinstance(value, functools.partial):
        return callable_name(value.func)
    return str(getattr(value, "__name__", type(value).__name__))


def in_order(choices: Any) -> list[str]:
    """The choices of an option as texts, in an order that is the same in every run."""
    words = [str(choice) for choice in choices]
    return sorted(words) if isinstance(choices, (set, frozenset)) else words


def plain(value: Any) -> Any:
    """A default that JSON can hold; None for those that only a running pytest can tell (objects, paths)."""
    if isinstance(value, str) and os.path.isabs(value):
        return None
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        return list(value)
    return None


# Conditions: what the run cannot show, the source of the plugin tells.


def add_conditions(facts: dict[str, Any], dist: importlib.metadata.Distribution) -> None:
    """Mark the facts that are registered below an `if`, and add those that this run did not register."""
    for kind, name, condition, fact in registrations(dist):
        known = [old for old in facts[kind] if name in (old.get("names") or [old["name"]])]
        for old in known:
            if condition and "version" not in condition:  # it holds here, and the release asks for such versions
                old.setdefault("condition", condition)
        if not known and name:
            owner = facts["entry_points"][0]["name"] if facts["entry_points"] else ""
            facts[kind].append({**fact, "owner": owner, "condition": condition or "not registered when measured"})


def registrations(dist: importlib.metadata.Distribution) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """(kind, name, condition, fact) of what the loaded modules hold: registering calls with literal names, hooks."""
    files = [path for path in dist.files or () if path.suffix == ".py" and not path.name.startswith(EDITABLE)]
    mine = {os.path.realpath(str(dist.locate_file(path))) for path in files}
    tops = set() if mine else tops_of_entry_points(dist)
    for name, module in list(sys.modules.items()):
        path = getattr(module, "__file__", None)
        if not path or (os.path.realpath(path) not in mine and name.partition(".")[0] not in tops):
            continue
        with open(path, "rb") as file:
            source = file.read()
        if any(word.encode() in source for word in (*REGISTERING, "pytest_")):
            try:
                tree = ast.parse(source)
            except (SyntaxError, ValueError, RecursionError):
                continue
            yield from calls_below(tree, ())


def calls_below(node: ast.AST, conditions: tuple[str, ...]) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    if isinstance(node, ast.If):
        test = ast.unparse(node.test)
        for statement in node.body:
            yield from calls_below(statement, (*conditions, test))
        for statement in node.orelse:
            yield from calls_below(statement, (*conditions, f"not ({test})"))
        return
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in REGISTERING:
        yield from registration(node, REGISTERING[node.func.attr], " and ".join(conditions))
    if isinstance(node, ast.FunctionDef) and node.name in HOOKS:
        yield "implements", node.name, "", {"name": node.name}
    for child in ast.iter_child_nodes(node):
        yield from calls_below(child, conditions)


def registration(call: ast.Call, kind: str, condition: str) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    words = [literal_text(word) for word in call.args]
    named = {keyword.arg: literal_text(keyword.value) for keyword in call.keywords}
    if kind == "marks":
        line = words[1] if len(words) > 1 else named.get("line")
        if line and (words[:1] == ["markers"] or named.get("name") == "markers"):
            yield kind, mark_name(line), condition, {"name": mark_name(line), "line": line}
    elif kind == "keys":
        name = words[0] if words else named.get("name")
        if name:
            yield kind, name, condition, {"name": name, "type": named.get("type") or "string", "default": None}
    else:
        names = [word for word in words if word and word.startswith("-")]
        if names:
            dest = named.get("dest") or max(names, key=len).lstrip("-").replace("-", "_")
            fact: dict[str, Any] = {"names": names, "dest": dest, "action": named.get("action") or "store"}
            if fact["action"] in TAKES_NO_VALUE:
                fact["nargs"] = 0
            yield kind, names[0], condition, fact


def literal_text(node: ast.AST) -> str | None:
    """The text of a literal, also of "a" "b" and of "a" + "b"; None for anything computed."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = literal_text(node.left), literal_text(node.right)
        return None if left is None or right is None else left + right
    return None


def chosen(names: list[str]) -> list[importlib.metadata.Distribution]:
    """The distributions to measure: those named, else pytest and all with a `pytest11` entry point."""
    wanted = {normalized(name) for name in names}
    found: dict[str, importlib.metadata.Distribution] = {}
    for dist in importlib.metadata.distributions():
        name = normalized(distribution_name(dist))
        is_plugin = name == "pytest" or any(entry.group == "pytest11" for entry in dist.entry_points)
        if name in wanted or (not wanted and is_plugin):
            found.setdefault(name, dist)
    return [found[name] for name in sorted(found)]


def main(argv: list[str]) -> None:
    """Write what is measured as JSON to argv[0]; nothing is written where pytest does not start."""
    parser = argparse.ArgumentParser(description="measure what pytest plugins register")
    parser.add_argument("output", help="the file that is written")
    parser.add_argument("names", nargs="*", metavar="distribution")
    parser.add_argument("-p", dest="plugins", action="append", default=[], help="also load this plugin")
    options = parser.parse_args(argv)
    watch = Watch()

    def finish() -> None:
        facts = Facts(watch)
        answer = {
            "python": "{}.{}".format(*sys.version_info),
            "pytest": pytest.__version__,
            "distributions": [facts.of(dist) for dist in chosen(options.names)],
        }
        with open(options.output, "w", encoding="utf-8") as file:
            json.dump(answer, file, indent=1)
        os._exit(0)  # without the end of the session: plugins write reports there, or send them

    install(watch)
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "pytest.ini"), "w", encoding="utf-8") as file:
            file.write("[pytest]\n")
        os.chdir(folder)
        # No header: some plugins look for a library there that only their fixtures need.
        more = [word for plugin in options.plugins for word in ("-p", plugin)]
        code = pytest.main(["-c", "pytest.ini", "--no-header", *more, folder], plugins=[Observer(watch, finish)])
    raise SystemExit(f"pytest did not start: exit code {int(code)}")


if __name__ == "__main__":
    main(sys.argv[1:])

"""Conftest files: what comes too late in one that is not initial, and hooks that pytest does not know.

Source: https://docs.pytest.org/en/stable/how-to/writing_plugins.html
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import join

from precollect.catalog import Hook as HookSpec
from precollect.findings import Finding, Place, Rule
from precollect.model import imports
from precollect.model.project import Project
from precollect.reading.python.facts import Hook, Module, PluginName
from precollect.test_layout.wording import way_out

LATE_PLUGINS = Rule(
    "pytest-plugins-too-late", "test-layout", "breaks", "pytest_plugins in a conftest.py that is not loaded at start"
)
LATE_OPTION = Rule(
    "conftest-option-too-late", "test-layout", "loses", "an option of a conftest.py that is not loaded at start"
)
MISSING_PLUGIN = Rule(
    "plugin-module-missing", "test-layout", "breaks", "pytest_plugins names a module that is not there"
)
UNKNOWN_HOOK = Rule("unknown-hook", "test-layout", "breaks", "a function is named like a hook that does not exist")
UNKNOWN_ARGUMENT = Rule(
    "unknown-hook-argument", "test-layout", "breaks", "a hook asks for what pytest does not give it"
)

RULES = (LATE_PLUGINS, LATE_OPTION, MISSING_PLUGIN, UNKNOWN_HOOK, UNKNOWN_ARGUMENT)


def check(project: Project) -> Iterator[Finding]:
    """The findings about conftest files and the plugins of the project's own."""
    for path, module in _nested(project):
        yield from _late_plugins(project, path, module)
        yield from _late_options(project, path, module)
    for path, module in project.local_plugins:
        yield from _missing_plugins(project, path, module)
    hooks = _hooks(project)
    for path, module in (*project.local_plugins, *_nested(project)):
        for hook in module.hooks:
            if hook.when == "import" and not hook.imported:
                yield from _hook(project, path, module, hook, hooks)


def _nested(project: Project) -> list[tuple[str, Module]]:
    """(path, facts) of the conftest files that are certainly loaded, but only while pytest collects."""
    return [
        (step.path, project.modules.read(step.path))
        for step in project.steps
        if step.kind == "conftest" and step.certain
    ]


# What comes too late


def _late_plugins(project: Project, path: str, module: Module) -> Iterator[Finding]:
    if module.plugins is None or module.plugins_place is None or project.line.last("pyargs") is not None:
        return
    if any(name.when != "import" for name in module.plugins):
        return
    if project.behaves("pytest-plugins-in-nested-conftest-fails"):
        yield LATE_PLUGINS.at(
            Place(path, *module.plugins_place),
            f"'{path}' is found only while pytest collects, pytest stops: Defining 'pytest_plugins' in a "
            f"non-top-level conftest is no longer supported; {_way_out(project)}",
        )


def _late_options(project: Project, path: str, module: Module) -> Iterator[Finding]:
    for option in module.options:
        if option.names and option.certain:
            yield LATE_OPTION.at(
                Place(path, option.line, option.column),
                f"'{path}' is found only while pytest collects, so its option '{option.names[0]}' is unknown on the "
                f"command line and in addopts; {_way_out(project)}",
            )
            return


def _way_out(project: Project) -> str:
    return f"move it to '{join(project.found.rootdir, 'conftest.py')}' or name its folder in testpaths"


# Plugin modules


def _missing_plugins(project: Project, path: str, module: Module) -> Iterator[Finding]:
    for name in module.plugins or ():
        missing = _is_missing(project, path, name) if name.when == "import" else None
        if missing is not None:
            yield MISSING_PLUGIN.at(
                Place(path, name.line, name.column),
                f"pytest_plugins names '{name.name}', but '{missing}' has no such module, "
                f"pytest stops: Error importing plugin \"{name.name}\": No module named '{name.name}'"
                f"; {_did_you_mean(project, name.name, missing)}",
            )


def _is_missing(project: Project, path: str, plugin: PluginName) -> str | None:
    """The package of the project that certainly should hold a plugin module and does not; None otherwise."""
    top, _, rest = plugin.name.partition(".")
    base = imports.base_folder(project.tree, path)
    package = join(base, top)
    given = project.line.last("importmode")
    if not rest or join(package, "__init__.py") not in project.tree or (given and given.value != "prepend"):
        return None
    for part in rest.split("."):
        below = join(package, part)
        if below + ".py" in project.tree:
            return None
        if not project.tree.has_folder(below):
            return package
        package = below
    return None


def _did_you_mean(project: Project, name: str, package: str) -> str:
    missing = name.rpartition(".")[2]
    names = [file[:-3] for file in project.tree.files_in(package) if file.endswith(".py")]
    names += project.tree.folders_in(package)
    return way_out(missing, names, "correct or remove it")


# Hooks


def _hooks(project: Project) -> dict[str, HookSpec]:
    """Name → hook, of pytest and of the plugins that are loaded."""
    found = dict(project.pytest.hooks)
    for release in project.plugins.present.values():
        found.update({name: hook for name, hook in release.hooks.items() if project.plugins.loads(hook.owner)})
    return found


def _hook(project: Project, path: str, module: Module, hook: Hook, hooks: dict[str, HookSpec]) -> Iterator[Finding]:
    place = Place(path, hook.line, hook.column)
    spec = hooks.get(hook.name)
    if spec is None:
        if not hook.optional and _knows_no_hook(project) and not _is_fixture(module, hook):
            end = way_out(hook.name, hooks, "rename or remove it")
            yield UNKNOWN_HOOK.at(
                place, f"'{hook.name}' is no hook of this pytest, pytest stops: unknown hook '{hook.name}'; {end}"
            )
        return
    unknown = [argument for argument in hook.arguments if argument not in spec.arguments]
    if unknown and hook.name in project.pytest.hooks:
        listed = ", ".join(f"'{argument}'" for argument in unknown)
        end = way_out(unknown[0], spec.arguments, f"it gives {', '.join(spec.arguments)}")
        yield UNKNOWN_ARGUMENT.at(
            place,
            f"hook '{hook.name}' asks for {listed}, which this pytest does not give it, "
            f"pytest stops: Argument(s) {{{listed}}} are declared in the hookimpl but can not be found in the hookspec"
            f"; {end}",
        )


def _knows_no_hook(project: Project) -> bool:
    """Whether certainly no plugin adds hooks that are not known."""
    return not project.suite.why_open and "pytest_addhooks" not in project.suite.hooks


def _is_fixture(module: Module, hook: Hook) -> bool:
    return any(function.line == hook.line and function.fixture is not None for function in module.functions)

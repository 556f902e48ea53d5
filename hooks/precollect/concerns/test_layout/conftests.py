"""Conftest files: what comes too late in one that is not initial, and hooks that pytest does not know.

Source: https://docs.pytest.org/en/stable/how-to/writing_plugins.html
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import join

from precollect.catalog import Hook as HookSpec
from precollect.findings import Finding, Place, Related, Rule
from precollect.model.project import Project
from precollect.reading.python.facts import Hook, Module, Option
from precollect.similar import way_out

LATE_PLUGINS = Rule(
    "pytest-plugins-too-late", "test-layout", "breaks", "pytest_plugins in a conftest.py that is not loaded at start"
)
LATE_OPTION = Rule(
    "conftest-option-too-late", "test-layout", "breaks", "an option of a conftest.py that is not loaded at start"
)
UNKNOWN_HOOK = Rule("unknown-hook", "test-layout", "breaks", "a function is named like a hook that does not exist")
UNKNOWN_ARGUMENT = Rule(
    "unknown-hook-argument", "test-layout", "breaks", "a hook asks for what pytest does not give it"
)

# Hooks that pytest calls in every run, also those of a conftest that is loaded while it collects.
CALLED_ALWAYS = frozenset({"pytest_collection_modifyitems", "pytest_configure", "pytest_runtest_setup"})

RULES = (LATE_PLUGINS, LATE_OPTION, UNKNOWN_HOOK, UNKNOWN_ARGUMENT)


def check(project: Project) -> Iterator[Finding]:
    """The findings about conftest files and the plugins of the project's own."""
    for path, module in _nested(project):
        yield from _late_plugins(project, path, module)
        yield from _late_options(project, path, module)
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
    """The first option that no run knows. One in addopts is another concern's: there pytest stops at it.

    Where nothing says what is collected from here, somebody may always name the folder of the conftest.
    """
    if project.values.get("testpaths") is None and not project.line.paths:
        return
    in_addopts = {fault.word.text.partition("=")[0] for fault in project.line.faults}
    for option in module.options:
        if option.names and option.certain and in_addopts.isdisjoint(option.names):
            place = Place(path, option.line, option.column)
            name = option.names[-1]
            what = f"'{path}' is found only while pytest collects, too late for its option '{name}'"
            reader = _reader(project, path, option)
            if reader is not None:
                said = f"ValueError: no option named '{option.destination}'"
                related = (Related(Place(path, reader, 1), "read here"),)
                yield LATE_OPTION.at(place, f"{what}, pytest fails: {said}; {_way_out(project)}", related)
            else:
                message = f"{what}: the command line and addopts do not know it; {_way_out(project)}"
                yield LATE_OPTION.at(place, message, kind="loses")
            return


def _reader(project: Project, path: str, option: Option) -> int | None:
    """The line where a hook that every run calls asks for the option's value; None where none certainly does."""
    # A default that is given is set as soon as the option is added, before pytest 9.1 as well (`_processopt`).
    if option.keyword("default") is not None or project.behaves("late-conftest-option-has-default"):
        return None
    from precollect.reading.python.asked_options import asked_by_hooks

    for line, name in asked_by_hooks(project.modules.data(path), CALLED_ALWAYS):
        if name in (*option.names, option.destination):
            return line
    return None


def _way_out(project: Project) -> str:
    return f"move it to '{join(project.found.rootdir, 'conftest.py')}' or name its folder in testpaths"


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

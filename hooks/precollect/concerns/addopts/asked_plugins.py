"""Plugins that are asked for by name: `-p NAME`, `pytest_plugins`."""

from __future__ import annotations

from collections.abc import Iterator

from precollect.concerns.addopts.rules import MISSING_PLUGIN, NOT_THE_PLUGIN, TWICE
from precollect.findings import Finding
from precollect.model import plugin_modules
from precollect.model.plugin_modules import Asked, Missing
from precollect.model.project import Project


def asked_plugins(project: Project) -> Iterator[Finding]:
    """The findings about plugins that cannot be found, or come twice."""
    for asked in dict.fromkeys(plugin_modules.asked(project)):
        twin = plugin_modules.registered_twice(project, asked)
        if twin is not None:
            way_out = f"write -p {twin.name}, or remove it" if asked.word else f"remove it, or write '{twin.name}'"
            yield TWICE.at(
                asked.place,
                f"{_spelling(asked)} loads a plugin that is loaded as '{twin.name}' as well, pytest stops: "
                f"Plugin already registered under a different name; {way_out}",
            )
            continue
        missing = plugin_modules.missing(project, asked)
        if missing is not None:
            yield MISSING_PLUGIN.at(asked.place, _message(project, asked, missing))
            continue
        plugin = plugin_modules.stands_for(project, asked) if asked.word else ""
        if plugin:
            yield NOT_THE_PLUGIN.at(
                asked.place,
                f"{_spelling(asked)} imports Python's own '{asked.name}', as {plugin} is not among the test "
                f"dependencies: pytest goes on without the plugin; declare {plugin} or remove it",
            )


def _spelling(asked: Asked) -> str:
    if asked.word:
        return f"'{asked.word.spelling}'"
    return f"'{asked.name}' in {'pytest_plugins' if asked.place.path.endswith('.py') else 'PYTEST_PLUGINS'}"


def _message(project: Project, asked: Asked, missing: Missing) -> str:
    said = f'Error importing plugin "{asked.name}": No module named {asked.name!r}'
    reason = f"{missing.reason}, " if missing.reason else ""
    return f"{_spelling(asked)}: {reason}pytest stops: {said}; {_advice(project, asked, missing)}"


def _advice(project: Project, asked: Asked, missing: Missing) -> str:
    glued = asked.word.words[0].text if asked.word and len(asked.word.words) == 1 else ""
    if glued.startswith("-p="):
        return f"write -p {asked.name[1:]}"
    if glued and any(f"-{glued}" in option.names for option in project.plugins.options):
        return f"did you mean '-{glued}'?"
    if missing.near:
        return f"did you mean {' or '.join(repr(name) for name in missing.near)}?"
    if missing.distribution:
        return f"declare {missing.distribution} as a test dependency or remove it"
    if "pythonpath" in missing.reason:
        return "ask for it in the pytest_plugins of a conftest.py"
    return "declare its distribution as a test dependency, or correct the name"

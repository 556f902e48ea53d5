"""Plugins that somebody asks for by name (`-p`, `pytest_plugins`): whether Python finds them, whether they come twice.

Source: `_pytest/config/__init__.py` `PytestPluginManager.import_plugin`, `consider_pluginarg`,
`_import_plugin_specs` (7.4.4, 8.4.2, 9.2.0), pluggy 1.6.0 `PluginManager.register`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from posixpath import dirname, join
from typing import TYPE_CHECKING, NamedTuple

from precollect import catalog
from precollect.catalog import EntryPoint
from precollect.findings import Place
from precollect.model import imports
from precollect.model.plugins import PluginWord
from precollect.reading.collection import within
from precollect.reading.environment.requirement import normalised
from precollect.reading.tree import UnreadableError
from precollect.similar import nearest

if TYPE_CHECKING:
    from precollect.model.project import Project

# What no name of a module or an entry point holds.
IMPOSSIBLE = frozenset("=,:;!@#$%^&*()[]{}<>?/\\|'\"` \t")


EXTENSIONS = (".py", ".so", ".pyd", ".pyx")  # of files that Python may import, sooner or later


class Asked(NamedTuple):
    """One plugin that is asked for. `word`: the `-p` that asks; None for a name in a list of plugins."""

    name: str
    place: Place
    word: PluginWord | None = None


class Missing(NamedTuple):
    """Why a plugin is not found: who would bring it, or what is in the way; near names. "" and () where unknown."""

    distribution: str = ""
    reason: str = ""
    near: tuple[str, ...] = ()


def asked(project: Project) -> Iterator[Asked]:
    """Every plugin that is certainly asked for: by `-p`, PYTEST_PLUGINS, conftest files and plugins, test modules."""
    for word in project.plugins.words:
        if not word.disables:
            yield Asked(word.name, word.words[-1].place, word)
    for named in project.start.plugins:
        yield Asked(named.text, named.place)
    for path, module in project.local_plugins:
        for plugin in module.plugins or ():
            if plugin.when == "import":
                yield Asked(plugin.name, Place(path, plugin.line, plugin.column))
    for path in project.suite.overview.flagged("plugins"):
        for plugin in project.modules.read(path).plugins or ():
            if plugin.when == "import":
                yield Asked(plugin.name, Place(path, plugin.line, plugin.column))


def registered_twice(project: Project, asked: Asked) -> EntryPoint | None:
    """The entry point under whose name the same module is registered as well; None where it is not."""
    plugins = project.plugins
    if asked.name in plugins.disablers:
        return None
    for release in plugins.present.values():
        for point in release.entry_points:
            if point.module == asked.name != point.name and point.name not in plugins.disablers:
                if point.name in plugins.requested:
                    return point
                by_itself = plugins.autoload and point.loaded == "default"
                return point if by_itself and not _mentioned(project, b"PYTEST_DISABLE_PLUGIN_AUTOLOAD") else None
    return None


def _mentioned(project: Project, text: bytes) -> bool:
    """Whether a file that is no Python code holds a text: a variable that is set for pytest, in whichever way."""
    return any(not path.endswith(".py") and project.modules.mentions(path, text) for path in project.tree)


def missing(project: Project, asked: Asked) -> Missing | None:
    """Why pytest certainly does not find a plugin that is asked for; None where it does, or may."""
    name = asked.name
    if asked.word is None and name in project.plugins.disablers:
        return None
    entry_points = {point.name: release for release in _releases(project) for point in release.entry_points}
    if name in entry_points or any(plugin.name == name for plugin in project.local.own):
        return None
    if not name or not IMPOSSIBLE.isdisjoint(name):
        return Missing(near=_near(project, name.lstrip("=").removeprefix("no:").strip()))
    if not all(part.isidentifier() for part in name.split(".")):
        # Only an entry point can be called so.
        return None if project.why_open else Missing(near=_near(project, name))
    return _not_importable(project, asked)


def stands_for(project: Project, asked: Asked) -> str:
    """The absent plugin whose entry point is called as a module of Python's own that is imported instead; "" for none.

    `-p asyncio` without pytest-asyncio imports `asyncio`, and nobody complains.
    """
    if asked.name not in sys.stdlib_module_names:
        return ""
    if any(point.name == asked.name for release in _releases(project) for point in release.entry_points):
        return ""
    owners = catalog.owners("entry_point", asked.name)
    absent = not project.why_open and all(project.environment.presence(owner) == "no" for owner in owners)
    return _spelled(owners[0]) if owners and absent else ""


def _not_importable(project: Project, asked: Asked) -> Missing | None:
    name = asked.name
    top = name.partition(".")[0]
    if top in sys.stdlib_module_names or top in {*project.pytest.modules, "_pytest", "pytest"}:
        return None
    if _may_be_in_the_repository(project, top) or _may_be_in_the_repository(project, name):
        return _in_the_way(project, asked)
    owners = (*catalog.owners("module", top), *catalog.owners("entry_point", name))
    if any(project.environment.presence(owner) != "no" for owner in owners):
        return None
    near = _near(project, name)
    # A name in a variable is a mention itself, which would be enough to doubt that the distribution is missing.
    mentioned = near and asked.word is None and not asked.place.path.endswith(".py")
    presence = "no" if mentioned and normalised(top) not in project.environment.names else None
    if project.why_open or (presence or project.environment.presence(top)) != "no":
        return None
    if owners:
        return Missing(_spelled(owners[0]), near=near)
    known = all(catalog.load(each) is not None for each in project.environment.names)
    if near or known or top.startswith("pytest_") or top.endswith("_pytest"):
        return Missing(near=near)
    return None  # a library whose modules nobody knows may hold it


def _may_be_in_the_repository(project: Project, module: str) -> bool:
    relative = module.replace(".", "/")
    last = relative.rpartition("/")[2]
    names, meant = project.tree.names, {last, *(last + ending for ending in EXTENSIONS)}
    if meant.isdisjoint(names) and not any(name.startswith(f"{last}.cpython-") for name in names):
        return False
    return any(
        f"/{path}".endswith(tuple(f"/{relative}{ending}" for ending in EXTENSIONS))
        or f"/{relative}/" in f"/{path}"
        or f"/{relative}.cpython-" in f"/{path}"
        for path in project.tree
    )


def _in_the_way(project: Project, asked: Asked) -> Missing | None:
    """Why a module of the repository is not found all the same."""
    tree, name = project.tree, asked.name
    found = imports.module_file(tree, name, project.import_folders)
    if found is None:
        package = _package_without(project, name)
        if package and not _may_be_in_the_repository(project, name):
            package = package.replace("/", ".")
            return Missing(reason=f"'{package}' has no such module", near=_near(project, name))
        return None
    if asked.word is None or project.behaves("pythonpath-before-p"):
        return None
    folder = found[: -len("/__init__.py" if found.endswith("/__init__.py") else ".py")]
    folder = folder[: -len(name)].rstrip("/")
    named = [within(project.found.rootdir, path) for path in project.words_of("pythonpath") or ()]
    usual = {project.start.folder, join(project.start.folder, "src"), project.found.rootdir, ""}
    if folder in named and folder not in usual and not _importable_otherwise(project, folder):
        version = project.pytest.version
        return Missing(reason=f"pytest {version} reads 'pythonpath' only after '-p'")
    return None


def _package_without(project: Project, name: str) -> str:
    """The package of the repository in which a module should be and is not; "" where there is no such package."""
    *parents, _ = parts = name.split(".")
    for folder in project.import_folders:
        for depth in range(1, len(parents) + 1):
            package = join(folder, *parts[:depth])
            if join(package, "__init__.py") not in project.tree:
                break
            below = join(package, parts[depth])
            if not project.tree.has_folder(below) and f"{below}.py" not in project.tree:
                return package
    return ""


def _importable_otherwise(project: Project, folder: str) -> bool:
    """Whether something else than `pythonpath` may put a folder on `sys.path`: PYTHONPATH, an installation."""
    if _mentioned(project, b"PYTHONPATH"):
        return True
    for path in project.tree:
        if path.rpartition("/")[2] in {"pyproject.toml", "setup.cfg", "setup.py"}:
            own = 1 if project.config is not None and path == project.config.path else 0
            try:
                if project.tree.read(path).count(folder.encode("utf-8", "surrogatepass")) > own:
                    return True
            except UnreadableError:
                return True
    return False


def _near(project: Project, name: str) -> tuple[str, ...]:
    """Names that may have been meant: entry points of what is installed, plugins of pytest's own, local modules."""
    known = {point.name for release in _releases(project) for point in release.entry_points}
    spellings = {
        spelling: point.name
        for release in project.plugins.present.values()
        for point in release.entry_points
        for spelling in (release.distribution, release.distribution.replace("-", "_"), point.module)
    }
    if name in known or name in spellings:
        return (spellings.get(name, name),)
    if "." in name:
        return tuple(nearest(name, _local_modules(project, name)))
    near = nearest(name, {*known, *spellings, *_local_modules(project, name)})
    return tuple(dict.fromkeys(spellings.get(each, each) for each in near))


def _local_modules(project: Project, name: str) -> set[str]:
    """Dotted names of the repository's modules, as deep as the name."""
    depth = name.count(".")
    found = set()
    for path in project.tree:
        if path.endswith(".py") and not path.endswith(("conftest.py", "/__init__.py")):
            for folder in project.import_folders:
                inside = path[len(folder) :].lstrip("/") if not folder or path.startswith(folder + "/") else ""
                if inside and inside.count("/") == depth and (depth or dirname(path) == folder):
                    found.add(inside[:-3].replace("/", "."))
    return found


def _releases(project: Project) -> tuple[catalog.Release, ...]:
    return (project.pytest, *project.plugins.present.values())


def _spelled(distribution: str) -> str:
    known = catalog.load(distribution)
    return known.spelling if known is not None else normalised(distribution)

"""What pytest loads from the repository itself before it collects: conftest files, plugin modules, own entry points.

Source: `_pytest/config/__init__.py` `_set_initial_conftests`, `consider_pluginarg`, `consider_module`.
"""

from __future__ import annotations

from functools import cached_property
from posixpath import join
from typing import TYPE_CHECKING

from precollect.catalog import Option
from precollect.model import imports
from precollect.reading import collection
from precollect.reading.entry_points import OwnPlugin, own_plugins
from precollect.reading.python.facts import Module

if TYPE_CHECKING:
    from precollect.model.project import Project


class LocalPlugins:
    """The plugins of one start that are files of the repository."""

    def __init__(self, project: Project) -> None:
        self._project = project

    @cached_property
    def initial_conftests(self) -> tuple[str, ...]:
        """The conftest files that are loaded at start, in order."""
        project = self._project
        if any(given.name == "--noconftest" for given in project.early_line.given):
            return ()
        anchors = project.arguments_of(project.early_line)
        return tuple(collection.initial_conftests(project.tree, project.start.folder, anchors, project.confcutdir))

    @cached_property
    def loaded(self) -> tuple[tuple[str, Module], ...]:
        """(path, facts) of everything that is loaded: plugins of `-p` and of entry points, conftest files, and
        what these name in `pytest_plugins`."""
        project = self._project
        # By these names pytest loads its own plugins, whatever files of the repository are called so.
        pytests = {point.name for point in project.pytest.entry_points}
        pending = [path for path in map(self.file_of, sorted(project.plugins.requested - pytests)) if path]
        pending += [path for path in (self.file_of(plugin.module) for plugin in self.own if plugin.module) if path]
        pending += self.initial_conftests
        loaded: dict[str, Module] = {}
        while pending:
            path = pending.pop(0)
            if path not in loaded:
                loaded[path] = module = project.modules.read(path)
                names = [name.name for name in module.plugins or () if name.name not in pytests]
                pending += [found for name in names if (found := self.file_of(name))]
        return tuple(loaded.items())

    @cached_property
    def own(self) -> list[OwnPlugin]:
        """The plugins that the repository's own distribution declares to be, disabled ones left out."""
        found = own_plugins(self._project.tree, self._project.start.folder)
        return [plugin for plugin in found if plugin.name not in self._project.plugins.disablers]

    def file_of(self, module: str) -> str | None:
        """The repository's file of a plugin module; None for one from elsewhere."""
        tree = self._project.tree
        found = imports.module_file(tree, module, self.import_folders)
        if found is None:
            # The folder may be importable in a way that files do not tell: any file of that name will do.
            ending = "/" + module.replace(".", "/")
            found = next((path for path in tree if path.endswith((ending + ".py", ending + "/__init__.py"))), None)
        return found

    @cached_property
    def import_folders(self) -> list[str]:
        """The folders on `sys.path` from the start: `pythonpath`, those of initial conftest files, the usual ones."""
        project = self._project
        rootdir, start = project.found.rootdir, project.start.folder
        folders = [collection.within(rootdir, path) for path in project.words_of("pythonpath") or ()]
        folders += [imports.base_folder(project.tree, path) for path in self.initial_conftests]
        folders += [start, join(start, "src"), rootdir, ""]
        return list(dict.fromkeys(folder for folder in folders if folder is not None))

    @cached_property
    def unresolved(self) -> str:
        """Why plugins may be loaded whose facts are not known; "" where there are none.

        One that is asked for by name and that neither the repository nor the catalog has, a
        `pytest_plugins` that only running tells, an entry point whose module cannot be found.
        """
        project = self._project
        for plugin in self.own:
            if not plugin.module or self.file_of(plugin.module) is None:
                return f"{plugin.path}: the module of the repository's own plugin '{plugin.name}' is not known"
        releases = [project.pytest, *project.plugins.present.values()]
        known = {point.name for release in releases for point in release.entry_points}
        known |= {point.module for release in releases for point in release.entry_points}
        names = [*project.plugins.requested]
        for _, module in self.loaded:
            if module.plugins_open:
                return module.plugins_open
            names += [name.name for name in module.plugins or ()]
        for name in names:
            if not known & {name, "pytest_" + name, name.split(".")[0]} and self.file_of(name) is None:
                return f"plugin '{name}' comes from elsewhere"
        return ""

    @property
    def options(self) -> list[Option]:
        """The options that these plugins add."""
        return [option for _, module in self.loaded for option in options_of(module)]

    @cached_property
    def options_open(self) -> str:
        """Why they may add options that are not known; "" where all are."""
        reasons = (module.options_open or module.unknown for _, module in self.loaded)
        return next((reason for reason in reasons if reason), self.unresolved)

    def may_add_key(self, name: str) -> bool:
        """Whether one of them, or a conftest that is loaded while collecting, adds a configuration key, or may."""
        return bool(self.unresolved) or any(
            module.unknown or module.ini_keys_open or any(key.name == name for key in module.ini_keys)
            for module in self._project.suite.helpers.values()
        )


def options_of(module: Module) -> list[Option]:
    """The options that a conftest or plugin module adds, as the parser takes them."""
    found = []
    for option in module.options:
        action, kind, nargs, choices, dest = (
            option.keyword(name) for name in ("action", "type", "nargs", "choices", "dest")
        )
        long = next((name for name in option.names if name.startswith("--")), option.names[0] if option.names else "")
        listed = choices.value if choices is not None and choices.known else None
        found.append(
            Option(
                names=option.names,
                dest=str(dest.value) if dest is not None and dest.known else long.lstrip("-").replace("-", "_"),
                action=str(action.value) if action is not None and action.known else "store",
                nargs=nargs.value if nargs is not None and isinstance(nargs.value, (int, str)) else None,
                type=str(kind.value).removeprefix("builtins.") if kind is not None else None,
                choices=tuple(map(str, listed)) if isinstance(listed, tuple) else None,
                owner="conftest",
            )
        )
    return found

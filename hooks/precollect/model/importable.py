"""Modules that certainly cannot be imported: neither Python, nor the repository, nor anything installed has them."""

from __future__ import annotations

import sys

from precollect import catalog
from precollect.model.project import Project
from precollect.reading.environment.requirement import normalised

# Distribution → its top-level modules, for what pytest and its commonest plugins require.
MODULES = {
    "attrs": ("attr", "attrs"),
    "colorama": ("colorama",),
    "coverage": ("coverage",),
    "exceptiongroup": ("exceptiongroup",),
    "execnet": ("execnet",),
    "iniconfig": ("iniconfig",),
    "packaging": ("packaging",),
    "pluggy": ("pluggy",),
    "py": ("py",),
    "pygments": ("pygments",),
    "tomli": ("tomli",),
    "typing-extensions": ("typing_extensions",),
}


def certainly_missing(project: Project, module: str, but: str = "") -> bool:
    """Whether importing a dotted module certainly fails at its first part; `but` is a file out of Python's reach.

    Only where every distribution of the environment, and all that they require, is known module by module.
    """
    top = module.partition(".")[0]
    if not top.isidentifier() or top in sys.stdlib_module_names or top in sys.builtin_module_names:
        return False
    wanted = {top, f"{top}.py", f"{top}.pyi"}
    if not project.tree.names.isdisjoint(wanted) and any(
        part in wanted for path in project.tree if path != but for part in path.split("/")
    ):
        return False
    if project.why_open or project.unresolved_plugin or project.environment.presence(top) != "no":
        return False
    waiting = [*project.environment.names, *project.environment.present, "pytest"]
    seen: set[str] = set()
    while waiting:
        name = normalised(waiting.pop())
        if name in seen:
            continue
        seen.add(name)
        if name in MODULES:
            if top in MODULES[name]:
                return False
            continue
        if catalog.load(name) is None:
            return False
        release = project.release_of(name)
        if release is None or top in release.modules:
            return False
        waiting += release.requires
    return True

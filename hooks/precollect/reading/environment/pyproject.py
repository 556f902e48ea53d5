"""pyproject.toml: what the project requires, its extras, and its dependency groups.

Sources: the pyproject.toml specification (PEP 621), dependency groups (PEP 735), setuptools' `dynamic`, and the
tables of uv and PDM. Poetry and hatch have rooms of their own.
"""

from __future__ import annotations

from posixpath import dirname, join

from precollect.reading.environment import tables
from precollect.reading.environment.requirement import normalised
from precollect.reading.environment.sets import Key, Requirements, UnreadableSourceError, inside, unreadable
from precollect.reading.environment.tables import Table
from precollect.reading.tree import Tree


def read(tree: Tree, path: str) -> list[Requirements]:
    """All sets of the file. Raises UnreadableSourceError."""
    document = tables.read(tree, path)
    folder = dirname(path)
    local = _local_distributions(tree, document, folder)
    found = [
        _project(tree, document, path, local),
        *_extras(tree, document, path, local),
        *_groups(document, path, local),
        *_of_other_tools(document, path, local),
    ]
    limits = _limits(document, path)
    for requirements in found:
        if requirements.key.kind in ("project", "extra", "group"):
            requirements.limits.extend(limits.requirements)
    found.extend(unreadable(path, odd) for odd in document.odd)
    return found


def _of_other_tools(document: Table, path: str, local: dict[str, str]) -> list[Requirements]:
    """The sets in the tables of tools with rooms of their own, imported where there is such a table."""
    found: list[Requirements] = []
    tool = document.table("tool")
    if "poetry" in tool:
        from precollect.reading.environment import poetry

        found.extend(poetry.read(document, path, local))
    if "hatch" in tool:
        from precollect.reading.environment import hatch

        found.extend(hatch.read(tool.table("hatch"), path))
    if "tox" in tool:
        from precollect.reading.environment import tox

        found.extend(tox.read_table(tool.table("tox"), path))
        found.extend(tox.read_text(legacy, path) if (legacy := tool.table("tox").text("legacy_tox_ini")) else ())
    return found


def decides(tree: Tree, folder: str) -> bool:
    """Whether `[project]` alone says what a project requires: setuptools then ignores setup.cfg and setup.py."""
    path = join(folder, "pyproject.toml")
    try:
        document = tables.read(tree, path)
    except UnreadableSourceError:
        return False
    project = document.table("project")
    return "project" in document and not {"dependencies", "optional-dependencies"} & set(_dynamic(project))


def read_hatch(tree: Tree, path: str) -> list[Requirements]:
    """The sets of hatch.toml. Raises UnreadableSourceError."""
    from precollect.reading.environment import hatch

    document = tables.read(tree, path)
    return [*hatch.read(document, path), *(unreadable(path, odd) for odd in document.odd)]


def _project(tree: Tree, document: Table, path: str, local: dict[str, str]) -> Requirements:
    project = document.table("project")
    folder = dirname(path)
    required = Requirements(Key("project", folder), path, "[project] dependencies", local)
    for text, where in project.strings("dependencies"):
        required.add(text, where)
    if "dependencies" in _dynamic(project):
        _add_dynamic(required, tree, document.table("tool", "setuptools", "dynamic"), "dependencies", folder)
    if "optional-dependencies" in _dynamic(project) and not _says_dynamic_extras(tree, document, folder):
        required.opens("optional dependencies are dynamic")
    if project.table("entry-points", "pytest11"):
        required.plugin = normalised(project.text("name")), project.text("version")
    required.requires_python = project.text("requires-python")
    return required


def _extras(tree: Tree, document: Table, path: str, local: dict[str, str]) -> list[Requirements]:
    folder = dirname(path)
    found = []
    optional = document.table("project", "optional-dependencies")
    for name in optional:
        what = f"[project.optional-dependencies] {name}"
        extra = Requirements(Key("extra", folder, normalised(name)), path, what, local)
        for text, where in optional.strings(name):
            extra.add(text, where)
        found.append(extra)
    if "optional-dependencies" in _dynamic(document.table("project")):
        dynamic = document.table("tool", "setuptools", "dynamic", "optional-dependencies")
        for name in dynamic:
            what = f"[tool.setuptools.dynamic] optional-dependencies.{name}"
            extra = Requirements(Key("extra", folder, normalised(name)), path, what, local)
            _add_dynamic(extra, tree, dynamic, name, folder)
            found.append(extra)
    return found


def _groups(document: Table, path: str, local: dict[str, str]) -> list[Requirements]:
    """Dependency groups of PEP 735, and uv's and PDM's older tables, which mean the same."""
    folder = dirname(path)
    found = []
    groups = document.table("dependency-groups")
    for name in groups:
        group = Requirements(Key("group", folder, normalised(name)), path, f"[dependency-groups] {name}", local)
        for item, where in groups.items(name):
            if isinstance(item, str):
                group.add(item, where)
            elif isinstance(item, dict) and isinstance(included := item.get("include-group"), str):
                group.include_group(folder, included)
            else:
                groups.note(name, "no dependency group")
        found.append(group)
    pdm = document.table("tool", "pdm", "dev-dependencies")
    for name in pdm:
        group = Requirements(Key("group", folder, normalised(name)), path, f"[tool.pdm.dev-dependencies] {name}", local)
        for text, where in pdm.strings(name):
            group.add(text.replace("${PROJECT_ROOT}", ".").replace("file:///.", "file://."), where)
        found.append(group)
    uv = document.table("tool", "uv")
    if "dev-dependencies" in uv:
        group = Requirements(Key("group", folder, "dev"), path, "[tool.uv] dev-dependencies", local)
        for text, where in uv.strings("dev-dependencies"):
            group.add(text, where)
        found.append(group)
    return found


def _limits(document: Table, path: str) -> Requirements:
    """uv's constraints; an override replaces what anybody else requires, so it limits as well."""
    uv = document.table("tool", "uv")
    limits = Requirements(Key("file", path), path, "[tool.uv]")
    for key in ("constraint-dependencies", "override-dependencies"):
        for text, where in uv.strings(key) if isinstance(uv.get(key), list) else []:
            limits.add(text, where)
    return limits


def _local_distributions(tree: Tree, document: Table, folder: str) -> dict[str, str]:
    """Distribution → folder: the project itself, and what `[tool.uv.sources]` takes from this repository."""
    local = {}
    sources = document.table("tool", "uv", "sources")
    for name in sources:
        value = sources.get(name)
        if not isinstance(value, dict):
            continue
        if isinstance(path := value.get("path"), str) and (target := inside(folder, path)) is not None:
            local[normalised(name)] = target
        elif value.get("workspace") is True and (member := _member(tree, normalised(name))) is not None:
            local[normalised(name)] = member
    for name in (document.table("project").text("name"), document.table("tool", "poetry").text("name")):
        if name:
            local[normalised(name)] = folder
    return local


def _member(tree: Tree, name: str) -> str | None:
    """The folder of a workspace member, told by the folder's name; None where no folder is called so."""
    for path in tree:
        folder, _, file = path.rpartition("/")
        if file == "pyproject.toml" and normalised(folder.rpartition("/")[2]) == name:
            return folder
    return None


def _dynamic(project: Table) -> list[str]:
    return [text for text, _ in project.strings("dynamic")]


def _add_dynamic(into: Requirements, tree: Tree, dynamic: Table, key: str, folder: str) -> None:
    """Add what a file list of `[tool.setuptools.dynamic]` names; else leave it to setup.cfg and setup.py."""
    value = dynamic.get(key)
    files = value.get("file") if isinstance(value, dict) else None
    if isinstance(files, str):
        files = [files]
    if isinstance(files, list) and all(isinstance(file, str) for file in files):
        for file in files:
            into.add(f"-r {file}", dynamic.where_key(key))
    elif not any(join(folder, name) in tree for name in ("setup.cfg", "setup.py")):
        into.opens("dependencies are dynamic")


def _says_dynamic_extras(tree: Tree, document: Table, folder: str) -> bool:
    return bool(document.table("tool", "setuptools", "dynamic", "optional-dependencies")) or any(
        join(folder, name) in tree for name in ("setup.cfg", "setup.py")
    )

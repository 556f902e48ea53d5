"""setup.cfg: setuptools' declarative requirements, and tox's environments where it holds those as well."""

from __future__ import annotations

from functools import partial
from posixpath import dirname

from precollect.reading import ini
from precollect.reading.environment import pyproject, tox
from precollect.reading.environment.requirement import normalised
from precollect.reading.environment.requirements_txt import without_comment
from precollect.reading.environment.sets import Key, Requirements
from precollect.reading.tree import Tree


def read(tree: Tree, path: str) -> list[Requirements]:
    """The sets of the file. Raises UnreadableSourceError."""
    document = tox.parse(tree, path)
    tox_environments = tox.read_ini(document, path) if "tox:tox" in document.sections else []
    folder = dirname(path)
    return tox_environments if pyproject.decides(tree, folder) else [*_project(document, path), *tox_environments]


def _project(document: ini.Ini, path: str) -> list[Requirements]:
    folder = dirname(path)
    metadata = document.sections.get("metadata", {})
    own = normalised(metadata.get("name", ""))
    local = {own: folder} if own else {}
    required = Requirements(Key("project", folder), path, "[options] install_requires", local)
    found = [required]
    options = document.sections.get("options", {})
    _add(required, document, "options", "install_requires")
    if "tests_require" in options:
        found.append(Requirements(Key("extra", folder, "tests-require"), path, "[options] tests_require", local))
        _add(found[-1], document, "options", "tests_require")
    for name in document.sections.get("options.extras_require", {}):
        what = f"[options.extras_require] {name}"
        found.append(Requirements(Key("extra", folder, normalised(name)), path, what, local))
        _add(found[-1], document, "options.extras_require", name)
    if own and "pytest11" in document.sections.get("options.entry_points", {}):
        version = metadata.get("version", "")
        required.plugin = own, "" if ":" in version else version
    required.requires_python = options.get("python_requires", "")
    return found


def _add(into: Requirements, document: ini.Ini, section: str, key: str) -> None:
    """Add the lines of a value; "file:" names files instead, ";" may part requirements on one line."""
    if key not in document.sections.get(section, {}):
        return
    pieces = document.pieces((section, key))
    if pieces and pieces[0].text.startswith("file:"):
        names = ",".join(piece.text for piece in pieces).removeprefix("file:")
        for name in names.split(","):
            if name.strip():
                into.add(f"-r {name.strip()}", partial(document.text.place, pieces[0].offset))
        return
    for piece in pieces:
        if "%(" in piece.text:
            into.opens(f"{piece.text} depends on another value", partial(document.text.place, piece.offset))
        else:
            into.add(without_comment(piece.text), partial(document.text.place, piece.offset))

"""Which file of the repository a module name means.

pytest's import modes put folders on `sys.path`: in "prepend" and "append" mode the first folder
above a test module or conftest.py that is no package, and always the folders of `pythonpath`.
`src` and the start folder count as importable too, since most projects install themselves.
Source: `_pytest/pathlib.py` `import_path`, `resolve_package_path`.
"""

from __future__ import annotations

from posixpath import dirname, join

from precollect.reading.tree import Tree


def base_folder(tree: Tree, path: str) -> str:
    """The folder that pytest puts on `sys.path` to import a file: the first above it without `__init__.py`."""
    folder = dirname(path)
    while folder and join(folder, "__init__.py") in tree:
        folder = dirname(folder)
    return folder


def module_file(tree: Tree, module: str, folders: list[str]) -> str | None:
    """The file of an absolute dotted module, in the first of the folders that has it; None where none does."""
    relative = module.replace(".", "/")
    for folder in folders:
        for path in (join(folder, relative + ".py"), join(folder, relative, "__init__.py")):
            if path in tree:
                return path
    return None


def relative_file(tree: Tree, module: str, importer: str) -> str | None:
    """The file of a relative module ("..helpers") as one file of the repository imports it."""
    name = module.lstrip(".")
    folder = dirname(importer)
    for _ in range(len(module) - len(name) - 1):
        folder = dirname(folder)
    if not name:
        path = join(folder, "__init__.py")
        return path if path in tree else None
    return module_file(tree, name, [folder])

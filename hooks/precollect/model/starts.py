"""The starts of pytest that a repository asks for: folders, and the environment that its own files set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from posixpath import dirname, join

from precollect.model.project import Start
from precollect.reading import launchers, launches
from precollect.reading.collection import is_below
from precollect.reading.config_file import NAMES, find
from precollect.reading.launchers import Variable
from precollect.reading.tree import Tree, UnreadableError
from precollect.reading.words import UnclosedError, Word, spans

MOST_CALLS = 100
MOST_VARIABLES = 100  # that are looked at: each may be a start of its own
# Folders whose content is somebody's test data or documentation rather than a package of its own.
NOT_PACKAGES = frozenset(
    {"test", "tests", "testing", "testdata", "data", "fixtures", "examples", "example", "docs", "doc"}
)


def starts(tree: Tree, folder: str, listed: Iterable[str], behaviours: frozenset[str]) -> list[Start]:
    """The starts for one folder that was asked about.

    The folder itself, those that the settings list, and, where no configuration counts for the
    folder, the packages below it that have one beside tests. A variable that the repository sets
    for pytest makes one more start, at the folder asked about.
    """
    found = find(tree, folder, behaviours)
    folders = [folder, *listed]
    if found.file is None and not found.problems and not found.unread:
        folders += packages(tree, folder, behaviours)
    made = [Start(each) for each in dict.fromkeys(folders)]
    return [*made, *_launched(tree, folder), *_called(tree, folder, folders)]


def packages(tree: Tree, folder: str, behaviours: frozenset[str]) -> list[str]:
    """Folders below one that hold a pytest configuration that counts, and tests."""
    made = []
    for package in dict.fromkeys(_candidates(tree, folder)):
        file = find(tree, package, behaviours).file
        if file is not None and dirname(file.path) == package:
            made.append(package)
    return made


def _candidates(tree: Tree, folder: str) -> Iterator[str]:
    for name in NAMES:
        for path in tree.others:
            below = dirname(path)
            if path.rpartition("/")[2] != name or not below or below == folder:
                continue
            if folder and not below.startswith(folder + "/"):
                continue
            if NOT_PACKAGES.isdisjoint(below.split("/")) and _mentions_pytest(tree, path) and _has_tests(tree, below):
                yield below


def _mentions_pytest(tree: Tree, path: str) -> bool:
    try:
        return b"pytest" in tree.read(path)
    except UnreadableError:
        return False


def _has_tests(tree: Tree, folder: str) -> bool:
    folders = [folder, *(join(folder, name) for name in ("test", "tests"))]
    return any(
        name.startswith("test_") or name.endswith("_test.py")
        for each in folders
        for name in tree.files_in(each)
        if name.endswith(".py")
    ) or any(tree.has_folder(join(folder, name)) for name in ("test", "tests"))


def _called(tree: Tree, folder: str, folders: list[str]) -> list[Start]:
    """The starts that files write down as calls of pytest in a folder or below it, equal ones only once."""
    found: dict[object, Start] = {}
    for call in launches.calls_in(tree, frozenset(folders)):
        if not (call.arguments or call.addopts or call.plugins or call.autoload_off):
            continue  # its words bring about nothing
        if is_below(call.folder, folder):
            start = Start(
                call.folder,
                call.addopts,
                call.autoload_off,
                call.plugins,
                call.arguments,
                call.why_open,
                call.files_made,
                call.place,
            )
            words = [[word.text for word in words] for words in (call.addopts, call.plugins, call.arguments)]
            key = (call.folder, str(words), call.autoload_off is None, not call.why_open)
            found.setdefault(key, start)
            if len(found) == MOST_CALLS:
                break
    return list(found.values())


def _launched(tree: Tree, folder: str) -> Iterator[Start]:
    """The starts that files ask for by variables: one for each variable.

    One for all of a file that switches autoloading off and then says what to load; none where such
    a file sets them far from each other, maybe for different jobs.
    """
    variables = islice(launchers.variables(tree), MOST_VARIABLES)
    for _, group in groupby(variables, key=lambda variable: variable.place.path):
        found = list(group)
        together = any(variable.name == launchers.AUTOLOAD_OFF for variable in found) and len(found) > 1
        if not together:
            yield from (start for variable in found if (start := _start(folder, [variable])))
        elif len({variable.name for variable in found}) == len(found) and _is_one_block(found):
            yield from filter(None, [_start(folder, found)])


def _is_one_block(variables: list[Variable]) -> bool:
    """Whether variables stand on lines that follow one another."""
    lines = sorted(variable.place.line for variable in variables)
    return lines[-1] - lines[0] == len(lines) - 1


def _start(folder: str, variables: list[Variable]) -> Start | None:
    """The start with these variables; None where pytest would not understand one of them."""
    start = Start(folder)
    for name, value, place in variables:
        if name == launchers.AUTOLOAD_OFF:
            start = start._replace(autoload_off=place)
            continue
        are_options = name == launchers.ADDOPTS
        try:
            texts = [span.text for span in spans(value)] if are_options else map(str.strip, value.split(","))
        except UnclosedError:
            return None
        words = tuple(Word(text, place, number) for number, text in enumerate(texts))
        start = start._replace(extra=words) if are_options else start._replace(plugins=words)
    return start

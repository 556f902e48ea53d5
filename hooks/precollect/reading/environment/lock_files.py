"""Lock files: exactly which versions an installation takes.

They are written by machines, one way each, and long: so they are read line by line, not as TOML (which would take
longer than the rest of a run). Sources: uv's, Poetry's and PDM's lock files as these tools write them in 2025;
the pylock.toml specification (PEP 751); pipenv's documentation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from precollect.findings import Place
from precollect.reading.environment.conditions import UNTOLD, Holds
from precollect.reading.environment.requirement import normalised, parse
from precollect.reading.text import Text
from precollect.reading.tree import Tree, UnreadableError


class Needed(NamedTuple):
    """Another distribution that a locked one brings, and under which marker."""

    name: str
    marker: str


class Locked(NamedTuple):
    """One locked release. `marker`: of its installation, "" for none. `offset`: of its name in the file."""

    version: str
    marker: str
    needs: tuple[Needed, ...]
    offset: int


class Lock:
    """A lock file. `whole`: all that it holds is installed together. `unreadable`: why nothing is known, or ""."""

    def __init__(
        self, path: str, text: str, packages: dict[str, list[Locked]], whole: bool, unreadable: str = ""
    ) -> None:
        self.path = path
        self.packages = packages
        self.whole = whole
        self.unreadable = unreadable
        self._text = Text(path, text)

    def versions(self, name: str) -> list[str]:
        """The locked versions of a distribution: more than one where they depend on markers."""
        return [locked.version for locked in self.packages.get(name, ())]

    def covers(self, kind: str) -> bool:
        """Whether the lock file decides what a set of that kind brings: pipenv's its Pipfile, others pyproject.toml."""
        pipenv = self.path.endswith("Pipfile.lock")
        return kind == "pipfile" if pipenv else kind in ("project", "extra", "group")

    def place(self, name: str) -> Place:
        """Where the distribution stands."""
        return self._text.place(self.packages[name][0].offset)

    def reached(self, names: Iterable[str], holds: Callable[[str], Holds]) -> dict[str, Holds]:
        """What installing the named distributions brings: name → always or sometimes."""
        answers: dict[str, Holds] = {}
        waiting: list[tuple[str, Holds]] = [(name, "always") for name in names if not self.whole]
        for name, releases in self.packages.items() if self.whole else ():
            own = {holds(locked.marker) if locked.marker else "always" for locked in releases}
            if own != {"never"}:
                answers[name] = "always" if "always" in own else "sometimes"
        while waiting:
            name, answer = waiting.pop()
            if name not in self.packages or answers.get(name) in ("always", answer):
                continue
            answers[name] = answer
            for locked in self.packages[name]:
                for needed in locked.needs:
                    condition = holds(needed.marker) if needed.marker else "always"
                    if condition != "never":
                        waiting.append((needed.name, "sometimes" if "sometimes" in (condition, answer) else "always"))
        return answers


def read(tree: Tree, path: str) -> Lock:
    """The lock in a file; an unreadable one says why."""
    name = path.rpartition("/")[2]
    try:
        text = tree.read(path).decode("utf-8").replace("\r\n", "\n")
    except UnreadableError as error:
        return Lock(path, "", {}, False, str(error))
    except UnicodeDecodeError:
        return Lock(path, "", {}, False, "no UTF-8")
    if name == "Pipfile.lock":
        return _pipenv(path, text)
    whole = name.startswith("pylock")
    header = "[[packages]]" if whole else "[[package]]"
    needs = {"uv.lock": _needs_of_uv, "poetry.lock": _needs_of_poetry, "pdm.lock": _needs_of_pdm}.get(name, _no_needs)
    packages: dict[str, list[Locked]] = {}
    start = text.find(header)
    while start >= 0:
        end = text.find(f"\n{header}", start)
        block = text[start : end if end >= 0 else len(text)]
        if own := _field(block, "name"):
            offset = start + block.find(own)
            locked = Locked(_field(block, "version"), _field(block, "marker"), needs(block), offset)
            packages.setdefault(normalised(own), []).append(locked)
        start = end + 1 if end >= 0 else -1
    empty = text.startswith("version = ") and "\n[" not in text  # as uv leaves it where nothing is to be locked
    return Lock(path, text, packages, whole, "" if packages or empty else "no locked package is found in it")


def _field(block: str, name: str) -> str:
    """The text value of a key of the package itself, before any table within it; "" where there is none."""
    end = block.find("\n[")
    start = block.find(f'\n{name} = "', 0, end if end >= 0 else len(block))
    if start < 0:
        return ""
    start += len(name) + 5
    return block[start : block.find('"', start)]


def _needs_of_uv(block: str) -> tuple[Needed, ...]:
    """From lines such as `{ name = "colorama", marker = "sys_platform == 'win32'" },`.

    Development dependencies come with nobody's installation but the package's own, whose groups we read ourselves.
    """
    found = []
    unless_asked = ""
    for line in block.split("\n"):
        if line.startswith("["):
            if line not in ("[[package]]", "[package.optional-dependencies]"):
                break
            unless_asked = "" if line == "[[package]]" else UNTOLD + "an extra asks for it"
        elif line.startswith('    { name = "'):
            name = line[14 : line.find('"', 14)]
            _, mark, rest = line.partition('marker = "')
            found.append(Needed(normalised(name), unless_asked or (rest.partition('"')[0] if mark else "")))
    return tuple(found)


def _needs_of_poetry(block: str) -> tuple[Needed, ...]:
    """From the keys of `[package.dependencies]`."""
    start = block.find("\n[package.dependencies]\n")
    if start < 0:
        return ()
    found = []
    for line in block[start + 24 :].split("\n"):
        if not line or line.startswith("["):
            break
        name, equals, value = line.partition(" = ")
        if equals and not line.startswith((" ", "]")):
            _, mark, rest = value.partition('markers = "')
            marker = rest.partition('"')[0] if mark else ""
            if "optional = true" in value or value == "[":
                marker = UNTOLD + "an extra or a marker asks for it"
            found.append(Needed(normalised(name.strip('"')), marker))
    return tuple(found)


def _needs_of_pdm(block: str) -> tuple[Needed, ...]:
    """From the lines of `dependencies`, which are requirements."""
    start = block.find("\ndependencies = [\n")
    if start < 0:
        return ()
    found = []
    for line in block[start + 18 : block.find("\n]", start)].split("\n"):
        if written := parse(line.strip().rstrip(",").strip('"').replace('\\"', "'")):
            found.append(Needed(written.name, written.marker))
    return tuple(found)


def _no_needs(block: str) -> tuple[Needed, ...]:
    return ()


def _pipenv(path: str, text: str) -> Lock:
    import json

    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return Lock(path, "", {}, True, "no JSON that can be read")
    packages: dict[str, list[Locked]] = {}
    offset = 0
    for category, table in document.items() if isinstance(document, dict) else ():
        if category == "_meta" or not isinstance(table, dict):
            continue
        for name, value in table.items():
            if not isinstance(value, dict):
                continue
            version, marker = value.get("version"), value.get("markers")
            # Names stand in the order of the file; one spelled with escapes is not found, nor what follows.
            if offset >= 0:
                offset = text.find(f'"{name}"', offset)
            locked = Locked(
                version.lstrip("=") if isinstance(version, str) else "",
                marker if isinstance(marker, str) else "",
                (),
                offset + 1,
            )
            packages.setdefault(normalised(name), []).append(locked)
    return Lock(path, text, packages, True)

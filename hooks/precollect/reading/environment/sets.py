"""Sets of requirements: what somebody installs with one command, and what else that brings into it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from posixpath import dirname
from typing import Any, Literal, NamedTuple

from precollect.findings import Place
from precollect.reading.collection import within
from precollect.reading.environment.requirement import Written, name_in_url, normalised, parse
from precollect.reading.tree import Tree, UnreadableError

Kind = Literal["project", "extra", "group", "file", "tox", "nox", "hatch", "pipfile", "conda"]
LARGEST = 1 << 20  # bytes; nobody writes more requirements than that into one file
MOST_REQUIREMENTS = 30_000  # of one set; sentry-python's generated tox.ini has 18,000
MOST_REASONS = 20
LIKELY_TO_BRING_PLUGINS = frozenset({"ci", "dev", "develop", "test", "tests", "testing"})


class UnreadableSourceError(Exception):
    """A file that may declare requirements and cannot be read; the text says why."""


class Declared(NamedTuple):
    """One requirement as somebody wrote it.

    `name`: normalised after PEP 503. `specifier`: ">=7,<9", "" for any version. `place`: of the
    name's first letter, or of what holds it. `source`: the set that it belongs to, for people:
    "pyproject.toml [dependency-groups] test". `marker`: the environment marker, or another condition
    in the words of the file (factors of tox); "" for none.
    """

    name: str
    specifier: str
    place: Place
    source: str
    marker: str


class Key(NamedTuple):
    """What names a set. `where`: a folder for project, extra and group; a file's path for the others."""

    kind: Kind
    where: str
    name: str = ""


class Requirement(NamedTuple):
    """A `Declared` whose place is not looked up yet: most are never asked for it."""

    name: str
    specifier: str
    marker: str
    source: str
    where: Callable[[], Place]
    extras: tuple[str, ...] = ()

    def declared(self) -> Declared:
        return Declared(self.name, self.specifier, self.where(), self.source, self.marker)


class Include(NamedTuple):
    """Another set that is installed along with this one. `missing`: what to say where there is no such set."""

    key: Key
    marker: str
    missing: str


class Requirements:
    """One set.

    `path`: the file that declares it; `source`: the file and `what` in it, for people.
    `limits`: constraints, which install nothing. `open`: why more may be installed than is known,
    each with the file. `runs_pytest`: pytest is started in the environment made from it.
    `complete`: whatever its requirements bring along is named in it as well (a compiled file).
    `local`: distributions that are folders of this repository, by normalised name.
    `plugin`: the distribution that a project builds, if it is a pytest plugin itself, and its version
    ("" where it is computed). `starts_in`: the folder in which its commands are run, None where
    that is not told. `requires_python`: a project's own specifier of Python versions.
    """

    def __init__(self, key: Key, path: str, what: str = "", local: Mapping[str, str] | None = None) -> None:
        self.key = key
        self.path = path
        self.source = f"{path} {what}".rstrip()
        self.local = local or {}
        self.requirements: list[Requirement] = []
        self.limits: list[Requirement] = []
        self.includes: list[Include] = []
        self.limiting_files: list[Include] = []
        self.open: list[str] = []
        self.runs_pytest = False
        self.complete = False
        self.plugin: tuple[str, str] | None = None
        self.requires_python = ""
        self.starts_in: str | None = None

    def __repr__(self) -> str:
        return f"Requirements({self.source!r})"

    def add(self, text: str, where: Callable[[], Place], marker: str = "", folder: str | None = None) -> None:
        """Add what a line of pip's requirements format means; paths in it are relative to `folder`.

        `marker` is a condition around the line. Without `folder`: the folder of the set's file.
        """
        text = text.strip()
        if folder is None:
            folder = dirname(self.path)
        if not text:
            return
        if text.startswith("-"):
            self._add_option(text, where, marker, folder)
        elif "${" in text or "{{" in text or text.startswith("{"):
            self.opens(f"{text} depends on a variable", where)
        elif "://" in text and "@" not in text.partition("://")[0]:
            self._add_url(text, where, marker, folder)
        elif text.startswith(".") or "/" in text.partition("@")[0].partition(";")[0] or text.endswith(".whl"):
            self._add_path(text, where, marker, folder)
        elif written := parse(text):
            self.add_written(written, where, marker)
        else:
            self.opens(f"{text} is no requirement", where)

    def add_written(self, written: Written, where: Callable[[], Place], marker: str = "") -> None:
        """Add a requirement that is taken apart already."""
        if len(self.requirements) >= MOST_REQUIREMENTS:
            self.opens(f"more than {MOST_REQUIREMENTS} requirements")
            return
        marker = both(marker, written.marker)
        if written.name in self.local:
            self.include_project(self.local[written.name], written.extras, marker)
            return
        self.requirements.append(
            Requirement(written.name, written.specifier, marker, self.source, where, written.extras)
        )

    def add_described(
        self,
        name: str,
        value: Mapping[str, Any],
        specifier: Callable[[str], str],
        marker: str,
        where: Callable[[], Place],
    ) -> None:
        """Add a requirement that a table describes, as Poetry and pipenv have them: `version`, `extras`, `path`.

        `specifier` makes one of a text in the tool's own language of versions.
        """
        extras, version, path = value.get("extras"), value.get("version"), value.get("path")
        wanted = [normalised(extra) for extra in extras if isinstance(extra, str)] if isinstance(extras, list) else []
        target = inside(dirname(self.path), path) if isinstance(path, str) else None
        if target is not None:
            self.include_project(target, tuple(wanted), marker)
        written = Written(name, tuple(wanted), specifier(version) if isinstance(version, str) else "", marker)
        self.add_written(written, where)

    def include_project(self, folder: str, extras: tuple[str, ...] = (), marker: str = "") -> None:
        """Add what installing the project in a folder of this repository brings."""
        self.includes.append(Include(Key("project", folder), marker, ""))
        for extra in extras:
            self.includes.append(Include(Key("extra", folder, normalised(extra)), marker, ""))

    def include_group(self, folder: str, name: str) -> None:
        """Add a dependency group of the project in a folder."""
        missing = f"{self.path}: there is no dependency group {name}"
        self.includes.append(Include(Key("group", folder, normalised(name)), "", missing))

    def opens(self, why: str, where: Callable[[], Place] | None = None) -> None:
        """Note that more may be installed than is known; a few reasons are enough."""
        if len(self.open) >= MOST_REASONS:
            return
        place = f"{where().path}:{where().line}" if where else self.path
        self.open.append(f"{place}: {why}")

    def _add_option(self, text: str, where: Callable[[], Place], marker: str, folder: str) -> None:
        """Of pip's options only those matter that name requirements: -r, -c and -e."""
        for names, include in ((("-r", "--requirement"), True), (("-c", "--constraint"), False)):
            value = _value(text, *names)
            if value:
                self._add_file(value, where, marker, folder, include)
                return
        if value := _value(text, "-e", "--editable"):
            self.add(value, where, marker, folder) if "://" in value else self._add_path(value, where, marker, folder)

    def _add_file(self, value: str, where: Callable[[], Place], marker: str, folder: str, include: bool) -> None:
        path = None if "://" in value or "{" in value or "$" in value else inside(folder, value)
        if path is None:
            if include:  # constraints that cannot be read install nothing; they may only narrow a version
                self.opens(f"-r {value} cannot be read", where)
            return
        entry = Include(Key("file", path), marker, f"{where().path}: -r {path} is not in the commit" if include else "")
        (self.includes if include else self.limiting_files).append(entry)

    def _add_url(self, text: str, where: Callable[[], Place], marker: str, folder: str) -> None:
        url, _, own_marker = text.partition(" ;")
        if url.startswith("file://"):
            self._add_path(url[7:], where, both(marker, own_marker.strip()), folder)
        elif name := name_in_url(url):
            self.add_written(Written(name, (), "", own_marker.strip(), url), where, marker)
        else:
            self.opens(f"cannot tell which distribution {url.strip()} is", where)

    def _add_path(self, text: str, where: Callable[[], Place], marker: str, folder: str) -> None:
        text, _, own_marker = text.partition(";")
        marker = both(marker, own_marker.strip())
        path, bracket, extras = text.strip().strip("'\"").partition("[")
        target = inside(folder, path)
        if name := name_in_url(path):
            self.add_written(Written(name, (), "", "", path), where, marker)
        elif target is None:
            self.opens(f"{text.strip()} is outside of the repository", where)
        else:
            wanted = extras.partition("]")[0].split(",") if bracket else []
            self.include_project(target, tuple(normalised(extra.strip()) for extra in wanted if extra.strip()), marker)


def unreadable(path: str, why: str) -> Requirements:
    """The set that a file holds which cannot be read: nothing known, everything possible."""
    requirements = Requirements(Key("file", path), path)
    requirements.opens(why)
    return requirements


def content(tree: Tree, path: str) -> bytes:
    """What is in a file that may declare requirements. Raises UnreadableSourceError."""
    try:
        data = tree.read(path)
    except UnreadableError as error:
        raise UnreadableSourceError(str(error)) from None
    if len(data) > LARGEST:
        raise UnreadableSourceError(f"larger than {LARGEST >> 20} MiB")
    return data


def inside(folder: str, path: str) -> str | None:
    """The repository-relative path that a path in a file of `folder` means; "" is the root, None is outside."""
    path = path.replace("\\", "/")
    return None if path.startswith(("/", "~")) or path[1:2] == ":" else within(folder, path)


def _value(text: str, short: str, long: str) -> str:
    """The value of an option in one of its spellings; "" where the text is another option."""
    word, _, rest = text.partition(" ")
    if word in (short, long):
        return _bare(rest)
    if text.startswith(long + "="):
        return _bare(text[len(long) + 1 :])
    if text.startswith(short) and not text.startswith("--"):
        return _bare(text[len(short) :].lstrip("="))
    return ""


def _bare(value: str) -> str:
    value = value.strip()
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value


def both(one: str, other: str) -> str:
    """The condition that both hold."""
    return f"({one}) and ({other})" if one and other else one or other

"""What a team has settled: `[tool.precollect]` in pyproject.toml, or precollect.toml, at the repository's root.

    [tool.precollect]
    house-rules = true                         # or the concerns: ["plugin-disablers", "asyncio-mode"]
    allow-disabled = ["cacheprovider", "flaky"]
    asyncio-mode = "auto"
    max-reruns = 3
    min-reruns-delay = 2
    starts = ["packages/client", "packages/server"]
    plugins = ["pytest-asyncio==1.2.0"]
    environment = "closed"
    pytest = "8.4.2"
    catalog = ["precollect-catalog.json"]
    baseline = "precollect-baseline.json"
    select = ["plugin-disablers", "unregistered-mark"]
    ignore = ["plugin-disabled"]

    [tool.precollect.severity]
    policy = "warning"                         # a rule, a concern or a kind

    [tool.precollect.per-file-ignores]
    "tests/legacy/**" = ["unregistered-mark"]

In precollect.toml the same keys stand at the top. `Settings` says what each of them means. A hook's
arguments win over both (`from_option`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from math import isfinite
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from precollect.errors import CannotWorkError
from precollect.reading.tree import Tree, UnreadableError
from precollect.similar import way_out

if TYPE_CHECKING:
    from precollect.findings import Finding
    from precollect.reading.text import Route
    from precollect.reading.toml import Toml

OWN_FILE = "precollect.toml"
SHARED_FILE = "pyproject.toml"
BASELINE_FILE = "precollect-baseline.json"
MOST_RERUNS = 1000
KINDS = ("breaks", "loses", "policy")
SEVERITIES = ("error", "warning", "off")
LONGEST_DELAY = 24 * 60 * 60  # seconds


class SettingsError(CannotWorkError):
    """Settings that we cannot follow; the text is one line that begins with a place or an option."""


class Settings(NamedTuple):
    """What each key stands for; the defaults are those of a repository without settings."""

    policies: frozenset[str] = frozenset()
    """`house-rules`: concerns whose house rules apply when `precollect` runs; `true` means all of them."""
    allow_disabled: tuple[str, ...] = ("cacheprovider",)
    """Entry points that shared configuration may disable. A list replaces the default."""
    asyncio_mode: Literal["auto", "strict"] | None = None
    """The team's mode, "auto" or "strict"; None: any, as long as it is explicit."""
    max_reruns: int = 3
    """The most reruns that one test may ask for."""
    min_reruns_delay: float | None = None
    """The least seconds that must lie between two reruns of a test; None: any."""
    starts: tuple[str, ...] = ()
    """Folders of a monorepo in which pytest is started too, relative to the root; "" is the root."""
    plugins: tuple[str, ...] = ()
    """Requirements ("pytest-asyncio==1.2.0") that are installed although nothing declares them."""
    environment: Literal["declared", "closed"] = "declared"
    """"closed": what is declared is all there is. "declared": what cannot be read may bring more."""
    pytest: str | None = None
    """The version of pytest to judge by, instead of the declared one."""
    catalog: tuple[str, ...] = ()
    """Files of the commit, relative to the root, that describe in-house plugins: `precollect catalog add` writes them.
    Of the distributions that they describe, precollect's own catalog counts no more."""
    baseline: str | None = None
    """The file, relative to the root, whose findings refuse no commit; None: BASELINE_FILE where there is one."""
    select: tuple[str, ...] = ()
    """Rules and concerns that alone report something; () for all. A house rule that is named itself applies."""
    ignore: tuple[str, ...] = ()
    """Rules and concerns that report nothing."""
    severity: Mapping[str, Literal["error", "warning", "off"]] = {}
    """Rule, concern or kind → whether its findings refuse a commit, or are only reported, or neither; `severity_of`
    says which of them wins. A house rule that is named itself applies."""
    per_file_ignores: Mapping[str, tuple[str, ...]] = {}
    """Pattern → rules and concerns that report nothing in the files it matches; `ignored` says how."""


class Known(NamedTuple):
    """What settings may name: rules, concerns, and the folders of the tree."""

    rules: Collection[str]
    concerns: Collection[str]
    tree: Tree


def load(known: Known) -> Settings:
    """The settings of the tree's root; the defaults where it has none.

    Raises SettingsError for a file that cannot be read, a key that does not exist, a value of the
    wrong type or meaning, and for settings in both files.
    """
    own = _source(known.tree, OWN_FILE, ())
    shared = _source(known.tree, SHARED_FILE, ("tool", "precollect"))
    if own and shared:
        raise SettingsError(f"{shared.place()}: {OWN_FILE} holds settings too: keep them in one file")
    source = own or shared
    return _checked(source, known) if source else Settings()


def from_option(settings: Settings, option: str, key: str, text: str, known: Known) -> Settings:
    """The settings with one key replaced by what a command line's option says: `--max-reruns`, "max-reruns", "2".

    The names of a list are separated by commas. Raises SettingsError whose text begins with the option.
    """
    value: object = text
    if key in LISTS:
        value = [word.strip() for word in text.split(",") if word.strip()]
    elif key in NUMBERS:
        value = _number(text)
    try:
        return settings._replace(**{FIELDS[key]: CHECKS[key](value, known)})
    except ValueError as error:
        raise SettingsError(f"{option}: {error}") from None


def severity_of(settings: Settings, finding: Finding) -> Literal["error", "warning", "off"] | None:
    """What the settings say of a finding: of its rule, else of its concern, else of its kind; None for nothing."""
    named = (finding.rule, finding.concern, finding.kind)
    return next((settings.severity[name] for name in named if name in settings.severity), None)


def selected(settings: Settings, rule: str, concern: str) -> bool:
    """Whether a rule is among those that the settings select."""
    return not settings.select or rule in settings.select or concern in settings.select


def names_itself(settings: Settings, rule: str) -> bool:
    """Whether the settings ask for a rule by its own name, house rule or not."""
    return rule in settings.select or rule in settings.severity


def ignored(settings: Settings, path: str, rule: str, concern: str) -> bool:
    """Whether the settings silence a rule of a concern in a file.

    In a pattern `*` and `?` stand for any characters, "/" included, and `**/` also for nothing. A
    pattern without "/" is matched with the file's name, and a pattern that names a folder silences
    all below it.
    """
    return not {rule, concern}.isdisjoint(settings.ignore) or any(
        not {rule, concern}.isdisjoint(names) and _matches(path, pattern)
        for pattern, names in settings.per_file_ignores.items()
    )


def _matches(path: str, pattern: str) -> bool:
    from fnmatch import fnmatchcase

    pattern = pattern.removeprefix("./")
    if path.startswith(pattern.rstrip("/") + "/"):
        return True
    name = path if "/" in pattern else path.rpartition("/")[2]
    return fnmatchcase(name, pattern) or fnmatchcase(name, pattern.replace("**/", ""))


class _Source(NamedTuple):
    """The table that holds settings, and the document around it."""

    toml: Toml
    route: Route
    table: dict[str, Any]

    def place(self, *keys: str) -> str:
        return str(self.toml.text.place(self.toml.key((*self.route, *keys))))


def _source(tree: Tree, path: str, route: Route) -> _Source | None:
    """The table at a route in a file; None where the file or the table does not exist."""
    if path not in tree:
        return None
    try:
        data = tree.read(path)
    except UnreadableError as error:
        if not route:
            raise SettingsError(f"{path}:1:1: cannot be read: {error}") from None
        return None  # a pyproject.toml that nobody can read is none of ours
    if route and b"precollect" not in data:  # parsing costs more than the rest of the start
        return None
    from precollect.reading import toml
    from precollect.reading.text import UnparsableError

    try:
        document = toml.parse(path, data)
    except UnparsableError as error:
        if route and b"[tool.precollect" not in data:
            return None
        raise SettingsError(f"{error.problem.place}: cannot be read: {error}") from None
    table = document.value(route)
    if table is None:
        return None
    source = _Source(document, route, table)
    if not isinstance(table, dict):
        raise SettingsError(f"{source.place()}: {'.'.join(map(str, route))}: {_wrong('a table', table)}")
    return source


def _checked(source: _Source, known: Known) -> Settings:
    values = {}
    for key, value in source.table.items():
        if key not in CHECKS:
            raise SettingsError(f"{source.place(key)}: {_unknown(key, 'setting', CHECKS, list_all=True)}")
        try:
            values[FIELDS[key]] = CHECKS[key](value, known)
        except ValueError as error:
            raise SettingsError(f"{source.place(key)}: {key}: {error}") from None
    return Settings()._replace(**values)


# Checks: the value as Settings holds it; ValueError says what was expected.


def _house_rules(value: object, known: Known) -> frozenset[str]:
    if value in (["true"], ["false"]):  # of an option, where all words are texts
        value = value == ["true"]
    if isinstance(value, bool):
        return frozenset(known.concerns) if value else frozenset()
    return frozenset(_names(value, "concern", known.concerns, "true, false or a list of concerns"))


def _rules(value: object, known: Known) -> tuple[str, ...]:
    return _names(value, "rule or concern", {*known.rules, *known.concerns}, "a list of rules or concerns")


def _severity(value: object, known: Known) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError(_wrong("a table of rules, concerns or kinds", value))
    allowed = {*known.rules, *known.concerns, *KINDS}
    for name, level in value.items():
        if name not in allowed:
            raise ValueError(_unknown(name, "rule, concern or kind", allowed))
        try:
            _choice(level, SEVERITIES)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
    return value


def _per_file_ignores(value: object, known: Known) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise ValueError(_wrong("a table of patterns with lists of rules", value))
    names = {*known.rules, *known.concerns}
    return {
        pattern: _names(rules, "rule or concern", names, f"a list of rules or concerns for {pattern!r}")
        for pattern, rules in value.items()
    }


def _allow_disabled(value: object, _known: Known) -> tuple[str, ...]:
    return _texts(value, "a list of entry-point names")


def _starts(value: object, known: Known) -> tuple[str, ...]:
    from posixpath import normpath

    folders = []
    for text in _texts(value, "a list of folders"):
        folder = normpath(text)
        folder = "" if folder == "." else folder
        if not known.tree.has_folder(folder):
            raise ValueError(f"the commit has no folder {text!r}")
        folders.append(folder)
    return tuple(folders)


def _plugins(value: object, _known: Known) -> tuple[str, ...]:
    texts = _texts(value, "a list of requirements")
    from packaging.requirements import InvalidRequirement, Requirement

    for text in texts:
        try:
            Requirement(text)
        except InvalidRequirement:
            raise ValueError(f"{text!r} is no requirement such as 'pytest-asyncio==1.2.0'") from None
    return texts


def _catalog(value: object, known: Known) -> tuple[str, ...]:
    from posixpath import normpath

    paths = tuple(map(normpath, _texts(value, "a list of files")))
    for path in paths:
        if path not in known.tree:
            raise ValueError(f"the commit has no file {path!r}; 'precollect catalog add' writes one")
    return paths


def _baseline(value: object, _known: Known) -> str:
    from posixpath import normpath

    path = normpath(_text(value, "a file"))
    if path.startswith(("/", "..")) or path == ".":
        raise ValueError(f"{value!r} is no file below the repository's root")
    return path


def _pytest(value: object, _known: Known) -> str:
    from packaging.version import InvalidVersion, Version

    expected = "a version such as '8.4.2'"
    text = _text(value, expected)
    try:
        Version(text)
    except InvalidVersion:
        raise ValueError(_wrong(expected, value)) from None
    return text


def _asyncio_mode(value: object, _known: Known) -> str:
    return _choice(value, ("auto", "strict"))


def _environment(value: object, _known: Known) -> str:
    return _choice(value, ("declared", "closed"))


def _max_reruns(value: object, _known: Known) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_RERUNS:
        raise ValueError(_wrong(f"a whole number from 0 to {MOST_RERUNS}", value))
    return value


def _min_reruns_delay(value: object, _known: Known) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= LONGEST_DELAY:
        raise ValueError(_wrong(f"seconds from 0 to {LONGEST_DELAY}", value))
    return float(value)


CHECKS: dict[str, Callable[[object, Known], Any]] = {
    "house-rules": _house_rules,
    "allow-disabled": _allow_disabled,
    "asyncio-mode": _asyncio_mode,
    "max-reruns": _max_reruns,
    "min-reruns-delay": _min_reruns_delay,
    "starts": _starts,
    "plugins": _plugins,
    "environment": _environment,
    "pytest": _pytest,
    "catalog": _catalog,
    "baseline": _baseline,
    "select": _rules,
    "ignore": _rules,
    "severity": _severity,
    "per-file-ignores": _per_file_ignores,
}
FIELDS = {key: "policies" if key == "house-rules" else key.replace("-", "_") for key in CHECKS}
LISTS = frozenset({"house-rules", "allow-disabled", "starts", "plugins", "catalog", "select", "ignore"})
NUMBERS = frozenset({"max-reruns", "min-reruns-delay"})


def _number(text: str) -> int | float | str:
    """The number that a text stands for; the text where it stands for none, or for none that is finite."""
    with suppress(ValueError):  # of thousands of digits, too
        return int(text)
    with suppress(ValueError):
        number = float(text)
        return number if isfinite(number) else text
    return text


def _text(value: object, expected: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(_wrong(expected, value))
    return value.strip()


def _texts(value: object, expected: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError(_wrong(expected, value))
    return tuple(_text(item, expected) for item in value)


def _names(value: object, what: str, known: Collection[str], expected: str) -> tuple[str, ...]:
    names = _texts(value, expected)
    for name in names:
        if name not in known:
            raise ValueError(_unknown(name, what, known))
    return names


def _choice(value: object, choices: tuple[str, ...]) -> str:
    expected = " or ".join(filter(None, (", ".join(map(repr, choices[:-1])), repr(choices[-1]))))
    text = _text(value, expected)
    if text not in choices:
        raise ValueError(_wrong(expected, value))
    return text


def _unknown(name: str, what: str, known: Collection[str], *, list_all: bool = False) -> str:
    hint = way_out(name, known, f"there are {', '.join(sorted(known))}" if list_all else "")
    return "; ".join(filter(None, (f"{name!r} is no {what}", hint)))


def _wrong(expected: str, value: object) -> str:
    if isinstance(value, bool):
        got = str(value).lower()
    elif isinstance(value, str):
        got = repr(value[:40])
    elif isinstance(value, (list, dict)):
        got = "a list" if isinstance(value, list) else "a table"
    elif isinstance(value, int) and abs(value) > 10**12:
        got = "a huge number"
    else:
        got = str(value)
    return f"expected {expected}, got {got}"

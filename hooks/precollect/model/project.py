"""One start of pytest: everything that rules ask, worked out when it is first asked.

The parts in the order in which they depend on each other: environment → release of pytest →
configuration file → words of addopts → plugins → options and values → conftest files → markers
→ collection → uses of marks.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from posixpath import join
from typing import NamedTuple

from precollect import catalog
from precollect.catalog import Release
from precollect.findings import Place
from precollect.model import called, refused, strictness
from precollect.model.asynchronous import Asynchronous
from precollect.model.installed import Installed
from precollect.model.local_plugins import LocalPlugins
from precollect.model.markers import Markers, Source
from precollect.model.modules import Modules
from precollect.model.plugins import Kind, Plugins, Standing
from precollect.model.strictness import Strictness
from precollect.model.suite import Suite
from precollect.model.tests import Tests, Use
from precollect.model.values import Values
from precollect.reading import collection, warning_filters
from precollect.reading.collection import Collection, IgnoreLists, Request, Step
from precollect.reading.command_line import CommandLine, Parser
from precollect.reading.config_file import ConfigFile, Found, find
from precollect.reading.entry_points import own_plugins
from precollect.reading.environment.versions import lowest
from precollect.reading.python.facts import Module
from precollect.reading.tree import Tree
from precollect.reading.warning_filters import Filter
from precollect.reading.words import BadWords, UnclosedError, Word, cut, spans
from precollect.settings import Settings


class Start(NamedTuple):
    """Where and how pytest is started.

    `folder`: repository-relative, "" is the root. `extra`: the words of a PYTEST_ADDOPTS that the
    repository sets; `autoload_off`: where it sets PYTEST_DISABLE_PLUGIN_AUTOLOAD; `plugins`: the names
    in its PYTEST_PLUGINS. `arguments`: the words of the call, in a file that calls pytest; `why_open`:
    why more may be installed for that call than files declare, "" for no reason; `files_made`: whether
    files may be made before it that no commit holds; `called`: where the
    call stands, None for a start that nobody wrote down.
    """

    folder: str = ""
    extra: tuple[Word, ...] = ()
    autoload_off: Place | None = None
    plugins: tuple[Word, ...] = ()
    arguments: tuple[Word, ...] = ()
    why_open: str = ""
    files_made: bool = False
    called: Place | None = None


class Unregistered(NamedTuple):
    """A mark that nobody registers: who would, and where it is used."""

    standing: Standing
    uses: list[Use]


# An attribute of `pytest.mark` that is set, by name or by the names that it knows.
MAKES_MARKS = rb"\bpytest\.mark\.\w+[ \t]*=(?!=)|\bsetattr\(\s*(?:pytest\.)?mark\b|\bmark\._markers\b|\bMARK_GEN\b"
TAKES_BACK_STRICTNESS = rb"\bstrict_markers\b|\boption\.strict\b|\b_inicache\b"
TAKES_BACK_FILTERS = rb"[\"']filterwarnings[\"']|\b_inicache\b"
NAMES_AT_RUN_TIME = rb"(?<![.\w])(?:globals|vars|exec|setattr)\(|__dict__"
# Bodies of these hooks run before pytest checks marks.
UNCHECKED_HOOKS = frozenset(
    {
        "pytest_addhooks",
        "pytest_addoption",
        "pytest_cmdline_main",
        "pytest_cmdline_parse",
        "pytest_configure",
        "pytest_load_initial_conftests",
        "pytest_plugin_registered",
    }
)


class Project:
    """What pytest would know, started at one place, with one choice of versions."""

    def __init__(
        self,
        tree: Tree,
        start: Start,
        settings: Settings,
        environment: Installed,
        versions: Mapping[str, str],
        modules: Modules,
    ) -> None:
        """`versions`: normalised distribution → the version to judge, for those whose version is open to choice."""
        self.tree = tree
        self.start = start
        self.settings = settings
        self.environment = environment
        self.modules = modules
        self._versions = versions

    # Environment

    def release_of(self, distribution: str) -> Release | None:
        """The facts of the release that is judged; None where the catalog does not hold the distribution."""
        known = catalog.load(distribution)
        return None if known is None else known.at(self.version_of(distribution) or known.newest)

    def version_of(self, distribution: str) -> str:
        """The version that is judged, which the catalog may not hold; "" where files do not tell."""
        version = self._versions.get(distribution)
        candidates = self.environment.versions(distribution) if version is None else (version,)
        return candidates[-1] if candidates else ""

    @cached_property
    def pytest(self) -> Release:
        """The release of pytest itself: the declared one, else the newest."""
        release = self.release_of("pytest")
        assert release is not None, "the catalog always holds pytest"
        return release

    def behaves(self, behaviour: str) -> bool:
        """Whether this pytest has a behaviour of the catalog."""
        return behaviour in self.pytest.behaviours

    # Configuration file

    @cached_property
    def found(self) -> Found:
        """The outcome of pytest's search for its configuration."""
        asked = (*self.start.extra, *self.start.arguments)
        paths = Parser(self.pytest.options).parse(asked).paths if asked else ()
        return find(self.tree, self.start.folder, self.pytest.behaviours, [word.text for word in paths])

    @property
    def config(self) -> ConfigFile | None:
        """The configuration file that wins; None where there is none or it cannot be read."""
        return self.found.file

    @cached_property
    def _cut(self) -> tuple[tuple[Word, ...], BadWords | None]:
        for given in reversed(Parser(self.pytest.options).parse(self.start.arguments).all("override_ini")):
            key, _, text = (given.value or "").partition("=")
            if key.strip() == "addopts":
                place = given.words[-1].place
                try:
                    return tuple(Word(span.text, place, n, True) for n, span in enumerate(spans(text))), None
                except UnclosedError as error:
                    return (), BadWords(str(error), place)
        entry = self.config.entries.get("addopts") if self.config else None
        if entry is None:
            return (), None
        try:
            return tuple(cut(entry)), None
        except BadWords as bad:
            return (), bad

    @property
    def bad_words(self) -> BadWords | None:
        """Why pytest cannot cut addopts into words; None where it can."""
        return self._cut[1]

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """The words of addopts, then those of PYTEST_ADDOPTS, then those of the call."""
        return (*self._cut[0], *self.start.extra, *self.start.arguments)

    @property
    def why_unread(self) -> tuple[str, ...]:
        """Files that may be the configuration and have no content for us, each with the reason."""
        return tuple(f"{problem.place.path}: {problem.message}" for problem in self.found.unread)

    # Plugins

    @cached_property
    def why_open(self) -> str:
        """Why plugins may be installed that files do not tell of; "" where the environment is known as a whole."""
        if not self.environment.closed:
            return next(iter(self.environment.why_open), "no test dependencies are declared")
        for declared in self.environment.unknown_plugins:
            return f"{declared.place}: {declared.name} is a plugin that is not in the catalog"
        for name in sorted(self._newer):
            return self._too_new(name)
        for described in catalog.added():
            if described.name in self.environment.present and not self._is_described(described):
                version = self.version_of(described.name) or "the declared release"
                return f"{version} of {described.name} is not in {', '.join(self.settings.catalog)}"
        return ""

    @cached_property
    def _newer(self) -> frozenset[str]:
        """The installed plugins of which a release is judged that is newer than the catalog can tell of."""
        if self.settings.environment == "closed":
            return frozenset()
        own = {described.name for described in catalog.added()}
        return frozenset(name for name in self.environment.present - own - {"pytest"} if self._is_newer(name))

    def _is_newer(self, name: str) -> bool:
        known = catalog.load(name)
        if known is None:
            return False
        asked = [self.version_of(name)]
        if not asked[0]:
            specifiers = [declared.specifier for declared in self.environment.declared(name)]
            asked = [version for specifier in specifiers for version in lowest(specifier)]
        return not all(map(known.tells_of, asked)) and not self._is_own(known)

    def _too_new(self, name: str) -> str:
        known = catalog.load(name)
        assert known is not None, "only of what the catalog holds a release is too new"
        places = [f"{declared.place}: " for declared in self.environment.declared(name)[:1]]
        version = self.version_of(name) or "what is asked for"
        return f"{''.join(places)}{name}: {version} is newer than {known.newest}, the newest release in the catalog"

    @cached_property
    def pytest_too_new(self) -> str:
        """What to say where pytest is newer than the catalog's newest, by which it is judged; "" where it is not."""
        return self._too_new("pytest") if self._is_newer("pytest") else ""

    def _is_described(self, described: catalog.Distribution) -> bool:
        """Whether the team's catalog holds the release that is judged, or what is judged is read from its source."""
        return self._is_own(described) or described.covers(self.version_of(described.name))

    def _is_own(self, known: catalog.Distribution) -> bool:
        """Whether a plugin is this repository's own, which is read from its source."""
        own = {plugin.name for plugin in own_plugins(self.tree, self.start.folder)}
        return any(point.name in own for point in known.at(known.newest).entry_points)

    @cached_property
    def plugins(self) -> Plugins:
        """The installed plugins, and what disables them."""
        autoload = self.start.autoload_off is None and not any(
            word.text == "--disable-plugin-autoload" for word in self.words
        )
        named = [word.text for word in self.start.plugins]
        return Plugins(
            self.pytest,
            self.environment,
            self.release_of,
            self.words,
            autoload,
            self.why_open,
            named,
            self._listed_plugins,
            self._newer,
        )

    def _listed_plugins(self) -> frozenset[str]:
        """The plugins in `pytest_plugins` of the project's own files."""
        from precollect.model import plugin_modules

        return frozenset(asked.name for asked in plugin_modules.asked(self) if asked.word is None)

    # Options

    @cached_property
    def early_line(self) -> CommandLine:
        """The command line as pytest reads it before conftest files are loaded."""
        return Parser(self.plugins.options).parse(self.words)

    @cached_property
    def line(self) -> CommandLine:
        """The command line as pytest reads it in the end."""
        own = self.local.options
        return Parser([*self.plugins.options, *own]).parse(self.words) if own else self.early_line

    # Values

    @cached_property
    def values(self) -> Values:
        """The values of configuration keys."""
        overrides = strictness.overrides(self.early_line, self.pytest)
        checks = self.behaves("override-ini-in-addopts")
        return Values(self.config, overrides, self.plugins.keys, checks_overrides=checks)

    def words_in(self, key: str) -> list[Word] | None:
        """The words of a key of type `args`; None where it is not set or cannot be cut."""
        value = self.values.get(key)
        if value is None:
            return None
        try:
            if value.entry is not None:
                return cut(value.entry)
            import shlex

            return [Word(text, value.place, number) for number, text in enumerate(shlex.split(value.text or ""))]
        except (BadWords, ValueError):
            return None

    def words_of(self, key: str) -> tuple[str, ...] | None:
        """The same words as texts."""
        words = self.words_in(key)
        return None if words is None else tuple(word.text for word in words)

    @cached_property
    def strict_markers(self) -> Strictness:
        """Whether a mark that nobody registers stops collection."""
        return strictness.about_markers(self.early_line, self.values, self.pytest)

    @cached_property
    def strict_config(self) -> Strictness:
        """Whether a key that nobody knows stops pytest."""
        return strictness.about_config(self.early_line, self.values, self.pytest)

    @cached_property
    def filters(self) -> list[Filter]:
        """The warning filters in force, in order; [] where the warnings plugin is disabled."""
        if self.plugins.disabler_of("warnings"):
            return []
        value = self.values.get("filterwarnings")
        parsed = [warning_filters.parse(line, literal=False) for line, _ in (value.lines if value else ())]
        parsed += [warning_filters.parse(given.value or "", literal=True) for given in self.line.all("pythonwarnings")]
        return [entry for entry in parsed if isinstance(entry, Filter)]

    def is_error(self, category: str, message: str) -> bool:
        """Whether a warning of pytest's is certainly turned into an error."""
        return warning_filters.outcome(self.filters, category, message) == "error"

    def is_ignored(self, category: str, message: str) -> bool:
        """Whether a filter of the project's certainly ignores a warning of pytest's."""
        return warning_filters.outcome(self.filters, category, message) == "ignored"

    # Conftest files and local plugins

    @cached_property
    def confcutdir(self) -> str:
        """The folder above which no conftest is loaded: that of the configuration file, else rootdir."""
        given = self.early_line.last("confcutdir")
        if given is not None and given.value:
            return collection.within(self.start.folder, given.value) or ""
        return self.found.rootdir

    @cached_property
    def arguments(self) -> tuple[str, ...]:
        """The files and folders that are collected: paths of addopts, else testpaths, else the start folder."""
        return self.arguments_of(self.line)

    def arguments_of(self, line: CommandLine) -> tuple[str, ...]:
        """The files and folders that one reading of the command line asks for."""
        start = self.start.folder
        if line.paths:
            named = [collection.within(start, word.text.split("::")[0]) for word in line.paths]
            return tuple(path for path in named if path is not None and collection.exists(self.tree, path))
        patterns = self.words_of("testpaths") if start == self.found.rootdir else None
        return tuple(collection.arguments(self.tree, start, patterns or ())) or (start,)

    @cached_property
    def local(self) -> LocalPlugins:
        """Conftest files and plugin modules of the repository."""
        return LocalPlugins(self)

    @property
    def local_plugins(self) -> tuple[tuple[str, Module], ...]:
        """(path, facts) of what is loaded from the repository before collection."""
        return self.local.loaded

    @property
    def initial_conftests(self) -> tuple[str, ...]:
        """The conftest files that are loaded at start, in order."""
        return self.local.initial_conftests

    @property
    def import_folders(self) -> list[str]:
        """The folders on `sys.path` from the start."""
        return self.local.import_folders

    @property
    def unresolved_plugin(self) -> str:
        """Why plugins may be loaded whose facts are not known; "" where there are none."""
        return self.local.unresolved

    # Collection

    @cached_property
    def collection(self) -> Collection:
        """What collection imports."""
        start = self.start.folder
        ignored = [collection.within(start, given.value or "") for given in self.line.all("ignore")]
        globs = [join(start, given.value or "") for given in self.line.all("ignore_glob")]
        request = Request(
            arguments=self.arguments,
            python_files=self.words_or("python_files", collection.DEFAULT_PYTHON_FILES),
            norecursedirs=self.words_or("norecursedirs", collection.DEFAULT_NORECURSEDIRS),
            ignore=tuple(path for path in ignored if path is not None),
            ignore_globs=tuple(globs),
            doctest_modules=self.line.last("doctestmodules") is not None and not self.plugins.disabler_of("doctest"),
            conftests=not any(given.name == "--noconftest" for given in self.line.given),
            highest=self.confcutdir,
            conftests_in_order=self.behaves("conftests-in-order"),
        )
        return collection.collect(self.tree, request, self.local.initial_conftests, self._ignore_lists)

    def words_or(self, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """The words of a key of type `args`; the default where it has none of its own."""
        words = self.words_of(key)
        return default if words is None else words

    def _ignore_lists(self, conftest: str) -> IgnoreLists:
        module = self.modules.read(conftest)
        skips = module.may_skip or module.skipped_from > 0  # a conftest that comes late skips its whole folder
        decides = (
            bool(module.collect_ignore_open or module.unknown)
            or (skips and conftest not in self.local.initial_conftests)
            or any(hook.name in collection.COLLECTING_HOOKS for hook in module.hooks)
        )
        return IgnoreLists(module.collect_ignore or None, module.collect_ignore_glob or None, decides)

    @cached_property
    def later_conftests(self) -> list[str]:
        """The conftest files that pytest loads while it collects, certainly or not, in order."""
        return [step.path for step in self.steps if step.kind == "conftest"]

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every file that collection imports, in order."""
        return self.collection.steps

    # Markers

    @cached_property
    def markers(self) -> Markers:
        """The registered markers."""
        value = self.values.get("markers")
        sources = [Source(path, module) for path, module in self.local_plugins]
        sources += [
            Source(step.path, self.modules.read(step.path), number)
            for number, step in enumerate(self.steps)
            if step.kind == "conftest"
        ]
        if not self.behaves("conftests-in-order"):
            sources = [source._replace(since=-1) for source in sources]
        return Markers(value.lines if value else (), sources, self.plugins)

    def gives(self, kind: Kind, name: str) -> bool:
        """Whether a loaded plugin, or pytest itself, certainly has a mark, option, key or fixture."""
        return self.plugins.standing(kind, name).state == "given"

    @cached_property
    def refused_options(self) -> list[refused.RefusedOption]:
        """The options that nobody defines, or only a plugin that is kept out."""
        return list(refused.options(self))

    @cached_property
    def refused_keys(self) -> list[refused.RefusedKey]:
        """The keys that nobody defines, or only a plugin that is kept out."""
        return list(refused.keys(self))

    def stops_at_unknown_key(self, key: str) -> bool:
        """Whether pytest fails at a key that nobody knows, rather than warn of it."""
        return self.strict_config.on or self.is_error("PytestConfigWarning", f"Unknown config option: {key}")

    def mark_standing(self, name: str, step: int | None = None) -> Standing:
        """Who registers a mark by a collection step."""
        standing = self.markers.standing(name, step)
        if standing.state in {"nobody", "absent", "outdated"} and self.unresolved_plugin:
            return Standing("unknown")
        return standing

    @cached_property
    def unregistered(self) -> dict[str, Unregistered]:
        """Name → the uses of a mark that pytest finds unregistered, and who would register it."""
        missing: dict[str, Unregistered] = {}
        if not called.may_change_marks(self.start):
            return missing
        suspects = [name for name in self.tests.mark_names if not self.markers.from_the_start(name)]
        for use in self.tests.uses_of(frozenset(suspects)):
            # The bodies of tests run when all is collected.
            at_once = use.step >= 0 and use.mark.when != "test"
            standing = self.mark_standing(use.mark.name, use.step if at_once else None)
            if standing.state not in {"given", "unknown"} and self._checks(use):
                missing.setdefault(use.mark.name, Unregistered(standing, [])).uses.append(use)
        stops = any(self.stops_at(use) for found in missing.values() for use in found.uses)
        return {} if stops and (self._makes_marks or self._may_be_lenient) else missing

    @property
    def _may_be_lenient(self) -> bool:
        """Whether a conftest or plugin of the project's own may take back what makes an unknown mark fail."""
        lenient = TAKES_BACK_STRICTNESS if self.strict_markers.on else TAKES_BACK_FILTERS
        return any(self.modules.holds(path, lenient) for path in self.suite.helpers)

    @property
    def _makes_marks(self) -> bool:
        """Whether a Python file of the repository gives marks to `pytest.mark` itself, which then need no marker."""
        return any(path.endswith(".py") and self.modules.holds(path, MAKES_MARKS) for path in self.tree)

    def _checks(self, use: Use) -> bool:
        """Whether pytest certainly reaches this use, and knows its markers by then."""
        when = use.mark.when
        if use.mark.needs and not self._collects_under(use.mark.needs):
            return False
        if when == "test":
            return self.tests.runs(use)
        return when.removeprefix("hook:") not in UNCHECKED_HOOKS

    def _collects_under(self, text: str) -> bool:
        """Whether a test certainly has a text in its id, as far as the path of its module goes."""
        prefix = self.found.rootdir + "/" if self.found.rootdir else ""
        return any(
            text in path.removeprefix(prefix) and self.tests.functions_in(path) for path in self.tests.certain_modules
        )

    def stops_at(self, use: Use) -> bool:
        """Whether pytest fails at the use of an unregistered mark, rather than warn of it."""
        if self.strict_markers.on:
            return True
        message = f"Unknown pytest.mark.{use.mark.name} - is this a typo?"
        return (
            not use.mark.guarded
            and self.is_error("PytestUnknownMarkWarning", message)
            and not self.modules.mentions(use.path, b"catch_warnings")
        )

    @property
    def would_break_strictly(self) -> bool:
        """Whether a mark is in use that strict markers would refuse, or may be refused for all that files tell."""
        names = self.tests.mark_names
        return any(self.mark_standing(name).state != "given" for name in names)

    @cached_property
    def marks_on_fixtures_fail(self) -> bool:
        """Whether a mark on a fixture stops collection."""
        return self.behaves("mark-on-fixture-fails-unfiltered") or (
            "mark-on-fixture-warns" in self.pytest.behaviours
            and self._is_error_as_removed("Marks applied to fixtures have no effect")
        )

    @cached_property
    def async_fixtures_fail(self) -> bool:
        """Whether a test fails that asks for an async fixture which no plugin runs: as a warning in pytest 9.0."""
        return self.behaves("async-fixture-unhandled-fails") or (
            self.behaves("mark-on-fixture-fails") and self._is_error_as_removed("requested an async fixture")
        )

    def _is_error_as_removed(self, message: str) -> bool:
        """Whether a warning of what is gone in pytest 9 is an error: it is by default since then."""
        filters = self.filters
        if self.behaves("mark-on-fixture-fails") and not self.plugins.disabler_of("warnings"):
            filters = [Filter("error", "", "pytest.PytestRemovedIn9Warning", "", 0, False), *filters]
        return warning_filters.outcome(filters, "PytestRemovedIn9Warning", message) == "error"

    @cached_property
    def blocked_fixtures(self) -> dict[str, Standing]:
        """Fixtures of disabled plugins that nobody else defines: name → who would."""
        blocked: dict[str, Standing] = {}
        if not self.plugins.disablers and self.plugins.autoload:
            return blocked
        for release in (self.pytest, *self.plugins.present.values()):
            for name in release.fixtures:
                standing = self.plugins.standing("fixture", name)
                if standing.state == "blocked":
                    blocked[name] = standing
        return blocked

    @cached_property
    def makes_fixtures_by_name(self) -> bool:
        """Whether a conftest or local plugin may define fixtures under names that only running tells."""
        return any(self.modules.holds(path, NAMES_AT_RUN_TIME) for path in self.suite.helpers)

    def defines_fixture(self, name: str) -> bool:
        """Whether a file of the repository defines a fixture of this name, or may."""
        return self.names_fixture(name) or any(
            defined.function.fixture is not None and defined.function.fixture.name in {name, None}
            for defined in self.tests.fixtures(name)
        )

    def names_fixture(self, name: str) -> bool:
        """Whether any Python file of the repository says `name="NAME"`, which gives a fixture another name."""
        return name.encode("utf-8", "surrogatepass") in self.modules.names_given

    @cached_property
    def may_be_importable(self) -> bool:
        """Whether any file of the repository may install the project or put folders on the path."""
        from precollect.model import reach

        return reach.may_be_importable(self.tree)

    @property
    def has_tests(self) -> bool:
        """Whether collection visits a test module."""
        return any(step.kind == "module" for step in self.steps)

    @cached_property
    def suite(self) -> Suite:
        """The test modules, and which of them are worth a closer look."""
        return Suite(self)

    @cached_property
    def asynchronous(self) -> Asynchronous:
        """Async tests and fixtures."""
        return Asynchronous(self)

    @cached_property
    def tests(self) -> Tests:
        """What the collected files hold: uses of marks, test functions, fixtures."""
        return Tests(self)

"""The environment: what a fresh installation of the declared test dependencies brings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from precollect.findings import Place
from precollect.reading.config_file import OWN_NAMES
from precollect.reading.environment import versions
from precollect.reading.environment.conditions import Holds, holds
from precollect.reading.environment.requirement import looks_like_a_plugin, normalised
from precollect.reading.environment.sets import LIKELY_TO_BRING_PLUGINS, Declared, Requirement, Requirements
from precollect.reading.environment.sources import Closure, Held, Sources
from precollect.reading.tree import Tree, levels

if TYPE_CHECKING:
    from precollect.reading.environment.lock_files import Lock

Presence = Literal["yes", "no", "unknown"]

TESTS = frozenset({"ci", "qa", "test", "testing", "tests", "unittest", "unittests"})
PERHAPS_TESTS = TESTS | {"all", "check", "checks", "dev", "devel", "develop", "development", "full", "tox"}
NOT_TESTS = frozenset(
    {
        *("build", "doc", "docs", "documentation", "fmt", "format", "formatting", "lint", "linting", "mypy", "publish"),
        *("release", "rtd", "sphinx", "style", "type", "types", "typing", "typecheck"),
    }
)
COME_WITH_LIBRARIES = frozenset(
    {
        "anyio",
        "dash",
        "ddtrace",
        "deepeval",
        "faker",
        "hydra-core",
        "hypothesis",
        "langsmith",
        "opik",
        "typeguard",
        "xonsh",
    }
)
"""Plugins that are libraries in the first place: nearly anything that is declared may require one of them."""


class Environment:
    """What is known of the installed distributions. Names may be given in any spelling."""

    def __init__(
        self,
        tree: Tree,
        installed: list[Closure],
        elsewhere: list[Closure],
        locks: Callable[[], list[Lock]],
        why_open: Iterable[str],
        known: Callable[[str], Sequence[str] | None],
        brings: Callable[[str], Sequence[str] | None],
    ) -> None:
        self._tree = tree
        self._installed = installed
        self._elsewhere = elsewhere
        self._read_locks = locks
        self._known = known
        self._brings = brings
        self._opened = tuple(dict.fromkeys(why_open))
        self._brought_perhaps: set[str] = set()  # filled with _carriers
        self._presence: dict[str, Presence] = {}
        self._versions: dict[str, tuple[str, ...]] = {}
        self._by_lock: dict[tuple[str, Holds], dict[str, Holds]] = {}

    @cached_property
    def names(self) -> frozenset[str]:
        """The distributions that the test environment declares directly, normalised."""
        return frozenset(self._held)

    @property
    def closed(self) -> bool:
        """Whether the test environment is declared and readable as a whole."""
        return not self.why_open

    @cached_property
    def why_open(self) -> tuple[str, ...]:
        """Short reasons, with the file, why more may be installed than is known; () where it is closed."""
        reasons = [*self._opened, *(f"{lock.path}: {lock.unreadable}" for lock in self._locks if lock.unreadable)]
        if not any(name == "pytest" or looks_like_a_plugin(name) for name in self._held):
            reasons.append("no file declares pytest")
        for name, held in self._held.items():
            if self._may_bring_more(name):
                reasons.append(f"{held[0].requirement.source}: {name} may bring plugins along")
        reasons += [f"{place.path}:{place.line}: {what} may bring plugins along" for what, place in self._untold_extras]
        return tuple(dict.fromkeys(reasons))

    @cached_property
    def unknown_plugins(self) -> tuple[Declared, ...]:
        """Distributions that look like pytest plugins and that the catalog does not hold."""
        found = {
            name: held[0].requirement.declared() for name, held in self._held.items() if self._is_unknown_plugin(name)
        }
        for lock in self._governing:
            for name in self._reached(lock, "always"):
                if name not in found and self._is_unknown_plugin(name):
                    version = "".join(f"=={version}" for version in lock.versions(name)[:1])
                    found[name] = Declared(name, version, lock.place(name), lock.path, "")
        return tuple(found.values())

    @cached_property
    def present(self) -> frozenset[str]:
        """The distributions that are certainly installed, as far as they are known by name; normalised."""
        candidates = {*self._held, *self._carriers, *self._own_plugins}
        return frozenset(name for name in candidates if self.presence(name) == "yes")

    def presence(self, name: str) -> Presence:
        """Whether a fresh installation holds the distribution; "no" only where the files prove it."""
        name = normalised(name)
        if name not in self._presence:
            self._presence[name] = self._find(name)
        return self._presence[name]

    def versions(self, name: str) -> tuple[str, ...]:
        """The versions that may be installed, ascending, usually one; () where they are not known.

        Where several environments are declared that differ, all releases from the lowest to the highest.
        """
        name = normalised(name)
        if name not in self._versions:
            self._versions[name] = self._find_versions(name)
        return self._versions[name]

    def _find_versions(self, name: str) -> tuple[str, ...]:
        releases = self._known(name) or ()
        for closure in self._installed:
            for project in closure.projects:
                if project.plugin and project.plugin[0] == name:
                    return (project.plugin[1],) if project.plugin[1] else ()
        answers: set[str] = set()
        projects = [closure for closure in self._installed if closure.of.key.kind == "project"]
        required = [held for closure in projects for held in closure.naming(name)]
        for closure in self._installed:
            held = closure.naming(name)
            if held and closure not in projects:
                answers |= self._answers([*held, *required], self._limiting([closure], name), releases)
        if not answers and required:
            answers = self._answers(required, self._limiting(projects, name), releases)
        if not answers and name not in self._held and self.presence(name) == "yes":
            answers = self._locked(name, releases)
            answers = answers or {versions.newest(self._limiting(self._installed, name), releases)}
        if not all(map(versions.is_version, answers)):
            return ()
        return versions.between(answers, releases)

    def declared(self, name: str) -> tuple[Declared, ...]:
        """Every place that names the distribution as a requirement, whichever environment it belongs to."""
        name = normalised(name)
        found: dict[Place, Declared] = {}
        for closure in (*self._installed, *self._elsewhere):
            for held in closure.naming(name):
                declared = held.requirement.declared()
                found.setdefault(declared.place, declared)
        return tuple(found[place] for place in sorted(found))

    def locked(self, name: str) -> tuple[Place, ...]:
        """Where the lock files of the test environment hold the distribution."""
        name = normalised(name)
        return tuple(lock.place(name) for lock in self._governing if name in lock.packages)

    def carriers(self, name: str) -> tuple[str, ...]:
        """The declared distributions that bring it along, normalised."""
        return tuple(self._carriers.get(normalised(name), ()))

    @cached_property
    def _held(self) -> dict[str, list[Held]]:
        """Name → every requirement of the test environment that names it."""
        found: dict[str, list[Held]] = {}
        for closure in self._installed:
            for held in closure.held:
                found.setdefault(held.requirement.name, []).append(held)
        return found

    @cached_property
    def _own_plugins(self) -> frozenset[str]:
        return frozenset(
            project.plugin[0] for closure in self._installed for project in closure.projects if project.plugin
        )

    @cached_property
    def _named_elsewhere(self) -> frozenset[str]:
        return frozenset(held.requirement.name for closure in self._elsewhere for held in closure.held)

    @cached_property
    def _carriers(self) -> dict[str, list[str]]:
        """Name → declared distributions that bring it along."""
        carriers: dict[str, list[str]] = {}
        waiting = [(name, name) for name in (*self._held, *self._own_plugins)]
        with_extras = (held.requirement for requirements in self._held.values() for held in requirements)
        waiting += [(name, name) for requirement in with_extras for name in _extras_of(requirement)]
        seen = set(waiting)
        while waiting:
            declared, name = waiting.pop()
            brought = list(self._brings(name) or ())
            if looks_like_a_plugin(name):
                brought.append("pytest")
            for other in map(normalised, brought):
                if other.endswith("?"):
                    self._brought_perhaps.add(other[:-1])
                elif (declared, other) not in seen:
                    seen.add((declared, other))
                    waiting.append((declared, other))
                    carriers.setdefault(other, []).append(declared)
        return carriers

    @cached_property
    def _requires_python(self) -> str:
        """What the project says of Python; "" where it says nothing, or two things."""
        said = {
            project.requires_python
            for closure in self._installed
            for project in closure.projects
            if project.requires_python
        }
        return said.pop() if len(said) == 1 else ""

    @cached_property
    def _locks(self) -> list[Lock]:
        return self._read_locks()

    @cached_property
    def _governing(self) -> list[Lock]:
        """The lock files of a test environment: those that hold pytest."""
        return [lock for lock in self._locks if "pytest" in lock.packages]

    def _reached(self, lock: Lock, answer: Holds) -> dict[str, Holds]:
        """What the declared requirements bring along according to a lock file, taking every marker to hold so."""
        known = self._by_lock.get((lock.path, answer))
        if known is None:
            known = lock.reached(self._held, lambda _: answer)
            self._by_lock[lock.path, answer] = known
        return known

    def _brought_by_lock(self, name: str) -> Holds:
        """Whether the declared requirements bring a distribution along according to the lock files.

        Markers are read only where the answer depends on them: that takes longer than all the rest.
        """
        if any(name in self._reached(lock, "never") for lock in self._governing):
            return "always"
        doubtful = [lock for lock in self._governing if name in self._reached(lock, "always")]
        for lock in doubtful:
            if lock.reached(self._held, lambda marker: self._holds((marker,))).get(name) == "always":
                return "always"
        return "sometimes" if doubtful else "never"

    def _locked(self, name: str, releases: Sequence[str], kinds: Iterable[str] = ()) -> set[str]:
        """The locked versions of a distribution, of lock files that decide for sets of all these kinds."""
        return {
            versions.spelled(locked.version, releases)
            for lock in self._governing
            if all(map(lock.covers, kinds))
            for locked in lock.packages.get(name, ())
            if self._holds((locked.marker,)) != "never"
        }

    @cached_property
    def _mentioned(self) -> frozenset[str]:
        from precollect.reading.environment import mentions

        return mentions.words(self._tree)

    def _find(self, name: str) -> Presence:
        directly = self._directly(name)
        if directly == "always" or name in self._own_plugins:
            return "yes"
        carried = [self._directly(carrier) for carrier in self._carriers.get(name, ())]
        if "always" in carried:
            return "yes"
        if self._brought_by_lock(name) == "always":
            return "yes"
        if any(name in lock.packages for lock in self._locks):
            return "unknown"
        if directly != "never" or any(answer != "never" for answer in carried):
            return "unknown"
        if (
            name in self._brought_perhaps
            or name in self._held
            or name in self._named_elsewhere
            or not self.closed
            or name in self._mentioned
        ):
            return "unknown"
        if name in COME_WITH_LIBRARIES and not all(map(self._brings_no_more, self._held)):
            return "unknown"
        return "no"

    def _directly(self, name: str) -> Holds:
        """Whether a declared requirement brings the distribution: always, sometimes, or never."""
        if name in self._own_plugins:
            return "always"
        base, _, extra = name.partition("[")
        requirements = self._held.get(base, ())
        answers = {
            self._holds(held.markers) for held in requirements if not extra or name in _extras_of(held.requirement)
        }
        return "always" if "always" in answers else "sometimes" if "sometimes" in answers else "never"

    def _holds(self, markers: tuple[str, ...]) -> Holds:
        answers = {holds(marker, self._requires_python) for marker in markers}
        return "never" if "never" in answers else "sometimes" if "sometimes" in answers else "always"

    def _may_bring_more(self, name: str) -> bool:
        """Whether an unknown distribution may bring plugins: plugins themselves, and what is called after tests."""
        words = name.split("-")
        after_tests = not LIKELY_TO_BRING_PLUGINS.isdisjoint((words[0], words[-1]))
        return (after_tests or looks_like_a_plugin(name)) and not self._brings_no_more(name)

    @cached_property
    def _untold_extras(self) -> list[tuple[str, Place]]:
        """What is declared with an extra for tests of which nobody knows what it brings, each with its first place."""
        closures = [*self._installed, *(closure for closure in self._elsewhere if _may_hold_tests(closure.of))]
        found: dict[str, Requirement] = {}
        for closure in closures:
            for held in closure.held:
                written = held.requirement
                if written.extras and not self._tells_extras(written):
                    found.setdefault(f"{written.name}[{','.join(written.extras)}]", written)
        return [(what, written.where()) for what, written in found.items()]

    def _tells_extras(self, requirement: Requirement) -> bool:
        """Whether it is known what the extras bring that are called after tests.

        The catalog knows the newest release only, so it does not count where the requirement asks for older ones.
        """
        if LIKELY_TO_BRING_PLUGINS.isdisjoint(requirement.extras):
            return True
        if any(requirement.name in lock.packages for lock in self._governing):
            return True
        return _allows_newest(requirement) and all(self._brings(extra) is not None for extra in _extras_of(requirement))

    def _is_unknown_plugin(self, name: str) -> bool:
        """Whether a distribution looks like a plugin, and the catalog neither holds it nor knows that it is none."""
        return looks_like_a_plugin(name) and self._known(name) is None and self._brings(name) is None

    def _brings_no_more(self, name: str) -> bool:
        """Whether all is known that a declared distribution brings: by the catalog, or by files that name all of it."""
        if self._known(name) is not None:
            return True
        if self._brings(name) is not None and all(_allows_newest(held.requirement) for held in self._held[name]):
            return True
        if any(name in lock.packages for lock in self._governing):
            return True
        return any(name in closure.complete for closure in self._installed)

    def _answers(self, requirements: list[Held], limits: list[str], releases: Sequence[str]) -> set[str]:
        """The versions that installing the requirements together brings.

        Those under a condition are alternatives: each is asked for by itself, beside the unconditional ones.
        """
        kinds = {held.kind for held in requirements}
        always = [held.requirement.specifier for held in requirements if self._holds(held.markers) == "always"]
        sometimes = [held.requirement.specifier for held in requirements if self._holds(held.markers) == "sometimes"]
        if always and (locked := self._locked(requirements[0].requirement.name, releases, kinds)):
            return locked
        alternatives = [always] if always else []
        alternatives += [[*always, specifier] for specifier in sometimes]
        return {self._version([*alternative, *limits], releases) for alternative in alternatives}

    def _limiting(self, closures: list[Closure], name: str) -> list[str]:
        return [
            held.requirement.specifier
            for closure in closures
            for held in closure.limiting(name)
            if self._holds(held.markers) == "always"
        ]

    def _version(self, specifiers: list[str], releases: Sequence[str]) -> str:
        """The version that the specifiers together bring; "" where that cannot be told."""
        if pin := versions.pinned(specifiers):
            return versions.spelled(pin, releases)
        return versions.newest(specifiers, releases)


def read(
    tree: Tree,
    folder: str,
    known: Callable[[str], Sequence[str] | None],
    brings: Callable[[str], Sequence[str] | None],
) -> Environment:
    """The environment of tests that are started in a folder ("" is the root).

    `known`: the releases of a distribution that the catalog knows, ascending; None where it does not
    hold it. `brings`: the plugins that installing a distribution, or one of its extras ("pandas[test]"), brings along;
    None where that is not known.
    The folder's own files count; where they do not declare pytest, so do those of the folders above.
    """
    sources = Sources(tree)
    installed: list[Closure] = []
    elsewhere: list[Closure] = []
    why_open: list[str] = []
    home = False
    for level in levels(folder):
        closures = [sources.closure(requirements) for requirements in sources.at(level)]
        for closure in closures:
            if _is_for_another_start(tree, closure.of, folder):
                continue
            if not home and _holds_tests(closure, known):
                installed.append(closure)
            else:
                elsewhere.append(closure)
        home = home or any(map(_declares_pytest, closures))
    why_open = [reason for closure in installed for reason in closure.open]
    why_open += [reason for closure in elsewhere if _may_hold_tests(closure.of) for reason in closure.open]
    return Environment(tree, installed, elsewhere, lambda: sources.locks(folder), why_open, known, brings)


def _extras_of(requirement: Requirement) -> list[str]:
    """Every extra as the catalog names it: "pandas[test]"."""
    return [f"{requirement.name}[{extra}]" for extra in requirement.extras]


def _allows_newest(requirement: Requirement) -> bool:
    """Whether a requirement lets the newest release in, which is the one of which the catalog knows what it brings."""
    return not any(sign in requirement.specifier for sign in ("<", "==", "~"))


def _is_for_another_start(tree: Tree, requirements: Requirements, folder: str) -> bool:
    """Whether pytest is started elsewhere in what a set installs: in a folder with a configuration of its own."""
    elsewhere = requirements.starts_in
    return elsewhere not in (None, folder) and any(f"{elsewhere}/{name}" in tree for name in OWN_NAMES)


def _holds_tests(closure: Closure, known: Callable[[str], Sequence[str] | None]) -> bool:
    """Whether tests run in what a set installs. What the project itself requires is there in any case."""
    words = _words(closure.of)
    if closure.of.key.kind == "project" or closure.of.runs_pytest or _declares_pytest(closure):
        return True
    if not TESTS.isdisjoint(words):
        return True
    return not PERHAPS_TESTS.isdisjoint(words) and any(known(name) is not None for name in closure.names)


def _declares_pytest(closure: Closure) -> bool:
    return any(name == "pytest" or looks_like_a_plugin(name) for name in closure.names)


def _may_hold_tests(requirements: Requirements) -> bool:
    """Whether a set that names no plugin may still be installed for tests, going by its name."""
    words = _words(requirements)
    if requirements.key.kind in ("tox", "nox", "hatch", "extra"):
        return not PERHAPS_TESTS.isdisjoint(words)
    return NOT_TESTS.isdisjoint(words)


def _words(requirements: Requirements) -> list[str]:
    """The words of a set's name: of the group, the extra; of the file and its folder."""
    key = requirements.key
    name = key.name or "-".join(key.where.rpartition(".")[0].split("/")[-2:])
    return normalised(name).replace(":", "-").split("-")

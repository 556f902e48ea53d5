"""Plugins: which are installed, disabled, loaded; and who stands behind a mark, an option, a key or a fixture.

Source: `_pytest/config/__init__.py` `consider_preparse`, `consider_pluginarg` (7.4.4 to 9.2.0).
"""

from collections.abc import Callable, Collection, Container, Iterable, Sequence
from typing import Literal, NamedTuple

from precollect import catalog
from precollect.catalog import IniKey, Mark, Option, Release
from precollect.model.installed import Installed
from precollect.reading.words import Word

ESSENTIAL = frozenset({"mark", "main", "runner", "fixtures", "helpconfig"})
# Fixtures of these built-in plugins fail where a disabler in addopts keeps the plugin out; those of all others work on,
# since pytest has imported them by then (each tried on pytest 7.4.4, 8.4.2 and 9.2.0).
NEEDED_BY_FIXTURES = frozenset({"cacheprovider", "capture", "legacypath", "pytester", "tmpdir"})
Kind = Literal["mark", "option", "key", "fixture"]


class PluginWord(NamedTuple):
    """One `-p NAME` or `-p no:NAME`: its name (without "no:") and the one or two words that say it."""

    name: str
    disables: bool
    words: tuple[Word, ...]

    @property
    def spelling(self) -> str:
        """As it was written: `-p no:asyncio`."""
        return " ".join(word.text for word in self.words)


class Standing(NamedTuple):
    """Who stands behind a name.

    `state`: given: a loaded plugin has it. blocked: only plugins have it that a disabler keeps out.
    absent: plugins that are known to have it are proved not to be installed. outdated: the
    installed release of its plugin does not have it. nobody: no known plugin has it, and there is
    no unknown one. unknown: files cannot tell. `distribution` is the plugin in question, as its
    metadata spells it; `disabler` what keeps it out.
    """

    state: Literal["given", "blocked", "absent", "outdated", "nobody", "unknown"]
    distribution: str = ""
    disabler: PluginWord | None = None


class Plugins:
    """The plugins of one start of pytest."""

    def __init__(
        self,
        pytest: Release,
        environment: Installed,
        release_of: Callable[[str], Release | None],
        words: Sequence[Word],
        autoload: bool,
        open_world: str | None,
        named: Iterable[str] = (),
        listed: Callable[[], Collection[str]] = tuple,
        newer: Collection[str] = (),
    ) -> None:
        """`release_of`: the release of a distribution to judge by; `open_world`: why there may be unknown plugins;
        `named`: the plugins of PYTEST_PLUGINS, which disablers keep out; `listed`: asks for those in
        `pytest_plugins` of the project's own files, which pytest loads later on; `newer`: distributions that may have
        more than the release by which they are judged."""
        self.pytest = pytest
        self.environment = environment
        self.release_of = release_of
        self.autoload = autoload
        self.open_world = open_world
        self.words = tuple(plugin_words(words))
        self.disablers, self.requested, self._unregistered = _effects(self.words)
        typed = [word for word in self.words if word.words[0].typed]
        self._never_imported = _effects(typed)[0]  # pytest looks for these words before it imports plugins of its own
        self.requested |= {name for name in named if name not in self.disablers}
        self._listed = listed
        self._newer = newer
        self.present: dict[str, Release] = {}
        for name in environment.present:
            release = release_of(name)
            if release is not None and name != "pytest":
                self.present[name] = release
        self._modules = {point.name: point.module for found in self.present.values() for point in found.entry_points}

    def disabler_of(self, entry_point: str) -> PluginWord | None:
        """What keeps an entry point (or a plugin of pytest's own) out; None where nothing does."""
        return self.disablers.get(entry_point)

    def loads(self, entry_point: str) -> bool:
        """Whether an installed plugin with this entry point is loaded: by itself, or by `-p` (its name or module)."""
        module = self._modules.get(entry_point)
        if module in self.requested and module not in self.disablers:
            return True  # under the name of its module, whatever keeps the entry point out
        return entry_point not in self.disablers and (self.autoload or entry_point in self.requested)

    def knows_options_of(self, entry_point: str) -> bool:
        """Whether its options and keys are known: also where it was loaded first and thrown out afterwards."""
        return self.loads(entry_point) or entry_point in self._unregistered

    @property
    def marks(self) -> dict[str, Mark]:
        """The marks that pytest and the loaded plugins register for certain: name → mark."""
        found = {name: mark for name, mark in self.pytest.marks.items() if mark.owner not in self.disablers}
        for release in self.present.values():
            found.update({name: mark for name, mark in release.marks.items() if self.loads(mark.owner)})
        return found

    @property
    def options(self) -> list[Option]:
        """The options of pytest and the loaded plugins. A disabler in addopts comes too late for pytest's own."""
        found = [option for option in self.pytest.options if option.owner not in self._never_imported]
        for name, release in self.present.items():
            own = [option for option in release.options if self.knows_options_of(option.owner)]
            found += [_with_any_value(option) for option in own] if name in self._newer else own
        return found

    @property
    def keys(self) -> dict[str, IniKey]:
        """The configuration keys that pytest and the loaded plugins define: name → key."""
        found = {name: key for name, key in self.pytest.keys.items() if key.owner not in self._never_imported}
        for release in self.present.values():
            found.update({name: key for name, key in release.keys.items() if self.knows_options_of(key.owner)})
        return found

    def standing(self, kind: Kind, name: str) -> Standing:
        """Who stands behind a mark, option, key or fixture of this name, as far as plugins go."""
        own = self.pytest.owner_of(kind, name)
        if own is not None:
            disabler = self.disablers.get(own)
            lost = kind == "mark" or (kind == "fixture" and own in NEEDED_BY_FIXTURES) or own in self._never_imported
            if disabler is None or not lost:
                asked = self.pytest.fixtures_asked_for.get(name) if kind == "fixture" else None
                return Standing("given" if asked is None or self._is_asked_for(asked) else "nobody", "pytest")
            return _kept_out(self.pytest, kind, name, disabler)
        best = Standing("nobody")
        for distribution in catalog.owners(kind, name):
            found = self._standing_with(distribution, kind, name)
            if found.state == "given":
                return found
            best = max(best, found, key=_weight)
        if best.state == "nobody" and self.open_world:
            return Standing("unknown")
        if best.state == "absent" and self.open_world:
            return Standing("unknown", best.distribution)
        return best

    def may_implement(self, hook: str, but: Container[str] = ()) -> bool:
        """Whether a declared plugin that may be loaded implements one of pytest's hooks; `but`: not those of these."""
        if any(release.implements is None and name not in but for name, release in self.present.items()):
            return True
        for name in catalog.owners("hook", hook):
            release = self.present.get(name)
            if name in but:
                continue
            if release is None and self.environment.declares(name) and self.environment.presence(name) != "no":
                release = self.release_of(name)
            owners = (release.implements or {}).get(hook, ()) if release is not None else ()
            if release is not None and any(self._may_load(release, owner) for owner in owners):
                return True
        return False

    def _may_load(self, release: Release, owner: str) -> bool:
        return self.loads(owner) or self._kept_out(release, "mark", "", owner).state != "blocked"

    def _is_asked_for(self, plugin: str) -> bool:
        """Whether a plugin of pytest's own that is not loaded by default may be loaded."""
        names = {plugin, f"_pytest.{plugin}"}
        return bool(self.open_world) or not names.isdisjoint((*self.requested, *self._listed()))

    def _standing_with(self, distribution: str, kind: Kind, name: str) -> Standing:
        release = self.present.get(distribution)
        if release is not None:
            owner = release.owner_of(kind, name)
            if owner is None:
                return Standing("unknown" if distribution in self._newer else "outdated", release.distribution)
            if self.loads(owner) or (kind in {"option", "key"} and self.knows_options_of(owner)):
                return Standing("given", release.distribution)
            return self._kept_out(release, kind, name, owner)
        release = self.release_of(distribution)
        spelling = release.distribution if release is not None else distribution
        owner = release.owner_of(kind, name) if release is not None else None
        if release is not None and owner is not None and owner in self.disablers:
            # Whether it is installed or not: it does not come in.
            return self._kept_out(release, kind, name, owner)
        if self.environment.presence(distribution) == "no":
            known = catalog.load(distribution)
            return Standing("nobody") if known is not None and known.is_rare else Standing("absent", spelling)
        return Standing("unknown", spelling)

    def _kept_out(self, release: Release, kind: Kind, name: str, owner: str) -> Standing:
        """The standing of what a plugin has that is not loaded by its entry point; its module may be loaded yet."""
        module = next((point.module for point in release.entry_points if point.name == owner), owner)
        listed = {name for name in self._listed() if name not in self.disablers}
        if module in listed:
            return Standing("given", release.distribution)
        if any(name.partition(".")[0] == module.partition(".")[0] for name in listed):
            return Standing("unknown", release.distribution)
        return _kept_out(release, kind, name, self.disablers.get(owner))


def _with_any_value(option: Option) -> Option:
    """The option as a release may have it of which nobody knows what values it takes."""
    return option._replace(type=None, choices=None)


def plugin_words(words: Sequence[Word]) -> Iterable[PluginWord]:
    """Every `-p` in the words: `-p` with the next word, or any word that starts with `-p`."""
    index = 0
    while index < len(words):
        text = words[index].text
        if text == "-p" and index + 1 < len(words):
            yield _plugin_word(words[index + 1].text, (words[index], words[index + 1]))
            index += 1
        elif text.startswith("-p") and len(text) > 2:
            yield _plugin_word(text[2:], (words[index],))
        index += 1


def _plugin_word(argument: str, words: tuple[Word, ...]) -> PluginWord:
    argument = argument.strip()
    return PluginWord(argument[3:], True, words) if argument.startswith("no:") else PluginWord(argument, False, words)


def blocked_names(name: str) -> set[str]:
    """The registered names that `-p no:NAME` keeps out."""
    names = {name} if name.startswith("pytest_") else {name, "pytest_" + name}
    if name == "cacheprovider":  # stepwise cannot work without it (pytest issue 1951)
        names |= {"stepwise", "pytest_stepwise"}
    return names


def _effects(words: Iterable[PluginWord]) -> tuple[dict[str, PluginWord], set[str], set[str]]:
    """Name → what blocks it in the end; names asked for; names loaded first and blocked afterwards."""
    blocked: dict[str, PluginWord] = {}
    requested: set[str] = set()
    unregistered: set[str] = set()
    for word in words:
        names = blocked_names(word.name) if word.disables else {word.name, "pytest_" + word.name}
        if word.disables:
            if word.name in ESSENTIAL:
                continue
            unregistered |= names & requested
            blocked.update(dict.fromkeys(names, word))
        else:
            requested.add(word.name)
            for name in names:
                blocked.pop(name, None)
    return blocked, requested, unregistered


def _kept_out(release: Release, kind: Kind, name: str, disabler: PluginWord | None) -> Standing:
    """The standing of what a disabled plugin has."""
    state: Literal["blocked", "unknown"] = "blocked"
    if kind == "fixture" and name in release.late_fixtures:
        # `-p pytester -p no:legacypath` has `testdir`, the other way round there is none; conftest files count as well.
        state = "unknown"
    return Standing(state, release.distribution, disabler)


def _weight(standing: Standing) -> int:
    return ("nobody", "absent", "outdated", "blocked", "unknown", "given").index(standing.state)

"""Requirements: what options, keys and fixtures need is declared, at a version that has it.

Source: https://docs.pytest.org/en/stable/reference/reference.html#confval-required_plugins
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from precollect import catalog
from precollect.catalog.versions import version_key
from precollect.concerns.addopts.options import late_conftest
from precollect.concerns.wording import requirement_name
from precollect.findings import Finding, Place, Related, Rule
from precollect.model.plugins import Kind, Standing
from precollect.model.project import Project
from precollect.model.requests import requests_of, unprovided_fixtures
from precollect.model.requirement_lists import addition
from precollect.reading.environment import versions
from precollect.reading.environment.requirement import normalised, parse
from precollect.reading.words import Word
from precollect.similar import nearest

CONCERN: Final = "requirements"

UNDECLARED = Rule(
    "undeclared-plugin", CONCERN, "breaks", "an option, key or fixture needs a plugin that is not declared"
)
OUTDATED = Rule("outdated-plugin", CONCERN, "breaks", "the declared version of a plugin lacks what is used of it")
REQUIRED = Rule("required-plugin-missing", CONCERN, "breaks", "required_plugins names what is not declared")
MALFORMED = Rule("malformed-required-plugin", CONCERN, "breaks", "a word of required_plugins is no requirement")
MISSPELLED = Rule("misspelled-required-plugin", CONCERN, "breaks", "required_plugins spells a distribution differently")
TOO_OLD = Rule("required-plugin-too-old", CONCERN, "breaks", "required_plugins asks for another version")
BY_MODULE = Rule(
    "required-plugin-by-module", CONCERN, "breaks", "a required plugin is loaded by its module, not its name"
)
MINVERSION = Rule("minversion-not-met", CONCERN, "breaks", "minversion asks for a newer pytest")
INDIRECT = Rule("plugin-not-declared", CONCERN, "policy", "a plugin in use comes only by way of another distribution")
BY_HAND = Rule(
    "plugin-mark-by-hand", CONCERN, "policy", "a plugin's mark is registered by hand, and the plugin is absent"
)

RULES = (
    UNDECLARED,
    OUTDATED,
    REQUIRED,
    MALFORMED,
    MISSPELLED,
    TOO_OLD,
    BY_MODULE,
    MINVERSION,
    INDIRECT,
    BY_HAND,
)

OPERATORS = ("<", ">", "=", "!=", "~=")


class Need(NamedTuple):
    """One use of something that only a plugin has. `said`: what pytest says; `stops`: whether it fails there."""

    kind: Kind
    name: str
    standing: Standing
    place: Place
    said: str
    stops: bool = True

    @property
    def what(self) -> str:
        return f"{self.kind} '{self.name}'"


def check(project: Project) -> Iterator[Finding]:
    """The findings about requirements."""
    yield from _needs(project)
    yield from _required(project)
    yield from _minversion(project)
    yield from _indirect(project)
    yield from _by_hand(project)


# What is used of plugins that are not there


def _needs(project: Project) -> Iterator[Finding]:
    """One finding for each plugin that lacks, or lacks something that is used."""
    by_plugin: dict[tuple[str, str], list[Need]] = {}
    for need in (*_options(project), *_keys(project), *_fixtures(project)):
        by_plugin.setdefault((need.standing.distribution, need.standing.state), []).append(need)
    for (distribution, state), needs in by_plugin.items():
        needs.sort(key=lambda need: not need.stops)
        yield (
            _undeclared(project, distribution, needs) if state == "absent" else _outdated(project, distribution, needs)
        )


def _options(project: Project) -> Iterator[Need]:
    for option in project.refused_options:
        if option.standing.state not in {"absent", "outdated"} or option.concern != "addopts":
            continue
        if late_conftest(project, option.name) is None:
            yield Need("option", option.name, option.standing, option.word.place, f"pytest stops: {option.said}")


def _keys(project: Project) -> Iterator[Need]:
    for key in project.refused_keys:
        if key.standing.state in {"absent", "outdated"} and key.concern == "config-file":
            value = key.value
            yield Need("key", value.key, key.standing, value.place, key.said, key.kind == "breaks")


def _fixtures(project: Project) -> Iterator[Need]:
    for name, standing in unprovided_fixtures(project).items():
        if name == "event_loop" and standing.state == "outdated":
            continue  # asyncio-mode tells of it
        for request in requests_of(project, name)[:1]:
            yield Need(
                "fixture", name, standing, request.place, f"the test fails when it runs: fixture '{name}' not found"
            )


def _undeclared(project: Project, distribution: str, needs: list[Need]) -> Finding:
    first = needs[0]
    lowest = max((_lowest(distribution, need) for need in needs), key=version_key)
    # Where several plugins have what is used, nobody can tell which one was meant.
    candidates = [owner.spelling for owner in _known_owners(first.kind, first.name)]
    way_out = (
        "declare it, or define the fixture" if first.kind == "fixture" else f"declare it, or remove the {first.kind}"
    )
    which = " or ".join(candidates[:2]) if len(candidates) > 1 else distribution
    return UNDECLARED.at(
        first.place,
        f"{first.what} needs {which}, which is not among the test dependencies, {first.said}; {way_out}",
        _others(needs),
        addition(project, normalised(distribution), lowest) if len(candidates) == 1 else None,
        kind=None if first.stops else "loses",
    )


def _outdated(project: Project, distribution: str, needs: list[Need]) -> Finding:
    first = needs[0]
    judged = project.version_of(normalised(distribution)) or project.plugins.present[normalised(distribution)].version
    known = catalog.load(normalised(distribution))
    holding = known.releases_with(first.kind, first.name) if known is not None else []
    since = [release for release in holding if version_key(release) > version_key(judged)]
    way_out = (
        f"{distribution} has it since {since[0]}, ask for that"
        if since
        else f"{distribution} had it up to {holding[-1]}, remove it"
    )
    return OUTDATED.at(
        first.place,
        f"{first.what} is not known to {distribution} {judged}, which is declared, {first.said}; {way_out}",
        _others(needs),
        kind=None if first.stops else "loses",
    )


def _lowest(distribution: str, need: Need) -> str:
    """The lowest release from which on a plugin has what is needed."""
    known = catalog.load(normalised(distribution))
    assert known is not None, "its facts come from the catalog"
    holding = known.releases_with(need.kind, need.name)
    lowest = holding[-1]
    for release in reversed(known.releases[: known.releases.index(lowest)]):
        if release not in holding:
            break
        lowest = release
    return lowest


def _others(needs: list[Need]) -> tuple[Related, ...]:
    return tuple(Related(need.place, f"needs it, too: {need.what}") for need in needs[1:])


# required_plugins


def _required(project: Project) -> Iterator[Finding]:
    for words in _requirements(project.words_in("required_plugins") or ()):
        first = words[0]
        written = parse(first.text)
        is_requirement = written is not None and _is_specifier(written.specifier)
        if len(words) > 1 or not is_requirement:
            missing = words[is_requirement:]
            said = f"pytest stops: Missing required plugins: {', '.join(sorted(word.text for word in missing))}"
            what = f"'{' '.join(word.text for word in missing)}' is no requirement"
            way_out = f"a blank ends a requirement here: write {''.join(word.text for word in words)}"
            if len(words) == 1:
                way_out = "blanks alone separate requirements"
            yield MALFORMED.at(missing[0].place, f"{what}, {said}; {way_out}")
        if written is not None and is_requirement:
            finding = _unmet(project, first, written.specifier)
            if finding is not None:
                yield finding


def _requirements(words: Iterable[Word]) -> Iterator[list[Word]]:
    """The words of each requirement, as it is meant: of "pytest-cov >= 4" all three."""
    together: list[Word] = []
    for word in words:
        if together and not (together[-1].text.endswith(OPERATORS) or word.text.startswith(OPERATORS)):
            yield together
            together = []
        together.append(word)
    if together:
        yield together


def _is_specifier(text: str) -> bool:
    if not text:
        return True
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        SpecifierSet(text)
    except InvalidSpecifier:
        return False
    return True


def _unmet(project: Project, word: Word, specifier: str) -> Finding | None:
    said = f"pytest stops: Missing required plugins: {word.text}"
    name = requirement_name(word.text)
    distribution = normalised(name)
    if distribution == "pytest":
        return REQUIRED.at(word.place, f"pytest is no plugin of itself, {said}; set minversion instead")
    release = project.plugins.present.get(distribution)
    if release is None:
        return _absent(project, word, said)
    if release.distribution != name:
        return MISSPELLED.at(
            word.place,
            f"'{name}' is compared letter by letter, {said}; write '{release.distribution}'",
        )
    points = [point.name for point in release.entry_points]
    by_name = project.plugins.autoload or not project.plugins.requested.isdisjoint(points)
    if not by_name and any(map(project.plugins.loads, points)):
        way_out = f"load it with -p {points[0]}"
        return BY_MODULE.at(
            word.place, f"'{name}' is loaded by its module only, which does not count, {said}; {way_out}"
        )
    return _wrong_version(project, word, said, specifier)


def _absent(project: Project, word: Word, said: str) -> Finding | None:
    name = requirement_name(word.text)
    distribution = normalised(name)
    presence = project.environment.presence(distribution)
    if presence == "yes":
        specifier = parse(word.text)
        return _wrong_version(project, word, said, specifier.specifier) if specifier else None
    if presence == "unknown":
        return None
    others = {
        spelling: release.distribution
        for release in project.plugins.present.values()
        for point in release.entry_points
        for spelling in (point.name, point.module, *release.modules)
    }
    meant = others.get(name) or next(iter(nearest(name, set(others.values()), most=1)), None)
    if meant is not None:
        return MISSPELLED.at(word.place, f"there is no distribution '{name}', {said}; did you mean '{meant}'?")
    known = catalog.load(distribution)
    near = [] if known else nearest(distribution, catalog.names(), most=1)
    way_out = f"did you mean '{near[0]}'?" if near else "declare it, or take it out"
    fix = None if near else addition(project, distribution, known.releases[0] if known else "")
    return REQUIRED.at(word.place, f"'{name}' is not among the test dependencies, {said}; {way_out}", fix=fix)


def _wrong_version(project: Project, word: Word, said: str, specifier: str) -> Finding | None:
    name = requirement_name(word.text)
    judged = project.version_of(normalised(name))
    if not judged or versions.newest([specifier], [judged]) or _may_be_newer(project, normalised(name), specifier):
        return None
    return TOO_OLD.at(word.place, f"{name} {judged} is what is declared, {said}; declare {name}{specifier}")


def _may_be_newer(project: Project, distribution: str, specifier: str) -> bool:
    """Whether a release that the catalog does not hold yet may be installed and satisfy the specifier."""
    known = catalog.load(distribution)
    if known is None or project.version_of(distribution) != known.newest or project.settings.pytest:
        return False
    clauses = [clause.strip() for clause in specifier.split(",")]
    wanted = [clause.lstrip("<>=~! ") for clause in clauses if clause.startswith((">", "=", "~"))]
    return any(
        versions.newest([specifier], [version])
        and all(
            versions.newest([declared.specifier], [version]) for declared in project.environment.declared(distribution)
        )
        for version in wanted
    )


def _minversion(project: Project) -> Iterator[Finding]:
    value = project.values.get("minversion")
    judged = project.version_of("pytest")
    if value is None or value.entry is None or not value.text or not judged:
        return
    wanted = value.text.strip()
    try:
        met = version_key(wanted) <= version_key(judged)
    except ValueError:
        return  # no version at all: config-file tells of it
    if not met and not _may_be_newer(project, "pytest", f">={wanted}"):
        yield MINVERSION.at(
            value.place,
            f"pytest stops: 'minversion' requires pytest-{wanted}, actual pytest-{judged}; "
            f"declare pytest>={wanted}, or ask for less",
        )


# House rules


def _indirect(project: Project) -> Iterator[Finding]:
    """Plugins in use that nobody declares: they go when what brings them goes."""
    seen: set[str] = set()
    for kind, name, distribution, place in _uses(project):
        if distribution in seen or not _is_indirect(project, distribution):
            continue
        seen.add(distribution)
        release = project.plugins.present[distribution]
        yield INDIRECT.at(
            place,
            f"{kind} '{name}' needs {release.distribution}, which only comes by way of something else; declare it",
            fix=addition(project, distribution, _lowest(distribution, Need(kind, name, Standing("given"), place, ""))),
        )


def _is_indirect(project: Project, distribution: str) -> bool:
    """Whether nobody declares a plugin that is there, which the project itself is not either."""
    own = {plugin.module for plugin in project.local.own}
    points = project.plugins.present[distribution].entry_points
    return not project.environment.declares(distribution) and own.isdisjoint(point.module for point in points)


def _uses(project: Project) -> Iterator[tuple[Kind, str, str, Place]]:
    """Kind, name, distribution and place of what is used of the plugins that are there."""
    present = project.plugins.present
    by_option = {name: each for each, release in present.items() for option in release.options for name in option.names}
    for given in project.line.given:
        if given.name in by_option:
            yield "option", given.name, by_option[given.name], given.words[0].place
    by_key = {key: each for each, release in present.items() for key in release.keys}
    for value in project.values:
        if value.key in by_key and value.key not in project.pytest.keys:
            yield "key", value.key, by_key[value.key], value.place
    undeclared = {each for each in present if _is_indirect(project, each)}
    marks = {mark: each for each in undeclared for mark in present[each].marks if mark not in project.pytest.marks}
    for use in project.tests.uses_of(frozenset(marks) & project.tests.mark_names) if undeclared else ():
        yield "mark", use.mark.name, marks[use.mark.name], use.place


def _known_owners(kind: Kind, name: str) -> list[catalog.Distribution]:
    """The distributions that have a mark, option, key or fixture, without those of which hardly anybody thinks."""
    found = map(catalog.load, catalog.owners(kind, name))
    return [known for known in found if known is not None and not known.is_rare]


def _by_hand(project: Project) -> Iterator[Finding]:
    """Marks of absent plugins that are registered by hand: pytest is content, and the marks do nothing."""
    if project.why_open or project.unresolved_plugin:
        return
    told = {normalised(test.standing.distribution) for test in project.asynchronous.unhandled}  # by asyncio-mode
    for name, registered in project.markers.own.items():
        owners = _known_owners("mark", name)
        if not owners or name in project.pytest.marks or name not in project.tests.mark_names:
            continue
        missing = {owner.name for owner in owners}
        if any(project.environment.presence(owner) != "no" for owner in missing) or not told.isdisjoint(missing):
            continue
        if _is_read(project, name) or not _is_used_as_a_plugins(project, name, owners[0]):
            continue
        spelled = owners[0].spelling
        yield BY_HAND.at(
            registered[0].place,
            f"'{name}' is a mark of {spelled}, which is not among the test dependencies: registered by hand it does "
            f"nothing; declare {spelled}, or give your own mark another name",
            fix=addition(project, owners[0].name, owners[0].releases[0]),
        )


def _is_used_as_a_plugins(project: Project, name: str, known: catalog.Distribution) -> bool:
    """Whether a mark looks like that of the plugin rather than a label that happens to be called so.

    It is given arguments, or put on an async test, and the plugin is called after it or knows the keywords.
    """
    release = known.at(known.newest)
    line = release.marks[name].line if name in release.marks else ""
    named_after_it = name in known.name.split("-")
    if not named_after_it and "(" not in line:
        return False
    for use in project.tests.uses_of(frozenset({name})):
        call = use.mark.call
        if call is not None and any(key in line for key, _ in call.keywords):
            return True
        if named_after_it and call is not None and (call.positional or call.keywords):
            return True
        if named_after_it and project.modules.shows(use.path, "asynchronous"):
            return True
    return False


def _is_read(project: Project, name: str) -> bool:
    """Whether code of the project's own may act on a mark."""
    quoted = (f'"{name}"'.encode("utf-8", "surrogatepass"), f"'{name}'".encode("utf-8", "surrogatepass"))
    return any(project.modules.mentions(path, text) for path in project.suite.helpers for text in quoted)

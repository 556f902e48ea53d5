"""Plugins that shared configuration keeps out: `-p no:NAME`, and autoloading switched off.

A disabled plugin takes its marks, options, keys and fixtures with it. What still uses them breaks,
or quietly loses its meaning. Source: https://docs.pytest.org/en/stable/how-to/plugins.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from precollect.findings import Finding, Fix, Place, Related, RemoveWords, Rule
from precollect.model.plugins import ESSENTIAL, PluginWord, Standing
from precollect.model.project import Project
from precollect.model.tests import Use
from precollect.model.values import Value

CONCERN: Final = "plugin-disablers"

MARK = Rule("disabled-plugin-mark", CONCERN, "breaks", "tests carry a mark of a plugin that is disabled")
OPTION = Rule("disabled-plugin-option", CONCERN, "breaks", "an option belongs to a plugin that is disabled")
KEY = Rule("disabled-plugin-key", CONCERN, "breaks", "a configuration key belongs to a plugin that is disabled")
REQUIRED = Rule("disabled-plugin-required", CONCERN, "breaks", "required_plugins names a plugin that is disabled")
FIXTURE = Rule("disabled-plugin-fixture", CONCERN, "breaks", "tests ask for a fixture of a plugin that is disabled")
ASYNC = Rule("disabled-plugin-async-test", CONCERN, "breaks", "the plugin that would run async tests is disabled")
ESSENTIAL_PLUGIN = Rule("essential-plugin-disabled", CONCERN, "breaks", "pytest cannot work without the plugin")
COLLECTOR = Rule("collecting-plugin-disabled", CONCERN, "breaks", "the plugin that collects every test is disabled")
CONFTEST = Rule("conftest-disabled", CONCERN, "breaks", "a conftest file cannot be disabled")
WITHOUT_EFFECT = Rule("disabler-without-effect", CONCERN, "loses", "a disabler is spelled so that it disables nothing")
POLICY = Rule("plugin-disabled", CONCERN, "policy", "shared configuration disables a plugin")

RULES = (
    MARK,
    OPTION,
    KEY,
    REQUIRED,
    FIXTURE,
    ASYNC,
    ESSENTIAL_PLUGIN,
    COLLECTOR,
    CONFTEST,
    WITHOUT_EFFECT,
    POLICY,
)


def check(project: Project) -> Iterator[Finding]:
    """The findings about disabled plugins; a disabler that breaks something is not reported for its own sake, too."""
    consequences = [*_marks(project), *_options(project), *_keys(project), *_required(project), *_fixtures(project)]
    broken = {finding.place for finding in consequences if finding.kind == "breaks"}
    consequences += [finding for finding in _async_tests(project) if finding.place not in broken]
    consequences += _spelling(project)
    consequences += _collectors(project)
    yield from consequences
    places = {finding.place for finding in consequences}
    yield from (finding for finding in _policy(project) if finding.place not in places)


def main(argv: Sequence[str] | None = None) -> int:
    """Run this hook alone; returns the exit status."""
    from precollect.cli import run

    return run(CONCERN, argv)


def _marks(project: Project) -> Iterator[Finding]:
    for name, (standing, uses) in sorted(project.unregistered.items()):
        if standing.state != "blocked":
            continue
        stops = [use for use in uses if project.stops_at(use)]
        what = f"mark '{name}' of {_owner(standing)} is used {_times(uses)}, but {_cause(project, standing)}"
        if stops:
            said = f"pytest stops: '{name}' not found in `markers` configuration option"
            if not project.strict_markers.on:
                said = "pytest stops: the warning about the unknown mark is an error here"
            if all(use.mark.when == "test" for use in stops):
                said = "the test fails when it runs"
            yield MARK.at(
                _place(project, standing),
                f"{what}, {said}; {_way_out(project, standing)}",
                related(stops),
                _removal(project, standing),
            )
        else:
            message = f"{what}: pytest only warns, and the mark does nothing; {_way_out(project, standing)}"
            yield MARK.at(_place(project, standing), message, related(uses), _removal(project, standing), kind="loses")


def _options(project: Project) -> Iterator[Finding]:
    for fault in project.line.faults:
        if fault.trouble != "unknown":
            continue
        name = option_name(fault.word.text)
        standing = project.plugins.standing("option", name)
        if standing.state == "blocked":
            yield OPTION.at(
                _place(project, standing),
                f"option '{name}' of {_owner(standing)} is in addopts, but {_cause(project, standing)}, "
                f"pytest stops: unrecognized arguments: {fault.word.text}; {_way_out(project, standing)}",
                (Related(fault.word.place, "the option"),),
                _removal(project, standing),
            )


def _keys(project: Project) -> Iterator[Finding]:
    known = project.plugins.keys
    by_cause: dict[Place, list[tuple[Value, Standing]]] = {}
    for value in project.values:
        if value.key not in known:
            standing = project.plugins.standing("key", value.key)
            if standing.state == "blocked":
                by_cause.setdefault(_place(project, standing), []).append((value, standing))
    for where, found in by_cause.items():
        standing = found[0][1]
        keys = " and ".join(f"'{value.key}'" for value, _ in found)
        what = f"{keys} of {_owner(standing)} {'is' if len(found) == 1 else 'are'} set, but {_cause(project, standing)}"
        said = f"Unknown config option: {found[0][0].key}"
        stops = any(project.stops_at_unknown_key(value.key) for value, _ in found)
        outcome = "pytest stops" if stops else "pytest ignores the setting"
        yield KEY.at(
            where,
            f"{what}, {outcome}: {said}; {_way_out(project, standing)}",
            tuple(Related(value.place, "set here") for value, _ in found),
            _removal(project, standing),
            kind="breaks" if stops else "loses",
        )


def _required(project: Project) -> Iterator[Finding]:
    value = project.values.get("required_plugins")
    for word in project.words_of("required_plugins") or ():
        name = requirement_name(word)
        release = project.plugins.present.get(name.lower())
        if value is None or release is None or release.distribution != name:
            continue
        entry_points = [point.name for point in release.entry_points]
        if entry_points and not any(project.plugins.loads(entry_point) for entry_point in entry_points):
            disabler = project.plugins.disabler_of(entry_points[0])
            standing = Standing("blocked", release.distribution, disabler)
            yield REQUIRED.at(
                _place(project, standing),
                f"required_plugins names '{name}', but {_cause(project, standing)}, "
                f"pytest stops: Missing required plugins: {word}; {_way_out(project, standing)}",
                (Related(value.place, "required here"),),
                _removal(project, standing),
            )


def _fixtures(project: Project) -> Iterator[Finding]:
    for name, standing in sorted(project.blocked_fixtures.items()):
        requests = project.requests_of(name)
        if requests:
            yield FIXTURE.at(
                _place(project, standing),
                f"fixture '{name}' of {_owner(standing)} is asked for by {_tests(len(requests))}, but "
                f"{_cause(project, standing)}, they fail when they run; {_way_out(project, standing)}",
                tuple(Related(place, "asked for here") for place in requests),
                _removal(project, standing),
            )


def _async_tests(project: Project) -> Iterator[Finding]:
    disabled = [test for test in project.asynchronous.unhandled if test.standing.state == "blocked"]
    if not disabled:
        return
    standing = disabled[0].standing
    fails = project.behaves("async-unhandled-fails")
    said = "they fail when they run" if fails else "pytest skips them with a warning"
    yield ASYNC.at(
        _place(project, standing),
        f"{_tests(len(disabled), 'async test')} would be run by {_owner(standing)}, but {_cause(project, standing)}: "
        f"{said}; {_way_out(project, standing)}",
        tuple(Related(test.place, "async test") for test in disabled),
        _removal(project, standing),
        kind="breaks" if fails else "loses",
    )


def _spelling(project: Project) -> Iterator[Finding]:
    installed = {
        spelling: (point.name, release.distribution)
        for release in project.plugins.present.values()
        for point in release.entry_points
        for spelling in {release.distribution, release.distribution.replace("-", "_"), point.module, point.name}
    }
    for word in project.plugins.words:
        place = word.words[-1].place
        if not word.disables:
            continue
        if word.name in ESSENTIAL:
            yield ESSENTIAL_PLUGIN.at(
                place,
                f"'{word.spelling}': pytest stops: plugin {word.name} cannot be disabled; remove it",
                fix=_remove(project, word),
            )
        elif word.name.endswith("conftest.py"):
            if project.behaves("conftest-blocking-fails"):
                said = f"Blocking conftest files using -p is not supported: -p no:{word.name}"
                yield CONFTEST.at(place, f"'{word.spelling}': pytest stops: {said}; use --noconftest")
        elif not _disables_something(project, word):
            meant = next((found for part in _parts(word.name) if (found := installed.get(part.lower()))), None)
            if meant is not None:
                yield WITHOUT_EFFECT.at(
                    place,
                    f"'{word.spelling}' disables nothing, {meant[1]} stays loaded: "
                    f"its entry point is '{meant[0]}'; write -p no:{meant[0]} or remove it",
                )


def _collectors(project: Project) -> Iterator[Finding]:
    for name, collects_all in (("python", project.has_tests), ("unittest", project.tests.only_unittest)):
        disabler = project.plugins.disabler_of(name)
        if disabler is not None and collects_all:
            yield COLLECTOR.at(
                disabler.words[-1].place,
                f"'{disabler.spelling}' disables the plugin that collects every test here, pytest collects nothing; "
                f"remove it",
                fix=_remove(project, disabler),
            )


def _disables_something(project: Project, word: PluginWord) -> bool:
    names = {point.name for release in project.plugins.present.values() for point in release.entry_points}
    names |= {point.name for point in project.pytest.entry_points}
    return word.name in names or f"pytest_{word.name}" in names


def _parts(name: str) -> list[str]:
    """What somebody may have meant by a name that matches nothing: itself, or each item of a list."""
    return [part.strip().removeprefix("no:") for part in name.replace(",", " ").split()]


def _policy(project: Project) -> Iterator[Finding]:
    for word in project.plugins.words:
        if not word.disables or word.name in project.settings.allow_disabled or word.name in ESSENTIAL:
            continue
        if project.plugins.disabler_of(word.name) is not word:
            continue  # a later -p takes it back
        yield POLICY.at(
            word.words[-1].place,
            f"'{word.spelling}' disables a plugin for everybody who runs these tests; "
            f'remove it, or allow it: allow-disabled = ["{word.name}"]',
            fix=_remove(project, word, safe=False),
        )


# Words and fixes


def related(uses: Sequence[Use]) -> tuple[Related, ...]:
    """The places of uses of a mark."""
    return tuple(Related(use.place, "used here") for use in uses)


def option_name(word: str) -> str:
    """The option that a word of the command line names: "--cov" of "--cov=src", "-n" of "-n4"."""
    name = word.partition("=")[0]
    return name if name.startswith("--") else name[:2]


def requirement_name(requirement: str) -> str:
    """The distribution of a requirement, letter by letter as it is written."""
    return (
        requirement.partition(";")[0].replace("(", " ").translate(dict.fromkeys(map(ord, "<>=!~["), " ")).split(" ")[0]
    )


def _owner(standing: Standing) -> str:
    return "pytest itself" if standing.distribution == "pytest" else standing.distribution


def _cause(project: Project, standing: Standing) -> str:
    if standing.disabler is not None:
        return f"'{standing.disabler.spelling}' disables it"
    return "plugins are not loaded by themselves here"


def _place(project: Project, standing: Standing) -> Place:
    if standing.disabler is not None:
        return standing.disabler.words[-1].place
    off = project.start.autoload_off
    if off is not None:
        return off
    return next(word.place for word in project.words if word.text == "--disable-plugin-autoload")


def _way_out(project: Project, standing: Standing) -> str:
    return "remove the disabler" if standing.disabler is not None else "load it with -p"


def _removal(project: Project, standing: Standing) -> Fix | None:
    return _remove(project, standing.disabler) if standing.disabler is not None else None


def _remove(project: Project, word: PluginWord, *, safe: bool = True) -> Fix | None:
    """The fix that takes a disabler out of addopts; None where it stands elsewhere."""
    config = project.config
    if config is None or any(part.place.path != config.path for part in word.words):
        return None
    edit = RemoveWords(config.path, config.section, "addopts", tuple(part.index for part in word.words))
    return Fix(f"remove '{word.spelling}' from addopts", safe, (edit,))


def _times(uses: Sequence[Use]) -> str:
    return f"at {uses[0].place}" if len(uses) == 1 else f"in {len(uses)} places"


def _tests(count: int, what: str = "test") -> str:
    return f"1 {what}" if count == 1 else f"{count} {what}s"

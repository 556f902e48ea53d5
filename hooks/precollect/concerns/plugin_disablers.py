"""Plugins that shared configuration keeps out: `-p no:NAME`, and autoloading switched off.

A disabled plugin takes its marks, options, keys and fixtures with it. What still uses them breaks,
or quietly loses its meaning. Source: https://docs.pytest.org/en/stable/how-to/plugins.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from precollect.catalog import EntryPoint
from precollect.concerns.wording import count, requirement_name
from precollect.findings import Finding, Fix, Place, Related, RemoveWords, Rule
from precollect.model.mark_expression import unknown_names
from precollect.model.other_collectors import others_collect, text_doctests
from precollect.model.plugins import ESSENTIAL, PluginWord, Standing, blocked_names
from precollect.model.project import Project
from precollect.model.requests import is_defined, requests_of

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
    consequences = [*_options(project), *_keys(project), *_required(project), *_marks(project)]
    consequences += [*_marks_of_expression(project), *_fixtures(project)]
    broken = {finding.place for finding in consequences if finding.kind == "breaks"}
    consequences += [finding for finding in _async_tests(project) if finding.place not in broken]
    consequences += _spelling(project)
    consequences += _collectors(project)
    yield from consequences
    places = {finding.place for finding in consequences}
    yield from (finding for finding in _policy(project) if finding.place not in places)


class Loss(NamedTuple):
    """Something of a plugin that is kept out: the name of its mark, option, key or fixture, and where it is used.

    `stops`: whether pytest fails there; `said`: what it says of it.
    """

    name: str
    standing: Standing
    places: tuple[Place, ...]
    stops: bool = True
    said: str = ""


def _options(project: Project) -> Iterator[Finding]:
    lost = [
        Loss(option.name, option.standing, (option.word.place,), said=option.said)
        for option in project.refused_options
        if option.standing.state == "blocked"
    ]
    for where, losses in _by_cause(project, lost):
        names = [loss.name for loss in losses]
        said = " ".join([losses[0].said, *(loss.said.partition(": ")[2] for loss in losses[1:])])
        yield OPTION.at(
            where,
            f"{_these('option', names)} of {_owner(losses)} {_is(names)} given, but {_cause(losses)}, "
            f"pytest stops: {said}; {_way_out(losses)}",
            _places(losses, "given here"),
            _removal(project, losses),
        )


def _keys(project: Project) -> Iterator[Finding]:
    lost = []
    for key in project.refused_keys:
        stops = key.kind == "breaks"
        if key.standing.state == "blocked" and (stops or not _chosen(project, key.standing)):
            lost.append(Loss(key.value.key, key.standing, (key.value.place,), stops, key.said))
    for where, losses in _by_cause(project, lost):
        names = [loss.name for loss in losses]
        gravest = max(losses, key=lambda loss: loss.stops)
        yield KEY.at(
            where,
            f"{_these('key', names)} of {_owner(losses)} {_is(names)} set, but {_cause(losses)}, "
            f"{gravest.said}; {_way_out(losses)}",
            _places(losses, "set here"),
            _removal(project, losses),
            kind="breaks" if gravest.stops else "loses",
        )


def _chosen(project: Project, standing: Standing) -> bool:
    """Whether one call leaves a plugin out: then its marks and keys, which serve all other runs, are not lost."""
    return project.start.called is not None and _place(project, standing).path == project.start.called.path


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
            losses = [Loss(name, Standing("blocked", release.distribution, disabler), (value.place,))]
            yield REQUIRED.at(
                _place(project, losses[0].standing),
                f"required_plugins names '{name}', but {_cause(losses)}, "
                f"pytest stops: Missing required plugins: {word}; {_way_out(losses)}",
                _places(losses, "required here"),
                _removal(project, losses),
            )


def _marks(project: Project) -> Iterator[Finding]:
    lost = []
    for name, (standing, uses) in sorted(project.unregistered.items()):
        if standing.state == "blocked":
            stops = [use for use in uses if project.stops_at(use)]
            if stops or not _chosen(project, standing):
                lost.append(Loss(name, standing, tuple(use.place for use in stops or uses), bool(stops)))
    for where, losses in _by_cause(project, lost):
        stopping = [loss for loss in losses if loss.stops]
        shown = stopping or losses
        does = "the mark does nothing" if len(losses) == 1 else "the marks do nothing"
        outcome = f", {_said_of_marks(project, stopping)}" if stopping else f": pytest only warns, and {does}"
        yield MARK.at(
            where,
            f"{_marks_used(shown)}, but {_cause(shown)}{outcome}; {_way_out(shown)}",
            _places(shown, "used here"),
            _removal(project, shown),
            kind="breaks" if stopping else "loses",
        )


def _said_of_marks(project: Project, stopping: Sequence[Loss]) -> str:
    """What becomes of a run that stops at marks."""
    for loss in stopping:
        if any(use.mark.when != "test" and project.stops_at(use) for use in project.unregistered[loss.name].uses):
            if project.strict_markers.on:
                return f"pytest stops: '{loss.name}' not found in `markers` configuration option"
            return "pytest stops: the warning about the unknown mark is an error here"
    return "the test fails when it runs"


def _marks_used(losses: Sequence[Loss]) -> str:
    names = [loss.name for loss in losses]
    places = [place for loss in losses for place in loss.places]
    where = f"at {places[0]}" if len(places) == 1 else f"in {len(places)} places"
    return f"{_these('mark', names)} of {_owner(losses)} {_is(names)} used {where}"


def _marks_of_expression(project: Project) -> Iterator[Finding]:
    lost = [
        Loss(name, standing, (place,))
        for name, (standing, place) in unknown_names(project).items()
        if standing.state == "blocked"
    ]
    for where, losses in _by_cause(project, lost):
        names = [loss.name for loss in losses]
        yield MARK.at(
            where,
            f"{_these('mark', names)} of {_owner(losses)} {_is(names)} named by -m, but {_cause(losses)}, "
            f"pytest stops: Unknown marker(s) in '-m' expression: {', '.join(names)}; {_way_out(losses)}",
            _places(losses[:1], "named here"),
            _removal(project, losses),
        )


def _fixtures(project: Project) -> Iterator[Finding]:
    lost = []
    asking: dict[Place, str] = {}
    for name, standing in sorted(project.blocked_fixtures.items()):
        found = {each.place: "fixture" if each.function.fixture else "test" for each in requests_of(project, name)}
        for word in project.words_in("usefixtures") or ():
            if word.text == name and project.tests.any_runs and not is_defined(project, name):
                found[word.place] = "line of usefixtures"
        asking.update(found)
        if found:
            lost.append(Loss(name, standing, tuple(found)))
    for where, losses in _by_cause(project, lost):
        names = [loss.name for loss in losses]
        kinds = [asking[place] for place in {place: None for loss in losses for place in loss.places}]
        who = " and ".join(count(kinds.count(kind), kind) for kind in dict.fromkeys(kinds))
        yield FIXTURE.at(
            where,
            f"{_these('fixture', names)} of {_owner(losses)} {_is(names)} asked for by {who}, but "
            f"{_cause(losses)}, {_fail(1 if kinds == ['test'] else 2)}; {_way_out(losses)}",
            _places(losses, "asked for here"),
            _removal(project, losses),
        )


def _async_tests(project: Project) -> Iterator[Finding]:
    lost = [
        Loss(test.test.function.name, test.standing, (test.place,))
        for test in project.asynchronous.unhandled
        if test.standing.state == "blocked"
    ]
    fails = project.behaves("async-unhandled-fails")
    for where, losses in _by_cause(project, lost):
        skips = f"pytest skips {'it' if len(losses) == 1 else 'them'} with a warning"
        yield ASYNC.at(
            where,
            f"{count(len(losses), 'async test')} would be run by {_owner(losses)}, but {_cause(losses)}: "
            f"{_fail(len(losses)) if fails else skips}; {_way_out(losses)}",
            _places(losses, "async test"),
            _removal(project, losses),
            kind="breaks" if fails else "loses",
        )


def _spelling(project: Project) -> Iterator[Finding]:
    installed = {
        spelling: (point.name, release.distribution)
        for release in project.plugins.present.values()
        for point in release.entry_points
        for spelling in _spellings(release.distribution, point)
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
            meant = [found for part in _parts(word.name) if (found := installed.get(part.lower()))]
            if len(meant) == 1:
                why = f"{meant[0][1]} stays loaded: its entry point is '{meant[0][0]}'"
            else:
                why = f"{' and '.join(distribution for _, distribution in meant)} stay loaded: -p takes one name"
            if meant:
                disablers = " ".join(f"-p no:{entry_point}" for entry_point, _ in meant)
                yield WITHOUT_EFFECT.at(
                    place, f"'{word.spelling}' disables nothing, {why}; write {disablers} or remove it"
                )


def _spellings(distribution: str, point: EntryPoint) -> set[str]:
    """What somebody may write who means a plugin."""
    return {distribution, distribution.replace("-", "_"), point.module, point.name, point.name.removeprefix("pytest_")}


def _collectors(project: Project) -> Iterator[Finding]:
    for name in ("python", "unittest"):
        disabler = project.plugins.disabler_of(name)
        if disabler is None:
            continue
        collects_all = project.has_tests if name == "python" else project.tests.only_unittest
        if collects_all and not _collects_without(project):
            yield COLLECTOR.at(
                disabler.words[-1].place,
                f"'{disabler.spelling}' disables the plugin that collects every test here, pytest collects nothing; "
                f"remove it",
                fix=_remove(project, disabler),
            )


def _collects_without(project: Project) -> bool:
    """Whether there may be something to run that no Python module is collected for."""
    return project.line.last("doctestmodules") is not None or text_doctests(project) or others_collect(project)


def _disables_something(project: Project, word: PluginWord) -> bool:
    names = {point.name for release in project.plugins.present.values() for point in release.entry_points}
    names |= {point.name for point in project.pytest.entry_points}
    return word.name in names or f"pytest_{word.name}" in names


def _parts(name: str) -> list[str]:
    """What somebody may have meant by a name that matches nothing: itself, or each item of a list."""
    return [part.strip().removeprefix("no:") for part in name.replace(",", " ").split()]


def _policy(project: Project) -> Iterator[Finding]:
    pytest_s_own = {point.name for point in project.pytest.entry_points}
    for word in project.plugins.words:
        if not word.disables or word.name in project.settings.allow_disabled or word.name in pytest_s_own:
            continue
        if project.plugins.disabler_of(word.name) is not word:
            continue  # a later -p takes it back
        yield POLICY.at(
            word.words[-1].place,
            f"'{word.spelling}' disables a plugin for everybody who runs these tests; "
            f"remove it, or add '{word.name}' to allow-disabled",
            fix=_remove(project, word, safe=False),
        )


# Words and fixes


def _by_cause(project: Project, lost: Sequence[Loss]) -> list[tuple[Place, list[Loss]]]:
    """What is lost, by the disabler that takes it away and by the distribution that would have given it."""
    found: dict[tuple[Place, str], list[Loss]] = {}
    for loss in lost:
        found.setdefault((_place(project, loss.standing), loss.standing.distribution), []).append(loss)
    return [(where, losses) for (where, _), losses in found.items()]


def _place(project: Project, standing: Standing) -> Place:
    """The place of what keeps a plugin out."""
    if standing.disabler is not None:
        return standing.disabler.words[-1].place
    off = project.start.autoload_off
    if off is not None:
        return off
    return next(word.place for word in project.words if word.text == "--disable-plugin-autoload")


def _owner(losses: Sequence[Loss]) -> str:
    _, distribution, disabler = losses[0].standing
    if distribution == "pytest" and disabler is not None:
        return f"pytest's plugin {disabler.name.removeprefix('pytest_')}"
    return distribution


def _cause(losses: Sequence[Loss]) -> str:
    disabler = losses[0].standing.disabler
    return "plugins are not loaded by themselves here" if disabler is None else f"'{disabler.spelling}' disables it"


def _way_out(losses: Sequence[Loss]) -> str:
    return "load it with -p" if losses[0].standing.disabler is None else "remove the disabler"


def _places(losses: Sequence[Loss], what: str) -> tuple[Related, ...]:
    return tuple(Related(place, what) for loss in losses for place in loss.places)


def _removal(project: Project, losses: Sequence[Loss]) -> Fix | None:
    disabler = losses[0].standing.disabler
    return None if disabler is None else _remove(project, disabler)


def _remove(project: Project, word: PluginWord, *, safe: bool = True) -> Fix | None:
    """The fix that takes all that disables a plugin out of addopts; None where some of it stands elsewhere."""
    config = project.config
    names = blocked_names(word.name)
    twins = [each for each in project.plugins.words if each.disables and names & blocked_names(each.name)]
    parts = [part for each in twins for part in each.words]
    if config is None or any(part.place.path != config.path for part in parts):
        return None
    edit = RemoveWords(config.path, config.section, "addopts", tuple(part.index for part in parts))
    return Fix(f"remove '{word.spelling}' from addopts", safe, (edit,))


def _these(what: str, names: Sequence[str]) -> str:
    """ "mark 'a'", "marks 'a' and 'b'", "marks 'a', 'b' and 'c'"; a name counts once."""
    *others, last = (f"'{name}'" for name in dict.fromkeys(names))
    return f"{what}s {', '.join(others)} and {last}" if others else f"{what} {last}"


def _is(names: Sequence[str]) -> str:
    return "is" if len(set(names)) == 1 else "are"


def _fail(tests: int) -> str:
    return "the test fails when it runs" if tests == 1 else "the tests fail when they run"

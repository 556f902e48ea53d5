"""Async tests: who runs them, and in which mode of pytest-asyncio.

Source: https://pytest-asyncio.readthedocs.io/en/stable/reference/configuration.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from precollect.findings import Finding, Fix, Place, Related, Rule, SetKey
from precollect.model.asynchronous import MODES
from precollect.model.project import Project
from precollect.model.requests import may_come_from_elsewhere, requests_of
from precollect.model.values import Value
from precollect.similar import nearest

CONCERN: Final = "asyncio-mode"
DISTRIBUTION = "pytest-asyncio"

INVALID_MODE = Rule("invalid-asyncio-mode", CONCERN, "breaks", "the mode of pytest-asyncio is no mode")
INVALID_SCOPE = Rule("invalid-loop-scope", CONCERN, "breaks", "a default loop scope is no scope")
WITHOUT_PLUGIN = Rule("asyncio-without-plugin", CONCERN, "breaks", "an asyncio option or key that nobody knows")
UNHANDLED = Rule("async-test-not-run", CONCERN, "breaks", "no plugin runs an async test")
FIXTURE = Rule("async-fixture-not-run", CONCERN, "breaks", "no plugin runs an async fixture")
UNSET_SCOPE = Rule("loop-scope-unset", CONCERN, "breaks", "an unset loop scope is a warning, and warnings are errors")
BAD_ARGUMENT = Rule("bad-asyncio-argument", CONCERN, "breaks", "the asyncio mark does not take the argument")
FIXTURE_ARGUMENT = Rule("bad-async-fixture-argument", CONCERN, "breaks", "an async fixture has an unknown argument")
FIXTURE_SCOPE = Rule("async-fixture-scope", CONCERN, "breaks", "an async fixture outlives the event loop that it needs")
GONE_FIXTURE = Rule("event-loop-fixture-gone", CONCERN, "breaks", "a test asks for the event_loop fixture")
TWO_AUTOS = Rule("two-auto-modes", CONCERN, "breaks", "pytest-asyncio and anyio are both in auto mode")
NO_MODE = Rule("asyncio-mode-not-set", CONCERN, "policy", "the mode of pytest-asyncio is left to its default")
OTHER_MODE = Rule("other-asyncio-mode", CONCERN, "policy", "the mode is not the one that the team has chosen")

RULES = (
    INVALID_MODE,
    INVALID_SCOPE,
    WITHOUT_PLUGIN,
    UNHANDLED,
    FIXTURE,
    UNSET_SCOPE,
    BAD_ARGUMENT,
    FIXTURE_ARGUMENT,
    FIXTURE_SCOPE,
    GONE_FIXTURE,
    TWO_AUTOS,
    NO_MODE,
    OTHER_MODE,
)

SCOPES = ("function", "class", "module", "package", "session")
SCOPE_KEYS = ("asyncio_default_fixture_loop_scope", "asyncio_default_test_loop_scope")


def check(project: Project) -> Iterator[Finding]:
    """The findings about async tests and their mode."""
    yield from _without_plugin(project)
    if project.asynchronous.loaded:
        yield from _mode(project)
        yield from _scopes(project)
        yield from _unset_scope(project)
        yield from _two_autos(project)
        yield from _arguments(project)
        yield from _fixture_arguments(project)
        yield from _fixture_scopes(project)
        yield from _policy(project)
    yield from _gone_fixture(project)
    yield from _tests(project)
    yield from _fixtures(project)


def _without_plugin(project: Project) -> Iterator[Finding]:
    for option in project.refused_options:
        if option.concern == CONCERN and option.standing.state != "blocked":
            why, way_out = _lack(project, "option", option.name)
            yield WITHOUT_PLUGIN.at(
                option.word.place, f"option '{option.name}' {why}, pytest stops: {option.said}; {way_out}"
            )
    for key in project.refused_keys:
        if key.concern == CONCERN and key.standing.state != "blocked":
            why, way_out = _lack(project, "key", key.value.key)
            message = f"key '{key.value.key}' {why}, {key.said}; {way_out}"
            yield WITHOUT_PLUGIN.at(key.value.place, message, kind=key.kind)


def _lack(project: Project, kind: Literal["option", "key"], name: str) -> tuple[str, str]:
    """Why nobody knows an option or key, and the way out."""
    standing = project.plugins.standing(kind, name)
    if standing.state == "outdated":
        release = project.plugins.present[standing.distribution.lower()]
        why = f"is not known to {standing.distribution} {release.version}, which is declared"
        return why, f"declare another release or remove the {kind}"
    if standing.state == "absent":
        why = f"needs {standing.distribution}, which is not among the test dependencies"
        return why, f"declare it or remove the {kind}"
    known = project.plugins.keys if kind == "key" else ("--asyncio-mode", "--asyncio-debug")
    near = nearest(name, known, most=1)
    return "is not known", f"did you mean '{near[0]}'?" if near else f"remove the {kind}"


def _mode(project: Project) -> Iterator[Finding]:
    asynchronous = project.asynchronous
    mode = asynchronous.mode
    if mode in MODES or (mode == "legacy" and "legacy-mode" in project.plugins.present[DISTRIBUTION].behaviours):
        return
    value = asynchronous.key
    if value is not None and value.text is None:
        yield INVALID_MODE.at(value.place, _no_text(value, "Valid modes: auto, strict", "write auto or strict"))
        return
    place = asynchronous.option.words[-1].place if asynchronous.option else _place(project, "asyncio_mode")
    said = f"'{mode}' is not a valid asyncio_mode. Valid modes: auto, strict"
    yield INVALID_MODE.at(place, f"pytest stops: {said}; {_meant(mode, MODES)}")


def _scopes(project: Project) -> Iterator[Finding]:
    known = project.plugins.keys
    for key in SCOPE_KEYS:
        value = project.values.get(key)
        if value is None or key not in known:
            continue
        takes_its_own = key == SCOPE_KEYS[0] and "fixture-scope-as-default" in _behaviours(project)
        allowed = (*SCOPES, "fixture-scope") if takes_its_own else SCOPES
        valid = f"Valid scopes are: {', '.join(SCOPES)}"
        if value.text is None:
            yield INVALID_SCOPE.at(value.place, _no_text(value, valid, "write one of them"))
        elif value.text in allowed:
            continue
        elif "checks-default-loop-scope" in _behaviours(project):
            said = f"'{value.text}' is not a valid {key}. {valid}"
            yield INVALID_SCOPE.at(value.place, f"pytest stops: {said}; {_meant(value.text, allowed)}")
        else:
            needy = "fixture" if key == SCOPE_KEYS[0] else "test"
            said = f"'{value.text}' is no loop scope, the first async {needy} that needs it fails"
            yield INVALID_SCOPE.at(value.place, f"{said}; {_meant(value.text, allowed)}", kind="loses")


def _no_text(value: Value, valid: str, way_out: str) -> str:
    """What is said against a value of another type than text."""
    if value.mode == "toml":
        said = f"config option '{value.key}' expects a string, got {type(value.raw).__name__}: {value.raw!r}"
    else:
        said = f"{value.raw!r} is not a valid {value.key}. {valid}"
    return f"pytest stops: {said}; {way_out} as a text"


def _meant(text: str, allowed: Sequence[str]) -> str:
    """What to write instead of a word that is none of those allowed."""
    word, _, comment = text.replace(";", "#").partition("#")
    word = word.strip()
    if word.lower() in allowed and comment:
        return "give the comment a line of its own"
    near = [word.lower()] if word.lower() in allowed else nearest(word.lower(), allowed, most=1)
    return f"did you mean '{near[0]}'?" if near else f"write one of {', '.join(allowed)}"


def _unset_scope(project: Project) -> Iterator[Finding]:
    key = SCOPE_KEYS[0]
    message = f'The configuration option "{key}" is unset.'
    if (
        "warns-of-unset-loop-scope" in _behaviours(project)
        and project.behaves("filters-apply-to-configure")
        and project.values.get(key) is None
        and project.is_error("PytestDeprecationWarning", message)
    ):
        value = project.values.get("filterwarnings")
        where = value.place if value is not None else _header(project)
        yield UNSET_SCOPE.at(
            where,
            f"'{key}' is not set, {DISTRIBUTION} warns of that, and warnings are errors here: pytest stops: "
            f"{message[:-1]}; set {key} = function",
            fix=_set(project, key, "function", safe=True),
        )


def _two_autos(project: Project) -> Iterator[Finding]:
    release = project.plugins.present.get("anyio")
    if release is None or "warns-of-two-auto-modes" not in release.behaviours or not project.plugins.loads("anyio"):
        return
    # Without an option of its own, anyio does not look at that of pytest-asyncio either.
    options = any("--anyio-mode" in option.names for option in release.options)
    places = [_auto(project, key, options=options) for key in ("anyio_mode", "asyncio_mode")]
    if places[0] is None or places[1] is None:
        return
    said = "AnyIO auto mode has been enabled together with pytest-asyncio auto mode"
    fails = project.is_error("PytestConfigWarning", said)
    outcome = "warnings are errors here: pytest stops" if fails else "pytest only warns"
    yield TWO_AUTOS.at(
        places[0],
        f"anyio and pytest-asyncio are both in auto mode, {outcome}: {said}; set one of them to strict",
        (Related(places[1], "auto as well"),),
        kind="breaks" if fails else "loses",
    )


def _auto(project: Project, key: str, *, options: bool) -> Place | None:
    """Where a mode is set to auto, by the key or the option of that name, though the other may say otherwise."""
    given = project.line.last(key) if options else None
    if given is not None and given.value == "auto":
        return given.words[-1].place
    value = project.values.get(key)
    return value.place if value is not None and value.text == "auto" else None


def _arguments(project: Project) -> Iterator[Finding]:
    behaviours = _behaviours(project)
    if "asyncio" not in project.tests.mark_names or not behaviours & {
        "checks-asyncio-arguments-at-collection",
        "checks-asyncio-arguments-at-run",
    }:
        return
    at_collection = "checks-asyncio-arguments-at-collection" in behaviours
    taken = {"loop_scope", "scope"} | ({"loop_factories"} if "loop-factories" in behaviours else set())
    odd = set(project.suite.overview.flagged("odd_asyncio"))
    for use in project.tests.uses_of(frozenset({"asyncio"}), odd):
        call = use.mark.call
        tests = [test for test in project.asynchronous.tests_in(use.path) if project.tests.carries(test, use.mark)]
        if call is None or use.mark.when != "import" or use.mark.target != "function" or not tests:
            continue
        if not at_collection and not project.tests.certainly_runs(tests[0]):
            continue
        names = [key for key, _ in call.keywords]
        unknown = [key for key in names if key not in taken]
        scope = call.keyword("loop_scope") or call.keyword("scope")
        stops = "pytest stops" if at_collection else "the test fails when it runs"
        if unknown or call.positional:
            what = f"'{unknown[0]}'" if unknown else "a positional argument"
            accepts = "a keyword argument 'loop_scope'"
            if "loop-factories" in behaviours:
                accepts = "keyword arguments 'loop_scope' and 'loop_factories'"
            said = f"mark.asyncio accepts only {accepts}"
            yield BAD_ARGUMENT.at(use.place, f"the asyncio mark does not take {what}, {stops}: {said}; remove it")
        elif {"scope", "loop_scope"} <= set(names):
            message = f"the asyncio mark has both 'scope' and 'loop_scope', {stops}; remove 'scope'"
            yield BAD_ARGUMENT.at(use.place, message)
        elif scope is not None and scope.known and scope.value not in SCOPES:
            yield BAD_ARGUMENT.at(
                use.place, f"{scope.value!r} is no loop scope, {stops}; write one of {', '.join(SCOPES)}"
            )


def _fixture_arguments(project: Project) -> Iterator[Finding]:
    if "fixture-takes-loop-scope" in _behaviours(project):
        return
    release = project.plugins.present[DISTRIBUTION]
    for fixture in project.tests.fixtures("loop_scope"):
        declared = fixture.function.fixture
        if (
            declared is not None
            and declared.declared_by == "pytest_asyncio.fixture"
            and declared.call is not None
            and declared.call.keyword("loop_scope") is not None
            and fixture.function.when == "import"
        ):
            yield FIXTURE_ARGUMENT.at(
                fixture.place,
                f"{DISTRIBUTION} {release.version}, which is declared, knows no loop_scope, pytest stops: "
                f"fixture() got an unexpected keyword argument 'loop_scope'; declare {DISTRIBUTION}>=0.24",
            )


def _fixture_scopes(project: Project) -> Iterator[Finding]:
    """A session-scoped async fixture asks for `event_loop`, which lives for one test only unless it is overridden."""
    if "session-fixture-needs-own-loop" not in _behaviours(project) or project.defines_fixture("event_loop"):
        return
    for fixture, test in project.asynchronous.requested_fixtures:
        declared = fixture.function.fixture
        if declared is not None and declared.scope in {"class", "module", "package", "session"}:
            yield FIXTURE_SCOPE.at(
                fixture.place,
                f"the async fixture '{fixture.function.name}' lives longer than the event loop that it runs in, "
                f"the test fails when it runs: ScopeMismatch: You tried to access the function scoped fixture "
                f"event_loop with a {declared.scope} scoped request object; override event_loop with that scope",
                (Related(test.place, "asked for here"),),
            )


def _gone_fixture(project: Project) -> Iterator[Finding]:
    standing = project.plugins.standing("fixture", "event_loop")
    requests = requests_of(project, "event_loop") if standing.state == "outdated" else []
    if not requests or may_come_from_elsewhere(project, b"event_loop"):
        return
    for request in requests:
        yield GONE_FIXTURE.at(
            request.place,
            "the fixture 'event_loop' is gone since pytest-asyncio 1.0, the test fails when it runs: "
            "fixture 'event_loop' not found; use asyncio.get_running_loop() in an async test",
        )


def _tests(project: Project) -> Iterator[Finding]:
    tests = [test for test in project.asynchronous.unhandled if test.standing.state != "blocked"]
    if tests:
        broken = _broken_modules(project)
        tests = [test for test in tests if test.test.path not in broken]
    if not tests:
        return
    fails = project.behaves("async-unhandled-fails") or project.is_error(
        "PytestUnhandledCoroutineWarning", "async def functions are not natively supported"
    )
    said = "it fails when it runs" if fails else "pytest skips it with a warning"
    if project.asynchronous.loaded:
        why = "pytest-asyncio is in strict mode and the test has no asyncio mark"
        way_out = "mark it with @pytest.mark.asyncio, or set asyncio_mode = auto"
    else:
        why = "no plugin for async tests is among the test dependencies"
        way_out = "declare pytest-asyncio or anyio"
    yield UNHANDLED.at(
        tests[0].place,
        f"nobody runs the async test '{tests[0].test.function.name}': {why}, {said}: "
        f"async def functions are not natively supported; {way_out}",
        tuple(Related(test.place, "async test") for test in tests[1:]),
        kind="breaks" if fails else "loses",
    )


def _broken_modules(project: Project) -> set[str]:
    """The modules whose collection stops at a mark that nobody registers."""
    uses = [use for found in project.unregistered.values() for use in found.uses]
    return {use.path for use in uses if use.mark.when == "import" and project.stops_at(use)}


def _fixtures(project: Project) -> Iterator[Finding]:
    for fixture, test in project.asynchronous.unhandled_fixtures:
        fails = project.async_fixtures_fail
        said = "the test fails when it runs" if fails else "the test gets a coroutine instead of the value"
        yield FIXTURE.at(
            fixture.place,
            f"nobody runs the async fixture '{fixture.function.name}': pytest.fixture does not await it in "
            f"strict mode, {said}; declare it with @pytest_asyncio.fixture, or set asyncio_mode = auto",
            (Related(test.place, "asked for here"),),
            kind="breaks" if fails else "loses",
        )


def _policy(project: Project) -> Iterator[Finding]:
    asynchronous = project.asynchronous
    wanted = project.settings.asyncio_mode
    if not asynchronous.exists:
        return
    if asynchronous.option is None and asynchronous.key is None:
        if asynchronous.mode_is_open:
            return
        mode = wanted or "strict"
        yield NO_MODE.at(
            _header(project),
            "asyncio_mode is not set and defaults to strict, although there are async tests; "
            f"set asyncio_mode = {mode}",
            fix=_set(project, "asyncio_mode", mode, safe=mode == "strict"),
        )
    elif wanted is not None and asynchronous.mode in MODES and asynchronous.mode != wanted:
        key = asynchronous.key
        place = key.place if key is not None else asynchronous.option.words[-1].place if asynchronous.option else None
        assert place is not None
        yield OTHER_MODE.at(
            place,
            f"the asyncio mode is {asynchronous.mode}, the team has chosen {wanted}; set asyncio_mode = {wanted}",
            fix=_set(project, "asyncio_mode", wanted, safe=False) if key is not None else None,
        )


def _behaviours(project: Project) -> frozenset[str]:
    return project.plugins.present[DISTRIBUTION].behaviours


def _place(project: Project, key: str) -> Place:
    value = project.values.get(key)
    return value.place if value is not None else _header(project)


def _header(project: Project) -> Place:
    """Where a missing key is missing: the section's header, or the first async test where there is no section."""
    if project.config is not None:
        return project.config.header
    step = next(step for step in project.steps if project.modules.shows(step.path, "asynchronous"))
    return Place(step.path, 1, 1)


def _set(project: Project, key: str, value: str, *, safe: bool) -> Fix | None:
    config = project.config
    if config is None:
        return None
    return Fix(f"set {key} = {value} in {config.path}", safe, (SetKey(config.path, config.section, key, value),))

"""Reruns: `--reruns` and `reruns` rerun every test, `@pytest.mark.flaky(reruns=3, reruns_delay=2)` the flaky one.

Source: https://pytest-rerunfailures.readthedocs.io
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from precollect.catalog import Release
from precollect.findings import Edit, Finding, Fix, Place, Related, RemoveKey, RemoveWords, Rule
from precollect.model.project import Project
from precollect.model.tests import NO_RUN, Use
from precollect.model.values import Value
from precollect.reading.command_line import Fault, Given
from precollect.reading.python.facts import Argument, Call
from precollect.reading.python.syntax import quietly

CONCERN: Final = "reruns-policy"
DISTRIBUTION = "pytest-rerunfailures"

WITHOUT_PLUGIN = Rule("reruns-without-plugin", CONCERN, "breaks", "a reruns option needs a plugin that is not there")
BAD_VALUE = Rule("bad-reruns-value", CONCERN, "breaks", "a reruns option has a value that the plugin refuses")
NEGATIVE = Rule("negative-reruns", CONCERN, "loses", "a negative number of reruns")
BAD_PATTERN = Rule("bad-reruns-pattern", CONCERN, "breaks", "the pattern of --only-rerun or --rerun-except is broken")
WITH_PDB = Rule("reruns-with-pdb", CONCERN, "breaks", "reruns and --pdb exclude each other")
BAD_FLAKY = Rule("bad-flaky-argument", CONCERN, "breaks", "an argument of a flaky mark fails when the test runs")
OTHER_FLAKY = Rule("flaky-of-another-plugin", CONCERN, "loses", "arguments of a flaky mark that nobody reads")
GLOBAL = Rule("reruns-for-every-test", CONCERN, "policy", "every failing test is rerun")
TOO_MANY = Rule("too-many-reruns", CONCERN, "policy", "a test asks for more reruns than the team allows")
TOO_SOON = Rule("reruns-too-soon", CONCERN, "policy", "a test waits less between reruns than the team asks for")

RULES = (
    WITHOUT_PLUGIN,
    BAD_VALUE,
    NEGATIVE,
    BAD_PATTERN,
    WITH_PDB,
    BAD_FLAKY,
    OTHER_FLAKY,
    GLOBAL,
    TOO_MANY,
    TOO_SOON,
)

# Arguments of the mark in the plugins that share its name; those of pytest-rerunfailures come first.
OWN_ARGUMENTS = frozenset({"reruns", "reruns_delay", "condition", "only_rerun", "rerun_except"})
OTHER_ARGUMENTS = {"max_runs": "flaky", "min_passes": "flaky", "rerun_filter": "flaky", "retries": "pytest-retry"}


def check(project: Project) -> Iterator[Finding]:
    """The findings about reruns."""
    yield from _without_plugin(project)
    yield from _values(project)
    yield from _with_pdb(project)
    yield from _marks(project)
    yield from _global(project)


def _without_plugin(project: Project) -> Iterator[Finding]:
    for option in project.refused_options:
        if option.concern == CONCERN and option.standing.state != "blocked":
            needed = f"option '{option.name}' needs {_needed(project)}"
            message = f"{needed}, pytest stops: {option.said}; declare it or remove the option"
            yield WITHOUT_PLUGIN.at(option.word.place, message)
    for key in project.refused_keys:
        if key.concern == CONCERN and key.standing.state != "blocked":
            needed = f"key '{key.value.key}' needs {_needed(project)}"
            message = f"{needed}, {key.said}; declare it or remove the key"
            yield WITHOUT_PLUGIN.at(key.value.place, message, kind=key.kind)


def _needed(project: Project) -> str:
    release = project.plugins.present.get(DISTRIBUTION)
    if release is None:
        return f"{DISTRIBUTION}, which is not among the test dependencies"
    return f"a newer {DISTRIBUTION} than {release.version}, which is declared"


def _values(project: Project) -> Iterator[Finding]:
    release = project.plugins.present.get(DISTRIBUTION)
    if release is None or not project.plugins.loads("rerunfailures"):
        return
    for fault in project.line.faults:
        if fault.option is not None and fault.option.owner == "rerunfailures":
            yield BAD_VALUE.at(fault.word.place, f"pytest stops: {fault.message}{_expectation(fault)}")
    yield from _numbers(project)
    yield from _key(project)
    yield from _broken_patterns(project, release)


def _broken_patterns(project: Project, release: Release) -> Iterator[Finding]:
    stops = "checks-rerun-patterns" in release.behaviours
    if not (stops or "broken-rerun-pattern-ends-run" in release.behaviours):
        return
    for name, text, place in _patterns(project):
        said = _broken_pattern(text)
        if said is not None and stops:
            message = f"pytest stops: invalid regular expression for {name}: {text!r} ({said}); correct it"
            yield BAD_PATTERN.at(place, message)
        elif said is not None:
            what = f"{text!r} for {name} is no regular expression"
            message = f"{what}, a failing test that is compared with it ends the run: {said}; correct it"
            yield BAD_PATTERN.at(place, message, kind="loses")


def _numbers(project: Project) -> Iterator[Finding]:
    for dest in ("reruns", "force_reruns", "max_suite_reruns"):
        given = project.line.last(dest)
        if given is None or _integer(given.value) >= 0:
            continue
        place = given.words[-1].place
        if dest == "max_suite_reruns":
            yield BAD_VALUE.at(place, "pytest stops: --max-suite-reruns must be >= 0; write 0 or more")
        else:
            yield _negative(project, place, given.value or "")


def _key(project: Project) -> Iterator[Finding]:
    value = project.values.get("reruns")
    if value is None or project.line.last("reruns") or project.line.last("force_reruns"):
        return
    text = value.text
    if value.mode == "toml" and text is None:
        said = f"config option 'reruns' expects a string, got {type(value.raw).__name__}: {value.raw!r}"
        yield BAD_VALUE.at(value.place, f"pytest stops: {said}; write it in quotes")
    elif text == "":
        return
    elif text is None or not _is_integer(text):
        message = f"'reruns = {value.raw}' is no whole number, pytest ignores this line; write a number"
        yield BAD_VALUE.at(value.place, message, kind="loses")
    elif _integer(text) < 0:
        yield _negative(project, value.place, text)


def _patterns(project: Project) -> Iterator[tuple[str, str, Place]]:
    """(name, text, place) of every pattern that decides what is rerun: those of options, else those of a key."""
    for name in ("only_rerun", "rerun_except"):
        options = project.line.all(name)
        yield from ((name, given.value or "", given.words[-1].place) for given in options)
        value = project.values.get(name)
        if value is not None and not options and name in project.plugins.keys:
            yield from ((name, text, place) for text, place in value.lines)


def _negative(project: Project, place: Place, text: str) -> Finding:
    release = project.plugins.present[DISTRIBUTION]
    said = f"{text} reruns mean none"
    if "negative-reruns-run-nothing" in release.behaviours:
        said = f"with {text} reruns {DISTRIBUTION} {release.version} runs no test at all, and pytest reports success"
    return NEGATIVE.at(place, f"{said}; write 0 or more")


def _expectation(fault: Fault) -> str:
    kind = fault.option.type if fault.option is not None else None
    return {"int": "; write a whole number", "float": "; write seconds"}.get(kind or "", "; correct it")


def _is_integer(text: str) -> bool:
    try:
        int(text)
    except ValueError:
        return False
    return True


def _integer(text: str | None) -> int:
    try:
        return int(text or "0")
    except ValueError:
        return 0


def _broken_pattern(text: str) -> str | None:
    try:
        with quietly():
            re.compile(text)
    except re.error as error:
        return str(error)
    except (OverflowError, RecursionError):
        return None
    return None


def _with_pdb(project: Project) -> Iterator[Finding]:
    pdb = project.line.last("usepdb")
    if pdb is None or not project.gives("option", "--reruns") or any(project.line.last(dest) for dest in NO_RUN):
        return
    if any(
        setting.name in {"usepdb", "reruns"} for _, module in project.local_plugins for setting in module.option_values
    ):
        return
    reruns = _for_every_test(project)
    marks = [use for use in _flaky(project) if _reruns(use) and project.tests.runs_marked(use)]
    if reruns is not None or marks:
        places = tuple(Related(use.place, "flaky") for use in marks)
        if reruns is not None:
            places = (Related(_place(reruns), "reruns"),)
        yield WITH_PDB.at(
            pdb.words[0].place,
            f"pytest collects, but stops before the first {'test' if reruns is not None else 'flaky test'}: "
            "--reruns incompatible with --pdb; keep one of the two",
            places,
        )


def _reruns(use: Use) -> bool:
    """Whether a mark on a test certainly asks for reruns: once, unless it says how often."""
    if use.mark.target != "function":
        return False
    call = use.mark.call
    if call is None or not (call.positional or call.keyword("reruns")):
        return call is None or call.complete
    return (_number(call, "reruns", 0) or 0) > 0


def _for_every_test(project: Project) -> Given | Value | None:
    """The option or key that reruns every test; None where none does."""
    for dest in ("force_reruns", "reruns"):
        given = project.line.last(dest)
        if given is not None:
            return given if _integer(given.value) > 0 else None
    value = project.values.get("reruns")
    return value if value is not None and _integer(value.text) > 0 else None


def _flaky(project: Project) -> Iterator[Use]:
    if "flaky" in project.tests.mark_names:
        yield from (use for use in project.tests.uses_of(frozenset({"flaky"})) if use.mark.when == "import")


def _notable_flaky(project: Project) -> Iterator[Use]:
    """The flaky marks of the files in which one may ask for something that a rule is about."""
    settings = project.settings
    all_of_them = settings.min_reruns_delay is not None or _flaky_is_loaded(project)
    if "flaky" in project.tests.mark_names:
        overview = project.tests.overview
        many = overview.which("most_reruns", lambda cell: float(cell) > settings.max_reruns)
        paths = project.tests.certain_files if all_of_them else {*overview.flagged("odd_flaky"), *many}
        for use in project.tests.uses_of(frozenset({"flaky"}), paths):
            if use.mark.when == "import":
                yield use


def _marks(project: Project) -> Iterator[Finding]:
    release = project.plugins.present.get(DISTRIBUTION)
    if release is None or not project.gives("mark", "flaky"):
        return
    others = [name for name in ("flaky", "pytest-retry") if project.environment.presence(name) != "no"]
    for use in _notable_flaky(project):
        call = use.mark.call
        if call is None:
            continue
        reached = use.mark.target in {"function", "class"} and project.tests.runs_marked(use)
        strange = _strange_to_flaky(project, call)
        if strange is not None and reached and project.tests.runs_in_full(use):
            yield BAD_FLAKY.at(
                use.place,
                f"the plugin flaky is installed too and reads this mark, the test fails when it runs: "
                f"got an unexpected keyword argument '{strange}'; remove one of the two plugins",
            )
            continue
        condition = call.keyword("condition")
        if reached and condition is not None and "evaluates-flaky-condition" in release.behaviours:
            said = _broken_expression(condition)
            if said is not None:
                yield BAD_FLAKY.at(
                    use.place,
                    f"the condition {condition.value!r} of the flaky mark is no expression, pytest collects, "
                    f"but the run stops: {said}; correct it",
                )
                continue
        bad = _bad_argument(call, forced=project.line.last("force_reruns") is not None) if reached else None
        if bad is not None:
            yield BAD_FLAKY.at(
                use.place,
                f"'{bad[0]}' of the flaky mark is the text {bad[1]!r}, pytest collects, "
                f"but the run stops with a TypeError; write a number",
            )
            continue
        foreign = [key for key, _ in call.keywords if key in OTHER_ARGUMENTS and OTHER_ARGUMENTS[key] not in others]
        if foreign:
            yield OTHER_FLAKY.at(
                use.place,
                f"'{foreign[0]}' is an argument of the plugin {OTHER_ARGUMENTS[foreign[0]]}: {DISTRIBUTION} ignores it "
                f"and reruns the test once; write reruns=",
            )
        yield from _beyond_policy(project, use, call)


def _strange_to_flaky(project: Project, call: Call) -> str | None:
    """An argument that the plugin flaky, where it is loaded beside pytest-rerunfailures, does not know."""
    if not _flaky_is_loaded(project):
        return None
    return next((key for key, _ in call.keywords if OTHER_ARGUMENTS.get(key) != "flaky"), None)


def _flaky_is_loaded(project: Project) -> bool:
    """Whether the plugin flaky, which shares the mark, certainly reads it, too."""
    return "flaky" in project.plugins.present and project.plugins.loads("flaky")


def _broken_expression(argument: Argument) -> str | None:
    """What Python says against a condition given as a text; None where it compiles it, or may."""
    if not (argument.known and isinstance(argument.value, str)):
        return None
    try:
        with quietly():
            compile(argument.value, "<condition>", "eval")
    except SyntaxError as error:
        return f"SyntaxError: {error.msg}"
    except (ValueError, MemoryError, RecursionError):
        return None
    return None


def _bad_argument(call: Call, *, forced: bool) -> tuple[str, str] | None:
    """An argument that is a text where the plugin compares numbers; `forced` reruns stand in for those of the mark."""
    named = dict(zip(("reruns", "reruns_delay"), call.positional, strict=False))
    named.update({key: value for key, value in call.keywords if key in {"reruns", "reruns_delay"}})
    for key, value in named.items():
        if value.known and value.kind == "str" and not (forced and key == "reruns"):
            return key, str(value.value)
    return None


def _beyond_policy(project: Project, use: Use, call: Call) -> Iterator[Finding]:
    settings = project.settings
    reruns = _number(call, "reruns", 0)
    delay = _number(call, "reruns_delay", 1)
    if reruns is not None and reruns > settings.max_reruns:
        yield TOO_MANY.at(
            use.place, f"this test asks for {reruns:g} reruns, the team allows {settings.max_reruns}; ask for fewer"
        )
    if settings.min_reruns_delay is not None and call.complete and (delay or 0) < settings.min_reruns_delay:
        yield TOO_SOON.at(
            use.place,
            f"this test waits {delay or 0:g} seconds between reruns, the team asks for {settings.min_reruns_delay:g}; "
            f"write reruns_delay={settings.min_reruns_delay:g}",
        )


def _number(call: Call, keyword: str, position: int) -> float | None:
    argument: Argument | None = call.keyword(keyword)
    if argument is None and position < len(call.positional):
        argument = call.positional[position]
    if argument is None or not argument.known or not isinstance(argument.value, (int, float)):
        return None
    return argument.value


def _global(project: Project) -> Iterator[Finding]:
    if not project.gives("option", "--reruns"):
        return
    advice = "mark the flaky tests instead: @pytest.mark.flaky(reruns=3, reruns_delay=2)"
    reruns = _for_every_test(project)
    if reruns is not None:
        spelling = f"reruns = {reruns.text}" if isinstance(reruns, Value) else reruns.spelling
        yield GLOBAL.at(
            _place(reruns),
            f"'{spelling}' reruns every failing test, which hides what is broken; {advice}",
            fix=_without(project),
        )
    for path, module in project.local_plugins:
        for setting in module.option_values:
            number = setting.value.value
            if setting.name == "reruns" and setting.value.known and isinstance(number, int) and number > 0:
                yield GLOBAL.at(
                    Place(path, setting.line, setting.column),
                    f"'config.option.reruns = {number}' reruns every failing test, which hides what is broken; "
                    f"{advice}",
                )


def _place(reruns: Given | Value) -> Place:
    return reruns.place if isinstance(reruns, Value) else reruns.words[0].place


def _without(project: Project) -> Fix | None:
    """Take the reruns and what only tunes them out of the file, options and keys; None where some stand elsewhere."""
    config = project.config
    given = [each for dest in ("reruns", "force_reruns", "reruns_delay") for each in project.line.all(dest)]
    words = [word for each in given for word in each.words]
    if config is None or any(word.place.path != config.path for word in words):
        return None
    edits: list[Edit] = []
    if words:
        numbers = tuple(sorted(word.index for word in words))
        edits.append(RemoveWords(config.path, config.section, "addopts", numbers))
    keys = [key for key in ("reruns", "reruns_delay") if key in config.entries]
    edits += [RemoveKey(config.path, config.section, key) for key in keys]
    return Fix(f"remove the reruns for every test from {config.path}", False, tuple(edits))

"""Marks and markers: under strictness every mark that tests carry has to be registered.

Source: https://docs.pytest.org/en/stable/how-to/mark.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from precollect.concerns.wording import related
from precollect.findings import AddLine, AddWords, Finding, Fix, Place, Related, Rule, SetKey
from precollect.model import strictness
from precollect.model.mark_expression import unknown_names
from precollect.model.markers import MISSPELLED
from precollect.model.plugins import Standing
from precollect.model.project import Project
from precollect.model.tests import Use
from precollect.reading import expression
from precollect.reading.python.facts import Class, Function, Module, Pytestmark
from precollect.similar import nearest

CONCERN: Final = "strict-markers"

UNREGISTERED = Rule("unregistered-mark", CONCERN, "breaks", "tests carry a mark that nobody registers")
MISSPELLED_PARAMETRIZE = Rule("misspelled-parametrize", CONCERN, "breaks", "a mark that pytest takes for parametrize")
PRIVATE_NAME = Rule("mark-name-with-underscore", CONCERN, "breaks", "the name of a mark begins with an underscore")
CHAINED = Rule("chained-mark", CONCERN, "breaks", "a mark is asked for a mark of its own")
NAMELESS = Rule("mark-without-name", CONCERN, "breaks", "pytest.mark decorates without the name of a mark")
PYTESTMARK = Rule("pytestmark-not-a-list", CONCERN, "breaks", "pytestmark is neither a mark nor a list of marks")
ON_FIXTURE = Rule("mark-on-fixture", CONCERN, "breaks", "a fixture carries a mark")
NAMELESS_LINE = Rule(
    "marker-line-without-name", CONCERN, "loses", "a line of markers registers a name that no mark has"
)
EXPRESSION = Rule("bad-mark-expression", CONCERN, "breaks", "the expression of -m cannot be read")
UNKNOWN_IN_EXPRESSION = Rule("unknown-mark-in-expression", CONCERN, "breaks", "-m names a mark that nobody registers")
MISSPELLED_FLAG = Rule("misspelled-strict-option", CONCERN, "breaks", "an option that resembles --strict-markers")
BAD_VALUE = Rule("strictness-not-a-boolean", CONCERN, "breaks", "strict_markers or strict is neither true nor false")
POLICY = Rule("strict-markers-off", CONCERN, "policy", "marks need not be registered")

RULES = (
    UNREGISTERED,
    MISSPELLED_PARAMETRIZE,
    PRIVATE_NAME,
    CHAINED,
    NAMELESS,
    PYTESTMARK,
    ON_FIXTURE,
    NAMELESS_LINE,
    EXPRESSION,
    UNKNOWN_IN_EXPRESSION,
    MISSPELLED_FLAG,
    BAD_VALUE,
    POLICY,
)


# What may be given to `pytestmark` by mistake: in words, and as pytest shows it.
PYTESTMARKS = {
    "tuple": ("a tuple", "(...)"),
    "str": ("a text", "'...'"),
    "none": ("None", "None"),
    "marks": ("pytest.mark without a name", "MarkDecorator(...)"),
    "other": ("no mark", "(...)"),
}


def check(project: Project) -> Iterator[Finding]:
    """The findings about marks and markers."""
    yield from _unregistered(project)
    yield from _misspelled(project)
    yield from _odd_marks(project)
    yield from _marks_on_fixtures(project)
    yield from _lines(project)
    yield from _expressions(project)
    yield from _flags(project)
    yield from _policy(project)


def _unregistered(project: Project) -> Iterator[Finding]:
    for name, (standing, uses) in sorted(project.unregistered.items()):
        stops = [use for use in uses if project.stops_at(use)]
        if not stops or standing.state == "blocked" or name in MISSPELLED or name.startswith("_"):
            continue
        said = f"pytest stops: '{name}' not found in `markers` configuration option"
        if project.strict_markers.bad is not None:
            yield _bad_value(project, stops)
            return
        if not project.strict_markers.on:
            said = "pytest stops: the warning about the unknown mark is an error here"
        if all(use.mark.when == "test" for use in stops):
            said = "the test fails when it runs"
        hint, places = _hint(project, name, standing)
        yield UNREGISTERED.at(
            stops[0].place,
            f"mark '{name}' is not registered, {said}; {hint or 'register it in markers or correct it'}",
            (*places, *related(stops[1:])),
            None if hint else _registration(project, name),
        )


def _bad_value(project: Project, stops: Sequence[Use]) -> Finding:
    value = project.strict_markers.bad
    assert value is not None
    what, way_out = f"'{value.key} = {value.raw}' is", "write true or false"
    if value.mode == "toml" and value.text is not None:
        what, way_out = f"'{value.key}' is a text and", f"{way_out}, without quotes"
    return BAD_VALUE.at(
        value.place,
        f"{what} neither true nor false, pytest stops at the first mark that is not "
        f"registered: '{stops[0].mark.name}'; {way_out}",
        related(stops),
    )


def _hint(project: Project, name: str, standing: Standing) -> tuple[str, tuple[Related, ...]]:
    """What an unregistered mark may have come from, and the places that this speaks of; "" where files do not tell."""
    late = project.markers.own.get(name)
    if late:
        return (
            f"{late[0].place.path} registers it after that, move the line to a conftest.py that is loaded at start",
            (Related(late[0].place, "registered here, too late"),),
        )
    if standing.state == "absent":
        return f"{standing.distribution} registers it and is not among the test dependencies, declare it", ()
    if standing.state == "outdated":
        release = project.plugins.present[standing.distribution.lower().replace("_", "-")]
        return f"{standing.distribution} registers it, but not in {release.version}, which is declared", ()
    for line in project.markers.lines:
        if line.name != name and name in _words(line.name):
            return (
                f"'{line.name}' is registered as one name: a description follows a colon, a line holds one marker",
                (Related(line.place, "meant to register it?"),),
            )
    near = nearest(name, project.markers.names, most=1)
    if near:
        own = project.markers.own.get(near[0])
        where = f" ({own[0].place.path}:{own[0].place.line})" if own else ""
        return f"did you mean '{near[0]}'{where}?", ()
    return "", ()


def _words(name: str) -> list[str]:
    return name.replace(",", " ").replace("-", " ").split()


def _registration(project: Project, name: str) -> Fix | None:
    config = project.config
    if config is None or not name.isidentifier():
        return None
    edit = AddLine(config.path, config.section, "markers", f"{name}:")
    return Fix(f"register '{name}' in {config.path}, for you to describe", False, (edit,))


def _misspelled(project: Project) -> Iterator[Finding]:
    for use in project.tests.uses_of(MISSPELLED & project.tests.mark_names):
        name = use.mark.name
        in_a_test = use.mark.when == "test" and project.tests.runs(use)
        if (use.mark.when == "import" or in_a_test) and project.mark_standing(name).state not in {"given", "unknown"}:
            stops = "the test fails when it runs" if in_a_test else "pytest stops"
            yield MISSPELLED_PARAMETRIZE.at(use.place, f"{stops}: Unknown '{name}' mark, did you mean 'parametrize'?")


def _odd_marks(project: Project) -> Iterator[Finding]:
    """Uses that fail whatever is registered."""
    names = frozenset(project.tests.mark_names)
    private = frozenset(name for name in names if name.startswith("_"))
    for use in project.tests.uses_of(private):
        if use.mark.when == "import" and not use.mark.guarded:
            yield PRIVATE_NAME.at(
                use.place,
                f"mark '{use.mark.name}' begins with an underscore, "
                f"pytest stops: Marker name must NOT start with underscore; rename it",
            )
    for path in project.suite.overview.flagged("pytestmark_odd"):
        for assigned in project.modules.read(path).pytestmarks:
            if assigned.when == "import" and _is_refused(project, assigned):
                what, said = PYTESTMARKS[assigned.kind]
                yield PYTESTMARK.at(
                    Place(path, assigned.line, assigned.column),
                    f"'pytestmark' is {what}, pytest stops: got {said} instead of Mark; "
                    f"write one mark or a list of marks",
                )
    for path in project.suite.overview.flagged("open_marks"):
        yield from _nameless(path, project.modules.read(path))
    for use in project.tests.chained_uses:
        yield CHAINED.at(
            use.place,
            f"'pytest.mark.{use.mark.name}.{use.mark.chained}': pytest stops: 'MarkDecorator' object has no attribute "
            f"'{use.mark.chained}'; write each mark as a decorator of its own",
        )


def _is_refused(project: Project, assigned: Pytestmark) -> bool:
    """Whether pytest stops at what is given to `pytestmark`; at None in a module, only older releases do."""
    at_none = assigned.kind == "none" and (assigned.owner or project.behaves("pytestmark-none-fails"))
    return bool(at_none) or (assigned.kind in PYTESTMARKS and assigned.kind != "none")


def _nameless(path: str, module: Module) -> Iterator[Finding]:
    """Decorators that are `pytest.mark` itself."""
    definitions: list[Function | Class] = [*module.functions, *module.classes]
    for found in definitions:
        for decorator in found.decorators:
            if found.when == "import" and decorator.name in {"pytest.mark", "pytest.mark()"}:
                yield NAMELESS.at(
                    Place(path, decorator.line, found.column + 1),
                    f"'pytest.mark' decorates '{found.name}' without the name of a mark, pytest stops: "
                    f"'MarkGenerator' object is not callable; write @pytest.mark.NAME",
                )


def _marks_on_fixtures(project: Project) -> Iterator[Finding]:
    fails = project.marks_on_fixtures_fail
    if not fails:
        return
    for path in project.tests.overview.flagged("marks_near_fixtures"):
        if path not in project.tests.certain_files:
            continue
        for function in project.modules.read(path).functions:
            if function.fixture is not None and function.marks and function.when == "import":
                yield ON_FIXTURE.at(
                    Place(path, function.line, function.column),
                    f"fixture '{function.name}' carries the mark '{function.marks[0]}', pytest stops: "
                    f"Marks cannot be applied to fixtures; it never had an effect, remove it",
                )


def _lines(project: Project) -> Iterator[Finding]:
    for line in project.markers.lines:
        if any(sign in line.name for sign in " \t,") and not project.unregistered.keys() & set(_words(line.name)):
            yield NAMELESS_LINE.at(
                line.place,
                f"this line registers the name '{line.name}', which no mark has; "
                f"a line holds one marker, and a description follows a colon",
            )


def _expressions(project: Project) -> Iterator[Finding]:
    given = project.line.last("markexpr")
    if given is None or not given.value:
        return
    place = given.words[-1].place
    parsed = expression.parse(given.value)
    if isinstance(parsed, str):
        yield EXPRESSION.at(
            place, f"pytest stops: Wrong expression passed to '-m': {given.value}: {parsed}; correct it"
        )
        return
    if parsed.has_arguments and not project.behaves("markexpr-keywords"):
        said = f"pytest {project.pytest.version} does not know arguments there"
        yield EXPRESSION.at(place, f"pytest stops: Wrong expression passed to '-m': {given.value}: {said}; take it out")
        return
    unknown = [name for name, (standing, _) in unknown_names(project).items() if standing.state != "blocked"]
    if unknown:
        near = nearest(unknown[0], project.markers.names, most=1) if len(unknown) == 1 else []
        them = "it" if len(unknown) == 1 else "them"
        hint = f"did you mean '{near[0]}'?" if near else f"register {them} or take {them} out"
        said = f"pytest stops: Unknown marker(s) in '-m' expression: {', '.join(unknown)}"
        yield UNKNOWN_IN_EXPRESSION.at(place, f"{said}; {hint}")


def _flags(project: Project) -> Iterator[Finding]:
    for option in project.refused_options:
        if option.concern == CONCERN and option.standing.state != "blocked":
            near = nearest(option.name, strictness.FLAG_KEYS, most=1)
            yield MISSPELLED_FLAG.at(
                option.word.place,
                f"option '{option.name}' is not known, pytest stops: {option.said}; did you mean '{near[0]}'?",
            )


def _policy(project: Project) -> Iterator[Finding]:
    if project.strict_markers.on or not project.has_tests:
        return
    config = project.config
    if config is None or project.is_error("PytestUnknownMarkWarning", "Unknown pytest.mark.x - is this a typo?"):
        return  # warnings that are errors are as strict
    place = project.strict_markers.place or config.header
    as_key = strictness.flags_are_keys(project.pytest)
    way_out = "set strict_markers = true" if as_key else "add --strict-markers to addopts"
    yield POLICY.at(
        place,
        f"marks need not be registered here, so a misspelled mark goes unseen; {way_out}",
        fix=_strict(project),
    )


def _strict(project: Project) -> Fix | None:
    """The fix that makes markers strict in the file's own spelling; None where something there switches them off."""
    config = project.config
    if config is None or project.strict_markers.place is not None or project.bad_words is not None:
        return None
    title = f"switch strict markers on in {config.path}"
    safe = not project.would_break_strictly
    if strictness.flags_are_keys(project.pytest) and (config.mode == "toml" or "addopts" not in config.entries):
        value: bool | str = True if config.section.startswith("tool") or config.mode == "toml" else "true"
        return Fix(title, safe, (SetKey(config.path, config.section, "strict_markers", value),))
    return Fix(title, safe, (AddWords(config.path, config.section, "addopts", ("--strict-markers",)),))

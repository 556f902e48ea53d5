"""Values that are languages of their own: the expression of -k, the filter of -W, the setting of -o."""

from __future__ import annotations

from collections.abc import Iterator

from precollect.concerns.addopts.paths import may_exist
from precollect.concerns.addopts.rules import FILTER, KEYWORD, OVERRIDE
from precollect.concerns.wording import filter_way_out
from precollect.findings import Finding
from precollect.model import warning_categories
from precollect.model.project import Project
from precollect.reading import expression, warning_filters
from precollect.similar import way_out


def keyword_expression(project: Project) -> Iterator[Finding]:
    """The finding about a `-k` that cannot be read."""
    given = project.line.last("keyword")
    if given is None or not given.value:
        return
    text = given.value.lstrip()
    place = given.words[-1].place
    parsed = expression.parse(text)
    if isinstance(parsed, str):
        behind = given.words[-1].index + 1
        paths = (path.text for path in project.line.paths if path.index == behind and path.place.path == place.path)
        cut_off = next(paths, "")
        said = f"Wrong expression passed to '-k': {text}: {parsed}"
        if cut_off and not may_exist(project, cut_off):
            said = f"file or directory not found: {cut_off}"
        advice = f"quote the whole expression: -k '{text} {cut_off} ...'" if cut_off else "correct it"
        yield KEYWORD.at(place, f"pytest stops: {said}; {advice}")
    elif parsed.has_arguments and not project.behaves("markexpr-keywords"):
        yield KEYWORD.at(
            place,
            f"pytest stops: Wrong expression passed to '-k': {text}: pytest {project.pytest.version} does not know "
            f"arguments there; take them out",
        )
    elif parsed.has_arguments and len(parsed.names) == 1 and project.has_tests:
        yield KEYWORD.at(place, "pytest stops: Keyword expressions do not support call parameters; remove them")


def warning_options(project: Project) -> Iterator[Finding]:
    """The findings about `-W` that pytest refuses."""
    if project.plugins.disabler_of("warnings"):
        return
    for given in project.line.all("pythonwarnings"):
        text = given.value or ""
        place = given.words[-1].place
        parsed = warning_filters.parse(text, literal=True)
        if isinstance(parsed, str):
            yield FILTER.at(place, f"pytest stops: {parsed} in -W {text}; {filter_way_out(text, parsed)}")
            continue
        fault = warning_categories.refused(project, parsed)
        if fault is not None:
            said, way_out = fault
            yield FILTER.at(place, f"pytest stops: {said} in -W {text}; {way_out}")


def overrides(project: Project) -> Iterator[Finding]:
    """The findings about `-o` without a key, or with one that nobody knows."""
    in_addopts = project.behaves("override-ini-in-addopts")  # if not, pytest looks at those of the call alone
    for given in project.line.all("override_ini"):
        if "=" not in (given.value or "") and (in_addopts or given.words[-1].typed):
            yield OVERRIDE.at(
                given.words[-1].place,
                f"pytest stops: -o/--override-ini expects option=value style (got: {given.value!r}); "
                f"write -o {given.value or 'KEY'}=VALUE",
            )
    for key in project.refused_keys:
        value = key.value
        if value.entry is None and key.standing.state == "nobody" and key.concern == "config-file":
            end = way_out(value.key, project.plugins.keys, "remove it")
            yield OVERRIDE.at(value.place, f"-o sets '{value.key}', {key.said}; {end}", kind=key.kind)

"""Keys that nobody knows: misspelled, of another release of pytest, or lines of a value that lost their indent.

Source: `Config._validate_config_options` (7.4.4 to 9.2.0), which looks at them after collection.
"""

from __future__ import annotations

from collections.abc import Iterator

from precollect import catalog
from precollect.concerns.config_file import fixes
from precollect.concerns.config_file.concern import CONCERN
from precollect.concerns.config_file.key_types import WORDS
from precollect.concerns.config_file.sections import resembles_options
from precollect.concerns.reruns_policy import KEYS as OF_RERUNS
from precollect.findings import Finding, Kind, Related, Rule
from precollect.model.project import Project
from precollect.model.values import Value
from precollect.reading.ini import Ini
from precollect.similar import nearest

UNKNOWN = Rule("unknown-key", CONCERN, "breaks", "a key of the configuration that neither pytest nor a plugin knows")
UNINDENTED = Rule("line-not-indented", CONCERN, "breaks", "a line of a value begins in the first column")

RULES = (UNKNOWN, UNINDENTED)

OF_ASYNC = ("asyncio_", "anyio_")


def check(project: Project) -> Iterator[Finding]:
    """The findings about keys that nobody knows."""
    unknown = [value for value in project.values if value.entry is not None and _is_unknown(project, value)]
    lines = _lines_of_values(project, {value.key for value in unknown})
    for owner, keys in lines.items():
        yield _unindented(project, owner, [value for value in unknown if value.key in keys])
    beside = {key for keys in lines.values() for key in keys}
    for value in unknown:
        if value.key not in beside:
            yield _unknown(project, value)


def _is_unknown(project: Project, value: Value) -> bool:
    key = value.key
    if key in project.plugins.keys or key in OF_RERUNS or key.startswith(OF_ASYNC):
        return False
    if isinstance(value.raw, dict) and resembles_options(key):
        return False  # a table under a wrong name
    # What a plugin would know that is not declared is a matter of the requirements.
    return project.plugins.standing("key", key).state == "nobody" and project.knows_no_key(key)


def _unknown(project: Project, value: Value) -> Finding:
    near = [] if _releases_with(value.key) else nearest(value.key, project.plugins.keys)
    way_out = " or ".join(f"'{name}'" for name in near)
    hint = f"did you mean {way_out}?" if near else _when_known(project, value.key)
    fix = fixes.renamed_key(project, value.key, near[0]) if len(near) == 1 and not project.values.get(near[0]) else None
    return UNKNOWN.at(
        value.place,
        f"nobody knows the key '{value.key}', {_consequence(project, value.key)}; {hint}",
        fix=fix,
        kind=_kind(project, value.key),
    )


def _when_known(project: Project, key: str) -> str:
    """What to do about a key that resembles no other: raise pytest where another release has it, else remove it."""
    releases = _releases_with(key)
    if not releases:
        return "remove it, or declare the plugin that has it"
    known = catalog.load("pytest")
    assert known is not None, "the catalog always holds pytest"
    order = known.releases.index
    if order(releases[0]) > order(project.pytest.version):
        return f"it came with pytest {releases[0]}, and pytest {project.pytest.version} is declared"
    return f"it went after pytest {releases[-1]}"


def _releases_with(key: str) -> list[str]:
    """The releases of pytest that have a key, ascending."""
    known = catalog.load("pytest")
    assert known is not None, "the catalog always holds pytest"
    return [version for version in known.releases if key in known.at(version).keys]


def _consequence(project: Project, key: str) -> str:
    said = f"Unknown config option: {key}"
    strictness = project.strict_config
    if strictness.on and strictness.bad is not None:
        return f"pytest stops there: '{strictness.bad.key} = {strictness.bad.raw}' is no boolean"
    if project.stops_at_unknown_key(key):
        return f"pytest stops: {said}"
    silent = project.plugins.disabler_of("warnings") is not None
    return "pytest ignores the line" if silent else f"pytest only warns: {said}"


def _kind(project: Project, key: str) -> Kind:
    return "breaks" if project.stops_at_unknown_key(key) else "loses"


def _lines_of_values(project: Project, unknown: set[str]) -> dict[str, list[str]]:
    """Key → unknown keys right below it that are lines of its value without their indent.

    They are where the value above is empty, or where they are written as markers are: `slow: takes long`.
    """
    config = project.config
    if config is None or not isinstance(config.source, Ini):
        return {}
    found: dict[str, list[str]] = {}
    owner = ""
    for key, entry in config.entries.items():
        known = project.plugins.keys.get(key)
        if known is not None:
            owner = key if known.type in WORDS and (not entry.value or key == "markers") else ""
        elif owner and key in unknown:
            content, start = config.source.text.content, config.source.key((*config.route, key))
            with_colon = content[start + len(key) :].lstrip(" \t").startswith(":")
            if with_colon or not config.entries[owner].value:
                found.setdefault(owner, []).append(key)
    return found


def _unindented(project: Project, owner: str, values: list[Value]) -> Finding:
    first = values[0]
    empty = project.values.get(owner)
    lost = f"'{owner}' is empty" if empty is not None and not empty.raw else f"'{owner}' ends above"
    return UNINDENTED.at(
        first.place,
        f"'{first.key}' is a key of its own, as its line is not indented: {lost}, "
        f"{_consequence(project, first.key)}; indent the line",
        tuple(Related(value.place, "and this one") for value in values[1:]),
        kind=_kind(project, first.key),
    )

"""Keys that nobody knows: misspelled, of another release of pytest, or lines of a value that lost their indent.

Source: `Config._validate_config_options` (7.4.4 to 9.2.0), which looks at them after collection.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from precollect.concerns.config_file import fixes
from precollect.concerns.config_file.concern import CONCERN
from precollect.concerns.config_file.key_types import WORDS
from precollect.concerns.config_file.sections import resembles_options
from precollect.concerns.wording import other_pytest
from precollect.findings import Finding, Related, Rule
from precollect.model.project import Project
from precollect.model.refused import RefusedKey
from precollect.reading.ini import Ini
from precollect.similar import did_you_mean, nearest

UNKNOWN = Rule("unknown-key", CONCERN, "breaks", "a key of the configuration that neither pytest nor a plugin knows")
UNINDENTED = Rule("line-not-indented", CONCERN, "breaks", "a line of a value begins in the first column")

RULES = (UNKNOWN, UNINDENTED)


def check(project: Project) -> Iterator[Finding]:
    """The findings about keys that nobody knows."""
    unknown = {key.value.key: key for key in project.refused_keys if _is_unknown(key)}
    lines = _lines_of_values(project, unknown.keys())
    for owner, keys in lines.items():
        yield _unindented(project, owner, [unknown.pop(key) for key in keys])
    for key in unknown.values():
        yield _unknown(project, key)


def _is_unknown(key: RefusedKey) -> bool:
    """Whether a key is this concern's: what a plugin would know is a matter of others, and so is a misnamed table."""
    value = key.value
    in_file = value.entry is not None and not (isinstance(value.raw, dict) and resembles_options(value.key))
    return in_file and key.concern == CONCERN and key.standing.state == "nobody"


def _unknown(project: Project, key: RefusedKey) -> Finding:
    name = key.value.key
    elsewhere = other_pytest(project, "key", name)
    near = [] if elsewhere else nearest(name, project.plugins.keys)
    hint = did_you_mean(near) if near else elsewhere or "remove it, or declare the plugin that has it"
    fix = fixes.renamed_key(project, name, near[0]) if len(near) == 1 and not project.values.get(near[0]) else None
    return UNKNOWN.at(key.value.place, f"nobody knows the key '{name}', {key.said}; {hint}", fix=fix, kind=key.kind)


def _lines_of_values(project: Project, unknown: Collection[str]) -> dict[str, list[str]]:
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


def _unindented(project: Project, owner: str, keys: list[RefusedKey]) -> Finding:
    first, *others = keys
    empty = project.values.get(owner)
    lost = f"'{owner}' is empty" if empty is not None and not empty.raw else f"'{owner}' ends above"
    return UNINDENTED.at(
        first.value.place,
        f"'{first.value.key}' is a key of its own, as its line is not indented: {lost}, {first.said}; indent the line",
        tuple(Related(key.value.place, "and this one") for key in others),
        kind=first.kind,
    )

"""Hatch's environments, in pyproject.toml or hatch.toml.

Source: hatch's documentation, "Environments" and "Testing" (whose environment has dependencies of its own).
"""

from __future__ import annotations

from posixpath import dirname

from precollect.reading.environment.requirement import Written, normalised
from precollect.reading.environment.sets import Include, Key, Requirements
from precollect.reading.environment.tables import Table

TESTING = "hatch-test"
TESTING_BRINGS = ("pytest", "pytest-mock", "pytest-randomly", "pytest-rerunfailures", "pytest-xdist")
AS_HATCH_SAYS = "as hatch says"  # the versions depend on the release of hatch


def read(hatch: Table, path: str) -> list[Requirements]:
    """A set for each environment of hatch's table."""
    return [_environment(hatch.table("envs", name), path, name) for name in hatch.table("envs")]


def _environment(table: Table, path: str, name: str) -> Requirements:
    folder = dirname(path)
    made = Requirements(Key("hatch", path, name), path, f"[tool.hatch.envs.{name}]")
    for key in ("dependencies", "extra-dependencies"):
        for text, where in table.strings(key):
            made.add(text.replace("{root:uri}", "file://.").replace("{root}", "."), where)
    if name == TESTING and "dependencies" not in table:
        for brought in TESTING_BRINGS:
            made.add_written(Written(brought, (), AS_HATCH_SAYS), table.where_key())
    for extra, _ in table.strings("features"):
        made.include_project(folder, (normalised(extra),))
    for group, _ in table.strings("dependency-groups"):
        made.include_group(folder, group)
    template = table.text("template") or "default"
    if template != name and table.get("detached") is not True and name != TESTING:
        made.includes.append(Include(Key("hatch", path, template), "", ""))
    scripts = table.get("scripts")
    made.runs_pytest = name == TESTING or (isinstance(scripts, dict) and "pytest" in str(scripts))
    return made
